#pragma once

/*
 * A body that is made while it is sent, by the handler of a ROUTE_LONG: a bounded
 * pipe from its thread to the connection, chunked on the wire.
 *
 *     response_header(response, "X-Parlando-Voice", voice);
 *     stream = response_stream(response, "audio/mpeg");    // status and headers go out
 *     while (more)
 *         if (!stream_push(stream, bytes, length))         // waits while the client is behind
 *             return false;                                // nobody reads any more
 *     return true;                                         // the body is whole
 *
 * A handler that fails after response_stream cuts the connection, so that nobody
 * takes the body for whole (a client of HTTP/1.0 cannot tell); its error is logged.
 * The stream is the request's: nothing to release. The handler's thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "http/response.h"

struct stream;

/* Sends the status line and the headers set so far. Once for a response, which nobody may change after
 * it. */
struct stream *response_stream(struct response *response, const char *media_type);

/* Waits for room. False when nobody reads any more: the client has left, asked for the headers only
 * (HEAD), or the server ends. request_cancel() is requested then. */
bool stream_push(struct stream *stream, const void *bytes, size_t length);
