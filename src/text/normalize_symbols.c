/* Symbols that are words, and those that are only drawn. */

#include <string.h>

#include "text/normalize_words.h"

/* Said between words, with a space at each side. */
static const struct symbol {
    const char *text, *reading;
} infix[] = {
    { "&", "and" },
    { "=", "equals" },
    { "\u00D7", "times" },
    { "\u00F7", "divided by" },
    { "\u2260", "does not equal" },
    { "\u2264", "less than or equal to" },
    { "\u2265", "greater than or equal to" },
    { "\u2248", "approximately" },
    { "\u00B1", "plus or minus" },
    { "\u221A", "square root of" },
    { "\u221E", "infinity" },
    { "\u00A9", "copyright" },
    { "\u00A7", "section" },
    { "\u00B6", "paragraph" },
    { "\u266D", "flat" },
    { "\u266E", "natural" },
    { "\u266F", "sharp" },
    { "%", "percent" },
    { "\u2030", "per mille" },
    { "\u00B0", "degrees" },
    { "\u00B7", "\u2014" },
    { "\u2022", "\u2014" },
};

/* Never said. */
static const char *const silent[] = { "\u00AE", "\u2020", "\u2021", "\u00B9", "\u2070", "\u2074",
                                      "\u2075", "\u2076", "\u2077", "\u2078", "\u2079", "\u00A6" };

static size_t say_between(struct words *w, const char *reading, size_t end)
{
    say(w, " ");
    say(w, reading);
    if (!token_is_outer(w, end) &&
        !(token_kind(w, end) == TOKEN_MARK && strchr(".,;:!?)\"'", token_text(w, end)[0])))
        say(w, " ");
    return end;
}

static bool is_operand(const struct words *w, size_t at)
{
    return token_is_wordlike(w, at) || token_is(w, at, "(") || token_is(w, at, ")") ||
           token_is(w, at, "-") || token_is(w, at, "$") || token_is(w, at, ".");
}

static size_t say_comparison(struct words *w, size_t at)
{
    bool is_less = token_is(w, at, "<");
    size_t end = at + 1 + token_is(w, at + 1, "=");

    if (!is_operand(w, token_skip_space(w, end)) ||
        !(token_is_outer(w, at - 1) || is_operand(w, at - 1)))
        return at + 1;
    if (end > at + 1)
        return say_between(w, is_less ? "less than or equal to" : "greater than or equal to", end);
    return say_between(w, is_less ? "less than" : "greater than", end);
}

static size_t say_plus(struct words *w, size_t at)
{
    bool has_before = !token_is_outer(w, at - 1), has_after = !token_is_outer(w, at + 1);

    if (!has_before && !has_after && !token_is_space(w, at + 1))
        return 0;
    return say_between(w, "plus", at + 1);
}

static size_t say_slash(struct words *w, size_t at)
{
    bool is_spaced = token_is_space(w, at - 1) && token_is_space(w, at + 1);

    /* "10 req/s" */
    if (token_kind(w, at - 1) == TOKEN_WORD && token_is_space(w, at - 2) &&
        token_kind(w, at - 3) == TOKEN_DIGITS) {
        size_t end = say_rate(w, at);
        if (end > at)
            return end;
    }
    if (is_spaced && token_kind(w, at - 2) == TOKEN_DIGITS && token_kind(w, at + 2) == TOKEN_DIGITS)
        return say_between(w, "divided by", at + 1);
    if (is_spaced)
        return say_between(w, "\u2014", at + 1);
    if (!token_is_wordlike(w, at - 1) || !token_is_wordlike(w, at + 1))
        return token_is_wordlike(w, at + 1) ? say_between(w, "slash", at + 1) : at + 1;
    say(w, " ");
    return at + 1;
}

static size_t say_star(struct words *w, size_t at)
{
    bool is_spaced = token_is_space(w, at - 1) && token_is_space(w, at + 1);
    bool is_between = token_is_wordlike(w, at - 1) && token_is_wordlike(w, at + 1);

    if (token_is(w, at + 1, ".") && token_kind(w, at + 2) == TOKEN_WORD) {
        say(w, "star dot ");
        return at + 2;
    }
    if ((is_spaced || is_between) && (token_kind(w, token_skip_space(w, at + 1)) == TOKEN_DIGITS ||
                                      token_kind(w, at - 1 - is_spaced) == TOKEN_DIGITS))
        return say_between(w, "times", at + 1);
    return at + 1;
}

