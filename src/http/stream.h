#pragma once

/*
 * A body that is made while it is sent: a bounded pipe from a thread that
 * produces to the connection that takes, chunked on the wire.
 *
 *     struct stream *stream = response_stream(response, "audio/mpeg", cancel);
 *     … on any thread: …
 *     while (more) stream_push(stream, bytes, length);   // waits while the client is behind
 *     stream_end(stream);
 *     stream_drop(stream);
 *
 * Counted: response_stream gives the caller one reference, the connection has
 * its own. Thread-safe; one producer.
 */

#include <stddef.h>

#include "base/cancel.h"
#include "http/response.h"

struct stream;

/* cancel is requested when the client leaves or the server stops; may be NULL. It must live until
 * stream_drop. */
struct stream *response_stream(struct response *response, const char *media_type,
                               struct cancel *cancel);

/* Waits for room. False when nobody reads any more. */
bool stream_push(struct stream *stream, const void *bytes, size_t length);

/* The same without waiting: false too when there is no room, and then nothing was taken. */
bool stream_try_push(struct stream *stream, const void *bytes, size_t length);

void stream_end(struct stream *stream); /* complete */
void stream_abort(
    struct stream *stream); /* the connection is cut, so that nobody takes it for whole */
void stream_drop(struct stream *stream); /* accepts NULL; ends what was not ended, as aborted */
