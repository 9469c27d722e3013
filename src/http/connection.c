/*
 * A request's way through its connection, as libmicrohttpd calls for it:
 *
 *     BEGIN ─┬─ refused, OPTIONS ─────────────────┬─ ANSWERED ── SENDING
 *            └─ BODY ─┬─ quick route ─────────────┤
 *                │ ▲  └─ WORK: the handler ───────┘
 *                ▼ │
 *                WORK: a piece of an upload is written down
 *
 * In WORK the connection is paused and the request belongs to a request thread,
 * or to a long one (long_work.c).
 *
 * A refused body is read and thrown away before the answer goes out. Most
 * clients send all of it before they read: closed on while they send, they would
 * see a reset and not why. From DISCARD_MAX on, and for those that ask first
 * (Expect), the answer goes out at once and the connection is closed. Once a body
 * is coming in, libmicrohttpd takes no answer before its end, so one that grows
 * over its limit by DISCARD_MAX is cut.
 */

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/server_internal.h"

/* ---- pausing ---- */

bool request_pause(struct request *request)
{
    struct server *server = request->server;
    bool is_paused;

    pthread_mutex_lock(&server->lock);
    is_paused = request->is_paused = !server->is_stopping;
    if (is_paused) {
        request->has_paused = true;
        request->paused_previous = NULL;
        request->paused_next = server->paused;
        if (server->paused)
            server->paused->paused_previous = request;
        server->paused = request;
        MHD_suspend_connection(request->connection);
    }
    pthread_mutex_unlock(&server->lock);
    return is_paused;
}

/* Under the server's lock. */
static void resume(struct request *request)
{
    request->is_paused = false;
    if (request->paused_previous)
        request->paused_previous->paused_next = request->paused_next;
    else
        request->server->paused = request->paused_next;
    if (request->paused_next)
        request->paused_next->paused_previous = request->paused_previous;
    MHD_resume_connection(request->connection);
}

void request_resume(struct request *request)
{
    struct server *server = request->server;

    pthread_mutex_lock(&server->lock);
    if (request->is_paused)
        resume(request);
    pthread_mutex_unlock(&server->lock);
}

/* At once: between two of them the server thread could end a request that a stream's producer has
 * resumed meanwhile. */
void connections_resume(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    while (server->paused)
        resume(server->paused);
    pthread_mutex_unlock(&server->lock);
}

/* libmicrohttpd goes on with the next chunk of a body after a pause has begun: not ours then. */
static bool is_paused(struct request *request)
{
    bool out;

    if (!request->has_paused)
        return false;
    pthread_mutex_lock(&request->server->lock);
    out = request->is_paused;
    pthread_mutex_unlock(&request->server->lock);
    return out;
}

/* ---- on a request thread ---- */

static bool write_piece(struct request *request, struct err *err)
{
    bool done =
        request->body.len == 0 || upload_take(request, request->body.data, request->body.len, err);

    buf_clear(&request->body);
    return done;
}

bool connection_run_handler(struct request *request, struct err *err)
{
    if (request->is_upload && (!write_piece(request, err) || !upload_end(request, err)))
        return false;
    return request->match.route->handle(request, &request->response, err);
}

static void run_work(struct request_pool_work *work)
{
    struct request *request = (struct request *)work;
    struct log_context context;
    struct err err = { 0 };

    log_context_begin(&context, request->id);
    if (!request->is_complete && write_piece(request, &err)) {
        request->phase = PHASE_BODY;
    } else {
        if (!request->is_complete || !connection_run_handler(request, &err))
            problem_write_failure(request, &err);
        upload_release(request->uploads);
        request->uploads = NULL;
        answer_make(request);
    }
    log_context_end(&context);
    request_resume(request);
}

/* ---- answering, on the server thread ---- */

static enum MHD_Result send_answer(struct request *request)
{
    enum MHD_Result queued;

