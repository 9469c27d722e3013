#include <math.h>

#include "nn/conv_int8.h"
#include "nn/gemm_int8.h"
#include "reference.h"

#define STEP 127 /* of the greatest value */
#define GUARD 0xa5

/* The kernel, or the test is skipped. */
static const struct int8_kernel *need_kernel(void)
{
    const struct int8_kernel *kernel = int8_kernel();

    if (!kernel)
        skip();
    return kernel;
}

struct shape {
    size_t rows, inputs, outputs, taps, dilation;
};

static const struct shape shapes[] = {
    { 1, 1, 1, 1, 1 },      { 12, 128, 32, 1, 1 }, { 13, 129, 33, 1, 1 }, { 95, 514, 64, 1, 1 },
    { 50, 128, 96, 3, 1 },  { 23, 256, 32, 3, 5 }, { 11, 128, 64, 7, 3 }, { 37, 384, 40, 7, 5 },
    { 48, 3270, 70, 1, 1 }, { 7, 20, 31, 3, 2 },
};

/* What the kernel works on, as one who knows only what int8.h says makes it. */
struct bench {
    const struct shape *shape;
    uint8_t *values; /* [rows + reach][inputs] */
    float *weights;  /* [outputs][inputs][taps], whole numbers */
    float *packed, *bias, *residual, *c, *scales;
    struct int8_rows bytes;
    size_t stride; /* of c and residual */
};

static size_t padded(size_t count, size_t multiple)
{
    return (count + multiple - 1) / multiple * multiple;
}

static size_t reach(const struct shape *shape)
{
    return (shape->taps - 1) * shape->dilation;
}

/* Each output has a weight of 127, so that its scale is 1 and packing changes nothing. */
static void make_weights(struct bench *bench, struct random *random)
{
    const struct shape *shape = bench->shape;
    size_t each = shape->inputs * shape->taps;
    const struct int8_layout layout = { each, shape->taps, 1 };

    bench->weights = random_floats(random, shape->outputs * each, 127);
    for (size_t i = 0; i < shape->outputs * each; i++)
        bench->weights[i] = i % each == i / each % each ? 127 : roundf(bench->weights[i]);
    bench->packed = aligned_floats(int8_packed_count(shape->outputs, shape->inputs, shape->taps));
    int8_pack(bench->weights, &layout, shape->outputs, shape->inputs, shape->taps, bench->packed);
}

static void make_values(struct bench *bench, struct random *random)
{
    const struct shape *shape = bench->shape;
    size_t used = shape->rows + reach(shape);

    bench->bytes.rows = padded(shape->rows, INT8_ROWS) + reach(shape);
    size_t size = int8_blocks(shape->inputs) * bench->bytes.rows * INT8_BLOCK;
    bench->bytes.bytes = (uint8_t *)xcalloc(size, 1);
    memset(bench->bytes.bytes, GUARD, size);
    bench->values = (uint8_t *)xcalloc(used * shape->inputs, 1);
    for (size_t row = 0; row < used; row++)
        for (size_t i = 0; i < shape->inputs; i++) {
            uint8_t value = (uint8_t)(128 + 127 * random_float(random, 1));

            bench->values[row * shape->inputs + i] = value;
            bench->bytes
                .bytes[(i / INT8_BLOCK * bench->bytes.rows + row) * INT8_BLOCK + i % INT8_BLOCK] =
                value;
        }
}

static void bench_init(struct bench *bench, const struct shape *shape, struct random *random)
{
    *bench = (struct bench){ .shape = shape, .stride = padded(shape->outputs, NN_PANEL) };
    make_weights(bench, random);
    make_values(bench, random);
    bench->bias = random_floats(random, bench->stride, 100);
    bench->scales = random_floats(random, shape->rows, 2);
    bench->residual = random_floats(random, shape->rows * bench->stride, 1000);
    bench->c = random_floats(random, (shape->rows + 1) * bench->stride, 1);
}

static void bench_release(struct bench *bench)
{
    free(bench->values);
    free(bench->weights);
    free(bench->packed);
    free(bench->bytes.bytes);
    free(bench->bias);
    free(bench->scales);
    free(bench->residual);
    free(bench->c);
}

