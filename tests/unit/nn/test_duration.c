#include "reference.h"

#include "nn/adain.h"
#include "nn/duration.h"

enum { TOKENS = 5, HIDDEN = 256, TEXT = 2 * HIDDEN, FEATURES = DURATION_FEATURES, STEPS = 50 };

static struct {
    struct reference_linear bert_encoder, norms[DURATION_LAYERS], projection;
    struct reference_lstm lstms[DURATION_LAYERS], lstm;
    struct duration duration;
    double bert[TOKENS * ALBERT_FEATURES], style[STYLE_PART];
    float style_floats[STYLE_PART];
} network;

static int network_create(void **state)
{
    struct random random = { 9 };

    (void)state;
    network.bert_encoder = reference_linear(&random, ALBERT_FEATURES, TEXT);
    network.duration.bert_encoder = reference_gemm(&network.bert_encoder);
    for (int i = 0; i < DURATION_LAYERS; i++) {
        network.lstms[i] = reference_lstm(&random, FEATURES, HIDDEN);
        network.duration.lstms[i] = reference_lstm_layer(&network.lstms[i]);
        network.norms[i] = reference_linear(&random, STYLE_PART, 2 * TEXT);
        network.duration.norms[i] = reference_gemm(&network.norms[i]);
    }
    network.lstm = reference_lstm(&random, FEATURES, HIDDEN);
    network.duration.lstm = reference_lstm_layer(&network.lstm);
    network.projection = reference_linear(&random, TEXT, STEPS);
    network.duration.projection = reference_gemm(&network.projection);
    for (size_t i = 0; i < TOKENS * ALBERT_FEATURES; i++)
        network.bert[i] = (double)random_float(&random, 1);
    for (size_t i = 0; i < STYLE_PART; i++) {
        network.style_floats[i] = random_float(&random, 1);
        network.style[i] = (double)network.style_floats[i];
    }
    return 0;
}

static int network_release(void **state)
{
    (void)state;
    reference_linear_release(&network.bert_encoder);
    for (int i = 0; i < DURATION_LAYERS; i++) {
        reference_lstm_release(&network.lstms[i]);
        reference_linear_release(&network.norms[i]);
    }
    reference_lstm_release(&network.lstm);
    reference_linear_release(&network.projection);
    return 0;
}

/* --- the reference --- */

/* features: rows of [text, style] */
static void join(const double *text, double *features)
{
    for (size_t row = 0; row < TOKENS; row++) {
        memcpy(features + row * FEATURES, text + row * TEXT, TEXT * sizeof *text);
        memcpy(features + row * FEATURES + TEXT, network.style, sizeof network.style);
    }
}

static void reference_layer(int layer, double *features)
{
    static double y[TOKENS * TEXT];
    double norm[2 * TEXT];

    reference_linear_run(&network.norms[layer], network.style, STYLE_PART, 1, norm);
    reference_lstm_run(&network.lstms[layer], features, TOKENS, y);
    reference_norm(y, TOKENS, TEXT, NULL, NULL, 1e-5);
    for (size_t i = 0; i < TOKENS * TEXT; i++)
        y[i] = (1 + norm[i % TEXT]) * y[i] + norm[TEXT + i % TEXT];
    join(y, features);
}

/* sums: of the sigmoids of each token */
static void reference_duration(double *features, double *sums)
{
    static double y[TOKENS * TEXT], steps[TOKENS * STEPS];

    reference_linear_run(&network.bert_encoder, network.bert, ALBERT_FEATURES, TOKENS, y);
    join(y, features);
    for (int i = 0; i < DURATION_LAYERS; i++)
        reference_layer(i, features);
    reference_lstm_run(&network.lstm, features, TOKENS, y);
    reference_linear_run(&network.projection, y, TEXT, TOKENS, steps);
    memset(sums, 0, TOKENS * sizeof *sums);
    for (size_t i = 0; i < TOKENS * STEPS; i++)
        sums[i / STEPS] += reference_sigmoid(steps[i]);
}

/* --- */

