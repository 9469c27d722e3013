#pragma once

/* How conv.h's two algorithms cut a signal into tiles and units, lay out their weights and divide their
 * scratch. A tile of either sees `points` frames, becomes one row of each of `planes` planes, and makes
 * `step` frames. */

#include "nn/conv.h"

#define CONV_INPUTS 128       /* channels summed up at once; inputs are a multiple */
#define CONV_OUTPUTS NN_PANEL /* channels of a panel of weights; outputs are a multiple */
#define CONV_ROWS 4           /* the tiles of a unit are filled up to a multiple */
#define CONV_ROW_GROUP 12     /* tiles that are multiplied at once, while there are as many */

/* Rows of planes and of activated frames are a line of cache longer than their data, so that they do not
 * fall on one another in the cache. */
#define CONV_SKEW 16

#define FOURIER_POINTS 32
#define FOURIER_PLANES 47 /* frequencies 0 and 16, then re, im and re + im of 1 to 15 */
#define FOURIER_TAPS_MIN 7
#define FOURIER_TAPS_MAX 17

#define TOOM_TAPS 3
#define TOOM_STEP 4
#define TOOM_POINTS 6 /* and planes */

struct conv_form {
    size_t points, planes, step;
    size_t
        tiles; /* about as many are in a unit: few, so that their planes stay in the cache of a core */
};

static inline struct conv_form conv_form(size_t taps)
{
    if (taps >= FOURIER_TAPS_MIN)
        return (struct conv_form){ FOURIER_POINTS, FOURIER_PLANES, FOURIER_POINTS - taps + 1, 24 };
    return (struct conv_form){ TOOM_POINTS, TOOM_POINTS, TOOM_STEP, 48 };
}

/* What kernel->convolve works on. Packed weights are [outputs / CONV_OUTPUTS][planes][inputs][CONV_OUTPUTS]. */
struct conv_job {
    const struct conv *conv;
    const struct activation *activation; /* NULL: none */
    const struct nn_kernel *kernel;
    struct matrix in, out;
    const struct matrix *residual; /* NULL: none */
    struct conv_form form;
    size_t phase_tiles; /* of each phase of the dilation in the whole signal */
    size_t units;       /* share them evenly */
};

/* The first tile of a unit, of each phase; of the unit behind the last one: phase_tiles. */
static inline size_t conv_first_tile(const struct conv_job *job, size_t unit)
{
    return unit * job->phase_tiles / job->units;
}

/* Tiles of all phases of a unit with so many of each, filled up. */
static inline size_t conv_rows(const struct conv_job *job, size_t tiles)
{
    return (tiles * job->conv->dilation + CONV_ROWS - 1) / CONV_ROWS * CONV_ROWS;
}

/* Frames that they look at. */
static inline size_t conv_span(const struct conv_job *job, size_t tiles)
{
    return job->conv->dilation * ((tiles - 1) * job->form.step + job->form.points);
}

/* Floats from one activated frame to the next, and from one plane to the next. */
static inline size_t conv_active_stride(const struct conv_job *job)
{
    return job->conv->inputs + CONV_SKEW;
}

static inline size_t conv_plane(size_t rows, size_t channels)
{
    return rows * channels + CONV_SKEW;
}
