/* A quantised matrix times a vector. */
#include "nn/kernel_internal.h"

#define WORDS (NN_BYTES / 4)
#define ROWS 2 /* at once: the vector is loaded once for both */

static inline vec_mask load_words(const uint32_t *from)
{
    vec_mask out;

    memcpy(&out, from, sizeof out);
    return out;
}

/* Byte j of each word, less the zero point. */
static inline vec bytes_of(vec_mask words, int j, float zero)
{
    return __builtin_convertvector(words >> (8 * j) & 255, vec) - zero;
}

static float sum_of_lanes(vec v)
{
    float sum = 0;

    for (int lane = 0; lane < LANES; lane++)
        sum += v[lane];
    return sum;
}

static void project_rows(const struct projection *p, size_t row, size_t other)
{
    const size_t stride = p->columns / 4;
    const uint32_t *w = p->weights + row * stride, *w_other = p->weights + other * stride;
    const float zero = p->zero;
    vec sum = { 0 }, sum_other = { 0 };

    for (size_t at = 0; at < stride; at += WORDS)
        for (size_t k = 0; k < WORDS; k += LANES) {
            vec_mask words = load_words(w + at + k), words_other = load_words(w_other + at + k);

            for (int j = 0; j < 4; j++) {
                vec x = vec_load(p->x + 4 * at + WORDS * (size_t)j + k);

                sum += bytes_of(words, j, zero) * x;
                sum_other += bytes_of(words_other, j, zero) * x;
            }
        }
    p->out[row] = p->scale * sum_of_lanes(sum);
    p->out[other] = p->scale * sum_of_lanes(sum_other);
}

void KERNEL(kernel_project)(const struct projection *p)
{
    size_t row = 0;

    for (; row + ROWS <= p->rows; row += ROWS)
        project_rows(p, row, row + 1);
    if (row < p->rows)
        project_rows(p, row, row);
}
