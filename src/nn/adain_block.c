#include "nn/adain_block.h"

#include <stdio.h>
#include <string.h>

#include "nn/gemm_int8.h"

#define TAPS 3
#define SLOPE 0.2f
#define ROOT_OF_TWO 1.4142135f
#define UNIT_FRAMES 16 /* of the passes over elements, divided among threads */
#define NODE_MAX 96

/* --- weights --- */

static const char *node_of(char name[NODE_MAX], const char *prefix, const char *node)
{
    snprintf(name, NODE_MAX, "%s/%s", prefix, node);
    return name;
}

/* [channels][1][TAPS] to [TAPS][channels]. */
static void pool_pack(const float *source, const size_t *dims, float *packed)
{
    for (size_t tap = 0; tap < TAPS; tap++)
        for (size_t channel = 0; channel < dims[0]; channel++)
            packed[tap * dims[0] + channel] = source[channel * TAPS + tap];
}

static void bind_pool(struct packing *packing, const char *prefix, struct adain_block *block)
{
    const size_t dims[] = { block->inputs, 1, TAPS };
    char node[NODE_MAX];

    node_of(node, prefix, "pool/ConvTranspose");
    block->pool = packing_next(packing, node, 1, dims, 3, TAPS * block->inputs, pool_pack);
    block->pool_bias = packing_vector(packing, node, 2, block->inputs);
}

struct adain_block adain_block_bind(struct packing *packing, const char *prefix, size_t inputs,
                                    size_t outputs, bool doubles)
{
    struct adain_block block = { .inputs = inputs, .outputs = outputs, .doubles = doubles };
    char node[NODE_MAX];

    block.norm1 = adain_bind(packing, node_of(node, prefix, "norm1"), inputs);
    if (doubles)
        bind_pool(packing, prefix, &block);
    block.conv1 =
        gemm_bind_conv(packing, node_of(node, prefix, "conv1/Conv"), outputs, inputs, TAPS, true);
    block.norm2 = adain_bind(packing, node_of(node, prefix, "norm2"), outputs);
    block.conv2 =
        gemm_bind_conv(packing, node_of(node, prefix, "conv2/Conv"), outputs, outputs, TAPS, true);
    if (inputs != outputs)
        block.shortcut = gemm_bind_conv(packing, node_of(node, prefix, "conv1x1/Conv"), outputs,
                                        inputs, 1, false);
    return block;
}

void adain_block_bind_int8(struct packing *packing, const char *prefix, struct adain_block *block)
{
    char node[NODE_MAX];

    gemm_bind_conv_int8(packing, node_of(node, prefix, "conv1/Conv"), TAPS, &block->conv1);
    gemm_bind_conv_int8(packing, node_of(node, prefix, "conv2/Conv"), TAPS, &block->conv2);
}

/* --- what a convolution reads --- */

/* Makes frames that lie one behind the other without gaps, as a product over three wants them. */
struct framing {
    const struct nn *nn;
    const struct adain_block *doubles; /* NULL: each frame stays one */
    const struct activation *activation;
    const struct matrix *in;
    float *scratch; /* a part for each lane */
    float *out;     /* the first frame behind the silent one */
};

static size_t framing_scratch(const struct matrix *in)
{
    return (UNIT_FRAMES + 1) * in->stride;
}

/* The transposed convolution of stride 2 without the first of its outputs: the even ones see the
 * middle tap alone, the odd ones the last tap of their own frame and the first of the next. */
static void double_frame(const struct adain_block *block, const float *frame, const float *next,
                         float *out)
{
    size_t channels = block->inputs;
    const float *first = block->pool, *middle = first + channels, *last = middle + channels;

    for (size_t i = 0; i < channels; i++)
        out[i] = frame[i] * middle[i] + block->pool_bias[i];
    for (size_t i = 0; i < channels; i++)
        out[channels + i] = frame[i] * last[i] + next[i] * first[i] + block->pool_bias[i];
}

