/*
 * The running part of conv.h's convolutions: a unit of work is a stretch of time,
 * cut into tiles of each phase of the dilation; a tile is a row.
 *
 *     activate     the frames that its tiles look at: [frame][input]
 *     transform    each tile, channel by channel: planes [plane][input block][row][input]
 *     for each panel of CONV_OUTPUTS outputs:
 *         multiply     each plane with its weights: products [plane][row][output]
 *         untransform  each tile to frames, add bias and residual, store
 *
 * With a channel a lane the transforms need no shuffles. Both take two vectors of
 * channels at a time: Fourier's as the real and the imaginary part of one complex
 * signal.
 */
#include "nn/conv_internal.h"
#include "nn/kernel_internal.h"

/* Rows of a tile of the product; ROWS * COLUMNS sums, the weights and an input are in registers. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 12
#else
#define ROWS 6
#endif
#define COLUMNS 2 /* vectors */

_Static_assert(CONV_ROW_GROUP % ROWS == 0, "a group of rows is whole tiles");
_Static_assert(CONV_ROW_GROUP % CONV_ROWS == 0, "a group of rows is whole small tiles");
_Static_assert(CONV_OUTPUTS % (COLUMNS * LANES) == 0, "a panel is whole tiles");
_Static_assert(CONV_INPUTS % (2 * LANES) == 0, "channels are whole pairs of vectors");

struct unit {
    const struct conv_job *job;
    const struct conv *conv;
    size_t start; /* its first frame */
    size_t tiles; /* of each phase */
    size_t rows;  /* tiles of all phases, filled up */
    size_t plane_in, plane_out;
    float *active, *planes, *products;
};

/* Two vectors of neighbouring channels. */
struct pair {
    vec low, high;
};

static ALWAYS_INLINE struct pair pair_load(const float *from)
{
    return (struct pair){ vec_load(from), vec_load(from + LANES) };
}

static ALWAYS_INLINE void pair_store(float *to, vec low, vec high)
{
    vec_store(to, low);
    vec_store(to + LANES, high);
}

/* --- activate --- */

static void activate_rows(const struct unit *unit, size_t from, size_t count, float *out)
{
    const struct conv_job *job = unit->job;
    size_t stride = conv_active_stride(job);
    const float *in = matrix_row(&job->in, from);

    if (job->activation)
        job->kernel->activate(job->activation, in, job->in.stride, out, stride, count,
                              unit->conv->inputs);
    else
        for (size_t t = 0; t < count; t++)
            memcpy(out + t * stride, in + t * job->in.stride, unit->conv->inputs * sizeof *out);
}

/* Outside the signal there are zeros behind the activation. */
static void activate_unit(const struct unit *unit)
{
    const struct conv_job *job = unit->job;
    size_t pad = unit->conv->dilation * (unit->conv->taps - 1) / 2;
    size_t span = conv_span(job, unit->tiles), stride = conv_active_stride(job);
    size_t before = unit->start < pad ? pad - unit->start : 0;
    size_t from = unit->start + before - pad;
    size_t count = span - before; /* before is less: the tiles reach behind the pad */

    if (count > job->in.rows - from)
        count = job->in.rows - from;
    memset(unit->active, 0, before * stride * sizeof(float));
    activate_rows(unit, from, count, unit->active + before * stride);
    memset(unit->active + (before + count) * stride, 0,
           (span - before - count) * stride * sizeof(float));
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

    pair_store(out, z[0].re, z[0].im);
    pair_store(out + plane, z[half].re, z[half].im);
#pragma GCC unroll 16
    for (size_t f = 1; f < half; f++) {
        struct complex p = z[f], q = z[FOURIER_POINTS - f];
        struct complex a = { p.re + q.re, p.im - q.im }, b = { p.im + q.im, q.re - p.re };
        float *to = out + (2 + 3 * (f - 1)) * plane;

        pair_store(to, a.re, b.re);
        pair_store(to + plane, a.im, b.im);
        pair_store(to + 2 * plane, a.re + a.im, b.re + b.im);
    }
}

static ALWAYS_INLINE void transform_fourier(const float *from, size_t frame, size_t plane,
                                            float *to)
{
    struct complex in[FOURIER_POINTS], out[FOURIER_POINTS];

#pragma GCC unroll 32
    for (size_t n = 0; n < FOURIER_POINTS; n++)
        in[n] = (struct complex){ vec_load(from + n * frame), vec_load(from + n * frame + LANES) };
    transform_points(in, out);
    store_spectra(out, plane, to);
}

