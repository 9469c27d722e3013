#pragma once

/*
 * Hearing a voice before it is chosen: a short text, spoken at once into a WAV
 * file in memory, as a recording of it would sound.
 *
 * At the turnstile it goes before bulk work, chunk by chunk, and the caller waits
 * for it. Callers are threads that others need too: AUDITIONS_MAX speak at a
 * time, and a further one is told to come back. Nobody sees that a client has left
 * while its answer is made, so what may be asked for is short. Any thread.
 */

#include "base/buf.h"
#include "base/turnstile.h"
#include "studio/engines.h"

#define AUDITIONS_MAX 2
#define AUDITION_CHARS_MAX 300
#define AUDITION_SECONDS_MAX                                                                       \
    60 /* 300 letters at half speed take 40; numbers are longer than they look */

struct auditions;

struct audition_options {
    struct engines *engines;
    struct turnstile *turnstile; /* NULL: none */
    const char *lexicon;         /* a file, or NULL */
    int niceness;                /* of what computes, as in nice(2) */
};

/* options are copied, what they point to is borrowed. */
struct auditions *auditions_create(const struct audition_options *options);
void auditions_destroy(struct auditions *auditions); /* accepts NULL; nobody may be speaking */

/* Ends those that speak, and whoever comes later, with ERR_CANCELLED. Returns at once. */
void auditions_stop(struct auditions *auditions); /* accepts NULL */

struct audition {
    const char *engine; /* "auto" or a name */
    const char *voice;  /* as engine_voice */
    const char *text;   /* at most AUDITION_CHARS_MAX characters; NULL: a sentence of ours in the
                         * voice's language */
    double speed;       /* ENGINE_SPEED_MIN to ENGINE_SPEED_MAX */
};

/* *wav becomes a 16-bit WAV file, the caller's to release, also on failure. ERR_BUSY when enough are
 * speaking; ERR_INVALID, naming "text" or "voice", for what cannot be spoken or takes over
 * AUDITION_SECONDS_MAX; ERR_UNAVAILABLE without the engine. */
bool auditions_speak(struct auditions *auditions, const struct audition *audition, struct buf *wav,
                     struct err *err) MUST_CHECK;
