/* Multiplications and additions with nothing to wait for: what a core can do at most. */
#include "nn/kernel_internal.h"

/* At least the latency of a fused multiply-add times those begun at once (4 cycles, 2 of them, on
 * today's cores), and with factor and term no more than 16 registers. */
#define CHAINS 12

size_t KERNEL(kernel_fuse)(size_t steps, float *sum)
{
    /* Each chain tends to 0.5, so that no number becomes a slow one. */
    vec factor = (vec){ 0 } + 0.5f, term = (vec){ 0 } + 0.25f, chain[CHAINS], all = { 0 };

    for (size_t i = 0; i < CHAINS; i++)
        chain[i] = (vec){ 0 } + (float)i;
    for (size_t step = 0; step < steps; step++)
#pragma GCC unroll 12
        for (size_t i = 0; i < CHAINS; i++)
            chain[i] = chain[i] * factor + term;
    for (size_t i = 0; i < CHAINS; i++)
        all += chain[i];
    *sum = 0;
    for (size_t i = 0; i < LANES; i++)
        *sum += all[i];
    return steps * CHAINS * LANES;
}
