#pragma once

/*
 * Threads that take work from a bounded queue, first come, first served: a fixed
 * number of them, or as many as are needed up to a limit, started when there is
 * work and none is idle.
 *
 * Work is intrusive: it stands in the struct it works for, which must live until
 * its run has begun its last access. It may be pushed again from its own run. Any
 * thread may push; request_pool_stop and request_pool_destroy are the creator's.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct request_pool;

struct request_pool_work {
    void (*run)(struct request_pool_work *work);
    struct request_pool_work *next; /* the pool's */

    /* Called instead of run when the pool stops first; NULL: its owner sees to it. */
    void (*drop)(struct request_pool_work *work);
};

/* NULL with ERR_INTERNAL when a thread cannot be started. Its threads take no signals. */
struct request_pool *request_pool_create(int threads, size_t queue_max, struct err *err) MUST_CHECK;

/* No thread runs yet, and never more than threads_max. */
struct request_pool *request_pool_create_elastic(int threads_max, size_t queue_max);

/* False when all threads are busy and as much as queue_max is waiting, when the pool was stopped, or
 * when it has no thread and the system gives it none. */
bool request_pool_push(struct request_pool *pool, struct request_pool_work *work) MUST_CHECK;

/* The same for the rest of what was let in before: never too full. False only when stopped. */
bool request_pool_push_admitted(struct request_pool *pool,
                                struct request_pool_work *work) MUST_CHECK;

bool request_pool_is_full(const struct request_pool *pool);
int request_pool_queued(const struct request_pool *pool);
int request_pool_running(const struct request_pool *pool);

/* Waits for what is running. What is still queued is dropped. */
void request_pool_stop(struct request_pool *pool);
void request_pool_destroy(struct request_pool *pool); /* stops; accepts NULL */
