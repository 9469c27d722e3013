#pragma once

/*
 * The generator's residual block (HiFi-GAN's, Kong et al. 2020, arXiv:2010.05646,
 * with adaptive norms and Snake): three times norm, Snake, dilated convolution, norm,
 * Snake, convolution, and the sum with what came in.
 */

#include "nn/adain.h"
#include "nn/conv.h"

#define SNAKE_STEPS 3

struct snake_block {
    struct adain norm1[SNAKE_STEPS], norm2[SNAKE_STEPS];
    const float *frequency1[SNAKE_STEPS], *frequency2[SNAKE_STEPS]; /* [channels] */
    const float *reciprocal1[SNAKE_STEPS], *reciprocal2[SNAKE_STEPS];
    struct conv conv1[SNAKE_STEPS], conv2[SNAKE_STEPS]; /* of dilation 1, 3, 5, and of 1 */
    size_t channels;
};

/* name: "noise_res.0", "resblocks.3"… of the generator. */
struct snake_block snake_block_bind(struct packing *packing, const char *name, size_t channels,
                                    size_t taps);

/* Adds weights of 8 bits where they are faster. */
void snake_block_bind_int8(struct packing *packing, const char *name, struct snake_block *block);

/* in and out are [frames][channels]; out may be in. False when cancelled. */
bool snake_block_run(const struct nn *nn, const struct snake_block *block, const float *style,
                     const struct matrix *in, const struct matrix *out, struct err *err) MUST_CHECK;
