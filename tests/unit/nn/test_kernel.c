#include <float.h>

#include "reference.h"

#define KERNELS_MAX 4

static void for_each_kernel(void (*test)(const struct nn_kernel *kernel))
{
    const struct nn_kernel *kernels[KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, KERNELS_MAX);

    for (size_t i = 0; i < count; i++)
        test(kernels[i]);
}

/* --- products --- */

struct product_case {
    size_t rows, depth, columns, a_stride, first, count;
    bool has_bias, adds;
};

/* The double-precision sum of a product's row and column, and how much of it there is. */
static double expected_sum(const struct product *product, const float *weights, float before,
                           size_t row, size_t column, double *size)
{
    double sum = product->adds ? (double)before : product->bias ? (double)product->bias[column] : 0;

    *size = fabs(sum);
    for (size_t k = 0; k < product->depth; k++) {
        double part = (double)product->a[row * product->a_stride + k] *
                      (double)weights[k * product->columns + column];

        sum += part;
        *size += fabs(part);
    }
    return sum;
}

static void check_product(const char *name, const struct product *product, const float *weights,
                          const float *before, const struct product_case *c)
{
    for (size_t row = 0; row < c->rows; row++)
        for (size_t column = 0; column < c->columns; column++) {
            size_t at = row * product->c_stride + column;
            double size, sum = expected_sum(product, weights, before[at], row, column, &size);

            if (row < c->first || row >= c->first + c->count)
                check_case(name, product->c[at] == before[at]);
            else if (!(fabs((double)product->c[at] - sum) <= 4e-7 * size))
                fail_msg("%s: %zu x %zu x %zu, row %zu, column %zu: %g instead of %g", name,
                         c->rows, c->depth, c->columns, row, column, (double)product->c[at], sum);
        }
}

/* Arrays have no float more than the product may touch, so that a sanitizer sees one that it must not. */
static void check_product_case(const struct nn_kernel *kernel, const struct product_case *c)
{
    struct random random = { c->rows * 31 + c->depth };
    size_t stride = matrix_stride(c->columns);
    size_t a_count = c->rows ? (c->rows - 1) * c->a_stride + c->depth : 0;
    float *a = (float *)xcalloc(a_count + 1, sizeof *a), *rest = a + 1;
    float *weights = random_floats(&random, c->depth * c->columns, 1);
    float *packed = aligned_floats(gemm_packed_count(c->depth, c->columns));
    float *bias = random_floats(&random, c->columns, 1);
    float *out = random_floats(&random, c->rows * stride, 1);
    float *before = aligned_floats(c->rows * stride);
    float *scratch = (float *)xcalloc(nn_multiply_scratch(c->count, c->depth), sizeof *scratch);
    const struct product product = { .a = rest,
                                     .a_stride = c->a_stride,
                                     .b = packed,
                                     .bias = c->has_bias ? bias : NULL,
                                     .c = out,
                                     .c_stride = stride,
                                     .rows = c->rows,
                                     .depth = c->depth,
                                     .columns = c->columns,
                                     .adds = c->adds };

    for (size_t i = 0; i < a_count; i++)
        rest[i] = random_float(&random, 1);
    memcpy(before, out, c->rows * stride * sizeof *out);
    gemm_pack(weights, GEMM_DEPTH_FIRST, c->depth, c->columns, packed);
    kernel->multiply(&product, c->first, c->count, scratch);
    check_product(kernel->name, &product, weights, before, c);
    free(scratch);
    free(before);
    free(out);
    free(bias);
    free(packed);
    free(weights);
    free(a);
}

