/*
 * The pipe between a long handler and its connection: a ring of bytes under a
 * lock. The handler waits on a condition when it is full, the connection is paused
 * when it is empty, and each wakes the other.
 *
 * Locks: the departures' → cancel → stream → what request_pause and request_resume
 * take inside.
 */

#include "http/stream.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/server_internal.h"

#define CAPACITY (256 * 1024)

struct stream {
    /* set once */
    struct request *request;
    struct cancel_waker waker; /* registered with the request's cancel until stream_finish */

    pthread_mutex_t lock;
    pthread_cond_t room;

    /* protected by lock */
    bool is_unread;  /* the connection has let go, or the cancel was requested */
    bool is_waiting; /* the connection is paused, for bytes */
    bool is_ended, is_cut;
    size_t begin, length; /* of what is in the ring */
    char bytes[CAPACITY];
};

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
    if (stream->is_cut) {
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

/* Nobody reads: the handler is not to wait any more. */
static void give_up(void *state)
{
    struct stream *stream = state;

    pthread_mutex_lock(&stream->lock);
    stream->is_unread = true;
    pthread_cond_signal(&stream->room);
    pthread_mutex_unlock(&stream->lock);
}

static void stream_release(void *state)
{
    struct stream *stream = state;

    atomic_fetch_sub(server_streams(stream->request->server), 1);
    give_up(stream);
}

/* ---- the handler's side ---- */

static struct stream *create(struct request *request)
{
    struct stream *stream = xcalloc(1, sizeof *stream);

    pthread_mutex_init(&stream->lock, NULL);
    pthread_cond_init(&stream->room, NULL);
    stream->request = request;
    stream->waker = (struct cancel_waker){ .wake = give_up, .what = stream };
    cancel_waker_begin(&request->cancel, &stream->waker);
    return stream;
}

struct stream *response_stream(struct response *response, const char *media_type)
{
    static const struct body_reader reader = { .read = stream_read, .release = stream_release };
    struct request *request = response->request;
    struct stream *stream;
    bool is_read;

    assert(request->is_long && !request->stream);
    stream = request->stream = create(request);
    atomic_fetch_add(server_streams(request->server), 1);
    response_set_reader(response, media_type, &reader, stream, BODY_LENGTH_UNKNOWN);
    answer_make(request);
    is_read = response->body.kind == BODY_READER && strcmp(request->method, "HEAD") != 0;
    atomic_fetch_add(&request->holders, 1);
    request_resume(request);
    if (!is_read)
        cancel_request(&request->cancel);
    return stream;
}

/* Under lock. */
static void wake_connection(struct stream *stream)
{
    if (stream->is_waiting)
        request_resume(stream->request);
    stream->is_waiting = false;
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
    while (!stream->is_unread && length > 0) {
        size_t n = put(stream, from, length);

        from += n;
        length -= n;
        if (length > 0 && !stream->is_unread)
            pthread_cond_wait(&stream->room, &stream->lock);
    }
    bool is_taken = !stream->is_unread;
    pthread_mutex_unlock(&stream->lock);
    return is_taken;
}

void stream_finish(struct stream *stream, bool is_whole)
{
    cancel_waker_end(&stream->request->cancel, &stream->waker);
    pthread_mutex_lock(&stream->lock);
    stream->is_ended = is_whole;
    stream->is_cut = !is_whole;
    wake_connection(stream);
    pthread_mutex_unlock(&stream->lock);
}

void stream_destroy(struct stream *stream)
{
    if (!stream)
        return;
    pthread_cond_destroy(&stream->room);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}
