#pragma once

/* What the tests of whole layers need: a pool and a workspace for each kernel, random numbers, and linear
 * layers, norms, attention and LSTMs as their papers have them, in double precision. Arrays of references are
 * without gaps: [rows][columns]. */

#include "check.h"

#include <math.h>

#include "nn/attention.h"
#include "nn/lstm.h"

#define REFERENCE_KERNELS 8

/* Calls test with each kernel, with one thread and with three. */
static inline void for_each_nn(void (*test)(const struct nn *nn))
{
    const struct nn_kernel *kernels[REFERENCE_KERNELS];
    size_t count = nn_kernel_list(kernels, REFERENCE_KERNELS);

    for (int threads = 1; threads <= 3; threads += 2) {
        struct err err = { 0 };
        struct nn nn = { .pool = pool_create(threads, &err) };

        check_ok(nn.pool, &err);
        nn.workspace = workspace_create((size_t)64 << 20, &err);
        check_ok(nn.workspace, &err);
        for (size_t i = 0; i < count; i++) {
            nn.kernel = kernels[i];
            test(&nn);
        }
        workspace_destroy(nn.workspace);
        pool_destroy(nn.pool);
    }
}

/* --- random numbers (Knuth's linear congruential generator) --- */

struct random {
    uint64_t state;
};

static inline float random_float(struct random *random, float scale)
{
    random->state = random->state * 6364136223846793005u + 1442695040888963407u;
    return scale * ((float)(random->state >> 40) / (float)(1 << 23) - 1);
}

/* Aligned as a matrix or an array in packed weights is; for free(). */
static inline float *aligned_floats(size_t count)
{
    float *out = (float *)aligned_alloc(64, (count + MATRIX_ALIGN) / MATRIX_ALIGN * MATRIX_ALIGN *
                                                sizeof *out);

    assert_non_null(out);
    return out;
}

static inline float *random_floats(struct random *random, size_t count, float scale)
{
    size_t padded = matrix_stride(count);
    float *out = aligned_floats(padded);

    for (size_t i = 0; i < padded; i++)
        out[i] = i < count ? random_float(random, scale) : 0;
    return out;
}

/* --- matrices --- */

/* A matrix in the workspace whose gaps are not numbers. */
static inline struct matrix gapped_matrix(const struct nn *nn, size_t rows, size_t columns)
{
    struct matrix out = workspace_matrix(nn->workspace, rows, columns);

    for (size_t i = 0; i < rows * out.stride; i++)
        out.data[i] = NAN;
    return out;
}

static inline struct matrix matrix_of(const struct nn *nn, const double *values, size_t rows,
                                      size_t columns)
{
    struct matrix out = gapped_matrix(nn, rows, columns);

    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < columns; i++)
            matrix_row(&out, row)[i] = (float)values[row * columns + i];
    return out;
}

/* Fails where a value is farther than tolerance times the greatest expected one. */
static inline void check_matrix(const char *name, const struct matrix *got, const double *expected,
                                double tolerance)
{
    double most = 0, worst = 0;

    for (size_t i = 0; i < got->rows * got->columns; i++)
        most = fmax(most, fabs(expected[i]));
    for (size_t row = 0; row < got->rows; row++)
        for (size_t i = 0; i < got->columns; i++) {
            double error = fabs((double)matrix_row(got, row)[i] - expected[row * got->columns + i]);

            if (!(error <= worst))
                worst = error; /* and stays so where it is not a number */
        }
    if (!(worst <= tolerance * most))
        fail_msg("%s: off by %g of %g", name, worst, most);
}

/* --- linear layers --- */

struct reference_linear {
    size_t depth, columns;
    float *weights; /* [columns][depth] */
    float *bias;    /* [columns], and zeros to a panel */
    float *packed;
};

static inline struct reference_linear reference_linear(struct random *random, size_t depth,
                                                       size_t columns)
{
    struct reference_linear linear = {
        .depth = depth,
        .columns = columns,
        .weights = random_floats(random, depth * columns, 1.7f / sqrtf((float)depth)),
        .bias = random_floats(random, columns, 0.1f),
        .packed = aligned_floats(gemm_packed_count(depth, columns)),
    };

    gemm_pack(linear.weights, GEMM_COLUMN_FIRST, depth, columns, linear.packed);
    return linear;
}

static inline struct gemm reference_gemm(const struct reference_linear *linear)
{
    return (struct gemm){ linear->packed, linear->bias, linear->depth, linear->columns, NULL };
}

static inline void reference_linear_release(struct reference_linear *linear)
{
    free(linear->weights);
    free(linear->bias);
    free(linear->packed);
}

/* rows of in are stride apart. */
static inline void reference_linear_run(const struct reference_linear *linear, const double *in,
                                        size_t stride, size_t rows, double *out)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < linear->columns; column++) {
            const float *weights = linear->weights + column * linear->depth;
            double sum = (double)linear->bias[column];

            for (size_t i = 0; i < linear->depth; i++)
                sum += in[row * stride + i] * (double)weights[i];
            out[row * linear->columns + column] = sum;
        }
}

/* --- layer norm --- */

