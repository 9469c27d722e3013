#include <math.h>

#include "../check.h"
#include "engine/conv.h"

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

static const size_t lengths[] = { 1, 2, 15, 16, 17, 63, 64, 65, 100, 1023, 1024, 1025, 4097 };

static void test_moments_are_those_of_double_precision(void **state)
{
    const struct kernel *kernels[KERNELS_MAX];
    size_t count = kernel_list(kernels, KERNELS_MAX);

    (void)state;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < COUNT(lengths); i++) {
            float *x = numbers(lengths[i], 7);
            double mean = 0, variance = 0, most = 0;
            struct row_moments moments;

            for (size_t t = 0; t < lengths[i]; t++)
                x[t] = x[t] * 3 + 1000; /* far from zero, where x^2 - mean^2 has no digits left */
            for (size_t t = 0; t < lengths[i]; t++)
                mean += (double)x[t] / (double)lengths[i];
            for (size_t t = 0; t < lengths[i]; t++) {
                variance += pow((double)x[t] - mean, 2) / (double)lengths[i];
                most = fmax(most, fabs((double)x[t] - mean));
            }
            kernels[k]->moments(x, lengths[i], &moments);
            check_case(kernels[k]->name, fabs((double)moments.mean - mean) < 2e-3);
            check_case(kernels[k]->name,
                       fabs((double)moments.variance - variance) < 1e-3 * variance + 1e-5);
            check_case(kernels[k]->name, fabs((double)moments.most - most) < 1e-3);
            free(x);
        }
}

static void test_a_sample_that_is_no_number_shows_in_the_moments(void **state)
{
    const struct kernel *kernels[KERNELS_MAX];
    size_t count = kernel_list(kernels, KERNELS_MAX);
    float x[100] = { 0 };
    struct row_moments moments;

    (void)state;
    x[70] = NAN;
    for (size_t k = 0; k < count; k++) {
        kernels[k]->moments(x, COUNT(x), &moments);
        check_case(kernels[k]->name, !isfinite(moments.most));
    }
}

static double snake(const struct activation *how, float x)
{
    float y = fmaf(x, how->scale, how->shift);
    double s = sin((double)(how->frequency * y));

    return (double)y + (double)how->reciprocal * s * s;
}

/* Angles up to those where the kernel gives up its own sine, and beyond. */
static void test_snake_is_the_library_s_within_a_millionth(void **state)
{
    static const float sizes[] = { 1e-3f, 1, 30, 1000, KERNEL_SINE_MAX * 0.99f, 1e6f };
    const struct kernel *kernels[KERNELS_MAX];
    size_t count = kernel_list(kernels, KERNELS_MAX);

    (void)state;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < COUNT(sizes); i++) {
            const struct activation how = { .scale = sizes[i],
                                            .is_snake = true,
                                            .frequency = 1,
                                            .reciprocal = 0.5f,
                                            .most = sizes[i] };
            float *x = numbers(1027, 5), *y = xcalloc(1027, sizeof *y);
            /* y and the angle are rounded to floats. */
            double allowed = 1e-6 + (double)sizes[i] * 0x1p-23;

            kernels[k]->activate(&how, x, y, 1027);
            for (size_t t = 0; t < 1027; t++)
                check_case(kernels[k]->name, fabs((double)y[t] - snake(&how, x[t])) <= allowed);
            free(y);
            free(x);
        }
}

static void test_a_leaky_rectifier_scales_what_is_below_zero(void **state)
{
    const struct kernel *kernels[KERNELS_MAX];
    size_t count = kernel_list(kernels, KERNELS_MAX);
    const struct activation how = { .scale = 2, .shift = 0.5f, .slope = 0.25f };

    (void)state;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < COUNT(lengths); i++) {
            float *x = numbers(lengths[i], 3), *y = xcalloc(lengths[i] + 1, sizeof *y);

            y[lengths[i]] = 42;
            kernels[k]->activate(&how, x, y, lengths[i]);
            for (size_t t = 0; t < lengths[i]; t++) {
                float z = x[t] * 2 + 0.5f;

                check_case(kernels[k]->name, fabsf(y[t] - (z > 0 ? z : z / 4)) < 1e-6f);
            }
            check_case(kernels[k]->name, y[lengths[i]] == 42); /* nothing behind the end */
            free(y);
            free(x);
        }
}

