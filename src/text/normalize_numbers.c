/*
 * Numbers: what one is (number_at), how it is read, and the rules of those
 * that carry nothing else with them.
 */

#include <string.h>

#include "text/normalize_words.h"
#include "text/number_words.h"

#define FIRST_YEAR 1010 /* bare numbers of these bounds are read as years */
#define LAST_YEAR 2099

/* ---- parsing ---- */

static const struct vulgar {
    uint32_t code_point;
    unsigned numerator, denominator;
} vulgars[] = {
    { 0xBC, 1, 4 },    { 0xBD, 1, 2 },   { 0xBE, 3, 4 },   { 0x2150, 1, 7 }, { 0x2151, 1, 9 },
    { 0x2152, 1, 10 }, { 0x2153, 1, 3 }, { 0x2154, 2, 3 }, { 0x2155, 1, 5 }, { 0x2156, 2, 5 },
    { 0x2157, 3, 5 },  { 0x2158, 4, 5 }, { 0x2159, 1, 6 }, { 0x215A, 5, 6 }, { 0x215B, 1, 8 },
    { 0x215C, 3, 8 },  { 0x215D, 5, 8 }, { 0x215E, 7, 8 },
};

static const struct vulgar *find_vulgar(uint32_t code_point)
{
    for (size_t i = 0; i < COUNT(vulgars); i++) {
        if (vulgars[i].code_point == code_point)
            return &vulgars[i];
    }
    return NULL;
}

bool number_is_vulgar(const struct words *w, size_t at)
{
    return find_vulgar(token_code_point(w, at)) != NULL;
}

/* The end of "1,234,567" at at; a group of other than three digits ends it before its comma. */
static size_t whole_end(const struct words *w, size_t at)
{
    size_t end = at + 1;

    if (token_length(w, at) > 3 || token_text(w, at)[0] == '0')
        return end;
    /* "10 000": other groups than noughts could be numbers of their own. */
    while (token_is_space(w, end) && token_is(w, end + 1, "000") && !token_is_wordlike(w, end + 2))
        end += 2;
    while (token_is(w, end, ",") && token_kind(w, end + 1) == TOKEN_DIGITS &&
           token_length(w, end + 1) == 3)
        end += 2;
    return end;
}

/* Of what is measured or divided; other pairs are points out of so many. */
static bool is_denominator(long value)
{
    return (value >= 2 && value <= 10) || value == 12 || value == 16 || value == 20 ||
           value == 32 || value == 64 || value == 100;
}

/* "3/4" at at: a proper fraction, with nothing more before and behind. */
static bool parse_fraction(const struct words *w, size_t at, struct number *n)
{
    static const char *const suffixes[] = { "th", "ths", "rd", "rds", "nd" };
    long over = token_value(w, at), under = token_value(w, at + 2);

    if (!token_is(w, at + 1, "/") || over < 1 || under <= over || !is_denominator(under) ||
        (token_is(w, at - 1, "/") && token_kind(w, at - 2) == TOKEN_DIGITS) ||
        token_text(w, at)[0] == '0' || token_text(w, at + 2)[0] == '0')
        return false;
    n->end = at + 3;
    if (token_is_one_of(w, n->end, suffixes, COUNT(suffixes)))
        n->end++;
    if (token_is(w, n->end, "/") || token_kind(w, n->end) == TOKEN_DIGITS)
        return false;
    n->numerator = (unsigned)over;
    n->denominator = (unsigned)under;
    return true;
}

static void parse_mixed(const struct words *w, struct number *n)
{
    const struct vulgar *vulgar = find_vulgar(token_code_point(w, n->end));
    struct number fraction;

    if (!vulgar && token_is_space(w, n->end))
        vulgar = find_vulgar(token_code_point(w, n->end + 1));
    if (vulgar) {
        n->end = token_skip_space(w, n->end) + 1;
        n->numerator = vulgar->numerator;
        n->denominator = vulgar->denominator;
    } else if ((token_is_space(w, n->end) || token_is(w, n->end, "-")) &&
               parse_fraction(w, n->end + 1, &fraction)) {
        n->end = fraction.end;
        n->numerator = fraction.numerator;
        n->denominator = fraction.denominator;
    }
}

