#pragma once

/*
 * One operation of /openapi.json: a row of a route table, with what it takes and
 * what it answers. See openapi.h for what a row says.
 */

#include "base/json_writer.h"
#include "http/route.h"

/* The member of a path's object that is called after the route's method. */
void openapi_write_operation(struct json_writer *w, const struct route *route);
