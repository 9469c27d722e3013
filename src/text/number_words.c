#include "text/number_words.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static const char *const below_twenty[] = {
    "zero",     "one",     "two",     "three",     "four",     "five",     "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
};
static const char *const tens[] = {
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
};
static const char *const scales[] = {
    "", " thousand", " million", " billion", " trillion", " quadrillion",
};

#define LONGEST_CARDINAL 18 /* digits: three for each of scales */

static void append_below_hundred(struct buf *out, unsigned value)
{
    if (value < 20) {
        buf_append_str(out, below_twenty[value]);
        return;
    }
    buf_append_str(out, tens[value / 10]);
    if (value % 10) {
        buf_append_char(out, '-');
        buf_append_str(out, below_twenty[value % 10]);
    }
}

static void append_below_thousand(struct buf *out, unsigned value)
{
    if (value >= 100) {
        buf_append_str(out, below_twenty[value / 100]);
        buf_append_str(out, " hundred");
        if (value % 100)
            buf_append_char(out, ' ');
    }
    if (value % 100 || value == 0)
        append_below_hundred(out, value % 100);
}

void number_words(struct buf *out, uint64_t value)
{
    uint64_t unit = 1;
    size_t scale = 0;
    bool is_first = true;

    while (value / unit >= 1000 && scale + 1 < COUNT(scales)) {
        unit *= 1000;
        scale++;
    }
    assert(value / unit < 1000);
    for (;; unit /= 1000, scale--) {
        unsigned group = (unsigned)(value / unit);
        if (group || (is_first && unit == 1)) {
            if (!is_first)
                buf_append_char(out, ' ');
            append_below_thousand(out, group);
            buf_append_str(out, scales[scale]);
            is_first = false;
        }
        value %= unit;
        if (unit == 1)
            return;
    }
}

void number_words_digits(struct buf *out, const char *digits, size_t length)
{
    bool is_first = true;

    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            continue;
        if (!is_first)
            buf_append_char(out, ' ');
        buf_append_str(out, below_twenty[digits[i] - '0']);
        is_first = false;
    }
}

void number_words_cardinal(struct buf *out, const char *digits, size_t length)
{
    uint64_t value = 0;
    size_t count = 0;

    for (size_t i = 0; i < length && count <= LONGEST_CARDINAL; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            continue;
        if (count < LONGEST_CARDINAL)
            value = 10 * value + (unsigned)(digits[i] - '0');
        count++;
    }
    if (count > LONGEST_CARDINAL || (count > 1 && digits[0] == '0'))
        number_words_digits(out, digits, length);
    else
        number_words(out, value);
}

void number_words_year(struct buf *out, unsigned year)
{
    unsigned century = year / 100, rest = year % 100;

    if (year < 1000 || year > 9999 || year % 1000 < 10) {
        number_words(out, year);
        return;
    }
    append_below_hundred(out, century);
    if (rest == 0) {
        buf_append_str(out, " hundred");
    } else if (rest < 10) {
        buf_append_str(out, " oh ");
        append_below_hundred(out, rest);
    } else {
        buf_append_char(out, ' ');
        append_below_hundred(out, rest);
    }
}

static bool ends_with(const struct buf *out, const char *end)
{
    size_t length = strlen(end);

    return out->len >= length && memcmp(out->data + out->len - length, end, length) == 0;
}

static void replace_end(struct buf *out, size_t old_length, const char *fresh)
{
    out->len -= old_length;
    buf_append_str(out, fresh);
}

void number_words_make_ordinal(struct buf *out)
{
    static const struct {
        const char *cardinal, *ordinal;
    } irregular[] = {
        { "one", "first" },    { "two", "second" }, { "three", "third" },    { "five", "fifth" },
        { "eight", "eighth" }, { "nine", "ninth" }, { "twelve", "twelfth" },
    };

    for (size_t i = 0; i < COUNT(irregular); i++) {
        if (ends_with(out, irregular[i].cardinal)) {
            replace_end(out, strlen(irregular[i].cardinal), irregular[i].ordinal);
            return;
        }
    }
    if (ends_with(out, "y"))
        replace_end(out, 1, "ieth");
    else
        buf_append_str(out, "th");
}

void number_words_make_plural(struct buf *out)
{
    if (ends_with(out, "y"))
        replace_end(out, 1, "ies");
    else
        buf_append_str(out, ends_with(out, "six") ? "es" : "s");
}

void number_words_fraction(struct buf *out, uint64_t numerator, uint64_t denominator)
{
    assert(denominator >= 2);
    number_words(out, numerator);
    buf_append_char(out, ' ');
    if (denominator == 2) {
        buf_append_str(out, numerator == 1 ? "half" : "halves");
        return;
    }
    if (denominator == 4) {
        buf_append_str(out, "quarter");
    } else {
        number_words(out, denominator);
        number_words_make_ordinal(out);
    }
    if (numerator != 1)
        buf_append_char(out, 's');
}
