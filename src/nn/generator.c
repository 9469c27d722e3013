#include "nn/generator.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "nn/gemm_int8.h"
#include "nn/source.h"

/*
 * The signal of the second stage is the greatest in a pass: 61 KB for each frame of
 * 12.5 ms that comes in. Four of them are there at a time: what the blocks read,
 * what they sum up, and two within a block. The last block works in place.
 */

#define DECODED 512
#define SPECTRUM 22    /* 11 log magnitudes, 11 phases */
#define FREQUENCIES 11 /* also real parts, then imaginary parts */
#define POINTS 20
#define HOP 5
#define CUT (POINTS / 2) /* samples at either end of the inverse transform */
#define POST_TAPS 7

#define UNIT_ROWS 64 /* of the passes over rows, divided among threads */

#define PREFIX "/decoder/decoder/generator/"
#define NAME_MAX_LENGTH 64

static const struct stage {
    size_t channels, stride;
    size_t noise_taps, noise_stride; /* of the source's convolution */
    size_t noise_block_taps;
    bool starts_later; /* by a frame, which mirrors the second one */
    float slope;       /* of the rectifier behind it */
} stages[GENERATOR_STAGES] = {
    { 256, 10, 12, 6, 7, false, 0.1f },
    { 128, 6, 1, 1, 11, true, 0.01f },
};

#define FIRST_SLOPE 0.1f

/* --- weights --- */

static void pack_basis(const float *source, const size_t *dims, float *packed)
{
    memcpy(packed, source, dims[0] * dims[2] * sizeof *packed);
}

static struct snake_block bind_block(struct packing *packing, const char *kind, size_t index,
                                     size_t channels, size_t taps)
{
    char name[NAME_MAX_LENGTH];

    snprintf(name, sizeof name, "%s.%zu", kind, index);
    return snake_block_bind(packing, name, channels, taps);
}

static void bind_stage(struct packing *packing, struct generator *generator, size_t i)
{
    static const size_t taps[GENERATOR_BLOCKS] = { 3, 7, 11 };
    const struct stage *stage = &stages[i];
    char node[NAME_MAX_LENGTH];

    snprintf(node, sizeof node, PREFIX "ups.%zu/ConvTranspose", i);
    generator->up[i] = gemm_bind_transposed(packing, node, i ? stages[i - 1].channels : DECODED,
                                            stage->channels, stage->stride);
    snprintf(node, sizeof node, PREFIX "noise_convs.%zu/Conv", i);
    generator->noise[i] =
        gemm_bind_conv(packing, node, stage->channels, SOURCE_COLUMNS, stage->noise_taps, true);
    generator->noise_blocks[i] =
        bind_block(packing, "noise_res", i, stage->channels, stage->noise_block_taps);
    for (size_t b = 0; b < GENERATOR_BLOCKS; b++)
        generator->blocks[i][b] =
            bind_block(packing, "resblocks", i * GENERATOR_BLOCKS + b, stage->channels, taps[b]);
}

void generator_bind(struct packing *packing, struct generator *generator)
{
    static const size_t basis[] = { SPECTRUM, 1, POINTS };

    for (size_t i = 0; i < GENERATOR_STAGES; i++)
        bind_stage(packing, generator, i);
    generator->post = gemm_bind_conv(packing, PREFIX "conv_post/Conv", SPECTRUM,
                                     stages[GENERATOR_STAGES - 1].channels, POST_TAPS, true);
    generator->inverse = packing_next(packing, PREFIX "istft/stft/ConvTranspose", 1, basis, 3,
                                      (size_t)SPECTRUM * POINTS, pack_basis);
    generator->window_sum = packing_vector(packing, PREFIX "istft/stft/Slice_1", 0, POINTS);
}

static void bind_block_int8(struct packing *packing, const char *kind, size_t index,
                            struct snake_block *block)
{
    char name[NAME_MAX_LENGTH];

    snprintf(name, sizeof name, "%s.%zu", kind, index);
    snake_block_bind_int8(packing, name, block);
}

void generator_bind_int8(struct packing *packing, struct generator *generator)
{
    char node[NAME_MAX_LENGTH];

    for (size_t i = 0; i < GENERATOR_STAGES; i++) {
        snprintf(node, sizeof node, PREFIX "ups.%zu/ConvTranspose", i);
        gemm_bind_transposed_int8(packing, node, stages[i].stride, &generator->up[i]);
        bind_block_int8(packing, "noise_res", i, &generator->noise_blocks[i]);
        for (size_t b = 0; b < GENERATOR_BLOCKS; b++)
            bind_block_int8(packing, "resblocks", i * GENERATOR_BLOCKS + b,
                            &generator->blocks[i][b]);
    }
}

