#include "reference.h"

#include "nn/text_encoder.h"

enum { FEATURES = TEXT_FEATURES, TAPS = 5, TOKENS = 9 };

static const int64_t ids[TOKENS] = { 0, TEXT_SYMBOLS - 1, 3, 3, 77, 16, 1, 90, 0 };

static struct {
    float *embedding;
    struct reference_linear convs[TEXT_CONVS]; /* [outputs][taps][inputs] */
    float *norms[TEXT_CONVS][2];
    struct reference_lstm lstm;
    struct text_encoder encoder;
} network;

static int network_create(void **state)
{
    struct random random = { 5 };

    (void)state;
    network.embedding = random_floats(&random, TEXT_SYMBOLS * FEATURES, 1);
    network.encoder.embedding = network.embedding;
    for (int i = 0; i < TEXT_CONVS; i++) {
        network.convs[i] = reference_linear(&random, TAPS * FEATURES, FEATURES);
        network.encoder.convs[i] = reference_gemm(&network.convs[i]);
        for (int part = 0; part < 2; part++) {
            network.norms[i][part] = random_floats(&random, FEATURES, 1);
            network.encoder.norms[i][part] = network.norms[i][part];
        }
    }
    network.lstm = reference_lstm(&random, FEATURES, FEATURES / 2);
    network.encoder.lstm = reference_lstm_layer(&network.lstm);
    return 0;
}

static int network_release(void **state)
{
    (void)state;
    free(network.embedding);
    for (int i = 0; i < TEXT_CONVS; i++) {
        reference_linear_release(&network.convs[i]);
        free(network.norms[i][0]);
        free(network.norms[i][1]);
    }
    reference_lstm_release(&network.lstm);
    return 0;
}

/* x: [count][FEATURES], with two rows of zeros before and behind it. */
static void reference_layer(int layer, double *x, size_t count)
{
    double *next = (double *)xcalloc(count * FEATURES, sizeof *next);

    for (size_t row = 0; row < count; row++)
        reference_linear_run(&network.convs[layer], x + row * FEATURES - 2 * FEATURES,
                             TAPS * FEATURES, 1, next + row * FEATURES);
    reference_norm(next, count, FEATURES, network.norms[layer][0], network.norms[layer][1], 1e-5);
    for (size_t i = 0; i < count * FEATURES; i++)
        x[i] = next[i] > 0 ? next[i] : 0.2 * next[i];
    free(next);
}

static void reference_encoder(size_t count, double *out)
{
    double *padded = (double *)xcalloc((count + 4) * FEATURES, sizeof *padded);
    double *x = padded + 2 * FEATURES;

    for (size_t i = 0; i < count * FEATURES; i++)
        x[i] = (double)network.embedding[(size_t)ids[i / FEATURES] * FEATURES + i % FEATURES];
    for (int i = 0; i < TEXT_CONVS; i++)
        reference_layer(i, x, count);
    reference_lstm_run(&network.lstm, x, count, out);
    free(padded);
}

static void check_encoder(const struct nn *nn)
{
    static const size_t counts[] = { 1, 2, TOKENS }; /* fewer than the taps, and more */
    static double expected[TOKENS * FEATURES];

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t mark = workspace_mark(nn->workspace);
        struct matrix out = gapped_matrix(nn, counts[i], FEATURES);

        reference_encoder(counts[i], expected);
        text_encoder_run(nn, &network.encoder, ids, counts[i], &out);
        check_matrix(nn->kernel->name, &out, expected, 1e-5);
        workspace_release(nn->workspace, mark);
    }
}

static void test_tokens_are_seen_with_their_neighbours(void **state)
{
    (void)state;
    for_each_nn(check_encoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_are_seen_with_their_neighbours),
    };

    return cmocka_run_group_tests(tests, network_create, network_release);
}
