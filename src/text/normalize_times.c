/* Times of day, and what else has a colon between numbers. */

#include <string.h>

#include "text/normalize_words.h"
#include "text/number_words.h"

struct clock {
    size_t end;
    long hour, minute, second; /* −1 where not written */
    const char *half;          /* "AM", "PM" or NULL */
    bool keeps_dot;            /* "p.m." ended the sentence, too */
};

/* "am", "PM", "a.m.", "P.M." at at, maybe after a space. Returns the token after it, or at. */
static size_t parse_half(const struct words *w, size_t at, struct clock *c)
{
    size_t word = token_skip_space(w, at);
    bool is_am = token_is_any_case(w, word, "am"), is_pm = token_is_any_case(w, word, "pm");

    if ((is_am || is_pm) && !token_is_wordlike(w, word + 1)) {
        /* "I 5 Am": a capital and a small letter are none. */
        if (token_is_capitalized(w, word) && !token_is_upper(w, word))
            return at;
        c->half = is_am ? "AM" : "PM";
        return word + 1;
    }
    is_am = token_is_any_case(w, word, "a");
    is_pm = token_is_any_case(w, word, "p");
    if ((!is_am && !is_pm) || !token_is(w, word + 1, "."))
        return at;
    size_t m = token_skip_space(w, word + 2);
    if (!token_is_any_case(w, m, "m"))
        return at;
    c->half = is_am ? "AM" : "PM";
    if (!token_is(w, m + 1, "."))
        return token_is_wordlike(w, m + 1) ? at : m + 1;
    c->keeps_dot =
        sentence_ends(w, m + 2) ||
        (token_is_space(w, m + 2) && token_is_capitalized(w, m + 3) && !token_is_upper(w, m + 3));
    return m + 2;
}

static bool is_calendar_word(const struct words *w, size_t at)
{
    static const char *const names[] = {
        "Eastern",   "Central",   "Mountain", "Pacific",  "Greenwich", "Atlantic", "Monday",
        "Tuesday",   "Wednesday", "Thursday", "Friday",   "Saturday",  "Sunday",   "January",
        "February",  "March",     "April",    "May",      "June",      "July",     "August",
        "September", "October",   "November", "December",
    };

    return token_is_space(w, at) && token_is_one_of(w, at + 1, names, COUNT(names));
}

/* "3:30", "14:30:15", "5pm", "10 a.m." at at. A bare hour is none. */
static bool parse_clock(const struct words *w, size_t at, struct clock *c)
{
    *c = (struct clock){ .hour = token_value(w, at), .minute = -1, .second = -1, .end = at + 1 };
    if (token_kind(w, at) != TOKEN_DIGITS || token_length(w, at) > 2 || c->hour > 24)
        return false;
    bool has_minute = token_is(w, at + 1, ":") && token_length(w, at + 2) == 2 &&
                      token_value(w, at + 2) >= 0 && token_value(w, at + 2) < 60;
    if (token_is(w, at + 1, ":") && token_kind(w, at + 2) == TOKEN_DIGITS && !has_minute)
        return false;
    if (has_minute) {
        c->minute = token_value(w, at + 2);
        c->end = at + 3;
        if (token_is(w, at + 3, ":") && token_length(w, at + 4) == 2 &&
            token_value(w, at + 4) >= 0 && token_value(w, at + 4) < 60) {
            c->second = token_value(w, at + 4);
            c->end = at + 5;
        }
    }
    if (c->hour <= 12 || has_minute) {
        c->end = parse_half(w, c->end, c);
        if (c->keeps_dot && is_calendar_word(w, c->end))
            c->keeps_dot = false;
    }
    bool is_apart = !token_is_wordlike(w, c->end) ||
                    (token_is(w, c->end, "Z") && !token_is_wordlike(w, c->end + 1));
    return (has_minute || c->half) && is_apart &&
           !(token_is(w, c->end, ":") && token_kind(w, c->end + 1) == TOKEN_DIGITS);
}

static bool has_own_word(const struct words *w, size_t at)
{
    return token_is_space(w, at) &&
           (token_is_any_case(w, at + 1, "noon") || token_is_any_case(w, at + 1, "midnight") ||
            token_is_any_case(w, at + 1, "o") || token_is_any_case(w, at + 1, "hours"));
}

/* "00:01:23" is how long something has run. */
static void say_elapsed(struct words *w, const struct clock *c)
{
    if (c->minute > 0) {
        number_words(&w->reading, (uint64_t)c->minute);
        say(w, c->minute == 1 ? " minute" : " minutes");
    }
    if (c->minute == 0 || c->second > 0) {
        say(w, c->minute > 0 ? " and " : "");
        number_words(&w->reading, (uint64_t)c->second);
        say(w, c->second == 1 ? " second" : " seconds");
    }
}

