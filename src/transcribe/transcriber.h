#pragma once

/*
 * Speech to text: a file in, segments with their words and times out. Silero VAD
 * finds the speech, Moonshine tiny (English) writes down what is said.
 *
 * Both models are loaded once, when first needed, and shared by all who listen;
 * transcriber_close_idle gives them back. The file is decoded, listened to and
 * written down piece by piece, so memory does not grow with its length. Several
 * files may be heard at once, each on the caller's thread and some of its own,
 * which hold a place of the turnstile, as urgent ones, for a fraction of a
 * second at a time.
 *
 * Any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/turnstile.h"

#define TRANSCRIBER_MODEL "moonshine-tiny" /* in the catalogue */
#define TRANSCRIBER_SECONDS_MAX                                                                    \
    (24.0 * 60 * 60) /* of a file, where the caller has no other limit */

struct transcriber;

struct transcriber_options {
    const char *models_dir;
    const char *onnxruntime;     /* ONNX Runtime's library, or NULL: see ort_open */
    int threads;                 /* that may compute for one file; 0: the machine's cores */
    struct turnstile *turnstile; /* or NULL: everyone computes at once */
    int niceness;                /* of those threads, as in nice(2); 0 leaves it */
    double idle_s;               /* transcriber_close_idle's limit; 0: never idle */
};

/* Borrows the strings and the turnstile until transcriber_destroy. Loads nothing. */
struct transcriber *transcriber_create(const struct transcriber_options *options);
void transcriber_destroy(struct transcriber *transcriber); /* accepts NULL; nobody may be hearing */

/* Are the models' files and ONNX Runtime there? ERR_UNAVAILABLE says what is missing and how to get it.
 * Loads no model. */
bool transcriber_can_hear(struct transcriber *transcriber, struct err *err);

/* Loads the models ahead of time, which takes a second or so; true at once when they are loaded. */
bool transcriber_load(struct transcriber *transcriber, struct err *err) MUST_CHECK;

/* Gives the models back; ERR_CONFLICT while somebody hears with them. */
bool transcriber_unload(struct transcriber *transcriber, struct err *err) MUST_CHECK;
bool transcriber_is_loaded(struct transcriber *transcriber);

/* Unloads models that nobody has used for idle_s; whoever has a clock calls it now and then. */
void transcriber_close_idle(struct transcriber *transcriber);

struct transcribe_options {
    const char *language; /* BCP 47 ("en", "en-GB") or an English name ("english"); NULL: any.
                           * ERR_UNSUPPORTED, parameter "language", for one the model does not know */
    double max_seconds;   /* longer files are ERR_TOO_LARGE; 0: TRANSCRIBER_SECONDS_MAX */
};

struct transcript_word {
    const char *text; /* with its punctuation, without spaces */
    double start_s, end_s;
};

/* A stretch of speech of 25 s at most, between rests. */
struct transcript_segment {
    int64_t id; /* from 0 */
    double start_s, end_s;
    const char *text; /* valid UTF-8, never empty */
    const struct transcript_word *words;
    size_t word_count;
    const int32_t *tokens; /* the model's */
    size_t token_count;
    double avg_logprob;    /* mean natural logarithm of the tokens' probabilities */
    double no_speech_prob; /* 0 to 1, by the voice activity found */
    double
        compression_ratio; /* the text's size by its size deflated; high where it repeats itself */
};

/* All on the thread that hears. */
struct transcript_sink {
    /* In the order of the file; the segment is borrowed for the call. false stops. */
    bool (*segment)(void *state, const struct transcript_segment *segment, struct err *err);
    void (*progress)(void *state, double fraction); /* 0 to 1; or NULL */
    void *state;
};

struct transcript_outcome {
    double seconds;          /* of the file */
    double work_s;           /* it took, without loading the models */
    const char *language;    /* "en"; static */
    const char *model;       /* TRANSCRIBER_MODEL */
    bool words_are_measured; /* false: words are spread over the speech of their segment */
};

/*
 * Hears a file of any kind decode.h reads. name stands for it in messages. Blocks; cancel (may be
 * NULL) ends it within a tenth of a second, while the models are being loaded once that is done. A
 * file without speech has no segments and is no error.
 *
 * ERR_UNSUPPORTED or ERR_CORRUPT for what is no audio or is broken: segments heard up to there have
 * been delivered. ERR_UNAVAILABLE as transcriber_can_hear.
 */
bool transcriber_hear_file(struct transcriber *transcriber, const char *path, const char *name,
                           const struct transcribe_options *options,
                           const struct transcript_sink *sink, struct cancel *cancel,
                           struct transcript_outcome *outcome, struct err *err) MUST_CHECK;
