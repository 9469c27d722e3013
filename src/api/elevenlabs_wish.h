#pragma once

/*
 * What a client of ElevenLabs' wants spoken: their body and output_format,
 * checked. What only their models could do (stability, style, a seed, the texts
 * before and after) is accepted where it is well-formed, and changes nothing.
 * Pure; any thread.
 */

#include "api/elevenlabs_error.h"
#include "audio/format.h"
#include "base/json.h"

#define ELEVENLABS_FORMAT_DEFAULT "mp3_44100_128"

struct elevenlabs_wish {
    const char *text;             /* borrowed from the body, as all texts; never blank */
    const char *model, *language; /* NULL: not said */
    double speed;                 /* 1 when not said */
    enum audio_format format;
    int rate_hz, bitrate_kbps; /* bitrate_kbps: 0 where the format has none */
};

/* output_format may be NULL. Look at mistakes->count; the wish is whole when it is 0. */
void elevenlabs_wish_read(const json_t *body, const char *output_format,
                          struct elevenlabs_wish *out, struct elevenlabs_mistakes *mistakes);
