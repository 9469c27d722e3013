/*
 * Numbers that name and do not count: phones, ZIP codes, ISBNs, addresses of
 * machines, versions. Their digits are read one by one, a comma at each pause.
 */

#include <string.h>

#include "text/normalize_words.h"
#include "text/number_words.h"

#define LONGEST_GROUPS 12 /* of digits in one such number */

static bool is_group(const struct words *w, size_t at, size_t length)
{
    return token_kind(w, at) == TOKEN_DIGITS && token_length(w, at) == length;
}

static bool is_phone_mark(const struct words *w, size_t at)
{
    return token_is_hyphen(w, at) || token_is(w, at, ".") || token_is_space(w, at);
}

static void say_group(struct words *w, size_t at)
{
    if (w->reading.len > 0)
        say(w, ", ");
    say_digits(w, at, at + 1);
}

static bool ends_number(const struct words *w, size_t at)
{
    return !token_is_wordlike(w, at) &&
           !((token_is_hyphen(w, at) || token_is(w, at, ".") || token_is(w, at, "/")) &&
             token_kind(w, at + 1) == TOKEN_DIGITS);
}

/* "123-4567" or "1234": the groups left of a North American number. Returns the end, or 0. */
static size_t say_last_groups(struct words *w, size_t at)
{
    if (!is_group(w, at, 3) || !is_phone_mark(w, at + 1) || !is_group(w, at + 2, 4) ||
        !ends_number(w, at + 3))
        return 0;
    say_group(w, at);
    say_group(w, at + 2);
    return at + 3;
}

/* "(555) 123-4567" */
static size_t say_area_in_parentheses(struct words *w, size_t at)
{
    if (!is_group(w, at + 1, 3) || !token_is(w, at + 2, ")"))
        return 0;
    say_group(w, at + 1);
    size_t rest = at + 3;
    return say_last_groups(w, is_phone_mark(w, rest) ? rest + 1 : rest);
}

/* "+1 555-123-4567", "+44 20 7946 0958", "+49 (30) 901820". */
static size_t say_international(struct words *w, size_t at)
{
    size_t groups = 0, digits = 0, end = at + 1;
    size_t next = at + 1;

    while (groups < LONGEST_GROUPS) {
        size_t group = next + token_is(w, next, "(");
        if (token_kind(w, group) != TOKEN_DIGITS || token_length(w, group) > 12)
            break;
        digits += token_length(w, group);
        say_group(w, group);
        groups++;
        end = group + 1 + (group > next && token_is(w, group + 1, ")"));
        next = is_phone_mark(w, end) ? end + 1 : end;
        if (next == end && !token_is(w, next, "("))
            break;
    }
    return digits >= 8 && digits <= 15 && !token_is_wordlike(w, end) ? end : 0;
}

/* "020 7946 0958", "07700 900123". */
static size_t say_trunk_number(struct words *w, size_t at)
{
    size_t digits = token_length(w, at), end = at + 1;

    if (token_text(w, at)[0] != '0' || digits < 3 || digits > 5)
        return 0;
    say_group(w, at);
    while (token_is_space(w, end) && token_kind(w, end + 1) == TOKEN_DIGITS &&
           token_length(w, end + 1) >= 3 && token_length(w, end + 1) <= 7 && digits < 12) {
        digits += token_length(w, end + 1);
        say_group(w, end + 1);
        end += 2;
    }
    return digits >= 9 && digits <= 12 && ends_number(w, end) ? end : 0;
}

/* "1-800-FLOWERS" */
static size_t say_vanity_number(struct words *w, size_t at)
{
    if (!token_is(w, at, "1") || !token_is(w, at + 1, "-") || !is_group(w, at + 2, 3) ||
        !token_is(w, at + 3, "-") || !token_is_upper(w, at + 4))
        return 0;
    say_group(w, at);
    say_group(w, at + 2);
    say(w, ", ");
    say_tokens(w, at + 4, at + 5);
    return at + 5;
}

