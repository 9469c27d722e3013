#include "http/server.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "http/server_internal.h"

#define LISTEN_BACKLOG 1024

#define PIECES_MAX ((size_t)32 << 20) /* bytes of files in memory, of all answers together */

/* ---- options ---- */

static size_t or_default(size_t value, size_t otherwise)
{
    return value ? value : otherwise;
}

static int or_default_int(int value, int otherwise)
{
    return value ? value : otherwise;
}

/* One server thread answers some 100,000 requests a second; a second one helps where there are cores
 * to spare for it. */
static int default_server_threads(void)
{
    return sysconf(_SC_NPROCESSORS_ONLN) > 4 ? 2 : 1;
}

static struct server_options with_defaults(const struct server_options *given)
{
    struct server_options out = *given;

    out.host = given->host ? given->host : "127.0.0.1";
    out.server_threads = or_default_int(given->server_threads, default_server_threads());
    out.request_threads = or_default_int(given->request_threads, 4);
    out.long_threads = or_default_int(given->long_threads, 32);
    out.long_waiting_max = or_default_int(given->long_waiting_max, 64);
    out.json_max = or_default(given->json_max, (size_t)16 << 20);
    out.upload_max = or_default(given->upload_max, (size_t)512 << 20);
    out.upload_fields_max = or_default(given->upload_fields_max, 64);
    out.answer_max = or_default(given->answer_max, (size_t)256 << 20);
    out.connections_max = or_default_int(given->connections_max, 1024);
    out.idle_timeout_s = or_default_int(given->idle_timeout_s, 60);
    return out;
}

/* ---- life ---- */

struct server *server_create(const struct server_options *options, struct err *err)
{
    struct server *server = xcalloc(1, sizeof *server);

    assert(options->face_count > 0);
    server->old_listener = -1;
    server->options = with_defaults(options);
    server->guard = (struct guard){
        .host = server->options.host,
        .api_key = options->api_key,
        .allowed_hosts = options->allowed_hosts,
        .allowed_origins = options->allowed_origins,
    };
    if (options->api_key) {
        session_format(options->api_key, server->session);
        server->guard.session = server->session;
    }
    atomic_init(&server->piece_budget, PIECES_MAX);
    pthread_mutex_init(&server->lock, NULL);
    cond_init(&server->idle);
    if (getrandom(&server->id_seed, sizeof server->id_seed, 0) != sizeof server->id_seed)
        abort(); /* the kernel gives so few bytes whole */
    server->router = router_create(options->tables, options->table_count);
    server->events = events_create(server, err);
    if (!server->events)
        goto failed;
    if (options->upload_folder && !upload_folder_prepare(options->upload_folder, err))
        goto failed;
    server->pool = request_pool_create(server->options.request_threads, QUEUE_MAX, err);
    server->long_pool = request_pool_create_elastic(server->options.long_threads,
                                                    (size_t)server->options.long_waiting_max);
    server->departures = server->pool ? departures_create(err) : NULL;
    if (server->departures)
        return server;
failed:
    server_destroy(server);
    return NULL;
}

/* Lets go of every paused connection: each looks at is_stopping when it is called next. */
static void stop_pauses(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->is_stopping = true;
    pthread_mutex_unlock(&server->lock);
    if (server->events)
        events_stop(server->events);
    if (server->departures)
        departures_close(server->departures);
    if (server->pool)
        request_pool_stop(server->pool);
    if (server->long_pool)
        request_pool_stop(server->long_pool);
    connections_resume(server);
}

