#include "base/file.h"
#include "base/path.h"
#include "onnx_bytes.h"
#include "reference.h"

static void check_lstm(const struct nn *nn, size_t rows, size_t features, size_t hidden)
{
    struct random random = { rows * 1000 + features + hidden };
    struct reference_lstm reference = reference_lstm(&random, features, hidden);
    struct lstm lstm = reference_lstm_layer(&reference);
    double *in = random_doubles(&random, rows * features);
    double *expected = (double *)xcalloc(rows * 2 * hidden, sizeof *expected);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix x = matrix_of(nn, in, rows, features);
    struct matrix out = gapped_matrix(nn, rows, 2 * hidden);

    reference_lstm_run(&reference, in, rows, expected);
    lstm_run(nn, &lstm, &x, &out);
    check_matrix(nn->kernel->name, &out, expected, 3e-6);
    workspace_release(nn->workspace, mark);
    free(in);
    free(expected);
    reference_lstm_release(&reference);
}

static void check_sizes(const struct nn *nn)
{
    static const size_t sizes[][3] = {
        { 1, 5, 16 }, { 2, 64, 32 }, { 7, 33, 48 }, { 50, 100, 256 }
    };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_lstm(nn, sizes[i][0], sizes[i][1], sizes[i][2]);
}

static void test_both_directions_remember_their_rows(void **state)
{
    (void)state;
    for_each_nn(check_sizes);
}

enum { ROWS = 6, FEATURES = 8, HIDDEN = 16, BAD = 3 };

/* What a direction has seen before the bad row is good, what it sees from there on is not. */
static void check_bad_row(const struct nn *nn)
{
    struct random random = { 7 };
    struct reference_lstm reference = reference_lstm(&random, FEATURES, HIDDEN);
    struct lstm lstm = reference_lstm_layer(&reference);
    double *in = random_doubles(&random, ROWS * FEATURES);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix out = gapped_matrix(nn, ROWS, 2 * HIDDEN);

    in[BAD * FEATURES] = (double)NAN;
    struct matrix x = matrix_of(nn, in, ROWS, FEATURES);

    lstm_run(nn, &lstm, &x, &out);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t i = 0; i < HIDDEN; i++) {
            const float *forward = matrix_row(&out, row) + i, *backward = forward + HIDDEN;

            check_case(nn->kernel->name, isfinite(*forward) == (row < BAD));
            check_case(nn->kernel->name, isfinite(*backward) == (row > BAD));
        }
    workspace_release(nn->workspace, mark);
    free(in);
    reference_lstm_release(&reference);
}

static void test_a_bad_row_harms_only_the_rows_behind_it(void **state)
{
    (void)state;
    for_each_nn(check_bad_row);
}

static void check_memory(const struct nn *nn)
{
    struct random random = { 8 };
    struct reference_lstm reference = reference_lstm(&random, FEATURES, HIDDEN);
    struct lstm lstm = reference_lstm_layer(&reference);
    double *in = random_doubles(&random, ROWS * FEATURES);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix x = matrix_of(nn, in, ROWS, FEATURES);
    struct matrix first = gapped_matrix(nn, ROWS, 2 * HIDDEN);
    struct matrix second = gapped_matrix(nn, ROWS, 2 * HIDDEN);
    size_t before = workspace_mark(nn->workspace);

    lstm_run(nn, &lstm, &x, &first);
    lstm_run(nn, &lstm, &x, &second);
    assert_int_equal(workspace_mark(nn->workspace), before);
    for (size_t row = 0; row < ROWS; row++)
        assert_memory_equal(matrix_row(&first, row), matrix_row(&second, row),
                            2 * HIDDEN * sizeof(float));
    workspace_release(nn->workspace, mark);
    free(in);
    reference_lstm_release(&reference);
}

static void test_a_run_leaves_nothing_to_the_next(void **state)
{
    (void)state;
    for_each_nn(check_memory);
}

/* --- binding --- */

/* A model of one LSTM with the reference's weights. Its bias is split in two, as ONNX has it. */
static void write_model(const struct reference_lstm *reference, const char *path)
{
    size_t features = reference->features, hidden = reference->hidden, gates = 4 * hidden;
    float *biases = (float *)xcalloc(4 * gates, sizeof *biases);
    struct buf graph = BUF(BYTES_MAX);
    struct err err = { 0 };

    for (size_t i = 0; i < 2 * gates; i++) {
        float *half = biases + i / gates * 2 * gates + i % gates;

        half[0] = reference->inputs.bias[i] * 3;
        half[gates] = reference->inputs.bias[i] * -2;
    }
    put_node(&graph, "/lstm", (const char *const[]){ "x", "w", "r", "b", NULL });
    put_floats(&graph, "w", (const uint64_t[]){ 2, gates, features }, 3, reference->inputs.weights,
               2 * gates * features);
    put_floats(&graph, "r", (const uint64_t[]){ 2, gates, hidden }, 3, reference->recurrent,
               2 * gates * hidden);
    put_floats(&graph, "b", (const uint64_t[]){ 2, 2 * gates }, 2, biases, 4 * gates);

    struct buf model = new_model(&graph);

    check_ok(file_write(path, model.data, model.len, &err), &err);
    buf_release(&model);
    free(biases);
}

static void walk(struct packing *packing, void *network)
{
    *(struct lstm *)network = lstm_bind(packing, "/lstm", FEATURES, HIDDEN);
}

static void walk_wider(struct packing *packing, void *network)
{
    *(struct lstm *)network = lstm_bind(packing, "/lstm", FEATURES, 2 * HIDDEN);
}

static void test_an_lstm_is_bound_as_onnx_defines_it(void **state)
{
    struct random random = { 6 };
    struct reference_lstm reference = reference_lstm(&random, FEATURES, HIDDEN);
    char *folder = temp_folder();
    char *model = path_join(folder, "model.onnx"), *packed = path_join(folder, "model.weights");
    struct lstm lstm;
    struct err err = { 0 };

    (void)state;
    write_model(&reference, model);

    struct packed_file *file = packed_file_open(packed, model, walk, &lstm, &err);

    check_ok(file, &err);
    assert_memory_equal(lstm.inputs.weights, reference.inputs.packed,
                        gemm_packed_count(FEATURES, 8 * HIDDEN) * sizeof(float));
    assert_memory_equal(lstm.recurrent, reference.packed,
                        (size_t)8 * HIDDEN * HIDDEN * sizeof(float));
    for (size_t i = 0; i < 8 * HIDDEN; i++)
        assert_float_equal(lstm.inputs.bias[i], reference.inputs.bias[i], 1e-6);
    packed_file_close(file);
    assert_null(packed_file_open(packed, model, walk_wider, &lstm, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "/lstm"));
    reference_lstm_release(&reference);
    temp_folder_remove(folder);
    free(model);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_directions_remember_their_rows),
        cmocka_unit_test(test_a_bad_row_harms_only_the_rows_behind_it),
        cmocka_unit_test(test_a_run_leaves_nothing_to_the_next),
        cmocka_unit_test(test_an_lstm_is_bound_as_onnx_defines_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
