#include "nn/decoder.h"

#include <stdio.h>
#include <string.h>

#define TEXT 512
#define ENCODED 1024
#define RESIDUAL 64
#define CURVES 2
#define CURVE_TAPS 3
#define PREFIX "/decoder/decoder/"
#define NODE_MAX 64

void decoder_bind(struct packing *packing, struct decoder *decoder)
{
    char node[NODE_MAX];

    decoder->f0_conv = gemm_bind_conv(packing, PREFIX "F0_conv/Conv", 1, 1, CURVE_TAPS, true);
    decoder->energy_conv = gemm_bind_conv(packing, PREFIX "N_conv/Conv", 1, 1, CURVE_TAPS, true);
    decoder->text_residual =
        gemm_bind_conv(packing, PREFIX "asr_res/asr_res.0/Conv", RESIDUAL, TEXT, 1, true);
    decoder->encode = adain_block_bind(packing, PREFIX "encode", TEXT + CURVES, ENCODED, false);
    for (size_t i = 0; i < 4; i++) {
        snprintf(node, sizeof node, PREFIX "decode.%zu", i);
        decoder->decode[i] = adain_block_bind(packing, node, ENCODED + RESIDUAL + CURVES,
                                              i < 3 ? ENCODED : DECODER_CHANNELS, i == 3);
    }
}

void decoder_bind_int8(struct packing *packing, struct decoder *decoder)
{
    char node[NODE_MAX];

    adain_block_bind_int8(packing, PREFIX "encode", &decoder->encode);
    for (size_t i = 0; i < 4; i++) {
        snprintf(node, sizeof node, PREFIX "decode.%zu", i);
        adain_block_bind_int8(packing, node, &decoder->decode[i]);
    }
}

/* part becomes columns of joined, the first of them first. */
static void place(const struct matrix *part, const struct matrix *joined, size_t first)
{
    for (size_t frame = 0; frame < part->rows; frame++)
        memcpy(matrix_row(joined, frame) + first, matrix_row(part, frame),
               part->columns * sizeof *part->data);
}

/* Of two values a frame, and the one before these, one value. */
static struct matrix halve(const struct nn *nn, const struct gemm *conv, const float *curve,
                           size_t frames)
{
    struct matrix out = workspace_matrix(nn->workspace, frames, 1);
    size_t mark = workspace_mark(nn->workspace);
    float *padded = workspace_floats(nn->workspace, 1 + 2 * frames);
    struct matrix taps = { .data = padded, .rows = frames, .columns = CURVE_TAPS, .stride = 2 };

    padded[0] = 0;
    memcpy(padded + 1, curve, 2 * frames * sizeof *curve);
    gemm_run(nn, conv, &taps, &out);
    workspace_release(nn->workspace, mark);
    return out;
}

/* What stands beside the text. */
struct curves {
    struct matrix f0, energy; /* [frames][1] */
};

static void place_curves(const struct curves *curves, const struct matrix *joined, size_t first)
{
    place(&curves->f0, joined, first);
    place(&curves->energy, joined, first + 1);
}

static void encode(const struct nn *nn, const struct adain_block *block, const struct matrix *text,
                   const struct curves *curves, const float *style, const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix joined = workspace_matrix(nn->workspace, text->rows, block->inputs);

    place(text, &joined, 0);
    place_curves(curves, &joined, text->columns);
    adain_block_run(nn, block, style, &joined, out);
    workspace_release(nn->workspace, mark);
}

/* Columns of joined that each of the blocks reads beside what the one before made. */
static void place_residual(const struct nn *nn, const struct gemm *text_residual,
                           const struct matrix *text, const struct curves *curves,
                           const struct matrix *joined, size_t first)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix residual = workspace_matrix(nn->workspace, text->rows, text_residual->columns);

    gemm_run(nn, text_residual, text, &residual);
    place(&residual, joined, first);
    place_curves(curves, joined, first + residual.columns);
    workspace_release(nn->workspace, mark);
}

struct matrix decoder_run(const struct nn *nn, const struct decoder *decoder,
                          const struct matrix *text, const float *f0, const float *energy,
                          const float *style)
{
    const struct adain_block *decode = decoder->decode;
    struct matrix out = workspace_matrix(nn->workspace, 2 * text->rows, decode[3].outputs);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix x = workspace_matrix(nn->workspace, text->rows, decoder->encode.outputs);
    struct matrix joined = workspace_matrix(nn->workspace, text->rows, decode[0].inputs);
    struct curves curves = { halve(nn, &decoder->f0_conv, f0, text->rows),
                             halve(nn, &decoder->energy_conv, energy, text->rows) };

    place_residual(nn, &decoder->text_residual, text, &curves, &joined, x.columns);
    encode(nn, &decoder->encode, text, &curves, style, &x);
    for (size_t i = 0; i < 4 && !cancel_is_requested(nn->cancel); i++) {
        place(&x, &joined, 0);
        adain_block_run(nn, &decode[i], style, &joined, i < 3 ? &x : &out);
    }
    workspace_release(nn->workspace, mark);
    return out;
}
