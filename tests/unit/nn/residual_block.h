#pragma once

/*
 * Random residual blocks with their weights as they are before they are packed, and
 * what they make of a signal, written down tap by tap in double precision: for the
 * tests of the block and of the layers that are made of it.
 *
 * All memory is a workspace's, so that a test gives it back at once. Signals are
 * [frames][channels] without gaps.
 */

#include <math.h>
#include <string.h>

#include "../check.h"
#include "nn/adain_block.h"

#define TEST_KERNELS_MAX 8
#define TEST_WORKSPACE ((size_t)256 << 20)

struct seeded {
    struct workspace *memory;
    uint32_t state;
};

/* From -scale to scale. */
static inline float *random_floats(struct seeded *seeded, size_t count, float scale)
{
    float *out = workspace_floats(seeded->memory, matrix_stride(count));

    memset(out, 0, matrix_stride(count) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        seeded->state = seeded->state * 1664525u + 1013904223u;
        out[i] = ((float)(seeded->state >> 8) / 8388608.0f - 1) * scale;
    }
    return out;
}

/* --- products --- */

struct linear {
    const float *weights; /* [depth][columns] */
    struct gemm gemm;
};

static inline struct linear random_linear(struct seeded *seeded, size_t depth, size_t columns,
                                          bool has_bias)
{
    float *weights = random_floats(seeded, depth * columns, 2 / sqrtf((float)depth));
    float *packed = workspace_floats(seeded->memory, gemm_packed_count(depth, columns));
    struct linear linear = { weights, { .weights = packed, .depth = depth, .columns = columns } };

    gemm_pack(weights, GEMM_DEPTH_FIRST, depth, columns, packed);
    if (has_bias)
        linear.gemm.bias = random_floats(seeded, columns, 0.5f);
    return linear;
}

struct signal {
    double *values; /* [frames][channels] */
    size_t frames, channels;
};

static inline struct signal signal_create(struct workspace *memory, size_t frames, size_t channels)
{
    struct signal out = { (double *)(void *)workspace_floats(memory, 2 * frames * channels), frames,
                          channels };

    memset(out.values, 0, frames * channels * sizeof *out.values);
    return out;
}

/* A convolution whose output frame t sees the frames from stride * t - pad on, one for each tap;
 * before and behind in is silence. */
static inline struct signal exact_conv(struct workspace *memory, const struct linear *linear,
                                       struct signal in, size_t stride, size_t pad)
{
    size_t columns = linear->gemm.columns;
    struct signal out = signal_create(memory, in.frames / stride, columns);

    for (size_t t = 0; t < out.frames; t++)
        for (size_t column = 0; column < columns; column++) {
            double sum = linear->gemm.bias ? (double)linear->gemm.bias[column] : 0;

            for (size_t i = 0; i < linear->gemm.depth; i++) {
                size_t place = stride * t * in.channels + i; /* of pad * channels behind */

                if (place >= pad * in.channels && place < (in.frames + pad) * in.channels)
                    sum += in.values[place - pad * in.channels] *
                           (double)linear->weights[i * columns + column];
            }
            out.values[t * columns + column] = sum;
        }
    return out;
}

/* --- blocks --- */

struct plain_block {
    struct adain_block block;
    struct linear fc1, fc2, conv1, conv2, shortcut;
};

static inline struct plain_block random_block(struct seeded *seeded, size_t inputs, size_t outputs,
                                              bool doubles)
{
    struct plain_block plain = {
        .block = { .inputs = inputs, .outputs = outputs, .doubles = doubles },
        .fc1 = random_linear(seeded, STYLE_PART, 2 * inputs, true),
        .fc2 = random_linear(seeded, STYLE_PART, 2 * outputs, true),
        .conv1 = random_linear(seeded, 3 * inputs, outputs, true),
        .conv2 = random_linear(seeded, 3 * outputs, outputs, true),
    };

    plain.block.norm1 = (struct adain){ plain.fc1.gemm, inputs };
    plain.block.norm2 = (struct adain){ plain.fc2.gemm, outputs };
    plain.block.conv1 = plain.conv1.gemm;
    plain.block.conv2 = plain.conv2.gemm;
    if (inputs != outputs) {
        plain.shortcut = random_linear(seeded, inputs, outputs, false);
        plain.block.shortcut = plain.shortcut.gemm;
    }
    if (doubles) {
        plain.block.pool = random_floats(seeded, 3 * inputs, 1);
        plain.block.pool_bias = random_floats(seeded, inputs, 0.5f);
    }
    return plain;
}