    if (!request->answer)
        return MHD_NO;
    queued = MHD_queue_response(request->connection, (unsigned)request->response.status,
                                request->answer);
    MHD_destroy_response(request->answer); /* our share of it */
    request->answer = NULL;
    request->phase = PHASE_SENDING;
    return queued;
}

static void answer_problem(struct request *request, int status, const struct err *err)
{
    problem_write(request, status, err);
    answer_make(request);
}

static void answer_busy(struct request *request)
{
    struct err err;

    err_set(&err, ERR_BUSY, "The server is busy. Try again in a moment.");
    answer_problem(request, 503, &err);
}

static void answer_limit(struct request *request)
{
    struct err err;

    err_set(
        &err, ERR_LIMIT,
        "As many requests of this kind are being worked on as this server takes. Try again in a "
        "moment.");
    answer_problem(request, problem_status(err.kind), &err);
}

static enum MHD_Result hand_over_long(struct request *request)
{
    request->phase = PHASE_WORK;
    if (!request_pause(request))
        return MHD_NO;
    if (long_work_begin(request))
        return MHD_YES;
    answer_limit(request);
    request_resume(request);
    return MHD_YES;
}

/* Hands the request to a request thread; the first of its trips there may find the queue full. */
static enum MHD_Result hand_over(struct request *request, bool is_admitted)
{
    struct request_pool *pool = request->server->pool;

    request->phase = PHASE_WORK;
    if (!request_pause(request))
        return MHD_NO;
    if (is_admitted ? request_pool_push_admitted(pool, &request->work)
                    : request_pool_push(pool, &request->work))
        return MHD_YES;
    answer_busy(request);
    request_resume(request);
    return MHD_YES;
}

/* The request is complete. */
static enum MHD_Result dispatch(struct request *request)
{
    const struct route *route = request->match.route;

    request->is_complete = true;
    if (route->quick && route->quick(request, &request->response)) {
        answer_make(request);
        return send_answer(request);
    }
    if (route->flags & ROUTE_LONG)
        return hand_over_long(request);
    return hand_over(request, request->is_upload);
}

/* ---- the body ---- */

/* The answer is known before the request is complete. Given away now, it closes the connection. */
static enum MHD_Result answer_early(struct request *request)
{
    bool may_wait = !request->must_close && !request->headers.expect &&
                    headers_body_length(request) <= DISCARD_MAX;

    return may_wait ? MHD_YES : send_answer(request);
}

static enum MHD_Result refuse(struct request *request, int status, const struct err *err)
{
    answer_problem(request, status, err);
    return answer_early(request);
}

/* Before a large body is sent for nothing. */
static bool is_too_busy(struct request *request)
{
    const struct route *route = request->match.route;

    if (route->flags & ROUTE_LONG && request_pool_is_full(request->server->long_pool))
        answer_limit(request);
    else if (!route->quick && request_pool_is_full(request->server->pool))
        answer_busy(request);
    else
        return false;
    return true;
}

static enum MHD_Result begin_body(struct request *request)
{
    struct err err;
    int status = request_admit_body(request, &err);

    if (status != 0)
        return refuse(request, status, &err);
    return is_too_busy(request) ? answer_early(request) : MHD_YES;
}

/* An upload's bytes are gathered, and written down on a request thread a piece at a time. */
static enum MHD_Result gather(struct request *request, const char *bytes, size_t *length)
{
    size_t room = request->body.max - request->body.len;
    size_t taken = *length < room ? *length : room;

    buf_append(&request->body, bytes, taken);
    request->body_received += taken;
    *length -= taken;
    return taken == room ? hand_over(request, true) : MHD_YES;
}

static enum MHD_Result take_body(struct request *request, const char *bytes, size_t *length)
{
    struct err err;

    if (*length > request->body_max - request->body_received) {
        answer_problem(request, body_refuse_size(request, &err), &err);
        request->body_received += *length;
        *length = 0;
        return MHD_YES;
    }
    if (request->is_upload)
        return gather(request, bytes, length);
    buf_append(&request->body, bytes, *length);
    request->body_received += *length;
    *length = 0;
    return MHD_YES;
}

