#include "check.h"
#include "http/target.h"

static void test_targets_are_decoded_or_refused(void **state)
{
    static const struct {
        const char *target, *path, *query; /* path NULL: refused */
    } cases[] = {
        { "/", "/", "none" },
        { "/a%20b/c", "/a b/c", "none" },
        { "/a+b", "/a+b", "none" },
        { "/a?b=c&d", "/a", "b=c&d" },
        { "/a?", "/a", "" },
        { "/a?b?c", "/a", "b?c" },
        { "/%E4%BD%A0", "/\xE4\xBD\xA0", "none" },
        { "/\xE4\xBD\xA0", "/\xE4\xBD\xA0", "none" },
        { "/a?b=%0A", "/a", "b=%0A" },
        { "/%2e%2E/x", "/../x", "none" },
        { "", NULL, NULL },
        { "*", NULL, NULL },
        { "a", NULL, NULL },
        { "http://host/a", NULL, NULL },
        { "/%00", NULL, NULL },
        { "/a?b=%00", NULL, NULL },
        { "/%", NULL, NULL },
        { "/%4", NULL, NULL },
        { "/%4g", NULL, NULL },
        { "/a?%zz", NULL, NULL },
        { "/%0A", NULL, NULL },
        { "/%7F", NULL, NULL },
        { "/a b", NULL, NULL },
        { "/a\tb", NULL, NULL },
        { "/a?\x01", NULL, NULL },
        { "/%C3", NULL, NULL },
        { "/\xFF", NULL, NULL },
        { "/%ED%A0%80", NULL, NULL }, /* a surrogate */
        { "/%C0%AF", NULL, NULL },    /* an overlong slash */
        { "/a?b=%FF", NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *target = xstrdup(cases[i].target), *decoded = xmalloc(strlen(target) + 1), *query;
        struct err err;
        bool ok = target_parse(target, decoded, &query, &err);

        check_case(cases[i].target, ok == (cases[i].path != NULL));
        if (ok) {
            check_text(cases[i].target, decoded, cases[i].path);
            check_text(cases[i].target, query ? query : "none", cases[i].query);
        } else {
            check_case(cases[i].target, err.kind == ERR_INVALID && err.message[0]);
        }
        free(decoded);
        free(target);
    }
}

static void test_a_query_gives_the_first_field_of_a_name_decoded(void **state)
{
    static const struct {
        const char *query, *name, *value; /* value NULL: there is none */
    } cases[] = {
        { "page=2&page=3", "page", "2" },
        { "a=1&page=2", "page", "2" },
        { "pages=1", "page", NULL },
        { "a=page", "page", NULL },
        { "page", "page", "" },
        { "page=", "page", "" },
        { "&&page=1&", "page", "1" },
        { "q=a+b%2Bc%26d", "q", "a b+c&d" },
        { "a%62c=1", "abc", "1" },
        { "q=a=b", "q", "a=b" },
        { "=1", "", "1" },
        { "", "q", NULL },
        { NULL, "q", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *query = cases[i].query;
        char *out = xmalloc(query ? strlen(query) + 1 : 1);
        const char *value = query_find(query, cases[i].name, out);

        check_text(query ? query : "no query", value ? value : "none",
                   cases[i].value ? cases[i].value : "none");
        free(out);
    }
}

static void test_a_masked_target_can_be_shown_anywhere(void **state)
{
    char target[] = "/a\x01\xFF\x7F b\"%00";

    (void)state;
    target_mask(target);
    assert_string_equal(target, "/a??? b\"%00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets_are_decoded_or_refused),
        cmocka_unit_test(test_a_query_gives_the_first_field_of_a_name_decoded),
        cmocka_unit_test(test_a_masked_target_can_be_shown_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
