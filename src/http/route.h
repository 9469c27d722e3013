#pragma once

/*
 * Routes as tables. A row is all that is known of one method on one path: who
 * answers, what may be sent, and what the documentation says; /openapi.json is
 * generated from the same rows.
 *
 * Paths are written with a trailing slash or without; requests may use either.
 * "{id}" stands for one segment, percent-decoded; "{path...}" as the last one
 * for all that is left. A literal segment is preferred to a parameter.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct request;
struct response;

enum route_flag {
    ROUTE_JSON = 1u << 0,     /* takes a JSON body, or none */
    ROUTE_UPLOAD = 1u << 1,   /* takes multipart/form-data or a raw body, streamed to disk */
    ROUTE_PUBLIC = 1u << 2,   /* answers without a key */
    ROUTE_UNLOGGED = 1u << 3, /* asked for all the time: logged at debug level only */
    ROUTE_READS = 1u << 4,    /* changes nothing that is kept, whatever its method */
    ROUTE_LONG = 1u << 5,     /* takes seconds or minutes: see below */
    ROUTE_LISTING = 1u << 6,  /* answers without a key where the server says so */
};

/*
 * A long handler runs on a thread of its own kind, so that no other request waits for it; some dozens
 * run at a time, more wait, and what is over that gets 429. It may ask request_cancel() whether anybody
 * still waits: a client that closes its connection, or its half of it, has left. It may answer while it
 * works (stream.h).
 */

/* Fills the response, or fails: then the face of the path writes the error. */
typedef bool route_handler(struct request *request, struct response *response, struct err *err);

/* Answers at once, or returns false having done nothing, and the handler is called instead. */
typedef bool route_quick(struct request *request, struct response *response);

/* What the documentation says of a query parameter. */
struct route_query {
    const char *name, *type, *about; /* type: "string", "integer", "boolean" */
};

struct route {
    const char *method; /* "GET" answers HEAD too */
    const char *path;
    route_handler *handle; /* on a request thread: may wait for the disk or the database; on a long
                            * one: for anything that request_cancel() ends */
    route_quick *quick;    /* on a server thread: memory and point reads only; or NULL */
    unsigned flags;
    size_t body_max; /* bytes; 0: the server's default for this kind of body */

    /* Documentation: read by api/openapi.c, ignored here. */
    const char *operation; /* "generateSegmentAudio", unique */
    const char *about;     /* one sentence */
    const char *takes;     /* schema of the JSON body, or NULL */
    const char *form;      /* schema of an upload's form; NULL: a file alone */
    const char *statuses;  /* "200 Project, 404 Detail": status and schema, the first is success */
    const struct route_query *query; /* ends with a row without a name; or NULL */
};

/* A table of routes; several make up a server's. */
struct route_table {
    const struct route *routes;
    size_t count;
};
