/* Normalisation and activation of rows and columns. */
#include <math.h>

#include "nn/kernel_internal.h"

/* --- moments of columns --- */

/*
 * Rows are read once from memory, in chunks that the first cache keeps. Within a
 * chunk sums are floats: the mean first, then squares around it, since x^2 - mean^2
 * would lose all digits of a signal far from zero. Chunks are merged in doubles
 * (Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing
 * Sample Variances, 1979).
 */
#define CHUNK 32 /* rows */
#define VECTORS (MATRIX_ALIGN / LANES)
#define GROUP (4 * MATRIX_ALIGN) /* columns that one pass over the rows is made for */

struct moments {
    double mean[GROUP], squares[GROUP]; /* of the rows so far; squares around their mean */
    float least[GROUP], greatest[GROUP];
};

/* Of a chunk, each MATRIX_ALIGN columns. */
struct chunk_sums {
    float pivot[MATRIX_ALIGN];                             /* the mean, rounded */
    float deviations[MATRIX_ALIGN], squares[MATRIX_ALIGN]; /* sums of x - pivot and of its square */
};

static ALWAYS_INLINE void sum_chunk(const float *x, size_t stride, size_t rows,
                                    struct chunk_sums *out, float *least, float *greatest)
{
    vec low[VECTORS], high[VECTORS], pivot[VECTORS] = { 0 };
    vec deviations[VECTORS] = { 0 }, squares[VECTORS] = { 0 };

    for (size_t v = 0; v < VECTORS; v++) {
        low[v] = vec_load(least + v * LANES);
        high[v] = vec_load(greatest + v * LANES);
    }
    for (size_t row = 0; row < rows; row++)
#pragma GCC unroll 8
        for (size_t v = 0; v < VECTORS; v++) {
            vec next = vec_load(x + row * stride + v * LANES);

            pivot[v] += next;
            low[v] = vec_select(next < low[v], next, low[v]);
            high[v] = vec_select(next > high[v], next, high[v]);
        }
    for (size_t v = 0; v < VECTORS; v++)
        pivot[v] /= (float)rows;
    for (size_t row = 0; row < rows; row++)
#pragma GCC unroll 8
        for (size_t v = 0; v < VECTORS; v++) {
            vec d = vec_load(x + row * stride + v * LANES) - pivot[v];

            deviations[v] += d;
            squares[v] += d * d;
        }
    memcpy(out->pivot, pivot, sizeof pivot);
    memcpy(out->deviations, deviations, sizeof deviations);
    memcpy(out->squares, squares, sizeof squares);
    memcpy(least, low, sizeof low);
    memcpy(greatest, high, sizeof high);
}

/* Adds a chunk of rows to what stands for the rows before. */
static ALWAYS_INLINE void merge_chunk(const struct chunk_sums *chunk, size_t before, size_t rows,
                                      double *mean, double *squares)
{
    double count = (double)rows, share = count / (double)(before + rows);

    for (size_t i = 0; i < MATRIX_ALIGN; i++) {
        double deviation = (double)chunk->deviations[i];
        double between = (double)chunk->pivot[i] + deviation / count - mean[i];

        squares[i] += (double)chunk->squares[i] - deviation * deviation / count +
                      between * between * share * (double)before;
        mean[i] += between * share;
    }
}

/* columns: a multiple of MATRIX_ALIGN up to GROUP */
static void collect_moments(const struct matrix *x, size_t first, size_t columns,
                            struct moments *out)
{
    for (size_t i = 0; i < columns; i++) {
        out->mean[i] = out->squares[i] = 0;
        out->least[i] = INFINITY;
        out->greatest[i] = -INFINITY;
    }
    for (size_t row = 0; row < x->rows; row += CHUNK) {
        size_t rows = x->rows - row < CHUNK ? x->rows - row : CHUNK;

        for (size_t i = 0; i < columns; i += MATRIX_ALIGN) {
            struct chunk_sums chunk;

            sum_chunk(matrix_row(x, row) + first + i, x->stride, rows, &chunk, out->least + i,
                      out->greatest + i);
            merge_chunk(&chunk, row, rows, out->mean + i, out->squares + i);
        }
    }
}

/* Comparisons pass over a NaN, but sums do not: then the mean is NaN, and so is what is made of it. */
static struct column_moments moments_of(const struct moments *all, size_t i, size_t rows)
{
    double above = (double)all->greatest[i] - all->mean[i];
    double below = all->mean[i] - (double)all->least[i];

    return (struct column_moments){
        .mean = (float)all->mean[i],
        .variance = (float)(all->squares[i] / (double)rows),
        .most = (float)(above > below ? above : below),
    };
}

void KERNEL(kernel_moments)(const struct matrix *x, size_t first, size_t count,
                            struct column_moments *out)
{
    for (size_t from = 0; from < count; from += GROUP) {
        size_t columns = count - from < GROUP ? count - from : GROUP;
        struct moments moments;

        collect_moments(x, first + from, matrix_stride(columns), &moments);
        for (size_t i = 0; i < columns; i++)
            out[from + i] = moments_of(&moments, i, x->rows);
    }
}

/* --- activation --- */

