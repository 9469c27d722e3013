#pragma once

/*
 * Cuts a reading into sentences: at . ! ? … and their counterparts in other
 * scripts, and at the normaliser's newlines. No sentence ends at a decimal
 * point, inside a short quotation or bracket, after a title or an initial, or
 * where the next word goes on in lower case.
 *
 * One pass, with look-aheads bounded by a constant; a sentence never exceeds
 * SENTENCE_MAX bytes, whatever the text. Works on valid UTF-8.
 */

#include <stdbool.h>
#include <stddef.h>

#define SENTENCE_MAX 2000

enum sentence_end {
    SENTENCE_END_CUT,       /* it was too long, or the text ends without a mark */
    SENTENCE_END_MARK,      /* . ! ? … */
    SENTENCE_END_LINE,      /* "\n" */
    SENTENCE_END_PARAGRAPH, /* "\n\n" */
};

struct sentence {
    size_t start, end; /* bytes, without the spaces around */
    enum sentence_end how;
};

/* Sets *out to the first sentence at or after from, and returns where to go on; 0 when only spaces
 * are left. */
size_t sentence_next(const char *text, size_t length, size_t from, struct sentence *out);
