#pragma once

/*
 * One process at a time works on an entry: an flock on a hidden file in the
 * models folder, which the kernel drops when its holder dies.
 */

#include "base/cancel.h"

struct entry_lock {
    char *path; /* owned */
    int fd;     /* -1: not held */
};

/* Takes the lock. Where another process holds it, calls waiting (may be NULL) once and waits, which
 * cancelling ends. */
bool entry_lock_begin(struct entry_lock *lock, const char *models_dir, const char *id,
                      void (*waiting)(void *context), void *context, struct cancel *cancel,
                      struct err *err) MUST_CHECK;
void entry_lock_end(struct entry_lock *lock); /* accepts one that was not taken */
