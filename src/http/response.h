#pragma once

/*
 * An answer being made. The status is 200 unless set. A response has one body;
 * setting another releases the first. HEAD, conditional requests and the headers
 * that follow from the rest (Content-Length, Date, X-Request-Id, …) are the
 * server's business. One thread at a time, as with the request.
 */

#include <stdint.h>

#include "base/err.h"
#include "base/json_writer.h"
#include "http/route.h"

struct response;

void response_status(struct response *response, int status);
void response_header(struct response *response, const char *name, const char *value);

/* Begins a JSON body; write one value. Its size is limited by the server (ERR_TOO_LARGE there). */
struct json_writer *response_json(struct response *response);

/* The body is a copy of these bytes. */
void response_bytes(struct response *response, const char *media_type, const void *bytes,
                    size_t length);

/* The body is these bytes, uncopied, which are as long-lived as the program. */
void response_constant(struct response *response, const char *media_type, const void *bytes,
                       size_t length);

/* The body that was set is in this content coding ("gzip", a literal). */
void response_coding(struct response *response, const char *coding);

/* Bytes shared by several answers and whoever made them; freed by the last. Any thread. */
struct shared_bytes;
struct shared_bytes *shared_bytes_create(const void *bytes, size_t length);
struct shared_bytes *shared_bytes_hold(struct shared_bytes *shared); /* returns it */
void shared_bytes_drop(struct shared_bytes *shared);                 /* accepts NULL */

/* The body is these bytes, uncopied; the response holds them. */
void response_shared(struct response *response, const char *media_type,
                     struct shared_bytes *shared);

/* An entity tag, quoted by us: a request that has it already gets 304 without a body. */
void response_etag(struct response *response, const char *tag);

/* A regular file below root (no link in relative leads out of it), of the media type that the name's
 * extension tells: ETag of size, time and inode,
 * Last-Modified, one or more ranges (RFC 9110, 206, 416). ERR_NOT_FOUND when there is none. The file
 * is held open: replacing or removing it does not disturb the answer. */
bool response_file(struct response *response, struct request *request, const char *root,
                   const char *relative, struct err *err);

/* The same for a quick handler: false, having done nothing, where opening the file might wait. */
bool response_file_cached(struct response *response, struct request *request, const char *root,
                          const char *relative);
