#include "http/request_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"

struct request_pool {
    /* set once */
    size_t queue_max;
    int threads_max;
    pthread_t *threads; /* owned */

    atomic_int queued, running; /* read by anyone */

    pthread_mutex_t lock; /* leaf */
    pthread_cond_t pushed;

    /* protected by lock */
    struct request_pool_work *first, *last;
    int thread_count;
    bool is_stopping;
};

/* The next work, in order of arrival, or NULL: the pool stops. */
static struct request_pool_work *pop(struct request_pool *pool)
{
    struct request_pool_work *work = NULL;

    pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->is_stopping)
        pthread_cond_wait(&pool->pushed, &pool->lock);
    if (!pool->is_stopping) {
        work = pool->first;
        pool->first = work->next;
        if (!pool->first)
            pool->last = NULL;
        pool->running++; /* first, so that nobody finds it in neither */
        pool->queued--;
    }
    pthread_mutex_unlock(&pool->lock);
    return work;
}

static void *run_works(void *arg)
{
    struct request_pool *pool = arg;
    struct request_pool_work *work;

    while ((work = pop(pool))) {
        work->run(work); /* the work may be gone now */
        pool->running--;
    }
    return NULL;
}

/* Under lock. 0, or the error's number. */
static int start_thread(struct request_pool *pool)
{
    int failure = thread_start(&pool->threads[pool->thread_count], run_works, pool);

    pool->thread_count += !failure;
    return failure;
}

static bool start_threads(struct request_pool *pool, struct err *err)
{
    int failure = 0;

    pthread_mutex_lock(&pool->lock);
    while (pool->thread_count < pool->threads_max && !failure)
        failure = start_thread(pool);
    pthread_mutex_unlock(&pool->lock);
    return !failure ||
           err_set(err, ERR_INTERNAL, "Cannot start a request thread: %s.", strerror(failure));
}

struct request_pool *request_pool_create_elastic(int threads_max, size_t queue_max)
{
    struct request_pool *pool = xcalloc(1, sizeof *pool);

    pool->queue_max = queue_max;
    pool->threads_max = threads_max;
    pool->threads = xcalloc((size_t)threads_max, sizeof *pool->threads);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->pushed, NULL);
    return pool;
}

struct request_pool *request_pool_create(int threads, size_t queue_max, struct err *err)
{
    struct request_pool *pool = request_pool_create_elastic(threads, queue_max);

    if (start_threads(pool, err))
        return pool;
    request_pool_destroy(pool);
    return NULL;
}

/* What waits is a thread's soon while there are idle ones, or ones that may be started. */
static size_t outstanding(const struct request_pool *pool)
{
    return (size_t)pool->queued + (size_t)pool->running;
}

/* Under lock: is there a thread for one more? With some running, waiting will do. */
static bool has_thread(struct request_pool *pool)
{
    if (outstanding(pool) >= (size_t)pool->thread_count && pool->thread_count < pool->threads_max)
        start_thread(pool);
    return pool->thread_count > 0;
}

static bool push(struct request_pool *pool, struct request_pool_work *work, size_t outstanding_max)
{
    bool is_taken;

    pthread_mutex_lock(&pool->lock);
    is_taken = !pool->is_stopping && outstanding(pool) < outstanding_max && has_thread(pool);
    if (is_taken) {
        work->next = NULL;
        if (pool->last)
            pool->last->next = work;
        else
            pool->first = work;
        pool->last = work;
        pool->queued++;
        pthread_cond_signal(&pool->pushed);
    }
    pthread_mutex_unlock(&pool->lock);
    return is_taken;
}

bool request_pool_push(struct request_pool *pool, struct request_pool_work *work)
{
    return push(pool, work, pool->queue_max + (size_t)pool->threads_max);
}

bool request_pool_push_admitted(struct request_pool *pool, struct request_pool_work *work)
{
    return push(pool, work, SIZE_MAX);
}

bool request_pool_is_full(const struct request_pool *pool)
{
    return outstanding(pool) >= pool->queue_max + (size_t)pool->threads_max;
}

int request_pool_queued(const struct request_pool *pool)
{
    return pool->queued;
}

int request_pool_running(const struct request_pool *pool)
{
    return pool->running;
}

/* No thread is left. */
static void drop_queue(struct request_pool *pool)
{
    while (pool->first) {
        struct request_pool_work *work = pool->first;

        pool->first = work->next;
        if (work->drop)
            work->drop(work);
    }
    pool->last = NULL;
    pool->queued = 0;
}

void request_pool_stop(struct request_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->pushed);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pool->thread_count = 0;
    drop_queue(pool);
}

void request_pool_destroy(struct request_pool *pool)
{
    if (!pool)
        return;
    request_pool_stop(pool);
    pthread_cond_destroy(&pool->pushed);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}
