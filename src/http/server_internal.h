#pragma once

/* The server's inside, for what handles its connections: server.c, connection.c and what they call. */

#include <pthread.h>

#include "http/http_internal.h"
#include "http/session.h"

#define HEADERS_MAX 16384     /* bytes of names and values; more is 431 */
#define HEADERS_COUNT_MAX 100 /* likewise */
#define QUEUE_MAX 256         /* requests that wait for a thread; more get 503 */
#define RETRY_S 1             /* what those are told for whom it is busy: ERR_BUSY, ERR_LIMIT */
#define DRAIN_CANCELLED_S 1.0 /* how long cancelled handlers may take to end */
#define UNASKED_MAX 65536     /* bytes of a body that are taken where none is expected */
#define DISCARD_MAX 67108864  /* bytes of a refused body that are read and thrown away */
#define UPLOAD_PIECE 262144   /* bytes of an upload that are written at once */
#define READER_PIECE 32768    /* bytes asked of a body_reader at once */

/* Bytes libmicrohttpd has for a request's headers and for what was read ahead. It zeroes them after each
 * request, which at 64 kB was an eighth of a short answer's time. What does not fit it refuses itself,
 * with a page of its own; our limits are below that. */
#define CONNECTION_MEMORY 32768

struct server {
    /* set once */
    struct server_options options; /* defaults filled in */
    struct guard guard;
    char session[SESSION_SIZE]; /* the key's; "" without one */
    struct router *router;
    struct request_pool *pool, *long_pool;
    struct departures *departures; /* of long handlers' clients */
    struct events *events;
    struct MHD_Daemon *daemon; /* NULL until it listens */
    uint16_t port;
    uint64_t id_seed;

    atomic_int connections, streams;
    atomic_size_t piece_budget; /* bytes of files that answers may still hold in memory */
    atomic_ullong requests;     /* so far: the next request's number */
    atomic_bool is_draining;

    pthread_mutex_t lock; /* leaf but for libmicrohttpd's own, inside pausing and resuming */
    pthread_cond_t idle;  /* active became 0 */

    /* protected by lock */
    int active;             /* requests whose headers are here and whose answer is not out */
    struct request *paused; /* all that are */
    bool is_stopping;
    bool has_listener; /* libmicrohttpd's listening socket is open */
    int old_listener;  /* that socket once it accepts nothing any more, ours to close; or -1 */
};

bool server_is_stopping(struct server *server);

/* ---- connection.c: libmicrohttpd's callbacks; their cls is the server ---- */

void *connection_uri(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result connection_access(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *length, void **state);
void connection_completed(void *cls, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code);

/* The socket of its connection, which must not have ended. */
int connection_socket(const struct request *request);

/* Nobody works on the request any more: it is told of, and counted no longer. */
void connection_end(struct request *request);

/* Resumes all that are paused. */
void connections_resume(struct server *server);

/* On a request thread or a long one: what came in is written down to its end, and the handler runs. */
bool connection_run_handler(struct request *request, struct err *err);

/* ---- long_work.c ---- */

/* Hands a complete, paused request to a long thread. False when too many wait for one. */
bool long_work_begin(struct request *request);

/* libmicrohttpd lets go of the connection, and a long handler may still be running for it. */
void long_work_leave(struct request *request);

/* ---- request.c ---- */

/* uri may be NULL. */
struct request *request_create(struct server *server, struct MHD_Connection *connection,
                               const char *uri);

/* The connection lets go of it, or the handler that streams to it does. The last one releases
 * everything, the response and its body too. */
void request_drop(struct request *request);

/* ---- headers.c ---- */

/* Reads request->headers and id, and refuses what cannot be one plain request: the status, or 0. */
int headers_read(struct request *request, struct err *err);

/* Copies method and headers, so that the connection may go. */
void headers_keep(struct request *request);

/* Content-Length; BODY_LENGTH_UNKNOWN for a chunked body, 0 when there is none. */
uint64_t headers_body_length(const struct request *request);

/* ---- admission.c: from the headers to a verdict ---- */

/* May the request go on, and to which route? The status to refuse with, or 0. */
int request_admit(struct request *request, const char *version, struct err *err);

/* May its body come? Sets body_max and is_upload. The status to refuse with, or 0. */
int request_admit_body(struct request *request, struct err *err);

/* Sets the error for a body over body_max, and returns its status. */
int body_refuse_size(const struct request *request, struct err *err);

/* ---- answer.c, problem.c ---- */

/* Makes request->answer of its response, or of an error when that is not possible. */
void answer_make(struct request *request);

/* The answer to OPTIONS: Allow, and what a preflight asks. */
void answer_options(struct request *request);

/* The status that stands for an error's kind. */
int problem_status(enum err_kind kind);

/* The response becomes this error, in the face of the request's path. */
void problem_write(struct request *request, int status, const struct err *err);

/* The same for a handler that failed: the status stands for its kind; 500s are logged. */
void problem_write_failure(struct request *request, const struct err *err);

/* ---- response.c ---- */

void response_init(struct response *response, struct request *request);
void response_reset(struct response *response); /* no body, no headers, 200 */
/* The answer becomes one without a body; headers stay. */
void response_drop_body(struct response *response, int status);
void response_release(struct response *response);