/* B' of F(4, 3); see toom_planes() in conv.c. */
static ALWAYS_INLINE void transform_toom(const float *from, size_t frame, size_t plane, float *to)
{
#pragma GCC unroll 2
    for (size_t i = 0; i < 2 * LANES; i += LANES) {
        vec d[TOOM_POINTS];

#pragma GCC unroll 6
        for (size_t n = 0; n < TOOM_POINTS; n++)
            d[n] = vec_load(from + n * frame + i);
        vec even1 = d[4] - 4 * d[2], odd1 = d[3] - 4 * d[1];
        vec even2 = d[4] - d[2], odd2 = 2 * (d[3] - d[1]);

        vec_store(to + i, 4 * d[0] + (d[4] - 5 * d[2]));
        vec_store(to + plane + i, even1 + odd1);
        vec_store(to + 2 * plane + i, even1 - odd1);
        vec_store(to + 3 * plane + i, even2 + odd2);
        vec_store(to + 4 * plane + i, even2 - odd2);
        vec_store(to + 5 * plane + i, 4 * d[1] + (d[5] - 5 * d[3]));
    }
}

/* Planes are [block of inputs][row][CONV_INPUTS], so that rows are a known distance apart. */
static void transform_tile(const struct unit *unit, const float *from, size_t row)
{
    size_t frame = unit->conv->dilation * conv_active_stride(unit->job);

    for (size_t channel = 0; channel < unit->conv->inputs; channel += 2 * LANES) {
        size_t block = channel / CONV_INPUTS;
        float *to = unit->planes + (block * unit->rows + row) * CONV_INPUTS + channel % CONV_INPUTS;

        if (unit->conv->taps == TOOM_TAPS)
            transform_toom(from + channel, frame, unit->plane_in, to);
        else
            transform_fourier(from + channel, frame, unit->plane_in, to);
    }
}

/* What the scratch holds by chance would be multiplied too. */
static void clear_unused_rows(const struct unit *unit)
{
    size_t used = unit->tiles * unit->conv->dilation;

    for (size_t p = 0; p < unit->job->form.planes; p++)
        for (size_t block = 0; block < unit->conv->inputs / CONV_INPUTS; block++)
            memset(unit->planes + p * unit->plane_in + (block * unit->rows + used) * CONV_INPUTS, 0,
                   (unit->rows - used) * CONV_INPUTS * sizeof(float));
}

static void transform_unit(const struct unit *unit)
{
    size_t dilation = unit->conv->dilation, stride = conv_active_stride(unit->job);
    size_t step = unit->job->form.step * dilation;

    clear_unused_rows(unit);
    for (size_t tile = 0; tile < unit->tiles; tile++)
        for (size_t phase = 0; phase < dilation; phase++)
            transform_tile(unit, unit->active + (tile * step + phase) * stride,
                           tile * dilation + phase);
}

/* --- multiply --- */

/* rows rows with COLUMNS vectors of a panel, over CONV_INPUTS inputs. */
static ALWAYS_INLINE void multiply_rows(const float *in, const float *weights, bool adds,
                                        size_t rows, float *out)
{
    vec sums[ROWS][COLUMNS];

#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (size_t c = 0; c < COLUMNS; c++)
            sums[r][c] = adds ? vec_load(out + r * CONV_OUTPUTS + c * LANES) : (vec){ 0 };
    for (size_t k = 0; k < CONV_INPUTS; k++) {
        vec w[COLUMNS];

#pragma GCC unroll 2
        for (size_t c = 0; c < COLUMNS; c++)
            w[c] = vec_load(weights + k * CONV_OUTPUTS + c * LANES);
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 2
            for (size_t c = 0; c < COLUMNS; c++)
                sums[r][c] += w[c] * in[r * CONV_INPUTS + k];
    }
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (size_t c = 0; c < COLUMNS; c++)
            vec_store(out + r * CONV_OUTPUTS + c * LANES, sums[r][c]);
}

static void multiply_tile(const float *in, const float *weights, bool adds, float *out)
{
    multiply_rows(in, weights, adds, ROWS, out);
}

static void multiply_small_tile(const float *in, const float *weights, bool adds, float *out)
{
    multiply_rows(in, weights, adds, CONV_ROWS, out);
}

/* All rows of a plane with CONV_INPUTS inputs of a panel. */
static void multiply_block(const struct unit *unit, const float *in, const float *weights,
                           bool adds, float *out)
{
    size_t row = 0, grouped = unit->rows / CONV_ROW_GROUP * CONV_ROW_GROUP;

    while (row < unit->rows) {
        bool is_small = row >= grouped;

        for (size_t c = 0; c < CONV_OUTPUTS; c += COLUMNS * LANES)
            (is_small ? multiply_small_tile : multiply_tile)(in + row * CONV_INPUTS, weights + c,
                                                             adds, out + row * CONV_OUTPUTS + c);
        row += is_small ? CONV_ROWS : ROWS;
    }
}

static void multiply_panel(const struct unit *unit, size_t panel)
{
    size_t planes = unit->job->form.planes, inputs = unit->conv->inputs;
    const float *weights = unit->conv->weights + panel * planes * inputs * CONV_OUTPUTS;

    for (size_t p = 0; p < planes; p++)
        for (size_t input = 0; input < inputs; input += CONV_INPUTS)
            multiply_block(unit, unit->planes + p * unit->plane_in + input * unit->rows,
                           weights + (p * inputs + input) * CONV_OUTPUTS, input > 0,
                           unit->products + p * unit->plane_out);
}

