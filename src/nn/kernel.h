#pragma once

/*
 * The arithmetic of the networks on [row][column] matrices (matrix.h). Pure
 * functions, compiled once for each set of vector instructions (AVX-512, AVX2,
 * plain); which one runs is chosen when the program does. Nothing is allocated
 * here, nothing is shared between threads: callers divide rows or columns among
 * them.
 *
 * Functions of one variable (exp, tanh, sine…) are within 2 units in the last
 * place of the exact value where the argument is bounded as stated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/matrix.h"

#define NN_PANEL 32 /* columns of a panel of packed weights */
#define NN_UNITS 16 /* of an LSTM, computed at once */
#define NN_ROWS 12  /* multiplied at once by the widest kernel; any number may be asked for */

#define NN_ANGLE_MAX 1e6f    /* beyond, sin and cos are the C library's */
#define NN_SINE_MAX 25000.0f /* beyond, so is the sine in snake */

/* c = a * b + bias, or c += a * b with adds (then without bias). a's rows may overlap: a convolution of
 * stride s over contiguous frames of n channels is a product with a_stride = s * n and depth = taps * n.
 * c's rows have room for whole panels: c_stride >= columns rounded up to NN_PANEL. */
struct product {
    const float *a; /* [rows][depth], a_stride apart */
    size_t a_stride;
    const float *b;    /* packed by gemm_pack: [panel][depth][NN_PANEL] */
    const float *bias; /* [columns rounded up to NN_PANEL], or NULL */
    float *c;
    size_t c_stride;
    size_t rows, depth, columns;
    bool adds;
};

/* Of one column over all rows. */
struct column_moments {
    float mean;
    float variance; /* of the population, as in InstanceNorm */
    float most;     /* the greatest |x - mean|; not finite when a value is not */
};

enum activation_kind {
    ACTIVATE_LEAKY, /* y where it is positive, else slope * y; slope 1 leaves y as it is */
    ACTIVATE_SNAKE, /* y + reciprocal * sin(frequency * y)^2 (Ziyin et al. 2020, arXiv:2006.08195) */
};

/* y = x * scale + shift of each column, then one of the above. Arrays are of the columns, rounded up to
 * MATRIX_ALIGN (what lies behind the columns is finite). */
struct activation {
    enum activation_kind kind;
    const float *scale, *shift;
    float slope;                         /* leaky */
    const float *frequency, *reciprocal; /* snake */
    float most;                          /* snake: bound of |frequency * y| */
};

/* The products of quantised rows with one vector: out[r] = scale * sum of (row[r][i] - zero) * x[i]. Rows
 * are packed by nn_pack_row, so that no instruction for bytes is needed. */
#define NN_BYTES 64 /* packed together; a row is filled up with zero points */

struct projection {
    size_t rows, columns;    /* columns: a multiple of NN_BYTES */
    const uint32_t *weights; /* [rows][columns / 4], packed */
    float scale;
    uint8_t zero;
    const float *x; /* [columns], 0 behind the vector's end */
    float *out;     /* [rows] */
};

struct nn_kernel {
    const char *name; /* "avx512", "avx2", "plain" */

    /* Rows first to first + count of a product's c, all columns. scratch: nn_multiply_scratch
     * floats. To do some panels only, let b, bias and c begin there. */
    void (*multiply)(const struct product *product, size_t first, size_t count, float *scratch);

    /* Columns first to first + count over all rows, into out[0…]. first and count are multiples of
     * MATRIX_ALIGN or end at the stride. Sums are exact enough for 100,000 rows far from zero. */
    void (*moments)(const struct matrix *x, size_t first, size_t count, struct column_moments *out);

    /* rows rows of x into out, which may be x. columns is rounded up to MATRIX_ALIGN. */
    void (*activate)(const struct activation *how, const float *x, size_t x_stride, float *out,
                     size_t out_stride, size_t rows, size_t columns);

    /* Rows first to first + count of x into the same rows of out, which may be x: (x - mean) /
     * sqrt(variance + epsilon) * weight + bias. */
    void (*layer_norm)(const struct matrix *x, size_t first, size_t count, const float *weight,
                       const float *bias, float epsilon, float *out, size_t out_stride);

    void (*softmax)(float *x, size_t count); /* in place */

    /* x and out of count floats may be the same. */
    void (*sigmoid)(const float *x, float *out, size_t count);
    void (*tanh)(const float *x, float *out, size_t count);
    void (*exp)(const float *x, float *out, size_t count);
    void (*sin)(const float *x, float *out, size_t count);
    void (*cos)(const float *x, float *out, size_t count);
    /* 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), within 2 units of x's last place, since that of a
     * result close to 0 depends on bits that its argument does not have. */
    void (*gelu)(const float *x, float *out, size_t count);

    /* One step of one direction of an LSTM: gates of [4][hidden] in ONNX's order i, o, f, c hold what
     * the inputs and the biases give. What recurrent gives for h is added, then c becomes the next one
     * and out the next h; both are of [hidden], and out is not h. recurrent is read from its first
     * float to its last, which is most of the time: [hidden / NN_UNITS][hidden][4][NN_UNITS], what each
     * h adds to the gates of NN_UNITS units. hidden is a multiple of NN_UNITS. */
    void (*lstm_step)(const float *gates, const float *recurrent, size_t hidden, const float *h,
                      float *c, float *out);

    /* The three parts of conv.h's convolution; see there. */
    void (*convolve)(const void *job, size_t unit, float *scratch);

    /* For Moonshine's decoder. */
    void (*project)(const struct projection *projection);

    /* Multiplies and adds as fast as a core can, for nn_peak, and returns how often. sum is that of the
     * results, each of which tends to 0.5. */
    size_t (*fuse)(size_t steps, float *sum);
};

/* multiply blocks its work so that what it rearranges of a stays in the second cache. */
#define NN_BLOCK_ROWS 192
#define NN_BLOCK_DEPTH 512

/* Floats for a call of multiply with so many rows: 16 for each 12 of a block's rows. */
static inline size_t nn_multiply_scratch(size_t rows, size_t depth)
{
    size_t block_rows = rows < NN_BLOCK_ROWS ? rows : NN_BLOCK_ROWS;
    size_t block_depth = depth < NN_BLOCK_DEPTH ? depth : NN_BLOCK_DEPTH;

    return (block_rows + NN_ROWS - 1) / NN_ROWS * 16 * block_depth;
}

/* A row of count bytes as projections want it, with zero behind its end: columns / 4 words. */
void nn_pack_row(const uint8_t *row, size_t count, uint8_t zero, size_t columns, uint32_t *out);

/* The best one this machine runs, and all it runs, the plainest last, for tests. */
const struct nn_kernel *nn_kernel_best(void);
size_t nn_kernel_list(const struct nn_kernel *out[], size_t max);