static int64_t exact_sum(const struct bench *bench, size_t row, size_t output)
{
    const struct shape *shape = bench->shape;
    int64_t sum = 0;

    for (size_t tap = 0; tap < shape->taps; tap++)
        for (size_t i = 0; i < shape->inputs; i++)
            sum += ((int64_t)bench->values[(row + tap * shape->dilation) * shape->inputs + i] -
                    INT8_ZERO) *
                   (int64_t)bench->weights[(output * shape->inputs + i) * shape->taps + tap];
    return sum;
}

static void multiply(const struct int8_kernel *kernel, struct bench *bench, bool is_plain)
{
    const struct shape *shape = bench->shape;
    const struct int8_product product = {
        .a = bench->bytes,
        .inputs = shape->inputs,
        .taps = shape->taps,
        .dilation = shape->dilation,
        .scales = bench->scales,
        .weights = bench->packed,
        .bias = is_plain ? NULL : bench->bias,
        .residual = is_plain ? NULL : bench->residual,
        .residual_stride = bench->stride,
        .c = bench->c,
        .c_stride = bench->stride,
        .rows = shape->rows,
        .columns = shape->outputs,
    };

    kernel->multiply(&product);
}

/* Sums of whole numbers are the same in any order; up to 2^24 a float holds them exactly. */
static void test_sums_are_those_of_whole_numbers(void **state)
{
    const struct int8_kernel *kernel = need_kernel();
    struct random random = { 1 };

    (void)state;
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct bench bench;

        bench_init(&bench, &shapes[s], &random);
        for (size_t i = 0; i < shapes[s].rows; i++)
            bench.scales[i] = 1;
        multiply(kernel, &bench, true);
        for (size_t row = 0; row < shapes[s].rows; row++)
            for (size_t output = 0; output < shapes[s].outputs; output++) {
                int64_t expected = exact_sum(&bench, row, output);

                if ((int64_t)bench.c[row * bench.stride + output] != (int64_t)(float)expected)
                    fail_msg("shape %zu, row %zu, output %zu: %.0f, not %lld", s, row, output,
                             (double)bench.c[row * bench.stride + output], (long long)expected);
            }
        bench_release(&bench);
    }
}

static void test_scales_bias_and_residual_are_applied(void **state)
{
    const struct int8_kernel *kernel = need_kernel();
    struct random random = { 2 };

    (void)state;
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct bench bench;

        bench_init(&bench, &shapes[s], &random);
        multiply(kernel, &bench, false);
        for (size_t row = 0; row < shapes[s].rows; row++)
            for (size_t output = 0; output < shapes[s].outputs; output++) {
                size_t at = row * bench.stride + output;
                double expected =
                    (double)exact_sum(&bench, row, output) * (double)bench.scales[row] +
                    (double)bench.bias[output] + (double)bench.residual[at];

                assert_float_equal(bench.c[at], expected, 1e-6 * (fabs(expected) + 1e6));
            }
        bench_release(&bench);
    }
}

static void test_rows_behind_the_last_are_left_alone(void **state)
{
    const struct int8_kernel *kernel = need_kernel();
    struct random random = { 3 };

    (void)state;
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct bench bench;

        bench_init(&bench, &shapes[s], &random);
        float *behind = bench.c + shapes[s].rows * bench.stride;
        float *before = (float *)xcalloc(bench.stride, sizeof *before);
        memcpy(before, behind, bench.stride * sizeof *before);
        multiply(kernel, &bench, false);
        assert_memory_equal(before, behind, bench.stride * sizeof *before);
        free(before);
        bench_release(&bench);
    }
}

/* --- quantise --- */

static void test_values_are_within_half_a_step(void **state)
{
    const struct int8_kernel *kernel = need_kernel();
    struct random random = { 4 };
    const size_t rows = 5, first = 2, counts[] = { 1, 15, 16, 127, 128, 129, 514, 3270 };

    (void)state;
    for (size_t n = 0; n < COUNT(counts); n++) {
        size_t columns = counts[n], blocks = int8_blocks(columns), room = rows + 3;
        struct matrix x = { random_floats(&random, rows * (columns + 3), 7), rows, columns,
                            columns + 3 };
        struct int8_rows out = { (uint8_t *)xcalloc(blocks * room, INT8_BLOCK), room };

        memset(out.bytes, GUARD, blocks * room * INT8_BLOCK);
        double scale = (double)kernel->quantise(&x, &out, first), most = 0;
        for (size_t row = 0; row < room; row++)
            for (size_t i = 0; i < blocks * INT8_BLOCK; i++) {
                uint8_t byte =
                    out.bytes[(i / INT8_BLOCK * room + row) * INT8_BLOCK + i % INT8_BLOCK];

                if (row < first || row >= first + rows) {
                    assert_int_equal(byte, GUARD);
                } else if (i >= columns) {
                    assert_int_equal(byte, INT8_ZERO);
                } else {
                    double value = (double)matrix_row(&x, row - first)[i];

                    most = fmax(most, fabs(value));
                    assert_float_equal(scale * (byte - INT8_ZERO), value, 0.5001 * scale);
                }
            }
        assert_float_equal(scale * STEP, most, 1e-6 * most);
        free(out.bytes);
        free(x.data);
    }
}

