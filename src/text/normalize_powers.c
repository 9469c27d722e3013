/* Powers: "10^6", "10⁶", "6.02e23". */

#include "text/normalize_words.h"
#include "text/number_words.h"

/* 10 for what is none. */
static unsigned superscript_digit(uint32_t c)
{
    switch (c) {
    case 0xB9:
        return 1;
    case 0xB2:
        return 2;
    case 0xB3:
        return 3;
    default:
        return c == 0x2070 || (c >= 0x2074 && c <= 0x2079) ? c - 0x2070 : 10;
    }
}

/* "²", "⁻⁹" at at. Returns the token after them, or 0. */
static size_t say_superscripts(struct words *w, size_t at)
{
    char digits[16];
    size_t count = 0;
    bool is_negative = token_code_point(w, at) == 0x207B;

    at += is_negative;
    for (unsigned digit;
         count < sizeof digits && (digit = superscript_digit(token_code_point(w, at))) < 10; at++)
        digits[count++] = (char)('0' + digit);
    if (count == 0)
        return 0;
    if (!is_negative && count == 1 && (digits[0] == '2' || digits[0] == '3')) {
        say(w, digits[0] == '2' ? " squared" : " cubed");
        return at;
    }
    say(w, is_negative ? " to the power of minus " : " to the power of ");
    number_words_cardinal(&w->reading, digits, count);
    return at;
}

/* "^6" at at. */
static size_t say_power(struct words *w, size_t at)
{
    size_t exponent = at + 1;
    bool is_negative = token_is(w, exponent, "-") || token_is(w, exponent, "\u2212");

    exponent += is_negative;
    if (!token_is(w, at, "^") || token_kind(w, exponent) != TOKEN_DIGITS)
        return 0;
    if (!is_negative && (token_is(w, exponent, "2") || token_is(w, exponent, "3"))) {
        say(w, token_is(w, exponent, "2") ? " squared" : " cubed");
        return exponent + 1;
    }
    say(w, is_negative ? " to the power of minus " : " to the power of ");
    say_cardinal(w, exponent, exponent + 1);
    return exponent + 1;
}

/* "6.02e23", "10^6", "10⁶". */
size_t rule_scientific(struct words *w, size_t at)
{
    struct number n;

    if (!number_at(w, at, &n) || n.denominator || token_is_space(w, n.end) ||
        !number_may_go_on(w, n.end))
        return 0;
    size_t end = n.end;
    number_say(w, &n);
    size_t power = say_superscripts(w, end);
    if (!power)
        power = say_power(w, end);
    if (power)
        return power;
    if (!token_is_any_case(w, end, "e"))
        return 0;
    bool is_negative = token_is(w, end + 1, "-") || token_is(w, end + 1, "\u2212");
    size_t exponent = end + 1 + (is_negative || token_is(w, end + 1, "+"));
    if (token_kind(w, exponent) != TOKEN_DIGITS || token_length(w, exponent) > 4 ||
        token_is_wordlike(w, exponent + 1))
        return 0;
    say(w, is_negative ? " times ten to the power of minus " : " times ten to the power of ");
    number_words(&w->reading, (uint64_t)token_value(w, exponent));
    return exponent + 1;
}
