#include "check.h"
#include "http/parameter.h"

static void test_a_parameter_is_found_by_its_name(void **state)
{
    static const struct {
        const char *header, *expected; /* of "name"; NULL: none */
    } cases[] = {
        { "form-data; name=\"file\"", "file" },
        { "form-data; name=file", "file" },
        { "form-data;name=file;x=y", "file" },
        { "form-data; name = \"file\" ; x=y", "file" },
        { "form-data; NAME=file", "file" },
        { "form-data; filename=\"name=\"; name=\"real\"", "real" },
        { "form-data; filename=\"; name=x\"; name=\"real\"", "real" },
        { "form-data; filename=\"a\\\"; name=\\\"x\"; name=\"real\"", "real" },
        { "form-data; xname=a; name=b", "b" },
        { "form-data; name*=UTF-8''a; name=b", "b" },
        { "form-data; name=\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d" },
        { "form-data; name=my file", "my file" },
        { "form-data; name=\"\"", "" },
        { "form-data; name", NULL },
        { "form-data; name=", NULL },
        { "form-data; name=\"cut", NULL },
        { "form-data", NULL },
        { "", NULL },
        { "name=file", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF(100);
        bool found = header_parameter(cases[i].header, "name", &out);

        check_case(cases[i].header, found == (cases[i].expected != NULL));
        if (found)
            check_text(cases[i].header, out.data ? out.data : "", cases[i].expected);
        buf_release(&out);
    }
}

static void test_an_extended_parameter_is_decoded(void **state)
{
    static const struct {
        const char *header, *expected;
    } cases[] = {
        { "a; filename*=UTF-8''na%C3%AFve%20plan.txt", "naïve plan.txt" },
        { "a; filename*=utf-8'en'plain.txt", "plain.txt" },
        { "a; filename=b; filename*=UTF-8''%e2%82%ac", "€" },
        { "a; filename*=\"UTF-8''x\"", "x" },
        { "a; filename*=ISO-8859-1''%E4", NULL },
        { "a; filename*=UTF-8''%E", NULL },
        { "a; filename*=UTF-8''%zz", NULL },
        { "a; filename*=UTF-8'x", NULL },
        { "a; filename=x", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF(100);
        bool found = header_parameter_extended(cases[i].header, "filename", &out);

        check_case(cases[i].header, found == (cases[i].expected != NULL));
        if (found)
            check_text(cases[i].header, out.data, cases[i].expected);
        buf_release(&out);
    }
}

static void test_a_value_ends_before_its_parameters(void **state)
{
    (void)state;
    assert_true(header_value_is("multipart/form-data; boundary=x", "multipart/form-data"));
    assert_true(header_value_is(" Multipart/Form-Data", "multipart/form-data"));
    assert_false(header_value_is("multipart/form-datax", "multipart/form-data"));
    assert_false(header_value_is("multipart/form", "multipart/form-data"));
    assert_false(header_value_is("", "multipart/form-data"));
    assert_false(header_value_is(NULL, "multipart/form-data"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_parameter_is_found_by_its_name),
        cmocka_unit_test(test_an_extended_parameter_is_decoded),
        cmocka_unit_test(test_a_value_ends_before_its_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
