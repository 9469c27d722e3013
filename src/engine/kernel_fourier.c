/*
 * The running part of conv.h's Fourier convolution. A unit of work is a stretch of
 * time, cut into tiles of each phase of the dilation; a tile is a row:
 *
 *     activate     the inputs that its tiles look at, turned to [frame][channel]
 *     transform    each tile, channel by channel: planes [plane][row][input]
 *     multiply     each plane with its weights: products [plane][row][output]
 *     untransform  each tile to outputs [frame][channel]
 *     store        them, turned back, with bias and residual
 *
 * With a channel a lane the transforms need no shuffles, and two channels go through
 * one complex transform as its real and its imaginary part.
 */
#include "engine/conv_internal.h"
#include "engine/kernel_internal.h"

/* Rows of a tile of the product; ROWS * 2 sums, two weights and an input are in registers. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 12
#else
#define ROWS 6
#endif
#define COLUMNS 2 /* vectors */

_Static_assert(FOURIER_ROWS % ROWS == 0, "a unit's rows are whole tiles");
_Static_assert(FOURIER_OUTPUTS % (COLUMNS * LANES) == 0, "a panel is whole tiles");
_Static_assert(FOURIER_INPUTS % (2 * LANES) == 0, "channels are whole pairs of vectors");

#define STRETCH 128 /* frames activated before they are turned */

struct pass {
    const struct convolution *conv;
    size_t first; /* tile of each phase */
    size_t tiles; /* of each phase in this unit */
    size_t rows;  /* tiles of all phases, filled up to whole FOURIER_ROWS */
    size_t step;  /* outputs of a tile */
    size_t plane_in, plane_out;
    float *active; /* [frame][input], later outputs [frame][output] */
    float *planes, *products;
};

/* --- turning --- */

#if LANES == 16
#define ZIP_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define ZIP_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LANES == 8
#define ZIP_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define ZIP_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define ZIP_LOW 0, 4, 1, 5
#define ZIP_HIGH 2, 6, 3, 7
#endif

/* Transposes: zipping the first half of the rows with the second is one step of it, and as many steps
 * as LANES has bits are all. */
static ALWAYS_INLINE void turn(vec rows[LANES])
{
#pragma GCC unroll 4
    for (size_t step = 1; step < LANES; step *= 2) {
        vec zipped[LANES];

#pragma GCC unroll 8
        for (size_t i = 0; i < LANES / 2; i++) {
            zipped[2 * i] = __builtin_shufflevector(rows[i], rows[i + LANES / 2], ZIP_LOW);
            zipped[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + LANES / 2], ZIP_HIGH);
        }
        memcpy(rows, zipped, sizeof zipped);
    }
}

/* --- activate --- */

/* LANES channels over some of the unit's frames, the first of which may lie before the signal. */
static void activate_channels(const struct convolution *conv, size_t channel, ptrdiff_t from,
                              size_t count, float out[LANES][STRETCH])
{
    size_t before = from < 0 ? (size_t)-from : 0, start = from < 0 ? 0 : (size_t)from;
    size_t left = start < conv->frames ? conv->frames - start : 0;

    if (before > count)
        before = count;
    size_t inside = left < count - before ? left : count - before;

    for (size_t i = 0; i < LANES; i++) {
        memset(out[i], 0, before * sizeof(float));
        memset(out[i] + before + inside, 0, (STRETCH - before - inside) * sizeof(float));
        if (inside == 0)
            continue;
        const float *in = conv->in + (channel + i) * conv->frames + start;
        if (conv->activations)
            KERNEL(kernel_activate)(&conv->activations[channel + i], in, out[i] + before, inside);
        else
            memcpy(out[i] + before, in, inside * sizeof(float));
    }
}

static void activate_unit(const struct pass *pass)
{
    const struct convolution *conv = pass->conv;
    size_t pad = conv->dilation * (conv->taps - 1) / 2, span = fourier_span(conv);
    ptrdiff_t start = (ptrdiff_t)(pass->first * pass->step * conv->dilation) - (ptrdiff_t)pad;
    float stretch[LANES][STRETCH];

    for (size_t at = 0; at < span; at += STRETCH) {
        size_t count = span - at < STRETCH ? span - at : STRETCH;

        for (size_t channel = 0; channel < conv->inputs; channel += LANES) {
            activate_channels(conv, channel, start + (ptrdiff_t)at, count, stretch);
            for (size_t t = 0; t < count; t += LANES) {
                vec rows[LANES];

                for (size_t i = 0; i < LANES; i++)
                    rows[i] = vec_load(stretch[i] + t);
                turn(rows);
                for (size_t i = 0; i < LANES && t + i < count; i++)
                    vec_store(pass->active + (at + t + i) * conv->inputs + channel, rows[i]);
            }
        }
    }
}

