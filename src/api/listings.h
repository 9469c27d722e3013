#pragma once

/*
 * What clients of OpenAI, Open WebUI, Kokoro's servers and ElevenLabs ask for
 * before they speak: models and voices, at the addresses and with the members
 * that each of them expects. All of it may be read without a key where the server
 * says so: some of these clients send none.
 */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape openai_model_shape;
extern const struct shape openai_model_list_shape;
extern const struct shape voice_listing_shape;
extern const struct shape audio_model_listing_shape;

extern const struct route listing_routes[5];
