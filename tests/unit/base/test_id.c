#include "base/id.h"

#include "base/clock.h"
#include "check.h"

static void test_ids_are_version_7_and_differ(void **state)
{
    char a[ID_SIZE], b[ID_SIZE];

    (void)state;
    id_make(a);
    id_make(b);
    assert_true(id_is_uuid(a));
    assert_int_equal(a[14], '7');
    assert_non_null(strchr("89ab", a[19]));
    assert_string_not_equal(a, b);
    assert_true(strncmp(a, b, 13) <= 0);
}

static void test_only_uuids_in_lower_case_are_taken(void **state)
{
    static const char *const wrong[] = {
        "",
        "0198f3c2-7b1a-7000-8000-00000000000",
        "0198f3c2-7b1a-7000-8000-0000000000000",
        "0198F3C2-7b1a-7000-8000-000000000000",
        "../8f3c2-7b1a-7000-8000-000000000000",
    };

    (void)state;
    assert_true(id_is_uuid("0198f3c2-7b1a-7000-8000-000000000000"));
    for (size_t i = 0; i < COUNT(wrong); i++)
        check_case(wrong[i], !id_is_uuid(wrong[i]));
}

static void test_a_moment_is_written_in_utc(void **state)
{
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    clock_format(1700000000123, text);
    assert_string_equal(text, "2023-11-14T22:13:20.123Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_are_version_7_and_differ),
        cmocka_unit_test(test_only_uuids_in_lower_case_are_taken),
        cmocka_unit_test(test_a_moment_is_written_in_utc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
