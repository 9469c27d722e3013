#include "residual_block.h"

#include "base/alloc.h"

static const struct {
    const char *name;
    size_t inputs, outputs, frames;
    bool doubles;
} cases[] = {
    { "one channel, two frames", 1, 1, 2, false },
    { "as many outputs as inputs", 32, 32, 33, false },
    { "channels that fill no vector", 37, 37, 17, false },
    { "other outputs than inputs", 34, 64, 48, false },
    { "fewer outputs, in no panel", 66, 41, 50, false },
    { "twice the frames", 32, 32, 16, true },
    { "twice the frames, a unit and one", 34, 19, 17, true },
    { "twice the frames of one", 5, 33, 1, true },
    { "one frame", 33, 5, 1, false },
};

static void check_cases(const struct nn_kernel *kernel, struct pool *pool)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct seeded seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 7 };
        struct workspace *workspace = workspace_create(TEST_WORKSPACE, &(struct err){ 0 });
        const struct nn nn = { .kernel = kernel, .pool = pool, .workspace = workspace };
        struct plain_block plain =
            random_block(&seeded, cases[i].inputs, cases[i].outputs, cases[i].doubles);
        const float *style = random_floats(&seeded, STYLE_PART, 1);
        struct matrix in = random_matrix(&seeded, cases[i].frames, cases[i].inputs);
        struct signal before = signal_of(seeded.memory, &in);
        struct matrix out = workspace_matrix(
            workspace, cases[i].frames * (cases[i].doubles ? 2 : 1), cases[i].outputs);
        size_t mark = workspace_mark(workspace);

        adain_block_run(&nn, &plain.block, style, &in, &out);
        check_case(cases[i].name,
                   difference(&out, exact_block(seeded.memory, &plain, style, before)) < 2e-6);
        check_case(cases[i].name, difference(&in, before) == 0);
        check_case(cases[i].name, workspace_mark(workspace) == mark);
        workspace_destroy(workspace);
        workspace_destroy(seeded.memory);
    }
}

static void test_a_block_is_its_norms_convolutions_and_shortcut(void **state)
{
    const struct nn_kernel *kernels[TEST_KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, TEST_KERNELS_MAX);

    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        struct pool *pool = pool_create(threads, &(struct err){ 0 });

        for (size_t k = 0; k < count; k++)
            check_cases(kernels[k], pool);
        pool_destroy(pool);
    }
}

/* Instance norm divides by the root of a variance of zero and epsilon, 1/316. The channel's value
 * is taken away as a product with 316, and so is its rounding. */
static void test_a_channel_that_never_changes_is_normal(void **state)
{
    struct seeded seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 3 };
    struct pool *pool = pool_create(1, &(struct err){ 0 });
    const struct nn nn = { .kernel = nn_kernel_best(), .pool = pool, .workspace = seeded.memory };
    struct plain_block plain = random_block(&seeded, 6, 6, false);
    const float *style = random_floats(&seeded, STYLE_PART, 1);
    struct matrix in = random_matrix(&seeded, 20, 6);
    struct matrix out = workspace_matrix(seeded.memory, 20, 6);

    (void)state;
    for (size_t t = 0; t < in.rows; t++)
        matrix_row(&in, t)[2] = 1.5f;
    adain_block_run(&nn, &plain.block, style, &in, &out);
    assert_true(difference(&out, exact_block(seeded.memory, &plain, style,
                                             signal_of(seeded.memory, &in))) < 1e-4);
    pool_destroy(pool);
    workspace_destroy(seeded.memory);
}

/* A sample that is no number makes its channel's norm none, and with that all outputs: it does not
 * vanish in a rectifier. */
static void test_a_sample_that_is_no_number_is_seen(void **state)
{
    const struct nn_kernel *kernels[TEST_KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, TEST_KERNELS_MAX);
    struct pool *pool = pool_create(1, &(struct err){ 0 });

    (void)state;
    for (size_t k = 0; k < count; k++) {
        struct seeded seeded = { workspace_create(TEST_WORKSPACE, &(struct err){ 0 }), 3 };
        const struct nn nn = { .kernel = kernels[k], .pool = pool, .workspace = seeded.memory };
        struct plain_block plain = random_block(&seeded, 6, 9, false);
        const float *style = random_floats(&seeded, STYLE_PART, 1);
        struct matrix in = random_matrix(&seeded, 20, 6);
        struct matrix out = workspace_matrix(seeded.memory, 20, 9);

        matrix_row(&in, 11)[4] = NAN;
        adain_block_run(&nn, &plain.block, style, &in, &out);
        for (size_t t = 0; t < out.rows; t++)
            for (size_t c = 0; c < out.columns; c++)
                check_case(kernels[k]->name, !isfinite(matrix_row(&out, t)[c]));
        workspace_destroy(seeded.memory);
    }
    pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_block_is_its_norms_convolutions_and_shortcut),
        cmocka_unit_test(test_a_channel_that_never_changes_is_normal),
        cmocka_unit_test(test_a_sample_that_is_no_number_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
