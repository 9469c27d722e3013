#include "http/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "http/server_internal.h"
#include "http/target.h"

/* ---- life ---- */

/* The target and room for what is decoded of it: three times its size. */
static void keep_target(struct request *request, const char *uri)
{
    size_t length = strnlen(uri, TARGET_MAX + 1), size = length + 1;

    request->target =
        3 * size <= sizeof request->target_inline ? request->target_inline : xmalloc(3 * size);
    memcpy(request->target, uri, length);
    request->target[length] = '\0';
    request->target_length = length;
    request->path = request->target;
}

/* Makes the query empty for libmicrohttpd, once our copy is taken. It would cut it into fields next,
 * which nobody asks it for; and where its memory does not hold them, it neither answers nor tells that
 * the request is over (0.9.75). What it shows is its own buffer, so this may be written to. */
static void hide_query(const char *uri)
{
    char *query = strchr((char *)uri, '?');

    if (query)
        query[1] = '\0';
}

struct request *request_create(struct server *server, struct MHD_Connection *connection,
                               const char *uri)
{
    /* Not zeroed as a whole: most of it is room for text. */
    struct request *request = xmalloc(sizeof *request);

    memset(request, 0, offsetof(struct request, response));
    response_init(&request->response, request);
    request->answer = NULL;
    request->is_paused = false;
    atomic_init(&request->holders, 1);
    request->server = server;
    request->connection = connection;
    request->method = "";
    request->began_s = clock_seconds();
    request->line = uri;
    keep_target(request, uri ? uri : "");
    if (uri)
        hide_query(uri);
    return request;
}

/* What an upload left on disk is removed on a request thread, as removing may wait. */
struct leftover {
    struct request_pool_work work; /* first */
    struct uploads *uploads;
};

static void remove_leftover(struct request_pool_work *work)
{
    struct leftover *leftover = (struct leftover *)work;

    upload_release(leftover->uploads);
    free(leftover);
}

static void release_uploads(struct request *request)
{
    struct leftover *leftover;

    if (!request->uploads)
        return;
    leftover = xmalloc(sizeof *leftover);
    *leftover = (struct leftover){
        .work = { .run = remove_leftover, .drop = remove_leftover },
        .uploads = request->uploads,
    };
    if (!request_pool_push_admitted(request->server->pool, &leftover->work))
        remove_leftover(&leftover->work);
}

static void destroy(struct request *request)
{
    if (request->answer)
        MHD_destroy_response(request->answer);
    response_release(&request->response);
    stream_destroy(request->stream);
    release_uploads(request);
    json_decref(request->json);
    buf_release(&request->body);
    arena_release(&request->arena);
    if (request->target != request->target_inline)
        free(request->target);
    free(request);
}

void request_drop(struct request *request)
{
    if (atomic_fetch_sub(&request->holders, 1) != 1)
        return;
    connection_end(request);
    destroy(request);
}

/* ---- what handlers ask ---- */

void *request_context(const struct request *request)
{
    return request->server->options.context;
}

struct arena *request_arena(struct request *request)
{
    return &request->arena;
}

const char *request_id(const struct request *request)
{
    return request->id;
}

const char *request_method(const struct request *request)
{
    return request->method;
}

const char *request_path(const struct request *request)
{
    return request->path;
}

struct cancel *request_cancel(struct request *request)
{
    return request->is_long ? &request->cancel : NULL;
}

const char *request_path_param(const struct request *request, const char *name)
{
    const struct route_match *match = &request->match;
    size_t length = strlen(name);

    for (size_t i = 0; i < match->param_count; i++)
        if (match->params[i].name_length == length &&
            memcmp(match->params[i].name, name, length) == 0)
            return match->params[i].value;
    assert(!"the route has no such parameter");
    return "";
}

const char *request_query(const struct request *request, const char *name)
{
    /* The arena is the request's memory, not its state: asking changes nothing anyone sees. */
    struct arena *arena = &((struct request *)request)->arena;

    if (!request->query)
        return NULL;
    return query_find(request->query, name, arena_alloc(arena, strlen(request->query) + 1));
}

static bool is_known(const struct route_query *known, const char *field, char *scratch)
{
    for (; known && known->name; known++)
        if (query_find(field, known->name, scratch))
            return true;
    return false;
}

const char *request_query_unknown(const struct request *request)
{
    struct arena *arena = &((struct request *)request)->arena;
    size_t length;

    for (const char *p = request->query; p && *p; p += length, p += *p == '&') {
        length = strcspn(p, "&");
        char *field = arena_strndup(arena, p, length);

        if (length > 0 &&
            !is_known(request->match.route->query, field, arena_alloc(arena, length + 1)))
            return arena_strndup(arena, field, strcspn(field, "="));
    }
    return NULL;
}

size_t request_query_values(const struct request *request, const char *name, struct arena *arena,
                            const char ***out)
{
    size_t count = 0, capacity = 1;
    const char *field = request->query;

    for (const char *p = field; p && *p; p++)
        capacity += *p == '&';
    *out = arena_alloc(arena, capacity * sizeof **out);
    for (; field && *field; field += strcspn(field, "&"), field += *field == '&') {
        size_t length = strcspn(field, "&");
        const char *alone = arena_strndup(arena, field, length);
        const char *value = query_find(alone, name, arena_alloc(arena, length + 1));

        if (value)
            (*out)[count++] = value;
    }
    return count;
}

const char *request_header(const struct request *request, const char *name)
{
    for (const struct request_field *field = request->kept; field; field = field->next)
        if (strcasecmp(field->name, name) == 0)
            return field->value;
    if (request->kept)
        return NULL;
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *request_origin(struct request *request)
{
    const char *forwarded = request_header(request, "X-Forwarded-Proto");
    bool is_https = forwarded && strcmp(forwarded, "https") == 0;

    return arena_format(&request->arena, "http%s://%s", is_https ? "s" : "", request->headers.host);
}

const char *request_body(const struct request *request, size_t *length)
{
    *length = request->is_upload ? 0 : request->body.len;
    return *length ? request->body.data : "";
}

json_t *request_json(struct request *request, struct err *err)
{
    size_t length;
    const char *body = request_body(request, &length);

    if (request->json)
        return request->json;
    if (length == 0)
        return request->json = json_object();
    return request->json = json_parse(body, length, "The body", err);
}
