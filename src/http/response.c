#include "http/response.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http/server_internal.h"

/* ---- bodies ---- */

static void release_body(struct body *body)
{
    switch (body->kind) {
    case BODY_BYTES:
        free(body->bytes);
        break;
    case BODY_SHARED:
        shared_bytes_drop(body->shared);
        break;
    case BODY_FILE:
        if (body->file.fd >= 0)
            close(body->file.fd);
        break;
    case BODY_READER:
        body->read.reader->release(body->read.state);
        break;
    case BODY_NONE:
    case BODY_CONSTANT:
    case BODY_JSON:
        break;
    }
    *body = (struct body){ .kind = BODY_NONE };
}

struct shared_bytes *shared_bytes_create(const void *bytes, size_t length)
{
    struct shared_bytes *shared = xmalloc(sizeof *shared + length);

    atomic_init(&shared->references, 1);
    shared->budget = NULL;
    shared->length = length;
    if (length)
        memcpy(shared->bytes, bytes, length);
    return shared;
}

struct shared_bytes *shared_bytes_alloc(size_t length, atomic_size_t *budget)
{
    size_t left = atomic_load(budget);

    do {
        if (left < length)
            return NULL;
    } while (!atomic_compare_exchange_weak(budget, &left, left - length));
    struct shared_bytes *shared = xmalloc(sizeof *shared + length);

    atomic_init(&shared->references, 1);
    shared->budget = budget;
    shared->length = length;
    return shared;
}

struct shared_bytes *shared_bytes_hold(struct shared_bytes *shared)
{
    atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    return shared;
}

void shared_bytes_drop(struct shared_bytes *shared)
{
    if (!shared || atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) != 1)
        return;
    if (shared->budget)
        atomic_fetch_add(shared->budget, shared->length);
    free(shared);
}

/* ---- life ---- */

void response_init(struct response *response, struct request *request)
{
    response->request = request;
    response->body = (struct body){ .kind = BODY_NONE };
    response->json = (struct buf){ 0 };
    response_reset(response);
}

void response_reset(struct response *response)
{
    release_body(&response->body);
    buf_release(&response->json);
    response->status = 200;
    response->media_type = NULL;
    response->coding = NULL;
    response->etag = NULL;
    response->field_count = 0;
    response->text_used = 0;
}

void response_drop_body(struct response *response, int status)
{
    uint64_t length = response->body.length;

    release_body(&response->body);
    if (status == 304 && length != BODY_LENGTH_UNKNOWN)
        response->body.length = length;
    response->media_type = NULL;
    response->coding = NULL;
    response->status = status;
}

void response_release(struct response *response)
{
    release_body(&response->body);
    buf_release(&response->json);
}

/* ---- what handlers set ---- */

/* A copy that lives as long as the response: beside it while there is room, which spares most
 * requests an arena. */
static char *keep(struct response *response, size_t size)
{
    char *out;

    if (size > sizeof response->text - response->text_used)
        return arena_alloc(&response->request->arena, size);
    out = response->text + response->text_used;
    response->text_used += size;
    return out;
}

static const char *keep_text(struct response *response, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(keep(response, size), text, size);
}

void response_status(struct response *response, int status)
{
    response->status = status;
}

void response_header(struct response *response, const char *name, const char *value)
{
    struct response_field *field = response->fields;
    const struct response_field *end = field + response->field_count;

    while (field < end && strcasecmp(field->name, name) != 0)
        field++;
    if (field == end) {
        assert(response->field_count < RESPONSE_HEADERS_MAX);
        response->field_count++;
    }
    *field = (struct response_field){ keep_text(response, name), keep_text(response, value) };
}

static struct body *set_body(struct response *response, const char *media_type, enum body_kind kind,
                             uint64_t length)
{
    release_body(&response->body);
    buf_release(&response->json);
    response->coding = NULL;
    response->media_type = media_type ? keep_text(response, media_type) : NULL;
    response->body.kind = kind;
    response->body.length = length;
    return &response->body;
}

struct json_writer *response_json(struct response *response)
{
    set_body(response, NULL, BODY_JSON, 0);
    response->media_type = "application/json";
    response->json = BUF(response->request->server->options.answer_max);
    response->writer = JSON_WRITER(&response->json);
    return &response->writer;
}

void response_bytes(struct response *response, const char *media_type, const void *bytes,
                    size_t length)
{
    char *copy = xmalloc(length + 1);

    if (length)
        memcpy(copy, bytes, length);
    set_body(response, media_type, BODY_BYTES, length)->bytes = copy;
}

void response_constant(struct response *response, const char *media_type, const void *bytes,
                       size_t length)
{
    set_body(response, media_type, BODY_CONSTANT, length)->constant = bytes;
}

void response_coding(struct response *response, const char *coding)
{
    response->coding = coding;
}

void response_shared(struct response *response, const char *media_type, struct shared_bytes *shared)
{
    shared_bytes_hold(shared); /* first: it may be the one that is released */
    set_body(response, media_type, BODY_SHARED, shared->length)->shared = shared;
}

void response_set_file(struct response *response, const char *media_type, int fd, uint64_t offset,
                       uint64_t length)
{
    struct body *body = set_body(response, media_type, BODY_FILE, length);

    body->file.fd = fd;
    body->file.offset = offset;
}

void response_set_reader(struct response *response, const char *media_type,
                         const struct body_reader *reader, void *state, uint64_t length)
{
    struct body *body = set_body(response, media_type, BODY_READER, length);

    body->read.reader = reader;
    body->read.state = state;
}

void response_etag(struct response *response, const char *tag)
{
    size_t length = strlen(tag);
    char *quoted = keep(response, length + 3);

    quoted[0] = '"';
    memcpy(quoted + 1, tag, length);
    memcpy(quoted + 1 + length, "\"", 2);
    response->etag = quoted;
}