/* "____" is a blank to fill in; one between words joins them. */
static size_t say_underscores(struct words *w, size_t at)
{
    size_t end = at;

    while (token_is(w, end, "_"))
        end++;
    if (end - at >= 3 && !token_is_wordlike(w, at - 1) && !token_is_wordlike(w, end))
        say(w, "blank");
    else
        say(w, token_is_wordlike(w, at - 1) && token_is_wordlike(w, end) ? " " : "");
    return end;
}

static size_t say_at_sign(struct words *w, size_t at)
{
    if (token_is_outer(w, at - 1) && token_is_outer(w, at + 1) && !token_is_space(w, at + 1))
        return 0;
    return say_between(w, "at", at + 1);
}

static size_t say_about(struct words *w, size_t at)
{
    if (token_is_wordlike(w, at - 1) ||
        !(token_kind(w, at + 1) == TOKEN_DIGITS || token_is(w, at + 1, "$")))
        return at + 1;
    say(w, "about ");
    return at + 1;
}

static size_t say_superscript(struct words *w, size_t at)
{
    if (token_kind(w, at - 1) != TOKEN_WORD && !token_is(w, at - 1, ")"))
        return at + 1;
    say(w, token_is(w, at, "\u00B2") ? " squared" : " cubed");
    return at + 1;
}

static size_t say_caret(struct words *w, size_t at)
{
    bool is_square = token_is(w, at + 1, "2"), is_cube = token_is(w, at + 1, "3");

    if (!token_is_wordlike(w, at - 1) || !token_is_wordlike(w, at + 1))
        return at + 1;
    if (is_square || is_cube) {
        say(w, is_square ? " squared" : " cubed");
        return at + 2;
    }
    return say_between(w, "to the power of", at + 1);
}

/* "--help" and "-v". */
static size_t say_option(struct words *w, size_t at)
{
    if (!token_is_space(w, at - 1) && token_kind(w, at - 1) != TOKEN_NONE)
        return 0;
    if (token_is(w, at + 1, "-") && token_is_lower(w, at + 2)) {
        say(w, "dash dash ");
        return at + 2;
    }
    if (token_is_space(w, at - 1) && token_is_lower(w, at + 1) && token_length(w, at + 1) == 1 &&
        token_is_outer(w, at + 2)) {
        say(w, "dash ");
        return at + 1;
    }
    return 0;
}

size_t rule_symbol(struct words *w, size_t at)
{
    switch (token_text(w, at)[0]) {
    case '<':
    case '>':
        return say_comparison(w, at);
    case '+':
        return say_plus(w, at);
    case '/':
        return say_slash(w, at);
    case '*':
        return say_star(w, at);
    case '_':
        return say_underscores(w, at);
    case '@':
        return say_at_sign(w, at);
    case '~':
        return say_about(w, at);
    case '^':
        return say_caret(w, at);
    case '-':
        return say_option(w, at);
    case '`':
        return at + 1;
    case '|':
        return token_is_space(w, at - 1) ? say_between(w, "\u2014", at + 1) : at + 1;
    case '\\':
        return token_is_wordlike(w, at + 1) ? say_between(w, "backslash", at + 1) : at + 1;
    case '!':
        return token_is(w, at + 1, "=") ? say_between(w, "does not equal", at + 2) : 0;
    case '=':
        return say_between(w, "equals", at + 1 + token_is(w, at + 1, "="));
    case '&':
        return say_between(w, "and", at + 1 + token_is(w, at + 1, "&"));
    default:
        break;
    }
    if (token_is(w, at, "\u00B2") || token_is(w, at, "\u00B3"))
        return say_superscript(w, at);
    if (token_is_one_of(w, at, silent, COUNT(silent)))
        return at + 1;
    for (size_t i = 0; i < COUNT(infix); i++) {
        if (token_is(w, at, infix[i].text))
            return say_between(w, infix[i].reading, at + 1);
    }
    return 0;
}

