/*
 * Event streams. A client is a connection with at most one state waiting to be
 * sent. When its topic changes it becomes dirty; once what it has to send is
 * gone, a request thread renders the topic again. So the changes in between
 * become one, and a client costs one state of memory however slow it is.
 *
 *     notify → dirty → (nothing to send) → rendering on a request thread → to send
 *            → the connection is resumed and takes it → paused, or dirty again
 *
 * A topic that changes all the time has an interval: a client that is dirty again
 * too soon stays so, and the heart's thread comes back to it.
 *
 * The connection may go while a request thread renders for it: whoever is last,
 * release or the rendering, frees the client. All are on one list, also those
 * gone, so that none is lost when the request threads stop with work queued.
 *
 * Locks: events → what request_pause, request_resume and request_pool_push_admitted take
 * inside. Rendering is done without.
 */

#include "http/events.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "http/http_internal.h"

#define STATE_MAX (4 * 1024 * 1024) /* bytes of one topic's JSON */
#define OUT_MAX (STATE_MAX + 1024)  /* with what stands around it */

/* How long a browser waits before it comes back. */
#define RETRY "retry: 2000\n\n"
#define HEARTBEAT ":\n\n"
#define FAREWELL ": the server stops\n\n"

struct client {
    struct request_pool_work work; /* first; queued or running while is_rendering */

    /* set once */
    struct events *events;
    struct event_source source;
    char *topic; /* owned */

    /* protected by the events' lock */
    struct request *request; /* NULL once the connection has let go */
    struct buf out;          /* whole messages */
    size_t sent;             /* of out */
    uint64_t version;        /* of the last state in out */
    bool has_version;
    bool is_dirty, is_rendering;
    bool is_waiting; /* the connection is paused, for something to send */
    bool is_last;    /* what is in out is all */
    double due_s;    /* not rendered again before */
    struct client *next, *previous;
};

struct events {
    struct server *server; /* set once */
    pthread_t heart;       /* set once */

    pthread_mutex_t lock;
    pthread_cond_t stir; /* due_s is earlier, or is_stopped */

    /* protected by lock */
    struct client *clients; /* those gone but still rendering too */
    int open_count;         /* without those */
    double due_s;           /* of the dirty client that is due first; INFINITY: none */
    bool is_draining, is_stopped;
};

/* ---- a client; all under lock ---- */

static struct client *add_client(struct events *events, const char *topic,
                                 const struct event_source *source, struct request *request)
{
    struct client *client = xcalloc(1, sizeof *client);

    client->events = events;
    client->source = *source;
    client->topic = xstrdup(topic);
    client->request = request;
    client->out.max = OUT_MAX;
    client->next = events->clients;
    if (client->next)
        client->next->previous = client;
    events->clients = client;
    events->open_count++;
    atomic_fetch_add(server_streams(events->server), 1);
    return client;
}

static void free_client(struct client *client)
{
    if (client->previous)
        client->previous->next = client->next;
    else
        client->events->clients = client->next;
    if (client->next)
        client->next->previous = client->previous;
    buf_release(&client->out);
    free(client->topic);
    free(client);
}

/* Nobody reads any more. */
static void let_go(struct client *client)
{
    client->request = NULL;
    client->events->open_count--;
    atomic_fetch_sub(server_streams(client->events->server), 1);
    if (!client->is_rendering)
        free_client(client);
}

static void wake(struct client *client)
{
    if (client->is_waiting && client->request)
        request_resume(client->request);
    client->is_waiting = false;
}

/* The heart comes back to a client when it is due. */
static void put_off(struct client *client)
{
    struct events *events = client->events;

    if (client->due_s >= events->due_s)
        return;
    events->due_s = client->due_s;
    pthread_cond_signal(&events->stir);
}

/* Has a dirty client rendered when it has nothing left to send, now or once it is due. */
static void render_if_due(struct client *client)
{
    double now = clock_seconds();

    if (!client->is_dirty || client->is_rendering || client->is_last || client->out.len > 0)
        return;
    if (now < client->due_s) {
        put_off(client);
        return;
    }
    client->due_s = now + client->source.interval_s;
    client->is_dirty = false;
    client->is_rendering =
        request_pool_push_admitted(server_pool(client->events->server), &client->work);
}

/* Ends it with a comment, so that the client comes back to the next process. */
static void farewell(struct client *client)
{
    if (client->is_last)
        return;
    buf_append_str(&client->out, FAREWELL);
    client->is_last = true;
    wake(client);
}

