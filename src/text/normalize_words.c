#include "text/normalize_words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>

#include "base/utf8.h"
#include "text/number_words.h"

/* A rule's reading of one thing; far more than any has, but for a run of digits. */
#define READING_LIMIT (8u * TEXT_LIMIT)

/* ---- the order of the rules ---- */

/* Of those that begin with such a token the first that applies wins, so the narrow stand before
 * the wide. */
static words_rule *const word_rules[] = {
    rule_address,      rule_month,      rule_initialism,  rule_title,
    rule_abbreviation, rule_money_code, rule_symbol_word, rule_roman,
};
static words_rule *const digit_rules[] = {
    rule_address,      rule_ip,         rule_iso_date,
    rule_numeric_date, rule_phone,      rule_grouped_digits,
    rule_idiom,        rule_time,       rule_ratio,
    rule_clock_range,  rule_zip,        rule_dialled,
    rule_version,      rule_day_month,  rule_ordinal,
    rule_plural,       rule_scientific, rule_money_after,
    rule_duration,     rule_feet,       rule_dimensions,
    rule_times,        rule_year_range, rule_quantity,
    rule_number,
};
static words_rule *const mark_rules[] = {
    rule_address, rule_phone, rule_money,       rule_elided_year, rule_vulgar,
    rule_decimal, rule_sign,  rule_number_mark, rule_emoticon,    rule_symbol,
};

/* ---- tokens ---- */

static enum token_kind kind_of(uint32_t c)
{
    if (c == ' ')
        return TOKEN_SPACE;
    if (c == '\n')
        return TOKEN_BREAK;
    if (is_ascii_digit(c))
        return TOKEN_DIGITS;
    if (is_ascii_letter(c))
        return TOKEN_WORD;
    if (c < 0x80)
        return TOKEN_MARK;
    if (is_private_use(c))
        return TOKEN_MARKER;
    /* Superscript letters (ª, º) are letters, the circled and the modifiers of tone are not. */
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M)
               ? TOKEN_WORD
               : TOKEN_MARK;
}

static bool is_run(enum token_kind kind)
{
    return kind == TOKEN_WORD || kind == TOKEN_DIGITS || kind == TOKEN_BREAK;
}

/* Fills tokens, when not NULL, and returns how many there are. */
static size_t tokenize(const struct origin_text *in, struct token *tokens)
{
    size_t count = 0;
    enum token_kind last = TOKEN_NONE;

    for (size_t at = 0; at < in->text.len;) {
        size_t start = at;
        enum token_kind kind = kind_of(utf8_next(in->text.data, in->text.len, &at));
        if (kind != last || !is_run(kind)) {
            if (tokens)
                tokens[count] = (struct token){ .start = (uint32_t)start, .kind = kind };
            count++;
        }
        if (tokens)
            tokens[count - 1].length = (at - tokens[count - 1].start) & 0xFFFFFFF;
        last = kind;
    }
    return count;
}

uint32_t token_code_point(const struct words *w, size_t at)
{
    size_t i = 0;

    return at < w->count ? utf8_next(token_text(w, at), token_length(w, at), &i) : 0;
}

bool token_is_any_case(const struct words *w, size_t at, const char *ascii)
{
    size_t length = strlen(ascii);

    return token_length(w, at) == length && (token_text(w, at)[0] | 0x20) == (ascii[0] | 0x20) &&
           strncasecmp(token_text(w, at), ascii, length) == 0;
}

bool token_is_one_of(const struct words *w, size_t at, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (token_is(w, at, list[i]))
            return true;
    }
    return false;
}

bool token_is_space(const struct words *w, size_t at)
{
    return token_kind(w, at) == TOKEN_SPACE;
}

size_t token_skip_space(const struct words *w, size_t at)
{
    return token_is_space(w, at) ? at + 1 : at;
}

bool token_is_capitalized(const struct words *w, size_t at)
{
    return token_kind(w, at) == TOKEN_WORD &&
           uc_is_general_category_withtable(token_code_point(w, at),
                                            UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lt);
}

