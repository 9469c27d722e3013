#include "check.h"
#include "http/validator.h"

#define MODIFIED 784111777 /* the RFC's example: Sun, 06 Nov 1994 08:49:37 GMT */

static void test_a_date_is_read_in_all_three_forms(void **state)
{
    static const struct {
        const char *text;
        time_t expected; /* -1: no date */
    } cases[] = {
        { "Sun, 06 Nov 1994 08:49:37 GMT", MODIFIED },
        { "Sunday, 06-Nov-94 08:49:37 GMT", MODIFIED },
        { "Sun Nov  6 08:49:37 1994", MODIFIED },
        { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
        { "Sun, 06 Nov 1994 08:49:37", -1 },
        { "Sun, 06 Nov 1994 08:49:37 GMT+1", -1 },
        { "Sun, 32 Nov 1994 08:49:37 GMT", -1 },
        { "yesterday", -1 },
        { "", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        time_t moment = -1;

        check_case(cases[i].text,
                   http_date_parse(cases[i].text, &moment) == (cases[i].expected != -1));
        check_case(cases[i].text, moment == cases[i].expected);
    }
}

static void test_a_date_is_written_in_the_form_of_today(void **state)
{
    char text[HTTP_DATE_SIZE];

    (void)state;
    http_date_format(MODIFIED, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void test_a_tag_is_found_in_a_list(void **state)
{
    static const struct {
        const char *list, *tag;
        bool weak, strong;
    } cases[] = {
        { "\"a\"", "\"a\"", true, true },
        { "W/\"a\"", "\"a\"", true, false },
        { "\"a\"", "W/\"a\"", true, false },
        { "W/\"a\"", "W/\"a\"", true, false },
        { "\"b\", \"a\"", "\"a\"", true, true },
        { " ,\"b\",W/\"c\" ,\t\"a\"", "\"a\"", true, true },
        { "\"a, b\", \"c\"", "\"c\"", true, true },
        { "\"a, b\", \"c\"", "\"b\"", false, false },
        { "*", "\"a\"", true, true },
        { " * ", "\"a\"", true, true },
        { "\"A\"", "\"a\"", false, false },
        { "\"ab\"", "\"a\"", false, false },
        { "a", "\"a\"", false, false },
        { "\"a", "\"a\"", false, false },
        { "w/\"a\"", "\"a\"", false, false },
        { "", "\"a\"", false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(cases[i].list,
                   etag_in_list(cases[i].list, cases[i].tag, ETAG_WEAK) == cases[i].weak);
        check_case(cases[i].list,
                   etag_in_list(cases[i].list, cases[i].tag, ETAG_STRONG) == cases[i].strong);
    }
}

#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

static void test_conditions_are_weighed_in_the_order_of_the_rfc(void **state)
{
    static const struct {
        const char *name;
        struct conditions conditions;
        int status;
    } cases[] = {
        { "none", { 0 }, 0 },
        { "has the tag", { .if_none_match = "\"v\"" }, 304 },
        { "has another tag", { .if_none_match = "\"u\"" }, 0 },
        { "has any", { .if_none_match = "*" }, 304 },
        { "has the date", { .if_modified_since = SAME }, 304 },
        { "has a later date", { .if_modified_since = AFTER }, 304 },
        { "has an older date", { .if_modified_since = BEFORE }, 0 },
        { "no date", { .if_modified_since = "soon" }, 0 },
        { "the tag beats the date", { .if_none_match = "\"u\"", .if_modified_since = SAME }, 0 },
        { "wants the tag", { .if_match = "\"v\"" }, 0 },
        { "wants any", { .if_match = "*" }, 0 },
        { "wants another", { .if_match = "\"u\"" }, 412 },
        { "a weak tag matches nothing", { .if_match = "W/\"v\"" }, 412 },
        { "wants the unmodified", { .if_unmodified_since = SAME }, 0 },
        { "was modified", { .if_unmodified_since = BEFORE }, 412 },
        { "no date to be modified since", { .if_unmodified_since = "soon" }, 0 },
        { "if-match first", { .if_match = "\"u\"", .if_none_match = "\"v\"" }, 412 },
        { "if-match beats its date", { .if_match = "\"v\"", .if_unmodified_since = BEFORE }, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct conditions conditions = cases[i].conditions;

        conditions.etag = "\"v\"";
        conditions.modified = MODIFIED;
        conditions.now = MODIFIED + 100;
        check_case(cases[i].name, conditions_status(&conditions) == cases[i].status);
    }
}

static void test_a_range_counts_only_for_the_same_version(void **state)
{
    static const struct {
        const char *if_range;
        time_t age_s;
        bool counts;
    } cases[] = {
        { NULL, 100, true },        { "\"v\"", 100, true },    { "\"v\"", 0, true },
        { "\"u\"", 100, false },    { "W/\"v\"", 100, false }, { SAME, 100, true },
        { SAME, 1, false },         { BEFORE, 100, false },    { AFTER, 100, false },
        { "whatever", 100, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct conditions conditions = { .etag = "\"v\"",
                                         .modified = MODIFIED,
                                         .now = MODIFIED + cases[i].age_s,
                                         .if_range = cases[i].if_range };

        check_case(cases[i].if_range ? cases[i].if_range : "(none)",
                   conditions_allow_range(&conditions) == cases[i].counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_date_is_read_in_all_three_forms),
        cmocka_unit_test(test_a_date_is_written_in_the_form_of_today),
        cmocka_unit_test(test_a_tag_is_found_in_a_list),
        cmocka_unit_test(test_conditions_are_weighed_in_the_order_of_the_rfc),
        cmocka_unit_test(test_a_range_counts_only_for_the_same_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
