#pragma once

/*
 * A place of the turnstile held by a thread that computes in many short steps: a
 * token takes some milliseconds, too few to queue anew for each, and a file
 * minutes, too many to keep others waiting. So the place is kept for a fraction
 * of a second and then goes to whoever waits. One thread.
 */

#include "base/turnstile.h"

struct turn {
    struct turnstile *turnstile; /* NULL: nobody has to wait */
    struct cancel *cancel;       /* or NULL */

    bool is_held;
    double since_s; /* of clock_seconds */
};

#define TURN(its_turnstile, its_cancel)                                                            \
    ((struct turn){ .turnstile = (its_turnstile), .cancel = (its_cancel) })

/* Before each step: waits for a place where none is held or others have waited long enough. False
 * with ERR_CANCELLED, and then no place is held. */
bool turn_take(struct turn *turn, struct err *err) MUST_CHECK;

/* Gives the place back, if there is one. */
void turn_end(struct turn *turn);
