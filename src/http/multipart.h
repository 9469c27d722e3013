#pragma once

/*
 * multipart/form-data (RFC 7578) read in pieces of any size, as they arrive.
 *
 * Why not libmicrohttpd's post-processor: tried against 0.9.75, it loses the name
 * of a part whose parameters are not quoted (what .NET's HttpClient sends) or whose
 * header has no blank after the colon, does not know filename*, cuts names at an
 * escaped quote, finds `name=` inside other values, and fails when content begins
 * like a boundary. It also needs a connection, so no test or fuzzer reaches it.
 *
 * A part's headers are limited to MULTIPART_HEADERS_MAX; how many parts there are
 * and how much they hold is counted by who gets them. One thread at a time.
 */

#include <stddef.h>

#include "base/err.h"

#define MULTIPART_HEADERS_MAX 8192 /* bytes of one part's headers */
#define MULTIPART_NAME_MAX 256     /* bytes */
#define MULTIPART_FILENAME_MAX 1024

/* Valid UTF-8 without control characters; lives for the call. */
struct multipart_part {
    const char *name;
    const char *filename;   /* base name; NULL for a plain field */
    const char *media_type; /* without parameters; NULL when not given */
};

/* Who gets the parts. False ends it all, with err set. */
struct multipart_sink {
    bool (*begin)(void *state, const struct multipart_part *part, struct err *err);
    bool (*data)(void *state, const void *bytes, size_t length, struct err *err);
    bool (*end)(void *state, struct err *err);
    void *state;
};

struct multipart;

/* NULL with ERR_INVALID when the content type has no usable boundary. */
struct multipart *multipart_create(const char *content_type, const struct multipart_sink *sink,
                                   struct err *err);

/* ERR_INVALID for what is no form, and the sink's own errors. After an error only destroy. */
bool multipart_push(struct multipart *multipart, const void *bytes, size_t length,
                    struct err *err) MUST_CHECK;

/* The body is over. ERR_INVALID when the form is not: it was cut off, or never was one. */
bool multipart_finish(const struct multipart *multipart, struct err *err) MUST_CHECK;

void multipart_destroy(struct multipart *multipart); /* accepts NULL */
