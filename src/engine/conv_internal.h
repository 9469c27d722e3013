#pragma once

/* How the two ways of conv.h cut a signal, lay out their weights and divide their scratch. */

#include "engine/conv.h"

/* --- Toom-Cook --- */

#define CONV_POINTS 7
#define CONV_STEP 4   /* outputs of a tile, taps of a group */
#define CONV_PLANE 48 /* tiles done at once */

/* Tiles of a transformed row, a whole number of any vectors: the plane's own and those its groups
 * reach into. */
#define CONV_ROW (CONV_PLANE + 16)

/* Taps in groups of four: the last group is filled up with zeros. Packed weights are [outputs /
 * KERNEL_BLOCK][CONV_POINTS][inputs][groups][KERNEL_BLOCK]. */
static inline size_t conv_groups(size_t taps)
{
    return (taps + CONV_STEP - 1) / CONV_STEP;
}

/* Frames one unit of work makes. */
static inline size_t conv_unit_frames(size_t dilation)
{
    return dilation * CONV_STEP * CONV_PLANE;
}

/* Activated samples of a row: what CONV_PLANE tiles of every phase and all groups look at. */
static inline size_t conv_span(const struct convolution *conv)
{
    size_t span = conv->dilation * CONV_STEP * (CONV_PLANE + conv_groups(conv->taps) + 1);

    return (span + 15) / 16 * 16;
}

/* --- Fourier --- */

#define FOURIER_POINTS 32
#define FOURIER_PLANES 47  /* frequencies 0 and 16, then re, im and re + im of 1 to 15 */
#define FOURIER_TAPS_MIN 7 /* below, Toom-Cook takes as few products */
#define FOURIER_TAPS_MAX 17
#define FOURIER_INPUTS 128 /* channels summed up at once; inputs are a multiple */
#define FOURIER_OUTPUTS 32 /* channels of a panel of weights; outputs are a multiple */
#define FOURIER_ROWS 12    /* tiles multiplied at once */
#define FOURIER_TILES 48 /* about as many are in a unit, so that each weight read serves them all */

/* A row of planes is a line of cache longer than its data, so that planes do not fall on one another in
 * the cache. */
#define FOURIER_SKEW 16

/* Packed weights are then [FOURIER_PLANES][outputs / FOURIER_OUTPUTS][inputs][FOURIER_OUTPUTS]. */
static inline bool conv_is_fourier(size_t outputs, size_t inputs, size_t taps)
{
    return taps >= FOURIER_TAPS_MIN && taps <= FOURIER_TAPS_MAX && inputs % FOURIER_INPUTS == 0 &&
           outputs % FOURIER_OUTPUTS == 0;
}

/* Outputs of a tile. */
static inline size_t fourier_step(size_t taps)
{
    return FOURIER_POINTS - taps + 1;
}

/* Tiles of one phase of the dilation in a unit; the units share them evenly. */
size_t fourier_tiles(const struct convolution *conv);

/* Tiles of a unit, of all phases, filled up. */
size_t fourier_rows(const struct convolution *conv);

/* Frames that the tiles of a unit look at. */
size_t fourier_span(const struct convolution *conv);

/* Floats from one plane of a unit's tiles to the next. */
static inline size_t fourier_plane(size_t rows, size_t channels)
{
    return rows * channels + FOURIER_SKEW;
}

/* Floats of the activated inputs of a unit, or of its outputs, which take their place. */
size_t fourier_active(const struct convolution *conv);
