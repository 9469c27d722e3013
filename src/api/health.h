#pragma once

/*
 * Is it alive, is it ready? /healthz answers from a server thread, whatever else
 * goes on; /readyz asks the store, the data folder and the queue, and is 503 while
 * one of them cannot do its work: it says which, and the log why. GET /api/ says
 * what this is.
 */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape health_shape, readiness_shape, check_shape, program_shape;

extern const struct route health_routes[3];
