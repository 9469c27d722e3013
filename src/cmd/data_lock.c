#include "cmd/data_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/path.h"

/* What the holder wrote: a process id, or 0. */
static long holder_of(int fd)
{
    char text[32] = "";

    return pread(fd, text, sizeof text - 1, 0) > 0 ? strtol(text, NULL, 10) : 0;
}

static bool refuse(int fd, const char *folder, struct err *err)
{
    long holder = holder_of(fd);
    char process[48] = "another process";

    if (holder > 0)
        snprintf(process, sizeof process, "process %ld", holder);
    return err_set(
        err, ERR_CONFLICT,
        "The data folder %.400s is being served already, by %s. Stop that one, or choose "
        "another folder with --data.",
        folder, process);
}

/* Only people read it, so a disk that is full is no reason not to start. */
static void write_holder(int fd)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
        return;
}

static bool lock_file(int fd, const char *folder, const char *path, struct err *err)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_holder(fd);
        return true;
    }
    return errno == EWOULDBLOCK ? refuse(fd, folder, err) : err_system(err, "lock", path);
}

bool data_lock_begin(struct data_lock *lock, const char *folder, struct err *err)
{
    char *path = path_join(folder, "parlando.lock");

    lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok =
        lock->fd >= 0 ? lock_file(lock->fd, folder, path, err) : err_system(err, "create", path);
    free(path);
    if (!ok)
        data_lock_end(lock);
    return ok;
}

/* The file stays: removing it would let two processes lock two files of one name. */
void data_lock_end(struct data_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}