static void check_products(const struct nn_kernel *kernel)
{
    static const struct product_case cases[] = {
        { 1, 1, 1, 1, 0, 1, true, false },
        { 5, 3, 33, 3, 1, 3, false, false },
        { 26, 77, 50, 80, 0, 26, true, false },
        { 40, 513, 96, 513, 7, 25, true, false }, /* two blocks of depth */
        { 40, 1200, 20, 1200, 0, 40, false, true },
        { 205, 30, 64, 40, 3, 200, true, false }, /* two blocks of rows */
        { 500, 6, 31, 6, 0, 500, false, true },
        { 60, 35, 40, 5, 0, 60, true, false }, /* rows that overlap, as a convolution's */
        { 60, 535, 40, 15, 2, 58, false, true },
        { 4, 8, 8, 8, 2, 0, true, false }, /* nothing to do */
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check_product_case(kernel, &cases[i]);
    for (size_t rows = 1; rows <= 2 * NN_ROWS + 2; rows++) /* tiles of all heights */
        check_product_case(kernel,
                           &(struct product_case){ rows, 21, 70, 22, 0, rows, true, false });
}

static void test_products_are_those_of_double_precision(void **state)
{
    (void)state;
    for_each_kernel(check_products);
}

/* --- functions of one variable --- */

#define ARGUMENTS 1024

struct function {
    const char *name;
    void (*run)(const float *x, float *out, size_t count);
    double (*exactly)(double x);
    float most;          /* |x| of the arguments tried */
    bool is_of_argument; /* whether errors count in units of x's last place */
};

static double exact_gelu(double x)
{
    return x * reference_sigmoid(2 * 0.79788456080286535588 * (x + 0.044715 * x * x * x));
}

/* That of a float next to x, where floats have all digits. */
static double last_place(double x)
{
    int exponent;

    frexp(x, &exponent);
    return fmax(ldexp(1, exponent - 24), 0x1p-149);
}

static void check_values(const char *kernel, const struct function *function, const float *x,
                         size_t count)
{
    float out[ARGUMENTS + 1];

    out[count] = 42;
    function->run(x, out, count);
    check_case(kernel, out[count] == 42); /* nothing behind the end */
    for (size_t i = 0; i < count; i++) {
        double expected = function->exactly((double)x[i]);
        double allowed = 2 * last_place(function->is_of_argument ? (double)x[i] : expected);
        bool overflows = fabs(expected) > (double)FLT_MAX;

        if (overflows ? out[i] != (float)copysign(INFINITY, expected)
                      : !(fabs((double)out[i] - expected) <= allowed))
            fail_msg("%s (%s) of %.9g is %.9g instead of %.9g", function->name, kernel,
                     (double)x[i], (double)out[i], expected);
    }
}

/* Floats of all sizes and signs: as integers they are equally far apart. */
static void check_all_sizes(const char *kernel, const struct function *function)
{
    const uint32_t step = 40009;
    float x[ARGUMENTS];
    size_t count = 0;

    for (uint32_t bits = 0; bits <= UINT32_MAX - step; bits += step) {
        float next;

        memcpy(&next, &bits, sizeof next);
        if (!(fabsf(next) <= function->most))
            continue;
        x[count++] = next;
        if (count == ARGUMENTS) {
            check_values(kernel, function, x, count);
            count = 0;
        }
    }
    check_values(kernel, function, x, count);
}

/* Where functions of angles are close to 0 or 1. */
static void check_quadrants(const char *kernel, const struct function *function)
{
    float x[ARGUMENTS];

    for (size_t from = 0; from < 640000; from += ARGUMENTS * 16) {
        for (size_t i = 0; i < ARGUMENTS; i++)
            x[i] = (float)((double)(from + i) * M_PI_2);
        check_values(kernel, function, x, ARGUMENTS);
    }
}

static void check_lengths(const char *kernel, const struct function *function)
{
    float x[70];

    for (size_t i = 0; i < COUNT(x); i++)
        x[i] = (float)i / 7 - 5;
    for (size_t count = 0; count <= COUNT(x); count++)
        check_values(kernel, function, x, count);
}

static void check_functions(const struct nn_kernel *kernel)
{
    const struct function functions[] = {
        { "exp", kernel->exp, exp, FLT_MAX, false },
        { "sigmoid", kernel->sigmoid, reference_sigmoid, FLT_MAX, false },
        { "tanh", kernel->tanh, tanh, FLT_MAX, false },
        { "sin", kernel->sin, sin, FLT_MAX, false },
        { "cos", kernel->cos, cos, FLT_MAX, false },
        { "gelu", kernel->gelu, exact_gelu, 1e30f, true },
    };

    for (size_t i = 0; i < COUNT(functions); i++) {
        check_all_sizes(kernel->name, &functions[i]);
        check_quadrants(kernel->name, &functions[i]);
        check_lengths(kernel->name, &functions[i]);
    }
}

static void test_functions_are_within_two_units_of_the_last_place(void **state)
{
    (void)state;
    for_each_kernel(check_functions);
}

static void check_row(const char *name, const float *got, const float *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(expected[i]) ? !isnan(got[i]) : got[i] != expected[i])
            fail_msg("%s, argument %zu: %g", name, i, (double)got[i]);
}