/* --- passes over rows --- */

static size_t units(size_t rows)
{
    return (rows + UNIT_ROWS - 1) / UNIT_ROWS;
}

static size_t unit_end(size_t unit, size_t rows)
{
    size_t left = rows - unit * UNIT_ROWS;

    return unit * UNIT_ROWS + (left < UNIT_ROWS ? left : UNIT_ROWS);
}

/* out += in, a multiple of MATRIX_ALIGN floats. */
static void add_row(const float *restrict in, float *restrict out, size_t count)
{
    for (size_t start = 0; start < count; start += MATRIX_ALIGN)
        for (size_t i = 0; i < MATRIX_ALIGN; i++)
            out[start + i] += in[start + i];
}

struct sum {
    const struct matrix *in, *out;
};

static void add_unit(void *state, size_t unit, size_t lane)
{
    const struct sum *sum = state;
    size_t end = unit_end(unit, sum->out->rows);

    (void)lane;
    for (size_t row = unit * UNIT_ROWS; row < end; row++)
        add_row(matrix_row(sum->in, row), matrix_row(sum->out, row),
                matrix_stride(sum->out->columns));
}

static void add(const struct nn *nn, const struct matrix *in, const struct matrix *out)
{
    struct sum sum = { in, out };

    pool_run(nn->pool, units(out->rows), add_unit, &sum);
}

struct rectifying {
    const struct nn_kernel *kernel;
    const struct activation *activation;
    const struct matrix *in, *out;
};

static void rectify_unit(void *state, size_t unit, size_t lane)
{
    const struct rectifying *rectifying = state;
    const struct matrix *in = rectifying->in, *out = rectifying->out;
    size_t first = unit * UNIT_ROWS;

    (void)lane;
    rectifying->kernel->activate(rectifying->activation, matrix_row(in, first), in->stride,
                                 matrix_row(out, first), out->stride,
                                 unit_end(unit, in->rows) - first, in->columns);
}

/* out, which may be in, is in * scale where that is positive, else slope * in * scale. */
static void rectify(const struct nn *nn, const struct matrix *in, float scale, float slope,
                    const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace), columns = matrix_stride(in->columns);
    float *scales = workspace_floats(nn->workspace, columns);
    float *shifts = workspace_floats(nn->workspace, columns);
    const struct activation activation = {
        .kind = ACTIVATE_LEAKY, .scale = scales, .shift = shifts, .slope = slope
    };
    struct rectifying rectifying = { nn->kernel, &activation, in, out };

    for (size_t i = 0; i < columns; i++) {
        scales[i] = scale;
        shifts[i] = 0;
    }
    pool_run(nn->pool, units(in->rows), rectify_unit, &rectifying);
    workspace_release(nn->workspace, mark);
}

/* --- stages --- */

/* Frames without gaps, and silent ones on either side, so that a product over several of them is a
 * convolution. */
static struct matrix frames_in_silence(const struct nn *nn, size_t rows, size_t columns,
                                       size_t silent)
{
    float *data = workspace_floats(nn->workspace, (rows + 2 * silent) * columns);

    memset(data, 0, silent * columns * sizeof *data);
    memset(data + (silent + rows) * columns, 0, silent * columns * sizeof *data);
    return (struct matrix){ data + silent * columns, rows, columns, columns };
}

/* taps frames of in from each stride-th on; the first begins with silent frames. */
static struct matrix frames_together(const struct matrix *in, size_t silent, size_t rows,
                                     size_t taps, size_t stride)
{
    return (struct matrix){ in->data - silent * in->stride, rows, taps * in->columns,
                            stride * in->stride };
}

/* Room for what a stage's transposed convolution makes of rows, the pads that are cut off included. */
static struct matrix upsampled_room(const struct nn *nn, const struct gemm *up, size_t rows)
{
    return workspace_matrix(nn->workspace, rows + 1, up->columns);
}

/* in has a silent frame on either side. Two input frames make stride output frames in a row of room, of
 * which half a stride is cut off at either end. */
static struct matrix upsample(const struct nn *nn, const struct generator *generator, size_t i,
                              const struct matrix *in, const struct matrix *room)
{
    const struct stage *stage = &stages[i];
    size_t channels = generator->up[i].columns / stage->stride;
    struct matrix pairs = frames_together(in, 1, in->rows + 1, 2, 1);
    struct matrix out = { room->data + stage->stride / 2 * channels, in->rows * stage->stride,
                          channels, channels };

    gemm_run(nn, &generator->up[i], &pairs, room);
    if (stage->starts_later) {
        out.data -= channels;
        out.rows++;
        memcpy(out.data, matrix_row(&out, 2), channels * sizeof *out.data);
    }
    return out;
}

