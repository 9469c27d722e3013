#pragma once

/* GlobalSettings: one resource for the whole installation. */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape settings_shape; /* of a struct settings */
extern const struct shape settings_body_shape, settings_patch_shape;

extern const struct route settings_routes[3];
