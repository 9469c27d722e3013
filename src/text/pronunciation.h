#pragma once

/*
 * How a word sounds alone, remembered: a text repeats its words. Belongs to one
 * thread; holds at most a few thousand words, then begins anew.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "text/chunk.h"

struct pronunciation;

struct pronunciations {
    enum phoneme_scheme scheme;
    const char *language, *voice; /* borrowed */
    struct pronunciation *slots;  /* hash; a NULL word is free */
    size_t count;
    struct arena arena; /* the strings */
    struct buf scratch;
};

void pronunciations_init(struct pronunciations *known, enum phoneme_scheme scheme,
                         const char *language, const char *voice);
void pronunciations_release(struct pronunciations *known);

/* The word's phonemes in the scheme's symbols, good until the next call; NULL on failure. */
const char *pronunciation_of(struct pronunciations *known, const char *word, size_t length,
                             struct err *err);
