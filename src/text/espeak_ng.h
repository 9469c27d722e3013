#pragma once

/*
 * libespeak-ng: text to phonemes, and text to speech. The library has one state
 * for the whole process and serves one caller at a time, so this file alone
 * includes its header, starts it on first use, and locks it for the length of
 * a call. Any thread may call any function; give it a sentence or a chunk at a
 * time, since the others wait.
 *
 * Where espeak-ng-data is missing, every function fails with ERR_UNAVAILABLE
 * and says how to get it.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"

#define ESPEAK_NG_RATE_HZ 22050 /* of all speech, mono */
#define ESPEAK_NG_WPM_NORMAL 175
#define ESPEAK_NG_WPM_MIN 80
#define ESPEAK_NG_WPM_MAX 450

/* Strings live as long as the process. */
struct espeak_ng_voice {
    const char *id;   /* "gmw/en-US": what `voice` parameters take, also with a variant: "+f3" */
    const char *name; /* "English (America)" */
    const char *language; /* "en-us" */
    const char *gender;   /* "female", "male" or "" */
};

/* Starts the library if needed: can it be used? */
bool espeak_ng_start(struct err *err) MUST_CHECK;

/* All voices, sorted by id; the array lives as long as the process. */
bool espeak_ng_voices(const struct espeak_ng_voice **voices, size_t *count,
                      struct err *err) MUST_CHECK;

/* The name libespeak-ng 1.51 knows for a language tag such as "en-gb", "fr-fr", "zh" or "de"; the
 * string lives as long as the process. NULL for an unknown one (ERR_INVALID). */
const char *espeak_ng_voice_for(const char *language, struct err *err);

/* Appends the IPA of text: clauses joined by a space, punctuation gone, language-switch flags such
 * as "(en)" removed. tie is put between the letters of one sound (U+0361, '^'), 0 for none. */
bool espeak_ng_phonemes(const char *voice, const char *text, uint32_t tie, struct buf *out,
                        struct err *err) MUST_CHECK;

struct espeak_ng_request {
    const char *text; /* UTF-8 */
    const char *voice;
    int rate_wpm; /* 80 to 450; 175 is natural */
    int pitch;    /* 0 to 99; 50 is the voice's own */
    int range;    /* 0 (monotone) to 99; 50 */
    int volume;   /* 0 to 200; 100 */
};

/* A word that begins to sound. */
struct espeak_ng_word {
    size_t start, end; /* byte offsets into the text */
    size_t frame;      /* from the beginning of the speech */
};

/* Takes about 50 ms of speech at a time, and the words that begin in it; both may be none. Runs
 * under the lock: copy and return. False stops the speech (the sink keeps the reason). */
typedef bool espeak_ng_sink(void *sink_data, const int16_t *samples, size_t count,
                            const struct espeak_ng_word *words, size_t word_count);

/* Speaks all of the text. cancel may be NULL; it is looked at between pieces. False with
 * ERR_CANCELLED after either cancel or a sink that returned false. */
bool espeak_ng_speak(const struct espeak_ng_request *request, espeak_ng_sink *sink, void *sink_data,
                     const struct cancel *cancel, struct err *err) MUST_CHECK;
