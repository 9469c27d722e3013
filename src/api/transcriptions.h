#pragma once

/* POST /v1/audio/transcriptions and /v1/audio/translations, as OpenAI has them. */

#include "http/route.h"

extern const struct route transcription_routes[2];
