#pragma once

/*
 * The front end: text in, chunks out, each ready for one pass of a model.
 *
 *   input -> markup lifted -> normalised -> sentences -> phonemes -> ids -> chunks
 *
 * A planner works lazily, a sentence or two ahead of what was asked for, so that
 * the first chunk of a book costs no more than that of a sentence (but for
 * markup and normalisation, which are one linear pass over the whole).
 *
 * A planner belongs to one thread. libespeak-ng, which serves one caller at a
 * time, is locked inside text/espeak_ng.c.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "text/lexicon.h"
#include "text/vocab.h"

/* How eSpeak's IPA becomes a model's symbols. */
enum phoneme_scheme {
    PHONEMES_NONE,   /* the engine reads text itself (espeak) */
    PHONEMES_IPA,    /* eSpeak's IPA as it is, marks kept (Kokoro v0.19, Kitten) */
    PHONEMES_ESPEAK, /* kokoro.js's mapping for Kokoro v1.0 (TTS.md 3.2) */
    PHONEMES_MISAKI, /* misaki's shorthand for Kokoro v1.0 (TTS.md 3.3) */
    PHONEMES_PIPER,  /* IPA decomposed to NFD, a mark and a space after each clause */
};

const char *phoneme_scheme_name(enum phoneme_scheme scheme); /* "none", "ipa", "espeak", … */
bool phoneme_scheme_parse(const char *name, enum phoneme_scheme *out);

struct text_options {
    const char *language;     /* "en-us", "en-gb", "fr", …; borrowed */
    const char *espeak_voice; /* overrides the language's eSpeak voice, or NULL; borrowed */
    enum phoneme_scheme scheme;
    const struct vocab *vocab;     /* borrowed; NULL with PHONEMES_NONE */
    const struct lexicon *lexicon; /* borrowed, may be NULL */
    size_t max_tokens;             /* never more content ids in a chunk (510); with PHONEMES_NONE
                                     characters */
    size_t target_tokens;          /* short sentences are joined up to this */
    size_t first_tokens;           /* the first chunk is cut at a clause or sentence near this, for
                                     an early start; 0: as the others */
    bool keeps_sentences;          /* never two sentences in one chunk */
    bool is_normalized;            /* the text is a reading already: skip normalisation */
};

/* Why a chunk ends where it does: the weakest first. Decides the gap after it. */
enum chunk_end { CHUNK_END_SPACE, CHUNK_END_CLAUSE, CHUNK_END_SENTENCE, CHUNK_END_PARAGRAPH };

/* A spoken word: which part of the user's input it is, and which of the chunk's ids speak it. */
struct chunk_word {
    uint32_t input_start, input_end; /* byte offsets into the user's input */
    uint32_t id_start, id_count;     /* into chunk.ids; punctuation belongs to no word. With
                                        PHONEMES_NONE bytes of chunk.text */
};

/* Everything lives in the arena given to planner_next. */
struct chunk {
    const char *text;     /* the normalised reading, overridden words as written */
    const char *phonemes; /* "" with PHONEMES_NONE */
    const int32_t *ids;   /* content ids, without the model's pads; NULL when id_count is 0 */
    size_t id_count;
    const struct chunk_word *words;
    size_t word_count;
    uint32_t input_start, input_end; /* the whole chunk in the user's input */
    enum chunk_end end;
    char mark;             /* the last mark: . ? ! , ; : or 0 */
    double pause_before_s; /* asked for with [pause:…] or <break> */
    double pause_after_s;
    bool is_silent; /* nothing to speak: only its pauses count. Never give it to a model */
};

struct planner;

/* text need not outlive the call. ERR_INVALID for bad UTF-8, an unknown language or a wrong pause;
 * ERR_TOO_LARGE above TEXT_LIMIT. Empty text is no error: no chunk comes. */
struct planner *planner_create(const char *text, size_t length, const struct text_options *options,
                               struct err *err);
void planner_destroy(struct planner *planner); /* accepts NULL */

/* True with the next chunk in *out; false at the end (err->kind ERR_NONE) or on failure. */
bool planner_next(struct planner *planner, struct arena *arena, struct chunk *out, struct err *err);
