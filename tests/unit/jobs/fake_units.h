#pragma once

/*
 * A queue over a real store in a temporary folder, whose units do what a test
 * tells them: they are about subjects of one letter, write down that they ran,
 * wait at a gate, and fail as a plan says.
 */

#include "../check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/path.h"
#include "jobs/jobs_internal.h"
#include "store/store_internal.h"

#define RUNS_MAX 512
#define BUSY_MS 100 /* long enough for the store's own connections to get past each other */
#define FIRST_MOMENT 1800000000000 /* ms */

/* The first so many runs of the subject fail; it may also finish although it should stop. */
struct plan {
    char subject;
    int failures;
    enum err_kind kind;
    const char *param;
    bool is_stubborn;
};

struct bench {
    char *folder, *path; /* owned */
    struct store *store;
    struct jobs *jobs;
    const struct plan *plans; /* ended by a subject of 0; or NULL */
    bool is_real_time;        /* the clock is the system's */
    struct arena arena;       /* for what is asked of it */
    struct err err;

    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* protected by lock */
    int64_t now_ms;
    char began[RUNS_MAX + 1]; /* subjects in the order in which they began to run */
    int64_t attempts[RUNS_MAX];
    char ended[RUNS_MAX + 1]; /* as ended() was told, in capitals when not UNIT_DONE */
    size_t began_count, ended_count;
    size_t may_end; /* runs before this one pass the gate */
    uint64_t news;  /* times a job has changed */
};

static inline int64_t bench_now(void *state)
{
    struct bench *b = state;

    pthread_mutex_lock(&b->lock);
    int64_t now = b->is_real_time ? clock_now_ms() : b->now_ms;
    pthread_mutex_unlock(&b->lock);
    return now;
}

static inline void bench_advance(struct bench *b, int64_t ms)
{
    pthread_mutex_lock(&b->lock);
    b->now_ms += ms;
    pthread_mutex_unlock(&b->lock);
}

/* --- the units --- */

