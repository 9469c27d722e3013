#include "residual_block.h"

#include "base/alloc.h"
#include "nn/decoder.h"

#define TEXT 20
#define ENCODED 38
#define RESIDUAL 7
#define DECODED 18

/* As the model's, of other sizes. */
struct plain_decoder {
    struct decoder decoder;
    struct linear f0_conv, energy_conv, text_residual;
    struct plain_block encode, decode[4];
};

static struct plain_decoder random_decoder(struct seeded *seeded)
{
    struct plain_decoder plain = {
        .f0_conv = random_linear(seeded, 3, 1, true),
        .energy_conv = random_linear(seeded, 3, 1, true),
        .text_residual = random_linear(seeded, TEXT, RESIDUAL, true),
        .encode = random_block(seeded, TEXT + 2, ENCODED, false),
    };

    plain.decoder.f0_conv = plain.f0_conv.gemm;
    plain.decoder.energy_conv = plain.energy_conv.gemm;
    plain.decoder.text_residual = plain.text_residual.gemm;
    plain.decoder.encode = plain.encode.block;
    for (size_t i = 0; i < 4; i++) {
        plain.decode[i] =
            random_block(seeded, ENCODED + RESIDUAL + 2, i < 3 ? ENCODED : DECODED, i == 3);
        plain.decoder.decode[i] = plain.decode[i].block;
    }
    return plain;
}

static struct signal join(struct workspace *memory, const struct signal *parts, size_t count)
{
    size_t channels = 0, first = 0;

    for (size_t i = 0; i < count; i++)
        channels += parts[i].channels;
    struct signal out = signal_create(memory, parts[0].frames, channels);

    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < out.frames; t++)
            memcpy(out.values + t * channels + first, parts[i].values + t * parts[i].channels,
                   parts[i].channels * sizeof *out.values);
        first += parts[i].channels;
    }
    return out;
}

static struct signal curve_of(struct workspace *memory, const float *curve, size_t count)
{
    struct signal out = signal_create(memory, count, 1);

    for (size_t i = 0; i < count; i++)
        out.values[i] = (double)curve[i];
    return out;
}

static struct signal exact_decoder(struct workspace *memory, const struct plain_decoder *plain,
                                   const struct matrix *text, const float *f0, const float *energy,
                                   const float *style)
{
    struct signal in = signal_of(memory, text);
    struct signal low =
        exact_conv(memory, &plain->f0_conv, curve_of(memory, f0, 2 * text->rows), 2, 1);
    struct signal loud =
        exact_conv(memory, &plain->energy_conv, curve_of(memory, energy, 2 * text->rows), 2, 1);
    struct signal residual = exact_conv(memory, &plain->text_residual, in, 1, 0);
    struct signal x = exact_block(memory, &plain->encode, style,
                                  join(memory, (struct signal[]){ in, low, loud }, 3));

    for (size_t i = 0; i < 4; i++)
        x = exact_block(memory, &plain->decode[i], style,
                        join(memory, (struct signal[]){ x, residual, low, loud }, 4));
    return x;
}

static void check_decoder(const struct nn_kernel *kernel, struct pool *pool, size_t frames)
{
    struct seeded seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 11 };
    struct workspace *workspace = workspace_create(TEST_WORKSPACE, &(struct err){ 0 });
    const struct nn nn = { .kernel = kernel, .pool = pool, .workspace = workspace };
    struct plain_decoder plain = random_decoder(&seeded);
    const float *style = random_floats(&seeded, STYLE_PART, 1);
    const float *f0 = random_floats(&seeded, 2 * frames, 3);
    const float *energy = random_floats(&seeded, 2 * frames, 2);
    struct matrix text = random_matrix(&seeded, frames, TEXT);
    struct matrix out = decoder_run(&nn, &plain.decoder, &text, f0, energy, style);

    check_case(kernel->name, out.rows == 2 * frames && out.columns == DECODED);
    check_case(kernel->name, difference(&out, exact_decoder(seeded.memory, &plain, &text, f0,
                                                            energy, style)) < 1e-5);
    /* Nothing but the result stays in the workspace. */
    size_t mark = workspace_mark(workspace);
    workspace_release(workspace, 0);
    workspace_matrix(workspace, out.rows, out.columns);
    check_case(kernel->name, workspace_mark(workspace) == mark);
    workspace_destroy(workspace);
    workspace_destroy(seeded.memory);
}

static void test_text_pitch_and_energy_become_channels_at_twice_the_frames(void **state)
{
    static const size_t frames[] = { 2, 15, 16, 37 };
    const struct nn_kernel *kernels[TEST_KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, TEST_KERNELS_MAX);
    struct pool *pool = pool_create(2, &(struct err){ 0 });

    (void)state;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < COUNT(frames); i++)
            check_decoder(kernels[k], pool, frames[i]);
    pool_destroy(pool);
}

static void test_a_cancelled_decoder_returns_without_its_blocks(void **state)
{
    struct seeded seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 11 };
    struct pool *pool = pool_create(1, &(struct err){ 0 });
    struct cancel cancel;
    const struct nn nn = {
        .kernel = nn_kernel_best(), .pool = pool, .workspace = seeded.memory, .cancel = &cancel
    };
    struct plain_decoder plain = random_decoder(&seeded);
    const float *curve = random_floats(&seeded, 40, 1);
    const float *style = random_floats(&seeded, STYLE_PART, 1);
    struct matrix text = random_matrix(&seeded, 20, TEXT);

    (void)state;
    cancel_init(&cancel);
    cancel_request(&cancel);
    struct matrix out = decoder_run(&nn, &plain.decoder, &text, curve, curve, style);
    assert_int_equal(out.rows, 40);
    assert_true(cancel_is_requested(nn.cancel));
    cancel_release(&cancel);
    pool_destroy(pool);
    workspace_destroy(seeded.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_pitch_and_energy_become_channels_at_twice_the_frames),
        cmocka_unit_test(test_a_cancelled_decoder_returns_without_its_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
