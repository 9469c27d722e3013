/*
 * One thread keeps the leases of all lanes: a lane is busy with its unit, for
 * longer than a lease at times. Each lease is extended when a third of it has
 * passed, so that two more tries are left when the store does not answer.
 */
#include <math.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "jobs/jobs_internal.h"

/* When the thread has something to do next. */
static double next_moment_locked(const struct jobs *jobs)
{
    double at = jobs->reclaim_at;

    for (int i = 0; i < jobs->lane_count; i++) {
        const struct run *run = jobs->lanes[i].run;

        if (run && !run->is_ending)
            at = fmin(at, run->extend_at);
    }
    return at;
}

void lease_answered(struct lane *lane, uint64_t claim, bool ok, double asked_s)
{
    struct jobs *jobs = lane->jobs;

    pthread_mutex_lock(&jobs->lock);
    if (lane->run && lane->claims == claim) {
        if (ok)
            lane->run->lease_until = asked_s + jobs->lease_s;
        else
            jobs_stop_run_locked(lane->run, STOP_LEASE);
    }
    pthread_mutex_unlock(&jobs->lock);
}

static void extend(struct jobs *jobs, struct lane *lane, int64_t id, uint64_t claim)
{
    double asked_s = clock_seconds();
    struct err err = { 0 };
    bool ok = store_unit_extend(jobs->options.store, id, jobs->owner, jobs->options.lease_ms, &err);

    if (!ok && err.kind != ERR_CONFLICT && err.kind != ERR_NOT_FOUND) {
        jobs_store_failed(jobs, &err);
        return;
    }
    jobs_store_answered(jobs);
    lease_answered(lane, claim, ok, asked_s);
}

static void extend_due(struct jobs *jobs)
{
    for (int i = 0; i < jobs->lane_count; i++) {
        struct lane *lane = &jobs->lanes[i];
        double now = clock_seconds();
        int64_t id = 0;
        uint64_t claim = 0;

        pthread_mutex_lock(&jobs->lock);
        bool is_due = lane->run && !lane->run->is_ending && lane->run->extend_at <= now;
        if (is_due) {
            lane->run->extend_at = now + jobs->lease_s / 3;
            id = lane->run->unit->id;
            claim = lane->claims;
        }
        pthread_mutex_unlock(&jobs->lock);
        if (is_due)
            extend(jobs, lane, id, claim);
    }
}

static bool is_reclaim_due(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    bool is_due = jobs->reclaim_at <= clock_seconds();
    pthread_mutex_unlock(&jobs->lock);
    return is_due;
}

static void note_reclaim(struct jobs *jobs, int64_t count)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->abandoned -= count < jobs->abandoned ? count : jobs->abandoned;
    jobs->reclaim_at = jobs->abandoned > 0 ? clock_seconds() + jobs->lease_s / 3 : INFINITY;
    if (count > 0)
        jobs_wake_locked(jobs);
    pthread_mutex_unlock(&jobs->lock);
}

/* Takes back what was abandoned, once its lease has run out. */
static void reclaim_due(struct jobs *jobs)
{
    struct arena arena = ARENA;
    struct reclaimed reclaimed;
    struct err err = { 0 };

    if (!is_reclaim_due(jobs))
        return;
    if (store_units_reclaim(jobs->options.store, &arena, false, JOB_ATTEMPTS_MAX, JOBS_NOT_STORED,
                            &reclaimed, &err))
        jobs_store_answered(jobs);
    else
        jobs_store_failed(jobs, &err);
    note_reclaim(jobs, reclaimed.units);
    jobs_reclaimed(jobs, &reclaimed);
    arena_release(&arena);
}

void *lease_work(void *arg)
{
    struct jobs *jobs = arg;
    bool is_ending = false;

    while (!is_ending) {
        pthread_mutex_lock(&jobs->lock);
        while (!jobs->is_lease_ending && clock_seconds() < next_moment_locked(jobs))
            cond_wait_until(&jobs->moved, &jobs->lock, next_moment_locked(jobs));
        is_ending = jobs->is_lease_ending;
        pthread_mutex_unlock(&jobs->lock);
        if (!is_ending) {
            extend_due(jobs);
            reclaim_due(jobs);
        }
    }
    return NULL;
}
