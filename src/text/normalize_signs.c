/* Numbers that begin with a mark: signs, a decimal point, "½", "#". */

#include "text/normalize_words.h"

/* A number that does not begin with figures. */
static size_t say_other_number(struct words *w, size_t at)
{
    size_t said = w->reading.len;
    size_t end = rule_quantity(w, at);

    if (end)
        return end;
    unsay(w, said);
    return rule_number(w, at);
}

size_t rule_vulgar(struct words *w, size_t at)
{
    if (!number_is_vulgar(w, at))
        return 0;
    if (token_is_wordlike(w, at - 1))
        say(w, " ");
    return say_other_number(w, at);
}

/* ".45" */
size_t rule_decimal(struct words *w, size_t at)
{
    if (!token_is(w, at, ".") || token_kind(w, at + 1) != TOKEN_DIGITS ||
        token_is_wordlike(w, at - 1) || token_is(w, at - 1, "."))
        return 0;
    return say_other_number(w, at);
}

static bool begins_amount(const struct words *w, size_t at)
{
    static const char *const symbols[] = { "$", "\u00A3", "\u20AC", "\u00A5", "\u20B9" };

    return token_kind(w, at) == TOKEN_DIGITS || number_is_vulgar(w, at) ||
           (token_is(w, at, ".") && token_kind(w, at + 1) == TOKEN_DIGITS) ||
           (token_is_one_of(w, at, symbols, COUNT(symbols)) &&
            (token_kind(w, at + 1) == TOKEN_DIGITS || token_is(w, at + 1, ".")));
}

static bool ends_amount(const struct words *w, size_t at)
{
    return token_kind(w, at) == TOKEN_DIGITS || token_is(w, at, ")") ||
           (token_kind(w, at) == TOKEN_WORD && token_length(w, at) == 1);
}

/* A dash with spaces around, between two numbers. */
static size_t say_spaced_dash(struct words *w, size_t at)
{
    if (!token_is_space(w, at + 1) || !ends_amount(w, at - 2) || !begins_amount(w, at + 2))
        return 0;
    if (token_is(w, at, "\u2013")) {
        if (token_kind(w, at - 2) != TOKEN_DIGITS)
            return 0;
        say(w, "to");
    } else {
        say(w, "minus");
    }
    return at + 1;
}

/* '-', '−' and '–': a sign, a minus, or what joins "F-16". The number itself is the next rule's. */
size_t rule_sign(struct words *w, size_t at)
{
    bool is_minus = token_is(w, at, "\u2212");

    if (!is_minus && !token_is_hyphen(w, at))
        return 0;
    if (token_is_space(w, at - 1) && token_is_space(w, at + 1))
        return say_spaced_dash(w, at);
    if (is_minus && token_is_wordlike(w, at - 1)) {
        say(w, " minus ");
        return at + 1;
    }
    if (token_is(w, at, "-") && token_kind(w, at + 1) == TOKEN_DIGITS &&
        number_is_glued(w, at + 1)) {
        say(w, " ");
        return at + 1;
    }
    bool is_first = token_is_outer(w, at - 1) ||
                    (token_kind(w, at - 1) == TOKEN_MARK && !token_is(w, at - 1, ")") &&
                     !token_is_dash(w, at - 1) && !token_is(w, at - 1, "%"));
    if (!is_first || !begins_amount(w, at + 1))
        return 0;
    say(w, "minus ");
    return at + 1;
}

/* Capitals inside a tag begin its words: "BlackHistory". */
static void say_tag(struct words *w, size_t at)
{
    const char *text = token_text(w, at);
    size_t length = token_length(w, at);

    for (size_t i = 0; i < length; i++) {
        bool begins_word =
            i > 0 && text[i] >= 'A' && text[i] <= 'Z' && text[i - 1] >= 'a' && text[i - 1] <= 'z';
        if (begins_word)
            say(w, " ");
        buf_append_char(&w->reading, text[i]);
    }
}

/* "#1" and "#travel". */
size_t rule_number_mark(struct words *w, size_t at)
{
    if (!token_is(w, at, "#") || token_is_wordlike(w, at - 1))
        return 0;
    if (token_kind(w, at + 1) == TOKEN_DIGITS) {
        say(w, "number ");
        return at + 1;
    }
    if (token_kind(w, at + 1) != TOKEN_WORD)
        return 0;
    say(w, "hashtag ");
    say_tag(w, at + 1);
    return at + 2;
}
