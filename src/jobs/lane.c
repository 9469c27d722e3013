/*
 * A lane claims a unit, runs it, and stores how it ended, over and over. Without
 * anything to claim it sleeps until it is woken or the earliest retry is due.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "jobs/jobs_internal.h"

/* When the store does not answer: tried again after a tenth of a second, then ever later. */
#define PATIENCE_FIRST_S 0.1
#define PATIENCE_MOST_S 5.0
#define PATIENCE_DOUBLINGS_MAX 6

/* So that a clock that disagrees with the store's does not make a lane spin. */
#define WAIT_LEAST_MS 10

static double patience_s(int failures)
{
    int doublings = failures < PATIENCE_DOUBLINGS_MAX ? failures : PATIENCE_DOUBLINGS_MAX;

    return fmin(ldexp(PATIENCE_FIRST_S, doublings), PATIENCE_MOST_S);
}

/* --- claiming --- */

/* False when nothing is to be claimed any more. *seen is for wait_for_work. */
static bool begin_claim(struct lane *lane, uint64_t *seen)
{
    struct jobs *jobs = lane->jobs;

    pthread_mutex_lock(&jobs->lock);
    bool may_claim = !jobs->is_stopping;
    *seen = jobs->wakes;
    lane->is_claiming = may_claim;
    lane->claims += may_claim;
    pthread_mutex_unlock(&jobs->lock);
    return may_claim;
}

/* What was claimed can be stopped from the moment on that nobody claims here any more; run is NULL
 * for nothing. */
static void end_claim(struct lane *lane, struct run *run, double asked_s)
{
    struct jobs *jobs = lane->jobs;

    pthread_mutex_lock(&jobs->lock);
    lane->is_claiming = false;
    lane->run = run;
    if (run) {
        run->began_s = clock_seconds();
        run->lease_until = asked_s + jobs->lease_s;
        run->extend_at = asked_s + jobs->lease_s / 3;
    }
    pthread_cond_broadcast(&jobs->moved);
    pthread_mutex_unlock(&jobs->lock);
}

/* The moment (clock_seconds) at which a unit that waits for its next try is due in this lane. */
static bool next_due(struct lane *lane, double *due_s, struct err *err)
{
    struct jobs *jobs = lane->jobs;
    struct queue_load load;
    int64_t at = INT64_MAX;

    if (!store_queue_load(jobs->options.store, &load, err))
        return false;
    if (load.queued_live > 0)
        at = load.next_live_at;
    if (load.queued_bulk > 0 && lane->priority != PRIORITY_LIVE && load.next_bulk_at < at)
        at = load.next_bulk_at;
    int64_t wait_ms = at - jobs->options.clock.now_ms(jobs->options.clock.state);
    *due_s =
        at == INT64_MAX ? INFINITY : clock_seconds() + 1e-3 * fmax((double)wait_ms, WAIT_LEAST_MS);
    return true;
}

static void wait_for_work(struct lane *lane, uint64_t seen, double until_s)
{
    struct jobs *jobs = lane->jobs;

    pthread_mutex_lock(&jobs->lock);
    while (jobs->wakes == seen && !jobs->is_stopping &&
           cond_wait_until(&jobs->work, &jobs->lock, until_s))
        continue;
    pthread_mutex_unlock(&jobs->lock);
}

/* One try. Without a unit, *until_s says when the next one makes sense without being woken. */
static bool claim(struct lane *lane, struct arena *arena, struct unit *unit, struct run *run,
                  double *until_s)
{
    struct jobs *jobs = lane->jobs;
    double asked_s = clock_seconds();
    struct err err = { 0 };
    bool found;

    bool ok = store_unit_claim(jobs->options.store, arena, jobs->owner, jobs->options.lease_ms,
                               lane->priority, unit, &found, &err);
    found = found && ok;
    end_claim(lane, found ? run : NULL, asked_s);
    *until_s = INFINITY;
    if (ok && (found || next_due(lane, until_s, &err))) {
        jobs_store_answered(jobs);
        lane->failures = 0;
    } else {
        jobs_store_failed(jobs, &err);
        *until_s = clock_seconds() + patience_s(lane->failures++);
    }
    return found;
}