/* --- convolution --- */

struct conv_case {
    const char *name;
    size_t inputs, outputs, taps, dilation, frames;
    bool has_activation, has_residual;
    size_t threads;
};

/* What a direct convolution in double precision gives: [outputs][frames]. */
static double *expected_outputs(const struct convolution *conv, const float *weights)
{
    size_t frames = conv->frames, pad = conv->dilation * (conv->taps - 1) / 2;
    double *active = xcalloc(conv->inputs * frames, sizeof *active);
    double *out = xcalloc(conv->outputs * frames, sizeof *out);

    for (size_t i = 0; i < conv->inputs; i++)
        for (size_t t = 0; t < frames; t++) {
            float x = conv->in[i * frames + t];

            active[i * frames + t] =
                conv->activations ? snake(&conv->activations[i], x) : (double)x;
        }
    for (size_t o = 0; o < conv->outputs; o++) {
        double *row = out + o * frames;

        for (size_t t = 0; t < frames; t++)
            row[t] = (double)conv->bias[o] +
                     (conv->residual ? (double)conv->residual[o * frames + t] : 0);
        for (size_t i = 0; i < conv->inputs; i++)
            for (size_t tap = 0; tap < conv->taps; tap++) {
                double weight = (double)weights[(o * conv->inputs + i) * conv->taps + tap];
                size_t reach = tap * conv->dilation, first = reach < pad ? pad - reach : 0;

                for (size_t t = first; t < frames && t + reach < frames + pad; t++)
                    row[t] += active[i * frames + t + reach - pad] * weight;
            }
    }
    free(active);
    return out;
}

static void convolve(const struct kernel *kernel, const struct convolution *conv)
{
    size_t length = (conv_scratch_count(conv) * sizeof(float) + KERNEL_ALIGN - 1) / KERNEL_ALIGN;
    float *scratch = aligned_alloc(KERNEL_ALIGN, length * KERNEL_ALIGN);

    assert_non_null(scratch);
    /* From the back, since units are done in any order. */
    for (size_t unit = conv_unit_count(conv); unit-- > 0;)
        kernel->convolve(conv, unit, scratch);
    free(scratch);
}

static void check_kernel(const char *name, const struct kernel *kernel,
                         const struct convolution *conv, const double *expected)
{
    size_t count = conv->outputs * conv->frames;
    double signal = 0, noise = 0;

    conv->out[count] = 42;
    convolve(kernel, conv);
    for (size_t i = 0; i < count; i++) {
        signal += expected[i] * expected[i];
        noise += pow((double)conv->out[i] - expected[i], 2);
    }
    if (!(10 * log10(signal / noise) > 105) || conv->out[count] != 42)
        fail_msg("%s (%s): %.1f dB", name, kernel->name, 10 * log10(signal / noise));
}

static void check_conv(const struct conv_case *c)
{
    size_t packed = conv_packed_count(c->outputs, c->inputs, c->taps);
    float *weights = numbers(c->outputs * c->inputs * c->taps, 1), *bias = numbers(c->outputs, 2);
    float *in = numbers(c->inputs * c->frames, 3), *residual = numbers(c->outputs * c->frames, 4);
    float *pack = xcalloc(packed, sizeof *pack);
    float *out = xcalloc(c->outputs * c->frames + 1, sizeof *out);
    struct activation *how = xcalloc(c->inputs, sizeof *how);
    const struct kernel *kernels[KERNELS_MAX];
    size_t count = kernel_list(kernels, KERNELS_MAX);

    for (size_t i = 0; i < c->inputs; i++)
        how[i] = (struct activation){ 1.5f, 0.25f, true, 2, 0.5f, 1, 10 };
    conv_pack(weights, c->outputs, c->inputs, c->taps, pack);
    const struct convolution conv = { c->inputs,
                                      c->outputs,
                                      c->taps,
                                      c->dilation,
                                      pack,
                                      bias,
                                      c->has_activation ? how : NULL,
                                      in,
                                      c->has_residual ? residual : NULL,
                                      out,
                                      c->frames,
                                      c->threads };
    double *expected = expected_outputs(&conv, weights);
    for (size_t k = 0; k < count; k++)
        check_kernel(c->name, kernels[k], &conv, expected);
    free(expected);
    free(how);
    free(out);
    free(pack);
    free(residual);
    free(in);
    free(bias);
    free(weights);
}

