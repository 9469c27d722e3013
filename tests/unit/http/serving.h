#pragma once

/* A server on a free port, and a client that sends bytes as they stand and reads what comes. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "check.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"

#define ANSWER_MAX (64 * 1024 * 1024)
#define PATIENCE_S 20 /* no test waits that long unless it fails */

static inline void serving_write_problem(struct json_writer *w, const struct problem *problem)
{
    json_write_object_begin(w, NULL);
    json_write_text(w, "detail", problem->err->message);
    json_write_object_end(w);
}

/* Listens with these routes; what options leaves open is filled in. */
static inline struct server *serving_start(const struct route *routes, size_t count,
                                           struct server_options options)
{
    static const struct face face = { "/", serving_write_problem };
    const struct route_table table = { routes, count };
    struct err err;

    options.host = "127.0.0.1";
    options.tables = &table;
    options.table_count = 1;
    options.faces = &face;
    options.face_count = 1;
    struct server *server = server_create(&options, &err);
    if (!server)
        fail_msg("server_create: %s", err.message);
    check_ok(server_listen(server, &err), &err);
    return server;
}

static inline int dial(const struct server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(server_port(server)) };
    const struct timeval patience = { .tv_sec = PATIENCE_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail_msg("connect: %s", strerror(errno));
    return fd;
}

/* False when the server has closed the connection. */
static inline bool say_bytes(int fd, const void *bytes, size_t length)
{
    const char *from = bytes;

    while (length > 0) {
        ssize_t n = send(fd, from, length, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        from += n;
        length -= (size_t)n;
    }
    return true;
}

static inline bool say(int fd, const char *text)
{
    return say_bytes(fd, text, strlen(text));
}

struct answer {
    int status;
    struct buf head; /* status line and headers */
    struct buf body; /* without chunking */
    bool is_whole;   /* the body's end came as announced */
};

static inline void answer_release(struct answer *answer)
{
    buf_release(&answer->head);
    buf_release(&answer->body);
}

static inline bool hear_byte(int fd, char *out)
{
    return recv(fd, out, 1, 0) == 1;
}

/* Appends exactly length bytes. */
static inline bool hear_bytes(int fd, struct buf *out, uint64_t length)
{
    char piece[65536];

    while (length > 0) {
        ssize_t n = recv(fd, piece, length < sizeof piece ? length : sizeof piece, 0);

        if (n <= 0)
            return false;
        buf_append(out, piece, (size_t)n);
        length -= (uint64_t)n;
    }
    return true;
}

/* Appends bytes up to and with end. */
static inline bool hear_until(int fd, struct buf *out, const char *end)
{
    size_t length = strlen(end);
    char c;

    while (hear_byte(fd, &c)) {
        buf_append_char(out, c);
        if (out->len >= length && memcmp(out->data + out->len - length, end, length) == 0)
            return true;
    }
    return false;
}

/* One chunk's bytes; *is_last for the empty one. */
static inline bool hear_chunk(int fd, struct buf *out, bool *is_last)
{
    struct buf size = BUF(100), end = BUF(100);
    bool ok = hear_until(fd, &size, "\r\n");
    uint64_t length = ok ? strtoull(size.data, NULL, 16) : 0;

    *is_last = ok && length == 0;
    ok = ok && hear_bytes(fd, out, length) && hear_until(fd, &end, "\r\n");
    buf_release(&size);
    buf_release(&end);
    return ok;
}

/* A header's value; NULL when it is not there. Free it. */
static inline char *answer_header(const struct answer *answer, const char *name)
{
    char *start = str_format("\r\n%s: ", name);
    const char *at = answer->head.data ? strcasestr(answer->head.data, start) : NULL;
    char *value = NULL;

    if (at) {
        at += strlen(start);
        value = xstrndup(at, (size_t)(strstr(at, "\r\n") - at));
    }
    free(start);
    return value;
}

static inline struct answer hear_head(int fd)
{
    struct answer answer = { .head = BUF(100000), .body = BUF(ANSWER_MAX) };

    if (!hear_until(fd, &answer.head, "\r\n\r\n"))
        fail_msg("no answer: \"%s\"", answer.head.data ? answer.head.data : "");
    answer.status = (int)strtol(answer.head.data + strlen("HTTP/1.1 "), NULL, 10);
    return answer;
}

static inline void hear_body(int fd, struct answer *answer)
{
    char *length = answer_header(answer, "Content-Length");
    char *coding = answer_header(answer, "Transfer-Encoding");
    bool is_last = false;

    if (coding) {
        while (!is_last && hear_chunk(fd, &answer->body, &is_last))
            continue;
        answer->is_whole = is_last;
    } else if (length) {
        answer->is_whole = hear_bytes(fd, &answer->body, strtoull(length, NULL, 10));
    }
    free(length);
    free(coding);
}

/* Sends one request on a connection of its own and reads the answer. */
static inline struct answer ask_bytes(const struct server *server, const void *request,
                                      size_t length)
{
    int fd = dial(server);

    say_bytes(fd, request, length); /* an early refusal may close what we still send */
    struct answer answer = hear_head(fd);
    if (strncmp(request, "HEAD ", 5) != 0 && answer.status != 304 && answer.status != 204)
        hear_body(fd, &answer);
    close(fd);
    return answer;
}

/* line: "GET /path"; headers: each with its line's end; or "". */
static inline struct answer ask(const struct server *server, const char *line, const char *headers)
{
    char *request = str_format("%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n", line,
                               (unsigned)server_port(server), headers);
    struct answer answer = ask_bytes(server, request, strlen(request));

    free(request);
    return answer;
}

static inline void check_header(const struct answer *answer, const char *name, const char *expected)
{
    char *got = answer_header(answer, name);

    check_text(name, got ? got : "(none)", expected ? expected : "(none)");
    free(got);
}

static inline const char *body_of(const struct answer *answer)
{
    return answer->body.data ? answer->body.data : "";
}
