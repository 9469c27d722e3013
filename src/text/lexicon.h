#pragma once

/*
 * A user's own pronunciations: a UTF-8 file of lines
 *
 *     word <tab> replacement
 *
 * where the replacement is /IPA/ or other words ("SQL<tab>sequel"). '#' begins
 * a comment line. A word matches whole words without regard to case, unless it
 * has a capital letter itself. Immutable once open; any thread may read.
 */

#include <stddef.h>

#include "base/err.h"

struct lexicon;

struct lexicon_entry {
    const char *word;
    const char *replacement; /* without the slashes */
    bool is_phonemes;
};

/* NULL on failure; a bad line is named by number. */
struct lexicon *lexicon_open(const char *path, struct err *err);
void lexicon_close(struct lexicon *lexicon); /* accepts NULL */

/* The entry for this word, or NULL. */
const struct lexicon_entry *lexicon_find(const struct lexicon *lexicon, const char *word,
                                         size_t length);