/* Waits for a unit and takes it. False when the lane is to end. */
static bool take_unit(struct lane *lane, struct arena *arena, struct unit *unit, struct run *run)
{
    uint64_t seen;
    double until_s;

    while (begin_claim(lane, &seen)) {
        if (claim(lane, arena, unit, run, &until_s))
            return true;
        arena_release(arena);
        wait_for_work(lane, seen, until_s);
    }
    return false;
}

/* --- storing the end --- */

/* The lease is not extended from here on: what cannot be stored while it lives is somebody else's
 * then. */
static double begin_ending(struct lane *lane, struct run *run, enum stop_reason *stop)
{
    struct jobs *jobs = lane->jobs;

    pthread_mutex_lock(&jobs->lock);
    run->is_ending = true;
    *stop = run->stop;
    double until_s = run->lease_until;
    pthread_mutex_unlock(&jobs->lock);
    return until_s;
}

/* False when there is no time left for another try. */
static bool wait_for_store(struct jobs *jobs, double seconds, double until_s)
{
    double now = clock_seconds(), next = now + seconds;

    pthread_mutex_lock(&jobs->lock);
    while (now < next && now < until_s && now < jobs->stop_at) {
        cond_wait_until(&jobs->work, &jobs->lock, fmin(next, fmin(until_s, jobs->stop_at)));
        now = clock_seconds();
    }
    bool has_time = now < until_s && now < jobs->stop_at;
    pthread_mutex_unlock(&jobs->lock);
    return has_time;
}

/* Tries until the store has it, refuses it, or until_s has come. */
static bool store_end(struct lane *lane, const struct unit *unit, const struct unit_end *end,
                      bool fails_job, double until_s, struct err *err)
{
    struct jobs *jobs = lane->jobs;
    struct store *store = jobs->options.store;

    for (int failures = 0;; failures++) {
        /* The job first: its last unit's end would end it as done. */
        if ((!fails_job || store_job_fail(store, unit->job_id, end->error, err)) &&
            store_unit_end(store, unit->id, jobs->owner, end, err)) {
            jobs_store_answered(jobs);
            return true;
        }
        if (!outcome_may_pass(err))
            return false;
        jobs_store_failed(jobs, err);
        if (!wait_for_store(jobs, patience_s(failures), until_s))
            return false;
    }
}

/* A result that its subject does not take (any more) is no result. */
static bool store_refusal(struct lane *lane, const struct unit *unit, struct unit_end *end,
                          double until_s, struct err *err)
{
    struct err refusal = *err;

    end->state = refusal.kind == ERR_NOT_FOUND ? UNIT_CANCELLED : UNIT_FAILED;
    end->error = refusal.message;
    end->result = NULL;
    bool ok = store_end(lane, unit, end, false, until_s, err);
    end->error = NULL; /* it was on this stack */
    return ok;
}

static void count_end(struct jobs *jobs, enum unit_state state)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->done += state == UNIT_DONE;
    jobs->failed += state == UNIT_FAILED;
    jobs->cancelled += state == UNIT_CANCELLED;
    if (state == UNIT_QUEUED)
        jobs_wake_locked(jobs);
    pthread_mutex_unlock(&jobs->lock);
}

/* It comes back to the queue when the lease has run out. */
static void abandon(struct jobs *jobs, const struct unit *unit, double until_s,
                    const struct err *err)
{
    log_error("jobs", "How the unit for %s ended cannot be stored, so it will run again: %s",
              unit->subject, err->message);
    pthread_mutex_lock(&jobs->lock);
    jobs->abandoned++;
    jobs->reclaim_at = fmin(jobs->reclaim_at, until_s);
    pthread_cond_broadcast(&jobs->moved);
    pthread_mutex_unlock(&jobs->lock);
}

