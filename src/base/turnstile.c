/*
 * A place that is left is handed to a waiting thread, not put up for grabs: else
 * a thread that leaves and enters again at once would be faster than any it
 * woke. So places are free only while nobody waits.
 *
 * Each waiter sleeps on a semaphore of its own, which both the hand-over and a
 * cancel request post: a waker may signal, but not take a lock.
 */
#include "base/turnstile.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

struct waiter {
    sem_t wake;

    /* protected by lock */
    bool has_place;
    struct waiter *next;
};

struct queue {
    struct waiter *first, **end; /* on the stacks of the threads that wait */
    size_t count;
};

struct turnstile {
    int places; /* set once */

    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    int free;
    int urgent_run; /* urgent ones let in since another one was, while others waited */
    struct queue urgent, others;
};

struct turnstile *turnstile_create(int places)
{
    struct turnstile *t = xcalloc(1, sizeof *t);

    t->places = t->free = places;
    t->urgent.end = &t->urgent.first;
    t->others.end = &t->others.first;
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void turnstile_destroy(struct turnstile *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->lock);
    free(t);
}

int turnstile_places(const struct turnstile *t)
{
    return t->places;
}

size_t turnstile_waiting(struct turnstile *t)
{
    pthread_mutex_lock(&t->lock);
    size_t count = t->urgent.count + t->others.count;
    pthread_mutex_unlock(&t->lock);
    return count;
}

static void queue_push(struct queue *queue, struct waiter *waiter)
{
    queue->count++;
    *queue->end = waiter;
    queue->end = &waiter->next;
}

static void queue_remove(struct queue *queue, struct waiter *waiter)
{
    struct waiter **link = &queue->first;

    while (*link != waiter)
        link = &(*link)->next;
    queue->count--;
    *link = waiter->next;
    if (queue->end == &waiter->next)
        queue->end = link;
}

/* The queue whose first waiter goes next; the run of urgent ones is counted. */
static struct queue *whose_turn(struct turnstile *t)
{
    bool has_others = t->others.first != NULL;

    if (t->urgent.first && !(has_others && t->urgent_run >= TURNSTILE_URGENT_RUN)) {
        t->urgent_run = has_others ? t->urgent_run + 1 : 0;
        return &t->urgent;
    }
    t->urgent_run = 0;
    return &t->others;
}

static void give_place(struct turnstile *t)
{
    struct queue *queue = whose_turn(t);
    struct waiter *waiter = queue->first;

    if (!waiter) {
        t->free++;
        return;
    }
    queue_remove(queue, waiter);
    waiter->has_place = true;
    sem_post(&waiter->wake);
}

static void wake(void *waiter)
{
    sem_post(&((struct waiter *)waiter)->wake);
}

/* Sleeps until it has a place or is cancelled, and then is in no queue any more. */
static bool wait_for_place(struct turnstile *t, struct queue *queue, struct waiter *waiter,
                           struct cancel *cancel)
{
    struct cancel_waker waker = { wake, waiter, NULL };
    bool is_cancelled = false, has_place = false;

    cancel_waker_begin(cancel, &waker);
    while (!has_place && !is_cancelled) {
        while (sem_wait(&waiter->wake) != 0 && errno == EINTR)
            continue;
        is_cancelled = cancel_is_requested(cancel);
        pthread_mutex_lock(&t->lock);
        has_place = waiter->has_place;
        if (!has_place && is_cancelled)
            queue_remove(queue, waiter);
        pthread_mutex_unlock(&t->lock);
    }
    cancel_waker_end(cancel, &waker);
    return has_place;
}

bool turnstile_enter(struct turnstile *t, bool is_urgent, struct cancel *cancel, struct err *err)
{
    struct waiter waiter = { 0 };

    if (!cancel_check(cancel, err))
        return false;
    if (!t)
        return true;
    struct queue *queue = is_urgent ? &t->urgent : &t->others;
    sem_init(&waiter.wake, 0, 0);
    pthread_mutex_lock(&t->lock);
    bool has_place = t->free > 0;
    if (has_place)
        t->free--;
    else
        queue_push(queue, &waiter);
    pthread_mutex_unlock(&t->lock);
    if (!has_place)
        has_place = wait_for_place(t, queue, &waiter, cancel);
    sem_destroy(&waiter.wake);
    return has_place || cancel_check(cancel, err);
}

void turnstile_leave(struct turnstile *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    give_place(t);
    pthread_mutex_unlock(&t->lock);
}