static enum MHD_Result discard(struct request *request, size_t *length)
{
    request->body_received += *length;
    *length = 0;
    return request->body_received <= request->body_max + DISCARD_MAX ? MHD_YES : MHD_NO;
}

/* ---- libmicrohttpd's callbacks ---- */

void *connection_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    return request_create(cls, connection, uri);
}

static void count(struct request *request)
{
    struct server *server = request->server;

    request->is_counted = true;
    pthread_mutex_lock(&server->lock);
    server->active++;
    pthread_mutex_unlock(&server->lock);
}

static enum MHD_Result begin(struct request *request, const char *method, const char *version)
{
    struct err err;
    int status;

    count(request);
    request->method = method;
    request->work.run = run_work;
    status = request_admit(request, version, &err);
    if (status != 0)
        return refuse(request, status, &err);
    if (!request->match.route) {
        answer_options(request);
        answer_make(request);
        return answer_early(request);
    }
    request->phase = PHASE_BODY;
    return headers_body_length(request) > 0 ? begin_body(request) : MHD_YES;
}

enum MHD_Result connection_access(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *length, void **state)
{
    struct request *request = *state;

    (void)cls, (void)connection, (void)url;
    if (is_paused(request))
        return MHD_YES;
    switch (request->phase) {
    case PHASE_BEGIN:
        return begin(request, method, version);
    case PHASE_BODY:
        return *length > 0 ? take_body(request, bytes, length) : dispatch(request);
    case PHASE_ANSWERED:
        return *length > 0 ? discard(request, length) : send_answer(request);
    case PHASE_WORK: /* the server stops, and nobody worked on it */
        return MHD_NO;
    case PHASE_SENDING:
        return MHD_YES;
    }
    return MHD_NO;
}

/* Bytes of body that went out, or would have had the client stayed. */
static uint64_t bytes_sent(const struct request *request)
{
    const struct body *body = &request->response.body;

    if (body->kind == BODY_READER)
        return request->sent;
    return strcmp(request->method, "HEAD") == 0 ? 0 : body->length;
}

/* An answer that nobody waited for is one too: what the request did is done. */
static void report(const struct request *request)
{
    bool is_sent = request->phase == PHASE_SENDING;
    bool is_answered = is_sent || request->phase == PHASE_ANSWERED;
    const struct server_watch *watch = &request->server->options.watch;
    const struct route *route = request->match.route;
    enum log_level level = route && route->flags & ROUTE_UNLOGGED ? LOG_DEBUG : LOG_INFO;
    double seconds = clock_seconds() - request->began_s;
    uint64_t bytes = is_sent ? request->sent : 0;
    struct log_context context;

    if (is_answered && watch->answered)
        watch->answered(watch->state, route, request->method, request->response.status, seconds,
                        bytes);
    if (!log_has(level))
        return;
    log_context_begin(&context, request->id);
    if (is_sent)
        log_write(level, "http", "%s %s %d, %llu bytes, %.1f ms%s", request->method,
                  request->target, request->response.status, (unsigned long long)bytes,
                  seconds * 1000, request->is_whole ? "" : ", cut");
    else
        log_write(level, "http", "%s %s: the client left after %.1f ms", request->method,
                  request->target, seconds * 1000);
    log_context_end(&context);
}

static void uncount(struct request *request)
{
    struct server *server = request->server;

    pthread_mutex_lock(&server->lock);
    if (--server->active == 0)
        pthread_cond_broadcast(&server->idle);
    pthread_mutex_unlock(&server->lock);
}

void connection_completed(void *cls, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code)
{
    struct request *request = *state;

    (void)cls, (void)connection;
    if (!request)
        return;
    *state = NULL;
    request->is_whole = code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    request->sent = bytes_sent(request);
    long_work_leave(request);
    response_release(&request->response);
    request_drop(request);
}

int connection_socket(const struct request *request)
{
    return MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
        ->connect_fd;
}

void connection_end(struct request *request)
{
    if (!request->is_counted)
        return;
    report(request);
    uncount(request);
}
