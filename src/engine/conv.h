#pragma once

/*
 * Fast convolution along time. A direct one multiplies taps times an output;
 * this one splits the taps into groups of four and computes four outputs of a
 * group with seven products instead of sixteen (Toom-Cook's and Winograd's
 * F(4,4): S. Winograd, Arithmetic Complexity of Computations, 1980; for
 * convolutions of networks, Lavin and Gray 2015, arXiv:1509.09308), at the points
 * 0, 1, -1, 2, -2, 1/2 and infinity:
 *
 *     four outputs = A' * sum over channels and groups of (G * four taps) . (B' * seven inputs)
 *
 * Groups lie four apart, as tiles of outputs do, so a group's seven inputs are
 * those of a later tile, transformed once. A dilated convolution is as many
 * independent ones, of each dilation-th sample. Measured against double precision
 * the error is about 118 dB below the signal.
 *
 * G is applied once, when a model is prepared; the rest is in kernel_conv.c. The
 * layout of packed weights is the same for all machines.
 */

#include "engine/kernel.h"

#define CONV_POINTS 7
#define CONV_STEP 4   /* outputs of a tile, taps of a group */
#define CONV_PLANE 48 /* tiles done at once */
#define CONV_TAPS_MAX 63

/* Taps in groups of four: the last group is filled up with zeros. */
static inline size_t conv_groups(size_t taps)
{
    return (taps + CONV_STEP - 1) / CONV_STEP;
}

/* Frames one unit of work makes. */
static inline size_t conv_unit_frames(size_t dilation)
{
    return dilation * CONV_STEP * CONV_PLANE;
}

static inline size_t conv_unit_count(const struct convolution *conv)
{
    size_t each = conv_unit_frames(conv->dilation);

    return (conv->frames + each - 1) / each;
}

/* Floats of packed weights: [outputs / KERNEL_BLOCK][CONV_POINTS][inputs][groups][KERNEL_BLOCK]. */
size_t conv_packed_count(size_t outputs, size_t inputs, size_t taps);

/* weights: [outputs][inputs][taps], as ONNX's Conv has them. */
void conv_pack(const float *weights, size_t outputs, size_t inputs, size_t taps, float *packed);

size_t conv_scratch_count(const struct convolution *conv);