static size_t say_american(struct words *w, size_t at)
{
    size_t area = at;

    if (token_is(w, at, "1") && is_phone_mark(w, at + 1) &&
        (is_group(w, at + 2, 3) || token_is(w, at + 2, "("))) {
        say_group(w, at);
        area = at + 2;
    }
    if (token_is(w, area, "("))
        return say_area_in_parentheses(w, area);
    if (is_group(w, area, 3) && is_phone_mark(w, area + 1) && is_group(w, area + 2, 3)) {
        say_group(w, area);
        return say_last_groups(w, area + 2);
    }
    return area == at && token_is(w, at + 1, "-") ? say_last_groups(w, at) : 0;
}

size_t rule_phone(struct words *w, size_t at)
{
    size_t end;

    if (token_is_wordlike(w, at - 1) || token_is_hyphen(w, at - 1) ||
        (token_is(w, at - 1, ".") && token_kind(w, at - 2) == TOKEN_DIGITS))
        return 0;
    if (token_is(w, at, "+")) {
        end = say_international(w, at);
        if (!end)
            return 0;
        struct buf groups = w->reading;
        w->reading = BUF(groups.max);
        say(w, "plus ");
        buf_append(&w->reading, groups.data, groups.len);
        buf_release(&groups);
        return end;
    }
    if (token_is(w, at, "("))
        return say_area_in_parentheses(w, at);
    if (token_kind(w, at) != TOKEN_DIGITS)
        return 0;
    end = say_american(w, at);
    if (!end) {
        buf_clear(&w->reading);
        end = say_vanity_number(w, at);
    }
    if (!end) {
        buf_clear(&w->reading);
        end = say_trunk_number(w, at);
    }
    return end;
}

static bool follows_word(const struct words *w, size_t at, const char *word)
{
    for (size_t i = 1; i <= 5 && i <= at; i++) {
        if (token_is(w, at - i, word))
            return true;
        if (token_kind(w, at - i) == TOKEN_WORD || token_kind(w, at - i) == TOKEN_BREAK)
            return false;
    }
    return false;
}

/* "978-3-16-148410-0", "123-45-6789", "4111 1111 1111 1111", and "4-4-2", whose small groups are
 * numbers. */
size_t rule_grouped_digits(struct words *w, size_t at)
{
    bool is_isbn = follows_word(w, at, "ISBN");
    const char *mark = is_group(w, at, 4) && token_is_space(w, at + 1) ? " " : "-";
    size_t groups = 1, end = at + 1, digits = token_length(w, at), longest = digits;
    bool has_zero = token_text(w, at)[0] == '0' && digits > 1;

    if (token_is_wordlike(w, at - 1) || (token_is_hyphen(w, at - 1) && !is_isbn))
        return 0;
    while (token_is(w, end, mark) && token_kind(w, end + 1) == TOKEN_DIGITS &&
           groups < LONGEST_GROUPS && (mark[0] == '-' || is_group(w, end + 1, 4))) {
        size_t length = token_length(w, end + 1);
        digits += length;
        longest = length > longest ? length : longest;
        has_zero |= token_text(w, end + 1)[0] == '0' && length > 1;
        groups++;
        end += 2;
    }
    bool is_alone = groups == 1 && is_isbn && digits >= 9;
    if (!is_alone && (groups < 3 || (mark[0] == ' ' && groups != 4)))
        return 0;
    bool is_code = is_isbn || longest > 2 || has_zero;
    for (size_t i = at; i < end; i += 2) {
        if (is_code) {
            say_group(w, i);
        } else {
            say(w, i > at ? " " : "");
            say_cardinal(w, i, i + 1);
        }
    }
    bool has_check_letter = is_isbn && token_is(w, end, "-") && token_is(w, end + 1, "X");
    if (has_check_letter)
        say(w, ", X");
    return has_check_letter ? end + 2 : end;
}

