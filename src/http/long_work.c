/*
 * A long handler at work, on a thread of its own kind:
 *
 *     begin ── (waits for a thread) ── handler ─┬─ returns: the answer is made and sent
 *                                               └─ response_stream: it is sent meanwhile
 *
 * Its client may leave at any moment. While the connection is paused the watch
 * notices (departures.h), and the connection itself stays until the handler has
 * returned. While it sends, it may end under the handler: libmicrohttpd says so,
 * long_work_leave requests the cancel, and the request lives on until the handler
 * lets go of it too.
 */

#include "base/log.h"
#include "http/server_internal.h"

/* Nothing of the handler's is left: true when the client has not waited for its end. */
static bool end(struct request *request)
{
    bool has_left = departures_unwatch(request->server->departures, &request->departure);

    cancel_release(&request->cancel);
    request->is_long = false;
    return has_left;
}

/* The body was begun: what went wrong can be said in the log only. */
static void end_stream(struct request *request, bool is_whole, const struct err *err)
{
    if (!is_whole && err->kind != ERR_CANCELLED && err->kind != ERR_NONE)
        log_error("http", "%s %s was cut: %s", request->method, request->target, err->message);
    upload_release(request->uploads);
    request->uploads = NULL;
    stream_finish(request->stream, is_whole);
    end(request);
    request_drop(request);
}

/* Where the handler stopped because the client has left, there is no answer, and the connection is
 * closed; a client that is still there is told what stopped it. */
static void end_answer(struct request *request, bool is_done, struct err *err)
{
    bool is_cancelled =
        !is_done && err->kind == ERR_CANCELLED && cancel_is_requested(&request->cancel);
    bool has_left = end(request);

    upload_release(request->uploads);
    request->uploads = NULL;
    if (is_cancelled)
        err_set(err, ERR_UNAVAILABLE, "The server is stopping. Ask again once it is back.");
    if (!is_done)
        problem_write_failure(request, err);
    if (!is_cancelled || !has_left)
        answer_make(request);
    request_resume(request);
}

static void run(struct request_pool_work *work)
{
    struct request *request = (struct request *)work;
    struct log_context context;
    struct err err = { 0 };

    log_context_begin(&context, request->id);
    headers_keep(request);
    bool is_done = cancel_check(&request->cancel, &err) && connection_run_handler(request, &err);
    if (request->stream)
        end_stream(request, is_done, &err);
    else
        end_answer(request, is_done, &err);
    log_context_end(&context);
}

/* The server stops; nobody has worked on it. */
static void drop(struct request_pool_work *work)
{
    end((struct request *)work);
}

bool long_work_begin(struct request *request)
{
    request->work.run = run;
    request->work.drop = drop;
    cancel_init(&request->cancel);
    request->is_long = true;
    departures_watch(request->server->departures, &request->departure, connection_socket(request),
                     &request->cancel);
    if (request_pool_push(request->server->long_pool, &request->work))
        return true;
    end(request);
    return false;
}

void long_work_leave(struct request *request)
{
    const struct route *route = request->match.route;

    if (route && route->flags & ROUTE_LONG)
        departures_report(request->server->departures, &request->departure);
}
