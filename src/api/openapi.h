#pragma once

/*
 * /openapi.json: OpenAPI 3.1 made of the route tables and the shapes, so that it
 * says what the program does. Rendered once, at the start.
 *
 * A row's statuses are pairs of a status and what is answered with it: a shape's
 * name ("Task"), a list of them ("Task[]"), one of the errors below (Detail,
 * FieldErrors, Error, OpenAiError), or a kind of content (File, Events, Page, Text).
 */

#include "base/buf.h"
#include "http/response.h"
#include "http/route.h"

#define OPENAPI_MAX ((size_t)4 << 20) /* bytes */

void openapi_write(struct buf *out, const struct route_table *tables, size_t count);

/* The same, the caller's to drop. */
struct shared_bytes *openapi_create(const struct route_table *tables, size_t count);

extern const struct route openapi_routes[1];