/* Appends a state as a message, unless there is none or the client has that version. */
static void append_state(struct client *client, const struct buf *state, uint64_t version)
{
    if (state->len == 0 || (client->has_version && client->version == version))
        return;
    buf_format(&client->out, "id: %" PRIu64 "\ndata: ", version);
    buf_append(&client->out, state->data, state->len);
    buf_append_str(&client->out, "\n\n");
    client->version = version;
    client->has_version = true;
}

/* ---- rendering; without lock ---- */

static bool render(const struct client *client, struct buf *state, uint64_t *version, bool *is_last)
{
    struct err err;

    *version = 0;
    *is_last = false;
    if (!client->source.render(client->source.context, client->topic, state, version, is_last))
        return false;
    if (buf_ok(state, "state of an event stream", &err))
        return true;
    log_error("http", "%s The stream of %s ends.", err.message, client->topic);
    return false;
}

/* On a request thread. */
static void run_rendering(struct request_pool_work *work)
{
    struct client *client = (struct client *)work;
    struct events *events = client->events;
    struct buf state = BUF(STATE_MAX);
    uint64_t version;
    bool is_last;

    bool is_there = render(client, &state, &version, &is_last);
    pthread_mutex_lock(&events->lock);
    client->is_rendering = false;
    if (!client->request) {
        free_client(client);
    } else if (!client->is_last) { /* else it was drained meanwhile */
        if (is_there)
            append_state(client, &state, version);
        client->is_last = is_last || !is_there;
        if (client->out.len > 0 || client->is_last)
            wake(client);
        render_if_due(client);
    }
    pthread_mutex_unlock(&events->lock);
    buf_release(&state);
}

/* ---- the connection's side ---- */

static ssize_t client_read(void *state, uint64_t position, char *out, size_t size)
{
    struct client *client = state;
    struct events *events = client->events;
    ssize_t result;

    (void)position;
    pthread_mutex_lock(&events->lock);
    size_t left = client->out.len - client->sent;
    if (left > 0) {
        size_t n = left < size ? left : size;

        memcpy(out, client->out.data + client->sent, n);
        client->sent += n;
        if (n == left) {
            buf_release(&client->out);
            client->sent = 0;
            render_if_due(client);
        }
        result = (ssize_t)n;
    } else if (client->is_last) {
        result = BODY_END;
    } else {
        client->is_waiting = request_pause(client->request);
        result = BODY_WAIT;
    }
    pthread_mutex_unlock(&events->lock);
    return result;
}

static void client_release(void *state)
{
    struct client *client = state;
    struct events *events = client->events;

    pthread_mutex_lock(&events->lock);
    let_go(client);
    pthread_mutex_unlock(&events->lock);
}

static const struct body_reader client_reader = { .read = client_read, .release = client_release };

/* ---- an answer becomes a stream ---- */

/* The version a browser that comes back has seen. */
static bool last_version(struct request *request, uint64_t *out)
{
    const char *header = request_header(request, "Last-Event-ID");
    char *end;

    if (!header || *header < '0' || *header > '9')
        return false;
    errno = 0;
    *out = strtoull(header, &end, 10);
    return errno == 0 && *end == '\0';
}

static struct client *admit(struct events *events, struct request *request, const char *topic,
                            const struct event_source *source, struct err *err)
{
    struct client *client = NULL;

    pthread_mutex_lock(&events->lock);
    if (events->is_draining) {
        err_set(err, ERR_BUSY, "The server is stopping.");
    } else if (events->open_count >= EVENTS_CLIENTS_MAX) {
        err_set(err, ERR_UNAVAILABLE,
                "%d event streams are open, which is the limit. Close some or ask for the state "
                "without a stream.",
                EVENTS_CLIENTS_MAX);
    } else {
        client = add_client(events, topic, source, request);
        client->work.run = run_rendering;
        client->has_version = last_version(request, &client->version);
        client->due_s = clock_seconds() + source->interval_s;
        client->is_rendering = true; /* by the caller, now; a change from here on makes it dirty */
    }
    pthread_mutex_unlock(&events->lock);
    return client;
}

/* Puts the first state into a client. False when there will never be anything to send: it has the
 * last state already. */
static bool begin_stream(struct client *client, const struct buf *state, uint64_t version,
                         bool is_last)
{
    bool has_all = is_last && client->has_version && client->version == version;

    if (has_all)
        return false;
    buf_append_str(&client->out, RETRY);
    append_state(client, state, version);
    if (is_last)
        client->is_last = true;
    else if (client->events->is_draining)
        farewell(client);
    return true;
}