/* --- untransform --- */

/* Where the frames of a tile go. */
struct target {
    float *out;
    const float *residual; /* NULL: none */
    size_t out_frame, residual_frame;
    size_t count; /* frames that lie within the signal */
    struct pair bias;
};

static ALWAYS_INLINE void store_frame(const struct target *target, size_t n, vec low, vec high)
{
    if (n >= target->count)
        return;
    low += target->bias.low;
    high += target->bias.high;
    if (target->residual) {
        struct pair residual = pair_load(target->residual + n * target->residual_frame);

        low += residual.low;
        high += residual.high;
    }
    pair_store(target->out + n * target->out_frame, low, high);
}

/* The sum of the products of a complex frequency; see fourier_planes() in conv.c. */
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

static ALWAYS_INLINE void untransform_fourier(const float *from, size_t plane,
                                              const struct target *target)
{
    struct complex in[FOURIER_POINTS], out[FOURIER_POINTS];

    load_spectra(from, plane, in);
    transform_points(in, out);
#pragma GCC unroll 32
    for (size_t n = 0; n <= FOURIER_POINTS - FOURIER_TAPS_MIN; n++)
        store_frame(target, n, out[n].im, out[n].re);
}

/* A' of F(4, 3); see toom_planes() in conv.c. */
static ALWAYS_INLINE void untransform_toom(const float *from, size_t plane,
                                           const struct target *target)
{
    vec out[TOOM_STEP][2];

#pragma GCC unroll 2
    for (size_t i = 0; i < 2; i++) {
        const float *at = from + i * LANES;
        vec one = vec_load(at + plane), minus_one = vec_load(at + 2 * plane);
        vec two = vec_load(at + 3 * plane), minus_two = vec_load(at + 4 * plane);
        vec even1 = one + minus_one, odd1 = one - minus_one;
        vec even2 = two + minus_two, odd2 = two - minus_two;

        out[0][i] = vec_load(at) + (even1 + even2);
        out[1][i] = odd1 + 2 * odd2;
        out[2][i] = even1 + 4 * even2;
        out[3][i] = (odd1 + 8 * odd2) + vec_load(at + 5 * plane);
    }
#pragma GCC unroll 4
    for (size_t n = 0; n < TOOM_STEP; n++)
        store_frame(target, n, out[n][0], out[n][1]);
}

static void untransform_tile(const struct unit *unit, size_t panel, size_t row, size_t frame)
{
    const struct conv_job *job = unit->job;
    size_t dilation = unit->conv->dilation, step = job->form.step;
    size_t left = (job->out.rows - frame + dilation - 1) / dilation;
    struct target target = { .out_frame = dilation * job->out.stride,
                             .count = left < step ? left : step };

    if (job->residual)
        target.residual_frame = dilation * job->residual->stride;
    for (size_t c = 0; c < CONV_OUTPUTS; c += 2 * LANES) {
        size_t output = panel * CONV_OUTPUTS + c;
        const float *from = unit->products + row * CONV_OUTPUTS + c;

        target.out = matrix_row(&job->out, frame) + output;
        if (job->residual)
            target.residual = matrix_row(job->residual, frame) + output;
        target.bias = pair_load(unit->conv->bias + output);
        if (unit->conv->taps == TOOM_TAPS)
            untransform_toom(from, unit->plane_out, &target);
        else
            untransform_fourier(from, unit->plane_out, &target);
    }
}

static void untransform_panel(const struct unit *unit, size_t panel)
{
    size_t dilation = unit->conv->dilation, step = unit->job->form.step * dilation;

    for (size_t tile = 0; tile < unit->tiles; tile++)
        for (size_t phase = 0; phase < dilation; phase++) {
            size_t frame = unit->start + tile * step + phase;

            if (frame < unit->job->out.rows)
                untransform_tile(unit, panel, tile * dilation + phase, frame);
        }
}

void KERNEL(kernel_convolve)(const void *state, size_t number, float *scratch)
{
    const struct conv_job *job = state;
    size_t first = conv_first_tile(job, number), tiles = conv_first_tile(job, number + 1) - first;
    size_t rows = conv_rows(job, tiles);
    struct unit unit = { .job = job,
                         .conv = job->conv,
                         .start = first * job->form.step * job->conv->dilation,
                         .tiles = tiles,
                         .rows = rows,
                         .plane_in = conv_plane(rows, job->conv->inputs),
                         .plane_out = conv_plane(rows, CONV_OUTPUTS),
                         .active = scratch };

    unit.planes = unit.active + conv_span(job, tiles) * conv_active_stride(job);
    unit.products = unit.planes + job->form.planes * unit.plane_in;
    activate_unit(&unit);
    transform_unit(&unit);
    for (size_t panel = 0; panel < job->conv->outputs / CONV_OUTPUTS; panel++) {
        multiply_panel(&unit, panel);
        untransform_panel(&unit, panel);
    }
}
