#include <math.h>

#include "../check.h"
#include "nn/conv.h"

#define KERNELS_MAX 4
#define WORKSPACE_LIMIT ((size_t)1 << 30)

/* Numbers from -1 to 1, the same in each run. */
static float next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 8388608.0f - 1;
}

static void fill(float *out, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++)
        out[i] = next_number(&seed);
}

struct conv_case {
    const char *name;
    size_t inputs, outputs, taps, dilation, frames;
    bool has_activation, has_residual;
    int threads;
    double least_db; /* signal to error */
};

static const struct conv_case cases[] = {
    { "three taps", 128, 128, 3, 1, 500, true, true, 1, 112 },
    { "three taps, dilated by 3, without residual", 128, 128, 3, 3, 419, true, false, 2, 112 },
    { "three taps, dilated by 5", 256, 128, 3, 5, 1001, true, true, 2, 112 },
    { "three taps, sixteen tiles", 128, 128, 3, 1, 64, true, true, 1, 112 },
    { "seven taps, sixteen tiles", 128, 128, 7, 1, 416, true, true, 1, 125 },
    { "one frame, three taps", 128, 128, 3, 1, 1, true, true, 2, 112 },
    { "fewer frames than phases", 128, 128, 3, 5, 4, true, true, 1, 112 },
    { "seven taps", 128, 128, 7, 1, 700, true, true, 1, 125 },
    { "seven taps, 256 channels, dilated by 3", 256, 256, 7, 3, 803, true, true, 2, 125 },
    { "seven taps, dilated by 5, as it is", 128, 256, 7, 5, 1999, false, false, 2, 125 },
    { "eleven taps", 128, 128, 11, 1, 1200, true, true, 2, 125 },
    { "eleven taps, dilated by 3", 256, 128, 11, 3, 333, true, false, 1, 125 },
    { "eleven taps, dilated by 5", 128, 128, 11, 5, 2500, true, true, 2, 125 },
    { "eleven taps, more threads than tiles", 128, 128, 11, 5, 120, true, true, 3, 125 },
    { "one frame, eleven taps", 128, 128, 11, 5, 1, true, true, 2, 125 },
};

/* Everything a case works on, in a workspace of its own. */
struct bench {
    struct nn nn;
    struct conv conv;
    struct activation activation;
    struct matrix in, residual, out;
    const float *weights; /* [outputs][inputs][taps] */
};

static float *new_numbers(struct workspace *workspace, size_t count, uint32_t seed)
{
    float *out = workspace_floats(workspace, count);

    fill(out, count, seed);
    return out;
}

static struct matrix new_signal(struct workspace *workspace, size_t frames, size_t channels,
                                uint32_t seed)
{
    struct matrix out = workspace_matrix(workspace, frames, channels);

    fill(out.data, frames * out.stride, seed);
    return out;
}

static void bench_init(struct bench *bench, const struct conv_case *c)
{
    struct err err = { 0 };
    struct workspace *workspace = workspace_create(WORKSPACE_LIMIT, &err);
    struct pool *pool = pool_create(c->threads, &err);

    if (!workspace || !pool)
        fail_msg("%s: %s", c->name, err.message);
    size_t packed_count = conv_packed_count(c->outputs, c->inputs, c->taps);
    float *packed = workspace_floats(workspace, packed_count);

    *bench = (struct bench){
        .nn = { .pool = pool, .workspace = workspace },
        .conv = { c->inputs, c->outputs, c->taps, c->dilation, packed,
                  new_numbers(workspace, c->outputs, 5), NULL },
        .activation = { .kind = ACTIVATE_SNAKE,
                        .scale = new_numbers(workspace, c->inputs, 6),
                        .shift = new_numbers(workspace, c->inputs, 7),
                        .frequency = new_numbers(workspace, c->inputs, 8),
                        .reciprocal = new_numbers(workspace, c->inputs, 9),
                        .most = 2 },
        .in = new_signal(workspace, c->frames, c->inputs, 1),
        .residual = new_signal(workspace, c->frames, c->outputs, 2),
        .out = new_signal(workspace, c->frames, c->outputs, 3),
        .weights = new_numbers(workspace, c->outputs * c->inputs * c->taps, 4),
    };
    conv_pack(bench->weights, c->outputs, c->inputs, c->taps, packed);
}

static void bench_release(struct bench *bench)
{
    pool_destroy(bench->nn.pool);
    workspace_destroy(bench->nn.workspace);
}

static void run(struct bench *bench, const struct conv_case *c, const struct nn_kernel *kernel)
{
    bench->nn.kernel = kernel;
    conv_run(&bench->nn, &bench->conv, c->has_activation ? &bench->activation : NULL, &bench->in,
             c->has_residual ? &bench->residual : NULL, &bench->out);
}

static double snake(const struct activation *how, size_t channel, float x)
{
    double y = (double)x * (double)how->scale[channel] + (double)how->shift[channel];
    double s = sin((double)how->frequency[channel] * y);

    return y + (double)how->reciprocal[channel] * s * s;
}

/* The sum of the taps of all inputs for some outputs of a frame, directly and in double precision. */
static double expected_output(const struct bench *bench, const struct conv_case *c,
                              const double *active, size_t frame, size_t output)
{
    size_t pad = c->dilation * (c->taps - 1) / 2;
    double sum = (double)bench->conv.bias[output];

    if (c->has_residual)
        sum += (double)matrix_row(&bench->residual, frame)[output];
    for (size_t tap = 0; tap < c->taps; tap++) {
        size_t at = frame + tap * c->dilation;

        if (at < pad || at - pad >= c->frames)
            continue;
        for (size_t i = 0; i < c->inputs; i++)
            sum += active[(at - pad) * c->inputs + i] *
                   (double)bench->weights[(output * c->inputs + i) * c->taps + tap];
    }
    return sum;
}

