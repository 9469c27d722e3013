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

/* A part of the decoded path, and the pattern's name for it. */
struct route_param {
    const char *name; /* without braces, not terminated: the pattern's own text */
    size_t name_length;
    const char *value; /* in the path that was matched, terminated */
};

struct route_match {
    const struct route *route; /* NULL: not found, or (with allow) not with this method */
    const char *allow;         /* "GET, HEAD, OPTIONS" of this path; NULL: the path is unknown */
    bool is_head;              /* HEAD, answered by a GET route */
    struct route_param params[ROUTE_PARAMS_MAX];
    int param_count;
};

struct router;

/* Patterns and rows that contradict each other are bugs and assert. The tables are borrowed. */
struct router *router_create(const struct route_table *tables, size_t table_count);
void router_destroy(struct router *router); /* accepts NULL */

/*
 * Looks path up: percent-encoded, without query, beginning with '/'. Only reads it. Parameters'
 * values are decoded into scratch, which has at least 2 * strlen(path) + 2 bytes. False when the path has
 * a bad escape, %00, control characters or invalid UTF-8.
 */
bool router_match(const struct router *router, const char *method, const char *path, char *scratch,
                  struct route_match *out);
