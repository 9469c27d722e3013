#pragma once

/* The voices of an engine, and hearing one before it is chosen. */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape voice_shape;      /* of a struct voice_info */
extern const struct shape voice_list_shape; /* of an engine's */
extern const struct shape audition_body_shape;

extern const struct route voice_routes[2];

#define VOICE_ID_MAX 200 /* characters; a blend of many parts fits */

/* Could it be a voice's id? Adds a mistake when not. Whether there is such a voice depends on the
 * engine and the models, which may come later; a blend with its brackets wrong never is one. */
void voice_id_check(const char *id, const char *field, struct field_errors *errors);
