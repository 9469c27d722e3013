#include "models/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/thread.h"

/* flock() cannot wait for a cancel request as well, so a thread of its own waits in it. Whatever
 * comes first, the lock or the request, ends the wait; the thread is cancelled only after that, by
 * the one that joins it. */
struct wait {
    int fd;
    int error; /* errno of a failed flock, else 0 */
    sem_t ended;
};

/* It holds nothing while it can be cancelled anywhere: that is, while it waits. */
static void *wait_for_lock(void *argument)
{
    struct wait *wait = argument;
    int type;

    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    while (flock(wait->fd, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        wait->error = errno;
        break;
    }
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type);
    sem_post(&wait->ended);
    return NULL;
}

static void stop_waiting(void *ended)
{
    sem_post(ended);
}

static bool wait_until_free(int fd, const char *path, struct cancel *cancel, struct err *err)
{
    struct wait wait = { .fd = fd };
    struct cancel_waker waker = { .wake = stop_waiting, .what = &wait.ended };
    pthread_t thread;

    sem_init(&wait.ended, 0, 0);
    if (thread_start(&thread, wait_for_lock, &wait) != 0) {
        sem_destroy(&wait.ended);
        return err_set(err, ERR_INTERNAL, "Cannot start a thread to wait for %s.", path);
    }
    cancel_waker_begin(cancel, &waker);
    while (sem_wait(&wait.ended) != 0 && errno == EINTR)
        continue;
    cancel_waker_end(cancel, &waker);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    sem_destroy(&wait.ended);
    if (!cancel_check(cancel, err))
        return false;
    errno = wait.error;
    return wait.error == 0 || err_system(err, "lock", path);
}

/* The file that we locked may have been removed by its last holder: then it locks nobody out. */
static bool is_current(int fd, const char *path)
{
    struct stat held;
    struct stat named;

    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

bool entry_lock_begin(struct entry_lock *lock, const char *models_dir, const char *id,
                      void (*waiting)(void *context), void *context, struct cancel *cancel,
                      struct err *err)
{
    bool is_told = false;

    *lock = (struct entry_lock){ .path = str_format("%s/.%s.lock", models_dir, id), .fd = -1 };
    for (;;) {
        lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (lock->fd < 0) {
            err_system(err, "create", lock->path);
            break;
        }
        if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR) {
                err_system(err, "lock", lock->path);
                break;
            }
            if (waiting && !is_told)
                waiting(context);
            is_told = true;
            if (!wait_until_free(lock->fd, lock->path, cancel, err))
                break;
        }
        if (is_current(lock->fd, lock->path))
            return true;
        close(lock->fd);
        lock->fd = -1;
    }
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
    entry_lock_end(lock);
    return false;
}

void entry_lock_end(struct entry_lock *lock)
{
    if (lock->fd >= 0) {
        unlink(lock->path); /* still ours: the next one makes a new file */
        close(lock->fd);
    }
    free(lock->path);
    *lock = (struct entry_lock){ .fd = -1 };
}
