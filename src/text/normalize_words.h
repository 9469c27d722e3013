#pragma once

/*
 * What the English rules share: the text as tokens, and the reading a rule makes.
 *
 * A rule looks at the tokens from `at` on (and at a few before), appends what is
 * to be said to w->reading and returns the index of the token after the last one
 * it read, or 0 when it does not apply; what it had said by then is forgotten.
 * Rules look a bounded number of tokens ahead, or as far as they then consume,
 * which is what keeps the whole linear.
 *
 * Every accessor accepts any index: outside of the text are tokens of no kind.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "text/normalize_internal.h"

enum token_kind {
    TOKEN_NONE,
    TOKEN_WORD,   /* letters and their marks */
    TOKEN_DIGITS, /* 0-9 */
    TOKEN_SPACE,
    TOKEN_BREAK,  /* "\n" or "\n\n" */
    TOKEN_MARK,   /* one other character */
    TOKEN_MARKER, /* one private-use character: a word no rule may touch */
};

struct token {
    uint32_t start;
    uint32_t length : 28;
    uint32_t kind : 4;
};

struct words {
    const struct origin_text *in; /* borrowed */
    const struct token *tokens;   /* borrowed */
    size_t count;
    bool is_british;
    bool in_quotes;     /* an odd number of '"' stands before in this paragraph */
    struct buf reading; /* of the rule that runs */
};

typedef size_t words_rule(struct words *w, size_t at);

/* ---- looking ---- */

/* The first few are inline since every rule asks them of every number. */
static inline enum token_kind token_kind(const struct words *w, size_t at)
{
    return at < w->count ? (enum token_kind)w->tokens[at].kind : TOKEN_NONE;
}

static inline const char *token_text(const struct words *w, size_t at)
{
    return at < w->count ? w->in->text.data + w->tokens[at].start : "";
}

static inline size_t token_length(const struct words *w, size_t at)
{
    return at < w->count ? w->tokens[at].length : 0;
}

/* text is not empty. */
static inline bool token_is(const struct words *w, size_t at, const char *text)
{
    const char *token = token_text(w, at);

    return token[0] == text[0] && token_length(w, at) == strlen(text) &&
           memcmp(token, text, token_length(w, at)) == 0;
}

uint32_t token_code_point(const struct words *w, size_t at); /* its first; 0 for none */

bool token_is_any_case(const struct words *w, size_t at, const char *ascii);
bool token_is_one_of(const struct words *w, size_t at, const char *const *list, size_t count);
bool token_is_space(const struct words *w, size_t at);
size_t token_skip_space(const struct words *w, size_t at);

bool token_is_capitalized(const struct words *w, size_t at); /* a word; its first letter is */
bool token_is_upper(const struct words *w, size_t at);       /* a word of capitals A-Z only */
bool token_is_lower(const struct words *w, size_t at);       /* a word that begins with a-z */
bool token_is_wordlike(const struct words *w, size_t at);    /* a word, digits or a marker */
bool token_is_hyphen(const struct words *w, size_t at);      /* - or an en dash */
bool token_is_dash(const struct words *w, size_t at);        /* these or an em dash */
bool token_is_outer(const struct words *w, size_t at);       /* nothing, a space or a break */

/* Digits only, at most 9 of them, else -1. */
long token_value(const struct words *w, size_t at);

/* Whether a sentence ends before at, the token after an abbreviation's dot: the paragraph ends, or
 * a word follows that begins sentences more often than it follows a name. */
bool sentence_ends(const struct words *w, size_t at);
bool is_sentence_start(const struct words *w, size_t at); /* a word such as "The" or "He" */

/* ---- saying ---- */

void say(struct words *w, const char *text); /* one space where two would meet */
void unsay(struct words *w, size_t length);  /* what was said after the first length bytes */
void say_tokens(struct words *w, size_t start, size_t end); /* as they are written */
void say_cardinal(struct words *w, size_t start, size_t end);
void say_digits(struct words *w, size_t start, size_t end);

/* ---- numbers: normalize_numbers.c ---- */

/* "1,234.5", ".5", "2 1/2", "1½", "3/4". */
struct number {
    size_t start, end;               /* tokens */
    size_t whole_end;                /* start when there is no whole part */
    size_t decimals;                 /* a token, or 0 */
    unsigned numerator, denominator; /* both 0 without a fraction */
    bool has_commas;
};

bool number_at(const struct words *w, size_t at, struct number *out);
void number_say(struct words *w, const struct number *n);
void number_say_plain(struct words *w, const struct number *n); /* as a year, where it may be one */
bool number_is_one(const struct words *w, const struct number *n);
bool number_is_whole(const struct number *n);
bool number_is_year(const struct words *w, const struct number *n);
/* Whether anything may stand at at that belongs to the number before: not so with most numbers, and
 * seen without a look at the tables. */
bool number_may_go_on(const struct words *w, size_t at);
bool number_is_vulgar(const struct words *w, size_t at); /* a character such as ½ */
bool number_is_glued(const struct words *w, size_t at);  /* to the word before: "MP3", "F-16" */
bool number_is_below_one(const struct words *w, const struct number *n);

/* "million" after a space or hyphen, or "k", "M", "bn" … glued: says it with a space in front and
 * returns the token after it, or at. A bare K, G and T mean a thousand and so on only of money. */
size_t say_scale(struct words *w, size_t at, bool is_money);

/* How the number that a unit follows was said, and where its unit may begin. */
struct quantity {
    size_t end;
    bool is_singular;
};

/* What may stand after a number: a scale, percent, degrees, a unit. Returns the token after it, or 0.
 */
size_t say_suffix(struct words *w, struct quantity q);

/* A rate after a quantity: "/month" is " per month". Returns the token after it, or at. */
size_t say_rate(struct words *w, size_t at);

/* ---- the rules, by family; normalize_words.c has their order ---- */

words_rule rule_address, rule_phone, rule_grouped_digits, rule_zip, rule_dialled, rule_ip,
    rule_version;                                                        /* addresses, digits */
words_rule rule_iso_date, rule_numeric_date, rule_day_month, rule_month; /* dates */
words_rule rule_time, rule_ratio, rule_clock_range;                      /* times */
words_rule rule_money, rule_money_code, rule_money_after;                /* money */
words_rule rule_quantity, rule_feet, rule_dimensions, rule_times, rule_duration; /* units */
words_rule rule_idiom, rule_ordinal, rule_plural, rule_scientific, rule_year_range, rule_number,
    rule_elided_year, rule_vulgar, rule_decimal, rule_sign, rule_number_mark; /* numbers */
words_rule rule_roman;                                                        /* roman */
words_rule rule_initialism, rule_abbreviation, rule_title;                    /* abbreviations */
words_rule rule_symbol, rule_symbol_word, rule_emoticon;                      /* symbols */
