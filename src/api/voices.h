#pragma once

/* The voices of an engine. */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape voice_shape;      /* of a struct voice_info */
extern const struct shape voice_list_shape; /* of an engine's */

extern const struct route voice_routes[1];
