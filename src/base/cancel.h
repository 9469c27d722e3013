#pragma once

/*
 * Stops work that other threads are doing. Loops look at cancel_is_requested()
 * between steps; a step that cannot look (a running inference) registers a
 * waker while it runs, which cancel_request() calls once.
 *
 * Any thread may call any function here. A waker runs under the lock: it may
 * set a flag, signal, or request another cancel, and nothing else.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"

struct cancel_waker {
    void (*wake)(void *what);
    void *what;
    struct cancel_waker *next; /* protected by the cancel's lock */
};

struct cancel {
    atomic_bool requested;
    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    struct cancel_waker *wakers; /* borrowed from the threads that registered them */
};

void cancel_init(struct cancel *cancel);
void cancel_release(struct cancel *cancel); /* nothing may be registered any more */

void cancel_request(struct cancel *cancel);

/* cancel may be NULL in all of these: nothing will ever be cancelled. */
bool cancel_is_requested(const struct cancel *cancel);
bool cancel_check(const struct cancel *cancel, struct err *err) MUST_CHECK; /* ERR_CANCELLED */

/* Waits until the request comes, at most timeout_s. True when it did. */
bool cancel_wait(struct cancel *cancel, double timeout_s);

/* Registers a waker; when the request has come already, it is called at once. */
void cancel_waker_begin(struct cancel *cancel, struct cancel_waker *waker);
void cancel_waker_end(struct cancel *cancel, struct cancel_waker *waker);
