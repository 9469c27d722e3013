#include <math.h>

#include "../check.h"
#include "nn/kernel.h"

#define KERNELS_MAX 4

/* Numbers from -1 to 1, the same in each run. */
static float next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 8388608.0f - 1;
}

static float *numbers(size_t count, uint32_t seed)
{
    float *out = xcalloc(count + 1, sizeof *out);

    for (size_t i = 0; i < count; i++)
        out[i] = next_number(&seed);
    return out;
}

static void test_projections_are_those_of_double_precision(void **state)
{
    static const struct {
        size_t rows, count;
    } sizes[] = { { 1, 1 }, { 2, 64 }, { 3, 65 }, { 7, 288 }, { 32, 63 }, { 5, 416 } };
    const struct nn_kernel *kernels[KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, KERNELS_MAX);

    (void)state;
    for (size_t s = 0; s < COUNT(sizes); s++) {
        size_t n = sizes[s].count;
        size_t columns = (n + NN_BYTES - 1) / NN_BYTES * NN_BYTES;
        uint8_t rows[32][416];
        uint32_t *packed = xcalloc(sizes[s].rows * columns / 4, sizeof *packed);
        float *x = numbers(columns, 11), out[32];
        uint32_t seed = 5;

        for (size_t i = n; i < columns; i++)
            x[i] = 0;
        for (size_t r = 0; r < sizes[s].rows; r++) {
            for (size_t i = 0; i < n; i++)
                rows[r][i] = (uint8_t)(128 + 127 * next_number(&seed));
            nn_pack_row(rows[r], n, 129, columns, packed + r * columns / 4);
        }
        const struct projection projection = { .rows = sizes[s].rows,
                                               .columns = columns,
                                               .weights = packed,
                                               .scale = 0.01f,
                                               .zero = 129,
                                               .x = x,
                                               .out = out };
        for (size_t k = 0; k < count; k++) {
            memset(out, 0, sizeof out);
            kernels[k]->project(&projection);
            for (size_t r = 0; r < sizes[s].rows; r++) {
                double sum = 0;

                for (size_t i = 0; i < n; i++)
                    sum += 0.01 * (rows[r][i] - 129.0) * (double)x[i];
                check_case(kernels[k]->name, fabs((double)out[r] - sum) < 1e-4);
            }
        }
        free(packed);
        free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_projections_are_those_of_double_precision),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
