#include "jobs/jobs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/thread.h"
#include "jobs/jobs_internal.h"

#define KEEP_ENDED_MS ((int64_t)60 * 60 * 1000)

_Static_assert(sizeof((struct jobs *)0)->owner >= ID_SIZE, "an owner is an id");

/* --- what the files of this folder call --- */

void jobs_wake_locked(struct jobs *jobs)
{
    jobs->wakes++;
    pthread_cond_broadcast(&jobs->work);
}

void jobs_stop_run_locked(struct run *run, enum stop_reason reason)
{
    if (reason > run->stop)
        run->stop = reason;
    cancel_request(&run->cancel);
}

void jobs_changed(struct jobs *jobs, const char *job_id)
{
    if (jobs->options.changed)
        jobs->options.changed(jobs->options.changed_state, job_id);
}

void jobs_reclaimed(struct jobs *jobs, const struct reclaimed *reclaimed)
{
    for (int64_t i = 0; i < reclaimed->job_count; i++)
        jobs_changed(jobs, reclaimed->jobs[i]);
}

void jobs_store_failed(struct jobs *jobs, const struct err *err)
{
    pthread_mutex_lock(&jobs->lock);
    bool is_first = jobs->store_err.kind == ERR_NONE;
    jobs->store_err = *err;
    pthread_mutex_unlock(&jobs->lock);
    if (is_first) {
        log_warning("jobs", "The queue waits until its database answers again: %s", err->message);
        jobs_changed(jobs, NULL);
    }
}

void jobs_store_answered(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    bool is_first = jobs->store_err.kind != ERR_NONE;
    err_clear(&jobs->store_err);
    pthread_mutex_unlock(&jobs->lock);
    if (is_first) {
        log_info("jobs", "The queue's database answers again");
        jobs_changed(jobs, NULL);
    }
}

bool jobs_is_stuck(struct jobs *jobs, struct err *why)
{
    pthread_mutex_lock(&jobs->lock);
    *why = jobs->store_err;
    pthread_mutex_unlock(&jobs->lock);
    return why->kind != ERR_NONE;
}

/* --- beginning --- */

static bool take_back(struct jobs *jobs, struct err *err)
{
    struct arena arena = ARENA;
    struct reclaimed reclaimed;
    bool ok = store_units_reclaim(jobs->options.store, &arena, true, JOB_DEATHS_MAX, JOBS_GIVEN_UP,
                                  &reclaimed, err);

    if (reclaimed.units > 0)
        log_info("jobs", "%lld units were under way when Parlando ended last",
                 (long long)reclaimed.units);
    jobs_reclaimed(jobs, &reclaimed);
    arena_release(&arena);
    return ok;
}

static struct jobs *jobs_alloc(const struct jobs_options *options)
{
    struct jobs *jobs = xcalloc(1, sizeof *jobs);

    jobs->options = *options;
    if (jobs->options.lease_ms <= 0)
        jobs->options.lease_ms = JOB_LEASE_MS;
    if (jobs->options.keep_ended_ms <= 0)
        jobs->options.keep_ended_ms = KEEP_ENDED_MS;
    id_make(jobs->owner);
    jobs->lease_s = 1e-3 * (double)jobs->options.lease_ms;
    jobs->stop_at = jobs->reclaim_at = INFINITY;
    jobs->lane_count = options->workers + 1;
    jobs->lanes = xcalloc((size_t)jobs->lane_count, sizeof *jobs->lanes);
    for (int i = 0; i < jobs->lane_count; i++) {
        jobs->lanes[i].jobs = jobs;
        jobs->lanes[i].priority = i < options->workers ? -1 : PRIORITY_LIVE;
    }
    pthread_mutex_init(&jobs->lock, NULL);
    cond_init(&jobs->work);
    cond_init(&jobs->moved);
    return jobs;
}

struct jobs *jobs_create(const struct jobs_options *options, struct err *err)
{
    if (options->workers < 1 || options->workers > JOBS_WORKERS_MAX) {
        err_set_param(err, ERR_INVALID, "workers", "There are from 1 to %d workers, not %d.",
                      JOBS_WORKERS_MAX, options->workers);
        return NULL;
    }
    struct jobs *jobs = jobs_alloc(options);
    if (take_back(jobs, err))
        return jobs;
    jobs_destroy(jobs);
    return NULL;
}

bool jobs_start(struct jobs *jobs, struct err *err)
{
    for (; jobs->started < jobs->lane_count; jobs->started++) {
        struct lane *lane = &jobs->lanes[jobs->started];

        if (thread_start(&lane->thread, lane_work, lane) != 0)
            return err_set(err, ERR_INTERNAL, "Cannot start a thread for the queue.");
    }
    jobs->has_lease_thread = thread_start(&jobs->lease_thread, lease_work, jobs) == 0;
    return jobs->has_lease_thread ||
           err_set(err, ERR_INTERNAL, "Cannot start a thread for the queue.");
}

/* --- stopping units --- */

/* Whose units to stop: of a job, about a subject, or (both NULL) all. */
struct target {
    const char *job_id, *subject;
};

static bool is_meant(const struct target *target, const struct unit *unit)
{
    return (!target->job_id || strcmp(unit->job_id, target->job_id) == 0) &&
           (!target->subject || strcmp(unit->subject, target->subject) == 0);
}

/* A lane that is just claiming may have got one from before the store was changed, so it is waited
 * for. That takes no longer than the change itself did. */