/* --- Fourier transforms of FOURIER_POINTS complex values, 8 times 4 --- */

struct complex {
    vec re, im;
};

#define HALF_ROOT 0.70710678118654752f
#define COS_1 0.98078528040323044f /* of multiples of a thirty-second of a turn */
#define COS_2 0.92387953251128676f
#define COS_3 0.83146961230254524f
#define COS_5 0.55557023301960222f
#define COS_6 0.38268343236508977f
#define COS_7 0.19509032201612827f

/* exp(-2 pi i n k / 32) for n to 3 and k to 7. */
static const float twiddle_re[4][8] = {
    { 1, 1, 1, 1, 1, 1, 1, 1 },
    { 1, COS_1, COS_2, COS_3, HALF_ROOT, COS_5, COS_6, COS_7 },
    { 1, COS_2, HALF_ROOT, COS_6, 0, -COS_6, -HALF_ROOT, -COS_2 },
    { 1, COS_3, COS_6, -COS_7, -HALF_ROOT, -COS_1, -COS_2, -COS_5 },
};
static const float twiddle_im[4][8] = {
    { 0, 0, 0, 0, 0, 0, 0, 0 },
    { 0, -COS_7, -COS_6, -COS_5, -HALF_ROOT, -COS_3, -COS_2, -COS_1 },
    { 0, -COS_6, -HALF_ROOT, -COS_2, -1, -COS_2, -HALF_ROOT, -COS_6 },
    { 0, -COS_5, -COS_2, -COS_1, -HALF_ROOT, -COS_7, COS_6, COS_3 },
};

static ALWAYS_INLINE struct complex plus(struct complex a, struct complex b)
{
    return (struct complex){ a.re + b.re, a.im + b.im };
}

static ALWAYS_INLINE struct complex minus(struct complex a, struct complex b)
{
    return (struct complex){ a.re - b.re, a.im - b.im };
}

static ALWAYS_INLINE struct complex times_minus_i(struct complex a)
{
    return (struct complex){ a.im, -a.re };
}

static ALWAYS_INLINE struct complex times(struct complex a, float re, float im)
{
    return (struct complex){ a.re * re - a.im * im, a.re * im + a.im * re };
}

static ALWAYS_INLINE void transform_4(struct complex z[4])
{
    struct complex a = plus(z[0], z[2]), b = minus(z[0], z[2]);
    struct complex c = plus(z[1], z[3]), d = times_minus_i(minus(z[1], z[3]));

    z[0] = plus(a, c);
    z[1] = plus(b, d);
    z[2] = minus(a, c);
    z[3] = minus(b, d);
}

static ALWAYS_INLINE void transform_8(struct complex z[8])
{
    struct complex even[4] = { z[0], z[2], z[4], z[6] }, odd[4] = { z[1], z[3], z[5], z[7] };

    transform_4(even);
    transform_4(odd);
    odd[1] = times(odd[1], HALF_ROOT, -HALF_ROOT);
    odd[2] = times_minus_i(odd[2]);
    odd[3] = times(odd[3], -HALF_ROOT, -HALF_ROOT);
#pragma GCC unroll 4
    for (size_t k = 0; k < 4; k++) {
        z[k] = plus(even[k], odd[k]);
        z[k + 4] = minus(even[k], odd[k]);
    }
}

static ALWAYS_INLINE void transform_points(const struct complex in[FOURIER_POINTS],
                                           struct complex out[FOURIER_POINTS])
{
    struct complex rows[4][8];

#pragma GCC unroll 4
    for (size_t n = 0; n < 4; n++) {
#pragma GCC unroll 8
        for (size_t i = 0; i < 8; i++)
            rows[n][i] = in[4 * i + n];
        transform_8(rows[n]);
#pragma GCC unroll 8
        for (size_t k = 1; k < 8; k++)
            if (n > 0)
                rows[n][k] = times(rows[n][k], twiddle_re[n][k], twiddle_im[n][k]);
    }
#pragma GCC unroll 8
    for (size_t k = 0; k < 8; k++) {
        struct complex column[4] = { rows[0][k], rows[1][k], rows[2][k], rows[3][k] };

        transform_4(column);
#pragma GCC unroll 4
        for (size_t i = 0; i < 4; i++)
            out[k + 8 * i] = column[i];
    }
}

/* --- transform --- */

/* The spectra of two vectors of channels from that of one as real and the other as imaginary part,
 * twice as large but at the two real frequencies. */
