#pragma once

/*
 * Speech for somebody who listens while it is made: spoken at once, encoded as
 * it comes by one encoder, handed on piece by piece.
 *
 * At the turnstile it goes before bulk work, chunk by chunk; any number of
 * threads may speak, and take turns. The threads that compute are the speaker's
 * (speech.h); the listener is called on the calling thread.
 *
 * What is not known to the end cannot be brought to one level as a recording
 * is: samples are passed on as the engine gives them, and those that would go
 * beyond full scale are rounded off (audio/limit.h).
 */

#include <stdint.h>

#include "audio/format.h"
#include "base/cancel.h"
#include "base/turnstile.h"
#include "studio/engines.h"

#define LIVE_SPEED_MIN 0.25
#define LIVE_SPEED_MAX 4.0

struct live_speech;

struct live_speech_options {
    struct engines *engines;
    struct turnstile *turnstile; /* NULL: none */
    const char *lexicon;         /* a file, or NULL */
    int niceness;                /* of what computes, as in nice(2) */
};

/* options are copied, what they point to is borrowed. */
struct live_speech *live_speech_create(const struct live_speech_options *options);
void live_speech_destroy(struct live_speech *live); /* accepts NULL; nobody may be speaking */

/* For what speaks beside it in the same way. */
const struct live_speech_options *live_speech_options(const struct live_speech *live);

/* Strings are borrowed for the call. */
struct speech_order {
    const char *text; /* with the markup of text/markup.h */
    size_t length;
    const char *engine, *model; /* "auto" or a name; catalogue id or NULL */
    const char *voice;          /* id, blend, or NULL: the language's or the engine's default */
    const char *language;       /* BCP 47, or NULL: the voice's own. Chooses the voice where none is
                                   named, and always with espeak, whose voices are languages */
    bool keeps_engine;        /* engine or model were asked for: no other speaks for its language */
    double speed;             /* LIVE_SPEED_MIN to LIVE_SPEED_MAX; what the engine cannot do by
                                   itself is done to its sound (audio/tempo.h), pauses included */
    enum audio_format format; /* any that can be streamed */
    int rate_hz, bitrate_kbps; /* of what is encoded; 0: the engine's, the format's default */
};

/* What has spoken: all valid for the call. */
struct spoken_by {
    const char *engine, *model, *voice; /* model: "" for espeak */
    enum audio_format format;
    int rate_hz; /* of what is encoded */
};

struct timed_word {
    uint32_t input_start, input_end; /* bytes of the text */
    double start_s, end_s;           /* in what is heard */
};

/* Called on the calling thread. A false return stops the work, with the error it gives. */
struct speech_listener {
    /* Once, when the first encoded audio exists: until then nothing was promised to anybody. */
    bool (*begin)(void *state, const struct spoken_by *by, struct err *err);
    bool (*audio)(void *state, const void *bytes, size_t length, struct err *err);
    void (*word)(void *state,
                 const struct timed_word *word); /* in order, after its audio; or NULL */
    void *state;
};

struct speech_outcome {
    double seconds;          /* of audio */
    double work_s;           /* from the call to the last byte */
    double first_audio_s;    /* from the call to begin */
    bool words_are_measured; /* by the engine; else spread over each chunk by their length */
    int64_t input_tokens;    /* that the voice model read; characters with espeak */
    int64_t output_tokens;   /* LIVE_TOKENS_PER_S of audio */
};

/* Audio has no tokens here; this many a second is about what clients know from the cloud. */
#define LIVE_TOKENS_PER_S 20

/* Loads the engine if need be, speaks, and returns when all was handed on. ERR_INVALID, with the
 * order's field as parameter ("text", "voice", "speed", "language", …), for what cannot be spoken;
 * ERR_UNAVAILABLE without the engine; ERR_CANCELLED. *outcome is whole only on success. */
bool live_speech_speak(struct live_speech *live, const struct speech_order *order,
                       const struct speech_listener *listener, struct cancel *cancel,
                       struct speech_outcome *outcome, struct err *err) MUST_CHECK;
