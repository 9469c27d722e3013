#pragma once

/* The most this machine's cores can multiply and add, to compare with what a pass does. */

#include "nn/kernel.h"
#include "nn/pool.h"

/* Multiplications, each with an addition, a second, of all the pool's threads together: the best of some
 * slices, a twentieth of a second in all. */
double nn_peak(const struct nn_kernel *kernel, struct pool *pool);
