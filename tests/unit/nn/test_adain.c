#include <math.h>

#include "../check.h"
#include "nn/adain.h"

#define KERNELS_MAX 4
#define WORKSPACE_LIMIT ((size_t)1 << 28)

/* Numbers from -1 to 1, the same in each run. */
static float next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 8388608.0f - 1;
}

struct fixture {
    struct nn nn;
    struct adain adain;
    float *weights; /* [2 * channels][STYLE_PART] */
    float *bias;
    float *style, *frequency;
    struct matrix x;
};

static float *new_numbers(struct workspace *workspace, size_t count, uint32_t seed)
{
    float *out = workspace_floats(workspace, count);

    for (size_t i = 0; i < count; i++)
        out[i] = next_number(&seed);
    return out;
}

static void fixture_init(struct fixture *f, size_t rows, size_t channels, int threads)
{
    struct err err = { 0 };
    struct workspace *workspace = workspace_create(WORKSPACE_LIMIT, &err);
    struct pool *pool = pool_create(threads, &err);

    if (!workspace || !pool)
        fail_msg("%s", err.message);
    float *packed = workspace_floats(workspace, gemm_packed_count(STYLE_PART, 2 * channels));
    *f = (struct fixture){
        .nn = { .kernel = nn_kernel_best(), .pool = pool, .workspace = workspace },
        .weights = new_numbers(workspace, 2 * channels * STYLE_PART, 1),
        .bias = new_numbers(workspace, matrix_stride(2 * channels), 2),
        .style = new_numbers(workspace, STYLE_PART, 3),
        .frequency = new_numbers(workspace, matrix_stride(channels), 4),
        .x = workspace_matrix(workspace, rows, channels),
    };
    f->adain = (struct adain){
        .fc = { .weights = packed, .bias = f->bias, .depth = STYLE_PART, .columns = 2 * channels },
        .channels = channels
    };
    gemm_pack(f->weights, GEMM_COLUMN_FIRST, STYLE_PART, 2 * channels, packed);

    uint32_t seed = 5;
    for (size_t t = 0; t < rows; t++)
        for (size_t c = 0; c < f->x.stride; c++) /* far from zero, and a channel unlike the other */
            matrix_row(&f->x, t)[c] = 20 + (float)(c % 5) * next_number(&seed);
}

static void fixture_release(struct fixture *f)
{
    pool_destroy(f->nn.pool);
    workspace_destroy(f->nn.workspace);
}

static double style_layer(const struct fixture *f, size_t column)
{
    double sum = (double)f->bias[column];

    for (size_t i = 0; i < STYLE_PART; i++)
        sum += (double)f->weights[column * STYLE_PART + i] * (double)f->style[i];
    return sum;
}

static void check_channel(const char *name, const struct fixture *f, size_t c,
                          const struct activation *got)
{
    double rows = (double)f->x.rows, mean = 0, variance = 0;
    double gamma = style_layer(f, c), beta = style_layer(f, f->adain.channels + c);

    for (size_t t = 0; t < f->x.rows; t++)
        mean += (double)matrix_row(&f->x, t)[c] / rows;
    for (size_t t = 0; t < f->x.rows; t++)
        variance += pow((double)matrix_row(&f->x, t)[c] - mean, 2) / rows;
    double scale = (1 + gamma) / sqrt(variance + 1e-5);
    double most_scale = (1 + fabs(gamma)) / sqrt(variance + 1e-5); /* 1 + gamma may cancel out */

    check_case(name, fabs((double)got->scale[c] - scale) <= 1e-5 * most_scale);
    for (size_t t = 0; t < f->x.rows; t++) {
        double x = (double)matrix_row(&f->x, t)[c];
        double y = x * (double)got->scale[c] + (double)got->shift[c];

        /* x and the mean are floats of about 20. */
        double rounding = 1e-5 * (1 + most_scale) * 20;

        check_case(name, fabs(y - ((x - mean) * scale + beta)) <= rounding);
        check_case(name, fabs(y * (double)f->frequency[c]) <= (double)got->most + rounding);
    }
}

static const struct {
    const char *name;
    size_t rows, channels;
    int threads;
} cases[] = {
    { "one row", 1, 128, 1 },        { "one block", 1024, 128, 2 },
    { "a row more", 1025, 128, 2 },  { "odd channels", 300, 514, 1 },
    { "many blocks", 5000, 256, 3 }, { "few rows and channels", 3, 5, 2 },
};

static void test_activations_norm_each_channel_and_follow_the_style(void **state)
{
    const struct nn_kernel *kernels[KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, KERNELS_MAX);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f;

        fixture_init(&f, cases[i].rows, cases[i].channels, cases[i].threads);
        for (size_t k = 0; k < count; k++) {
            f.nn.kernel = kernels[k];
            struct activation got = adain_activation(&f.nn, &f.adain, f.style, &f.x, f.frequency);

            for (size_t c = 0; c < cases[i].channels; c++)
                check_channel(cases[i].name, &f, c, &got);
            for (size_t c = cases[i].channels; c < matrix_stride(cases[i].channels); c++)
                check_case(cases[i].name, isfinite(got.scale[c]) && isfinite(got.shift[c]));
        }
        fixture_release(&f);
    }
}

static void test_the_number_of_threads_changes_no_bit(void **state)
{
    struct fixture one, many;

    (void)state;
    fixture_init(&one, 5000, 128, 1);
    fixture_init(&many, 5000, 128, 3);
    struct activation a = adain_activation(&one.nn, &one.adain, one.style, &one.x, one.frequency);
    struct activation b =
        adain_activation(&many.nn, &many.adain, many.style, &many.x, many.frequency);

    assert_memory_equal(a.scale, b.scale, 128 * sizeof *a.scale);
    assert_memory_equal(a.shift, b.shift, 128 * sizeof *a.shift);
    assert_true(a.most == b.most);
    fixture_release(&many);
    fixture_release(&one);
}

/* The sine is then the library's, which takes any argument. */
static void test_a_value_that_is_no_number_makes_the_bound_infinite(void **state)
{
    static const float values[] = { NAN, INFINITY, -INFINITY };

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        struct fixture f;

        fixture_init(&f, 2000, 128, 2);
        matrix_row(&f.x, 1500)[3] = values[i];
        struct activation got = adain_activation(&f.nn, &f.adain, f.style, &f.x, f.frequency);
        assert_true(isinf(got.most));
        fixture_release(&f);
    }
}

static void test_without_a_frequency_nothing_is_bounded(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, 10, 128, 1);
    struct activation got = adain_activation(&f.nn, &f.adain, f.style, &f.x, NULL);
    assert_true(got.most == 0);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations_norm_each_channel_and_follow_the_style),
        cmocka_unit_test(test_the_number_of_threads_changes_no_bit),
        cmocka_unit_test(test_a_value_that_is_no_number_makes_the_bound_infinite),
        cmocka_unit_test(test_without_a_frequency_nothing_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
