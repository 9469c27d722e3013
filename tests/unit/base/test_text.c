#include <math.h>

#include "base/number.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "check.h"

static void test_numbers_are_read_whole_and_within_bounds(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        double value;
    } cases[] = {
        { "1", true, 1 },      { "0.5", true, 0.5 }, { "2e0", true, 2 },  { "-1", false, 0 },
        { "9", false, 0 },     { "", false, 0 },     { "1x", false, 0 },  { " 1", false, 0 },
        { "nan", false, 0 },   { "inf", false, 0 },  { "0x1", false, 0 }, { "1,5", false, 0 },
        { "1e999", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        double value = 0;
        struct err err;

        check_case(cases[i].text,
                   number_parse(cases[i].text, "speed", 0.5, 2, &value, &err) == cases[i].ok);
        check_case(cases[i].text, !cases[i].ok || fabs(value - cases[i].value) < 1e-12);
        check_case(cases[i].text, cases[i].ok || strstr(err.message, "speed must be"));
    }
}

static void test_whole_numbers_refuse_everything_else(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = { { "0", true },    { "256", true },
                  { "257", false }, { "-1", false },
                  { "1.0", false }, { "", false },
                  { "4 ", false },  { "99999999999999999999", false } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value;
        struct err err;

        check_case(cases[i].text,
                   number_parse_int(cases[i].text, "threads", 0, 256, &value, &err) == cases[i].ok);
    }
}

static void test_bad_utf8_is_found_where_it_is(void **state)
{
    static const struct {
        const char *name, *text;
        size_t length;
        int bad_at; /* -1: valid */
    } cases[] = {
        { "ascii", "abc", 3, -1 },
        { "four bytes", "\xF0\x9F\x8E\x89", 4, -1 },
        { "empty", "", 0, -1 },
        { "lone continuation", "a\x80", 2, 1 },
        { "cut off", "ab\xE2\x82", 4, 2 },
        { "surrogate", "\xED\xA0\x80", 3, 0 },
        { "overlong", "\xC0\xAF", 2, 0 },
        { "beyond the last code point", "\xF4\x90\x80\x80", 4, 0 },
        { "NUL", "a\0b", 3, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err;
        bool ok = utf8_check(cases[i].text, cases[i].length, "text", &err);
        char *where = str_format("offset %d.", cases[i].bad_at);

        check_case(cases[i].name, ok == (cases[i].bad_at < 0));
        check_case(cases[i].name, ok || strstr(err.message, where));
        free(where);
    }
}

static void test_code_points_go_there_and_back(void **state)
{
    static const uint32_t points[] = { 'a', 0xE9, 0x20AC, 0x1F389 };
    struct buf buf = BUF(100);
    size_t at = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(points); i++)
        buf_append_utf8(&buf, points[i]);
    assert_int_equal(buf.len, 1 + 2 + 3 + 4);
    assert_int_equal(utf8_chars(buf.data, buf.len), 4);
    for (size_t i = 0; i < COUNT(points); i++)
        assert_int_equal(utf8_next(buf.data, buf.len, &at), points[i]);
    for (size_t i = COUNT(points); i-- > 0;)
        assert_int_equal(utf8_previous(buf.data, &at), points[i]);
    assert_int_equal(at, 0);
    buf_release(&buf);
}

static void test_slugs_are_safe_file_names(void **state)
{
    static const struct {
        const char *text, *expected;
        size_t max;
    } cases[] = {
        { "The Lighthouse at Nine", "the-lighthouse-at-nine", 60 },
        { "../../etc/passwd", "etc-passwd", 60 },
        { "It's $5!", "its-5", 60 },
        { "---", "untitled", 60 },
        { "", "untitled", 60 },
        { ".hidden", "hidden", 60 },
        { "Caf\xC3\xA9 noir", "caf\xC3\xA9-noir", 60 },
        { "Caf\xC3\xA9", "caf", 4 },
        { "one two three", "one-two", 8 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *slug = path_slug(cases[i].text, cases[i].max);

        check_text(cases[i].text, slug, cases[i].expected);
        free(slug);
    }
}

static void test_path_parts(void **state)
{
    (void)state;
    char *joined = path_join("a/", "b"), *plain = path_join("a", "b"), *bare = path_join("", "b");

    assert_string_equal(joined, "a/b");
    assert_string_equal(plain, "a/b");
    assert_string_equal(bare, "b");
    assert_string_equal(path_base("x/y.tar.gz"), "y.tar.gz");
    assert_string_equal(path_extension("x.d/y.tar.gz"), "gz");
    assert_string_equal(path_extension("x.d/y"), "");
    assert_string_equal(path_extension(".hidden"), "");
    free(joined);
    free(plain);
    free(bare);
}

static void test_sha256_of_known_texts(void **state)
{
    char hex[SHA256_HEX];

    (void)state; /* FIPS 180-4's examples */
    sha256_bytes("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_bytes("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_read_whole_and_within_bounds),
        cmocka_unit_test(test_whole_numbers_refuse_everything_else),
        cmocka_unit_test(test_bad_utf8_is_found_where_it_is),
        cmocka_unit_test(test_code_points_go_there_and_back),
        cmocka_unit_test(test_slugs_are_safe_file_names),
        cmocka_unit_test(test_path_parts),
        cmocka_unit_test(test_sha256_of_known_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