static double *activated(const struct bench *bench, const struct conv_case *c)
{
    double *active = xcalloc(c->frames * c->inputs, sizeof *active);

    for (size_t t = 0; t < c->frames; t++)
        for (size_t i = 0; i < c->inputs; i++) {
            float x = matrix_row(&bench->in, t)[i];

            active[t * c->inputs + i] =
                c->has_activation ? snake(&bench->activation, i, x) : (double)x;
        }
    return active;
}

#define OUTPUT_STEP 7 /* each so manyth output is compared: of all lanes and panels some */

static double *expected_outputs(const struct bench *bench, const struct conv_case *c)
{
    double *active = activated(bench, c);
    double *out = xcalloc(c->frames * c->outputs, sizeof *out);

    for (size_t t = 0; t < c->frames; t++)
        for (size_t o = t % OUTPUT_STEP; o < c->outputs; o += OUTPUT_STEP)
            out[t * c->outputs + o] = expected_output(bench, c, active, t, o);
    free(active);
    return out;
}

static double signal_to_error_db(const struct bench *bench, const struct conv_case *c,
                                 const double *expected)
{
    double signal = 0, error = 0;

    for (size_t t = 0; t < c->frames; t++)
        for (size_t o = t % OUTPUT_STEP; o < c->outputs; o += OUTPUT_STEP) {
            double right = expected[t * c->outputs + o];

            signal += right * right;
            error += pow((double)matrix_row(&bench->out, t)[o] - right, 2);
        }
    return 10 * log10(signal / error);
}

static void test_convolutions_are_those_of_double_precision(void **state)
{
    const struct nn_kernel *kernels[KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, KERNELS_MAX);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct conv_case *c = &cases[i];
        struct bench bench;

        bench_init(&bench, c);
        double *expected = expected_outputs(&bench, c);
        for (size_t k = 0; k < count; k++) {
            run(&bench, c, kernels[k]);
            double db = signal_to_error_db(&bench, c, expected);
            if (!(db >= c->least_db))
                fail_msg("%s, %s: %.1f dB", c->name, kernels[k]->name, db);
        }
        free(expected);
        bench_release(&bench);
    }
}

static void test_the_residual_may_be_where_the_output_goes(void **state)
{
    const struct conv_case both[] = {
        { "three taps", 128, 128, 3, 3, 210, true, true, 2, 0 },
        { "eleven taps", 128, 128, 11, 3, 210, true, true, 2, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct bench bench;

        bench_init(&bench, &both[i]);
        run(&bench, &both[i], nn_kernel_best());
        conv_run(&bench.nn, &bench.conv, &bench.activation, &bench.in, &bench.residual,
                 &bench.residual);
        assert_memory_equal(bench.residual.data, bench.out.data,
                            bench.out.rows * bench.out.stride * sizeof(float));
        bench_release(&bench);
    }
}

/* Units of any number of lanes cut the signal elsewhere, but each output is the sum of the same products. */
static void test_the_number_of_threads_changes_no_bit(void **state)
{
    struct conv_case c = { "threads", 128, 128, 7, 3, 1500, true, true, 1, 0 };
    struct bench one, many;

    (void)state;
    bench_init(&one, &c);
    c.threads = 3;
    bench_init(&many, &c);
    run(&one, &c, nn_kernel_best());
    run(&many, &c, nn_kernel_best());
    assert_memory_equal(one.out.data, many.out.data, one.out.rows * one.out.stride * sizeof(float));
    bench_release(&many);
    bench_release(&one);
}

static void test_a_value_that_is_no_number_stays_within_reach_of_its_tiles(void **state)
{
    const struct conv_case c = { "NaN", 128, 128, 11, 1, 900, true, false, 1, 0 };
    struct bench bench;

    (void)state;
    bench_init(&bench, &c);
    matrix_row(&bench.in, 450)[77] = NAN;
    run(&bench, &c, nn_kernel_best());
    for (size_t o = 0; o < c.outputs; o++)
        assert_true(isnan(matrix_row(&bench.out, 450)[o]));
    for (size_t t = 0; t < c.frames; t++)
        if (t < 450 - 64 || t > 450 + 64)
            for (size_t o = 0; o < c.outputs; o++)
                assert_true(isfinite(matrix_row(&bench.out, t)[o]));
    bench_release(&bench);
}

static void test_the_scratch_is_given_back(void **state)
{
    const struct conv_case c = { "scratch", 128, 128, 3, 1, 100, true, true, 2, 0 };
    struct bench bench;

    (void)state;
    bench_init(&bench, &c);
    size_t mark = workspace_mark(bench.nn.workspace);
    run(&bench, &c, nn_kernel_best());
    assert_int_equal(workspace_mark(bench.nn.workspace), mark);
    bench_release(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolutions_are_those_of_double_precision),
        cmocka_unit_test(test_the_residual_may_be_where_the_output_goes),
        cmocka_unit_test(test_the_number_of_threads_changes_no_bit),
        cmocka_unit_test(test_a_value_that_is_no_number_stays_within_reach_of_its_tiles),
        cmocka_unit_test(test_the_scratch_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
