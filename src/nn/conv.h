#pragma once

/*
 * The vocoder's convolutions: a norm's scale and shift, Snake or a leaky
 * rectifier, then a convolution along time of stride 1 that keeps the length,
 * with a bias and perhaps a residual. They are nine tenths of the work, so they
 * are done by fast algorithms, in units of a stretch of time:
 *
 *     activate     the frames that the unit's tiles look at
 *     transform    each tile of each phase of the dilation, channel by channel
 *     multiply     each plane with its weights
 *     untransform  to frames, add bias and residual, store
 *
 * Seven taps and more: Fourier transforms of 32 points (overlap-save: Stockham
 * 1966); 47 real products make 33 - taps outputs. Three taps: Toom-Cook's and
 * Winograd's F(4, 3) with 6 products for four outputs (Lavin and Gray 2015,
 * arXiv:1509.09308). A channel is a lane, so transforms need no shuffles.
 */

#include "nn/nn.h"
#include "nn/packing.h"

struct conv {
    size_t inputs, outputs, taps, dilation; /* inputs and outputs: multiples of 128 */
    const float *weights;                   /* packed */
    const float *bias;                      /* [outputs] */
    const float *int8;                      /* weights of 8 bits, or NULL: see conv_int8.h */
};

/* Taps 3, 7 or 11. */
struct conv conv_bind(struct packing *packing, const char *node, size_t outputs, size_t inputs,
                      size_t taps, size_t dilation);

/* out = conv(activation(in)) + residual. activation or residual may be NULL; residual may be out, in may
 * not. All are [frames][channels]. Once the pass is cancelled out holds anything. */
void conv_run(const struct nn *nn, const struct conv *conv, const struct activation *activation,
              const struct matrix *in, const struct matrix *residual, const struct matrix *out);

/* For tests: [outputs][inputs][taps] packed. */
size_t conv_packed_count(size_t outputs, size_t inputs, size_t taps);
void conv_pack(const float *weights, size_t outputs, size_t inputs, size_t taps, float *packed);
