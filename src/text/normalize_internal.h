#pragma once

/*
 * The passes of text/normalize.h. Each appends the whole of in to out, is linear
 * in its length and leaves a failure in out->text.failed.
 */

#include "text/origin.h"

#define ZERO_WIDTH_NON_JOINER 0x200C
#define ZERO_WIDTH_JOINER 0x200D

/* Characters: what the rest of the front end has to know of is few. Decodes HTML's entities too,
 * since &rsquo; is as good as the quote it names. */
void normalize_fold(const struct origin_text *in, struct origin_text *out);

/* HTML's tags go; those of blocks become newlines and Markdown. */
void normalize_html(const struct origin_text *in, struct origin_text *out);

/* Markdown's marks go. A newline of the output is a break that stays one. */
void normalize_marks(const struct origin_text *in, struct origin_text *out);

/* Runs: of spaces, newlines, dots, dashes, exclamation and question marks. */
void normalize_runs(const struct origin_text *in, struct origin_text *out);

/* English words. */
void normalize_words(const struct origin_text *in, bool is_british, struct origin_text *out);

static inline bool is_private_use(uint32_t code_point)
{
    return code_point >= 0xE000 && code_point <= 0xF8FF;
}

static inline bool is_ascii_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_ascii_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
