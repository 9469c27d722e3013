#include "base/json.h"

#include "base/buf.h"
#include "check.h"

static void test_what_is_no_strict_json_is_refused(void **state)
{
    static const char *const cases[] = {
        "", "{", "[1,]", "{'a':1}", "{\"a\":1,\"a\":2}", "\"\xff\"", "{\"a\":\"\\u0000\"}", "1 2",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };

        check_case(cases[i], !json_parse(cases[i], strlen(cases[i]), "body", &err));
        check_case(cases[i], err.kind == ERR_INVALID && strncmp(err.message, "body", 4) == 0);
    }
}

static void test_a_nul_is_told_in_plain_words(void **state)
{
    static const char text[] = "{\n\"a\":\"\\u0000\"}";
    struct err err = { 0 };

    (void)state;
    assert_null(json_parse(text, strlen(text), "body", &err));
    assert_string_equal(err.message, "body, line 2: a NUL character in a string.");
}

static json_t *parse_nested(int depth, struct err *err)
{
    struct buf text = BUF(10000);

    for (int i = 0; i < depth; i++)
        buf_append_str(&text, i % 2 ? "{\"a\":" : "[");
    buf_append_str(&text, "1");
    for (int i = depth; i-- > 0;)
        buf_append_char(&text, i % 2 ? '}' : ']');
    json_t *root = json_parse(text.data, text.len, "body", err);

    buf_release(&text);
    return root;
}

static void test_depth_is_limited(void **state)
{
    struct err err = { 0 };
    json_t *root = parse_nested(JSON_DEPTH_MAX, &err);

    (void)state;
    assert_non_null(root);
    json_decref(root);
    assert_null(parse_nested(JSON_DEPTH_MAX + 1, &err));
    assert_string_equal(err.message, "body: objects and arrays nested more than 32 deep.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_strict_json_is_refused),
        cmocka_unit_test(test_a_nul_is_told_in_plain_words),
        cmocka_unit_test(test_depth_is_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
