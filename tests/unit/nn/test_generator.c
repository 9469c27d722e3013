#include "residual_block.h"

#include "base/cancel.h"
#include "nn/generator.h"
#include "nn/source.h"

#define CHANNELS 128 /* in all signals: the convolutions have no fewer */
#define SPECTRUM 22
#define FREQUENCIES 11
#define POINTS 20
#define HOP 5
#define TOLERANCE 3e-5

static const size_t strides[GENERATOR_STAGES] = { 10, 6 };
static const size_t source_strides[GENERATOR_STAGES] = { 6, 1 };
static const size_t source_taps[GENERATOR_STAGES] = { 12, 1 };
static const size_t source_block_taps[GENERATOR_STAGES] = { 7, 11 };
static const size_t block_taps[GENERATOR_BLOCKS] = { 3, 7, 11 };

/* --- residual blocks --- */

struct plain_snake {
    struct snake_block block;
    struct linear norms[2 * SNAKE_STEPS];
    const float *weights[2 * SNAKE_STEPS]; /* [outputs][inputs][taps] */
};

static struct conv random_conv(struct seeded *seeded, size_t taps, size_t dilation,
                               const float **weights)
{
    size_t count = CHANNELS * CHANNELS * taps;
    float *packed = workspace_floats(seeded->memory, conv_packed_count(CHANNELS, CHANNELS, taps));

    *weights = random_floats(seeded, count, 1 / sqrtf((float)(CHANNELS * taps)));
    conv_pack(*weights, CHANNELS, CHANNELS, taps, packed);
    return (struct conv){ .inputs = CHANNELS,
                          .outputs = CHANNELS,
                          .taps = taps,
                          .dilation = dilation,
                          .weights = packed,
                          .bias = random_floats(seeded, CHANNELS, 0.1f) };
}

/* Frequencies from 0.5 to 1.5, and their reciprocals. */
static void random_snake(struct seeded *seeded, const float **frequency, const float **reciprocal)
{
    float *a = random_floats(seeded, CHANNELS, 0.5f), *b = random_floats(seeded, CHANNELS, 0);

    for (size_t i = 0; i < CHANNELS; i++) {
        a[i] += 1;
        b[i] = 1 / a[i];
    }
    *frequency = a;
    *reciprocal = b;
}

static struct adain random_norm(struct seeded *seeded, struct linear *fc)
{
    *fc = random_linear(seeded, STYLE_PART, (size_t)2 * CHANNELS, true);
    return (struct adain){ fc->gemm, CHANNELS };
}

static struct plain_snake random_snake_block(struct seeded *seeded, size_t taps)
{
    struct plain_snake plain = { .block = { .channels = CHANNELS } };
    struct snake_block *block = &plain.block;

    for (size_t i = 0; i < SNAKE_STEPS; i++) {
        block->norm1[i] = random_norm(seeded, &plain.norms[2 * i]);
        random_snake(seeded, &block->frequency1[i], &block->reciprocal1[i]);
        block->conv1[i] = random_conv(seeded, taps, 1 + 2 * i, &plain.weights[2 * i]);
        block->norm2[i] = random_norm(seeded, &plain.norms[2 * i + 1]);
        random_snake(seeded, &block->frequency2[i], &block->reciprocal2[i]);
        block->conv2[i] = random_conv(seeded, taps, 1, &plain.weights[2 * i + 1]);
    }
    return plain;
}

static double mean_of(struct signal in, size_t channel, double from, bool squares)
{
    double sum = 0;

    for (size_t t = 0; t < in.frames; t++) {
        double x = in.values[t * in.channels + channel] - from;

        sum += squares ? x * x : x;
    }
    return sum / (double)in.frames;
}

static struct signal exact_snake(struct workspace *memory, const struct linear *fc,
                                 const float *style, const float *frequency, struct signal in)
{
    struct signal affine = exact_style(memory, fc, style);
    struct signal out = signal_create(memory, in.frames, in.channels);

    for (size_t c = 0; c < in.channels; c++) {
        double mean = mean_of(in, c, 0, false), variance = mean_of(in, c, mean, true);

        for (size_t t = 0; t < in.frames; t++) {
            double y = (in.values[t * in.channels + c] - mean) / sqrt(variance + 1e-5);

            y = y * (1 + affine.values[c]) + affine.values[in.channels + c];
            out.values[t * in.channels + c] =
                y + pow(sin((double)frequency[c] * y), 2) / (double)frequency[c];
        }
    }
    return out;
}