/*
 * sin(x)^2 has the period pi, so no quadrant is needed: with k = round(x / pi),
 * r = x - k * pi lies within +-pi/2. pi is subtracted in three parts (Cody and
 * Waite, Software Manual for the Elementary Functions, 1980); the first two have
 * 8 and 11 bits, so k times them is exact up to NN_SINE_MAX even without fused
 * multiply-add. sin(r) is its Taylor series to r^11, whose remainder is at most
 * (pi/2)^13 / 13! = 5.7e-8. Adding and subtracting 1.5 * 2^23 rounds to a whole
 * number.
 */
static ALWAYS_INLINE vec sine_squared(vec x)
{
    const float one_over_pi = 0.318309886f;
    const float pi_high = 3.140625f;                 /* 201 / 64 */
    const float pi_middle = 9.67502593994140625e-4f; /* 1.9814453125 / 2048, 11 bits */
    const float pi_low = 1.50995803e-7f;
    const float round = 12582912.0f;

    vec k = (x * one_over_pi + round) - round;
    vec r = x - k * pi_high;
    r = r - k * pi_middle;
    r = r - k * pi_low;
    vec q = r * r;
    vec p = q * (-1.0f / 39916800) + 1.0f / 362880;
    p = p * q - 1.0f / 5040;
    p = p * q + 1.0f / 120;
    p = p * q - 1.0f / 6;
    vec s = r + r * (q * p);
    return s * s;
}

static ALWAYS_INLINE vec shifted(const struct activation *how, const float *x, size_t i)
{
    return vec_load(x + i) * vec_load(how->scale + i) + vec_load(how->shift + i);
}

static void snake_row(const struct activation *how, const float *x, float *out, size_t columns)
{
    for (size_t i = 0; i < columns; i += LANES) {
        vec y = shifted(how, x, i);
        vec angle = vec_load(how->frequency + i) * y;

        vec_store(out + i, y + vec_load(how->reciprocal + i) * sine_squared(angle));
    }
}

static void snake_row_exactly(const struct activation *how, const float *x, float *out,
                              size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        float y = x[i] * how->scale[i] + how->shift[i];
        float s = sinf(how->frequency[i] * y);

        out[i] = y + how->reciprocal[i] * s * s;
    }
}

static void leaky_row(const struct activation *how, const float *x, float *out, size_t columns)
{
    for (size_t i = 0; i < columns; i += LANES) {
        vec y = shifted(how, x, i);

        vec_store(out + i, vec_select(y > 0, y, how->slope * y));
    }
}

void KERNEL(kernel_activate)(const struct activation *how, const float *x, size_t x_stride,
                             float *out, size_t out_stride, size_t rows, size_t columns)
{
    size_t whole = matrix_stride(columns);

    for (size_t row = 0; row < rows; row++, x += x_stride, out += out_stride)
        if (how->kind == ACTIVATE_LEAKY)
            leaky_row(how, x, out, whole);
        else if (how->most <= NN_SINE_MAX)
            snake_row(how, x, out, whole);
        else
            snake_row_exactly(how, x, out, columns);
}

/* --- layer norm --- */

/* Sums of so many numbers a lane are kept in floats and added up in doubles. */
#define STRETCH (32 * LANES)

static double sum_of(vec v)
{
    double sum = 0;

    for (size_t i = 0; i < LANES; i++)
        sum += (double)v[i];
    return sum;
}

/* Of (x - pivot), or of its squares. */
static ALWAYS_INLINE double sum_row(const float *x, size_t count, float pivot, bool squared)
{
    size_t whole = count - count % LANES;
    double sum = 0;

    for (size_t from = 0; from < whole; from += STRETCH) {
        size_t end = whole - from < STRETCH ? whole : from + STRETCH;
        vec part = { 0 };

        for (size_t i = from; i < end; i += LANES) {
            vec d = vec_load(x + i) - pivot;

            part += squared ? d * d : d;
        }
        sum += sum_of(part);
    }
    for (size_t i = whole; i < count; i++) {
        double d = (double)(x[i] - pivot);

        sum += squared ? d * d : d;
    }
    return sum;
}

static void norm_row(const float *x, size_t count, const float *weight, const float *bias,
                     float epsilon, float *out)
{
    size_t whole = count - count % LANES;
    float mean = (float)(sum_row(x, count, 0, false) / (double)count);
    double variance = sum_row(x, count, mean, true) / (double)count;
    float scale = (float)(1 / sqrt(variance + (double)epsilon));

    for (size_t i = 0; i < whole; i += LANES)
        vec_store(out + i,
                  (vec_load(x + i) - mean) * scale * vec_load(weight + i) + vec_load(bias + i));
    for (size_t i = whole; i < count; i++)
        out[i] = (x[i] - mean) * scale * weight[i] + bias[i];
}

void KERNEL(kernel_layer_norm)(const struct matrix *x, size_t first, size_t count,
                               const float *weight, const float *bias, float epsilon, float *out,
                               size_t out_stride)
{
    for (size_t row = first; row < first + count; row++)
        norm_row(matrix_row(x, row), x->columns, weight, bias, epsilon, out + row * out_stride);
}
