#include "transcribe/token_scores.h"

#include <math.h>

#include "../engine/fixtures.h"
#include "base/file.h"

#define TOKENS 5
#define WIDTH 70

/* NULL where it is left alone; *rest is the other part. */
static struct token_scores *take(const char *name, struct buf *rest)
{
    char *path = fixture(name);
    struct buf model = BUF(1 << 24);
    struct err err = { 0 };

    *rest = BUF(1 << 24);
    check_ok(file_read(path, &model, &err), &err);
    struct token_scores *scores = token_scores_take(model.data ? model.data : "", model.len, rest);
    buf_release(&model);
    free(path);
    return scores;
}

static float hidden_at(size_t i)
{
    return (float)i / WIDTH - 0.4f;
}

static void test_scores_are_the_products_with_the_table(void **state)
{
    (void)state;
    struct buf rest;
    struct token_scores *scores = take("scoring/decoder.onnx", &rest);
    float hidden[WIDTH], out[TOKENS];

    assert_non_null(scores);
    assert_int_equal(token_scores_width(scores), WIDTH);
    assert_int_equal(token_scores_count(scores), TOKENS);
    for (size_t i = 0; i < WIDTH; i++)
        hidden[i] = hidden_at(i);
    token_scores_compute(scores, hidden, out);
    for (size_t row = 0; row < TOKENS; row++) {
        double sum = 0;

        for (size_t i = 0; i < WIDTH; i++)
            sum += 0.5 * ((double)((row * 37 + i * 11) % 256) - 7) * (double)hidden[i];
        assert_float_equal(out[row], sum, 1e-3);
    }
    token_scores_destroy(scores);
    buf_release(&rest);
}

static void test_the_rest_of_the_model_gives_the_hidden_state(void **state)
{
    (void)state;
    need_runtime();
    struct buf rest;
    struct token_scores *scores = take("scoring/decoder.onnx", &rest);
    const struct ort_session_options options = { .threads = 1 };
    struct err err = { 0 };
    struct ort *ort = ort_open(NULL, &err);
    float hidden[WIDTH];

    check_ok(ort != NULL, &err);
    struct ort_session *session =
        ort_session_open_bytes(ort, rest.data, rest.len, "the rest", &options, &err);
    check_ok(session != NULL, &err);
    for (size_t i = 0; i < WIDTH; i++)
        hidden[i] = hidden_at(i);
    for (int branch = 0; branch < 2; branch++) {
        bool use_cache = branch;
        const struct tensor_view inputs[] = {
            { "use_cache_branch", TENSOR_BOOL, 1, { 1 }, &use_cache },
            { "hidden_state", TENSOR_FLOAT, 3, { 1, 1, WIDTH }, hidden },
        };
        const char *const output = TOKEN_SCORES_HIDDEN;
        struct tensor got;

        check_ok(ort_session_run(session, inputs, COUNT(inputs), &output, &got, 1, NULL, &err),
                 &err);
        assert_int_equal(got.count, WIDTH);
        assert_memory_equal(got.data, hidden, sizeof hidden);
        tensor_release(&got);
    }
    ort_session_close(session);
    ort_close(ort);
    token_scores_destroy(scores);
    buf_release(&rest);
}

static void test_a_model_that_ends_otherwise_is_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = { "scoring/two_tables.onnx", "foreign/model.onnx",
                                         "moonshine/encoder_model.onnx", "garbage/model.onnx",
                                         "empty-file/model.onnx" };

    for (size_t i = 0; i < COUNT(names); i++) {
        struct buf rest;

        check_case(names[i], !take(names[i], &rest) && rest.len == 0);
        buf_release(&rest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores_are_the_products_with_the_table),
        cmocka_unit_test(test_the_rest_of_the_model_gives_the_hidden_state),
        cmocka_unit_test(test_a_model_that_ends_otherwise_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