/* In place, in the order of the arguments below. */
static void check_odd_arguments(const struct nn_kernel *kernel)
{
    static const float arguments[] = { INFINITY, -INFINITY, NAN, 0 };
    const struct {
        const char *name;
        void (*run)(const float *x, float *out, size_t count);
        float expected[COUNT(arguments)];
    } cases[] = {
        { "exp", kernel->exp, { INFINITY, 0, NAN, 1 } },
        { "sigmoid", kernel->sigmoid, { 1, 0, NAN, 0.5f } },
        { "tanh", kernel->tanh, { 1, -1, NAN, 0 } },
        { "sin", kernel->sin, { NAN, NAN, NAN, 0 } },
        { "cos", kernel->cos, { NAN, NAN, NAN, 1 } },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        float x[COUNT(arguments)];

        memcpy(x, arguments, sizeof x);
        cases[i].run(x, x, COUNT(x));
        check_row(cases[i].name, x, cases[i].expected, COUNT(x));
    }
}

static void test_infinities_have_limits_and_nan_stays(void **state)
{
    (void)state;
    for_each_kernel(check_odd_arguments);
}

/* --- softmax --- */

static void check_softmax(const struct nn_kernel *kernel)
{
    static const float scales[] = { 0, 1, 30, 1e30f };
    struct random random = { 9 };

    for (size_t count = 1; count < 70; count++)
        for (size_t s = 0; s < COUNT(scales); s++) {
            float *x = random_floats(&random, count + 1, scales[s]);
            double *expected = (double *)xcalloc(count, sizeof *expected);
            double most = (double)x[0], sum = 0;

            for (size_t i = 0; i < count; i++)
                most = fmax(most, (double)x[i]);
            for (size_t i = 0; i < count; i++)
                sum += expected[i] = exp((double)x[i] - most);
            x[count] = 42;
            kernel->softmax(x, count);
            check_case(kernel->name, x[count] == 42);
            for (size_t i = 0; i < count; i++) {
                double exact = expected[i] / sum;

                /* The difference from the greatest is rounded. */
                check_case(kernel->name, fabs((double)x[i] - exact) <= 4e-6 * exact + 1e-44);
            }
            free(expected);
            free(x);
        }
}

static void test_softmax_is_that_of_double_precision(void **state)
{
    (void)state;
    for_each_kernel(check_softmax);
}

/* --- LSTM --- */

static void check_lstm_step(const struct nn_kernel *kernel)
{
    static const size_t sizes[] = { 16, 48, 256 };
    struct random random = { 4 };

    for (size_t s = 0; s < COUNT(sizes); s++) {
        size_t hidden = sizes[s];
        float *recurrent = random_floats(&random, 8 * hidden * hidden, 2 / sqrtf((float)hidden));
        float *packed = aligned_floats(8 * hidden * hidden), *h = random_floats(&random, hidden, 1);
        float *gates = random_floats(&random, 4 * hidden, 3), *out = aligned_floats(hidden);
        float *c = random_floats(&random, hidden, 2);
        double *wide = (double *)xcalloc(7 * hidden, sizeof *wide), *wide_h = wide + 4 * hidden;
        double *wide_c = wide_h + hidden, *expected = wide_c + hidden;

        for (size_t i = 0; i < 4 * hidden; i++)
            wide[i] = (double)gates[i];
        for (size_t i = 0; i < hidden; i++) {
            wide_h[i] = (double)h[i];
            wide_c[i] = (double)c[i];
        }
        lstm_pack_recurrent(recurrent, hidden, packed);
        kernel->lstm_step(gates, packed, hidden, h, c, out);
        reference_lstm_step(wide, recurrent, hidden, wide_h, wide_c, expected);
        for (size_t i = 0; i < hidden; i++) {
            check_case(kernel->name, fabs((double)out[i] - expected[i]) < 2e-6);
            check_case(kernel->name, fabs((double)c[i] - wide_c[i]) < 4e-6);
        }
        free(wide);
        free(c);
        free(out);
        free(gates);
        free(h);
        free(packed);
        free(recurrent);
    }
}

