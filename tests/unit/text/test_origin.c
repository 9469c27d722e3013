#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "text/origin.h"

static void test_each_byte_of_the_input_is_its_own_origin(void **state)
{
    struct origin_text t;
    struct err err = { 0 };

    (void)state;
    assert_true(origin_from_input(&t, "h\xC3\xA9!", 4, &err));
    assert_string_equal(t.text.data, "h\xC3\xA9!");
    assert_int_equal(t.input_len, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(t.origin[i], i);
    origin_text_release(&t);
}

static void test_an_empty_input_is_an_empty_text(void **state)
{
    struct origin_text t;
    struct err err = { 0 };

    (void)state;
    assert_true(origin_from_input(&t, "", 0, &err));
    assert_int_equal(t.text.len, 0);
    assert_int_equal(t.input_len, 0);
    origin_text_release(&t);
}

static void test_a_copy_keeps_origins_and_a_replacement_takes_its_first(void **state)
{
    struct origin_text in, out;
    struct err err = { 0 };
    const uint32_t expected[] = { 0, 1, 2, 2, 2, 2, 4 };

    (void)state;
    assert_true(origin_from_input(&in, "a $5", 4, &err));
    origin_text_init(&out, 4);
    origin_append_copy(&out, &in, 0, 2);
    origin_append(&out, "five", 4, in.origin[2]);
    origin_append_copy(&out, &in, 4, 0);
    origin_append(&out, ".", 1, 4);
    assert_string_equal(out.text.data, "a five.");
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_int_equal(out.origin[i], expected[i]);
    origin_text_release(&in);
    origin_text_release(&out);
}

static void test_many_appends_keep_every_origin(void **state)
{
    struct origin_text t;

    (void)state;
    origin_text_init(&t, 100000);
    for (uint32_t i = 0; i < 100000; i++)
        origin_append(&t, "x", 1, i);
    assert_int_equal(t.text.len, 100000);
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(t.origin[i], i);
    origin_text_release(&t);
}

static void test_bad_utf8_is_refused_with_its_offset(void **state)
{
    struct origin_text t;
    struct err err = { 0 };

    (void)state;
    assert_false(origin_from_input(&t, "ab\xFFz", 4, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err.message, "offset 2"));
    origin_text_release(&t);
}

static void test_a_text_over_the_limit_is_refused(void **state)
{
    size_t length = (size_t)TEXT_LIMIT + 1;
    char *big = malloc(length);
    struct origin_text t;
    struct err err = { 0 };

    (void)state;
    assert_non_null(big);
    memset(big, 'a', length);
    assert_false(origin_from_input(&t, big, length, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_string_equal(err.param, "text");
    origin_text_release(&t);
    assert_true(origin_from_input(&t, big, TEXT_LIMIT, &err));
    origin_text_release(&t);
    free(big);
}

static void test_a_full_text_says_so_and_stays_whole(void **state)
{
    struct origin_text t;
    struct err err = { 0 };

    (void)state;
    origin_text_init(&t, 9);
    t.text.max = 4;
    origin_append(&t, "abcd", 4, 7);
    origin_append(&t, "e", 1, 8);
    assert_false(buf_ok(&t.text, "reading", &err));
    assert_int_equal(t.text.len, 4);
    assert_int_equal(t.origin[3], 7);
    origin_text_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_byte_of_the_input_is_its_own_origin),
        cmocka_unit_test(test_an_empty_input_is_an_empty_text),
        cmocka_unit_test(test_a_copy_keeps_origins_and_a_replacement_takes_its_first),
        cmocka_unit_test(test_many_appends_keep_every_origin),
        cmocka_unit_test(test_bad_utf8_is_refused_with_its_offset),
        cmocka_unit_test(test_a_text_over_the_limit_is_refused),
        cmocka_unit_test(test_a_full_text_says_so_and_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
