#include "base/json_writer.h"

#include <math.h>

#include "check.h"

static void test_nested_values_are_separated_by_commas(void **state)
{
    struct buf out = BUF(4096);
    struct json_writer w = JSON_WRITER(&out);

    (void)state;
    json_write_object_begin(&w, NULL);
    json_write_text(&w, "title", "A");
    json_write_array_begin(&w, "list");
    json_write_int(&w, NULL, -3);
    json_write_bool(&w, NULL, true);
    json_write_object_begin(&w, NULL);
    json_write_object_end(&w);
    json_write_array_end(&w);
    json_write_text(&w, "none", NULL);
    json_write_raw(&w, "raw", "[1]", 3);
    json_write_object_end(&w);
    assert_string_equal(out.data,
                        "{\"title\":\"A\",\"list\":[-3,true,{}],\"none\":null,\"raw\":[1]}");
    buf_release(&out);
}

static void test_text_is_escaped(void **state)
{
    struct buf out = BUF(4096);
    struct json_writer w = JSON_WRITER(&out);

    (void)state;
    json_write_text(&w, NULL, "\"\\\n\r\t\x01\x1f \x7f \u00e9/");
    assert_string_equal(out.data, "\"\\\"\\\\\\n\\r\\t\\u0001\\u001f \x7f \u00e9/\"");
    buf_release(&out);
}

static void test_numbers_have_the_fewest_digits_that_read_back(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0.1, "0.1" },
        { 1.0, "1" },
        { 5.23, "5.23" },
        { 1e300, "1e+300" },
        { 1.0 / 3, "0.3333333333333333" },
        { NAN, "null" },
        { INFINITY, "null" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF(64);
        struct json_writer w = JSON_WRITER(&out);

        json_write_number(&w, NULL, cases[i].value);
        check_text(cases[i].text, out.data, cases[i].text);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nested_values_are_separated_by_commas),
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_numbers_have_the_fewest_digits_that_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
