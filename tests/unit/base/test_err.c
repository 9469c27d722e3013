#include <errno.h>

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "check.h"

static void test_set_returns_false_and_keeps_kind_parameter_and_message(void **state)
{
    struct err err;

    (void)state;
    assert_false(err_set_param(&err, ERR_INVALID, "speed", "The speed %d is too high.", 9));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.param, "speed");
    assert_string_equal(err.message, "The speed 9 is too high.");
}

static void test_context_goes_in_front(void **state)
{
    struct err err;

    (void)state;
    err_set(&err, ERR_CORRUPT, "The file is cut off.");
    assert_false(err_context(&err, "Segment %d", 4));
    assert_string_equal(err.message, "Segment 4: The file is cut off.");
    assert_int_equal(err.kind, ERR_CORRUPT);
}

static void test_system_errors_have_their_kinds(void **state)
{
    static const struct {
        int number;
        enum err_kind kind;
    } cases[] = { { ENOSPC, ERR_DISK_FULL },
                  { EDQUOT, ERR_DISK_FULL },
                  { ENOENT, ERR_NOT_FOUND },
                  { EACCES, ERR_IO } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err;

        errno = cases[i].number;
        assert_false(err_system(&err, "write", "a.wav"));
        assert_int_equal(err.kind, cases[i].kind);
        assert_non_null(strstr(err.message, "Cannot write a.wav: "));
    }
}

static void test_every_kind_has_a_name_and_only_none_exits_with_zero(void **state)
{
    (void)state;
    for (int kind = ERR_NONE; kind <= ERR_INTERNAL; kind++) {
        assert_non_null(err_kind_name((enum err_kind)kind));
        assert_int_equal(err_exit_code((enum err_kind)kind) == 0, kind == ERR_NONE);
    }
}

static void test_a_message_is_utf8_even_where_it_is_cut(void **state)
{
    struct err err, ignored;

    (void)state;
    err_set(&err, ERR_INVALID, "There is no voice \"%.3s\".", "éé");
    assert_string_equal(err.message, "There is no voice \"é\".");
    err_set(&err, ERR_INVALID, "\xff\xfe%s\x80.", "name");
    assert_string_equal(err.message, "name.");
    for (int i = 0; i < 300; i++)
        err_context(&err, "%.*sé€", i % 3, "abc");
    assert_true(utf8_check(err.message, strlen(err.message), "message", &ignored));
    assert_true(strlen(err.message) > sizeof err.message - 8);
}

static void test_an_endless_message_is_cut_not_overrun(void **state)
{
    struct err err;
    char long_name[5000];

    (void)state;
    memset(long_name, 'a', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    err_set(&err, ERR_INVALID, "%s", long_name);
    err_context(&err, "%s", long_name);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static void test_json_errors_name_the_line(void **state)
{
    static const struct {
        const char *name, *text, *expected;
    } cases[] = {
        { "cut off", "{\"a\":\n[1,", "story.json, line 2" },
        { "duplicate key", "{\"a\":1,\n\"a\":2}", "story.json, line 2" },
        { "empty", "", "story.json, line 1" },
        { "bad UTF-8", "\"\xff\"", "story.json, line 1" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err;
        json_t *root = json_parse(cases[i].text, strlen(cases[i].text), "story.json", &err);

        check_case(cases[i].name, !root && err.kind == ERR_INVALID);
        check_case(cases[i].name, strstr(err.message, cases[i].expected));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_returns_false_and_keeps_kind_parameter_and_message),
        cmocka_unit_test(test_context_goes_in_front),
        cmocka_unit_test(test_system_errors_have_their_kinds),
        cmocka_unit_test(test_every_kind_has_a_name_and_only_none_exits_with_zero),
        cmocka_unit_test(test_a_message_is_utf8_even_where_it_is_cut),
        cmocka_unit_test(test_an_endless_message_is_cut_not_overrun),
        cmocka_unit_test(test_json_errors_name_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