static void say_clock(struct words *w, const struct clock *c)
{
    if (c->hour == 0 && c->second >= 0 && !c->half) {
        say_elapsed(w, c);
        return;
    }
    number_words(&w->reading, (uint64_t)c->hour);
    if (c->minute > 0) {
        say(w, c->minute < 10 ? " oh " : " ");
        number_words(&w->reading, (uint64_t)c->minute);
    } else if (c->minute == 0 && !c->half && c->second <= 0 && !has_own_word(w, c->end)) {
        say(w, c->hour >= 13 || c->hour == 0 ? " hundred" : " o'clock");
    }
    if (c->second > 0) {
        say(w, " and ");
        number_words(&w->reading, (uint64_t)c->second);
        say(w, c->second == 1 ? " second" : " seconds");
    }
    if (c->half) {
        say(w, " ");
        say(w, c->half);
    }
    if (c->keeps_dot)
        say(w, ".");
}

/* The start of what a dash joins to the clock that ends at end, or 0. */
static size_t range_start(const struct words *w, size_t end)
{
    size_t sep = token_skip_space(w, end);
    size_t start = sep + 1;

    if (!token_is_dash(w, sep))
        return 0;
    if (sep > end && !token_is_space(w, start))
        return 0;
    return sep > end ? start + 1 : start;
}

size_t rule_time(struct words *w, size_t at)
{
    struct clock first, last;

    bool is_iso = token_is(w, at - 1, "T") && token_kind(w, at - 2) == TOKEN_DIGITS;
    if ((token_is_wordlike(w, at - 1) && !is_iso) || token_is(w, at - 1, ":") ||
        !parse_clock(w, at, &first))
        return 0;
    size_t second = range_start(w, first.end);
    bool is_range = second && parse_clock(w, second, &last);
    if (is_range)
        first.keeps_dot = false;
    say_clock(w, &first);
    if (is_range) {
        say(w, " to ");
        say_clock(w, &last);
    }
    if (!is_range && token_is(w, first.end, "Z")) {
        say(w, " UTC");
        return first.end + 1;
    }
    return is_range ? last.end : first.end;
}

/* "9–11 a.m.": the first hour alone is no time, the second tells. */
size_t rule_clock_range(struct words *w, size_t at)
{
    struct clock last;
    size_t second = at + 2;

    if (token_is_wordlike(w, at - 1) || token_length(w, at) > 2 || !token_is_dash(w, at + 1) ||
        token_value(w, at) > 12 || !parse_clock(w, second, &last) || !last.half)
        return 0;
    say_cardinal(w, at, at + 1);
    say(w, " to ");
    say_clock(w, &last);
    return last.end;
}

static bool follows_book(const struct words *w, size_t at)
{
    static const char *const books[] = {
        "Genesis",       "Exodus",      "Leviticus",    "Deuteronomy", "Joshua",      "Judges",
        "Ruth",          "Samuel",      "Kings",        "Chronicles",  "Job",         "Psalm",
        "Psalms",        "Proverbs",    "Ecclesiastes", "Isaiah",      "Jeremiah",    "Ezekiel",
        "Daniel",        "Matthew",     "Mark",         "Luke",        "John",        "Acts",
        "Romans",        "Corinthians", "Galatians",    "Ephesians",   "Philippians", "Colossians",
        "Thessalonians", "Timothy",     "Titus",        "Hebrews",     "James",       "Peter",
        "Jude",          "Revelation",  "Quran",        "Surah",
    };

    return token_is_space(w, at - 1) && token_is_one_of(w, at - 2, books, COUNT(books));
}

/* "16:9", "2:1"; a verse of the Bible has no "to". */
size_t rule_ratio(struct words *w, size_t at)
{
    if (!token_is(w, at + 1, ":") || token_kind(w, at + 2) != TOKEN_DIGITS ||
        token_is_wordlike(w, at - 1) || token_is(w, at - 1, ":") || token_is_wordlike(w, at + 3) ||
        token_length(w, at) > 4 || token_length(w, at + 2) > 4 ||
        (token_is(w, at + 3, ":") && token_kind(w, at + 4) == TOKEN_DIGITS))
        return 0;
    bool has_verses = token_is_hyphen(w, at + 3) && token_kind(w, at + 4) == TOKEN_DIGITS;
    say_cardinal(w, at, at + 1);
    say(w, follows_book(w, at) || has_verses ? " " : " to ");
    say_cardinal(w, at + 2, at + 3);
    if (!has_verses)
        return at + 3;
    say(w, " to ");
    say_cardinal(w, at + 4, at + 5);
    return at + 5;
}