static void check_duration(const struct nn *nn)
{
    static const float speeds[] = { 0.5f, 1, 1.7f };
    static double expected[TOKENS * FEATURES];
    double sums[TOKENS];

    reference_duration(expected, sums);
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++) {
        size_t mark = workspace_mark(nn->workspace);
        struct matrix bert = matrix_of(nn, network.bert, TOKENS, ALBERT_FEATURES);
        struct matrix features = gapped_matrix(nn, TOKENS, FEATURES);
        int64_t frames[TOKENS];

        duration_run(nn, &network.duration, &bert, network.style_floats, speeds[i], &features,
                     frames);
        check_matrix(nn->kernel->name, &features, expected, 2e-5);
        for (size_t row = 0; row < TOKENS; row++)
            assert_int_equal(frames[row], lrint(sums[row] / (double)speeds[i]));
        workspace_release(nn->workspace, mark);
    }
}

static void test_features_and_frames_follow_the_style(void **state)
{
    (void)state;
    for_each_nn(check_duration);
}

/* A projection whose sigmoids are ones and zeros, whatever the text is. */
static void check_rounding(const struct nn *nn)
{
    static const struct {
        const char *name;
        size_t ones;
        float speed;
        int64_t frames;
    } cases[] = {
        { "a half down to even", 5, 2, 2 },
        { "a half up to even", 7, 2, 4 },
        { "more than a half", 8, 3, 3 },
        { "all", 50, 1, 50 },
        { "none is one", 0, 1, 1 },
        { "a half is one", 1, 2, 1 },
        { "slow without end", 1, 1e-20f, DURATION_FRAMES_MAX },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t mark = workspace_mark(nn->workspace);
        struct duration duration = network.duration;
        struct matrix bert = matrix_of(nn, network.bert, TOKENS, ALBERT_FEATURES);
        struct matrix features = gapped_matrix(nn, TOKENS, FEATURES);
        float *bias = workspace_floats(nn->workspace, matrix_stride(STEPS));
        float *weights = workspace_floats(nn->workspace, gemm_packed_count(TEXT, STEPS));
        int64_t frames[TOKENS];

        for (size_t step = 0; step < matrix_stride(STEPS); step++)
            bias[step] = step < cases[i].ones ? 1000 : -1000;
        memset(weights, 0, gemm_packed_count(TEXT, STEPS) * sizeof *weights);
        duration.projection.weights = weights;
        duration.projection.bias = bias;
        duration_run(nn, &duration, &bert, network.style_floats, cases[i].speed, &features, frames);
        for (size_t row = 0; row < TOKENS; row++)
            check_case(cases[i].name, frames[row] == cases[i].frames);
        workspace_release(nn->workspace, mark);
    }
}

static void test_frames_are_rounded_half_to_even_and_at_least_one(void **state)
{
    (void)state;
    for_each_nn(check_rounding);
}

static void check_bad_text(const struct nn *nn)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix bert = matrix_of(nn, network.bert, TOKENS, ALBERT_FEATURES);
    struct matrix features = gapped_matrix(nn, TOKENS, FEATURES);
    int64_t frames[TOKENS];

    bert.data[3] = NAN;
    duration_run(nn, &network.duration, &bert, network.style_floats, 1, &features, frames);
    for (size_t row = 0; row < TOKENS; row++)
        check_case(nn->kernel->name, frames[row] == 1);
    workspace_release(nn->workspace, mark);
}

static void test_what_is_not_a_number_lasts_a_frame(void **state)
{
    (void)state;
    for_each_nn(check_bad_text);
}

static void check_stretch(const struct nn *nn)
{
    static const double in[] = { 1, 2, 3, 4, 5, 6 };
    static const double expected[] = { 1, 2, 1, 2, 3, 4, 5, 6, 5, 6, 5, 6 };
    static const int64_t frames[] = { 2, 1, 3 };
    size_t mark = workspace_mark(nn->workspace);
    struct matrix from = matrix_of(nn, in, 3, 2), to = gapped_matrix(nn, 6, 2);

    duration_stretch(&from, frames, &to);
    check_matrix(nn->kernel->name, &to, expected, 0);
    workspace_release(nn->workspace, mark);
}

static void test_a_row_is_repeated_for_its_frames(void **state)
{
    (void)state;
    for_each_nn(check_stretch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features_and_frames_follow_the_style),
        cmocka_unit_test(test_frames_are_rounded_half_to_even_and_at_least_one),
        cmocka_unit_test(test_what_is_not_a_number_lasts_a_frame),
        cmocka_unit_test(test_a_row_is_repeated_for_its_frames),
    };

    return cmocka_run_group_tests(tests, network_create, network_release);
}
