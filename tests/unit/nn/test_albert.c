#include "reference.h"

#include "nn/albert.h"

/* The network is of one size, so this is all of it, with random weights and few tokens. */
enum { TOKENS = 3, FEATURES = ALBERT_FEATURES, FFN = 2048 };

static const int64_t ids[TOKENS] = { 0, ALBERT_WORDS - 1, 50 };

struct network {
    float *words, *positions, *type;
    float *embedding_norm[2], *attention_norm[2], *output_norm[2];
    struct reference_linear mapping, query, key, value, dense, ffn, ffn_output;
    struct albert albert;
    double expected[TOKENS * FEATURES];
};

static void random_norm(struct random *random, size_t count, float *norm[2])
{
    for (int i = 0; i < 2; i++)
        norm[i] = random_floats(random, count, 0.5f);
    for (size_t i = 0; i < count; i++)
        norm[0][i] += 1;
}

static void network_bind(struct network *network)
{
    struct albert *albert = &network->albert;

    albert->words = network->words;
    albert->positions = network->positions;
    albert->type = network->type;
    albert->mapping = reference_gemm(&network->mapping);
    albert->query = reference_gemm(&network->query);
    albert->key = reference_gemm(&network->key);
    albert->value = reference_gemm(&network->value);
    albert->dense = reference_gemm(&network->dense);
    albert->ffn = reference_gemm(&network->ffn);
    albert->ffn_output = reference_gemm(&network->ffn_output);
    for (int i = 0; i < 2; i++) {
        albert->embedding_norm[i] = network->embedding_norm[i];
        albert->attention_norm[i] = network->attention_norm[i];
        albert->output_norm[i] = network->output_norm[i];
    }
}

/* --- the reference --- */

static double reference_gelu(double x)
{
    return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

static void add(double *x, const double *more)
{
    for (size_t i = 0; i < TOKENS * FEATURES; i++)
        x[i] += more[i];
}

static void reference_layer(const struct network *network, double *x)
{
    static double query[TOKENS * FEATURES], key[TOKENS * FEATURES], value[TOKENS * FEATURES];
    static double mix[TOKENS * FEATURES], inner[TOKENS * FFN];

    reference_linear_run(&network->query, x, FEATURES, TOKENS, query);
    reference_linear_run(&network->key, x, FEATURES, TOKENS, key);
    reference_linear_run(&network->value, x, FEATURES, TOKENS, value);
    reference_attention(query, key, value, TOKENS, FEATURES, mix);
    reference_linear_run(&network->dense, mix, FEATURES, TOKENS, query);
    add(x, query);
    reference_norm(x, TOKENS, FEATURES, network->attention_norm[0], network->attention_norm[1],
                   1e-12);
    reference_linear_run(&network->ffn, x, FEATURES, TOKENS, inner);
    for (size_t i = 0; i < TOKENS * FFN; i++)
        inner[i] = reference_gelu(inner[i]);
    reference_linear_run(&network->ffn_output, inner, FFN, TOKENS, mix);
    add(x, mix);
    reference_norm(x, TOKENS, FEATURES, network->output_norm[0], network->output_norm[1], 1e-12);
}

static void reference_albert(const struct network *network, double *out)
{
    double embedded[TOKENS * ALBERT_EMBEDDING];

    for (size_t row = 0; row < TOKENS; row++)
        for (size_t i = 0; i < ALBERT_EMBEDDING; i++)
            embedded[row * ALBERT_EMBEDDING + i] =
                (double)network->words[(size_t)ids[row] * ALBERT_EMBEDDING + i] +
                (double)network->positions[row * ALBERT_EMBEDDING + i] + (double)network->type[i];
    reference_norm(embedded, TOKENS, ALBERT_EMBEDDING, network->embedding_norm[0],
                   network->embedding_norm[1], 1e-12);
    reference_linear_run(&network->mapping, embedded, ALBERT_EMBEDDING, TOKENS, out);
    for (size_t i = 0; i < ALBERT_LAYERS; i++)
        reference_layer(network, out);
}

/* --- */

static struct network network;

static int network_create(void **state)
{
    struct random random = { 12 };

    (void)state;
    network.words = random_floats(&random, ALBERT_WORDS * ALBERT_EMBEDDING, 1);
    network.positions = random_floats(&random, ALBERT_TOKENS_MAX * ALBERT_EMBEDDING, 1);
    network.type = random_floats(&random, ALBERT_EMBEDDING, 1);
    random_norm(&random, ALBERT_EMBEDDING, network.embedding_norm);
    random_norm(&random, FEATURES, network.attention_norm);
    random_norm(&random, FEATURES, network.output_norm);
    network.mapping = reference_linear(&random, ALBERT_EMBEDDING, FEATURES);
    network.query = reference_linear(&random, FEATURES, FEATURES);
    network.key = reference_linear(&random, FEATURES, FEATURES);
    network.value = reference_linear(&random, FEATURES, FEATURES);
    network.dense = reference_linear(&random, FEATURES, FEATURES);
    network.ffn = reference_linear(&random, FEATURES, FFN);
    network.ffn_output = reference_linear(&random, FFN, FEATURES);
    network_bind(&network);
    reference_albert(&network, network.expected);
    return 0;
}

static int network_release(void **state)
{
    (void)state;
    free(network.words);
    free(network.positions);
    free(network.type);
    for (int i = 0; i < 2; i++) {
        free(network.embedding_norm[i]);
        free(network.attention_norm[i]);
        free(network.output_norm[i]);
    }
    reference_linear_release(&network.mapping);
    reference_linear_release(&network.query);
    reference_linear_release(&network.key);
    reference_linear_release(&network.value);
    reference_linear_release(&network.dense);
    reference_linear_release(&network.ffn);
    reference_linear_release(&network.ffn_output);
    return 0;
}

static void check_albert(const struct nn *nn)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix out = gapped_matrix(nn, TOKENS, FEATURES);

    albert_run(nn, &network.albert, ids, TOKENS, &out);
    check_matrix(nn->kernel->name, &out, network.expected, 1e-5);
    workspace_release(nn->workspace, mark);
}

static void test_twelve_layers_stay_exact(void **state)
{
    (void)state;
    for_each_nn(check_albert);
}

static void check_cancel(const struct nn *nn)
{
    struct cancel cancel;
    struct nn cancelled = *nn;
    size_t mark = workspace_mark(nn->workspace);
    struct matrix out = gapped_matrix(nn, TOKENS, FEATURES);

    for (size_t row = 0; row < TOKENS; row++)
        matrix_row(&out, row)[0] = 42;
    cancel_init(&cancel);
    cancel_request(&cancel);
    cancelled.cancel = &cancel;
    albert_run(&cancelled, &network.albert, ids, TOKENS, &out);
    for (size_t row = 0; row < TOKENS; row++)
        assert_true(matrix_row(&out, row)[0] == 42);
    cancel_release(&cancel);
    workspace_release(nn->workspace, mark);
}

static void test_cancelled_no_layer_is_computed(void **state)
{
    (void)state;
    for_each_nn(check_cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twelve_layers_stay_exact),
        cmocka_unit_test(test_cancelled_no_layer_is_computed),
    };

    return cmocka_run_group_tests(tests, network_create, network_release);
}
