#pragma once

/*
 * Kokoro's vocoder, an ISTFTNet (Kaneko et al. 2022, arXiv:2203.02395): two
 * transposed convolutions (10 and 6 times the frames), each followed by the sum
 * with the filtered source and the mean of three residual blocks of 3, 7 and 11
 * taps with adaptive instance norm and Snake; then 22 channels of log magnitudes
 * and phases, and their inverse short-time Fourier transform (20 points, hop 5).
 */

#include "nn/snake_block.h"

#define GENERATOR_STAGES 2
#define GENERATOR_BLOCKS 3

struct generator {
    struct gemm up[GENERATOR_STAGES];
    struct gemm noise[GENERATOR_STAGES]; /* convolutions of the source */
    struct snake_block noise_blocks[GENERATOR_STAGES];
    struct snake_block blocks[GENERATOR_STAGES][GENERATOR_BLOCKS];
    struct gemm post;        /* seven taps, 128 to 22 */
    const float *inverse;    /* the inverse transform's basis, [22][20] */
    const float *window_sum; /* [20]: what the model divides the first samples by */
};

void generator_bind(struct packing *packing, struct generator *generator);

/* Adds weights of 8 bits where they are faster. */
void generator_bind_int8(struct packing *packing, struct generator *generator);

/* in: [frames][512] of the decoder; source: [60 * frames + 1][22]; style: the decoder's half. samples:
 * [300 * frames]. False when cancelled. */
bool generator_run(const struct nn *nn, const struct generator *generator, const struct matrix *in,
                   const struct matrix *source, const float *style, float *samples,
                   struct err *err) MUST_CHECK;
