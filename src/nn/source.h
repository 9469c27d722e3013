#pragma once

/*
 * The harmonic source of the generator (Wang et al. 2019, neural source-filter,
 * arXiv:1904.12088, as HiFTNet uses it): nine sines at multiples of the pitch, mixed by a linear
 * layer and tanh, and its short-time spectrum of 20 points each 5 samples:
 * magnitudes and angles of 11 frequencies.
 *
 * The spectrum of silence is rounding error, whose angle is any angle, and the
 * network has learned from such angles: the order of operations follows ONNX
 * Runtime's, so that the result is the same to the bit where that matters.
 */

#include "nn/gemm.h"

#define SOURCE_COLUMNS 22

struct source {
    const float *mix; /* [9] */
    float bias;
    const float *window; /* [20] */
};

void source_bind(struct packing *packing, struct source *source);

/* f0: [count] in Hz, each for 300 samples. out: [60 * count + 1][SOURCE_COLUMNS],
 * which is not complete once the pass is cancelled. */
void source_run(const struct nn *nn, const struct source *source, const float *f0, size_t count,
                const struct matrix *out);
