#include "nn/peak.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

#define SLICES 25
#define STEPS 400000 /* about 2 ms */

struct lane {
    const struct nn_kernel *kernel;
    size_t products;
    float sum;
};

static void fuse(void *state, size_t unit, size_t lane)
{
    struct lane *own = (struct lane *)state + unit;

    (void)lane;
    own->products = own->kernel->fuse(STEPS, &own->sum);
}

double nn_peak(const struct nn_kernel *kernel, struct pool *pool)
{
    size_t count = pool_lanes(pool);
    struct lane *lanes = xcalloc(count, sizeof *lanes);
    double best = 0;

    for (size_t i = 0; i < count; i++)
        lanes[i].kernel = kernel;
    for (int slice = 0; slice < SLICES; slice++) {
        double begun_s = clock_seconds(), products = 0;

        pool_run(pool, count, fuse, lanes);
        double took_s = clock_seconds() - begun_s;
        for (size_t i = 0; i < count; i++)
            products += (double)lanes[i].products;
        if (products / took_s > best)
            best = products / took_s;
    }
    free(lanes);
    return best;
}
