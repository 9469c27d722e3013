#pragma once

/*
 * Products with weights of 8 bits, for the option turbo. A weight is a whole
 * number from -127 to 127 times the scale of its output; a value is a byte less
 * 128 times the scale of its row, which is found when the row is there. So a sum
 * of products is one of whole numbers, exact, times two scales:
 *
 *     sum of x w = x_scale w_scale (sum of byte q - 128 sum of q)
 *
 * Vector instructions add up four products of bytes at once (VNNI); where the
 * processor has none there is no kernel, and callers compute with floats.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/kernel.h"

#define INT8_BLOCK 128 /* inputs that lie together; filled up with zeros */
#define INT8_ROWS 12   /* multiplied at once; bytes have room for a multiple */
#define INT8_ZERO 128

/* Values as bytes: [block][rows][INT8_BLOCK]. */
struct int8_rows {
    uint8_t *bytes;
    size_t rows; /* there is room for, of each block */
};

/* c = a * b * scales + bias + residual. A convolution over several taps reads, for each row, those that
 * come dilation, 2 * dilation… rows later. */
struct int8_product {
    struct int8_rows a;
    size_t inputs, taps, dilation;
    const float *scales;    /* [rows] */
    const float *weights;   /* packed */
    const float *bias;      /* [columns rounded up to NN_PANEL], or NULL */
    const float *residual;  /* NULL: none */
    size_t residual_stride; /* 0 without */
    float *c;
    size_t c_stride; /* at least columns rounded up to NN_PANEL */
    size_t rows, columns;
};

struct int8_kernel {
    /* Rows of x that share a scale, which is returned, to the rows of out from first on. It is not finite
     * where a value of x is not. */
    float (*quantise)(const struct matrix *x, const struct int8_rows *out, size_t first);

    void (*multiply)(const struct int8_product *product);
};

/* NULL where this machine has no instructions for it. */
const struct int8_kernel *int8_kernel(void);

static inline size_t int8_blocks(size_t inputs)
{
    return (inputs + INT8_BLOCK - 1) / INT8_BLOCK;
}

/* --- packed weights --- */

/* A panel of NN_PANEL outputs: this, then [block][tap][INT8_BLOCK / 4][NN_PANEL][4] weights. */
struct int8_panel {
    float scales[NN_PANEL];
    int32_t starts[NN_PANEL]; /* -INT8_ZERO times the sum of an output's weights */
};

/* Floats of a panel, and of all. */
size_t int8_panel_count(size_t inputs, size_t taps);
size_t int8_packed_count(size_t outputs, size_t inputs, size_t taps);

/* Where a weight is: weights + output * of_output + input * of_input + tap * of_tap. */
struct int8_layout {
    size_t of_output, of_input, of_tap;
};

void int8_pack(const float *weights, const struct int8_layout *layout, size_t outputs,
               size_t inputs, size_t taps, float *packed);