static void stop_units(struct jobs *jobs, const struct target *target, enum stop_reason reason)
{
    pthread_mutex_lock(&jobs->lock);
    for (int i = 0; i < jobs->lane_count; i++) {
        struct lane *lane = &jobs->lanes[i];
        uint64_t claims = lane->claims;

        while (lane->is_claiming && lane->claims == claims)
            pthread_cond_wait(&jobs->moved, &jobs->lock);
        if (lane->run && is_meant(target, lane->run->unit))
            jobs_stop_run_locked(lane->run, reason);
    }
    pthread_mutex_unlock(&jobs->lock);
}

static void wake(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    jobs_wake_locked(jobs);
    pthread_mutex_unlock(&jobs->lock);
}

/* --- ending --- */

static bool is_busy_locked(const struct jobs *jobs)
{
    for (int i = 0; i < jobs->lane_count; i++)
        if (jobs->lanes[i].run || jobs->lanes[i].is_claiming)
            return true;
    return false;
}

static void drain(struct jobs *jobs, double timeout_s)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->is_stopping = true;
    jobs->stop_at = clock_seconds() + timeout_s;
    jobs_wake_locked(jobs);
    while (is_busy_locked(jobs) && clock_seconds() < jobs->stop_at)
        cond_wait_until(&jobs->moved, &jobs->lock, jobs->stop_at);
    pthread_mutex_unlock(&jobs->lock);
}

void jobs_stop(struct jobs *jobs, double timeout_s)
{
    drain(jobs, timeout_s);
    stop_units(jobs, &(struct target){ 0 }, STOP_SHUTDOWN);
    for (; jobs->started > 0; jobs->started--)
        pthread_join(jobs->lanes[jobs->started - 1].thread, NULL);
    pthread_mutex_lock(&jobs->lock);
    jobs->is_lease_ending = true;
    pthread_cond_broadcast(&jobs->moved);
    pthread_mutex_unlock(&jobs->lock);
    if (jobs->has_lease_thread)
        pthread_join(jobs->lease_thread, NULL);
    jobs->has_lease_thread = false;
}

void jobs_destroy(struct jobs *jobs)
{
    if (!jobs)
        return;
    jobs_stop(jobs, 0);
    pthread_cond_destroy(&jobs->work);
    pthread_cond_destroy(&jobs->moved);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs->lanes);
    free(jobs);
}

/* --- jobs --- */

bool jobs_start_job(struct jobs *jobs, struct arena *arena, const struct new_job *job,
                    const char **existing, struct err *err)
{
    if (!store_job_create(jobs->options.store, arena, job, existing, err))
        return false;
    if (!*existing) {
        wake(jobs);
        jobs_changed(jobs, job->id);
    }
    return true;
}

static int64_t shown_since(const struct jobs *jobs)
{
    const struct clock *clock = &jobs->options.clock;

    return clock->now_ms(clock->state) - jobs->options.keep_ended_ms;
}

bool jobs_get(struct jobs *jobs, struct arena *arena, const char *id, struct job *out,
              struct err *err)
{
    if (!store_job_get(jobs->options.store, arena, id, out, err))
        return false;
    if (out->finished_at == 0 || out->finished_at >= shown_since(jobs))
        return true;
    return err_set(err, ERR_NOT_FOUND, "The job %.100s ended long ago.", id);
}

bool jobs_list(struct jobs *jobs, struct arena *arena, int64_t ended_max, struct job_list *out,
               struct err *err)
{
    return store_jobs(jobs->options.store, arena, shown_since(jobs), ended_max, out, err);
}

bool jobs_cancel(struct jobs *jobs, const char *id, struct err *err)
{
    if (!store_job_cancel(jobs->options.store, id, err))
        return false;
    stop_units(jobs, &(struct target){ .job_id = id }, STOP_CANCEL);
    jobs_changed(jobs, id);
    return true;
}

bool jobs_pause(struct jobs *jobs, const char *id, struct err *err)
{
    if (!store_job_pause(jobs->options.store, id, err))
        return false;
    stop_units(jobs, &(struct target){ .job_id = id }, STOP_PAUSE);
    jobs_changed(jobs, id);
    return true;
}

bool jobs_resume(struct jobs *jobs, const char *id, struct err *err)
{
    if (!store_job_resume(jobs->options.store, id, err))
        return false;
    wake(jobs);
    jobs_changed(jobs, id);
    return true;
}

bool jobs_retry(struct jobs *jobs, const char *id, int64_t *count, struct err *err)
{
    if (!store_job_retry(jobs->options.store, id, count, err))
        return false;
    wake(jobs);
    jobs_changed(jobs, id);
    return true;
}

void jobs_interrupt(struct jobs *jobs, const char *subject)
{
    stop_units(jobs, &(struct target){ .subject = subject }, STOP_SUBJECT);
}

/* --- load --- */

static void count_lanes(struct jobs *jobs, struct jobs_load *out)
{
    double now = clock_seconds();

    pthread_mutex_lock(&jobs->lock);
    for (int i = 0; i < jobs->lane_count; i++) {
        const struct lane *lane = &jobs->lanes[i];

        out->busy_s += lane->busy_s;
        if (!lane->run)
            continue;
        out->busy_s += now - lane->run->began_s;
        out->running_live += lane->run->unit->priority == PRIORITY_LIVE;
        out->running_bulk += lane->run->unit->priority == PRIORITY_BULK;
    }
    out->done = jobs->done;
    out->failed = jobs->failed;
    out->cancelled = jobs->cancelled;
    pthread_mutex_unlock(&jobs->lock);
}

bool jobs_load(struct jobs *jobs, struct jobs_load *out, struct err *err)
{
    *out = (struct jobs_load){ .workers = jobs->options.workers };
    count_lanes(jobs, out);
    return store_queue_load(jobs->options.store, &out->queue, err);
}
