/*
 * One epoll set for the sockets, one thread that waits on it. An event carries a
 * ticket and not a pointer: when the thread comes to it, its departure may be
 * gone, or the socket's number be another connection's.
 *
 * EPOLLRDHUP comes for a client that only closed its sending half as well; on the
 * wire the two are the same until something is sent. Servers in front of us, and
 * Node's and Go's, take both for leaving.
 */

#include "http/departures.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"

#define EVENTS_AT_ONCE 16
#define TICKET_END 0 /* the eventfd's, which ends the thread */

struct departures {
    /* set once */
    int epoll, end;
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock;

    /* protected by lock */
    struct departure *watched;
    uint64_t tickets; /* given so far */
    bool is_closed;
};

/* ---- under lock ---- */

static void leave(struct departure *departure)
{
    departure->has_left = true;
    cancel_request(departure->cancel);
}

/* Some dozens at most. */
static struct departure *find(struct departures *departures, uint64_t ticket)
{
    struct departure *departure = departures->watched;

    while (departure && departure->ticket != ticket)
        departure = departure->next;
    return departure;
}

static void insert(struct departures *departures, struct departure *departure)
{
    departure->previous = NULL;
    departure->next = departures->watched;
    if (departure->next)
        departure->next->previous = departure;
    departures->watched = departure;
}

static void extract(struct departures *departures, struct departure *departure)
{
    if (departure->previous)
        departure->previous->next = departure->next;
    else
        departures->watched = departure->next;
    if (departure->next)
        departure->next->previous = departure->previous;
}

/* ---- the thread ---- */

static void take(struct departures *departures, uint64_t ticket)
{
    pthread_mutex_lock(&departures->lock);
    struct departure *departure = find(departures, ticket);
    if (departure)
        leave(departure);
    pthread_mutex_unlock(&departures->lock);
}

static void *watch(void *arg)
{
    struct departures *departures = arg;
    struct epoll_event events[EVENTS_AT_ONCE];

    for (;;) {
        int n = epoll_wait(departures->epoll, events, EVENTS_AT_ONCE, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.u64 == TICKET_END)
                return NULL;
            take(departures, events[i].data.u64);
        }
    }
}

/* ---- life ---- */

static bool add(struct departures *departures, int fd, uint32_t events, uint64_t ticket)
{
    struct epoll_event event = { .events = events, .data.u64 = ticket };

    return epoll_ctl(departures->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool start(struct departures *departures)
{
    int failure;

    departures->epoll = epoll_create1(EPOLL_CLOEXEC);
    departures->end = eventfd(0, EFD_CLOEXEC);
    if (departures->epoll < 0 || departures->end < 0 ||
        !add(departures, departures->end, EPOLLIN, TICKET_END))
        return false;
    failure = thread_start(&departures->thread, watch, departures);
    departures->has_thread = failure == 0;
    errno = failure;
    return departures->has_thread;
}

struct departures *departures_create(struct err *err)
{
    struct departures *departures = xcalloc(1, sizeof *departures);

    pthread_mutex_init(&departures->lock, NULL);
    if (start(departures))
        return departures;
    err_set(err, ERR_INTERNAL, "Cannot watch for clients that leave: %s.", strerror(errno));
    departures_destroy(departures);
    return NULL;
}

void departures_destroy(struct departures *departures)
{
    if (!departures)
        return;
    if (departures->has_thread) {
        eventfd_write(departures->end, 1);
        pthread_join(departures->thread, NULL);
    }
    if (departures->end >= 0)
        close(departures->end);
    if (departures->epoll >= 0)
        close(departures->epoll);
    pthread_mutex_destroy(&departures->lock);
    free(departures);
}

/* ---- what is watched ---- */

void departures_watch(struct departures *departures, struct departure *departure, int fd,
                      struct cancel *cancel)
{
    pthread_mutex_lock(&departures->lock);
    *departure = (struct departure){ .ticket = ++departures->tickets, .fd = fd, .cancel = cancel };
    insert(departures, departure);
    /* Without it the work is done for nobody at worst. */
    if (!add(departures, fd, EPOLLRDHUP | EPOLLONESHOT, departure->ticket))
        log_warning("http", "cannot watch a connection for its client's leaving: %s",
                    strerror(errno));
    if (departures->is_closed)
        cancel_request(cancel);
    pthread_mutex_unlock(&departures->lock);
}

/* Under lock. */
static void unwatch(struct departures *departures, struct departure *departure)
{
    epoll_ctl(departures->epoll, EPOLL_CTL_DEL, departure->fd, NULL);
    extract(departures, departure);
    departure->ticket = 0;
}

void departures_report(struct departures *departures, struct departure *departure)
{
    pthread_mutex_lock(&departures->lock);
    if (departure->ticket) {
        leave(departure);
        unwatch(departures, departure);
    }
    pthread_mutex_unlock(&departures->lock);
}

bool departures_unwatch(struct departures *departures, struct departure *departure)
{
    bool has_left;

    pthread_mutex_lock(&departures->lock);
    if (departure->ticket)
        unwatch(departures, departure);
    has_left = departure->has_left;
    pthread_mutex_unlock(&departures->lock);
    return has_left;
}

void departures_close(struct departures *departures)
{
    pthread_mutex_lock(&departures->lock);
    departures->is_closed = true;
    for (struct departure *departure = departures->watched; departure; departure = departure->next)
        cancel_request(departure->cancel);
    pthread_mutex_unlock(&departures->lock);
}
