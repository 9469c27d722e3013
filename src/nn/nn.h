#pragma once

/* What the layers of a pass compute with, and where. One pass has one; layers borrow it. */

#include "base/cancel.h"
#include "nn/kernel.h"
#include "nn/pool.h"
#include "nn/workspace.h"

struct nn {
    const struct nn_kernel *kernel;
    struct pool *pool;
    struct workspace *workspace;
    const struct cancel *cancel; /* looked at between layers, at least each 20 ms; NULL: never */
};
