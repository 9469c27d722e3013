#pragma once

/* What the layers of a pass compute with, and where. One pass has one; layers borrow it. */

#include "base/cancel.h"
#include "nn/int8.h"
#include "nn/kernel.h"
#include "nn/packing.h"
#include "nn/pool.h"
#include "nn/workspace.h"

struct nn {
    const struct nn_kernel *kernel;
    struct pool *pool;
    struct workspace *workspace;
    const struct int8_kernel
        *int8;                   /* computes layers that have weights of 8 bits; NULL: floats do */
    const struct cancel *cancel; /* looked at between layers, at least each 20 ms; NULL: never */

    /* Where memory is dearer than time: the weights whose pages are let go as layers are done with
     * them; else NULL. */
    struct packed_file *forgets;
};

static inline void nn_forget(const struct nn *nn)
{
    if (nn->forgets)
        packed_file_forget(nn->forgets);
}
