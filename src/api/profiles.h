#pragma once

/* Profiles: a user's saved ways of speaking, one of which may be the default. */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape profile_shape; /* of a struct profile */
extern const struct shape profile_list_shape, profile_default_shape;
extern const struct shape profile_body_shape, profile_patch_shape;

extern const struct route profile_routes[8];
