#pragma once

/*
 * English numerals in words, appended to a buffer: "twenty-one", "one hundred
 * one" (without "and"), "twenty-first", "nineteen oh five".
 *
 * Digits are given as they stand in the text; commas among them are skipped. A
 * leading zero, or more than 18 digits (above quadrillions), makes them be read
 * one by one. No state; any thread may call.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

void number_words(struct buf *out, uint64_t value); /* "one hundred one" */
void number_words_cardinal(struct buf *out, const char *digits, size_t length);
void number_words_digits(struct buf *out, const char *digits, size_t length); /* "four zero two" */

/* A year of 1 to 4 digits: "ten sixty-six", "nineteen hundred", "two thousand nine". */
void number_words_year(struct buf *out, unsigned year);

/* The last word of out, a numeral, changed in place: "twenty-one" to "twenty-first" and "eighty"
 * to "eighties". */
void number_words_make_ordinal(struct buf *out);
void number_words_make_plural(struct buf *out);

/* "one half", "three quarters", "five eighths". denominator is at least 2. */
void number_words_fraction(struct buf *out, uint64_t numerator, uint64_t denominator);