static void test_a_fast_convolution_is_the_direct_one(void **state)
{
    static const struct conv_case cases[] = {
        { "one frame", 8, 8, 3, 1, 1, true, true, 1 },
        { "fewer frames than the dilation", 8, 8, 11, 5, 3, true, true, 1 },
        { "fewer frames than taps reach", 8, 8, 11, 5, 20, true, false, 1 },
        { "a whole unit", 8, 8, 3, 1, 192, false, false, 1 },
        { "one more than a unit", 8, 8, 3, 1, 193, false, true, 1 },
        { "one less than a unit", 8, 8, 3, 1, 191, true, false, 1 },
        { "several units", 16, 8, 7, 1, 1001, true, true, 1 },
        { "dilated by 3", 8, 16, 7, 3, 700, true, true, 1 },
        { "dilated by 5, two units and one frame", 24, 8, 11, 5, 1921, true, true, 1 },
        { "an odd number of inputs", 13, 8, 5, 2, 300, false, true, 1 },
        { "many inputs", 256, 8, 11, 1, 200, true, true, 1 },
        { "one tap", 8, 8, 1, 1, 250, false, false, 1 },
        { "Fourier, one frame", 128, 32, 7, 1, 1, true, true, 1 },
        { "Fourier, fewer frames than the dilation", 128, 32, 11, 5, 3, false, true, 1 },
        { "Fourier, one tile", 128, 32, 11, 1, 22, true, false, 1 },
        { "Fourier, one frame more", 128, 32, 11, 1, 23, true, false, 1 },
        { "Fourier, a whole unit", 128, 64, 7, 1, 1248, true, true, 1 },
        { "Fourier, one more than a unit", 128, 32, 7, 1, 1249, false, false, 1 },
        { "Fourier, dilated by 3", 128, 64, 7, 3, 700, true, true, 2 },
        { "Fourier, dilated by 5, several units", 128, 32, 11, 5, 3001, true, true, 3 },
        { "Fourier, more threads than tiles", 128, 32, 11, 1, 40, true, true, 8 },
        { "Fourier, blocks of inputs", 256, 32, 11, 1, 333, true, true, 2 },
        { "Fourier, more outputs than inputs", 128, 160, 9, 2, 100, false, false, 1 },
        { "Fourier, the most taps", 128, 32, 17, 1, 100, false, false, 1 },
        { "too many taps for Fourier", 128, 32, 19, 1, 100, false, false, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_conv(&cases[i]);
}

static void test_projections_are_those_of_double_precision(void **state)
{
    static const struct {
        size_t rows, count;
    } sizes[] = { { 1, 1 }, { 2, 64 }, { 3, 65 }, { 7, 288 }, { 32, 63 }, { 5, 416 } };
    const struct kernel *kernels[KERNELS_MAX];
    size_t count = kernel_list(kernels, KERNELS_MAX);

    (void)state;
    for (size_t s = 0; s < COUNT(sizes); s++) {
        size_t n = sizes[s].count;
        size_t columns = (n + KERNEL_BYTES - 1) / KERNEL_BYTES * KERNEL_BYTES;
        uint8_t rows[32][416];
        uint32_t *packed = xcalloc(sizes[s].rows * columns / 4, sizeof *packed);
        float *x = numbers(columns, 11), out[32];
        uint32_t seed = 5;

        for (size_t i = n; i < columns; i++)
            x[i] = 0;
        for (size_t r = 0; r < sizes[s].rows; r++) {
            for (size_t i = 0; i < n; i++)
                rows[r][i] = (uint8_t)(128 + 127 * next_number(&seed));
            kernel_pack_row(rows[r], n, 129, columns, packed + r * columns / 4);
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
        cmocka_unit_test(test_moments_are_those_of_double_precision),
        cmocka_unit_test(test_a_sample_that_is_no_number_shows_in_the_moments),
        cmocka_unit_test(test_snake_is_the_library_s_within_a_millionth),
        cmocka_unit_test(test_a_leaky_rectifier_scales_what_is_below_zero),
        cmocka_unit_test(test_a_fast_convolution_is_the_direct_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
