#pragma once

/* What a fetch tells and asks its caller on the way. */

#include <stdint.h>

#include "base/cancel.h"

struct transfer {
    void *context;
    void (*bytes)(void *context, uint64_t done, uint64_t total); /* total 0: not known */
    void (*step)(void *context, const char *text);               /* what is being done now */
    struct cancel *cancel;                                       /* or NULL */
    const char *npm;                                             /* the npm client */
    long stall_s; /* a connection that brings next to nothing for so long is given up */
};
