/* Quantities: a number, or two, and what they count. */

#include <string.h>

#include "text/normalize_words.h"

/* "4k video": a picture's size, not a thousand. */
static bool is_resolution(const struct words *w, size_t at)
{
    static const char *const pictures[] = { "video", "videos", "resolution", "display", "monitor",
                                            "TV",    "screen", "camera",     "footage", "UHD" };

    return (token_is(w, at, "4") || token_is(w, at, "8")) && token_is_any_case(w, at + 1, "k") &&
           token_is_space(w, at + 2) && token_is_one_of(w, at + 3, pictures, COUNT(pictures));
}

/* "a 5 km walk": the unit is an attribute there. */
static bool follows_article(const struct words *w, size_t at)
{
    static const char *const articles[] = { "a", "an", "A", "An" };

    return token_is_space(w, at - 1) && token_is_one_of(w, at - 2, articles, COUNT(articles));
}

static size_t say_measured(struct words *w, size_t at, bool is_range_end)
{
    struct number n;

    if (!number_at(w, at, &n) || is_resolution(w, at))
        return 0;
    if (is_range_end)
        say(w, " to ");
    number_say(w, &n);
    bool is_singular = number_is_one(w, &n) || number_is_below_one(w, &n) || follows_article(w, at);
    return say_suffix(w, (struct quantity){ n.end, is_singular });
}

/* "5 km", "5–10%", "5km-10km", "10k". */
size_t rule_quantity(struct words *w, size_t at)
{
    struct number n;

    if (token_kind(w, at - 1) == TOKEN_WORD || token_kind(w, at - 1) == TOKEN_MARKER ||
        !number_at(w, at, &n) || !number_may_go_on(w, n.end))
        return 0;
    if (is_resolution(w, at)) {
        number_say(w, &n);
        say(w, " K");
        return at + 2;
    }
    size_t end = say_measured(w, at, false), said = w->reading.len, second;
    if (end) {
        if (!token_is_dash(w, end) || !(second = say_measured(w, end + 1, true))) {
            unsay(w, said);
            return end;
        }
        return second;
    }
    if (!token_is_dash(w, n.end))
        return 0;
    buf_clear(&w->reading);
    number_say(w, &n);
    return say_measured(w, n.end + 1, true);
}

/* "10' x 12'", "6' tall": the mark is no quote there. */
static bool is_side(const struct words *w, size_t start, size_t end)
{
    static const char *const beside[] = { "x", "by", "tall", "wide", "long", "high", "deep" };

    return (token_is_space(w, end) && token_is_one_of(w, end + 1, beside, COUNT(beside))) ||
           (token_is_space(w, start - 1) &&
            (token_is(w, start - 2, "x") || token_is(w, start - 2, "by")) &&
            token_is(w, start - 4, "'"));
}

/* 5'10" is feet and inches; 10" is inches where no quotation is open. */
size_t rule_feet(struct words *w, size_t at)
{
    struct number feet, inches;

    if (token_is_wordlike(w, at - 1) || !number_at(w, at, &feet) ||
        !strchr("\"'", token_text(w, feet.end)[0]) || token_kind(w, feet.end) == TOKEN_NONE)
        return 0;
    number_say(w, &feet);
    if (token_is(w, feet.end, "\"") && !w->in_quotes && !token_is_wordlike(w, feet.end + 1)) {
        bool is_singular = number_is_one(w, &feet) || follows_article(w, at);
        say(w, is_singular ? " inch" : " inches");
        return feet.end + 1;
    }
    if (!token_is(w, feet.end, "'"))
        return 0;
    say(w, number_is_one(w, &feet) ? " foot " : " feet ");
    if (is_side(w, at, feet.end + 1)) {
        unsay(w, w->reading.len - 1); /* the space */
        return feet.end + 1;
    }
    size_t second = token_skip_space(w, feet.end + 1);
    if (!number_at(w, second, &inches))
        return 0;
    bool has_mark = token_is(w, inches.end, "\"");
    if (!has_mark && (second > feet.end + 1 || token_is_wordlike(w, inches.end)))
        return 0;
    number_say(w, &inches);
    say(w, number_is_one(w, &inches) ? " inch" : " inches");
    return inches.end + has_mark;
}

/* "1h 30m", "2m30s": 'm' is minutes there. Any part alone is rule_quantity's. */
size_t rule_duration(struct words *w, size_t at)
{
    static const char *const letters[] = { "d", "h", "m", "s" };
    static const char *const names[] = { "day", "hour", "minute", "second" };
    size_t end = 0, parts = 0, i = at;

    if (token_is_wordlike(w, at - 1))
        return 0;
    for (size_t unit = 0; unit < COUNT(letters); unit++) {
        if (token_kind(w, i) != TOKEN_DIGITS || !token_is(w, i + 1, letters[unit]))
            continue;
        say(w, parts ? " " : "");
        say_cardinal(w, i, i + 1);
        say(w, " ");
        say(w, names[unit]);
        say(w, token_is(w, i, "1") ? "" : "s");
        parts++;
        end = i + 2;
        i = token_skip_space(w, end);
    }
    return parts >= 2 && !token_is_wordlike(w, end) ? end : 0;
}

static bool is_times_mark(const struct words *w, size_t at)
{
    return token_is(w, at, "x") || token_is(w, at, "X") || token_is(w, at, "\u00D7");
}

/* "2x4", "1920×1080", "3 x 5". */
size_t rule_dimensions(struct words *w, size_t at)
{
    struct number n;
    size_t end = 0;

    if (token_is_wordlike(w, at - 1) || !number_at(w, at, &n) || !number_may_go_on(w, n.end) ||
        (token_is(w, at, "0") && token_is(w, n.end, "x"))) /* "0x1F" */
        return 0;
    for (size_t i = at, sides = 0; sides < 4 && number_at(w, i, &n); sides++) {
        if (sides)
            say(w, " by ");
        number_say_plain(w, &n); /* "nineteen twenty by ten eighty" */
        size_t mark = token_skip_space(w, n.end);
        bool is_spaced_sign = mark > n.end && token_is(w, mark, "\u00D7");
        bool goes_on = is_times_mark(w, mark) && !is_spaced_sign &&
                       token_is_space(w, mark + 1) == (mark > n.end) &&
                       token_kind(w, token_skip_space(w, mark + 1)) == TOKEN_DIGITS;
        if (!goes_on) {
            end = sides ? n.end : 0;
            break;
        }
        i = token_skip_space(w, mark + 1);
    }
    if (!end)
        return 0;
    size_t with_unit = say_suffix(w, (struct quantity){ end, false });
    return with_unit ? with_unit : end;
}

/* "10x faster". */
size_t rule_times(struct words *w, size_t at)
{
    struct number n;

    if (token_is_wordlike(w, at - 1) || !number_at(w, at, &n) || !is_times_mark(w, n.end) ||
        token_is_wordlike(w, n.end + 1) || token_is_hyphen(w, n.end + 1))
        return 0;
    /* "2x + 1" */
    size_t next = token_skip_space(w, n.end + 1);
    if (next < w->count && strchr("+-=*/^", token_text(w, next)[0]))
        return 0;
    number_say(w, &n);
    say(w, number_is_one(w, &n) ? " time" : " times");
    return n.end + 1;
}