static void test_a_step_of_an_lstm_is_that_of_double_precision(void **state)
{
    (void)state;
    for_each_kernel(check_lstm_step);
}

/* --- moments --- */

#define COLUMNS 200

static struct matrix new_matrix(size_t rows, size_t columns)
{
    size_t stride = matrix_stride(columns);
    struct matrix out = { aligned_floats(rows * stride), rows, columns, stride };

    for (size_t i = 0; i < rows * stride; i++)
        out.data[i] = NAN;
    return out;
}

/* A noise that column and row move: each column has another mean, and one in three has a step. */
static void fill_columns(struct matrix *x, float mean, float step)
{
    struct random random = { x->rows };

    for (size_t row = 0; row < x->rows; row++)
        for (size_t i = 0; i < x->columns; i++)
            matrix_row(x, row)[i] = random_float(&random, 1.7f) + mean + (float)i +
                                    (i % 3 == 0 && row > x->rows / 5 ? step : 0);
}

static void check_column(const char *name, const struct matrix *x, size_t column,
                         const struct column_moments *got)
{
    double mean = 0, variance = 0, most = 0, count = (double)x->rows;

    for (size_t row = 0; row < x->rows; row++)
        mean += (double)matrix_row(x, row)[column] / count;
    for (size_t row = 0; row < x->rows; row++) {
        double d = (double)matrix_row(x, row)[column] - mean;

        variance += d * d / count;
        most = fmax(most, fabs(d));
    }
    if (!(fabs((double)got->mean - mean) <= last_place(mean)) ||
        !(fabs((double)got->variance - variance) <= 1e-6 * variance + 1e-12 * fabs(mean)) ||
        !(fabs((double)got->most - most) <= 1e-6 * most + 1e-12 * fabs(mean)))
        fail_msg("%s, column %zu of %zu rows: mean %.9g instead of %.9g, variance %.9g instead of "
                 "%.9g, most %.9g instead of %.9g",
                 name, column, x->rows, (double)got->mean, mean, (double)got->variance, variance,
                 (double)got->most, most);
}

static void check_moments(const struct nn_kernel *kernel)
{
    static const struct {
        size_t rows, columns;
        float mean, step;
    } cases[] = {
        { 1, COLUMNS, 5, 0 },      { 2, 7, 0, 0 },        { 31, 64, 1000, 0 },
        { 33, COLUMNS, 1000, 10 }, { 1000, 40, -3, 100 }, { 110000, 3, 1000, 0 },
        { 1000, 3, 3e5f, 0 },
    };

    for (size_t c = 0; c < COUNT(cases); c++) {
        struct matrix x = new_matrix(cases[c].rows, cases[c].columns);
        struct column_moments out[COLUMNS];

        fill_columns(&x, cases[c].mean, cases[c].step);
        kernel->moments(&x, 0, x.columns, out);
        for (size_t i = 0; i < x.columns; i++)
            check_column(kernel->name, &x, i, &out[i]);
        free(x.data);
    }
}

static void test_moments_are_those_of_double_precision(void **state)
{
    (void)state;
    for_each_kernel(check_moments);
}

static void check_moments_of_some(const struct nn_kernel *kernel)
{
    struct matrix x = new_matrix(100, COLUMNS);
    struct column_moments out[COLUMNS];

    fill_columns(&x, 0, 1);
    out[64].mean = 42;
    kernel->moments(&x, 96, 64, out);
    for (size_t i = 0; i < 64; i++)
        check_column(kernel->name, &x, 96 + i, &out[i]);
    check_case(kernel->name, out[64].mean == 42);
    free(x.data);
}

