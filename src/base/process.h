#pragma once

/*
 * Another program, run to its end. It gets our environment and none of our open
 * files, default signals (we block ours), and a process group of its own, so that
 * what it starts ends with it. Any thread; the program has the caller's priority.
 */

#include "base/cancel.h"

struct process {
    char *const *argv;  /* NULL behind the last; argv[0] is a path, or looked for in PATH */
    const char *folder; /* where it runs; NULL: where we do */
    int complaints_fd;  /* its standard error; its input and output are /dev/null */
    int end_signal;     /* what a cancel request sends to the group: SIGTERM, SIGKILL */
};

/* *exit_code: −1 when a signal ended it. ERR_NOT_FOUND when there is no such program, ERR_CANCELLED. */
bool process_run(const struct process *process, int *exit_code, struct cancel *cancel,
                 struct err *err) MUST_CHECK;
