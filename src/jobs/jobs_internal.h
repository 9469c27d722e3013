#pragma once

/*
 * What the files of this folder share. lane.c runs units, lease.c keeps their
 * leases, outcome.c says what an end means, jobs.c is the outside.
 *
 * One lock protects what moves; it is held for moments only, never over the
 * store or a unit. A cancel is requested under it, as cancel.h allows.
 */

#include <pthread.h>

#include "jobs/jobs.h"

#define JOBS_TEXT(number) #number
#define JOBS_NUMBER(number) JOBS_TEXT(number)

/* The errors of a unit that was running each time the process ended, and of one whose lease ran out
 * each time, since the store had not taken its end. */
#define JOBS_GIVEN_UP                                                                              \
    "Parlando ended " JOBS_NUMBER(JOB_DEATHS_MAX) " times while it worked on this: given up."
#define JOBS_NOT_STORED                                                                            \
    "The outcome could not be stored " JOBS_NUMBER(JOB_ATTEMPTS_MAX) " times: given up."

/* Why a unit should stop; a later reason replaces an earlier one that is smaller. */
enum stop_reason {
    STOP_NONE,
    STOP_SHUTDOWN, /* goes back to the queue, as if not tried */
    STOP_PAUSE,    /* the same */
    STOP_SUBJECT,  /* what it is about must not be written */
    STOP_CANCEL,   /* its job was cancelled */
    STOP_LEASE,    /* it is not ours any more */
};

/* A unit in flight, on the stack of its lane. */
struct run {
    const struct unit *unit; /* set once; in the lane's arena */
    struct cancel cancel;

    /* protected by the jobs' lock */
    enum stop_reason stop;
    bool is_ending;     /* its end is being stored: the lease is not extended any more */
    double began_s;     /* these three by clock_seconds */
    double lease_until; /* not later than the store has it */
    double extend_at;
};

struct lane {
    /* set once */
    struct jobs *jobs;
    int priority; /* of the units it claims; -1: any, live ones first */
    pthread_t thread;

    /* protected by the jobs' lock */
    bool is_claiming;
    uint64_t claims; /* so far: what tells a run from the next, of the same unit even */
    struct run *run; /* NULL between units */
    double busy_s;   /* of the runs before */

    /* lane only */
    int failures; /* of the store, in a row */
};

struct jobs {
    /* set once */
    struct jobs_options options;
    char owner[40]; /* of the leases: an id of this process */
    double lease_s;
    struct lane *lanes; /* the last one is live; owned */
    int lane_count;
    pthread_t lease_thread;

    pthread_mutex_t lock;
    pthread_cond_t work;  /* there may be something to claim, or the end has come */
    pthread_cond_t moved; /* a lane has begun or ended something */

    /* protected by lock */
    uint64_t wakes; /* grows with each signal of work */
    bool is_stopping, is_lease_ending;
    double stop_at;       /* when patience ends; INFINITY before */
    int64_t abandoned;    /* units whose end could not be stored: to be reclaimed */
    double reclaim_at;    /* INFINITY: nothing to reclaim */
    struct err store_err; /* while the store does not answer; else of kind ERR_NONE */
    uint64_t done, failed, cancelled;

    /* the thread that creates and destroys */
    int started; /* lanes */
    bool has_lease_thread;
};

/* lane.c */
void *lane_work(void *lane);

/* lease.c */
void *lease_work(void *jobs);

/* The store was asked at asked_s to extend the lease of a claim: it did, or the unit is not ours any
 * more, and its lane is told to stop. Nothing if the lane has ended that run meanwhile; it may have
 * claimed the same unit again. */
void lease_answered(struct lane *lane, uint64_t claim, bool ok, double asked_s);

/* outcome.c: what a run's result means for the unit and its job. *end comes from the run; *fails_job
 * says that no other unit of the job would fare better. */
void outcome_decide(const struct unit_kind *kind, const struct unit *unit, enum stop_reason stop,
                    bool ok, const struct err *err, int64_t now_ms, struct unit_end *end,
                    bool *fails_job);

/* May the same succeed a little later? */
bool outcome_may_pass(const struct err *err);

/* jobs.c, with the lock held or not as said */
void jobs_wake_locked(struct jobs *jobs);
void jobs_stop_run_locked(struct run *run, enum stop_reason reason);
void jobs_changed(struct jobs *jobs, const char *job_id);                  /* without; NULL: any */
void jobs_reclaimed(struct jobs *jobs, const struct reclaimed *reclaimed); /* without */

/* The store's errors reach no caller here: the first of a row and its end are logged, and told to who
 * watches. Without. */
void jobs_store_failed(struct jobs *jobs, const struct err *err);
void jobs_store_answered(struct jobs *jobs);
