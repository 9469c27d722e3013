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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_directions_remember_their_rows),
        cmocka_unit_test(test_a_bad_row_harms_only_the_rows_behind_it),
        cmocka_unit_test(test_a_run_leaves_nothing_to_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