static struct signal exact_dilated(struct workspace *memory, const struct conv *conv,
                                   const float *weights, struct signal in)
{
    struct signal out = signal_create(memory, in.frames, CHANNELS);
    size_t before = (conv->taps - 1) / 2 * conv->dilation;

    for (size_t t = 0; t < out.frames; t++)
        for (size_t o = 0; o < CHANNELS; o++)
            out.values[t * CHANNELS + o] = (double)conv->bias[o];
    for (size_t t = 0; t < out.frames; t++)
        for (size_t tap = 0; tap < conv->taps; tap++) {
            size_t from = t + tap * conv->dilation;

            if (from < before || from - before >= in.frames)
                continue;
            const double *x = in.values + (from - before) * CHANNELS;
            for (size_t o = 0; o < CHANNELS; o++)
                for (size_t i = 0; i < CHANNELS; i++)
                    out.values[t * CHANNELS + o] +=
                        x[i] * (double)weights[(o * CHANNELS + i) * conv->taps + tap];
        }
    return out;
}

static struct signal exact_sum(struct workspace *memory, struct signal a, struct signal b)
{
    struct signal out = signal_create(memory, a.frames, a.channels);

    for (size_t i = 0; i < a.frames * a.channels; i++)
        out.values[i] = a.values[i] + b.values[i];
    return out;
}

static struct signal exact_snake_block(struct workspace *memory, const struct plain_snake *plain,
                                       const float *style, struct signal x)
{
    const struct snake_block *block = &plain->block;

    for (size_t i = 0; i < SNAKE_STEPS; i++) {
        struct signal y = exact_snake(memory, &plain->norms[2 * i], style, block->frequency1[i], x);

        y = exact_dilated(memory, &block->conv1[i], plain->weights[2 * i], y);
        y = exact_snake(memory, &plain->norms[2 * i + 1], style, block->frequency2[i], y);
        y = exact_dilated(memory, &block->conv2[i], plain->weights[2 * i + 1], y);
        x = exact_sum(memory, x, y);
    }
    return x;
}

/* --- the generator --- */

struct plain_generator {
    struct generator generator;
    struct linear up[GENERATOR_STAGES], noise[GENERATOR_STAGES], post;
    struct plain_snake noise_blocks[GENERATOR_STAGES];
    struct plain_snake blocks[GENERATOR_STAGES][GENERATOR_BLOCKS];
};

static void random_stage(struct seeded *seeded, struct plain_generator *plain, size_t i)
{
    struct generator *generator = &plain->generator;

    plain->up[i] = random_linear(seeded, (size_t)2 * CHANNELS, strides[i] * CHANNELS, true);
    plain->noise[i] = random_linear(seeded, source_taps[i] * SOURCE_COLUMNS, CHANNELS, true);
    plain->noise_blocks[i] = random_snake_block(seeded, source_block_taps[i]);
    generator->up[i] = plain->up[i].gemm;
    generator->noise[i] = plain->noise[i].gemm;
    generator->noise_blocks[i] = plain->noise_blocks[i].block;
    for (size_t b = 0; b < GENERATOR_BLOCKS; b++) {
        plain->blocks[i][b] = random_snake_block(seeded, block_taps[b]);
        generator->blocks[i][b] = plain->blocks[i][b].block;
    }
}

static void random_generator(struct seeded *seeded, struct plain_generator *plain)
{
    float *window_sum = random_floats(seeded, POINTS, 0.5f);

    for (size_t i = 0; i < GENERATOR_STAGES; i++)
        random_stage(seeded, plain, i);
    plain->post = random_linear(seeded, (size_t)7 * CHANNELS, SPECTRUM, true);
    for (size_t i = 0; i < POINTS; i++)
        window_sum[i] += 1;
    window_sum[13] = 0;
    plain->generator.post = plain->post.gemm;
    plain->generator.inverse = random_floats(seeded, (size_t)SPECTRUM * POINTS, 1);
    plain->generator.window_sum = window_sum;
}

static struct signal exact_leaky(struct workspace *memory, struct signal in, double scale,
                                 double slope)
{
    struct signal out = signal_create(memory, in.frames, in.channels);

    for (size_t i = 0; i < in.frames * in.channels; i++) {
        double y = in.values[i] * scale;

        out.values[i] = y > 0 ? y : slope * y;
    }
    return out;
}

