#pragma once

/*
 * Jobs and their units as rows: the queue that survives the process. The rules
 * of running them are in src/jobs; here are the transactions they are made of.
 *
 * A unit is claimed under a lease by a named owner. The lease is extended while
 * it is worked on. One that ran out goes back to the queue, its attempt counted;
 * so does one whose owner is a process that ended, which is counted apart, as a
 * death. Finishing a unit and storing its
 * result is one transaction and works only for the owner of the lease, so a unit
 * is done once.
 *
 * See store.h for threads, memory and errors.
 */

#include "store/assets.h"
#include "store/store.h"

enum job_state {
    JOB_QUEUED,
    JOB_RUNNING, /* at least one unit was claimed */
    JOB_PAUSED,  /* nothing further is claimed */
    JOB_DONE,    /* every unit ended; some may have failed */
    JOB_FAILED,  /* could not run: its error says why */
    JOB_CANCELLED,
};

enum unit_state { UNIT_QUEUED, UNIT_RUNNING, UNIT_DONE, UNIT_FAILED, UNIT_CANCELLED };

const char *job_state_name(enum job_state state); /* "queued", … as stored */
const char *unit_state_name(enum unit_state state);

enum job_priority { PRIORITY_LIVE, PRIORITY_BULK }; /* live is claimed first */

struct job {
    const char *id;
    const char *kind;       /* of its units: a name in the table of jobs.h, "segment" */
    const char *project_id; /* or NULL; kept as text when the project is gone */
    enum job_priority priority;
    enum job_state state;
    const char *params;                          /* JSON: the kind's own */
    const char *error;                           /* or NULL */
    int64_t created_at, started_at, finished_at; /* 0: not yet */
    int64_t version; /* grows with every change of the job and its units */

    int64_t total, queued, running, done, failed, cancelled; /* units */
    const char *current_subject; /* of the unit claimed last and still running; or NULL */
};

struct unit {
    int64_t id;
    const char *job_id, *kind, *params; /* the job's */
    const char *subject;                /* what it is about: a segment's id */
    int64_t position;                   /* within the job, from 0 */
    enum unit_state state;
    int64_t attempt; /* 1 in the first */
    int64_t deaths;  /* times the process ended during it */
    enum job_priority priority;
    const char *error;  /* or NULL */
    const char *result; /* JSON: the kind's own; or NULL */
};

struct job_list {
    struct job *items;
    int64_t count;
};

struct unit_list {
    struct unit *items;
    int64_t count;
};

struct new_job {
    const char *id, *kind, *project_id, *params;
    enum job_priority priority;
    const char *const *subjects; /* units in order */
    size_t count;
};

/* Queues a job with its units. When the job has one unit and one is queued or running already for
 * the same kind and subject, nothing is made and *existing gets that one's job (else NULL). A job of
 * several leaves out subjects that are under way; ERR_CONFLICT when none is left. */
bool store_job_create(struct store *store, struct arena *arena, const struct new_job *job,
                      const char **existing, struct err *err);
bool store_job_get(struct store *store, struct arena *arena, const char *id, struct job *out,
                   struct err *err);

/* All that have not ended; then, of the newest ended_max jobs, those that ended at ended_since or
 * later. Both newest first. */
bool store_jobs(struct store *store, struct arena *arena, int64_t ended_since, int64_t ended_max,
                struct job_list *out, struct err *err);

/* Forgets jobs that ended before that moment, with their units, the oldest first and a few at a time:
 * *count of them. The last job of a project stays, since it says whether the project has failed. */
bool store_jobs_forget(struct store *store, int64_t ended_before, int64_t *count, struct err *err);

/* The units of a job in order, of one state or (with -1) of all. */
bool store_units(struct store *store, struct arena *arena, const char *job_id, int state,
                 struct unit_list *out, struct err *err);

/* Takes the next unit: live before bulk, then the older job, then in order; none of a paused job,
 * none before its not_before. priority -1: any; else only of that one. *found is false when there
 * is none. */
bool store_unit_claim(struct store *store, struct arena *arena, const char *owner, int64_t lease_ms,
                      int priority, struct unit *out, bool *found, struct err *err);
/* False with ERR_CONFLICT when the lease is no longer the owner's. */
bool store_unit_extend(struct store *store, int64_t id, const char *owner, int64_t lease_ms,
                       struct err *err);

/* How a unit ended. With audio, the segment that is its subject gets it in the same transaction, and
 * ERR_NOT_FOUND or ERR_CONFLICT (locked since) says that it could not. */
struct unit_end {
    enum unit_state state;         /* DONE, FAILED, CANCELLED, or QUEUED: give it back */
    const char *error, *result;    /* or NULL */
    const struct new_audio *audio; /* or NULL */
    int64_t not_before;            /* with QUEUED: earliest moment of the next try */
    bool is_attempt_free;          /* with QUEUED: this one does not count (paused, shut down) */
};

bool store_unit_end(struct store *store, int64_t id, const char *owner, const struct unit_end *end,
                    struct err *err);

/* The whole job could not run: its queued units are cancelled. */
bool store_job_fail(struct store *store, const char *id, const char *error, struct err *err);

/* Cancels the queued units; running ones are the caller's to stop. Without effect on an ended job. */
bool store_job_cancel(struct store *store, const char *id, struct err *err);
bool store_job_pause(struct store *store, const char *id,
                     struct err *err); /* ERR_CONFLICT: ended */
bool store_job_resume(struct store *store, const char *id,
                      struct err *err); /* ERR_CONFLICT: ended */

/* Queues the failed units of an ended job anew, and those a JOB_FAILED one cancelled: it runs again
 * under its id. *count gets how many. ERR_CONFLICT: not ended. */
bool store_job_retry(struct store *store, const char *id, int64_t *count, struct err *err);

/* At start (is_start) all units that are running go back to the queue, one death more; those with
 * times_max deaths fail with error. Later it is those whose lease ran out, and what counts is their
 * attempt. */
struct reclaimed {
    int64_t units;
    const char **jobs; /* ids of the jobs they belong to, each once */
    int64_t job_count;
};
bool store_units_reclaim(struct store *store, struct arena *arena, bool is_start, int64_t times_max,
                         const char *error, struct reclaimed *out, struct err *err);

/* Units waiting (but in paused jobs), running, and the earliest not_before among the waiting, of all
 * and of each priority (0: now). */
struct queue_load {
    int64_t queued_live, queued_bulk, running, next_at;
    int64_t next_live_at, next_bulk_at;
};
bool store_queue_load(struct store *store, struct queue_load *out, struct err *err);
