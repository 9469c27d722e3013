#pragma once

/*
 * Threads that share the work of whoever calls. A job is a count of units that
 * may be done in any order; the caller does units of its own job too, so that a
 * pool of one thread starts none. Several callers at a time share the threads.
 *
 * A pass has hundreds of short jobs: idle threads look for the next one for some
 * microseconds before they sleep.
 */

#include <stddef.h>

#include "base/err.h"

struct pool;

/* threads: who computes at most at one job, the caller among them; at least 1. They inherit the
 * priority of the calling thread. NULL with ERR_INTERNAL where they cannot be started. */
struct pool *pool_create(int threads, struct err *err);
void pool_destroy(struct pool *pool); /* no job may be running; accepts NULL */

size_t pool_lanes(const struct pool *pool); /* threads, as given to pool_create */

/* Calls work for each unit below count, and returns when all are done. lane is below pool_lanes and
 * belongs to one thread at a time within the job: units of a lane may share scratch. */
void pool_run(struct pool *pool, size_t count, void (*work)(void *state, size_t unit, size_t lane),
              void *state);