size_t rule_zip(struct words *w, size_t at)
{
    static const char *const states[] = {
        "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "ID",
        "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO",
        "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA",
        "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
    };

    if (!is_group(w, at, 5) || !token_is_space(w, at - 1) || token_is_wordlike(w, at + 1) ||
        !(token_is_one_of(w, at - 2, states, COUNT(states)) || follows_word(w, at, "ZIP")))
        return 0;
    say_group(w, at);
    if (!token_is(w, at + 1, "-") || !is_group(w, at + 2, 4))
        return at + 1;
    say_group(w, at + 2);
    return at + 3;
}

/* "Dial 911", "PIN 4821", "call 5551234567". */
size_t rule_dialled(struct words *w, size_t at)
{
    static const char *const dialled[] = { "Dial", "dial", "Call", "call",     "Phone", "phone",
                                           "PIN",  "code", "Code", "passcode", "tel",   "Tel",
                                           "Text", "text", "fax",  "Fax" };
    size_t length = token_length(w, at);

    if (!token_is_space(w, at - 1) || (length != 3 && (length < 4 || length > 15)) ||
        !token_is_one_of(w, at - 2, dialled, COUNT(dialled)) || !ends_number(w, at + 1) ||
        (token_is(w, at + 1, ",") && token_kind(w, at + 2) == TOKEN_DIGITS))
        return 0;
    say_digits(w, at, at + 1);
    return at + 1;
}

/* "192.168.1.1", "10.0.0.0/8", "127.0.0.1:8100". */
size_t rule_ip(struct words *w, size_t at)
{
    size_t end = at + 7;

    for (size_t i = at; i <= at + 6; i += 2) {
        long value = token_value(w, i);
        if (value < 0 || value > 255 || token_length(w, i) > 3 ||
            (i < at + 6 && !token_is(w, i + 1, ".")))
            return 0;
        say(w, i > at ? " dot " : "");
        say_digits(w, i, i + 1);
    }
    if (token_is_wordlike(w, at - 1) || token_is_wordlike(w, end) ||
        (token_is(w, end, ".") && token_kind(w, end + 1) == TOKEN_DIGITS))
        return 0;
    if (token_kind(w, end + 1) != TOKEN_DIGITS)
        return end;
    if (token_is(w, end, ":")) {
        say(w, " colon ");
        say_digits(w, end + 1, end + 2);
        return end + 2;
    }
    if (token_is(w, end, "/")) {
        say(w, " slash ");
        say_cardinal(w, end + 1, end + 2);
        return end + 2;
    }
    return end;
}

static bool follows_version_word(const struct words *w, size_t at)
{
    static const char *const names[] = { "version", "Version", "release", "Release", "Python",
                                         "Node",    "Ubuntu",  "Debian",  "Java",    "Go",
                                         "Rust",    "macOS",   "Android", "iOS",     "PHP",
                                         "Kotlin",  "Swift",   "Ruby",    "Django",  "Postgres" };

    return (token_is_any_case(w, at - 1, "v") && !token_is_wordlike(w, at - 2)) ||
           (token_is_space(w, at - 1) && token_is_one_of(w, at - 2, names, COUNT(names)));
}

/* "2.0.1"; of two parts only where a word says that it is a version. */
size_t rule_version(struct words *w, size_t at)
{
    size_t end = at + 1, parts = 1;

    say(w, token_kind(w, at - 1) == TOKEN_WORD ? " " : "");
    say_cardinal(w, at, at + 1);
    while (token_is(w, end, ".") && token_kind(w, end + 1) == TOKEN_DIGITS) {
        say(w, " point ");
        say_cardinal(w, end + 1, end + 2);
        end += 2;
        parts++;
    }
    if (parts < 2 || (parts == 2 && !follows_version_word(w, at)))
        return 0;
    if (token_kind(w, end) == TOKEN_WORD)
        say(w, " ");
    return end;
}
