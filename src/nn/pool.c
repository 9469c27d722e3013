#include "nn/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"

/*
 * A job lies on its caller's stack and in a list while it has units that nobody
 * began. Threads join it and leave the list under the lock; units are handed out
 * by an atomic counter. Whoever finds no unit left takes the job off the list,
 * so that nobody joins any more and the caller has only to wait until those who
 * joined have left.
 */

/* How long a thread looks for work, or a caller for the end of its job, before it sleeps: longer than
 * the pauses between a pass's jobs, shorter than a pass would notice. */
#define SPIN_S 30e-6
#define SPIN_STEPS 16 /* pauses from one look at the clock to the next: about a microsecond */

struct job {
    void (*work)(void *state, size_t unit, size_t lane);
    void *state;
    size_t count;
    atomic_size_t next;   /* the first unit that nobody began */
    atomic_size_t joined; /* workers that are at it; the last access of each is to count down */

    /* protected by the pool's lock */
    size_t lanes; /* given out; a thread joins a job at most once, so they are enough */
    bool listed;
    struct job *previous, *following;
};

struct pool {
    /* set once */
    pthread_t *threads; /* owned */
    size_t thread_count;

    atomic_size_t open_jobs; /* in the list; changed under the lock, watched without */
    atomic_size_t waiting;   /* callers asleep on the end of their jobs; the same */
    atomic_bool closing;     /* the same */

    pthread_mutex_t lock; /* leaf */
    pthread_cond_t opened, finished;

    /* protected by lock */
    struct job *jobs; /* borrowed from their callers */
    size_t sleepers;  /* workers asleep on opened */
};

/* --- waiting for a moment --- */

static void pause_briefly(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

/* Until *number is zero (or, wanted false, is not) or the time is over. */
static bool spin_until(const atomic_size_t *number, bool zero)
{
    double deadline_s = 0;

    for (;;) {
        for (int i = 0; i < SPIN_STEPS; i++) {
            if ((atomic_load_explicit(number, memory_order_acquire) == 0) == zero)
                return true;
            pause_briefly();
        }
        double now_s = clock_seconds();
        if (deadline_s == 0)
            deadline_s = now_s + SPIN_S;
        else if (now_s > deadline_s)
            return false;
    }
}

/* --- jobs, under the lock --- */

static void list_job(struct pool *pool, struct job *job)
{
    job->following = pool->jobs;
    if (pool->jobs)
        pool->jobs->previous = job;
    pool->jobs = job;
    job->listed = true;
    atomic_fetch_add(&pool->open_jobs, 1);
}

static void unlist_job(struct pool *pool, struct job *job)
{
    if (!job->listed)
        return;
    if (job->previous)
        job->previous->following = job->following;
    else
        pool->jobs = job->following;
    if (job->following)
        job->following->previous = job->previous;
    job->listed = false;
    atomic_fetch_sub(&pool->open_jobs, 1);
}

/* The job with the fewest threads that has units left: a caller waits for whoever joins, so nobody
 * joins in vain. NULL when there is none. */
static struct job *join_job(struct pool *pool, size_t *lane)
{
    struct job *chosen = NULL, *following;

    for (struct job *job = pool->jobs; job; job = following) {
        following = job->following;
        if (atomic_load_explicit(&job->next, memory_order_relaxed) >= job->count)
            unlist_job(pool, job);
        else if (!chosen || job->lanes < chosen->lanes)
            chosen = job;
    }
    if (!chosen)
        return NULL;
    *lane = chosen->lanes++;
    atomic_fetch_add(&chosen->joined, 1);
    return chosen;
}

/* --- threads --- */

static void do_units(struct job *job, size_t lane)
{
    size_t unit;

    while ((unit = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed)) < job->count)
        job->work(job->state, unit, lane);
}

/* The job may be gone once joined has come down, so that the waking is over the pool: either this
 * thread sees that somebody waits, or whoever is about to wait sees the count. */
static void leave_job(struct pool *pool, struct job *job)
{
    if (atomic_fetch_sub(&job->joined, 1) > 1 || atomic_load(&pool->waiting) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->finished);
    pthread_mutex_unlock(&pool->lock);
}

static void *run_worker(void *arg)
{
    struct pool *pool = arg;
    size_t lane;

    while (!atomic_load(&pool->closing)) {
        spin_until(&pool->open_jobs, false);
        pthread_mutex_lock(&pool->lock);
        while (!pool->jobs && !atomic_load(&pool->closing)) {
            pool->sleepers++;
            pthread_cond_wait(&pool->opened, &pool->lock);
            pool->sleepers--;
        }
        struct job *job = join_job(pool, &lane);
        pthread_mutex_unlock(&pool->lock);
        if (!job)
            continue;
        do_units(job, lane);
        pthread_mutex_lock(&pool->lock);
        unlist_job(pool, job);
        pthread_mutex_unlock(&pool->lock);
        leave_job(pool, job);
    }
    return NULL;
}

/* --- callers --- */

static void open_job(struct pool *pool, struct job *job)
{
    size_t wanted = job->count - 1;

    pthread_mutex_lock(&pool->lock);
    list_job(pool, job);
    bool all = pool->sleepers <= wanted;
    if (wanted > pool->sleepers)
        wanted = pool->sleepers;
    pthread_mutex_unlock(&pool->lock);
    if (wanted > 0 && all)
        pthread_cond_broadcast(&pool->opened);
    else
        for (size_t i = 0; i < wanted; i++)
            pthread_cond_signal(&pool->opened);
}

static void finish_job(struct pool *pool, struct job *job)
{
    pthread_mutex_lock(&pool->lock);
    unlist_job(pool, job);
    pthread_mutex_unlock(&pool->lock);
    if (spin_until(&job->joined, true))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->waiting, 1);
    while (atomic_load(&job->joined) > 0)
        pthread_cond_wait(&pool->finished, &pool->lock);
    atomic_fetch_sub(&pool->waiting, 1);
    pthread_mutex_unlock(&pool->lock);
}

void pool_run(struct pool *pool, size_t count, void (*work)(void *state, size_t unit, size_t lane),
              void *state)
{
    struct job job = { .work = work, .state = state, .count = count, .lanes = 1 };

    if (count <= 1 || pool->thread_count == 0) {
        for (size_t unit = 0; unit < count; unit++)
            work(state, unit, 0);
        return;
    }
    open_job(pool, &job);
    do_units(&job, 0);
    finish_job(pool, &job);
}

size_t pool_lanes(const struct pool *pool)
{
    return pool->thread_count + 1;
}

struct pool *pool_create(int threads, struct err *err)
{
    struct pool *pool = xcalloc(1, sizeof *pool);
    size_t wanted = threads > 1 ? (size_t)threads - 1 : 0;

    pool->threads = xcalloc(wanted, sizeof *pool->threads);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->opened, NULL);
    pthread_cond_init(&pool->finished, NULL);
    while (pool->thread_count < wanted &&
           thread_start(&pool->threads[pool->thread_count], run_worker, pool) == 0)
        pool->thread_count++;
    if (pool->thread_count == wanted)
        return pool;
    err_set(err, ERR_INTERNAL, "The system starts no more than %zu of %zu threads to compute with.",
            pool->thread_count, wanted);
    pool_destroy(pool);
    return NULL;
}

void pool_destroy(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->closing, true);
    pthread_cond_broadcast(&pool->opened);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->opened);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}
