#pragma once

/*
 * A page's session where the server has a key: who sends the key once gets the
 * cookie that stands for it (http/session.h), so that <audio>, pictures and event
 * streams work too. Scripts cannot read the cookie, other sites do not send it.
 */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape session_body_shape;

extern const struct route session_routes[2];
