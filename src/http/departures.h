#pragma once

/*
 * Tells long work that the client it is for has left: a thread watches the
 * sockets on which nothing is read or written meanwhile, and requests the work's
 * cancel when the other side closes its end.
 *
 * A departure is intrusive and its owner's. Any thread may call anything here;
 * nothing waits. Wakers of the cancels run under the departures' lock.
 */

#include <stdint.h>

#include "base/cancel.h"

struct departures;

/* One that is waited for; all fields are protected by the departures' lock. */
struct departure {
    uint64_t ticket; /* of what is watched; 0: nothing is */
    int fd;
    struct cancel *cancel;
    bool has_left;
    struct departure *next, *previous;
};

/* NULL with ERR_INTERNAL when the system refuses a thread or its descriptors. */
struct departures *departures_create(struct err *err) MUST_CHECK;

/* Until one of the next two, which comes before fd is closed and before the cancel goes. */
void departures_watch(struct departures *departures, struct departure *departure, int fd,
                      struct cancel *cancel);

/* The connection has ended, which somebody else saw first: requests the cancel and watches no longer.
 * Nothing happens when it is not watched any more. */
void departures_report(struct departures *departures, struct departure *departure);

/* Its cancel is not touched after this. True when the client has left. Idempotent. */
bool departures_unwatch(struct departures *departures, struct departure *departure);

/* Requests the cancels of all that are watched, and of all that will be: nobody waits for them. */
void departures_close(struct departures *departures);

void departures_destroy(struct departures *departures); /* nothing is watched; accepts NULL */
