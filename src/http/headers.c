/*
 * The headers of a request, read once in one pass. libmicrohttpd has cut them
 * into names and values; what it lets through and another parser in front of us
 * would read differently (RFC 9112, 11.2) is refused here.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "http/server_internal.h"

#define FIELD(header, member)                                                                      \
    {                                                                                              \
        header, sizeof(header) - 1, offsetof(struct request_headers, member)                       \
    }

static const struct {
    const char *name;
    size_t length, offset;
} known[] = {
    FIELD("Host", host),
    FIELD("Cookie", cookies),
    FIELD("Origin", origin),
    FIELD("Expect", expect),
    FIELD("xi-api-key", xi_api_key),
    FIELD("Content-Type", content_type),
    FIELD("X-Request-Id", request_id),
    FIELD("Authorization", authorization),
    FIELD("If-None-Match", if_none_match),
    FIELD("Sec-Fetch-Site", fetch_site),
    FIELD("Content-Length", content_length),
    FIELD("Content-Encoding", content_encoding),
    FIELD("Transfer-Encoding", transfer_encoding),
    FIELD("Access-Control-Request-Method", preflight_method),
};

/* What the pass finds, for all headers together. */
struct reading {
    struct request_headers *headers;
    size_t bytes, count;
    const char *repeated; /* a header that may stand once only */
    bool has_bad_name, has_bad_value, has_fold;
};

/* RFC 9110, 5.6.2. */
static bool is_token(const char *text, size_t length)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool is_alphanumeric = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

        if (!is_alphanumeric && !strchr(others, c))
            return false;
    }
    return length > 0;
}

/* Handlers may put a value into a message or an answer: it is text, and UTF-8. */
static bool is_text(const char *value)
{
    bool is_ascii = true;
    struct err ignored;

    for (const char *p = value; *p; p++) {
        if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
            return false;
        is_ascii = is_ascii && (unsigned char)*p < 0x80;
    }
    return is_ascii || utf8_check(value, strlen(value), "", &ignored);
}

/* A value stands right behind its name, a colon and blanks. Where it does not, its line went on in the
 * next one (obs-fold), which libmicrohttpd appends to a copy of the name (0.9.75): what was a length or
 * an origin is then some other header. */
static bool is_behind(const char *name, size_t length, const char *value)
{
    uintptr_t colon = (uintptr_t)name + length, start = (uintptr_t)value;

    return start > colon && start - colon < CONNECTION_MEMORY &&
           strspn(name + length + 1, " \t") == start - colon - 1;
}

static const char **find_slot(struct request_headers *headers, const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT(known); i++)
        if (known[i].length == length && strcasecmp(known[i].name, name) == 0)
            return (const char **)((char *)headers + known[i].offset);
    return NULL;
}

static enum MHD_Result read_one(void *cls, enum MHD_ValueKind kind, const char *name,
                                const char *value)
{
    struct reading *reading = cls;
    size_t length = strlen(name);
    const char **slot = find_slot(reading->headers, name, length);

    (void)kind;
    reading->has_fold |= value && !is_behind(name, length, value);
    if (!value)
        value = "";
    reading->count++;
    reading->bytes += length + strlen(value) + 4; /* ": " and the line's end */
    reading->has_bad_name |= !is_token(name, length);
    reading->has_bad_value |= !is_text(value);
    if (slot && *slot && slot != &reading->headers->if_none_match &&
        slot != &reading->headers->cookies) /* these two are lists */
        reading->repeated = name;
    if (slot && !*slot)
        *slot = value;
    return MHD_YES;
}

static bool is_id(const char *text)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "_.-";
    size_t length = strspn(text, allowed);

    return length > 0 && length < REQUEST_ID_SIZE && text[length] == '\0';
}

/* The client's, or one of ours: the request's number, scrambled by the bijective mixer of SplitMix64
 * (Steele, Lea and Flood 2014) with the server's random seed. So no two are the same in a run, two
 * runs do not repeat each other, and no request waits for the kernel's random numbers. */
