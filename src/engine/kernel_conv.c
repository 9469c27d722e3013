/*
 * The running part of conv.h's Toom-Cook convolution. A unit of work is a stretch
 * of time:
 *
 *     activate   each input channel over the stretch and what the taps reach
 *     for each phase of the dilation:
 *         transform   the inputs, point by point: planes [point][input][tile]
 *         multiply    for each block of output channels and point
 *         untransform into four outputs a tile, add bias and residual, store
 *
 * A plane's products are sums of outer products. A tile of them stays in
 * registers while input channels and groups pass by: each weight is broadcast
 * once for up to COLUMNS vectors, each input vector serves ROWS channels, and
 * since a group is only another offset in the plane, nothing is copied before.
 */
#include "engine/conv_internal.h"
#include "engine/kernel_internal.h"

/* ROWS * COLUMNS sums, COLUMNS inputs and a weight are in registers, of which there are 32 or 16.
 * With 4 * 3 sums in 16 registers GCC 12 moves some of them to memory and takes twice the time. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 8
#define COLUMNS 3
#elif defined(__clang__)
#define ROWS 4
#define COLUMNS 3
#else
#define ROWS 4
#define COLUMNS 2
#endif

_Static_assert(CONV_PLANE % (COLUMNS * LANES) == 0, "a plane is a whole number of tiles");
_Static_assert(CONV_ROW % LANES == 0, "a row is a whole number of vectors");
_Static_assert(KERNEL_BLOCK % ROWS == 0, "a block is a whole number of tiles");

/* One unit's work for one phase of the dilation. */
struct pass {
    const struct convolution *conv;
    size_t groups;
    size_t start;        /* the unit's first frame */
    size_t phase;        /* 0 to dilation - 1 */
    size_t count;        /* frames that this phase of the unit has */
    size_t vectors;      /* of tiles, that hold them */
    const float *active; /* [inputs][conv_span] */
    float *planes;       /* [CONV_POINTS][inputs][CONV_ROW] */
};

/* --- activate --- */

static void activate_row(const struct convolution *conv, size_t input, size_t start, float *out)
{
    size_t pad = conv->dilation * (conv->taps - 1) / 2, span = conv_span(conv);
    size_t before = start < pad ? pad - start : 0; /* zeros in front of the signal */
    size_t from = start + before - pad;            /* < frames, since start is */
    size_t count = conv->frames - from < span - before ? conv->frames - from : span - before;
    const float *in = conv->in + input * conv->frames + from;

    memset(out, 0, before * sizeof *out);
    if (conv->activations)
        KERNEL(kernel_activate)(&conv->activations[input], in, out + before, count);
    else
        memcpy(out + before, in, count * sizeof *out);
    memset(out + before + count, 0, (span - before - count) * sizeof *out);
}

/* --- transform --- */

/* Every dilation-th sample from the phase on, dealt out to four rows. */
static ALWAYS_INLINE void deal(const float *from, size_t dilation, size_t tiles,
                               float rows[CONV_STEP][CONV_ROW + LANES])
{
    for (size_t m = 0; m < tiles; m++)
        for (size_t n = 0; n < CONV_STEP; n++)
            rows[n][m] = from[(CONV_STEP * m + n) * dilation];
}

/* B' of the points in conv.h. */
static ALWAYS_INLINE void transform_tiles(const vec d[CONV_POINTS], vec out[CONV_POINTS])
{
    out[0] = 5 * d[2] - 4 * d[0] + (8 * d[1] - 10 * d[3]) + (2 * d[5] - d[4]);
    out[1] = 4 * (d[1] - d[2]) + (d[4] - 9 * d[3]) + 2 * d[5];
    out[2] = 12 * d[2] - 4 * d[1] - (7 * d[3] + 3 * d[4]) + 2 * d[5];
    out[3] = 2 * (d[1] + d[5]) + 3 * (d[4] - d[2]) - 4 * d[3];
    out[4] = 2 * (d[5] - d[1]) + 5 * (d[2] - d[4]);
    out[5] = 4 * d[1] - 5 * d[3] + d[5];
    out[6] = 8 * d[2] - 4 * d[1] + (5 * d[3] - 10 * d[4]) + (2 * d[6] - d[5]);
}

