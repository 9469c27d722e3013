/* Dates: in figures, with a month's name before the day and after it. */

#include <string.h>

#include "text/normalize_words.h"
#include "text/number_words.h"

static const struct month {
    const char *name, *short_name, *other_name;
} months[] = {
    { "January", "Jan", "Jan" }, { "February", "Feb", "Febr" }, { "March", "Mar", "Mar" },
    { "April", "Apr", "Apr" },   { "May", "May", "May" },       { "June", "Jun", "Jun" },
    { "July", "Jul", "Jul" },    { "August", "Aug", "Aug" },    { "September", "Sep", "Sept" },
    { "October", "Oct", "Oct" }, { "November", "Nov", "Nov" },  { "December", "Dec", "Dec" },
};

static void say_day(struct words *w, long day)
{
    number_words(&w->reading, (uint64_t)day);
    number_words_make_ordinal(&w->reading);
}

/* Two digits are of this century up to 49, of the last from 50 on. */
static void say_year(struct words *w, size_t at)
{
    long year = token_value(w, at);

    if (token_length(w, at) == 2)
        year += year < 50 ? 2000 : 1900;
    number_words_year(&w->reading, (unsigned)year);
}

static bool is_day(long value)
{
    return value >= 1 && value <= 31;
}

static bool is_month(long value)
{
    return value >= 1 && value <= 12;
}

static bool is_year_token(const struct words *w, size_t at)
{
    return token_length(w, at) == 4 && token_value(w, at) >= 1000;
}

static void say_date(struct words *w, long month, long day, size_t year)
{
    say(w, months[month - 1].name);
    say(w, " ");
    say_day(w, day);
    if (year) {
        say(w, ", ");
        say_year(w, year);
    }
}

/* "2024-03-14", "2024/03/14"; the time behind a "T" is the next rule's. */
size_t rule_iso_date(struct words *w, size_t at)
{
    long month = token_value(w, at + 2), day = token_value(w, at + 4);

    if (!is_year_token(w, at) || token_is_wordlike(w, at - 1) || !is_month(month) || !is_day(day) ||
        !(token_is_hyphen(w, at + 1) || token_is(w, at + 1, "/") || token_is(w, at + 1, ".")) ||
        !token_is(w, at + 3,
                  token_is(w, at + 1, "/")   ? "/"
                  : token_is(w, at + 1, ".") ? "."
                                             : "-") ||
        token_length(w, at + 2) > 2 || token_length(w, at + 4) > 2)
        return 0;
    say_date(w, month, day, at);
    if (token_is(w, at + 5, "T") && token_kind(w, at + 6) == TOKEN_DIGITS) {
        say(w, " at ");
        return at + 6;
    }
    return at + 5;
}

/* "on 3/14": a date without its year, which only such a word tells from a fraction. */
static bool follows_preposition(const struct words *w, size_t at)
{
    static const char *const prepositions[] = { "on",    "On",    "by",      "By",     "until",
                                                "since", "Since", "before",  "Before", "after",
                                                "After", "due",   "starting" };

    return token_is_space(w, at - 1) &&
           token_is_one_of(w, at - 2, prepositions, COUNT(prepositions));
}

/* "3/14/2024", "25/12/2023", "25.12.2023", "03-14-24". */
size_t rule_numeric_date(struct words *w, size_t at)
{
    long first = token_value(w, at), second = token_value(w, at + 2);
    bool has_slash = token_is(w, at + 1, "/"), has_dot = token_is(w, at + 1, ".");
    const char *mark = has_slash ? "/" : has_dot ? "." : "-";
    bool has_year = token_is(w, at + 3, mark) && token_kind(w, at + 4) == TOKEN_DIGITS;

    if (!token_is(w, at + 1, mark) || token_is_wordlike(w, at - 1) || token_is(w, at - 1, mark) ||
        token_length(w, at) > 2 || token_length(w, at + 2) > 2 || !is_day(first) || !is_day(second))
        return 0;
    size_t end = has_year ? at + 5 : at + 3;
    if (token_is_wordlike(w, end) ||
        (token_is(w, end, mark) && token_kind(w, end + 1) == TOKEN_DIGITS))
        return 0;
    if (has_year ? !(is_year_token(w, at + 4) || (has_slash && token_length(w, at + 4) == 2))
                 : !(has_slash && follows_preposition(w, at)))
        return 0;
    bool is_day_first = first > 12 || ((w->is_british || has_dot) && is_month(second));
    long month = is_day_first ? second : first, day = is_day_first ? first : second;
    if (!is_month(month))
        return 0;
    say_date(w, month, day, has_year ? at + 4 : 0);
    return end;
}

