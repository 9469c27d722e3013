/* From a response to what libmicrohttpd sends. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/server_internal.h"
#include "http/validator.h"

/* What scripts of other origins may send and read, beside what every page may. */
#define CORS_REQUEST_HEADERS                                                                       \
    "Authorization, Content-Type, If-None-Match, Last-Event-ID, Range, X-Request-Id, xi-api-key"
#define CORS_ANSWER_HEADERS                                                                        \
    "Accept-Ranges, character-cost, Content-Disposition, Content-Range, ETag, request-id, "        \
    "Retry-After, X-History-Id, X-Parlando-Engine, X-Parlando-Model, X-Parlando-Voice, "           \
    "X-Request-Id"
#define PREFLIGHT_AGE_S "600"

static bool reads_only(const struct request *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

/* The client has it already (RFC 9110, 13.1.2). */
static bool is_unmodified(const struct request *request)
{
    const struct response *response = &request->response;

    return response->etag && request->headers.if_none_match && response->status == 200 &&
           reads_only(request) &&
           etag_in_list(request->headers.if_none_match, response->etag, ETAG_WEAK);
}

/* Ends the JSON body: its buffer becomes the bytes. False when it grew over the limit. */
static bool finish_json(struct response *response, struct err *err)
{
    size_t length = response->json.len;

    if (response->body.kind != BODY_JSON)
        return true;
    if (!buf_ok(&response->json, "answer", err))
        return false;
    response->body =
        (struct body){ .kind = BODY_BYTES, .length = length, .bytes = buf_take(&response->json) };
    return true;
}

/* An answer over the limit is our bug, whatever the buffer calls it. */
static void refuse_answer(struct request *request, const struct err *err)
{
    struct err internal, ignored;

    err_set(&internal, ERR_INTERNAL, "%s", err->message);
    problem_write_failure(request, &internal);
    if (!finish_json(&request->response, &ignored))
        response_reset(&request->response);
    request->response.status = 500;
}

/* libmicrohttpd (0.9.75) closes a connection whose body ends with an error, but may keep its socket for
 * as long as one that was idle before it: up to the idle timeout. Where sending fails it does not, so
 * sending is made to fail; the byte goes nowhere. */
static ssize_t cut_connection(struct request *request, char *out)
{
    if (shutdown(connection_socket(request), SHUT_RDWR) != 0 && errno != ENOTCONN)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    out[0] = '\0';
    return 1;
}

static ssize_t read_body(void *cls, uint64_t position, char *out, size_t size)
{
    struct request *request = cls;
    const struct body *body = &request->response.body;
    ssize_t n = body->read.reader->read(body->read.state, position, out, size);

    if (n == BODY_WAIT && server_is_stopping(request->server))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (n > 0)
        request->sent += (uint64_t)n;
    if (n == BODY_CUT)
        return cut_connection(request, out);
    return n == BODY_END ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static struct MHD_Response *from_bytes(const char *bytes, uint64_t length)
{
    /* Never written to: persistent means that we free it. */
    return MHD_create_response_from_buffer((size_t)length, (void *)(uintptr_t)bytes,
                                           MHD_RESPMEM_PERSISTENT);
}

static ssize_t read_nothing(void *cls, uint64_t position, char *out, size_t size)
{
    (void)cls, (void)position, (void)out, (void)size;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* A 304's Content-Length is that of the body it spares, never 0 (RFC 9110, 8.6); libmicrohttpd adds one
 * in any case. The reader is not called. */
static struct MHD_Response *from_nothing(const struct response *response)
{
    if (response->status == 304 && response->body.length > 0)
        return MHD_create_response_from_callback(response->body.length, 1, read_nothing, NULL,
                                                 NULL);
    return from_bytes("", 0);
}

static struct MHD_Response *from_file(struct body *body)
{
    struct MHD_Response *out;

    if (body->length == 0)
        return from_bytes("", 0);
    out = MHD_create_response_from_fd_at_offset64(body->length, body->file.fd, body->file.offset);
    if (out)
        body->file.fd = -1; /* closed with the answer */
    return out;
}

/* Where a HEAD's body would be chunked, libmicrohttpd sends the last chunk (0.9.75), which the client
 * takes for the next answer. So it ends with the connection instead. */
static struct MHD_Response *from_reader(struct request *request)
{
    uint64_t length = request->response.body.length;
    struct MHD_Response *out =
        MHD_create_response_from_callback(length, READER_PIECE, read_body, request, NULL);

    if (out && length == BODY_LENGTH_UNKNOWN && strcmp(request->method, "HEAD") == 0)
        MHD_set_response_options(out, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return out;
}

static struct MHD_Response *from_body(struct request *request)
{
    struct body *body = &request->response.body;

    switch (body->kind) {
    case BODY_NONE:
    case BODY_JSON:
        return from_nothing(&request->response);
    case BODY_BYTES:
        return from_bytes(body->bytes, body->length);
    case BODY_CONSTANT:
        return from_bytes(body->constant, body->length);
    case BODY_SHARED:
        return from_bytes(body->shared->bytes, body->length);
    case BODY_FILE:
        return from_file(body);
    case BODY_READER:
        return from_reader(request);
    }
    return NULL;
}

static void add(struct MHD_Response *answer, const char *name, const char *value)
{
    if (MHD_add_response_header(answer, name, value) == MHD_NO)
        log_warning("http", "the answer's header %s cannot be sent: %s", name, value);
}

static void add_cors(struct request *request, struct MHD_Response *answer)
{
    const char *origin = guard_cors_origin(&request->server->guard, request->headers.origin);

    if (request->server->options.allowed_origins)
        add(answer, "Vary", "Origin");
    if (!origin)
        return;
    add(answer, "Access-Control-Allow-Origin", origin);
    add(answer, "Access-Control-Expose-Headers", CORS_ANSWER_HEADERS);
}

static void add_headers(struct request *request, struct MHD_Response *answer)
{
    const struct response *response = &request->response;

    if (response->media_type)
        add(answer, "Content-Type", response->media_type);
    if (response->coding)
        add(answer, "Content-Encoding", response->coding);
    if (response->etag)
        add(answer, "ETag", response->etag);
    for (int i = 0; i < response->field_count; i++)
        add(answer, response->fields[i].name, response->fields[i].value);
    add(answer, "X-Request-Id", request->id);
    add(answer, "X-Content-Type-Options", "nosniff");
    add_cors(request, answer);
    if (request->must_close || atomic_load(&request->server->is_draining))
        add(answer, "Connection", "close");
}

void answer_make(struct request *request)
{
    struct response *response = &request->response;
    struct err err;

    if (!finish_json(response, &err))
        refuse_answer(request, &err);
    if (is_unmodified(request))
        response_drop_body(response, 304);
    if (response->status == 204 || response->status == 304)
        response_drop_body(response, response->status);
    request->answer = from_body(request);
    if (!request->answer) {
        log_error("http", "%s %s: no memory for the answer", request->method, request->target);
        response_drop_body(response, 500);
        request->answer = from_bytes("", 0);
    }
    if (request->answer)
        add_headers(request, request->answer);
    request->phase = PHASE_ANSWERED;
}

void answer_options(struct request *request)
{
    struct response *response = &request->response;

    response_status(response, 204);
    response_header(response, "Allow", request->match.allow);
    if (!request->headers.preflight_method ||
        !guard_cors_origin(&request->server->guard, request->headers.origin))
        return;
    response_header(response, "Access-Control-Allow-Methods", request->match.allow);
    response_header(response, "Access-Control-Allow-Headers", CORS_REQUEST_HEADERS);
    response_header(response, "Access-Control-Max-Age", PREFLIGHT_AGE_S);
}