void server_destroy(struct server *server)
{
    if (!server)
        return;
    stop_pauses(server);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    if (server->old_listener >= 0)
        close(server->old_listener);
    events_destroy(server->events);
    departures_destroy(server->departures);
    request_pool_destroy(server->long_pool);
    request_pool_destroy(server->pool);
    router_destroy(server->router);
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

/* ---- sessions ---- */

bool server_has_key(const struct server *server)
{
    return server->guard.api_key;
}

const char *server_session(const struct server *server, const char *key)
{
    const char *api_key = server->guard.api_key;

    return api_key && secret_is(api_key, key, strlen(key)) ? server->session : NULL;
}

/* ---- listening ---- */

static bool refuse_address(const struct server *server, int failure, struct err *err)
{
    const char *host = server->options.host;
    unsigned port = server->options.port;

    if (failure == EADDRINUSE)
        return err_set(err, ERR_UNAVAILABLE,
                       "Port %u of %s is taken by another program. Choose another port (0 finds a "
                       "free one).",
                       port, host);
    if (failure == EADDRNOTAVAIL)
        return err_set(err, ERR_UNAVAILABLE, "%s is not an address of this machine.", host);
    if (failure == EACCES)
        return err_set(err, ERR_UNAVAILABLE,
                       "Port %u of %s may not be used by this user. Choose one above 1023.", port,
                       host);
    return err_set(err, ERR_UNAVAILABLE, "Cannot listen on port %u of %s: %s.", port, host,
                   strerror(failure));
}

/* A listening socket for one address, or -1 with errno. */
static int listen_on(const struct addrinfo *address)
{
    const int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failure;

    if (fd < 0)
        return -1;
    /* A restart must not wait for the old connections' last packets. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

/* A listening socket for the first of the host's addresses that lets us, or -1. */
static int open_listener(const struct server *server, struct err *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *addresses;
    char port[8];
    int fd = -1, failure;

    snprintf(port, sizeof port, "%u", server->options.port);
    failure = getaddrinfo(server->options.host, port, &hints, &addresses);
    if (failure) {
        err_set(err, ERR_UNAVAILABLE, "There is no address for the host %s: %s.",
                server->options.host, gai_strerror(failure));
        return -1;
    }
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next)
        fd = listen_on(a);
    failure = errno;
    freeaddrinfo(addresses);
    if (fd < 0)
        refuse_address(server, failure, err);
    return fd;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char port[8] = "0";

    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        getnameinfo((struct sockaddr *)&address, size, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return (uint16_t)strtoul(port, NULL, 10);
}

PRINTF_LIKE(2, 0)
static void log_library(void *cls, const char *format, va_list args)
{
    char *message;

    (void)cls;
    if (!log_has(LOG_DEBUG))
        return;
    message = str_format_v(format, args);
    log_debug("http", "libmicrohttpd: %s", message);
    free(message);
}

/* Targets are decoded by us, which knows what to refuse (target.c). */
static size_t leave_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls, (void)connection;
    return strlen(text);
}

static void count_connection(void *cls, struct MHD_Connection *connection, void **state,
                             enum MHD_ConnectionNotificationCode code)
{
    struct server *server = cls;

    (void)connection, (void)state;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        server->connections++;
    else
        server->connections--;
}

static struct MHD_Daemon *start_daemon(struct server *server, int listener)
{
    const struct server_options *options = &server->options;
    const unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem pool[] = {
        { MHD_OPTION_THREAD_POOL_SIZE, options->server_threads, NULL },
        { MHD_OPTION_END, 0, NULL },
    };

    if (options->server_threads == 1) /* the pool of one is the daemon's own thread */
        pool[0].option = MHD_OPTION_END;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, connection_access, server, MHD_OPTION_EXTERNAL_LOGGER, log_library,
        NULL, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)options->connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)options->idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, connection_uri, server,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        connection_completed, server, MHD_OPTION_NOTIFY_CONNECTION, count_connection, server,
        MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
}

bool server_listen(struct server *server, struct err *err)
{
    int listener = open_listener(server, err);

    if (listener < 0)
        return false;
    server->port = port_of(listener);
    server->guard.port = server->port;
    server->has_listener = true;
    server->daemon = start_daemon(server, listener);
    if (server->daemon)
        return true;
    server->has_listener = false;
    close(listener);
    return err_set(err, ERR_INTERNAL, "Cannot start the server's threads.");
}

/* ---- the end ---- */

/* The socket is closed when the daemon has stopped: its thread may still be about to take it out of
 * what it waits for, by a number that another file might have by then. */
static void stop_accepting(struct server *server)
{
    atomic_store(&server->is_draining, true);
    pthread_mutex_lock(&server->lock);
    if (server->has_listener) {
        server->old_listener = MHD_quiesce_daemon(server->daemon);
        shutdown(server->old_listener, SHUT_RDWR); /* refuses whoever comes now */
    }
    server->has_listener = false;
    pthread_mutex_unlock(&server->lock);
}

/* True when no request is being worked on. */
static bool await_idle(struct server *server, double timeout_s)
{
    double until_s = clock_seconds() + timeout_s;

    pthread_mutex_lock(&server->lock);
    while (server->active > 0 && cond_wait_until(&server->idle, &server->lock, until_s))
        continue;
    bool is_idle = server->active == 0;
    pthread_mutex_unlock(&server->lock);
    return is_idle;
}

bool server_drain(struct server *server, double timeout_s)
{
    stop_accepting(server);
    events_drain(server->events);
    bool is_idle = await_idle(server, timeout_s);
    departures_close(server->departures);
    if (!is_idle)
        await_idle(server, DRAIN_CANCELLED_S);
    return is_idle;
}

/* ---- what others ask ---- */

struct events *server_events(struct server *server)
{
    return server->events;
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

struct server_load server_load(const struct server *server)
{
    return (struct server_load){
        .connections = server->connections,
        .queued = request_pool_queued(server->pool),
        .running = request_pool_running(server->pool),
        .streams = server->streams,
        .long_queued = request_pool_queued(server->long_pool),
        .long_running = request_pool_running(server->long_pool),
        .long_max = server->options.long_threads,
    };
}

const struct server_options *server_options(const struct server *server)
{
    return &server->options;
}

struct request_pool *server_pool(struct server *server)
{
    return server->pool;
}

atomic_size_t *server_piece_budget(struct server *server)
{
    return &server->piece_budget;
}

atomic_int *server_streams(struct server *server)
{
    return &server->streams;
}

bool server_is_stopping(struct server *server)
{
    bool out;

    pthread_mutex_lock(&server->lock);
    out = server->is_stopping;
    pthread_mutex_unlock(&server->lock);
    return out;
}