static void make_id(struct request *request)
{
    struct server *server = request->server;
    uint64_t z = server->id_seed +
                 0x9e3779b97f4a7c15u *
                     (atomic_fetch_add_explicit(&server->requests, 1, memory_order_relaxed) + 1);
    static const char hex[] = "0123456789abcdef";
    char *out = request->id + 4;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    memcpy(request->id, "req_", 4);
    for (int shift = 60; shift >= 0; shift -= 4)
        *out++ = hex[z >> shift & 15];
    *out = '\0';
}

static void set_id(struct request *request)
{
    const char *sent = request->headers.request_id;

    if (sent && is_id(sent))
        memcpy(request->id, sent, strlen(sent) + 1);
    else
        make_id(request);
}

/* A body whose end two readers could see at different places. */
static bool check_framing(const struct request_headers *headers, struct err *err)
{
    const char *length = headers->content_length, *coding = headers->transfer_encoding;

    if (coding && length)
        return err_set(err, ERR_INVALID,
                       "The request has both Transfer-Encoding and Content-Length.");
    if (coding && strcasecmp(coding, "chunked") != 0)
        return err_set(err, ERR_INVALID, "The only Transfer-Encoding understood is chunked.");
    if (length && (!*length || strspn(length, "0123456789") != strlen(length)))
        return err_set(err, ERR_INVALID, "Content-Length is not a number.");
    return true;
}

static bool check_reading(const struct reading *reading, struct err *err)
{
    if (reading->has_fold)
        return err_set(err, ERR_INVALID, "A header goes on in a second line.");
    if (reading->has_bad_name)
        return err_set(err, ERR_INVALID, "A header's name has characters that are not allowed.");
    if (reading->has_bad_value)
        return err_set(err, ERR_INVALID,
                       "A header's value has control characters or is not UTF-8.");
    if (reading->repeated)
        return err_set(err, ERR_INVALID, "The header %.60s may be sent once only.",
                       reading->repeated);
    return true;
}

int headers_read(struct request *request, struct err *err)
{
    struct reading reading = { .headers = &request->headers };

    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, read_one, &reading);
    set_id(request);
    if (!is_token(request->method, strlen(request->method))) {
        request->method = "";
        err_set(err, ERR_INVALID, "The request's method has characters that are not allowed.");
        return 400;
    }
    if (!check_reading(&reading, err) || !check_framing(&request->headers, err))
        return 400;
    if (reading.bytes > HEADERS_MAX || reading.count > HEADERS_COUNT_MAX) {
        err_set(err, ERR_TOO_LARGE, "The headers are larger than %d bytes or more than %d.",
                HEADERS_MAX, HEADERS_COUNT_MAX);
        return 431;
    }
    return 0;
}

struct keeping {
    struct request *request;
    struct request_field **end;
};

static enum MHD_Result keep_one(void *cls, enum MHD_ValueKind kind, const char *name,
                                const char *value)
{
    struct keeping *keeping = cls;
    struct request *request = keeping->request;
    struct request_field *field = arena_alloc(&request->arena, sizeof *field);
    const char **slot = find_slot(&request->headers, name, strlen(name));

    (void)kind;
    field->name = arena_strdup(&request->arena, name);
    field->value = arena_strdup(&request->arena, value ? value : "");
    *keeping->end = field;
    keeping->end = &field->next;
    if (slot && *slot == value) /* the first of a list */
        *slot = field->value;
    return MHD_YES;
}

void headers_keep(struct request *request)
{
    struct keeping keeping = { request, &request->kept };

    request->method = arena_strdup(&request->arena, request->method);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, keep_one, &keeping);
}

uint64_t headers_body_length(const struct request *request)
{
    const char *length = request->headers.content_length;
    uint64_t bytes = length ? strtoull(length, NULL, 10) : 0; /* the largest when it is too large */

    if (request->headers.transfer_encoding)
        return BODY_LENGTH_UNKNOWN;
    return bytes < BODY_LENGTH_UNKNOWN ? bytes : BODY_LENGTH_UNKNOWN - 1;
}