static inline void gate_wake(void *bench)
{
    struct bench *b = bench;

    pthread_mutex_lock(&b->lock);
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

static inline void gate_pass(struct bench *b, char subject, int64_t attempt, bool is_stubborn,
                             struct cancel *cancel)
{
    struct cancel_waker waker = { gate_wake, b, NULL };

    cancel_waker_begin(cancel, &waker);
    pthread_mutex_lock(&b->lock);
    size_t mine = b->began_count++;
    if (mine < RUNS_MAX) {
        b->began[mine] = subject;
        b->attempts[mine] = attempt;
    }
    pthread_cond_broadcast(&b->changed);
    while (b->may_end <= mine && (is_stubborn || !cancel_is_requested(cancel)))
        pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
    cancel_waker_end(cancel, &waker);
}

static inline bool fake_run(void *state, const struct unit *unit, struct arena *arena,
                            struct cancel *cancel, struct unit_end *end, struct err *err)
{
    struct bench *b = state;
    const struct plan *plan = b->plans;

    while (plan && plan->subject && plan->subject != unit->subject[0])
        plan++;
    bool is_stubborn = plan && plan->subject && plan->is_stubborn;
    gate_pass(b, unit->subject[0], unit->attempt, is_stubborn, cancel);
    if (!is_stubborn && !cancel_check(cancel, err))
        return false;
    if (plan && plan->subject && unit->attempt <= plan->failures)
        return err_set_param(err, plan->kind, plan->param ? plan->param : "", "Planned for %s.",
                             unit->subject);
    end->result = arena_format(arena, "{\"attempt\": %lld}", (long long)unit->attempt);
    return true;
}

static inline void fake_ended(void *state, const struct unit *unit, const struct unit_end *end)
{
    struct bench *b = state;
    char mark = unit->subject[0];

    pthread_mutex_lock(&b->lock);
    if (b->ended_count < RUNS_MAX)
        b->ended[b->ended_count] = end->state == UNIT_DONE ? mark : (char)(mark - 'a' + 'A');
    b->ended_count++;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

static inline void fake_changed(void *state, const char *job_id)
{
    struct bench *b = state;

    (void)job_id;
    pthread_mutex_lock(&b->lock);
    b->news++;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

static const char *const fake_job_params[] = { "engine", "voice", NULL };

/* --- the queue --- */

static inline void bench_open_store(struct bench *b)
{
    const struct clock clock = { bench_now, b };

    b->store = store_open_busy(b->path, &clock, BUSY_MS, &b->err);
    if (!b->store)
        fail_msg("%s", b->err.message);
}

static inline void bench_init(struct bench *b)
{
    *b = (struct bench){ .folder = temp_folder(),
                         .arena = ARENA,
                         .lock = PTHREAD_MUTEX_INITIALIZER,
                         .changed = PTHREAD_COND_INITIALIZER,
                         .now_ms = FIRST_MOMENT,
                         .may_end = SIZE_MAX };
    b->path = path_join(b->folder, STORE_FILE);
    bench_open_store(b);
}

static inline void bench_create(struct bench *b, int workers, int64_t lease_ms)
{
    const struct unit_kind kind = { .name = "fake",
                                    .job_params = fake_job_params,
                                    .run = fake_run,
                                    .ended = fake_ended,
                                    .state = b };
    struct unit_kind *kinds = xmalloc(sizeof *kinds);
    *kinds = kind;
    const struct jobs_options options = {
        .store = b->store,
        .kinds = kinds,
        .kind_count = 1,
        .workers = workers,
        .clock = { bench_now, b },
        .lease_ms = lease_ms,
        .changed = fake_changed,
        .changed_state = b,
    };

    b->jobs = jobs_create(&options, &b->err);
    if (!b->jobs)
        fail_msg("%s", b->err.message);
}

static inline void bench_start(struct bench *b, int workers, int64_t lease_ms)
{
    bench_create(b, workers, lease_ms);
    check_ok(jobs_start(b->jobs, &b->err), &b->err);
}

/* Ends the queue, as a program does that is told to end; the store stays open. */
static inline void bench_stop(struct bench *b)
{
    const struct unit_kind *kinds = b->jobs ? b->jobs->options.kinds : NULL;

    jobs_destroy(b->jobs);
    b->jobs = NULL;
    free((void *)(uintptr_t)kinds);
}

static inline void bench_release(struct bench *b)
{
    bench_stop(b);
    store_close(b->store);
    temp_folder_remove(b->folder);
    free(b->path);
    arena_release(&b->arena);
}

static inline int bench_set_up(void **state)
{
    struct bench *b = xmalloc(sizeof *b);

    bench_init(b);
    *state = b;
    return 0;
}

static inline int bench_tear_down(void **state)
{
    bench_release(*state);
    free(*state);
    return 0;
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

static inline void bench_gate(struct bench *b, size_t may_end)
{
    pthread_mutex_lock(&b->lock);
    b->may_end = may_end;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

static inline void wait_until_began(struct bench *b, size_t count)
{
    pthread_mutex_lock(&b->lock);
    while (b->began_count < count)
        pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
}

static inline void wait_until_ended(struct bench *b, size_t count)
{
    pthread_mutex_lock(&b->lock);
    while (b->ended_count < count)
        pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
}

/* A job with a unit for each letter. Returns the id of one that was there, else NULL. */
static inline const char *bench_start_job(struct bench *b, const char *id,
                                          enum job_priority priority, const char *letters)
{
    size_t count = strlen(letters);
    const char **subjects = arena_alloc(&b->arena, count * sizeof *subjects);
    const char *existing = NULL;

    for (size_t i = 0; i < count; i++)
        subjects[i] = arena_strndup(&b->arena, letters + i, 1);
    const struct new_job job = { .id = id,
                                 .kind = "fake",
                                 .params = "{}",
                                 .priority = priority,
                                 .subjects = subjects,
                                 .count = count };
    check_ok(jobs_start_job(b->jobs, &b->arena, &job, &existing, &b->err), &b->err);
    return existing;
}

/* As another process would: how many units went back. */
static inline int64_t bench_reclaim(struct bench *b, bool is_start)
{
    struct reclaimed reclaimed;

    check_ok(store_units_reclaim(b->store, &b->arena, is_start, JOB_DEATHS_MAX, "late", &reclaimed,
                                 &b->err),
             &b->err);
    return reclaimed.units;
}

/* A process that claims the unit and ends. */
static inline void bench_die(struct bench *b)
{
    struct unit unit;
    bool found;

    check_ok(store_unit_claim(b->store, &b->arena, "ghost", 1000, -1, &unit, &found, &b->err),
             &b->err);
    assert_true(found);
}

/* The job "book" of the unit a, in the store only: no lane is told. */
static inline void bench_store_job(struct bench *b)
{
    static const char *const subjects[] = { "a" };
    const struct new_job job = {
        .id = "book", .kind = "fake", .priority = PRIORITY_BULK, .subjects = subjects, .count = 1
    };
    const char *existing;

    check_ok(store_job_create(b->store, &b->arena, &job, &existing, &b->err), &b->err);
}

static inline struct job bench_job(struct bench *b, const char *id)
{
    struct job job;

    check_ok(store_job_get(b->store, &b->arena, id, &job, &b->err), &b->err);
    return job;
}

/* A lane is still about its last unit for a moment after the store has its end. */
static inline bool is_in_a_lane(struct bench *b, const char *job_id)
{
    bool is_in = false;

    pthread_mutex_lock(&b->jobs->lock);
    for (int i = 0; i < b->jobs->lane_count; i++) {
        const struct run *run = b->jobs->lanes[i].run;

        is_in = is_in || (run && strcmp(run->unit->job_id, job_id) == 0);
    }
    pthread_mutex_unlock(&b->jobs->lock);
    return is_in;
}

static inline struct job wait_for_job(struct bench *b, const char *id, enum job_state state)
{
    for (;;) {
        pthread_mutex_lock(&b->lock);
        uint64_t news = b->news;
        pthread_mutex_unlock(&b->lock);
        struct job job = bench_job(b, id);
        if (job.state == state && job.running == 0 && !is_in_a_lane(b, id))
            return job;
        pthread_mutex_lock(&b->lock);
        while (b->news == news)
            pthread_cond_wait(&b->changed, &b->lock);
        pthread_mutex_unlock(&b->lock);
    }
}

static inline struct unit_list bench_units(struct bench *b, const char *id)
{
    struct unit_list units;

    check_ok(store_units(b->store, &b->arena, id, -1, &units, &b->err), &b->err);
    return units;
}
