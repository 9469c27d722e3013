#include "nn/conv_int8.h"
#include "nn/conv_internal.h"

#include <assert.h>
#include <math.h>

/* --- packing --- */

/* Of each multiple of a FOURIER_POINTS-th of a turn. */
struct circle {
    double cosine[FOURIER_POINTS], sine[FOURIER_POINTS];
};

static void circle_init(struct circle *circle)
{
    for (size_t i = 0; i < FOURIER_POINTS; i++) {
        double angle = 2 * M_PI * (double)i / FOURIER_POINTS;

        circle->cosine[i] = cos(angle);
        circle->sine[i] = sin(angle);
    }
}

/* The taps' conjugate spectrum c + id. Two channels are transformed as one complex signal, whose parts
 * are told apart without the half of it that the complex frequencies want, and the inverse transform
 * wants a thirty-second. With inputs a + ib the planes a, b and a + b are multiplied by d - c, c + d and
 * c: the product is (a + b) c - b (c + d) + i ((a + b) c + a (d - c)) (Gauss). */
static void fourier_planes(const float *taps, size_t count, const struct circle *circle,
                           double out[FOURIER_PLANES])
{
    for (size_t f = 0; f <= FOURIER_POINTS / 2; f++) {
        bool is_real = f % (FOURIER_POINTS / 2) == 0;
        double scale = (is_real ? 1.0 : 0.5) / FOURIER_POINTS, c = 0, d = 0;

        for (size_t i = 0; i < count; i++) {
            size_t angle = f * i % FOURIER_POINTS;

            c += scale * (double)taps[i] * circle->cosine[angle];
            d += scale * (double)taps[i] * circle->sine[angle];
        }
        if (is_real) {
            out[f ? 1 : 0] = c;
        } else {
            double *plane = out + 2 + 3 * (f - 1);

            plane[0] = d - c;
            plane[1] = c + d;
            plane[2] = c;
        }
    }
}

/* G of F(4, 3) at the points 0, 1, -1, 2, -2 and infinity. */
static void toom_planes(const float *taps, double out[TOOM_POINTS])
{
    double a = (double)taps[0], b = (double)taps[1], c = (double)taps[2];

    out[0] = a / 4;
    out[1] = -(a + b + c) / 6;
    out[2] = -(a - b + c) / 6;
    out[3] = (a + 2 * b + 4 * c) / 24;
    out[4] = (a - 2 * b + 4 * c) / 24;
    out[5] = c;
}

size_t conv_packed_count(size_t outputs, size_t inputs, size_t taps)
{
    return outputs * inputs * conv_form(taps).planes;
}

void conv_pack(const float *weights, size_t outputs, size_t inputs, size_t taps, float *packed)
{
    struct conv_form form = conv_form(taps);
    struct circle circle;

    circle_init(&circle);
    for (size_t output = 0; output < outputs; output++)
        for (size_t input = 0; input < inputs; input++) {
            const float *from = weights + (output * inputs + input) * taps;
            size_t panel = output / CONV_OUTPUTS, lane = output % CONV_OUTPUTS;
            double planes[FOURIER_PLANES];

            if (taps == TOOM_TAPS)
                toom_planes(from, planes);
            else
                fourier_planes(from, taps, &circle, planes);
            for (size_t p = 0; p < form.planes; p++)
                packed[((panel * form.planes + p) * inputs + input) * CONV_OUTPUTS + lane] =
                    (float)planes[p];
        }
}

static void pack_node(const float *weights, const size_t *dims, float *packed)
{
    conv_pack(weights, dims[0], dims[1], dims[2], packed);
}

struct conv conv_bind(struct packing *packing, const char *node, size_t outputs, size_t inputs,
                      size_t taps, size_t dilation)
{
    size_t dims[3] = { outputs, inputs, taps };
    struct conv conv = { inputs, outputs, taps, dilation, NULL, NULL, NULL };

    conv.weights = packing_next(packing, node, 1, dims, 3, conv_packed_count(outputs, inputs, taps),
                                pack_node);
    conv.bias = packing_vector(packing, node, 2, outputs);
    return conv;
}

/* --- running --- */

/* Tiles of one phase that a unit has at most: about form.tiles of all, at most one row unused. */
static size_t tiles_most(const struct conv_job *job)
{
    size_t dilation = job->conv->dilation, tiles = (job->form.tiles + dilation - 1) / dilation;

    while (tiles * dilation % CONV_ROW_GROUP != 0 &&
           tiles * dilation % CONV_ROW_GROUP != CONV_ROW_GROUP - 1)
        tiles++;
    return tiles;
}

static void divide(struct conv_job *job, size_t lanes)
{
    size_t frames = (job->in.rows + job->conv->dilation - 1) / job->conv->dilation;
    size_t most = tiles_most(job);

    job->phase_tiles = (frames + job->form.step - 1) / job->form.step;
    job->units = (job->phase_tiles + most - 1) / most;
    job->units = (job->units + lanes - 1) / lanes * lanes; /* each lane has as many */
    if (job->units > job->phase_tiles)
        job->units = job->phase_tiles;
}

static size_t scratch_count(const struct conv_job *job)
{
    size_t tiles = (job->phase_tiles + job->units - 1) / job->units, rows = conv_rows(job, tiles);

    return conv_span(job, tiles) * conv_active_stride(job) +
           job->form.planes *
               (conv_plane(rows, job->conv->inputs) + conv_plane(rows, CONV_OUTPUTS));
}

struct run {
    struct conv_job job;
    const struct cancel *cancel;
    float *scratch; /* of each lane */
    size_t scratch_count;
};

static void run_unit(void *state, size_t unit, size_t lane)
{
    const struct run *run = state;

    if (cancel_is_requested(run->cancel))
        return;
    run->job.kernel->convolve(&run->job, unit, run->scratch + lane * run->scratch_count);
}

void conv_run(const struct nn *nn, const struct conv *conv, const struct activation *activation,
              const struct matrix *in, const struct matrix *residual, const struct matrix *out)
{
    struct run run = { .job = { .conv = conv,
                                .activation = activation,
                                .kernel = nn->kernel,
                                .in = *in,
                                .out = *out,
                                .residual = residual,
                                .form = conv_form(conv->taps) },
                       .cancel = nn->cancel };
    size_t mark = workspace_mark(nn->workspace), lanes = pool_lanes(nn->pool);

    assert(conv->inputs % CONV_INPUTS == 0 && conv->outputs % CONV_INPUTS == 0);
    assert(conv->taps == TOOM_TAPS ||
           (conv->taps >= FOURIER_TAPS_MIN && conv->taps <= FOURIER_TAPS_MAX));
    if (in->rows == 0)
        return;
    if (nn->int8 && conv->int8) {
        conv_run_int8(nn, conv, activation, in, residual, out);
        return;
    }
    divide(&run.job, lanes);
    run.scratch_count = scratch_count(&run.job);
    run.scratch = workspace_floats(nn->workspace, lanes * run.scratch_count);
    pool_run(nn->pool, run.job.units, run_unit, &run);
    workspace_release(nn->workspace, mark);
}