/* weight and bias: NULL for 1 and 0. */
static inline void reference_norm(double *x, size_t rows, size_t columns, const float *weight,
                                  const float *bias, double epsilon)
{
    for (double *row = x; row < x + rows * columns; row += columns) {
        double mean = 0, variance = 0;

        for (size_t i = 0; i < columns; i++)
            mean += row[i] / (double)columns;
        for (size_t i = 0; i < columns; i++)
            variance += (row[i] - mean) * (row[i] - mean) / (double)columns;
        for (size_t i = 0; i < columns; i++)
            row[i] = (row[i] - mean) / sqrt(variance + epsilon) * (weight ? (double)weight[i] : 1) +
                     (bias ? (double)bias[i] : 0);
    }
}

/* --- attention --- */

/* All are [tokens][columns]; out is none of the others. */
static inline void reference_attention(const double *query, const double *key, const double *value,
                                       size_t tokens, size_t columns, double *out)
{
    double *scores = (double *)xcalloc(tokens, sizeof *scores);

    for (size_t head = 0; head < columns; head += ATTENTION_HEAD)
        for (size_t row = 0; row < tokens; row++) {
            double sum = 0;

            for (size_t token = 0; token < tokens; token++) {
                double product = 0;

                for (size_t i = head; i < head + ATTENTION_HEAD; i++)
                    product += query[row * columns + i] * key[token * columns + i];
                scores[token] = exp(product / sqrt(ATTENTION_HEAD));
                sum += scores[token];
            }
            for (size_t i = head; i < head + ATTENTION_HEAD; i++) {
                double mix = 0;

                for (size_t token = 0; token < tokens; token++)
                    mix += scores[token] / sum * value[token * columns + i];
                out[row * columns + i] = mix;
            }
        }
    free(scores);
}

/* --- LSTMs --- */

struct reference_lstm {
    size_t features, hidden;
    struct reference_linear inputs; /* of both directions */
    float *recurrent;               /* [2][4 * hidden][hidden] */
    float *packed;
};

static inline struct reference_lstm reference_lstm(struct random *random, size_t features,
                                                   size_t hidden)
{
    size_t count = 8 * hidden * hidden;
    struct reference_lstm lstm = {
        .features = features,
        .hidden = hidden,
        .inputs = reference_linear(random, features, 8 * hidden),
        .recurrent = random_floats(random, count, 2 / sqrtf((float)hidden)),
        .packed = aligned_floats(count),
    };

    lstm_pack_recurrent(lstm.recurrent, hidden, lstm.packed);
    return lstm;
}

static inline struct lstm reference_lstm_layer(const struct reference_lstm *lstm)
{
    return (struct lstm){ reference_gemm(&lstm->inputs), lstm->packed, lstm->features,
                          lstm->hidden };
}

static inline void reference_lstm_release(struct reference_lstm *lstm)
{
    reference_linear_release(&lstm->inputs);
    free(lstm->recurrent);
    free(lstm->packed);
}

static inline double reference_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* gates: [4][hidden] of the inputs, in the order i, o, f, c. recurrent: [4][hidden][hidden] */
static inline void reference_lstm_step(const double *gates, const float *recurrent, size_t hidden,
                                       const double *h, double *c, double *out)
{
    for (size_t unit = 0; unit < hidden; unit++) {
        double sums[4];

        for (size_t gate = 0; gate < 4; gate++) {
            size_t row = gate * hidden + unit;

            sums[gate] = gates[row];
            for (size_t i = 0; i < hidden; i++)
                sums[gate] += h[i] * (double)recurrent[row * hidden + i];
        }
        c[unit] = reference_sigmoid(sums[2]) * c[unit] + reference_sigmoid(sums[0]) * tanh(sums[3]);
        out[unit] = reference_sigmoid(sums[1]) * tanh(c[unit]);
    }
}

/* in: [rows][features]; out: [rows][2 * hidden] */
static inline void reference_lstm_run(const struct reference_lstm *lstm, const double *in,
                                      size_t rows, double *out)
{
    size_t hidden = lstm->hidden;
    double *gates = (double *)xcalloc(rows * 8 * hidden, sizeof *gates);
    double *state = (double *)xcalloc(4 * hidden, sizeof *state); /* of a direction: c, first h */

    reference_linear_run(&lstm->inputs, in, lstm->features, rows, gates);
    for (size_t direction = 0; direction < 2; direction++) {
        double *c = state + direction * 2 * hidden;
        const double *h = c + hidden;

        for (size_t i = 0; i < rows; i++) {
            size_t row = direction ? rows - 1 - i : i;
            double *to = out + (row * 2 + direction) * hidden;

            reference_lstm_step(gates + (row * 2 + direction) * 4 * hidden,
                                lstm->recurrent + direction * 4 * hidden * hidden, hidden, h, c,
                                to);
            h = to;
        }
    }
    free(gates);
    free(state);
}

static inline double *random_doubles(struct random *random, size_t count)
{
    double *out = (double *)xcalloc(count, sizeof *out);

    for (size_t i = 0; i < count; i++)
        out[i] = (double)random_float(random, 1);
    return out;
}
