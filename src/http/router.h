#pragma once

/*
 * From a path to its route: the tables as a tree of segments, built once and
 * read by all threads.
 *
 * A literal segment is preferred to "{id}", and that to "{path...}", which takes
 * one segment or more. The preference looks at paths only: where a literal path
 * exists, another method on it is 405 and not the parameter's business.
 */

#include <stdbool.h>
#include <stddef.h>

#include "http/route.h"

#define ROUTE_PARAMS_MAX 8

/* A part of the path, decoded, and the pattern's name for it. */
struct route_param {
    const char *name; /* without braces, not terminated: the pattern's own text */
    size_t name_length;
    const char *value; /* in the scratch memory of the match */
};

struct route_match {
    const struct route *route; /* NULL: not found, or (with allow) not with this method */
    const char *allow;         /* "GET, HEAD, OPTIONS" of this path; NULL: the path is unknown */
    struct route_param params[ROUTE_PARAMS_MAX];
    size_t param_count;
};

struct router;

/* Patterns and rows that contradict each other are bugs and assert. The tables are borrowed. */
struct router *router_create(const struct route_table *tables, size_t table_count);
void router_destroy(struct router *router); /* accepts NULL */

/* Looks up a path that target_parse accepted: still percent-encoded, without a query. Segments are
 * decoded into scratch, which has room for as many bytes as path and its NUL, and must live as long
 * as the match. */
void router_match(const struct router *router, const char *method, const char *path, char *scratch,
                  struct route_match *out);
