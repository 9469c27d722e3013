#pragma once

/*
 * Speech as the answer to a request: POST /v1/audio/speech, and what the other
 * ways of asking for it (ElevenLabs' face, a history entry spoken again) share
 * with it. Names are resolved, a profile fills what was left open, the audio is
 * sent as it is made and kept in the history when it ended well.
 *
 * For ROUTE_LONG handlers only: all of these wait for the speech, and stop when
 * the client leaves.
 */

#include "api/shape.h"
#include "http/request.h"
#include "http/response.h"
#include "studio/live_speech.h"

#define SPEECH_INPUT_MAX 4096 /* characters, unless configured */
#define SPEECH_INPUT_LIMIT 1000000
#define SPEECH_INSTRUCTIONS_MAX 4096
#define SPEECH_PCM_RATE_HZ 24000 /* what clients of /v1/audio/speech take bare samples for */

/* From the configuration. */
struct speech_settings {
    int64_t input_max; /* characters */
    enum audio_format format;
};

enum speech_keep { SPEECH_KEEP_DEFAULT, SPEECH_KEEP_YES, SPEECH_KEEP_NO };

/* What was asked for; strings are borrowed for the call. NULL and 0 leave it to the profile, then to
 * the program. */
struct speech_wish {
    const char *input;      /* checked here for its length */
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

/* The whole answer: headers X-Parlando-Engine, -Model, -Voice, and X-History-Id when it is kept; then
 * the audio. Nothing is sent before the first encoded audio exists, so that a failure until then is
 * an error like any other, with the JSON field at fault as its parameter. */
bool speech_answer(struct request *request, struct response *response,
                   const struct speech_wish *wish, struct err *err) MUST_CHECK;

/* The same with a body of the caller's making: listener.begin is called once the headers are set, and
 * calls response_stream or keeps what it gets for later. Kept in the history is the encoded audio,
 * as the listener hears it. outcome may be NULL. */
bool speech_speak(struct request *request, struct response *response,
                  const struct speech_wish *wish, const struct speech_listener *listener,
                  struct speech_outcome *outcome, struct err *err) MUST_CHECK;

extern const struct shape speech_body_shape;
extern const struct route speech_routes[1];