bool token_is_upper(const struct words *w, size_t at)
{
    const char *text = token_text(w, at);

    if (token_kind(w, at) != TOKEN_WORD || token_length(w, at) > 64)
        return false;
    for (size_t i = 0; i < token_length(w, at); i++) {
        if (text[i] < 'A' || text[i] > 'Z')
            return false;
    }
    return true;
}

bool token_is_lower(const struct words *w, size_t at)
{
    return token_kind(w, at) == TOKEN_WORD && token_text(w, at)[0] >= 'a' &&
           token_text(w, at)[0] <= 'z';
}

bool token_is_wordlike(const struct words *w, size_t at)
{
    enum token_kind kind = token_kind(w, at);

    return kind == TOKEN_WORD || kind == TOKEN_DIGITS || kind == TOKEN_MARKER;
}

bool token_is_hyphen(const struct words *w, size_t at)
{
    return token_is(w, at, "-") || token_is(w, at, "\u2013");
}

bool token_is_dash(const struct words *w, size_t at)
{
    return token_is_hyphen(w, at) || token_is(w, at, "\u2014");
}

bool token_is_outer(const struct words *w, size_t at)
{
    enum token_kind kind = token_kind(w, at);

    return kind == TOKEN_NONE || kind == TOKEN_SPACE || kind == TOKEN_BREAK;
}

long token_value(const struct words *w, size_t at)
{
    long value = 0;

    if (token_kind(w, at) != TOKEN_DIGITS || token_length(w, at) > 9)
        return -1;
    for (size_t i = 0; i < token_length(w, at); i++)
        value = 10 * value + (token_text(w, at)[i] - '0');
    return value;
}

bool is_sentence_start(const struct words *w, size_t at)
{
    static const char *const starts[] = {
        "A",       "After",  "All",    "Also",    "An",    "And",       "Are",   "As",    "At",
        "Because", "Before", "But",    "By",      "Can",   "Could",     "Did",   "Do",    "Does",
        "Even",    "Every",  "For",    "From",    "Had",   "Has",       "Have",  "He",    "Her",
        "Here",    "His",    "How",    "However", "I",     "If",        "In",    "Is",    "It",
        "Its",     "Just",   "Later",  "Let",     "Many",  "Meanwhile", "My",    "Never", "No",
        "Nobody",  "Nor",    "Not",    "Nothing", "Now",   "Of",        "On",    "Once",  "One",
        "Only",    "Or",     "Our",    "Perhaps", "She",   "Since",     "So",    "Some",  "Soon",
        "Still",   "Such",   "That",   "The",     "Their", "Then",      "There", "These", "They",
        "This",    "Those",  "Though", "To",      "Today", "Was",       "We",    "Were",  "What",
        "When",    "Where",  "Which",  "While",   "Who",   "Why",       "Will",  "With",  "Would",
        "Yes",     "Yet",    "You",    "Your",
    };

    return token_is_one_of(w, at, starts, COUNT(starts));
}

bool sentence_ends(const struct words *w, size_t at)
{
    bool has_quote = token_is(w, at, "\"") || token_is(w, at, "'");

    if (has_quote)
        at++;
    if (token_kind(w, at) == TOKEN_NONE || token_kind(w, at) == TOKEN_BREAK)
        return true;
    if (!token_is_space(w, at))
        return false;
    at++;
    if (token_is(w, at, "\""))
        return token_is_capitalized(w, at + 1);
    return has_quote ? token_is_capitalized(w, at) : is_sentence_start(w, at);
}

/* ---- saying ---- */

void say(struct words *w, const char *text)
{
    const struct buf *reading = &w->reading;

    if (text[0] == ' ' && reading->len > 0 && reading->data[reading->len - 1] == ' ')
        text++;
    buf_append_str(&w->reading, text);
}

void unsay(struct words *w, size_t length)
{
    if (length >= w->reading.len)
        return;
    w->reading.len = length;
    w->reading.data[length] = '\0';
}

