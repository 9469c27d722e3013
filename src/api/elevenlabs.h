#pragma once

/*
 * Speech as ElevenLabs' clients ask for it: their addresses, names and errors
 * before the same speech that /v1/audio/speech gives (speech.h). Nothing is
 * counted or charged: a character costs what it costs there only in the header
 * that clients add up.
 */

#include "api/elevenlabs_error.h"
#include "api/elevenlabs_listing.h"
#include "api/shape.h"
#include "http/response.h"

struct api;

/* Answers 422 with the mistakes, and returns true: the request has been answered. */
bool elevenlabs_refuse(struct response *response, const struct elevenlabs_mistakes *mistakes);

/* ERR_NOT_FOUND. */
bool elevenlabs_refuse_voice(const char *id, struct err *err);

/* The voice that a request with this voice_id and model_id (or NULL) is spoken by, under the name it
 * was asked for by. ERR_NOT_FOUND for those that are not there, and for blends. */
bool elevenlabs_voice_find(const struct api *api, struct arena *arena, const char *id,
                           const char *model, struct elevenlabs_voice *out, struct err *err);

extern const struct shape elevenlabs_price_shape;
extern const struct shape elevenlabs_subscription_shape;
extern const struct shape elevenlabs_user_shape;
extern const struct shape elevenlabs_voice_page_shape;

extern const struct route elevenlabs_speech_routes[4];
extern const struct route elevenlabs_voice_routes[4];
extern const struct route elevenlabs_account_routes[2];