/* ONNX's ConvTranspose with taps of twice the stride and pads of half of it: each input frame adds its taps.
 * Rows of weights are those of the frame before and of the frame, columns the taps of either. */
static struct signal exact_upsampling(struct workspace *memory, const struct linear *up,
                                      size_t stride, struct signal in)
{
    struct signal out = signal_create(memory, in.frames * stride, CHANNELS);
    size_t columns = stride * CHANNELS;

    for (size_t i = 0; i < out.frames * CHANNELS; i++)
        out.values[i] = (double)up->gemm.bias[i % CHANNELS];
    for (size_t t = 0; t < in.frames; t++)
        for (size_t tap = 0; tap < 2 * stride; tap++) {
            size_t frame = t * stride + tap, row = tap < stride ? CHANNELS : 0;

            if (frame < stride / 2 || frame - stride / 2 >= out.frames)
                continue;
            double *to = out.values + (frame - stride / 2) * CHANNELS;
            for (size_t i = 0; i < CHANNELS; i++)
                for (size_t o = 0; o < CHANNELS; o++)
                    to[o] += in.values[t * CHANNELS + i] *
                             (double)up->weights[(row + i) * columns + tap % stride * CHANNELS + o];
        }
    return out;
}

/* A copy of the second frame comes first. */
static struct signal exact_mirror(struct workspace *memory, struct signal in)
{
    struct signal out = signal_create(memory, in.frames + 1, in.channels);

    memcpy(out.values, in.values + in.channels, in.channels * sizeof *out.values);
    memcpy(out.values + in.channels, in.values, in.frames * in.channels * sizeof *out.values);
    return out;
}

/* A bias is the same for each of the stride frames. */
static void repeat_bias(struct linear *up, size_t stride)
{
    float *bias = (float *)up->gemm.bias;

    for (size_t i = CHANNELS; i < stride * CHANNELS; i++)
        bias[i] = bias[i - CHANNELS];
}

static struct signal exact_stage(struct workspace *memory, const struct plain_generator *plain,
                                 size_t i, const float *style, struct signal in,
                                 struct signal source)
{
    struct signal noise = exact_conv(memory, &plain->noise[i], source, source_strides[i],
                                     (source_taps[i] - source_strides[i]) / 2);
    struct signal x = exact_upsampling(memory, &plain->up[i], strides[i], in);
    struct signal sum = { 0 };

    if (i == 1)
        x = exact_mirror(memory, x);
    x = exact_sum(memory, x, exact_snake_block(memory, &plain->noise_blocks[i], style, noise));
    for (size_t b = 0; b < GENERATOR_BLOCKS; b++) {
        struct signal y = exact_snake_block(memory, &plain->blocks[i][b], style, x);

        sum = b ? exact_sum(memory, sum, y) : y;
    }
    return exact_leaky(memory, sum, 1.0 / GENERATOR_BLOCKS, i ? 0.01 : 0.1);
}

/* Overlapped frames of which ten samples are cut off at either end. */
static struct signal exact_inverse(struct workspace *memory, const struct generator *generator,
                                   struct signal spectra)
{
    struct signal all = signal_create(memory, spectra.frames * HOP + POINTS - HOP, 1), out = all;

    for (size_t t = 0; t < spectra.frames; t++)
        for (size_t k = 0; k < FREQUENCIES; k++) {
            double magnitude = exp(spectra.values[t * SPECTRUM + k]);
            double angle = sin(spectra.values[t * SPECTRUM + FREQUENCIES + k]);
            const float *cosine = generator->inverse + k * POINTS;
            const float *sine = cosine + (size_t)FREQUENCIES * POINTS;

            for (size_t n = 0; n < POINTS; n++)
                all.values[t * HOP + n] +=
                    magnitude * (cos(angle) * (double)cosine[n] + sin(angle) * (double)sine[n]);
        }
    for (size_t n = 0; n < all.frames; n++)
        all.values[n] *= 4;
    for (size_t n = 0; n < POINTS; n++)
        if (generator->window_sum[n] > 0)
            all.values[n] /= (double)generator->window_sum[n];
    out.values += POINTS / 2;
    out.frames -= POINTS;
    return out;
}

static struct signal exact_generator(struct workspace *memory, const struct plain_generator *plain,
                                     const float *style, struct signal in, struct signal source)
{
    struct signal x = exact_leaky(memory, in, 1, 0.1);

    for (size_t i = 0; i < GENERATOR_STAGES; i++)
        x = exact_stage(memory, plain, i, style, x, source);
    return exact_inverse(memory, &plain->generator, exact_conv(memory, &plain->post, x, 1, 3));
}

