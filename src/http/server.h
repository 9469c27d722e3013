#pragma once

/*
 * The HTTP server: libmicrohttpd behind this header (DEPENDENCIES.md says which
 * of its gaps are closed here).
 *
 * Server threads move bytes and run quick routes; they never wait. Handlers run
 * on a pool of request threads, each request with an arena of its own. When all
 * are busy and the queue is full, requests get 503 with Retry-After. Long handlers
 * have threads of their own, started as they are needed, and 429 instead.
 *
 *     server_create → server_listen → … → server_drain (no new connections, the
 *     running requests end, event streams are closed) → server_destroy
 *
 * Errors are written by the face of the path: the first whose pattern fits.
 */

#include <stdint.h>

#include "base/json_writer.h"
#include "http/route.h"

struct server;
struct events;

/* What went wrong with a request, for the face that writes it. */
struct problem {
    int status; /* 4xx or 5xx */
    const char *method, *path;
    const char *media_type; /* of the request, with 415; else NULL */
    int retry_after_s;      /* when the same may succeed then; else 0 */
    const struct err *err;  /* message and parameter; never NULL */
    const char *request_id;
};

/* How errors look below a path. "*" in the pattern stands for one segment; a pattern ending in "/"
 * fits everything below it too. */
struct face {
    const char *pattern;
    void (*write)(struct json_writer *writer, const struct problem *problem);
};

/* What is counted; read by /metrics. */
struct server_watch {
    /* After each answer, also one whose client has left before it was sent, on whatever thread: must
     * return at once. route is NULL when none fitted. */
    void (*answered)(void *state, const struct route *route, const char *method, int status,
                     double seconds, uint64_t bytes_sent);
    void *state;
};

struct server_options {
    const char *host;          /* address or name; "127.0.0.1" */
    uint16_t port;             /* 0: a free one */
    int server_threads;        /* 0: 1 on up to four cores, else 2 */
    int request_threads;       /* 0: 4 */
    int long_threads;          /* handlers of ROUTE_LONG at a time, at most; 0: 32 */
    int long_waiting_max;      /* those that wait for one to end; more get 429. 0: 64 */
    const char *upload_folder; /* made when missing; uploads left there are removed at start */

    const struct route_table *tables;
    size_t table_count;
    const struct face *faces; /* the last pattern is "/" */
    size_t face_count;
    void *context; /* request_context() */
    struct server_watch watch;

    /* Who may ask; see guard.h. */
    const char *api_key;       /* NULL: no key */
    bool listings_are_public;  /* ROUTE_LISTING answers without it */
    const char *allowed_hosts; /* comma-separated names that Host may have, besides the address we
                                   listen on and the loopback names; "*": any; or NULL */
    const char *
        allowed_origins; /* comma-separated origins for CORS and for state changes; "*": any; or NULL */

    /* Limits; 0: the default in server.c. */
    size_t json_max, upload_max, upload_fields_max, answer_max; /* bytes, bytes, count, bytes */
    int connections_max, idle_timeout_s;
};

/* options are copied, what they point to is borrowed. Nothing is accepted yet. NULL on failure. */
struct server *server_create(const struct server_options *options, struct err *err);
struct events *server_events(struct server *server);

/* Listens and accepts. ERR_UNAVAILABLE when the address is taken or not ours. */
bool server_listen(struct server *server, struct err *err);
uint16_t server_port(const struct server *server); /* once listening */

/* Must requests have a key? And the session (session.h) of who knows it; NULL when this is not it. */
bool server_has_key(const struct server *server);
const char *server_session(const struct server *server, const char *key);

/* Numbers for /metrics and /readyz. */
struct server_load {
    int connections, queued, running, streams;
    int long_queued, long_running;
    int long_max; /* of long_running */
};
struct server_load server_load(const struct server *server);

/* Stops accepting and waits until all requests are answered, at most timeout_s; then long ones are
 * cancelled and have a second to say so. True when all were answered without that. */
bool server_drain(struct server *server, double timeout_s);
void server_destroy(struct server *server); /* accepts NULL; cuts what is left */
