#pragma once

/*
 * A request as a handler sees it: complete, bounded and checked. Method, path
 * and headers passed the guard (guard.h), the body is there in full (in memory
 * for JSON, in files for uploads), text is valid UTF-8.
 *
 * Everything returned is borrowed and lives as long as the request. What a
 * handler makes for its answer goes into request_arena(), which goes with it.
 * One thread at a time.
 */

#include <stdint.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/json.h"
#include "http/route.h"

struct request;

void *request_context(const struct request *request); /* as given to the server */
struct arena *request_arena(struct request *request);
const char *request_id(const struct request *request); /* "req_" and hex, or the client's own */
const char *request_method(const struct request *request);
const char *request_path(const struct request *request); /* percent-decoded, with a leading slash */

/* Requested when nobody waits for the answer any more: the client has left, or the server ends. For a
 * handler of a ROUTE_LONG, until it returns; NULL, which is never requested, for all others. */
struct cancel *request_cancel(struct request *request);

/* The part of the path that stands for {name}; asking for one the route does not have is a bug. */
const char *request_path_param(const struct request *request, const char *name);

const char *request_query(const struct request *request, const char *name); /* decoded; or NULL */

/* The first query parameter, as sent, that the route's row does not know (struct route_query); NULL when
 * it knows all. For what must not be done where a filter is misspelt. */
const char *request_query_unknown(const struct request *request);

/* All values of a query parameter that stands there several times, decoded and in order. Returns how
 * many; *out is in the arena. */
size_t request_query_values(const struct request *request, const char *name, struct arena *arena,
                            const char ***out);
const char *request_header(const struct request *request, const char *name); /* any case; or NULL */

/* scheme and host the client used: "http://127.0.0.1:8100". */
const char *request_origin(struct request *request);

/* The raw body of a JSON route: NUL-terminated, length without it. "" when there is none. */
const char *request_body(const struct request *request, size_t *length);

/* The body of a JSON route, parsed once; an absent body is an empty object. NULL with ERR_INVALID for
 * bad JSON. Another content type was refused before the handler ran. */
json_t *request_json(struct request *request, struct err *err);

/* A file that came with the request, on disk until the request ends, unless taken. */
struct upload {
    const char *field;      /* form field; "" for a raw body */
    const char *filename;   /* base name as sent, any script, never a path; or NULL */
    const char *media_type; /* as sent, without parameters; or NULL. Not to be trusted */
    const char *path;       /* a file in the server's upload folder */
    uint64_t bytes;
};

/* The file of a form field, wherever it stood in the form. NULL name: the first file or the raw
 * body. NULL when there is none. */
const struct upload *request_upload(const struct request *request, const char *field);

/* A form's plain field, valid UTF-8; or NULL. Of several the first. */
const char *request_form(const struct request *request, const char *field);

/* All values of the plain fields called "field" or "field[]", as sent and in order. Returns how many;
 * *out is in the arena. */
size_t request_form_values(const struct request *request, const char *field, struct arena *arena,
                           const char ***out);

/* The same where a value may also be a list: an array of texts, as JSON or as Python writes it, or texts
 * with commas between, each without the blanks around it. Empty ones are left out. */
size_t request_form_list(const struct request *request, const char *field, struct arena *arena,
                         const char ***out);