static void test_moments_may_be_asked_of_some_columns(void **state)
{
    (void)state;
    for_each_kernel(check_moments_of_some);
}

static void check_moments_of_no_number(const struct nn_kernel *kernel)
{
    static const float odd[] = { NAN, INFINITY, -INFINITY };

    for (size_t o = 0; o < COUNT(odd); o++) {
        struct matrix x = new_matrix(70, 40);
        struct column_moments out[40];

        fill_columns(&x, 1, 0);
        matrix_row(&x, 50)[17] = odd[o];
        kernel->moments(&x, 0, 40, out);
        check_case(kernel->name, !isfinite(out[17].most));
        check_column(kernel->name, &x, 16, &out[16]);
        check_column(kernel->name, &x, 18, &out[18]);
        free(x.data);
    }
}

static void test_a_value_that_is_no_number_shows_in_its_column_s_moments(void **state)
{
    (void)state;
    for_each_kernel(check_moments_of_no_number);
}

/* --- activation --- */

static double activated(const struct activation *how, float x, size_t i)
{
    float y = fmaf(x, how->scale[i], how->shift[i]);
    double s = 0;

    if (how->kind == ACTIVATE_LEAKY)
        return y > 0 ? (double)y : (double)how->slope * (double)y;
    s = sin((double)(how->frequency[i] * y));
    return (double)y + (double)how->reciprocal[i] * s * s;
}

/* allowed: what rounding y and the angle makes. */
static void check_activation(const struct nn_kernel *kernel, const struct activation *how,
                             float size, bool in_place)
{
    struct random random = { 5 };
    const double allowed = 1e-6 + (double)size * 0x1p-22;
    struct matrix x = new_matrix(9, COLUMNS), out = new_matrix(9, COLUMNS);

    for (size_t row = 0; row < x.rows; row++)
        for (size_t i = 0; i < x.columns; i++)
            matrix_row(&x, row)[i] = random_float(&random, 1);
    if (in_place)
        memcpy(out.data, x.data, x.rows * x.stride * sizeof *x.data);
    matrix_row(&out, 8)[0] = 42; /* of a row that is not asked for */
    kernel->activate(how, in_place ? out.data : x.data, x.stride, out.data, out.stride, 8, COLUMNS);
    for (size_t row = 0; row < 8; row++)
        for (size_t i = 0; i < COLUMNS; i++)
            check_case(kernel->name, fabs((double)matrix_row(&out, row)[i] -
                                          activated(how, matrix_row(&x, row)[i], i)) <= allowed);
    check_case(kernel->name, matrix_row(&out, 8)[0] == 42);
    free(out.data);
    free(x.data);
}

static void check_activations(const struct nn_kernel *kernel)
{
    static const float sizes[] = { 1e-3f, 1, 30, 1000, NN_SINE_MAX * 0.9f, 1e6f };
    struct random random = { 3 };

    for (size_t s = 0; s < COUNT(sizes); s++) {
        float *scale = random_floats(&random, COLUMNS, sizes[s]);
        float *shift = random_floats(&random, COLUMNS, sizes[s] / 10);
        float *frequency = random_floats(&random, COLUMNS, 1);
        float *reciprocal = random_floats(&random, COLUMNS, 0.5f);
        struct activation how = { .kind = ACTIVATE_SNAKE,
                                  .scale = scale,
                                  .shift = shift,
                                  .slope = 0.2f,
                                  .frequency = frequency,
                                  .reciprocal = reciprocal,
                                  .most = sizes[s] * 1.1f };

        check_activation(kernel, &how, sizes[s], false);
        check_activation(kernel, &how, sizes[s], true);
        how.kind = ACTIVATE_LEAKY;
        check_activation(kernel, &how, sizes[s], false);
        free(reciprocal);
        free(frequency);
        free(shift);
        free(scale);
    }
}

static void test_activations_are_those_of_double_precision(void **state)
{
    (void)state;
    for_each_kernel(check_activations);
}

