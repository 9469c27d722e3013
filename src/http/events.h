#pragma once

/*
 * Server-Sent Events (WHATWG HTML, 9.2) about topics: an answer that stays open
 * and gets the topic's present state whenever it changed.
 *
 * An event carries the whole state, not a difference. So a client that is slow
 * misses intermediate states and never the last, nothing has to be kept for
 * those that come back, and Last-Event-ID is only a comparison: who has the
 * present version gets nothing until the next change.
 *
 * States are rendered on a request thread, never on a server thread or in
 * events_notify. A comment goes out every EVENTS_HEARTBEAT_S, which is how a
 * client that left is noticed. At most EVENTS_CLIENTS_MAX streams are open.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/request.h"
#include "http/response.h"

#define EVENTS_HEARTBEAT_S 15
#define EVENTS_CLIENTS_MAX 256

struct events; /* the server's; see server_events() */

/* One topic as the subscriber sees it. */
struct event_source {
    /* Appends the topic's state as JSON on one line and sets its version: another for each state.
     * False when the topic is gone. Appending nothing: it cannot be told now, and the stream waits
     * for the next change. *is_last: nothing will change any more; the stream ends after this. */
    bool (*render)(void *context, const char *topic, struct buf *out, uint64_t *version,
                   bool *is_last);
    void *context;     /* outlives the server */
    double interval_s; /* the least between two states of a stream; 0: none */
};

/* Makes the response an event stream on topic (copied). The present state is sent first, unless the
 * request's Last-Event-ID is its version. ERR_UNAVAILABLE when there are too many, ERR_BUSY while the
 * server stops. */
bool response_events(struct response *response, struct request *request, const char *topic,
                     const struct event_source *source, struct err *err);

/* The topic has changed, or (NULL) any may have. Any thread; returns at once. */
void events_notify(struct events *events, const char *topic);