/* A convolution of the source, of so many rows. */
static void convolve_source(const struct nn *nn, const struct generator *generator, size_t i,
                            const struct matrix *source, const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    size_t taps = stages[i].noise_taps, stride = stages[i].noise_stride;
    size_t silent = (taps - stride) / 2;
    struct matrix frames = frames_in_silence(nn, source->rows, source->columns, silent);

    for (size_t row = 0; row < source->rows; row++)
        memcpy(matrix_row(&frames, row), matrix_row(source, row),
               source->columns * sizeof *frames.data);
    struct matrix together = frames_together(&frames, silent, out->rows, taps, stride);
    gemm_run(nn, &generator->noise[i], &together, out);
    workspace_release(nn->workspace, mark);
}

/* x += the source, filtered. */
static bool add_source(const struct nn *nn, const struct generator *generator, size_t i,
                       const struct matrix *source, const float *style, const struct matrix *x,
                       struct err *err)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix noise = workspace_matrix(nn->workspace, x->rows, x->columns);

    convolve_source(nn, generator, i, source, &noise);
    bool ok = snake_block_run(nn, &generator->noise_blocks[i], style, &noise, &noise, err);
    if (ok)
        add(nn, &noise, x);
    workspace_release(nn->workspace, mark);
    return ok;
}

/* out is the mean of what the blocks make of x, rectified. x is not kept. */
static bool run_blocks(const struct nn *nn, const struct generator *generator, size_t i,
                       const float *style, const struct matrix *x, const struct matrix *out,
                       struct err *err)
{
    const struct snake_block *blocks = generator->blocks[i];
    size_t mark = workspace_mark(nn->workspace);
    bool ok = snake_block_run(nn, &blocks[0], style, x, out, err);

    for (size_t b = 1; ok && b < GENERATOR_BLOCKS; b++) {
        struct matrix y =
            b < GENERATOR_BLOCKS - 1 ? workspace_matrix(nn->workspace, x->rows, x->columns) : *x;

        ok = snake_block_run(nn, &blocks[b], style, x, &y, err);
        if (ok)
            add(nn, &y, out);
        workspace_release(nn->workspace, mark);
    }
    if (ok)
        rectify(nn, out, 1.0f / GENERATOR_BLOCKS, stages[i].slope, out);
    return ok;
}

static bool run_stage(const struct nn *nn, const struct generator *generator, size_t i,
                      const struct matrix *source, const float *style, const struct matrix *x,
                      const struct matrix *out, struct err *err)
{
    return add_source(nn, generator, i, source, style, x, err) &&
           run_blocks(nn, generator, i, style, x, out, err);
}

/* --- the inverse transform --- */

#define UNIT_FRAMES (UNIT_ROWS + POINTS / HOP - 1) /* that reach into a unit's hops */

struct inversion {
    const struct cancel *cancel;
    const struct nn_kernel *kernel;
    const struct generator *generator;
    const struct matrix *spectra; /* log magnitudes, phases */
    float *samples;
    size_t hops;
};

/* Real and imaginary parts of count spectra. */
static void unfold_spectra(const struct nn_kernel *kernel, const struct matrix *spectra,
                           size_t first, size_t count, float parts[UNIT_FRAMES][SPECTRUM])
{
    float magnitudes[UNIT_FRAMES * FREQUENCIES], angles[UNIT_FRAMES * FREQUENCIES];
    float cosines[UNIT_FRAMES * FREQUENCIES];
    size_t values = count * FREQUENCIES;

    for (size_t i = 0; i < count; i++) {
        const float *row = matrix_row(spectra, first + i);

        memcpy(magnitudes + i * FREQUENCIES, row, FREQUENCIES * sizeof *row);
        memcpy(angles + i * FREQUENCIES, row + FREQUENCIES, FREQUENCIES * sizeof *row);
    }
    kernel->exp(magnitudes, magnitudes, values);
    kernel->sin(angles, angles, values); /* the network's angles are bounded so */
    kernel->cos(angles, cosines, values);
    kernel->sin(angles, angles, values);
    for (size_t i = 0; i < values; i++) {
        float *part = parts[i / FREQUENCIES] + i % FREQUENCIES;

        part[0] = magnitudes[i] * cosines[i];
        part[FREQUENCIES] = magnitudes[i] * angles[i];
    }
}

static void invert(const float *inverse, const float parts[SPECTRUM], float out[POINTS])
{
    memset(out, 0, POINTS * sizeof *out);
    for (size_t k = 0; k < SPECTRUM; k++)
        for (size_t i = 0; i < POINTS; i++)
            out[i] += parts[k] * inverse[k * POINTS + i];
}