/* y and the angle are exact here, so that only the sine's own error is left. */
static void check_large_angles(const struct nn_kernel *kernel)
{
    static const float frequencies[] = { 1, 0x1p10f, 0x1p14f, 0x1p20f, 0x1p40f };
    struct random random = { 7 };
    float *x = random_floats(&random, COLUMNS, 1), out[COLUMNS + MATRIX_ALIGN];
    float ones[COLUMNS + MATRIX_ALIGN], zeros[COLUMNS + MATRIX_ALIGN] = { 0 };
    float frequency[COLUMNS + MATRIX_ALIGN];
    struct activation how = { .kind = ACTIVATE_SNAKE,
                              .scale = ones,
                              .shift = zeros,
                              .frequency = frequency,
                              .reciprocal = ones };

    for (size_t f = 0; f < COUNT(frequencies); f++) {
        for (size_t i = 0; i < COUNT(ones); i++) {
            ones[i] = 1;
            frequency[i] = frequencies[f];
        }
        how.most = frequencies[f];
        kernel->activate(&how, x, COLUMNS, out, COLUMNS, 1, COLUMNS);
        for (size_t i = 0; i < COLUMNS; i++)
            check_case(kernel->name, fabs((double)out[i] - activated(&how, x[i], i)) < 1e-6);
    }
    free(x);
}

static void test_snake_turns_by_large_angles(void **state)
{
    (void)state;
    for_each_kernel(check_large_angles);
}

/* --- layer norm --- */

static void check_norm(const char *name, const struct matrix *x, const double *expected,
                       const struct matrix *out, size_t first, size_t count)
{
    for (size_t row = 0; row < out->rows; row++)
        for (size_t i = 0; i < out->columns; i++) {
            float got = matrix_row(out, row)[i];

            if (row < first || row >= first + count)
                check_case(name, got == matrix_row(x, row)[i]);
            else
                check_case(name, fabs((double)got - expected[row * x->columns + i]) < 4e-6);
        }
}

static void check_layer_norm(const struct nn_kernel *kernel)
{
    static const size_t lengths[] = { 1, 3, 16, 65, 512, 768 };
    struct random random = { 8 };

    for (size_t l = 0; l < COUNT(lengths); l++) {
        size_t columns = lengths[l];
        struct matrix x = new_matrix(5, columns), out = new_matrix(5, columns);
        float *weight = random_floats(&random, columns, 1);
        float *bias = random_floats(&random, columns, 1);
        double *expected = (double *)xcalloc(5 * columns, sizeof *expected);

        for (size_t i = 0; i < 5 * columns; i++) {
            float value = random_float(&random, 1) + (i / columns == 3 ? 30.0f : 0);

            matrix_row(&x, i / columns)[i % columns] = value;
            expected[i] = (double)value;
        }
        memcpy(out.data, x.data, x.rows * x.stride * sizeof *x.data);
        reference_norm(expected, 5, columns, weight, bias, 1e-3);
        kernel->layer_norm(&out, 1, 3, weight, bias, 1e-3f, out.data, out.stride);
        check_norm(kernel->name, &x, expected, &out, 1, 3);
        free(expected);
        free(bias);
        free(weight);
        free(out.data);
        free(x.data);
    }
}

static void test_layer_norms_are_those_of_double_precision(void **state)
{
    (void)state;
    for_each_kernel(check_layer_norm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_are_those_of_double_precision),
        cmocka_unit_test(test_functions_are_within_two_units_of_the_last_place),
        cmocka_unit_test(test_infinities_have_limits_and_nan_stays),
        cmocka_unit_test(test_softmax_is_that_of_double_precision),
        cmocka_unit_test(test_a_step_of_an_lstm_is_that_of_double_precision),
        cmocka_unit_test(test_moments_are_those_of_double_precision),
        cmocka_unit_test(test_moments_may_be_asked_of_some_columns),
        cmocka_unit_test(test_a_value_that_is_no_number_shows_in_its_column_s_moments),
        cmocka_unit_test(test_activations_are_those_of_double_precision),
        cmocka_unit_test(test_snake_turns_by_large_angles),
        cmocka_unit_test(test_layer_norms_are_those_of_double_precision),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
