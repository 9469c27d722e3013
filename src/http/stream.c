/*
 * The pipe between a producer and a connection: a ring of bytes under a lock.
 * The producer waits on a condition when it is full, the connection is paused
 * when it is empty, and each wakes the other.
 *
 * Locks: stream → cancel, and stream → what request_pause and request_resume take
 * inside. Nothing that holds those calls in here.
 */

#include "http/stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/http_internal.h"

#define CAPACITY (256 * 1024)

struct stream {
    atomic_int *count; /* the server's open streams */

    pthread_mutex_t lock;
    pthread_cond_t room;

    /* protected by lock */
    int references;
    struct request *request; /* NULL once the connection has let go */
    struct cancel *cancel;   /* NULL once the producer has */
    bool is_waiting;         /* the connection is paused, for bytes */
    bool is_ended, is_aborted;
    size_t begin, length; /* of what is in the ring */
    char bytes[CAPACITY];
};

/* Takes the lock, which is gone after it, and one reference. */
static void unlock_and_drop(struct stream *stream)
{
    bool is_last = --stream->references == 0;

    pthread_mutex_unlock(&stream->lock);
    if (!is_last)
        return;
    pthread_cond_destroy(&stream->room);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

/* ---- the connection's side ---- */

/* Under lock: up to size bytes out of the ring. */
static size_t pull(struct stream *stream, char *out, size_t size)
{
    size_t n = stream->length < size ? stream->length : size;
    size_t straight = CAPACITY - stream->begin < n ? CAPACITY - stream->begin : n;

    memcpy(out, stream->bytes + stream->begin, straight);
    memcpy(out + straight, stream->bytes, n - straight);
    stream->begin = (stream->begin + n) % CAPACITY;
    stream->length -= n;
    return n;
}

static ssize_t stream_read(void *state, uint64_t position, char *out, size_t size)
{
    struct stream *stream = state;
    ssize_t result;

    (void)position;
    pthread_mutex_lock(&stream->lock);
    if (stream->is_aborted) {
        result = BODY_CUT;
    } else if (stream->length > 0) {
        result = (ssize_t)pull(stream, out, size);
        pthread_cond_signal(&stream->room);
    } else if (stream->is_ended) {
        result = BODY_END;
    } else {
        stream->is_waiting = request_pause(stream->request);
        result = BODY_WAIT;
    }
    pthread_mutex_unlock(&stream->lock);
    return result;
}

static void stream_release(void *state)
{
    struct stream *stream = state;

    atomic_fetch_sub(stream->count, 1);
    pthread_mutex_lock(&stream->lock);
    stream->request = NULL;
    if (stream->cancel && !stream->is_ended && !stream->is_aborted)
        cancel_request(stream->cancel);
    pthread_cond_signal(&stream->room);
    unlock_and_drop(stream);
}

/* ---- the producer's side ---- */

struct stream *response_stream(struct response *response, const char *media_type,
                               struct cancel *cancel)
{
    static const struct body_reader reader = { .read = stream_read, .release = stream_release };
    struct stream *stream = xcalloc(1, sizeof *stream);

    stream->count = server_streams(response->request->server);
    atomic_fetch_add(stream->count, 1);
    pthread_mutex_init(&stream->lock, NULL);
    pthread_cond_init(&stream->room, NULL);
    stream->references = 2;
    stream->request = response->request;
    stream->cancel = cancel;
    response_set_reader(response, media_type, &reader, stream, BODY_LENGTH_UNKNOWN);
    return stream;
}

/* Under lock. */
static void wake_connection(struct stream *stream)
{
    if (stream->is_waiting && stream->request)
        request_resume(stream->request);
    stream->is_waiting = false;
}

static bool is_open(const struct stream *stream)
{
    return stream->request && !stream->is_ended && !stream->is_aborted;
}

/* Under lock: as many bytes as there is room for. */
static size_t put(struct stream *stream, const char *bytes, size_t length)
{
    size_t room = CAPACITY - stream->length;
    size_t n = length < room ? length : room;
    size_t end = (stream->begin + stream->length) % CAPACITY;
    size_t straight = CAPACITY - end < n ? CAPACITY - end : n;

    memcpy(stream->bytes + end, bytes, straight);
    memcpy(stream->bytes, bytes + straight, n - straight);
    stream->length += n;
    if (n > 0)
        wake_connection(stream);
    return n;
}

bool stream_push(struct stream *stream, const void *bytes, size_t length)
{
    const char *from = bytes;

    pthread_mutex_lock(&stream->lock);
    while (is_open(stream) && length > 0) {
        size_t n = put(stream, from, length);

        from += n;
        length -= n;
        if (length > 0)
            pthread_cond_wait(&stream->room, &stream->lock);
    }
    bool taken = is_open(stream);
    pthread_mutex_unlock(&stream->lock);
    return taken;
}

bool stream_try_push(struct stream *stream, const void *bytes, size_t length)
{
    pthread_mutex_lock(&stream->lock);
    bool fits = is_open(stream) && length <= CAPACITY - stream->length;
    if (fits)
        put(stream, bytes, length);
    pthread_mutex_unlock(&stream->lock);
    return fits;
}

void stream_end(struct stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->is_ended = true;
    wake_connection(stream);
    pthread_mutex_unlock(&stream->lock);
}

void stream_abort(struct stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->is_aborted = true;
    wake_connection(stream);
    pthread_mutex_unlock(&stream->lock);
}

void stream_drop(struct stream *stream)
{
    if (!stream)
        return;
    pthread_mutex_lock(&stream->lock);
    stream->cancel = NULL;
    if (!stream->is_ended) {
        stream->is_aborted = true;
        wake_connection(stream);
    }
    unlock_and_drop(stream);
}
