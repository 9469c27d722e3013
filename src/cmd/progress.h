#pragma once

/*
 * How far something has come, on standard error. On a terminal: one line,
 * redrawn in place, with a bar, the rate and the time left. Elsewhere: plain
 * lines, no more than one each 10 % and each 5 seconds, so that a log stays
 * readable. Quiet: nothing. One thread at a time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/alloc.h"

struct progress;

struct progress *progress_create(const char *label, bool is_quiet); /* never NULL */
void progress_destroy(struct progress *progress); /* clears the line; accepts NULL */

/* Another thing is being done now: the counting begins again. */
void progress_label(struct progress *progress, const char *label);

void progress_fraction(struct progress *progress, double fraction);            /* 0 to 1 */
void progress_bytes(struct progress *progress, uint64_t done, uint64_t total); /* 0: not known */

/* A line that stays, above the moving one. */
void progress_note(struct progress *progress, const char *format, ...) PRINTF_LIKE(2, 3);

/* Where it goes; progress_create() takes standard error and the real clock. */
struct progress_output {
    FILE *file;
    bool is_terminal;
    int columns;         /* 0: ask the terminal each time */
    double (*now)(void); /* seconds */
};

struct progress *progress_create_on(const struct progress_output *output, const char *label);