/* --- tests --- */

struct fixture {
    struct seeded seeded;
    struct plain_generator plain;
    const float *style;
    struct matrix in, source;
};

static void fixture_init(struct fixture *f, size_t frames)
{
    *f = (struct fixture){ .seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 7 } };
    random_generator(&f->seeded, &f->plain);
    for (size_t i = 0; i < GENERATOR_STAGES; i++)
        repeat_bias(&f->plain.up[i], strides[i]);
    f->style = random_floats(&f->seeded, STYLE_PART, 0.2f);
    f->in = random_matrix(&f->seeded, frames, CHANNELS);
    f->source = random_matrix(&f->seeded, 60 * frames + 1, SOURCE_COLUMNS);
}

static struct signal exact_samples(const struct fixture *f)
{
    struct workspace *memory = f->seeded.memory;

    return exact_generator(memory, &f->plain, f->style, signal_of(memory, &f->in),
                           signal_of(memory, &f->source));
}

/* Also that nothing stays in the workspace. */
static bool run(const struct fixture *f, const struct nn_kernel *kernel, int threads,
                struct cancel *cancel, float *samples, struct err *err)
{
    struct pool *pool = pool_create(threads, err);
    const struct nn nn = { .kernel = kernel,
                           .pool = pool,
                           .workspace = workspace_create(TEST_WORKSPACE, err),
                           .cancel = cancel };

    bool ok = generator_run(&nn, &f->plain.generator, &f->in, &f->source, f->style, samples, err);
    check_case(kernel->name, workspace_mark(nn.workspace) == 0);
    workspace_destroy(nn.workspace);
    pool_destroy(pool);
    return ok;
}

static void check_samples(const struct fixture *f, const struct nn_kernel *kernel, int threads,
                          struct signal exact)
{
    size_t count = 300 * f->in.rows;
    struct err err = { 0 };
    struct matrix samples = { (float *)xcalloc(count, sizeof(float)), count, 1, 1 };

    check_ok(run(f, kernel, threads, NULL, samples.data, &err), &err);
    check_case(kernel->name, exact.frames == count);
    if (!(difference(&samples, exact) < TOLERANCE))
        fail_msg("%s, %zu frames, %d threads: off by %g", kernel->name, f->in.rows, threads,
                 difference(&samples, exact));
    free(samples.data);
}

static void test_samples_are_those_of_the_definition(void **state)
{
    const struct nn_kernel *kernels[TEST_KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, TEST_KERNELS_MAX);

    (void)state;
    for (size_t frames = 1; frames <= 3; frames += 2) {
        struct fixture f;

        fixture_init(&f, frames);
        struct signal exact = exact_samples(&f);
        for (size_t k = 0; k < count; k++)
            for (int threads = 1; threads <= 3; threads += 2)
                check_samples(&f, kernels[k], threads, exact);
        workspace_destroy(f.seeded.memory);
    }
}

static void test_a_cancelled_pass_ends(void **state)
{
    struct fixture f;
    struct cancel cancel;
    struct err err = { 0 };
    float samples[300];

    (void)state;
    fixture_init(&f, 1);
    cancel_init(&cancel);
    cancel_request(&cancel);
    assert_false(run(&f, nn_kernel_best(), 1, &cancel, samples, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    cancel_release(&cancel);
    workspace_destroy(f.seeded.memory);
}

static struct cancel late;

static void cancel_late(const float *x, float *out, size_t count)
{
    cancel_request(&late);
    nn_kernel_best()->exp(x, out, count);
}

/* Nothing but the inverse transform takes exponentials. */
static void test_a_pass_that_is_cancelled_in_its_inverse_transform_ends(void **state)
{
    struct nn_kernel kernel = *nn_kernel_best();
    struct fixture f;
    struct err err = { 0 };
    float samples[300];

    (void)state;
    kernel.exp = cancel_late;
    fixture_init(&f, 1);
    cancel_init(&late);
    assert_false(run(&f, &kernel, 1, &late, samples, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    cancel_release(&late);
    workspace_destroy(f.seeded.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_are_those_of_the_definition),
        cmocka_unit_test(test_a_cancelled_pass_ends),
        cmocka_unit_test(test_a_pass_that_is_cancelled_in_its_inverse_transform_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