/* The frame's part of the hops from first to end: it begins CUT samples before its hop, and spans four. */
static void overlap_add(const float frame[POINTS], size_t index, size_t first, size_t end,
                        float *samples)
{
    for (size_t i = 0; i < POINTS / HOP; i++) {
        size_t hop = index + i;

        if (hop < first + CUT / HOP || hop >= end + CUT / HOP)
            continue;
        for (size_t n = 0; n < HOP; n++)
            samples[hop * HOP - CUT + n] += frame[i * HOP + n];
    }
}

static void invert_unit(void *state, size_t unit, size_t lane)
{
    const struct inversion *inversion = state;
    size_t first = unit * UNIT_ROWS, end = unit_end(unit, inversion->hops);
    size_t begin = first ? first - 1 : 0, behind = end + CUT / HOP;
    float parts[UNIT_FRAMES][SPECTRUM], frame[POINTS];
    float *samples = inversion->samples;

    (void)lane;
    if (cancel_is_requested(inversion->cancel))
        return;
    if (behind > inversion->spectra->rows)
        behind = inversion->spectra->rows;
    memset(samples + first * HOP, 0, (end - first) * HOP * sizeof *samples);
    unfold_spectra(inversion->kernel, inversion->spectra, begin, behind - begin, parts);
    for (size_t i = begin; i < behind; i++) {
        invert(inversion->generator->inverse, parts[i - begin], frame);
        overlap_add(frame, i, first, end, samples);
    }
    for (size_t i = first * HOP; i < end * HOP; i++)
        samples[i] *= (float)POINTS / HOP;
}

/* The model divides only as many samples as its window sum has: that is how it was exported. */
static void divide_by_window(const float window_sum[POINTS], float *samples)
{
    for (size_t i = CUT; i < POINTS; i++)
        if (window_sum[i] > FLT_MIN)
            samples[i - CUT] /= window_sum[i];
}

/* in has silent frames on either side. */
static bool make_samples(const struct nn *nn, const struct generator *generator,
                         const struct matrix *in, float *samples, struct err *err)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix spectra = workspace_matrix(nn->workspace, in->rows, SPECTRUM);
    struct matrix together = frames_together(in, POST_TAPS / 2, in->rows, POST_TAPS, 1);
    struct inversion inversion = { nn->cancel, nn->kernel, generator,
                                   &spectra,   samples,    in->rows - 1 };

    gemm_run(nn, &generator->post, &together, &spectra);
    pool_run(nn->pool, units(inversion.hops), invert_unit, &inversion);
    divide_by_window(generator->window_sum, samples);
    workspace_release(nn->workspace, mark);
    return cancel_check(nn->cancel, err);
}

/* --- all of it --- */

/* The first stage, and its frames as the second one's transposed convolution makes them more. */
static bool run_first_stage(const struct nn *nn, const struct generator *generator,
                            const struct matrix *in, const struct matrix *source,
                            const float *style, const struct matrix *room, struct matrix *out,
                            struct err *err)
{
    size_t mark = workspace_mark(nn->workspace);
    size_t channels = generator->blocks[0][0].channels;
    struct matrix done = frames_in_silence(nn, in->rows * stages[0].stride, channels, 1);
    struct matrix first_room = upsampled_room(nn, &generator->up[0], in->rows);
    size_t inner = workspace_mark(nn->workspace);
    struct matrix rectified = frames_in_silence(nn, in->rows, in->columns, 1);

    rectify(nn, in, 1, FIRST_SLOPE, &rectified);
    struct matrix x = upsample(nn, generator, 0, &rectified, &first_room);
    workspace_release(nn->workspace, inner);
    bool ok = run_stage(nn, generator, 0, source, style, &x, &done, err);
    if (ok)
        *out = upsample(nn, generator, 1, &done, room);
    workspace_release(nn->workspace, mark);
    return ok;
}

bool generator_run(const struct nn *nn, const struct generator *generator, const struct matrix *in,
                   const struct matrix *source, const float *style, float *samples, struct err *err)
{
    size_t mark = workspace_mark(nn->workspace);
    size_t channels = generator->blocks[1][0].channels;
    struct matrix done = frames_in_silence(nn, source->rows, channels, POST_TAPS / 2), x;
    struct matrix room = upsampled_room(nn, &generator->up[1], in->rows * stages[0].stride);

    bool ok = run_first_stage(nn, generator, in, source, style, &room, &x, err) &&
              run_stage(nn, generator, 1, source, style, &x, &done, err) &&
              cancel_check(nn->cancel, err) && make_samples(nn, generator, &done, samples, err);
    workspace_release(nn->workspace, mark);
    return ok;
}