/* Stores the end; when that is not possible, end->state says UNIT_QUEUED: someone has it to do. */
static void settle_unit(struct lane *lane, const struct unit *unit, struct unit_end *end,
                        bool fails_job, double until_s)
{
    bool had_result = end->state == UNIT_DONE;
    struct err err = { 0 };

    if (store_end(lane, unit, end, fails_job, until_s, &err) ||
        (had_result && !outcome_may_pass(&err) && store_refusal(lane, unit, end, until_s, &err))) {
        count_end(lane->jobs, end->state);
        return;
    }
    end->state = UNIT_QUEUED;
    if (err.kind == ERR_CONFLICT || err.kind == ERR_NOT_FOUND)
        log_info("jobs", "The unit for %s was taken over: %s", unit->subject, err.message);
    else
        abandon(lane->jobs, unit, until_s, &err);
}

/* --- running --- */

static const struct unit_kind *find_kind(const struct jobs *jobs, const char *name)
{
    for (size_t i = 0; i < jobs->options.kind_count; i++)
        if (strcmp(jobs->options.kinds[i].name, name) == 0)
            return &jobs->options.kinds[i];
    return NULL;
}

static bool run_kind(const struct unit_kind *kind, const struct unit *unit, struct arena *arena,
                     struct cancel *cancel, struct unit_end *end, struct err *err)
{
    if (!kind)
        return err_set(err, ERR_UNSUPPORTED, "This Parlando does not know jobs of the kind %.40s.",
                       unit->kind);
    return kind->run(kind->state, unit, arena, cancel, end, err);
}

static void log_failure(const struct unit *unit, const struct unit_end *end, const struct err *err)
{
    if (end->state == UNIT_QUEUED && !end->is_attempt_free)
        log_info("jobs", "The unit for %s failed and will be tried again: %s", unit->subject,
                 err->message);
    else if (end->state == UNIT_FAILED)
        log_warning("jobs", "The unit for %s failed: %s", unit->subject, err->message);
}

static void run_unit(struct lane *lane, struct arena *arena, const struct unit *unit,
                     struct run *run)
{
    const struct clock *clock = &lane->jobs->options.clock;
    const struct unit_kind *kind = find_kind(lane->jobs, unit->kind);
    struct unit_end end = { .state = UNIT_DONE };
    struct err err = { 0 };
    enum stop_reason stop;
    bool fails_job;

    jobs_changed(lane->jobs, unit->job_id);
    bool ok = run_kind(kind, unit, arena, &run->cancel, &end, &err);
    double until_s = begin_ending(lane, run, &stop);
    outcome_decide(kind, unit, stop, ok, &err, clock->now_ms(clock->state), &end, &fails_job);
    log_failure(unit, &end, &err);
    if (stop == STOP_LEASE)
        end.state = UNIT_QUEUED;
    else
        settle_unit(lane, unit, &end, fails_job, until_s);
    if (kind && kind->ended)
        kind->ended(kind->state, unit, &end);
}

static void end_run(struct lane *lane)
{
    struct jobs *jobs = lane->jobs;

    pthread_mutex_lock(&jobs->lock);
    lane->busy_s += clock_seconds() - lane->run->began_s;
    lane->run = NULL;
    pthread_cond_broadcast(&jobs->moved);
    pthread_mutex_unlock(&jobs->lock);
}

void *lane_work(void *arg)
{
    struct lane *lane = arg;
    struct arena arena = ARENA;
    struct unit unit;
    struct run run;

    thread_lower_priority(lane->jobs->options.niceness);
    for (;;) {
        struct log_context context;

        run = (struct run){ .unit = &unit };
        cancel_init(&run.cancel);
        bool has_unit = take_unit(lane, &arena, &unit, &run);
        if (has_unit) {
            log_context_begin(&context, unit.job_id);
            run_unit(lane, &arena, &unit, &run);
            end_run(lane);
            jobs_changed(lane->jobs, unit.job_id);
            log_context_end(&context);
        }
        cancel_release(&run.cancel);
        arena_release(&arena);
        if (!has_unit)
            return NULL;
    }
}
