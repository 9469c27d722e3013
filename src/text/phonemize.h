#pragma once

/*
 * A sentence to phonemes in a model's symbols, with the words kept apart.
 *
 * The text between two runs of punctuation goes to eSpeak as one section; the
 * marks are put back between the sections, since eSpeak drops them. Each spoken
 * word and each mark is a span, which knows its bytes in the sentence and in
 * the phoneme string; only spaces lie between spans.
 *
 * A phonemizer belongs to one thread. It remembers how words sound alone, which
 * is what tells them apart where eSpeak joins them.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "text/chunk.h"
#include "text/markup.h"

struct phoneme_span {
    uint32_t text_start, text_end; /* bytes of the sentence */
    uint32_t start, end;           /* bytes of phonemes.text */
    bool is_word;                  /* else a mark */
};

struct phonemes {
    struct buf text;
    struct phoneme_span *spans;
    size_t count, capacity;
};

void phonemes_init(struct phonemes *phonemes);
void phonemes_clear(struct phonemes *phonemes);
void phonemes_release(struct phonemes *phonemes);

struct phonemizer;

/* The strings and the markup are borrowed for its life; voice is one of espeak_ng.h. With
 * PHONEMES_NONE words stay as they are written. */
struct phonemizer *phonemizer_create(enum phoneme_scheme scheme, const char *language,
                                     const char *voice, const struct markup *markup);
void phonemizer_destroy(struct phonemizer *phonemizer); /* accepts NULL */

/* Replaces *out with the sentence's phonemes. */
bool phonemize(struct phonemizer *phonemizer, const char *text, size_t length, struct phonemes *out,
               struct err *err) MUST_CHECK;
