#pragma once

/*
 * One server a data folder: an flock on a file in it, which the kernel drops when
 * its holder dies. The file holds the process id of the last holder, for people.
 */

#include "base/err.h"

struct data_lock {
    int fd; /* -1: not held */
};

#define DATA_LOCK ((struct data_lock){ .fd = -1 })

/* Takes the lock, or ERR_CONFLICT with the process that has it. The folder is there. */
bool data_lock_begin(struct data_lock *lock, const char *folder, struct err *err) MUST_CHECK;
void data_lock_end(struct data_lock *lock); /* accepts one that was not taken */
