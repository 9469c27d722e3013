#pragma once

/*
 * Text becomes finished speech: planned into chunks, spoken by one or more
 * threads on one engine, joined in order with gaps, handed to a sink as soon as
 * the next piece in order is there.
 *
 * A speaker holds an open engine, a voice and a lexicon. It is used by one
 * thread at a time; the threads it starts are its own, end with each call and
 * have the priority of the thread that makes it, or a lower one.
 *
 * Speakers of several texts may share an engine and take turns at a turnstile,
 * chunk by chunk.
 */

#include "audio/format.h"
#include "base/cancel.h"
#include "base/turnstile.h"
#include "engine/engine.h"

struct speaker_options {
    /* An open engine, borrowed for the speaker's life; then engine and model are not used, and of
     * engine_config only callers. NULL: the speaker opens one of its own and closes it. */
    struct engine *shared;

    /* Copied; its strings are borrowed for the speaker's life. */
    struct engine_config engine_config;

    const char *engine;  /* "auto" or a name */
    const char *model;   /* or NULL */
    const char *voice;   /* id, blend, or NULL for the default */
    const char *lexicon; /* a file, or NULL */
    double speed;        /* ENGINE_SPEED_MIN to ENGINE_SPEED_MAX */
    bool is_normalized;  /* the text is a reading already */

    /* Each chunk is computed in a place of this one; borrowed for the speaker's life. It bounds the
     * chunks computed at once by all who share it, and engine_config.callers is not used. NULL: no
     * bound. */
    struct turnstile *turnstile;
    bool is_urgent; /* at the turnstile */

    int niceness; /* of the threads that compute, on top of the calling thread's */
};

struct speaker;

/* How many chunks are best computed at once: two threads share a pass well, more do not, so further
 * cores speak further chunks. 1 to 4. */
int speech_places(const struct engine_config *config);

struct speaker *speaker_create(const struct speaker_options *options, struct err *err);
void speaker_destroy(struct speaker *speaker); /* accepts NULL */

struct engine *speaker_engine(struct speaker *speaker);
const struct voice_info *speaker_voice(const struct speaker *speaker);

/* Receives the speech in order, on the calling thread. A false return stops the work. */
struct speech_sink {
    bool (*audio)(void *state, const float *samples, size_t frames, struct err *err);
    void (*word)(void *state, const struct spoken_word *word); /* frames from the start; or NULL */
    void (*progress)(void *state, double fraction);            /* 0 to 1; or NULL */
    void *state;

    /* Where the engine gives no word times: are they spread over each chunk, by the length of what is
     * spoken? Else there are none. */
    bool estimates_words;

    /* Somebody is listening: a long first sentence is cut at a clause, so that the first sound
     * comes early. Left whole it is spoken better, which a file prefers. */
    bool is_live;
};

struct speech_report {
    size_t frames;
    int rate_hz;
    double seconds;       /* of audio */
    double work_s;        /* wall time from the call to the last sample */
    double first_audio_s; /* wall time to the first sample */
    size_t chunks;        /* spoken ones */
    size_t tokens;        /* that the model read in them; characters where it reads text itself */
    bool words_are_measured; /* by the engine, all of them */
};

/* mono samples at the engine's rate, not normalised. ERR_INVALID when there is nothing to speak. */
bool speaker_speak(struct speaker *speaker, const char *text, size_t length,
                   const struct speech_sink *sink, struct cancel *cancel,
                   struct speech_report *report, struct err *err) MUST_CHECK;

#define SPEECH_PEAK 0.8913 /* -1 dBFS: 10^(-1/20) */

/* The words of a recording, in order. */
struct word_list {
    struct spoken_word *words; /* owned */
    size_t count, capacity;
};

void word_list_release(struct word_list *list);

struct speech_file_options {
    enum audio_format format; /* AUDIO_WAV is 16-bit */
    double tail_s;            /* silence after the last sample, counted in the report; 0: none */
    double peak;              /* normalised to this amplitude as a whole; 0: as it is */
    void (*progress)(void *state, double fraction); /* 0 to 1; or NULL */
    void *state;
};

/* The same into a file that appears when it is complete. Memory does not grow with the length:
 * the samples wait in an unlinked temporary file beside it until the peak is known. words may be
 * NULL. */
bool speaker_speak_to_file(struct speaker *speaker, const char *text, size_t length,
                           const char *path, const struct speech_file_options *options,
                           struct word_list *words, struct cancel *cancel,
                           struct speech_report *report, struct err *err) MUST_CHECK;
