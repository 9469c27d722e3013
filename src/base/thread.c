#include "base/thread.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* Longer waits end earlier, as any wait may. It keeps deadlines within what time_t can say. */
#define WAIT_MAX_S 1e9

int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
    sigset_t all, before;

    /* Blocked here first, since a thread begins with the mask of the one that starts it. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

void cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, double deadline_s)
{
    double seconds = floor(fmax(0, fmin(deadline_s, WAIT_MAX_S)));
    struct timespec deadline = { .tv_sec = (time_t)seconds };

    if (deadline_s > WAIT_MAX_S) {
        pthread_cond_wait(cond, lock);
        return true;
    }
    deadline.tv_nsec = (long)(fmax(0, deadline_s - seconds) * 1e9);
    return pthread_cond_timedwait(cond, lock, &deadline) != ETIMEDOUT;
}

void thread_lower_priority(int niceness)
{
    /* Lowering is always allowed; what it returns is the new value. */
    if (niceness > 0 && nice(niceness) == -1)
        return;
}