bool number_at(const struct words *w, size_t at, struct number *out)
{
    const struct vulgar *vulgar = find_vulgar(token_code_point(w, at));

    *out = (struct number){ .start = at, .end = at, .whole_end = at };
    if (vulgar) {
        out->end = at + 1;
        out->numerator = vulgar->numerator;
        out->denominator = vulgar->denominator;
        return true;
    }
    if (token_kind(w, at) == TOKEN_DIGITS) {
        if (parse_fraction(w, at, out))
            return true;
        out->end = out->whole_end = whole_end(w, at);
        out->has_commas = out->end > at + 1;
    }
    if (token_is(w, out->end, ".") && token_kind(w, out->end + 1) == TOKEN_DIGITS &&
        !(token_is(w, out->end + 2, ".") && token_kind(w, out->end + 3) == TOKEN_DIGITS)) {
        out->decimals = out->end + 1;
        out->end += 2;
        return true;
    }
    if (out->end > at)
        parse_mixed(w, out);
    return out->end > at;
}

bool number_is_whole(const struct number *n)
{
    return n->decimals == 0 && n->denominator == 0;
}

bool number_is_one(const struct words *w, const struct number *n)
{
    return number_is_whole(n) && token_is(w, n->start, "1") && n->whole_end == n->start + 1;
}

bool number_may_go_on(const struct words *w, size_t at)
{
    return token_kind(w, at) != TOKEN_NONE && token_kind(w, at) != TOKEN_BREAK &&
           !strchr(".,;:!?)]", token_text(w, at)[0]);
}

bool number_is_below_one(const struct words *w, const struct number *n)
{
    (void)w;
    return n->denominator != 0 && n->whole_end == n->start;
}

static bool follows_sign(const struct words *w, size_t at)
{
    return (token_is_hyphen(w, at - 1) || token_is(w, at - 1, "\u2212")) &&
           !token_is_wordlike(w, at - 2);
}

bool number_is_year(const struct words *w, const struct number *n)
{
    long value = token_value(w, n->start);

    return number_is_whole(n) && !n->has_commas && token_length(w, n->start) == 4 &&
           value >= FIRST_YEAR && value <= LAST_YEAR && !follows_sign(w, n->start);
}

/* ---- saying ---- */

/* "a half", "three quarters": after "and". */
static void say_mixed_fraction(struct words *w, const struct number *n)
{
    struct buf fraction = BUF(128);

    number_words_fraction(&fraction, n->numerator, n->denominator);
    const char *text = fraction.data;
    if (n->numerator == 1) {
        say(w, "a");
        text += strlen("one");
    }
    say(w, text);
    buf_release(&fraction);
}

void number_say(struct words *w, const struct number *n)
{
    if (n->whole_end > n->start)
        say_cardinal(w, n->start, n->whole_end);
    else if (n->decimals)
        say(w, "point");
    if (n->decimals) {
        say(w, n->whole_end > n->start ? " point " : " ");
        say_digits(w, n->decimals, n->decimals + 1);
    } else if (n->denominator && n->whole_end > n->start) {
        say(w, " and ");
        say_mixed_fraction(w, n);
    } else if (n->denominator) {
        number_words_fraction(&w->reading, n->numerator, n->denominator);
    }
}

void number_say_plain(struct words *w, const struct number *n)
{
    if (number_is_year(w, n))
        number_words_year(&w->reading, (unsigned)token_value(w, n->start));
    else
        number_say(w, n);
}

/* "221B Baker Street", "Apt. 3B": the letter is of a name and no billion. */
static bool is_label(const struct words *w, size_t letter)
{
    static const char *const labels[] = { "Room",  "Apt",   "Apartment", "Suite",    "Unit",
                                          "Gate",  "Flat",  "Row",       "Seat",     "Section",
                                          "Block", "Type",  "Level",     "Platform", "Bay",
                                          "Exit",  "Table", "Figure",    "No",       "Building",
                                          "Hall",  "Stage", "Class",     "Part" };
    size_t label = letter - 3;

    if (token_is(w, label, "."))
        label--;
    return (token_is_space(w, letter + 1) && token_is_capitalized(w, letter + 2)) ||
           (token_is_space(w, letter - 2) && token_is_one_of(w, label, labels, COUNT(labels)));
}

size_t say_scale(struct words *w, size_t at, bool is_money)
{
    static const struct {
        const char *symbol, *reading;
        bool is_for_money; /* of other things it means something else, as a meter or 4K */
    } symbols[] = {
        { "k", " thousand", false },  { "K", " thousand", true }, { "M", " million", false },
        { "m", " million", true },    { "MM", " million", true }, { "mn", " million", false },
        { "mil", " million", true },  { "B", " billion", false }, { "b", " billion", true },
        { "bn", " billion", false },  { "T", " trillion", true }, { "t", " trillion", true },
        { "tn", " trillion", false },
    };
    static const char *const words[] = { "hundred",  "thousand",    "million",    "billion",
                                         "trillion", "quadrillion", "quintillion" };
    size_t word = at + 1;
    bool may_be_symbol = is_money || !is_label(w, at);

    for (size_t i = 0; i < COUNT(symbols); i++) {
        if (token_is(w, at, symbols[i].symbol) && (is_money || !symbols[i].is_for_money) &&
            may_be_symbol && !token_is_wordlike(w, at + 1)) {
            say(w, symbols[i].reading);
            return at + 1;
        }
    }
    if (!token_is_space(w, at) && !token_is(w, at, "-"))
        return at;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (token_is_any_case(w, word, words[i])) {
            say(w, " ");
            say(w, words[i]);
            return word + 1;
        }
    }
    return at;
}