static void frame_unit(void *state, size_t unit, size_t lane)
{
    const struct framing *framing = state;
    const struct matrix *in = framing->in;
    size_t channels = in->columns, first = unit * UNIT_FRAMES, left = in->rows - first;
    size_t count = left < UNIT_FRAMES ? left : UNIT_FRAMES;
    size_t active = framing->doubles && left > count ? count + 1 : count;
    float *scratch = framing->scratch + lane * framing_scratch(in);

    framing->nn->kernel->activate(framing->activation, matrix_row(in, first), in->stride, scratch,
                                  in->stride, active, channels);
    if (!framing->doubles) {
        for (size_t i = 0; i < count; i++)
            memcpy(framing->out + (first + i) * channels, scratch + i * in->stride,
                   channels * sizeof *scratch);
        return;
    }
    if (active == count) /* nothing comes behind the last frame */
        memset(scratch + count * in->stride, 0, channels * sizeof *scratch);
    for (size_t i = 0; i < count; i++)
        double_frame(framing->doubles, scratch + i * in->stride, scratch + (i + 1) * in->stride,
                     framing->out + 2 * (first + i) * channels);
}

static size_t units_of(size_t frames)
{
    return (frames + UNIT_FRAMES - 1) / UNIT_FRAMES;
}

/* out = conv(leaky(norm(in))), of twice the frames where doubles is given. */
static void normed_conv(const struct nn *nn, const struct adain *norm, const float *style,
                        const struct adain_block *doubles, const struct gemm *conv,
                        const struct matrix *in, const struct matrix *out)
{
    size_t channels = in->columns, mark = workspace_mark(nn->workspace);
    struct activation activation = adain_activation(nn, norm, style, in, NULL);
    float *frames = workspace_floats(nn->workspace, (out->rows + 2) * channels);
    struct matrix taps = {
        .data = frames, .rows = out->rows, .columns = TAPS * channels, .stride = channels
    };
    struct framing framing = {
        .nn = nn,
        .doubles = doubles,
        .activation = &activation,
        .in = in,
        .scratch = workspace_floats(nn->workspace, pool_lanes(nn->pool) * framing_scratch(in)),
        .out = frames + channels,
    };

    activation.kind = ACTIVATE_LEAKY;
    activation.slope = SLOPE;
    memset(frames, 0, channels * sizeof *frames);
    memset(frames + (out->rows + 1) * channels, 0, channels * sizeof *frames);
    pool_run(nn->pool, units_of(in->rows), frame_unit, &framing);
    gemm_run(nn, conv, &taps, out);
    workspace_release(nn->workspace, mark);
}

/* --- the sum --- */

struct joining {
    const struct matrix *out, *beside;
    size_t repeats; /* each frame of beside */
};

static void join_unit(void *state, size_t unit, size_t lane)
{
    const struct joining *joining = state;
    const struct matrix *out = joining->out;
    size_t first = unit * UNIT_FRAMES, end = first + UNIT_FRAMES;

    (void)lane;
    if (end > out->rows)
        end = out->rows;
    for (size_t frame = first; frame < end; frame++) {
        float *sum = matrix_row(out, frame);
        const float *beside = matrix_row(joining->beside, frame / joining->repeats);

        for (size_t i = 0; i < out->columns; i++)
            sum[i] = (sum[i] + beside[i]) / ROOT_OF_TWO;
    }
}

/* A convolution of one tap sees single frames, so that it may come before they are repeated. */
static void join(const struct nn *nn, const struct adain_block *block, const struct matrix *in,
                 const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix beside = *in;
    struct joining joining = { out, &beside, block->doubles ? 2 : 1 };

    if (block->inputs != block->outputs) {
        beside = workspace_matrix(nn->workspace, in->rows, block->outputs);
        gemm_run(nn, &block->shortcut, in, &beside);
    }
    pool_run(nn->pool, units_of(out->rows), join_unit, &joining);
    workspace_release(nn->workspace, mark);
}

void adain_block_run(const struct nn *nn, const struct adain_block *block, const float *style,
                     const struct matrix *in, const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix middle = workspace_matrix(nn->workspace, out->rows, block->outputs);

    normed_conv(nn, &block->norm1, style, block->doubles ? block : NULL, &block->conv1, in,
                &middle);
    normed_conv(nn, &block->norm2, style, NULL, &block->conv2, &middle, out);
    join(nn, block, in, out);
    workspace_release(nn->workspace, mark);
}
