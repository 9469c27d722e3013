#include "transcribe/vocabulary.h"

#include "models.h"
#include "vocabulary_module.h"

static struct vocabulary *parse_lines(const char *lines, struct err *err)
{
    char *all = vocabulary_lines(lines);
    char *module = vocabulary_module(all);
    struct vocabulary *v = vocabulary_parse(module, strlen(module), "module.js", err);

    free(module);
    free(all);
    return v;
}

static void check_token(const struct vocabulary *v, int64_t token, const char *expected)
{
    size_t length;
    const char *bytes = vocabulary_bytes(v, token, &length);

    if (length != strlen(expected) || memcmp(bytes, expected, length) != 0)
        fail_msg("token %lld: \"%.*s\", not \"%s\"", (long long)token, (int)length, bytes,
                 expected);
}

static void test_tokens_are_text_bytes_and_nothing(void **state)
{
    (void)state;
    struct err err = { 0 };
    size_t length;
    struct vocabulary *v = parse_lines("▁the\nre\n▁▁\n<0x4>\nкот", &err);

    check_ok(v != NULL, &err);
    check_token(v, 0, "");
    check_token(v, 2, "");
    check_token(v, 3 + 'A', "A");
    vocabulary_bytes(v, 3, &length);
    assert_int_equal(length, 1); /* the byte 0 */
    vocabulary_bytes(v, 3 + 255, &length);
    assert_int_equal(length, 1);
    check_token(v, MODULE_FIRST, " the");
    check_token(v, MODULE_FIRST + 1, "re");
    check_token(v, MODULE_FIRST + 2, "  ");
    check_token(v, MODULE_FIRST + 3, "<0x4>"); /* not a byte's form */
    check_token(v, MODULE_FIRST + 4, "кот");
    assert_int_equal(vocabulary_count(v), MODULE_FIRST + 5 + 60);
    check_token(v, (int64_t)vocabulary_count(v) - 1, "filler59");
    check_token(v, (int64_t)vocabulary_count(v), "");
    check_token(v, -1, "");
    check_token(v, INT64_MAX, "");
    vocabulary_close(v);
}

static void test_what_is_no_vocabulary_is_refused(void **state)
{
    (void)state;
    char *whole = vocabulary_lines("a");
    char *wrong_byte = vocabulary_lines("a");
    strstr(wrong_byte, "<0x42>")[4] = '9';
    char *few = xstrdup("<unk>\n<s>\n</s>\n<0x00>\n<0x01>");
    char *broken_utf8 = vocabulary_lines("a");
    strstr(broken_utf8, "filler3")[1] = (char)0xC0;
    char *modules[] = {
        xstrdup(""),
        xstrdup("export default {};"),
        vocabulary_module("nothing of the kind, though it is base64"),
        vocabulary_module(wrong_byte),
        vocabulary_module(few),
        vocabulary_module(broken_utf8),
        vocabulary_module(whole),
        vocabulary_module(whole),
    };
    strstr(modules[6], "PHVuaz4K")[101] = '=';   /* padding in the middle */
    modules[7][strlen(modules[7]) - 200] = '\0'; /* cut off, not at a whole group */

    for (size_t i = 0; i < COUNT(modules); i++) {
        struct err err = { 0 };
        struct vocabulary *v = vocabulary_parse(modules[i], strlen(modules[i]), "module.js", &err);
        char name[32];

        snprintf(name, sizeof name, "module %zu", i);
        check_case(name, !v && strstr(err.message, "module.js"));
        check_case(name, err.kind == ERR_CORRUPT || err.kind == ERR_INVALID);
        free(modules[i]);
    }
    free(whole);
    free(wrong_byte);
    free(few);
    free(broken_utf8);
}

static void test_a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct err err = { 0 };

    assert_null(vocabulary_open("/nonexistent/llama-tokenizer.js", &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nonexistent/llama-tokenizer.js"));
}

static void test_the_installed_vocabulary_is_llamas(void **state)
{
    (void)state;
    struct err err = { 0 };
    char *path = need_model("moonshine/llama-tokenizer.js");
    struct vocabulary *v = vocabulary_open(path, &err);

    check_ok(v != NULL, &err);
    assert_int_equal(vocabulary_count(v), 32000);
    check_token(v, 278, " the");
    check_token(v, 15043, " Hello");
    check_token(v, 13, "\n");
    vocabulary_close(v);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_are_text_bytes_and_nothing),
        cmocka_unit_test(test_what_is_no_vocabulary_is_refused),
        cmocka_unit_test(test_a_file_that_is_not_there_is_named),
        cmocka_unit_test(test_the_installed_vocabulary_is_llamas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
