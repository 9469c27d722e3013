#pragma once

/*
 * What the files of src/http share: a request from its first header to its last
 * byte, its response, and the body that response has.
 *
 * One thread at a time works on a request. It begins on a server thread; while
 * the connection is paused, it belongs to the request thread that runs its
 * handler (or writes its upload down); after request_resume it is the server
 * thread's again. libmicrohttpd's lock, taken by pausing and resuming, orders
 * what both wrote.
 *
 * A long handler that streams its answer is the exception. From response_stream
 * on the response and what has to do with sending are the server thread's, the
 * rest (the arena, what came in) stays the handler's, and the stream's ring is
 * between them. Whoever of the two is done last destroys the request. The
 * connection may go first, so nothing of libmicrohttpd's memory is looked at by
 * a long handler (headers_keep).
 *
 * A body is released when libmicrohttpd has let go of it.
 */

#include <microhttpd.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "http/departures.h"
#include "http/events.h"
#include "http/guard.h"
#include "http/request.h"
#include "http/request_pool.h"
#include "http/response.h"
#include "http/router.h"
#include "http/server.h"
#include "http/stream.h"

/* ---- bodies ---- */

#define BODY_LENGTH_UNKNOWN UINT64_MAX /* sent chunked */

enum body_kind {
    BODY_NONE,
    BODY_BYTES,
    BODY_CONSTANT,
    BODY_JSON,
    BODY_SHARED,
    BODY_FILE,
    BODY_READER,
};

/* What body_reader.read says instead of a number of bytes. */
#define BODY_WAIT 0   /* nothing now; request_pause() has been called */
#define BODY_END (-1) /* that was all, when the length is unknown */
#define BODY_CUT (-2) /* it cannot go on: the connection is closed before its end */

/* A body that is asked for piece by piece. */
struct body_reader {
    /* Copies up to size bytes from position on (0, then the sum of what was given). On a server
     * thread: must not wait. */
    ssize_t (*read)(void *state, uint64_t position, char *out, size_t size);

    /* Nobody reads any more: all was sent, the client has left, or it was never sent. Called once, on
     * a server thread, a request thread or a long one. The request may be gone after it. */
    void (*release)(void *state);
};

struct body {
    enum body_kind kind;
    uint64_t length; /* bytes; BODY_LENGTH_UNKNOWN only for a reader. BODY_NONE with 304: the length
                      * that the body would have, or 0 */
    union {
        char *bytes;                 /* owned */
        const char *constant;        /* as long-lived as the program */
        struct shared_bytes *shared; /* held */
        struct {
            int fd; /* owned */
            uint64_t offset;
        } file;
        struct {
            const struct body_reader *reader; /* static */
            void *state;
        } read;
    };
};

struct shared_bytes {
    atomic_int references;
    atomic_size_t *budget; /* gets its length back with the last reference; or NULL */
    size_t length;
    char bytes[];
};

/* Of this length, for the caller to fill; NULL when the budget (bytes that are left) has not so much. */
struct shared_bytes *shared_bytes_alloc(size_t length, atomic_size_t *budget);

/* ---- responses ---- */

#define RESPONSE_HEADERS_MAX 16

struct response_field {
    const char *name, *value; /* the response's text */
};

struct response {
    struct request *request; /* whose answer this is */
    int status;
    const char *media_type; /* NULL: none is sent */
    const char *coding;     /* Content-Encoding of the body; NULL: none */
    const char *etag;       /* quoted; or NULL */
    struct body body;
    struct buf json; /* BODY_JSON while it is written */
    struct json_writer writer;
    struct response_field fields[RESPONSE_HEADERS_MAX];
    int field_count;
    size_t text_used;
    char text[512]; /* copies of short strings; longer ones go into the request's arena */
};

/* Bodies for response_file, streams and events. The old body is released; media_type is copied. What
 * is passed (the descriptor, the state) is the response's from here on. */
void response_set_file(struct response *response, const char *media_type, int fd, uint64_t offset,
                       uint64_t length);
void response_set_reader(struct response *response, const char *media_type,
                         const struct body_reader *reader, void *state, uint64_t length);

/* ---- requests ---- */

enum request_phase {
    PHASE_BEGIN,    /* the headers are here, and nothing was looked at */
    PHASE_BODY,     /* the body comes in, if there is one */
    PHASE_WORK,     /* paused: waits for a request thread or is on one */
    PHASE_ANSWERED, /* the answer is ready, and given away once the request is complete */
    PHASE_SENDING,  /* libmicrohttpd has the answer */
};

#define REQUEST_ID_SIZE 65
#define REQUEST_TARGET_INLINE 384

/* A header kept in the arena. */
struct request_field {
    const char *name, *value;
    struct request_field *next;
};

/* The headers that are looked at of every request; NULL: absent. libmicrohttpd's memory, or kept. */
struct request_headers {
    const char *host, *origin, *fetch_site, *authorization, *xi_api_key, *cookies;
    const char *content_type, *content_length, *content_encoding, *transfer_encoding, *expect;
    const char *if_none_match, *request_id, *preflight_method;
};

