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

#include "api/speech_wish.h"
#include "http/request.h"
#include "http/response.h"
#include "studio/live_speech.h"

#define SPEECH_PCM_RATE_HZ 24000 /* what clients of /v1/audio/speech take bare samples for */

/* The whole answer: headers X-Parlando-Engine, -Model (where the engine has one), -Voice, and
 * X-History-Id when it is kept; then the audio. Nothing is sent before the first encoded audio
 * exists, so that a failure until then is an error like any other, its parameter the member of the
 * JSON body at fault ("input", "voice", "profile_id", …). */
bool speech_answer(struct request *request, struct response *response,
                   const struct speech_wish *wish, struct err *err) MUST_CHECK;

/* The same with a body of the caller's making: listener.begin is called once the headers are set, and
 * calls response_stream or keeps what it gets for later. Kept in the history is the encoded audio,
 * as the listener hears it; the entry is there when this returns. */
bool speech_speak(struct request *request, struct response *response,
                  const struct speech_wish *wish, const struct speech_listener *listener,
                  struct speech_outcome *outcome, struct err *err) MUST_CHECK;

extern const struct route speech_routes[1];