static void transform_row(const struct pass *pass, size_t input)
{
    const struct convolution *conv = pass->conv;
    const float *from = pass->active + input * conv_span(conv) + pass->phase;
    size_t used = pass->vectors * LANES + pass->groups - 1;
    float rows[CONV_STEP][CONV_ROW + LANES];
    size_t tiles = used + 1; /* a tile looks into the next one */

    for (size_t n = 0; n < CONV_STEP; n++)
        memset(rows[n] + tiles, 0, (CONV_ROW + LANES - tiles) * sizeof(float));
    if (conv->dilation == 1)
        deal(from, 1, tiles, rows);
    else
        deal(from, conv->dilation, tiles, rows);
    for (size_t m = 0; m < used; m += LANES) {
        vec d[CONV_POINTS], out[CONV_POINTS];

        for (size_t n = 0; n < CONV_STEP; n++)
            d[n] = vec_load(rows[n] + m);
        for (size_t n = CONV_STEP; n < CONV_POINTS; n++)
            d[n] = vec_load(rows[n - CONV_STEP] + m + 1);
        transform_tiles(d, out);
        for (size_t point = 0; point < CONV_POINTS; point++)
            vec_store(pass->planes + (point * conv->inputs + input) * CONV_ROW + m, out[point]);
    }
}

/* --- multiply --- */