/* ---- rules ---- */

bool number_is_glued(const struct words *w, size_t at)
{
    enum token_kind before = token_kind(w, at - 1);

    if (before == TOKEN_WORD || before == TOKEN_MARKER)
        return true;
    if (!token_is(w, at - 1, "-") || token_kind(w, at - 2) != TOKEN_WORD)
        return false;
    return token_is_capitalized(w, at - 2) && !token_is(w, at - 2, "Mid") &&
           !token_is(w, at - 2, "Pre") && !token_is(w, at - 2, "Post");
}

/* Nothing that would make a number of the word, or a longer one of the number, stands beside. */
static bool is_apart(const struct words *w, size_t start, size_t end)
{
    return !token_is_wordlike(w, start - 1) && !token_is_wordlike(w, end) &&
           !(token_is(w, end, "/") && token_kind(w, end + 1) == TOKEN_DIGITS) &&
           !(token_is(w, start - 1, "/") && token_kind(w, start - 2) == TOKEN_DIGITS);
}

size_t rule_idiom(struct words *w, size_t at)
{
    static const struct {
        const char *first, *second, *reading;
    } idioms[] = {
        { "24", "7", "twenty-four seven" },
        { "9", "11", "nine eleven" },
        { "50", "50", "fifty fifty" },
        { "20", "20", "twenty twenty" },
    };

    if (!token_is(w, at + 1, "/") || !is_apart(w, at, at + 3))
        return 0;
    for (size_t i = 0; i < COUNT(idioms); i++) {
        if (token_is(w, at, idioms[i].first) && token_is(w, at + 2, idioms[i].second)) {
            say(w, idioms[i].reading);
            return at + 3;
        }
    }
    return 0;
}

/* "42nd", "1,000th". Returns the token after it, or 0. */
static size_t say_ordinal(struct words *w, size_t at)
{
    static const char *const suffixes[] = { "st", "nd", "rd", "th", "ST", "ND", "RD", "TH" };

    if (token_kind(w, at) != TOKEN_DIGITS)
        return 0;
    size_t end = whole_end(w, at);
    if (!token_is_one_of(w, end, suffixes, COUNT(suffixes)) || token_is_wordlike(w, end + 1))
        return 0;
    say_cardinal(w, at, end);
    number_words_make_ordinal(&w->reading);
    return end + 1;
}

size_t rule_ordinal(struct words *w, size_t at)
{
    size_t end = say_ordinal(w, at);

    if (!end || !token_is_hyphen(w, end) || token_kind(w, end + 1) != TOKEN_DIGITS)
        return end;
    size_t said = w->reading.len;
    say(w, " to ");
    size_t second = say_ordinal(w, end + 1);
    if (second)
        return second;
    unsay(w, said);
    return end;
}

/* The end of "1980s", "80s", "1980's", "747s" at at, or 0. "5s" is five seconds, "1984's" belongs
 * to that year. */
static size_t plural_end(const struct words *w, size_t at)
{
    bool has_apostrophe = token_is(w, at + 1, "'");
    size_t end = at + 1 + has_apostrophe;
    size_t length = token_length(w, at);

    if (token_kind(w, at) != TOKEN_DIGITS || !token_is(w, end, "s") ||
        token_is_wordlike(w, end + 1))
        return 0;
    long value = token_value(w, at);
    bool is_decade = value % 10 == 0 && value >= 20 && (length == 2 || length == 4);
    bool is_count = length > 2 || value < 2 || number_is_glued(w, at);
    return is_decade || (is_count && !has_apostrophe) ? end + 1 : 0;
}

static size_t say_plural(struct words *w, size_t at)
{
    struct number n;
    size_t end = plural_end(w, at);

    if (!end || !number_at(w, at, &n))
        return 0;
    long value = token_value(w, at);
    if (value == 100 || value == 1000)
        say(w, value == 100 ? "hundred" : "thousand"); /* "hundreds of people" */
    else
        number_say_plain(w, &n);
    number_words_make_plural(&w->reading);
    return end;
}

size_t rule_plural(struct words *w, size_t at)
{
    if (token_kind(w, at - 1) == TOKEN_WORD)
        say(w, " ");
    size_t end = say_plural(w, at);
    if (!end || !token_is_hyphen(w, end) || !plural_end(w, end + 1))
        return end;
    say(w, " to ");
    return say_plural(w, end + 1);
}