static void test_silence_is_zero(void **state)
{
    const struct int8_kernel *kernel = need_kernel();
    float values[INT8_BLOCK] = { 0, 1e-40f, -1e-38f };
    uint8_t bytes[INT8_BLOCK] = { 0 };
    struct matrix x = { values, 1, INT8_BLOCK, INT8_BLOCK };
    struct int8_rows out = { bytes, 1 };

    (void)state;
    assert_float_equal(kernel->quantise(&x, &out, 0), 0, 1e-38f);
    for (size_t i = 0; i < INT8_BLOCK; i++)
        assert_int_equal(bytes[i], INT8_ZERO);
}

static void test_what_is_no_number_makes_no_number(void **state)
{
    const struct int8_kernel *kernel = need_kernel();
    const float bad[] = { NAN, -NAN, INFINITY, -INFINITY };
    float values[INT8_BLOCK] = { 1, 2, 3 };
    uint8_t bytes[INT8_BLOCK];
    struct matrix x = { values, 1, INT8_BLOCK, INT8_BLOCK };
    struct int8_rows out = { bytes, 1 };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        values[77] = bad[i];
        assert_false(isfinite(kernel->quantise(&x, &out, 0)));
    }
}

/* --- layers --- */

/* Rounding errs by at most half a step: of a value by one of its scale, whose greatest value is at most 1, of
 * a weight by one of its output's. This is what the errors of count products amount to, were all of one
 * sign; values and weights are sums of magnitudes. */
static double bound(size_t count, double values, double weights, double most_weight)
{
    const double half = 0.5001 / STEP;

    return half * weights + half * most_weight * values + half * half * most_weight * (double)count;
}

struct conv_case {
    size_t inputs, outputs, taps, dilation, frames;
    bool has_residual;
};

static const struct conv_case conv_cases[] = {
    { 128, 128, 3, 1, 500, true },   { 256, 128, 3, 5, 193, false }, { 128, 256, 7, 3, 385, true },
    { 128, 128, 7, 5, 48, true },    { 128, 128, 7, 5, 3, false },   { 128, 128, 3, 1, 1, true },
    { 128, 128, 7, 1, 1000, false },
};

static void check_conv_output(const struct conv *conv, const float *weights,
                              const struct matrix *in, const struct matrix *residual,
                              const struct matrix *out, size_t frame, size_t output)
{
    double sum = (double)conv->bias[output], values = 0, all_weights = 0;
    size_t pad = conv->dilation * (conv->taps - 1) / 2;

    if (residual)
        sum += (double)matrix_row(residual, frame)[output];
    for (size_t tap = 0; tap < conv->taps; tap++)
        for (size_t i = 0; i < conv->inputs; i++) {
            size_t at = frame + tap * conv->dilation;
            double weight = (double)weights[(output * conv->inputs + i) * conv->taps + tap];
            bool is_inside = at >= pad && at - pad < in->rows;
            double value = is_inside ? (double)matrix_row(in, at - pad)[i] : 0;

            sum += value * weight;
            values += fabs(value);
            all_weights += fabs(weight);
        }
    assert_float_equal(matrix_row(out, frame)[output], sum,
                       bound(conv->inputs * conv->taps, values, all_weights, 1));
}

