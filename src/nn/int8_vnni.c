/* int8.h's kernel for AVX-512 with VNNI. */
#include <float.h>
#include <immintrin.h>
#include <string.h>

#include "nn/int8.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define LANES 16
#define COLUMNS 2 /* vectors of a panel */
#define GREATEST 127

float nn_int8_quantise_vnni(const struct matrix *x, const struct int8_rows *out, size_t first);
void nn_int8_multiply_vnni(const struct int8_product *product);

_Static_assert(NN_PANEL == COLUMNS * LANES, "a panel is COLUMNS vectors");

/* --- quantise --- */

static ALWAYS_INLINE __mmask16 lanes_left(size_t left)
{
    return left < LANES ? (__mmask16)((1u << left) - 1) : 0xffff;
}

/* The greatest magnitude. Compared as whole numbers, what is not a number is greater than all. */
static float find_most(const struct matrix *x)
{
    const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
    __m512i most = _mm512_setzero_si512();
    float out;

    for (size_t row = 0; row < x->rows; row++)
        for (size_t i = 0; i < x->columns; i += LANES) {
            __m512i bits =
                _mm512_maskz_loadu_epi32(lanes_left(x->columns - i), matrix_row(x, row) + i);

            most = _mm512_max_epi32(most, _mm512_and_si512(bits, magnitude));
        }
    int bits = _mm512_reduce_max_epi32(most);
    memcpy(&out, &bits, sizeof out);
    return out;
}

static void quantise_row(const float *x, size_t columns, float factor, const struct int8_rows *out,
                         size_t row)
{
    const __m512 factors = _mm512_set1_ps(factor), zero = _mm512_set1_ps(INT8_ZERO);

    for (size_t i = 0; i < int8_blocks(columns) * INT8_BLOCK; i += LANES) {
        uint8_t *to = out->bytes + (i / INT8_BLOCK * out->rows + row) * INT8_BLOCK + i % INT8_BLOCK;
        __m512 values = _mm512_setzero_ps();

        if (i < columns)
            values = _mm512_maskz_loadu_ps(lanes_left(columns - i), x + i);
        __m512i whole = _mm512_cvtps_epi32(_mm512_fmadd_ps(values, factors, zero));
        _mm_storeu_si128((__m128i *)(void *)to, _mm512_cvtepi32_epi8(whole));
    }
}

float nn_int8_quantise_vnni(const struct matrix *x, const struct int8_rows *out, size_t first)
{
    float most = find_most(x);
    float factor = most < GREATEST * FLT_MIN ? 0 : GREATEST / most; /* whose quotient is finite */

    for (size_t row = 0; row < x->rows; row++)
        quantise_row(matrix_row(x, row), x->columns, factor, out, first + row);
    return most / GREATEST;
}

/* --- multiply --- */

/* GCC 12 surrounds the intrinsic with copies of registers. */
static ALWAYS_INLINE __m512i add_products(__m512i sum, __m512i bytes, __m512i weights)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(weights));
    return sum;
}

/* Four inputs of a row, for all lanes. */
static ALWAYS_INLINE __m512i four_bytes(const uint8_t *from)
{
    int word;

    memcpy(&word, from, sizeof word);
    return _mm512_set1_epi32(word);
}

/* INT8_ROWS rows with a panel: sums of all blocks and taps. */
static ALWAYS_INLINE void sum_up(const struct int8_product *p, const uint8_t *a,
                                 const struct int8_panel *panel, __m512i sums[INT8_ROWS][COLUMNS])
{
    const int8_t *weights = (const int8_t *)(panel + 1);
    size_t blocks = int8_blocks(p->inputs);

#pragma GCC unroll 12
    for (size_t r = 0; r < INT8_ROWS; r++)
#pragma GCC unroll 2
        for (size_t c = 0; c < COLUMNS; c++)
            sums[r][c] = _mm512_loadu_si512(panel->starts + c * LANES);
    for (size_t block = 0; block < blocks; block++)
        for (size_t tap = 0; tap < p->taps; tap++) {
            const uint8_t *from = a + (block * p->a.rows + tap * p->dilation) * INT8_BLOCK;

            for (size_t i = 0; i < INT8_BLOCK; i += 4, weights += 4 * NN_PANEL) {
                __m512i low = _mm512_loadu_si512(weights);
                __m512i high = _mm512_loadu_si512(weights + 4 * LANES);

#pragma GCC unroll 12
                for (size_t r = 0; r < INT8_ROWS; r++) {
                    __m512i bytes = four_bytes(from + r * INT8_BLOCK + i);

                    sums[r][0] = add_products(sums[r][0], bytes, low);
                    sums[r][1] = add_products(sums[r][1], bytes, high);
                }
            }
        }
}

/* count rows of c from row on; what lies behind them was computed in vain. */
static void multiply_tile(const struct int8_product *p, const struct int8_panel *panel, size_t row,
                          size_t column)
{
    size_t count = p->rows - row < INT8_ROWS ? p->rows - row : INT8_ROWS;
    __m512i sums[INT8_ROWS][COLUMNS];

    sum_up(p, p->a.bytes + row * INT8_BLOCK, panel, sums);
    for (size_t c = 0; c < COLUMNS; c++) {
        __m512 scales = _mm512_loadu_ps(panel->scales + c * LANES), bias = _mm512_setzero_ps();
        float *to = p->c + row * p->c_stride + column + c * LANES;

        if (p->bias)
            bias = _mm512_loadu_ps(p->bias + column + c * LANES);
        for (size_t r = 0; r < count; r++, to += p->c_stride) {
            __m512 scale = _mm512_mul_ps(scales, _mm512_set1_ps(p->scales[row + r]));
            __m512 value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[r][c]), scale, bias);

            if (p->residual)
                value = _mm512_add_ps(value,
                                      _mm512_loadu_ps(p->residual + (row + r) * p->residual_stride +
                                                      column + c * LANES));
            _mm512_storeu_ps(to, value);
        }
    }
}

void nn_int8_multiply_vnni(const struct int8_product *p)
{
    size_t panel_count = int8_panel_count(p->inputs, p->taps);
    const float *panel = p->weights;

    for (size_t column = 0; column < p->columns; column += NN_PANEL, panel += panel_count)
        for (size_t row = 0; row < p->rows; row += INT8_ROWS)
            multiply_tile(p, (const struct int8_panel *)panel, row, column);
}