static inline struct signal exact_style(struct workspace *memory, const struct linear *fc,
                                        const float *style)
{
    struct signal in = signal_create(memory, 1, STYLE_PART);

    for (size_t i = 0; i < STYLE_PART; i++)
        in.values[i] = (double)style[i];
    return exact_conv(memory, fc, in, 1, 0);
}

/* Norm and leaky rectifier. */
static inline struct signal exact_norm(struct workspace *memory, const struct linear *fc,
                                       const float *style, struct signal in)
{
    struct signal affine = exact_style(memory, fc, style);
    struct signal out = signal_create(memory, in.frames, in.channels);
    double count = (double)in.frames;

    for (size_t c = 0; c < in.channels; c++) {
        double mean = 0, variance = 0;

        for (size_t t = 0; t < in.frames; t++)
            mean += in.values[t * in.channels + c] / count;
        for (size_t t = 0; t < in.frames; t++)
            variance += pow(in.values[t * in.channels + c] - mean, 2) / count;
        for (size_t t = 0; t < in.frames; t++) {
            double y = (in.values[t * in.channels + c] - mean) / sqrt(variance + 1e-5);

            y = y * (1 + affine.values[c]) + affine.values[in.channels + c];
            out.values[t * in.channels + c] = y > 0 ? y : 0.2 * y;
        }
    }
    return out;
}

/* ONNX's ConvTranspose of stride 2, pads 1 and 1, output padding 1, a group a channel: input
 * frame t adds to the output frames 2 t - 1 to 2 t + 1. */
static inline struct signal exact_doubling(struct workspace *memory,
                                           const struct adain_block *block, struct signal in)
{
    struct signal out = signal_create(memory, 2 * in.frames, in.channels);

    for (size_t t = 0; t < out.frames; t++)
        for (size_t c = 0; c < in.channels; c++)
            out.values[t * in.channels + c] = (double)block->pool_bias[c];
    for (size_t t = 0; t < in.frames; t++)
        for (size_t tap = 0; tap < 3; tap++)
            for (size_t c = 0; c < in.channels && 2 * t + tap >= 1; c++)
                out.values[(2 * t + tap - 1) * in.channels + c] +=
                    in.values[t * in.channels + c] * (double)block->pool[tap * in.channels + c];
    return out;
}

static inline struct signal exact_block(struct workspace *memory, const struct plain_block *plain,
                                        const float *style, struct signal in)
{
    struct signal x = exact_norm(memory, &plain->fc1, style, in), beside = in;
    size_t repeats = plain->block.doubles ? 2 : 1, channels = plain->block.outputs;

    if (plain->block.doubles)
        x = exact_doubling(memory, &plain->block, x);
    x = exact_conv(memory, &plain->conv1, x, 1, 1);
    x = exact_norm(memory, &plain->fc2, style, x);
    x = exact_conv(memory, &plain->conv2, x, 1, 1);
    if (plain->block.inputs != channels)
        beside = exact_conv(memory, &plain->shortcut, in, 1, 0);
    for (size_t t = 0; t < x.frames; t++)
        for (size_t c = 0; c < channels; c++)
            x.values[t * channels + c] =
                (x.values[t * channels + c] + beside.values[t / repeats * channels + c]) / sqrt(2);
    return x;
}

/* --- comparing --- */

/* What lies behind the columns is no number, so that a result that depends on it is seen. */
static inline struct matrix random_matrix(struct seeded *seeded, size_t rows, size_t columns)
{
    struct matrix out = workspace_matrix(seeded->memory, rows, columns);
    const float *values = random_floats(seeded, rows * columns, 2);

    for (size_t t = 0; t < rows; t++) {
        for (size_t c = columns; c < out.stride; c++)
            matrix_row(&out, t)[c] = NAN;
        memcpy(matrix_row(&out, t), values + t * columns, columns * sizeof *values);
    }
    return out;
}

static inline struct signal signal_of(struct workspace *memory, const struct matrix *x)
{
    struct signal out = signal_create(memory, x->rows, x->columns);

    for (size_t t = 0; t < x->rows; t++)
        for (size_t c = 0; c < x->columns; c++)
            out.values[t * x->columns + c] = (double)matrix_row(x, t)[c];
    return out;
}

/* The greatest difference, as a share of the greatest value; not a number where a value is none. */
static inline double difference(const struct matrix *x, struct signal exact)
{
    double most = 0, greatest = 0;

    for (size_t t = 0; t < x->rows; t++)
        for (size_t c = 0; c < x->columns; c++) {
            double value = exact.values[t * x->columns + c];
            double difference = fabs((double)matrix_row(x, t)[c] - value);

            if (!(difference <= most))
                most = difference;
            greatest = fmax(greatest, fabs(value));
        }
    return most / greatest;
}