/* "1914–1918", "1939-45", "1914 – 1918". */
size_t rule_year_range(struct words *w, size_t at)
{
    struct number first, last;
    size_t sep;

    if (!number_at(w, at, &first) || !number_is_year(w, &first) || !is_apart(w, at, first.end))
        return 0;
    sep = token_skip_space(w, first.end);
    bool is_spaced = sep > first.end;
    size_t second = sep + 1 + is_spaced;
    if (!token_is_dash(w, sep) || token_is_space(w, sep + 1) != is_spaced ||
        !number_at(w, second, &last) || !number_is_whole(&last) || !is_apart(w, second, last.end) ||
        token_is_hyphen(w, last.end))
        return 0;
    bool is_short = token_length(w, second) == 2 && !is_spaced &&
                    token_value(w, second) > token_value(w, at) % 100;
    if (!is_short && !(number_is_year(w, &last) || token_value(w, second) == 2100))
        return 0;
    number_say_plain(w, &first);
    say(w, " to ");
    if (is_short && token_text(w, second)[0] == '0')
        say(w, "oh ");
    if (is_short)
        number_words(&w->reading, (uint64_t)token_value(w, second));
    else
        number_say_plain(w, &last);
    return last.end;
}

/* A unit that is written out, or the word "years", makes a count of a year. */
static bool is_counted(const struct words *w, size_t end)
{
    static const char *const counted[] = {
        "meters",  "metres", "kilometers", "kilometres", "miles",   "feet",     "yards",
        "inches",  "grams",  "kilograms",  "pounds",     "ounces",  "tons",     "tonnes",
        "liters",  "litres", "gallons",    "watts",      "volts",   "calories", "degrees",
        "dollars", "euros",  "cents",      "seconds",    "minutes", "hours",    "days",
        "weeks",   "months", "years",      "percent",    "words",   "pages",    "points",
        "steps",   "bytes",  "times",      "pixels",     "rpm",     "square",   "cubic",
        "miles",
    };

    return token_is_space(w, end) && token_is_one_of(w, end + 1, counted, COUNT(counted));
}

/* "1/2 a mile" */
static bool is_half_a(const struct words *w, const struct number *n)
{
    return n->whole_end == n->start && n->numerator == 1 && n->denominator == 2 &&
           token_is_space(w, n->end) &&
           (token_is(w, n->end + 1, "a") || token_is(w, n->end + 1, "an"));
}

/* Any number, or two with a dash between. */
size_t rule_number(struct words *w, size_t at)
{
    struct number n, last;

    if (!number_at(w, at, &n))
        return 0;
    bool is_glued = number_is_glued(w, at);
    if (is_glued)
        say(w, " ");
    if (is_half_a(w, &n))
        say(w, "half");
    else if (is_counted(w, n.end) || is_glued)
        number_say(w, &n);
    else
        number_say_plain(w, &n);
    bool is_range = !is_glued && token_is_dash(w, n.end) && number_at(w, n.end + 1, &last) &&
                    !token_is_wordlike(w, last.end);
    if (is_range) {
        say(w, " to ");
        number_say(w, &last);
        n = last;
    }
    if (token_is(w, n.end, "/") && token_kind(w, n.end + 1) == TOKEN_DIGITS) {
        long over = token_value(w, at), under = token_value(w, n.end + 1);
        bool is_chain = token_is(w, at - 1, "/") || token_is(w, n.end + 2, "/");
        bool is_score =
            under >= over && under > 0 && under <= 100 && !number_is_year(w, &n) && !is_chain;
        say(w, is_score ? " out of " : under > 99 && !is_chain ? " over " : " slash ");
        return n.end + 1;
    }
    if (token_kind(w, n.end) == TOKEN_WORD || token_kind(w, n.end) == TOKEN_MARKER)
        say(w, " ");
    return n.end;
}

/* "'90s" and "'08". */
size_t rule_elided_year(struct words *w, size_t at)
{
    if (!token_is(w, at, "'") || token_kind(w, at + 1) != TOKEN_DIGITS ||
        token_length(w, at + 1) != 2 || token_is_wordlike(w, at - 1))
        return 0;
    size_t end = say_plural(w, at + 1);
    if (end)
        return end;
    if (token_kind(w, at + 2) == TOKEN_WORD || token_is(w, at + 2, "'") || token_is(w, at + 2, "%"))
        return 0;
    if (token_text(w, at + 1)[0] == '0')
        say(w, "oh ");
    number_words(&w->reading, (uint64_t)token_value(w, at + 1));
    return at + 2;
}