struct request {
    struct request_pool_work work; /* first: the pool hands it back */

    /* set once */
    struct server *server;
    struct MHD_Connection *connection;
    double began_s;
    const char *method;
    struct request_headers headers;
    char id[REQUEST_ID_SIZE];

    /* The target in one piece of memory: as sent, decoded, and the segments of the match. */
    char *target;         /* path as sent (masked when it is bad); target_inline, or owned */
    char *query;          /* as sent, behind the '?'; or NULL */
    char *path;           /* decoded, with a leading slash; as sent when it is bad */
    size_t target_length; /* of all of it, in bytes */
    const char *line;     /* libmicrohttpd's copy, only to compare addresses */
    struct route_match match;

    /* server thread only */
    bool is_counted; /* among the server's active requests */
    bool has_paused; /* ever */
    bool must_close; /* the connection, after this answer */
    bool is_whole;   /* all of the answer went out */
    uint64_t sent;   /* bytes of the answer's body */

    enum request_phase phase;

    /* What comes in. */
    struct buf body;        /* a JSON body, or the piece of an upload that is not on disk yet */
    uint64_t body_received; /* bytes */
    uint64_t body_max;
    bool is_upload;          /* the body goes through upload_take */
    bool is_complete;        /* all of the body is here */
    struct uploads *uploads; /* upload.c's; NULL: none */
    json_t *json;            /* request_json's */

    /* Of a long handler (long_work.c). */
    struct request_field *kept; /* all headers, in order; NULL: ask libmicrohttpd */
    struct cancel cancel;       /* initialised while is_long */
    struct departure departure;
    struct stream *stream; /* owned; NULL: the answer is made as a whole */
    bool is_long;          /* its handler waits for a long thread or runs on one */
    atomic_int holders;    /* who works on it: the connection, and a long handler that streams */

    struct arena arena;
    struct response response;
    struct MHD_Response *answer; /* made of the response; ours until it is given away */

    /* protected by the server's lock */
    bool is_paused;
    struct request *paused_next, *paused_previous;

    char target_inline[REQUEST_TARGET_INLINE];
};

/*
 * Pausing: the server thread goes on with other connections until request_resume.
 * request_pause is for body_reader.read, right before it returns BODY_WAIT; call
 * it under the lock that the waking side holds when it looks whether anybody
 * waits, so that no wakeup is lost. request_resume may be called by any thread,
 * under that lock or not, while the request lives (until body_reader.release);
 * resuming what is not paused does nothing. Neither waits.
 *
 * While paused nobody notices that the client has left.
 */
bool request_pause(struct request *request); /* false: the server stops, nothing is awaited */
void request_resume(struct request *request);

/* ---- streams: stream.c's, for long_work.c ---- */

/* The handler has returned: with all of the body, or the connection is cut. */
void stream_finish(struct stream *stream, bool is_whole);
void stream_destroy(struct stream *stream); /* accepts NULL; neither side uses it any more */

/* ---- the server, as the other files see it ---- */

const struct server_options *server_options(const struct server *server); /* defaults filled in */
struct request_pool *server_pool(struct server *server);
atomic_size_t *server_piece_budget(struct server *server);
atomic_int *
server_streams(struct server *server); /* open streams and event streams: add, subtract */

/* ---- uploads: written in upload.c, called by the body phase ---- */

struct uploads;

/* The headers of an upload are here and passed all checks; Content-Length, if any, is within
 * body_max. Makes request->uploads. On a server thread: must not touch the disk. A failure is the
 * answer: ERR_INVALID, ERR_UNSUPPORTED. content_type may be NULL. */
bool upload_begin(struct request *request, const char *content_type, struct err *err) MUST_CHECK;

/* The next bytes of the body, in order. On a request thread, the connection paused: may wait for the
 * disk. After a failure only upload_release follows; the rest of the body is thrown away. */
bool upload_take(struct request *request, const void *bytes, size_t length,
                 struct err *err) MUST_CHECK;

/* The body is complete. On the request thread that runs the handler next. */
bool upload_end(struct request *request, struct err *err) MUST_CHECK;

/* Removes what was not taken. On the request thread after the handler; or, when the client left in
 * between, on a request thread or at the server's end. NULL is fine; frees it. */
void upload_release(struct uploads *uploads);

/* Makes the folder when it is missing and removes files an earlier process left there. */
bool upload_folder_prepare(const char *folder, struct err *err) MUST_CHECK;

/* ---- events: written in events.c ---- */

struct events *events_create(struct server *server, struct err *err); /* NULL on failure */

/* Ends all streams, whole, and takes no new ones. Any thread; returns at once. */
void events_drain(struct events *events);

/* Stops what runs for the events; nothing is paused for them afterwards. Before the pool stops. */
void events_stop(struct events *events);

/* What happens every EVENTS_HEARTBEAT_S: a comment for each stream that waits. Any thread. */
void events_beat(struct events *events);

/* Accepts NULL. No request is alive any more. */
void events_destroy(struct events *events);
