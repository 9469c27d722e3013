#include "residual_block.h"

#include "base/alloc.h"
#include "nn/pitch.h"

#define FEATURES 21
#define HIDDEN 16
#define SHARED (2 * HIDDEN)

/* As the model's, of other sizes. */
struct plain_pitch {
    struct pitch pitch;
    struct plain_block f0[3], energy[3];
    struct linear f0_projection, energy_projection;
};

static struct linear random_curve(struct seeded *seeded, struct plain_block plain[3],
                                  struct adain_block blocks[3])
{
    plain[0] = random_block(seeded, SHARED, SHARED, false);
    plain[1] = random_block(seeded, SHARED, HIDDEN, true);
    plain[2] = random_block(seeded, HIDDEN, HIDDEN, false);
    for (size_t i = 0; i < 3; i++)
        blocks[i] = plain[i].block;
    return random_linear(seeded, HIDDEN, 1, true);
}

static struct plain_pitch random_pitch(struct seeded *seeded)
{
    struct plain_pitch plain = { 0 };
    struct lstm *shared = &plain.pitch.shared;

    shared->features = FEATURES;
    shared->hidden = HIDDEN;
    shared->inputs = random_linear(seeded, FEATURES, 8 * HIDDEN, true).gemm;
    shared->recurrent = random_floats(seeded, 2 * 4 * HIDDEN * HIDDEN, 0.3f);
    plain.f0_projection = random_curve(seeded, plain.f0, plain.pitch.f0);
    plain.energy_projection = random_curve(seeded, plain.energy, plain.pitch.energy);
    plain.pitch.f0_projection = plain.f0_projection.gemm;
    plain.pitch.energy_projection = plain.energy_projection.gemm;
    return plain;
}

static double curve_difference(struct workspace *memory, const struct plain_block blocks[3],
                               const struct linear *projection, const struct matrix *shared,
                               const float *style, const float *curve)
{
    struct signal x = signal_of(memory, shared);
    double most = 0, greatest = 0;

    for (size_t i = 0; i < 3; i++)
        x = exact_block(memory, &blocks[i], style, x);
    x = exact_conv(memory, projection, x, 1, 0);
    for (size_t i = 0; i < x.frames; i++) {
        double off = fabs((double)curve[i] - x.values[i]);

        if (!(off <= most))
            most = off;
        greatest = fmax(greatest, fabs(x.values[i]));
    }
    return most / greatest;
}

/* The LSTM has a test of its own: here it is the same on both sides. */
static void check_pitch(const struct nn_kernel *kernel, struct pool *pool, size_t frames)
{
    struct seeded seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 5 };
    struct workspace *workspace = workspace_create(TEST_WORKSPACE, &(struct err){ 0 });
    const struct nn nn = { .kernel = kernel, .pool = pool, .workspace = workspace };
    struct plain_pitch plain = random_pitch(&seeded);
    const float *style = random_floats(&seeded, STYLE_PART, 1);
    struct matrix features = random_matrix(&seeded, frames, FEATURES);
    struct matrix shared = workspace_matrix(seeded.memory, frames, SHARED);
    float *f0 = random_floats(&seeded, 2 * frames + 1, 1);
    float *energy = random_floats(&seeded, 2 * frames + 1, 1);

    f0[2 * frames] = energy[2 * frames] = 42;
    pitch_run(&nn, &plain.pitch, &features, style, f0, energy);
    check_case(kernel->name, workspace_mark(workspace) == 0);
    check_case(kernel->name, f0[2 * frames] == 42 && energy[2 * frames] == 42);
    lstm_run(&nn, &plain.pitch.shared, &features, &shared);
    check_case(kernel->name, curve_difference(seeded.memory, plain.f0, &plain.f0_projection,
                                              &shared, style, f0) < 3e-6);
    check_case(kernel->name, curve_difference(seeded.memory, plain.energy, &plain.energy_projection,
                                              &shared, style, energy) < 3e-6);
    workspace_destroy(workspace);
    workspace_destroy(seeded.memory);
}

static void test_pitch_and_energy_are_two_values_a_frame(void **state)
{
    static const size_t frames[] = { 2, 16, 35 };
    const struct nn_kernel *kernels[TEST_KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, TEST_KERNELS_MAX);
    struct pool *pool = pool_create(2, &(struct err){ 0 });

    (void)state;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < COUNT(frames); i++)
            check_pitch(kernels[k], pool, frames[i]);
    pool_destroy(pool);
}

static void test_a_cancelled_prediction_leaves_the_curves_alone(void **state)
{
    struct seeded seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 5 };
    struct pool *pool = pool_create(1, &(struct err){ 0 });
    struct cancel cancel;
    const struct nn nn = {
        .kernel = nn_kernel_best(), .pool = pool, .workspace = seeded.memory, .cancel = &cancel
    };
    struct plain_pitch plain = random_pitch(&seeded);
    const float *style = random_floats(&seeded, STYLE_PART, 1);
    struct matrix features = random_matrix(&seeded, 4, FEATURES);
    float f0[8] = { 1 }, energy[8] = { 2 };

    (void)state;
    cancel_init(&cancel);
    cancel_request(&cancel);
    pitch_run(&nn, &plain.pitch, &features, style, f0, energy);
    assert_true(f0[0] == 1 && f0[7] == 0);
    assert_true(energy[0] == 2 && energy[7] == 0);
    cancel_release(&cancel);
    pool_destroy(pool);
    workspace_destroy(seeded.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pitch_and_energy_are_two_values_a_frame),
        cmocka_unit_test(test_a_cancelled_prediction_leaves_the_curves_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
