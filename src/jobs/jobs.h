#pragma once

/*
 * The queue at work: threads that claim units from the store, run them by the
 * table of their kind, keep their leases and write down how they ended.
 *
 * There are two lanes. The bulk lane has one thread for each worker; the live
 * lane one that takes live units only, so that a person who asks for one segment
 * never waits for a book.
 *
 * Everything is in the store before jobs_start_job returns; a process that is
 * killed goes on where it was (the lease of what it ran is void at the next
 * start). A unit during which the process ended JOB_DEATHS_MAX times is given up:
 * it may be the reason, and would keep the others from ever being reached. An end
 * of the process is no attempt.
 *
 * A unit that failed with an error that may pass (ERR_IO, ERR_DISK_FULL,
 * ERR_UNAVAILABLE, ERR_BUSY) is tried again after a second and after four, JOB_ATTEMPTS_MAX
 * times in all; one whose end the store did not take as often, each time when its
 * lease has run out. Any other error fails it at once, and the job goes on with
 * the next. The whole job fails on an error that every further unit would meet
 * too: one that names a parameter of the job, or a disk that is still full at the
 * last attempt. What it has done stays, and starting it again does the rest.
 *
 * Any thread may call anything here but create, start, stop and destroy.
 */

#include "base/cancel.h"
#include "base/clock.h"
#include "store/queue.h"

#define JOB_ATTEMPTS_MAX 3
#define JOB_DEATHS_MAX 10
#define JOB_LEASE_MS 60000
#define JOBS_WORKERS_MAX 16

struct jobs;

/* What a kind of unit does. */
struct unit_kind {
    const char *name; /* as in struct job */

    /* Names of parameters, ended by NULL: an error that names one of these ("engine", "voice")
     * concerns the whole job. Or NULL. */
    const char *const *job_params;

    /* Works on a unit and fills *end, from the arena; its state is UNIT_DONE already. The worker
     * stores it. Runs on a thread of the lane, may block, and stops soon after cancel was requested.
     * False with a retryable error or a final one (see above); a cancelled unit gives
     * ERR_CANCELLED. */
    bool (*run)(void *state, const struct unit *unit, struct arena *arena, struct cancel *cancel,
                struct unit_end *end, struct err *err);

    /* After every run, once its end is stored (carry out file operations, say); or NULL. Unless
     * the state is UNIT_DONE, end->audio was not taken and its staged file is the kind's to remove:
     * the unit was interrupted, the segment is gone or locked, or the end could not be stored. */
    void (*ended)(void *state, const struct unit *unit, const struct unit_end *end);
    void *state;
};

struct jobs_options {
    struct store *store;
    const struct unit_kind *kinds; /* borrowed */
    size_t kind_count;
    int workers; /* 1 to JOBS_WORKERS_MAX */
    struct clock clock;
    int64_t lease_ms;      /* 0: JOB_LEASE_MS */
    int64_t keep_ended_ms; /* how long an ended job is shown by jobs_get; 0: an hour */
    int niceness;          /* added to the lanes' threads, so that speech never delays answers */

    /* A job has changed; or, with NULL, whether the queue is stuck, and with it how every job that has
     * not ended looks. Called without locks on any thread; must return at once. */
    void (*changed)(void *state, const char *job_id);
    void *changed_state;
};

/* Takes back what an ended process left running. Anything may be asked of it from here on, but
 * nothing is claimed before jobs_start, which is called once. */
struct jobs *jobs_create(const struct jobs_options *options, struct err *err);
bool jobs_start(struct jobs *jobs, struct err *err);

/* Claims nothing more. Units in flight finish within timeout_s or are cancelled and given back, so
 * that they go on after the next start. */
void jobs_stop(struct jobs *jobs, double timeout_s);
void jobs_destroy(struct jobs *jobs); /* accepts NULL; stops at once what still runs */

/* store_job_create, and the lanes are told. *existing as there. */
bool jobs_start_job(struct jobs *jobs, struct arena *arena, const struct new_job *job,
                    const char **existing, struct err *err);

/* store_job_get, but ERR_NOT_FOUND for jobs that ended more than keep_ended_ms ago. */
bool jobs_get(struct jobs *jobs, struct arena *arena, const char *id, struct job *out,
              struct err *err);

/* Those that jobs_get shows, at one moment: all that have not ended, then those that have, of the
 * newest ended_max; both newest first. */
bool jobs_list(struct jobs *jobs, struct arena *arena, int64_t ended_max, struct job_list *out,
               struct err *err);

/* Queued units end as cancelled; running ones are interrupted within a fraction of a second. */
bool jobs_cancel(struct jobs *jobs, const char *id, struct err *err);

/* A paused job claims nothing; what runs of it is interrupted and given back, without counting. */
bool jobs_pause(struct jobs *jobs, const char *id, struct err *err);
bool jobs_resume(struct jobs *jobs, const char *id, struct err *err);
bool jobs_retry(struct jobs *jobs, const char *id, int64_t *count, struct err *err);

/* A segment is gone or must not be written any more: interrupts the unit that works on it. */
void jobs_interrupt(struct jobs *jobs, const char *subject);

/* Nothing is claimed or ended, because the store does not answer: why. It goes on by itself. */
bool jobs_is_stuck(struct jobs *jobs, struct err *why);

struct jobs_load {
    int workers, running_live, running_bulk;
    struct queue_load queue;
    uint64_t done, failed, cancelled; /* units since start */
    double busy_s;                    /* summed over lanes since start */
};
bool jobs_load(struct jobs *jobs, struct jobs_load *out, struct err *err);
