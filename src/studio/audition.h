#pragma once

/*
 * Hearing a voice before it is chosen: a short text, spoken at once into a WAV
 * file in memory, as a recording of it would sound.
 *
 * It has the places and rank of live speech. The whole is in memory, so what may
 * be asked for is short. Any thread.
 */

#include "base/buf.h"
#include "studio/live_speech.h"

#define AUDITION_CHARS_MAX 300
#define AUDITION_SECONDS_MAX                                                                       \
    60 /* 300 letters at half speed take 40; numbers are longer than they look */

struct audition {
    const char *engine; /* "auto" or a name */
    const char *voice;  /* as engine_voice */
    const char *text;   /* at most AUDITION_CHARS_MAX characters; NULL: a sentence of ours in the
                         * voice's language */
    double speed;       /* ENGINE_SPEED_MIN to ENGINE_SPEED_MAX */
};

/* *wav becomes a 16-bit WAV file, the caller's to release, also on failure. ERR_INVALID, naming "text"
 * or "voice", for what cannot be spoken or takes over AUDITION_SECONDS_MAX; ERR_UNAVAILABLE without
 * the engine; ERR_CANCELLED. */
bool audition_speak(const struct live_speech *live, const struct audition *audition,
                    struct cancel *cancel, struct buf *wav, struct err *err) MUST_CHECK;