/* Products of ROWS output channels over columns vectors of a plane. */
static ALWAYS_INLINE void multiply_tile(const float *plane, const float *weights, size_t inputs,
                                        size_t groups, size_t columns, float *out)
{
    vec sums[ROWS][COLUMNS] = { 0 };

    for (size_t input = 0; input < inputs; input++) {
        const float *in = plane + input * CONV_ROW;

        for (size_t group = 0; group < groups; group++) {
            vec x[COLUMNS];

#pragma GCC unroll 4
            for (size_t c = 0; c < COLUMNS; c++)
                if (c < columns)
                    x[c] = vec_load(in + group + c * LANES);
#pragma GCC unroll 8
            for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
                for (size_t c = 0; c < COLUMNS; c++)
                    if (c < columns)
                        sums[r][c] += x[c] * weights[r];
            weights += KERNEL_BLOCK;
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
        for (size_t c = 0; c < COLUMNS; c++)
            if (c < columns)
                vec_store(out + r * CONV_PLANE + c * LANES, sums[r][c]);
}

static void multiply_plane(const struct pass *pass, const float *plane, const float *weights,
                           float *out)
{
    size_t inputs = pass->conv->inputs, groups = pass->groups;

    for (size_t row = 0; row < KERNEL_BLOCK; row += ROWS) {
        float *to = out + row * CONV_PLANE;
        size_t v = 0;

        for (; v + COLUMNS <= pass->vectors; v += COLUMNS)
            multiply_tile(plane + v * LANES, weights + row, inputs, groups, COLUMNS,
                          to + v * LANES);
        if (COLUMNS > 2 && pass->vectors - v == 2)
            multiply_tile(plane + v * LANES, weights + row, inputs, groups, 2, to + v * LANES);
        else if (pass->vectors - v == 1)
            multiply_tile(plane + v * LANES, weights + row, inputs, groups, 1, to + v * LANES);
    }
}

/* --- untransform --- */

/* A' of the points in conv.h, for one output channel; m: [point][KERNEL_BLOCK][CONV_PLANE]. */
static void untransform(const float *m, size_t vectors, float bias, float out[][CONV_PLANE])
{
    const size_t point = KERNEL_BLOCK * CONV_PLANE;

    for (size_t i = 0; i < vectors * LANES; i += LANES) {
        vec ones = vec_load(m + point + i), minus_ones = vec_load(m + 2 * point + i);
        vec twos = vec_load(m + 3 * point + i), minus_twos = vec_load(m + 4 * point + i);
        vec half = vec_load(m + 5 * point + i);
        vec even1 = ones + minus_ones, odd1 = ones - minus_ones;
        vec even2 = twos + minus_twos, odd2 = twos - minus_twos;

        vec_store(out[0] + i, vec_load(m + i) + even1 + even2 + half + bias);
        vec_store(out[1] + i, odd1 + 2 * odd2 + 0.5f * half + bias);
        vec_store(out[2] + i, even1 + 4 * even2 + 0.25f * half + bias);
        vec_store(out[3] + i, odd1 + 8 * odd2 + 0.125f * half + vec_load(m + 6 * point + i) + bias);
    }
}

static ALWAYS_INLINE void collect(float rows[][CONV_PLANE], size_t count, size_t dilation,
                                  const float *residual, float *to)
{
    size_t whole = count / CONV_STEP, i = whole * CONV_STEP;

    for (size_t m = 0; m < whole; m++)
        for (size_t n = 0; n < CONV_STEP; n++) {
            size_t at = (CONV_STEP * m + n) * dilation;

            to[at] = residual ? rows[n][m] + residual[at] : rows[n][m];
        }
    for (; i < count; i++)
        to[i * dilation] = rows[i % CONV_STEP][whole] + (residual ? residual[i * dilation] : 0.0f);
}

static void store_row(const struct pass *pass, size_t output, const float *m)
{
    const struct convolution *conv = pass->conv;
    size_t at = output * conv->frames + pass->start + pass->phase, dilation = conv->dilation;
    float rows[CONV_STEP][CONV_PLANE];

    untransform(m, pass->vectors, conv->bias[output], rows);
    if (dilation == 1 && conv->residual)
        collect(rows, pass->count, 1, conv->residual + at, conv->out + at);
    else if (dilation == 1)
        collect(rows, pass->count, 1, NULL, conv->out + at);
    else
        collect(rows, pass->count, dilation, conv->residual ? conv->residual + at : NULL,
                conv->out + at);
}

/* --- a unit --- */

static void run_pass(const struct pass *pass)
{
    const struct convolution *conv = pass->conv;
    size_t weights_of_point = conv->inputs * pass->groups * KERNEL_BLOCK;
    float products[CONV_POINTS][KERNEL_BLOCK][CONV_PLANE];

    for (size_t input = 0; input < conv->inputs; input++)
        transform_row(pass, input);
    for (size_t block = 0; block < conv->outputs / KERNEL_BLOCK; block++) {
        const float *weights = conv->weights + block * CONV_POINTS * weights_of_point;

        for (size_t point = 0; point < CONV_POINTS; point++)
            multiply_plane(pass, pass->planes + point * conv->inputs * CONV_ROW,
                           weights + point * weights_of_point, products[point][0]);
        for (size_t i = 0; i < KERNEL_BLOCK; i++)
            store_row(pass, block * KERNEL_BLOCK + i, products[0][i]);
    }
}

static void convolve_toom(const struct convolution *conv, size_t unit, float *scratch)
{
    size_t span = conv_span(conv), start = unit * conv_unit_frames(conv->dilation);
    struct pass pass = { .conv = conv,
                         .groups = conv_groups(conv->taps),
                         .start = start,
                         .active = scratch,
                         .planes = scratch + conv->inputs * span };
    size_t left = conv->frames - start;

    for (size_t input = 0; input < conv->inputs; input++)
        activate_row(conv, input, start, scratch + input * span);
    for (; pass.phase < conv->dilation && pass.phase < left; pass.phase++) {
        const size_t tile = CONV_STEP * LANES;

        pass.count = (left - pass.phase + conv->dilation - 1) / conv->dilation;
        if (pass.count > CONV_STEP * CONV_PLANE)
            pass.count = CONV_STEP * CONV_PLANE;
        pass.vectors = (pass.count + tile - 1) / tile;
        run_pass(&pass);
    }
}

void KERNEL(kernel_convolve)(const struct convolution *conv, size_t unit, float *scratch)
{
    if (conv_is_fourier(conv->outputs, conv->inputs, conv->taps))
        KERNEL(convolve_fourier)(conv, unit, scratch);
    else
        convolve_toom(conv, unit, scratch);
}
