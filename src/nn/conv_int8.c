#include "nn/conv_int8.h"

#include <string.h>

/*
 * A unit of work is a stretch of time, activated at once. Speech is loud where a
 * voice pulses and quiet between, and some channels reach far beyond the others:
 * one scale for a whole signal leaves the quiet frames few steps (17 dB from the
 * exact signal for a sentence; a scale for 48 frames 28 dB, for 12 frames 31).
 * So short stretches of a unit have a scale each, with the frames beside them.
 */
#define UNIT_FRAMES 192
#define STRETCH 48 /* frames that share a scale; a multiple of INT8_ROWS */

_Static_assert(STRETCH % INT8_ROWS == 0, "a stretch is whole tiles");
_Static_assert(UNIT_FRAMES % STRETCH == 0, "a unit is whole stretches");

/* --- weights --- */

static void pack(const float *source, const size_t *dims, float *packed)
{
    const struct int8_layout layout = { dims[1] * dims[2], dims[2], 1 };

    int8_pack(source, &layout, dims[0], dims[1], dims[2], packed);
}

void conv_bind_int8(struct packing *packing, const char *node, struct conv *conv)
{
    const size_t dims[] = { conv->outputs, conv->inputs, conv->taps };

    conv->int8 = packing_next(packing, node, 1, dims, 3,
                              int8_packed_count(conv->outputs, conv->inputs, conv->taps), pack);
}

/* --- running --- */

struct run {
    const struct nn *nn;
    const struct conv *conv;
    const struct activation *activation;
    const struct matrix *in, *residual, *out;
    size_t halo;    /* frames that a frame's taps reach beyond it, on both sides together */
    float *scratch; /* of each lane: activated frames, then bytes */
    size_t lane_scratch;
};

static size_t bytes_rows(const struct run *run)
{
    return STRETCH + run->halo;
}

static size_t active_count(const struct run *run)
{
    return (UNIT_FRAMES + run->halo) * run->conv->inputs;
}

static size_t lane_scratch(const struct run *run)
{
    return active_count(run) + bytes_rows(run) * run->conv->inputs / sizeof(float);
}

/* Outside the signal there are zeros behind the activation. active's first row is for the frame halo / 2
 * before first. */
static void activate(const struct run *run, size_t first, const struct matrix *active)
{
    size_t pad = run->halo / 2, before = first < pad ? pad - first : 0;
    size_t from = first + before - pad, count = active->rows - before;

    if (count > run->in->rows - from)
        count = run->in->rows - from;
    memset(active->data, 0, before * active->stride * sizeof(float));
    if (run->activation)
        run->nn->kernel->activate(run->activation, matrix_row(run->in, from), run->in->stride,
                                  matrix_row(active, before), active->stride, count,
                                  active->columns);
    else
        for (size_t i = 0; i < count; i++)
            memcpy(matrix_row(active, before + i), matrix_row(run->in, from + i),
                   active->columns * sizeof(float));
    memset(matrix_row(active, before + count), 0,
           (active->rows - before - count) * active->stride * sizeof(float));
}

/* frames of out from first on; active begins halo / 2 before. */
static void convolve_stretch(const struct run *run, size_t first, size_t frames,
                             const struct matrix *active, uint8_t *bytes)
{
    const struct conv *conv = run->conv;
    float scales[STRETCH];
    struct int8_product product = {
        .a = { bytes, bytes_rows(run) },
        .inputs = conv->inputs,
        .taps = conv->taps,
        .dilation = conv->dilation,
        .scales = scales,
        .weights = conv->int8,
        .bias = conv->bias,
        .c = matrix_row(run->out, first),
        .c_stride = run->out->stride,
        .rows = frames,
        .columns = conv->outputs,
    };

    if (run->residual) {
        product.residual = matrix_row(run->residual, first);
        product.residual_stride = run->residual->stride;
    }
    float scale = run->nn->int8->quantise(active, &product.a, 0);
    for (size_t i = 0; i < frames; i++)
        scales[i] = scale;
    run->nn->int8->multiply(&product);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void run_unit(void *state, size_t unit, size_t lane)
{
    const struct run *run = state;
    size_t first = unit * UNIT_FRAMES, frames = smaller(UNIT_FRAMES, run->out->rows - first);
    float *scratch = run->scratch + lane * run->lane_scratch;
    struct matrix active = { scratch, frames + run->halo, run->conv->inputs, run->conv->inputs };

    if (cancel_is_requested(run->nn->cancel))
        return;
    activate(run, first, &active);
    for (size_t done = 0; done < frames; done += STRETCH) {
        size_t count = smaller(STRETCH, frames - done);
        struct matrix part = active;

        part.data = matrix_row(&active, done);
        part.rows = count + run->halo;
        convolve_stretch(run, first + done, count, &part, (uint8_t *)(scratch + active_count(run)));
    }
}

void conv_run_int8(const struct nn *nn, const struct conv *conv,
                   const struct activation *activation, const struct matrix *in,
                   const struct matrix *residual, const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace), lanes = pool_lanes(nn->pool);
    struct run run = { .nn = nn,
                       .conv = conv,
                       .activation = activation,
                       .in = in,
                       .residual = residual,
                       .out = out,
                       .halo = (conv->taps - 1) * conv->dilation };

    run.lane_scratch = lane_scratch(&run);
    run.scratch = workspace_floats(nn->workspace, lanes * run.lane_scratch);
    pool_run(nn->pool, (in->rows + UNIT_FRAMES - 1) / UNIT_FRAMES, run_unit, &run);
    workspace_release(nn->workspace, mark);
}
