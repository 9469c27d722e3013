#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/number_words.h"

/* Checks the words and empties the buffer for the next. */
static void check(struct buf *words, const char *expected)
{
    struct err err = { 0 };

    assert_true(buf_ok(words, "words", &err));
    assert_string_equal(words->data, expected);
    buf_clear(words);
}

static void test_cardinals_have_hyphens_and_no_and(void **state)
{
    static const struct {
        uint64_t value;
        const char *words;
    } rows[] = {
        { 0, "zero" },
        { 9, "nine" },
        { 10, "ten" },
        { 19, "nineteen" },
        { 20, "twenty" },
        { 21, "twenty-one" },
        { 99, "ninety-nine" },
        { 100, "one hundred" },
        { 101, "one hundred one" },
        { 110, "one hundred ten" },
        { 999, "nine hundred ninety-nine" },
        { 1000, "one thousand" },
        { 1001, "one thousand one" },
        { 10010, "ten thousand ten" },
        { 100000, "one hundred thousand" },
        { 1000000, "one million" },
        { 1000001, "one million one" },
        { 2000000000, "two billion" },
        { 3000000000007, "three trillion seven" },
        { 999999999999999999,
          "nine hundred ninety-nine quadrillion nine hundred ninety-nine trillion nine hundred "
          "ninety-nine billion nine hundred ninety-nine million nine hundred ninety-nine thousand "
          "nine hundred ninety-nine" },
    };
    struct buf words = BUF(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        number_words(&words, rows[i].value);
        check(&words, rows[i].words);
    }
    buf_release(&words);
}

static void test_written_digits_skip_commas_and_spell_what_is_no_count(void **state)
{
    static const char *const rows[][2] = {
        { "1,234,567", "one million two hundred thirty-four thousand five hundred sixty-seven" },
        { "007", "zero zero seven" },
        { "0", "zero" },
        { "00", "zero zero" },
        { "1000000000000000000", "one zero zero zero zero zero zero zero zero zero zero zero zero "
                                 "zero zero zero zero zero zero" },
        { "100000000000000000", "one hundred quadrillion" },
    };
    struct buf words = BUF(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        number_words_cardinal(&words, rows[i][0], strlen(rows[i][0]));
        check(&words, rows[i][1]);
    }
    number_words_digits(&words, "40,2", 4);
    check(&words, "four zero two");
    buf_release(&words);
}

static void test_years_are_read_in_pairs(void **state)
{
    static const struct {
        unsigned year;
        const char *words;
    } rows[] = {
        { 79, "seventy-nine" },       { 476, "four hundred seventy-six" },
        { 1000, "one thousand" },     { 1005, "one thousand five" },
        { 1010, "ten ten" },          { 1066, "ten sixty-six" },
        { 1100, "eleven hundred" },   { 1900, "nineteen hundred" },
        { 1905, "nineteen oh five" }, { 1984, "nineteen eighty-four" },
        { 2000, "two thousand" },     { 2009, "two thousand nine" },
        { 2010, "twenty ten" },       { 2100, "twenty-one hundred" },
        { 3000, "three thousand" },   { 9999, "ninety-nine ninety-nine" },
    };
    struct buf words = BUF(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        number_words_year(&words, rows[i].year);
        check(&words, rows[i].words);
    }
    buf_release(&words);
}

static void test_ordinals_and_plurals_change_the_last_word(void **state)
{
    static const struct {
        uint64_t value;
        const char *ordinal, *plural;
    } rows[] = {
        { 0, "zeroth", "zeros" },
        { 1, "first", "ones" },
        { 2, "second", "twos" },
        { 3, "third", "threes" },
        { 4, "fourth", "fours" },
        { 5, "fifth", "fives" },
        { 6, "sixth", "sixes" },
        { 8, "eighth", "eights" },
        { 9, "ninth", "nines" },
        { 12, "twelfth", "twelves" },
        { 13, "thirteenth", "thirteens" },
        { 20, "twentieth", "twenties" },
        { 21, "twenty-first", "twenty-ones" },
        { 100, "one hundredth", "one hundreds" },
        { 101, "one hundred first", "one hundred ones" },
    };
    struct buf words = BUF(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        number_words(&words, rows[i].value);
        number_words_make_ordinal(&words);
        check(&words, rows[i].ordinal);
        number_words(&words, rows[i].value);
        number_words_make_plural(&words);
        check(&words, rows[i].plural);
    }
    buf_release(&words);
}

static void test_fractions_name_their_parts(void **state)
{
    static const struct {
        unsigned numerator, denominator;
        const char *words;
    } rows[] = {
        { 1, 2, "one half" },
        { 3, 2, "three halves" },
        { 1, 4, "one quarter" },
        { 3, 4, "three quarters" },
        { 1, 3, "one third" },
        { 2, 3, "two thirds" },
        { 5, 8, "five eighths" },
        { 1, 100, "one one hundredth" },
        { 7, 21, "seven twenty-firsts" },
    };
    struct buf words = BUF(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        number_words_fraction(&words, rows[i].numerator, rows[i].denominator);
        check(&words, rows[i].words);
    }
    buf_release(&words);
}

static void test_a_full_buffer_remembers_it(void **state)
{
    struct buf words = BUF(5);
    struct err err = { 0 };

    (void)state;
    number_words(&words, 77);
    number_words_make_ordinal(&words);
    assert_false(buf_ok(&words, "words", &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    buf_release(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cardinals_have_hyphens_and_no_and),
        cmocka_unit_test(test_written_digits_skip_commas_and_spell_what_is_no_count),
        cmocka_unit_test(test_years_are_read_in_pairs),
        cmocka_unit_test(test_ordinals_and_plurals_change_the_last_word),
        cmocka_unit_test(test_fractions_name_their_parts),
        cmocka_unit_test(test_a_full_buffer_remembers_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