static ALWAYS_INLINE void store_spectra(const struct complex z[FOURIER_POINTS], size_t plane,
                                        float *out)
{
    const size_t half = FOURIER_POINTS / 2;

    vec_store(out, z[0].re);
    vec_store(out + LANES, z[0].im);
    vec_store(out + plane, z[half].re);
    vec_store(out + plane + LANES, z[half].im);
#pragma GCC unroll 16
    for (size_t f = 1; f < half; f++) {
        struct complex p = z[f], q = z[FOURIER_POINTS - f];
        struct complex a = { p.re + q.re, p.im - q.im }, b = { p.im + q.im, q.re - p.re };
        float *to = out + (2 + 3 * (f - 1)) * plane;

        vec_store(to, a.re);
        vec_store(to + LANES, b.re);
        vec_store(to + plane, a.im);
        vec_store(to + plane + LANES, b.im);
        vec_store(to + 2 * plane, a.re + a.im);
        vec_store(to + 2 * plane + LANES, b.re + b.im);
    }
}

static void transform_row(const struct pass *pass, const float *from, float *to)
{
    const struct convolution *conv = pass->conv;
    size_t frame = conv->dilation * conv->inputs;

    for (size_t channel = 0; channel < conv->inputs; channel += 2 * LANES) {
        struct complex in[FOURIER_POINTS], out[FOURIER_POINTS];
        size_t block = channel / FOURIER_INPUTS;

        for (size_t n = 0; n < FOURIER_POINTS; n++) {
            in[n].re = vec_load(from + n * frame + channel);
            in[n].im = vec_load(from + n * frame + channel + LANES);
        }
        transform_points(in, out);
        store_spectra(out, pass->plane_in,
                      to + block * pass->rows * FOURIER_INPUTS + channel % FOURIER_INPUTS);
    }
}

/* What the scratch holds by chance would be multiplied too. */
static void clear_unused_rows(const struct pass *pass)
{
    size_t used = pass->tiles * pass->conv->dilation;

    for (size_t p = 0; p < FOURIER_PLANES; p++)
        for (size_t block = 0; block < pass->conv->inputs / FOURIER_INPUTS; block++)
            memset(pass->planes + p * pass->plane_in + (block * pass->rows + used) * FOURIER_INPUTS,
                   0, (pass->rows - used) * FOURIER_INPUTS * sizeof(float));
}

/* Planes are [block of inputs][row][FOURIER_INPUTS], so that rows are a known distance apart. */
static void transform_unit(const struct pass *pass)
{
    const struct convolution *conv = pass->conv;

    clear_unused_rows(pass);
    for (size_t tile = 0; tile < pass->tiles; tile++)
        for (size_t phase = 0; phase < conv->dilation; phase++)
            transform_row(
                pass, pass->active + (tile * pass->step * conv->dilation + phase) * conv->inputs,
                pass->planes + (tile * conv->dilation + phase) * FOURIER_INPUTS);
}

/* --- multiply --- */

/* ROWS rows with COLUMNS vectors of a panel, over FOURIER_INPUTS inputs. */
static void multiply_tile(const float *in, const float *weights, bool adds, float *out,
                          size_t outputs)
{
    vec sums[ROWS][COLUMNS];

#pragma GCC unroll 12
    for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 2
        for (size_t c = 0; c < COLUMNS; c++)
            sums[r][c] = adds ? vec_load(out + r * outputs + c * LANES) : (vec){ 0 };
    for (size_t k = 0; k < FOURIER_INPUTS; k++) {
        vec w[COLUMNS];

#pragma GCC unroll 2
        for (size_t c = 0; c < COLUMNS; c++)
            w[c] = vec_load(weights + k * FOURIER_OUTPUTS + c * LANES);
#pragma GCC unroll 12
        for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 2
            for (size_t c = 0; c < COLUMNS; c++)
                sums[r][c] += w[c] * in[r * FOURIER_INPUTS + k];
    }
#pragma GCC unroll 12
    for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 2
        for (size_t c = 0; c < COLUMNS; c++)
            vec_store(out + r * outputs + c * LANES, sums[r][c]);
}

static void multiply_plane(const struct pass *pass, const float *in, const float *weights,
                           float *out)
{
    const struct convolution *conv = pass->conv;

    for (size_t output = 0; output < conv->outputs; output += FOURIER_OUTPUTS)
        for (size_t input = 0; input < conv->inputs; input += FOURIER_INPUTS) {
            const float *panel = weights + output * conv->inputs + input * FOURIER_OUTPUTS;

            for (size_t row = 0; row < pass->rows; row += ROWS)
                for (size_t c = 0; c < FOURIER_OUTPUTS; c += COLUMNS * LANES)
                    multiply_tile(in + input * pass->rows + row * FOURIER_INPUTS, panel + c,
                                  input > 0, out + row * conv->outputs + output + c, conv->outputs);
        }
}

