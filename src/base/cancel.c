#include "base/cancel.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

void cancel_init(struct cancel *cancel)
{
    atomic_init(&cancel->requested, false);
    pthread_mutex_init(&cancel->lock, NULL);
    cancel->wakers = NULL;
}

void cancel_release(struct cancel *cancel)
{
    pthread_mutex_destroy(&cancel->lock);
}

void cancel_request(struct cancel *cancel)
{
    pthread_mutex_lock(&cancel->lock);
    if (!atomic_exchange(&cancel->requested, true))
        for (struct cancel_waker *w = cancel->wakers; w; w = w->next)
            w->wake(w->what);
    pthread_mutex_unlock(&cancel->lock);
}

bool cancel_is_requested(const struct cancel *cancel)
{
    return cancel && atomic_load(&cancel->requested);
}

bool cancel_check(const struct cancel *cancel, struct err *err)
{
    if (cancel_is_requested(cancel))
        return err_set(err, ERR_CANCELLED, "Cancelled.");
    return true;
}

void cancel_waker_begin(struct cancel *cancel, struct cancel_waker *waker)
{
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->lock);
    waker->next = cancel->wakers;
    cancel->wakers = waker;
    if (atomic_load(&cancel->requested))
        waker->wake(waker->what);
    pthread_mutex_unlock(&cancel->lock);
}

void cancel_waker_end(struct cancel *cancel, struct cancel_waker *waker)
{
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->lock);
    struct cancel_waker **link = &cancel->wakers;
    while (*link != waker)
        link = &(*link)->next;
    *link = waker->next;
    pthread_mutex_unlock(&cancel->lock);
}

static void post(void *semaphore)
{
    sem_post(semaphore);
}

/* A semaphore waits by the wall clock unless told otherwise, and that one jumps. */
static struct timespec moment_after(double seconds)
{
    struct timespec moment;

    clock_gettime(CLOCK_MONOTONIC, &moment);
    double whole = (double)(time_t)seconds;
    moment.tv_sec += (time_t)seconds;
    moment.tv_nsec += (long)((seconds - whole) * 1e9);
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}

bool cancel_wait(struct cancel *cancel, double timeout_s)
{
    sem_t requested;
    struct cancel_waker waker = { .wake = post, .what = &requested };
    const struct timespec until = moment_after(timeout_s);

    sem_init(&requested, 0, 0);
    cancel_waker_begin(cancel, &waker);
    while (sem_clockwait(&requested, CLOCK_MONOTONIC, &until) != 0 && errno == EINTR)
        continue;
    cancel_waker_end(cancel, &waker);
    sem_destroy(&requested);
    return cancel_is_requested(cancel);
}
