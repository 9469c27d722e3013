/* Normalisation and activation of rows and columns. */
#include <math.h>

#include "nn/kernel_internal.h"

static struct column_moments moments_of(const struct matrix *x, size_t column)
{
    double sum = 0, squares = 0, most = 0;

    for (size_t row = 0; row < x->rows; row++)
        sum += (double)matrix_row(x, row)[column];

    double mean = sum / (double)x->rows;

    for (size_t row = 0; row < x->rows; row++) {
        double d = (double)matrix_row(x, row)[column] - mean;

        squares += d * d;
        most = fmax(most, fabs(d));
    }
    return (struct column_moments){ (float)mean, (float)(squares / (double)x->rows),
                                    isfinite(squares) ? (float)most : INFINITY };
}

void KERNEL(kernel_moments)(const struct matrix *x, size_t first, size_t count,
                            struct column_moments *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = moments_of(x, first + i);
}

void KERNEL(kernel_activate)(const struct activation *how, const float *x, size_t x_stride,
                             float *out, size_t out_stride, size_t rows, size_t columns)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < columns; i++) {
            float y = x[row * x_stride + i] * how->scale[i] + how->shift[i];

            if (how->kind == ACTIVATE_SNAKE) {
                float s = sinf(how->frequency[i] * y);

                y += how->reciprocal[i] * s * s;
            } else if (!(y > 0)) {
                y *= how->slope;
            }
            out[row * out_stride + i] = y;
        }
}

void KERNEL(kernel_layer_norm)(const struct matrix *x, size_t first, size_t count,
                               const float *weight, const float *bias, float epsilon, float *out,
                               size_t out_stride)
{
    for (size_t row = first; row < first + count; row++) {
        const float *in = matrix_row(x, row);
        float *to = out + row * out_stride;
        double mean = 0, squares = 0;

        for (size_t i = 0; i < x->columns; i++)
            mean += (double)in[i] / (double)x->columns;
        for (size_t i = 0; i < x->columns; i++)
            squares += ((double)in[i] - mean) * ((double)in[i] - mean);

        double scale = 1 / sqrt(squares / (double)x->columns + (double)epsilon);

        for (size_t i = 0; i < x->columns; i++)
            to[i] = (float)(((double)in[i] - mean) * scale) * weight[i] + bias[i];
    }
}