/* The month whose name is the word at at, 1-12 or 0; *end is the token after it and its dot. */
static int find_month(const struct words *w, size_t at, size_t *end)
{
    for (size_t i = 0; i < COUNT(months); i++) {
        bool is_full = token_is(w, at, months[i].name);
        if (!is_full && !token_is(w, at, months[i].short_name) &&
            !token_is(w, at, months[i].other_name))
            continue;
        *end = at + 1 + (!is_full && token_is(w, at + 1, "."));
        return (int)i + 1;
    }
    return 0;
}

/* The digits of a day at at, and the token after them and "st", "nd", …; 0 if it is no day. */
static size_t day_end(const struct words *w, size_t at)
{
    static const char *const suffixes[] = { "st", "nd", "rd", "th" };
    size_t end = at + 1;

    if (token_length(w, at) > 2 || !is_day(token_value(w, at)))
        return 0;
    if (token_is_one_of(w, end, suffixes, COUNT(suffixes)))
        end++;
    bool goes_on = token_is_wordlike(w, end) || token_is(w, end, "%") ||
                   token_is(w, end, "\u00B0") ||
                   ((token_is(w, end, ":") || token_is(w, end, ".") || token_is(w, end, ",") ||
                     token_is(w, end, "/")) &&
                    token_kind(w, end + 1) == TOKEN_DIGITS);
    return goes_on ? 0 : end;
}

/* ", 2021" or " 2021" at at. Returns the token after it, or at. */
static size_t say_following_year(struct words *w, size_t at)
{
    bool has_comma = token_is(w, at, ",");
    size_t year = at + has_comma + 1;

    if (!token_is_space(w, at + has_comma) || !is_year_token(w, year) ||
        token_is_wordlike(w, year + 1))
        return at;
    say(w, has_comma ? ", " : " ");
    say_year(w, year);
    return year + 1;
}

/* "March 5, 2021", "Sept. 8", "May 5–7", "Jan. 2020". */
size_t rule_month(struct words *w, size_t at)
{
    size_t month_end, end, last;
    int month = find_month(w, at, &month_end);

    if (!month || token_is_wordlike(w, at - 1))
        return 0;
    say(w, months[month - 1].name);
    bool has_dot = month_end > at + 1;
    size_t day = month_end + 1;
    bool is_followed = token_is_space(w, month_end) && token_kind(w, day) == TOKEN_DIGITS;
    if (has_dot && !is_followed) {
        say(w, sentence_ends(w, month_end) ? "." : "");
        return month_end;
    }
    if (!is_followed)
        return 0;
    if (is_year_token(w, day)) {
        say(w, " ");
        return day;
    }
    end = day_end(w, day);
    if (!end) {
        say(w, " ");
        return has_dot ? day : 0;
    }
    say(w, " ");
    say_day(w, token_value(w, day));
    if (token_is_dash(w, end) && (last = day_end(w, end + 1)) > 0 &&
        token_kind(w, end + 1) == TOKEN_DIGITS) {
        say(w, " to ");
        say_day(w, token_value(w, end + 1));
        end = last;
    }
    return say_following_year(w, end);
}

/* "5 March 2021", "5th of March", "5–7 March". */
size_t rule_day_month(struct words *w, size_t at)
{
    size_t end = day_end(w, at), last = 0, month_end;
    size_t day = at;

    if (!end || token_is_wordlike(w, at - 1) || token_is(w, at - 1, "."))
        return 0;
    if (token_is_dash(w, end) && token_kind(w, end + 1) == TOKEN_DIGITS)
        last = day_end(w, end + 1);
    int month = find_month(w, (last ? last : end) + 1, &month_end);
    if (!month || !token_is_space(w, last ? last : end) || token_is_wordlike(w, month_end))
        return 0;
    /* "5 May flowers": only dates have a month of three letters without more behind. */
    if (month == 5 && token_is_space(w, month_end) && token_is_lower(w, month_end + 1) &&
        end == day + 1 && !last && !follows_preposition(w, at))
        return 0;
    bool has_article = token_is_space(w, at - 1) && token_is_any_case(w, at - 2, "the");
    say(w, has_article ? "" : "the ");
    say_day(w, token_value(w, day));
    if (last) {
        say(w, " to the ");
        say_day(w, token_value(w, end + 1));
    }
    say(w, " of ");
    say(w, months[month - 1].name);
    return say_following_year(w, month_end);
}