bool response_events(struct response *response, struct request *request, const char *topic,
                     const struct event_source *source, struct err *err)
{
    struct events *events = server_events(request->server);
    struct client *client = admit(events, request, topic, source, err);
    struct buf state = BUF(STATE_MAX);
    bool is_last, is_stream = false;
    uint64_t version;

    if (!client)
        return false;
    bool is_there = render(client, &state, &version, &is_last);
    pthread_mutex_lock(&events->lock);
    if (is_there)
        is_stream = begin_stream(client, &state, version, is_last);
    client->is_rendering = false;
    if (!is_stream)
        let_go(client);
    pthread_mutex_unlock(&events->lock);
    buf_release(&state);
    if (!is_there)
        return err_set(err, ERR_NOT_FOUND, "There is no %s.", topic);
    response_header(response, "Cache-Control", "no-store");
    if (!is_stream) { /* 204 is what keeps an EventSource from coming back (HTML, 9.2.3) */
        response_status(response, MHD_HTTP_NO_CONTENT);
        return true;
    }
    response_header(response, "X-Accel-Buffering", "no"); /* proxies: pass it on at once */
    response_set_reader(response, "text/event-stream", &client_reader, client, BODY_LENGTH_UNKNOWN);
    return true;
}

void events_notify(struct events *events, const char *topic)
{
    pthread_mutex_lock(&events->lock);
    for (struct client *client = events->clients; client; client = client->next) {
        if (!client->request || (topic && strcmp(client->topic, topic) != 0))
            continue;
        client->is_dirty = true;
        render_if_due(client);
    }
    pthread_mutex_unlock(&events->lock);
}

/* ---- the heart ---- */

void events_beat(struct events *events)
{
    pthread_mutex_lock(&events->lock);
    for (struct client *client = events->clients; client; client = client->next) {
        if (!client->is_waiting || client->is_last || client->out.len > 0)
            continue;
        buf_append_str(&client->out, HEARTBEAT);
        wake(client);
    }
    pthread_mutex_unlock(&events->lock);
}

static void render_due(struct events *events)
{
    events->due_s = INFINITY;
    for (struct client *client = events->clients; client; client = client->next)
        if (client->request)
            render_if_due(client);
}

static void *heart_main(void *argument)
{
    struct events *events = argument;
    double beat_s = clock_seconds() + EVENTS_HEARTBEAT_S;

    pthread_mutex_lock(&events->lock);
    while (!events->is_stopped) {
        double now = clock_seconds();

        if (events->due_s <= now) {
            render_due(events);
        } else if (beat_s <= now) {
            beat_s += EVENTS_HEARTBEAT_S;
            pthread_mutex_unlock(&events->lock);
            events_beat(events);
            pthread_mutex_lock(&events->lock);
        } else {
            cond_wait_until(&events->stir, &events->lock, fmin(beat_s, events->due_s));
        }
    }
    pthread_mutex_unlock(&events->lock);
    return NULL;
}

struct events *events_create(struct server *server, struct err *err)
{
    struct events *events = xcalloc(1, sizeof *events);

    events->server = server;
    pthread_mutex_init(&events->lock, NULL);
    cond_init(&events->stir);
    events->due_s = INFINITY;
    if (thread_start(&events->heart, heart_main, events) == 0)
        return events;
    err_set(err, ERR_INTERNAL, "Cannot start the thread of the event streams.");
    events->is_stopped = true;
    events_destroy(events);
    return NULL;
}

void events_drain(struct events *events)
{
    pthread_mutex_lock(&events->lock);
    events->is_draining = true;
    for (struct client *client = events->clients; client; client = client->next)
        if (client->request)
            farewell(client);
    pthread_mutex_unlock(&events->lock);
}

void events_stop(struct events *events)
{
    events_drain(events);
    pthread_mutex_lock(&events->lock);
    bool was_stopped = events->is_stopped;
    events->is_stopped = true;
    pthread_cond_signal(&events->stir);
    pthread_mutex_unlock(&events->lock);
    if (!was_stopped)
        pthread_join(events->heart, NULL);
}

void events_destroy(struct events *events)
{
    if (!events)
        return;
    events_stop(events);
    while (events->clients) /* their rendering was queued when the request threads stopped */
        free_client(events->clients);
    pthread_cond_destroy(&events->stir);
    pthread_mutex_destroy(&events->lock);
    free(events);
}
