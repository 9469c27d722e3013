#pragma once

/*
 * StyleTTS 2's residual block of the pitch predictor and the decoder: norm, leaky
 * rectifier (0.2), perhaps twice the frames, convolution of three taps, norm, leaky
 * rectifier, convolution of three taps; the input comes by beside it (repeated,
 * and by a 1x1 convolution where the channels differ); the sum is divided by
 * sqrt(2).
 */

#include "nn/adain.h"

struct adain_block {
    size_t inputs, outputs;
    bool doubles; /* frames */
    struct adain norm1, norm2;
    struct gemm conv1, conv2;
    struct gemm shortcut; /* weights NULL: inputs == outputs */
    const float *pool,
        *pool_bias; /* doubles: [3][inputs] taps of a transposed convolution a channel */
};

/* prefix: "/encoder/F0.0", "/decoder/decoder/encode"… */
struct adain_block adain_block_bind(struct packing *packing, const char *prefix, size_t inputs,
                                    size_t outputs, bool doubles);

/* Adds weights of 8 bits to its two convolutions. The shortcut reads what no norm has made equal. */
void adain_block_bind_int8(struct packing *packing, const char *prefix, struct adain_block *block);

/* out: [frames or twice as many][outputs], not in. Once cancelled, out holds anything. */
void adain_block_run(const struct nn *nn, const struct adain_block *block, const float *style,
                     const struct matrix *in, const struct matrix *out);