void say_tokens(struct words *w, size_t start, size_t end)
{
    for (size_t i = start; i < end && i < w->count; i++)
        buf_append(&w->reading, token_text(w, i), token_length(w, i));
}

/* The bytes of the tokens from start to end, which stand beside each other. */
static size_t bytes_between(const struct words *w, size_t start, size_t end)
{
    return (size_t)(token_text(w, end - 1) + token_length(w, end - 1) - token_text(w, start));
}

void say_cardinal(struct words *w, size_t start, size_t end)
{
    if (start < end)
        number_words_cardinal(&w->reading, token_text(w, start), bytes_between(w, start, end));
}

void say_digits(struct words *w, size_t start, size_t end)
{
    if (start < end)
        number_words_digits(&w->reading, token_text(w, start), bytes_between(w, start, end));
}

/* ---- the pass ---- */

static size_t run_rules(struct words *w, words_rule *const *rules, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++) {
        buf_clear(&w->reading);
        size_t end = rules[i](w, at);
        if (end > at)
            return end;
    }
    buf_clear(&w->reading);
    return 0;
}

static size_t run_rules_at(struct words *w, size_t at)
{
    switch (token_kind(w, at)) {
    case TOKEN_WORD:
        return run_rules(w, word_rules, COUNT(word_rules), at);
    case TOKEN_DIGITS:
        return run_rules(w, digit_rules, COUNT(digit_rules), at);
    case TOKEN_MARK:
        return run_rules(w, mark_rules, COUNT(mark_rules), at);
    case TOKEN_NONE:
    case TOKEN_SPACE:
    case TOKEN_BREAK:
    case TOKEN_MARKER:
        return 0;
    }
    return 0;
}

static bool ends_blank(const struct origin_text *out, size_t start)
{
    return out->text.len == start || out->text.data[out->text.len - 1] == ' ' ||
           out->text.data[out->text.len - 1] == '\n';
}

/* A reading brings its own spaces; two never meet. */
static void append_reading(struct words *w, struct origin_text *out, size_t start, size_t at)
{
    const char *text = w->reading.data;
    size_t length = w->reading.len;

    while (length > 0 && *text == ' ' && ends_blank(out, start)) {
        text++;
        length--;
    }
    if (length > 0)
        origin_append(out, text, length, w->in->origin[w->tokens[at].start]);
}

static void append_token(struct words *w, struct origin_text *out, size_t start, size_t at)
{
    bool is_break = token_kind(w, at) == TOKEN_BREAK;

    if (is_break) {
        while (out->text.len > start && out->text.data[out->text.len - 1] == ' ')
            origin_truncate(out, out->text.len - 1);
        w->in_quotes = false;
    }
    if (token_is(w, at, "\""))
        w->in_quotes = !w->in_quotes;
    if ((is_break || token_is_space(w, at)) && ends_blank(out, start))
        return;
    origin_append_copy(out, w->in, w->tokens[at].start, w->tokens[at].length);
}

static void append_words(struct words *w, struct origin_text *out)
{
    size_t start = out->text.len;

    for (size_t at = 0; at < w->count && !out->text.failed;) {
        size_t end = run_rules_at(w, at);
        if (w->reading.failed)
            out->text.failed = true;
        if (end) {
            append_reading(w, out, start, at);
            at = end;
        } else {
            append_token(w, out, start, at++);
        }
    }
    while (!out->text.failed && out->text.len > start && ends_blank(out, start))
        origin_truncate(out, out->text.len - 1);
}

void normalize_words(const struct origin_text *in, bool is_british, struct origin_text *out)
{
    size_t count = tokenize(in, NULL);
    struct token *tokens = try_alloc(count, sizeof *tokens);

    if (!tokens) {
        out->text.failed = true;
        return;
    }
    tokenize(in, tokens);
    struct words w = {
        .in = in,
        .tokens = tokens,
        .count = count,
        .is_british = is_british,
        .reading = BUF(READING_LIMIT),
    };
    append_words(&w, out);
    buf_release(&w.reading);
    free(tokens);
}