/* ---- words with symbols ---- */

static const struct {
    const char *first, *second, *reading;
} slashed[] = {
    { "w", "o", "without" },      { "b", "c", "because" },        { "n", "a", "N A" },
    { "N", "A", "N A" },          { "c", "o", "care of" },        { "he", "she", "he or she" },
    { "she", "he", "she or he" }, { "his", "her", "his or her" }, { "him", "her", "him or her" },
    { "s", "he", "he or she" },   { "He", "she", "He or she" },
};

static size_t say_slashed(struct words *w, size_t at)
{
    if (!token_is(w, at + 1, "/") || token_is(w, at + 3, "/"))
        return 0;
    for (size_t i = 0; i < COUNT(slashed); i++) {
        if (token_is(w, at, slashed[i].first) && token_is(w, at + 2, slashed[i].second)) {
            say(w, slashed[i].reading);
            return at + 3;
        }
    }
    /* "w/e" */
    if (!token_is(w, at, "w") ||
        (token_kind(w, at + 2) == TOKEN_WORD && token_length(w, at + 2) == 1))
        return 0;
    say(w, token_is_space(w, at + 2) ? "with" : "with ");
    return at + 2;
}

/* "file(s)", "box(es)" */
static size_t say_optional_plural(struct words *w, size_t at)
{
    if (!token_is(w, at + 1, "(") || !token_is(w, at + 3, ")") ||
        !(token_is(w, at + 2, "s") || token_is(w, at + 2, "es")))
        return 0;
    say_tokens(w, at, at + 1);
    say_tokens(w, at + 2, at + 3);
    return at + 4;
}

/* "8" x 10"": the marks of inches and feet stand between the numbers and their "x". */
static size_t say_by(struct words *w, size_t at)
{
    if (!token_is(w, at, "x") || !token_is_space(w, at - 1) || !token_is_space(w, at + 1) ||
        token_kind(w, at + 2) != TOKEN_DIGITS ||
        !(token_is(w, at - 2, "\"") || token_is(w, at - 2, "'")))
        return 0;
    say(w, "by");
    return at + 1;
}

/* "C++", "C#", "CO2" and the "v" of "v1.5". */
size_t rule_symbol_word(struct words *w, size_t at)
{
    if (token_is_wordlike(w, at - 1))
        return 0;
    size_t end = say_slashed(w, at);
    if (!end)
        end = say_optional_plural(w, at);
    if (!end)
        end = say_by(w, at);
    if (end)
        return end;
    if (token_is(w, at + 1, "+") && token_is(w, at + 2, "+") && !token_is_wordlike(w, at + 3)) {
        say_tokens(w, at, at + 1);
        say(w, " plus plus");
        return at + 3;
    }
    if ((token_is(w, at, "C") || token_is(w, at, "F")) && token_is(w, at + 1, "#") &&
        !token_is_wordlike(w, at + 2)) {
        say_tokens(w, at, at + 1);
        say(w, " sharp");
        return at + 2;
    }
    if (token_is(w, at, "CO") && token_is(w, at + 1, "2")) {
        say(w, "C O");
        return at + 1;
    }
    if (token_is_any_case(w, at, "v") && token_kind(w, at + 1) == TOKEN_DIGITS) {
        say(w, token_is(w, at, "V") ? "Version " : "version ");
        return at + 1;
    }
    return 0;
}

/* ":-)" and its kin. */
size_t rule_emoticon(struct words *w, size_t at)
{
    if (!(token_is(w, at, ":") || token_is(w, at, ";")) || !token_is_outer(w, at - 1))
        return 0;
    size_t mouth = at + 1 + token_is(w, at + 1, "-");
    bool is_mouth = token_length(w, mouth) == 1 && strchr(")(DPp|/", token_text(w, mouth)[0]);
    if (!is_mouth || !(token_is_outer(w, mouth + 1) || token_is(w, mouth + 1, ".") ||
                       token_is(w, mouth + 1, ",") || token_is(w, mouth + 1, "!")))
        return 0;
    return mouth + 1;
}