static void multiply_unit(const struct pass *pass)
{
    const struct convolution *conv = pass->conv;

    for (size_t p = 0; p < FOURIER_PLANES; p++)
        multiply_plane(pass, pass->planes + p * pass->plane_in,
                       conv->weights + p * conv->inputs * conv->outputs,
                       pass->products + p * pass->plane_out);
}

/* --- untransform --- */

/* The sum of the products of a complex frequency; see tap_planes() in conv.c. */
static ALWAYS_INLINE struct complex gauss(const float *from, size_t plane)
{
    vec p2 = vec_load(from), p3 = vec_load(from + plane), p1 = vec_load(from + 2 * plane);

    return (struct complex){ p1 - p3, p1 + p2 };
}

/* The spectrum of two vectors of channels as one signal, its parts swapped: transforming that forwards
 * gives the inverse transform with its parts swapped. */
static ALWAYS_INLINE void load_spectra(const float *from, size_t plane,
                                       struct complex z[FOURIER_POINTS])
{
    const size_t half = FOURIER_POINTS / 2;

    z[0] = (struct complex){ vec_load(from + LANES), vec_load(from) };
    z[half] = (struct complex){ vec_load(from + plane + LANES), vec_load(from + plane) };
#pragma GCC unroll 16
    for (size_t f = 1; f < half; f++) {
        const float *at = from + (2 + 3 * (f - 1)) * plane;
        struct complex a = gauss(at, plane), b = gauss(at + LANES, plane);

        z[f] = (struct complex){ a.im + b.re, a.re - b.im };
        z[FOURIER_POINTS - f] = (struct complex){ b.re - a.im, a.re + b.im };
    }
}

static void untransform_row(const struct pass *pass, const float *from, float *to)
{
    const struct convolution *conv = pass->conv;
    size_t frame = conv->dilation * conv->outputs;

    for (size_t channel = 0; channel < conv->outputs; channel += 2 * LANES) {
        struct complex in[FOURIER_POINTS], out[FOURIER_POINTS];

        load_spectra(from + channel, pass->plane_out, in);
        transform_points(in, out);
        for (size_t n = 0; n < pass->step; n++) {
            vec_store(to + n * frame + channel, out[n].im);
            vec_store(to + n * frame + channel + LANES, out[n].re);
        }
    }
}

static void untransform_unit(const struct pass *pass)
{
    const struct convolution *conv = pass->conv;

    for (size_t tile = 0; tile < pass->tiles; tile++)
        for (size_t phase = 0; phase < conv->dilation; phase++)
            untransform_row(pass, pass->products + (tile * conv->dilation + phase) * conv->outputs,
                            pass->active +
                                (tile * pass->step * conv->dilation + phase) * conv->outputs);
}

/* --- store --- */

static ALWAYS_INLINE void store_frames(const struct convolution *conv, size_t output, size_t frame,
                                       size_t count, vec value)
{
    size_t at = output * conv->frames + frame;

    value += conv->bias[output];
    if (count == LANES) {
        if (conv->residual)
            value += vec_load(conv->residual + at);
        vec_store(conv->out + at, value);
    } else {
        for (size_t i = 0; i < count; i++)
            conv->out[at + i] = value[i] + (conv->residual ? conv->residual[at + i] : 0.0f);
    }
}

static void store_unit(const struct pass *pass)
{
    const struct convolution *conv = pass->conv;
    size_t start = pass->first * pass->step * conv->dilation;
    size_t frames = pass->tiles * pass->step * conv->dilation;

    if (frames > conv->frames - start)
        frames = conv->frames - start;
    for (size_t output = 0; output < conv->outputs; output += LANES)
        for (size_t t = 0; t < frames; t += LANES) {
            size_t count = frames - t < LANES ? frames - t : LANES;
            vec rows[LANES] = { 0 };

            for (size_t i = 0; i < count; i++)
                rows[i] = vec_load(pass->active + (t + i) * conv->outputs + output);
            turn(rows);
            for (size_t i = 0; i < LANES; i++)
                store_frames(conv, output + i, start + t, count, rows[i]);
        }
}

void KERNEL(convolve_fourier)(const struct convolution *conv, size_t unit, float *scratch)
{
    size_t rows = fourier_rows(conv), active = fourier_active(conv);
    struct pass pass = { .conv = conv,
                         .first = unit * fourier_tiles(conv),
                         .tiles = fourier_tiles(conv),
                         .rows = rows,
                         .step = fourier_step(conv->taps),
                         .plane_in = fourier_plane(rows, conv->inputs),
                         .plane_out = fourier_plane(rows, conv->outputs),
                         .active = scratch,
                         .planes = scratch + active };

    pass.products = pass.planes + FOURIER_PLANES * pass.plane_in;
    activate_unit(&pass);
    transform_unit(&pass);
    multiply_unit(&pass);
    untransform_unit(&pass);
    store_unit(&pass);
}
