#pragma once

/*
 * What somebody wants spoken: the members of OpenAI's body and ours, checked.
 *
 * What only other models could do (instructions) is accepted where it is
 * well-formed, and changes nothing; members we do not know are ignored, since
 * clients send more than the specification has. Pure; any thread.
 */

#include "audio/format.h"
#include "base/json.h"

#define SPEECH_INPUT_MAX 4096 /* characters, unless configured */
#define SPEECH_INPUT_LIMIT 1000000
#define SPEECH_INSTRUCTIONS_MAX 4096

/* From the configuration. */
struct speech_settings {
    int64_t input_max; /* characters */
    enum audio_format format;
};

enum speech_keep { SPEECH_KEEP_DEFAULT, SPEECH_KEEP_YES, SPEECH_KEEP_NO };

/* Strings are borrowed. NULL and 0 leave it to the profile, then to the program. */
struct speech_wish {
    const char *input;
    const char *model;      /* any of the names of studio/names.h */
    const char *engine;     /* "auto" or a name; it wins over what the model's name says */
    const char *voice;      /* any of the names of studio/names.h, an id or a blend */
    const char *language;   /* BCP 47 */
    const char *profile_id; /* "": none, not even the default one */
    double speed;
    bool has_format;
    enum audio_format format;
    int rate_hz, bitrate_kbps;
    bool is_sse; /* OpenAI's events instead of bare audio */
    enum speech_keep keep;
    int64_t input_max; /* characters; 0: the configured limit */
};

/* The formats of OpenAI's response_format: the common ones. */
bool speech_format_parse(const char *name, enum audio_format *out);

/* ERR_INVALID, naming the first member at fault. Whether input can be spoken is not looked at; the
 * texts are the body's. */
bool speech_wish_read(const json_t *body, struct speech_wish *out, struct err *err) MUST_CHECK;