static void test_one_convolution(const struct nn *nn)
{
    struct random random = { 5 };

    for (size_t i = 0; i < COUNT(conv_cases); i++) {
        const struct conv_case *c = &conv_cases[i];
        size_t mark = workspace_mark(nn->workspace), count = c->outputs * c->inputs * c->taps;
        const struct int8_layout layout = { c->inputs * c->taps, c->taps, 1 };
        float *weights = random_floats(&random, count, 1);
        float *bias = random_floats(&random, c->outputs, 1);
        float *packed = aligned_floats(int8_packed_count(c->outputs, c->inputs, c->taps));
        struct matrix in = workspace_matrix(nn->workspace, c->frames, c->inputs);
        struct matrix residual = workspace_matrix(nn->workspace, c->frames, c->outputs);
        struct matrix out = gapped_matrix(nn, c->frames, c->outputs);
        const struct conv conv = {
            c->inputs, c->outputs, c->taps, c->dilation, NULL, bias, packed
        };

        int8_pack(weights, &layout, c->outputs, c->inputs, c->taps, packed);
        for (size_t n = 0; n < in.rows * in.stride; n++)
            in.data[n] = random_float(&random, 1);
        for (size_t n = 0; n < residual.rows * residual.stride; n++)
            residual.data[n] = random_float(&random, 1);
        conv_run(nn, &conv, NULL, &in, c->has_residual ? &residual : NULL, &out);
        for (size_t frame = 0; frame < c->frames; frame += 1 + frame % 7)
            for (size_t output = 0; output < c->outputs; output += 1 + output % 5)
                check_conv_output(&conv, weights, &in, c->has_residual ? &residual : NULL, &out,
                                  frame, output);
        free(weights);
        free(bias);
        free(packed);
        workspace_release(nn->workspace, mark);
    }
}

static void with_kernel(const struct nn *nn, void (*test)(const struct nn *nn))
{
    struct nn quantised = *nn;

    quantised.int8 = need_kernel();
    test(&quantised);
}

static void convolve(const struct nn *nn)
{
    with_kernel(nn, test_one_convolution);
}

static void test_a_convolution_is_within_the_bound_of_rounding(void **state)
{
    (void)state;
    for_each_nn(convolve);
}

static void test_one_product(const struct nn *nn)
{
    static const struct {
        size_t rows, depth, columns;
    } cases[] = { { 1, 514, 64 }, { 37, 1090, 96 }, { 201, 256, 40 } };
    struct random random = { 6 };

    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t mark = workspace_mark(nn->workspace), depth = cases[i].depth;
        struct reference_linear linear = reference_linear(&random, depth, cases[i].columns);
        float *packed = aligned_floats(int8_packed_count(cases[i].columns, depth, 1));
        const struct int8_layout layout = { .of_output = depth, .of_input = 1 };
        struct matrix in = workspace_matrix(nn->workspace, cases[i].rows, depth);
        struct matrix out = gapped_matrix(nn, cases[i].rows, cases[i].columns);
        struct gemm gemm = reference_gemm(&linear);
        double most_weight = 1.7 / sqrt((double)depth);

        int8_pack(linear.weights, &layout, cases[i].columns, depth, 1, packed);
        gemm.int8 = packed;
        for (size_t n = 0; n < in.rows * in.stride; n++)
            in.data[n] = random_float(&random, 1);
        gemm_run(nn, &gemm, &in, &out);
        for (size_t row = 0; row < in.rows; row++)
            for (size_t column = 0; column < gemm.columns; column++) {
                double sum = (double)linear.bias[column], values = 0, weights = 0;

                for (size_t n = 0; n < depth; n++) {
                    double value = (double)matrix_row(&in, row)[n];
                    double weight = (double)linear.weights[column * depth + n];

                    sum += value * weight;
                    values += fabs(value);
                    weights += fabs(weight);
                }
                assert_float_equal(matrix_row(&out, row)[column], sum,
                                   bound(depth, values, weights, most_weight));
            }
        free(packed);
        reference_linear_release(&linear);
        workspace_release(nn->workspace, mark);
    }
}

static void multiply_rows(const struct nn *nn)
{
    with_kernel(nn, test_one_product);
}

static void test_a_product_is_within_the_bound_of_rounding(void **state)
{
    (void)state;
    for_each_nn(multiply_rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_those_of_whole_numbers),
        cmocka_unit_test(test_scales_bias_and_residual_are_applied),
        cmocka_unit_test(test_rows_behind_the_last_are_left_alone),
        cmocka_unit_test(test_values_are_within_half_a_step),
        cmocka_unit_test(test_silence_is_zero),
        cmocka_unit_test(test_what_is_no_number_makes_no_number),
        cmocka_unit_test(test_a_convolution_is_within_the_bound_of_rounding),
        cmocka_unit_test(test_a_product_is_within_the_bound_of_rounding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
