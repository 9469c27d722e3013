#pragma once

/*
 * A matrix of floats, row after row. Signals are [frames][channels], texts
 * [tokens][features]: time runs down, so that a vector instruction works on
 * neighbouring channels and a convolution's tap is another row.
 *
 * Rows begin stride floats apart, a multiple of MATRIX_ALIGN, and are aligned to
 * 64 bytes. What lies between columns and stride holds anything: it may be
 * written by whoever writes the row, and no result depends on it.
 */

#include <stddef.h>

#define MATRIX_ALIGN 32 /* floats */

struct matrix {
    float *data; /* borrowed, mostly from a workspace */
    size_t rows, columns, stride;
};

static inline size_t matrix_stride(size_t columns)
{
    return (columns + MATRIX_ALIGN - 1) / MATRIX_ALIGN * MATRIX_ALIGN;
}

static inline float *matrix_row(const struct matrix *matrix, size_t row)
{
    return matrix->data + row * matrix->stride;
}
