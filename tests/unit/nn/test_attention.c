#include "reference.h"

#include "nn/attention.h"

static void check_attention(const struct nn *nn, size_t tokens, size_t heads)
{
    struct random random = { tokens * 100 + heads };
    size_t columns = heads * ATTENTION_HEAD, count = tokens * columns;
    double *query = random_doubles(&random, count), *key = random_doubles(&random, count);
    double *value = random_doubles(&random, count);
    double *expected = (double *)xcalloc(count, sizeof *expected);
    size_t mark = workspace_mark(nn->workspace);
    struct attention attention = {
        .query = matrix_of(nn, query, tokens, columns),
        .key = matrix_of(nn, key, tokens, columns),
        .value = matrix_of(nn, value, tokens, columns),
    };
    struct matrix out = gapped_matrix(nn, tokens, columns);

    reference_attention(query, key, value, tokens, columns, expected);
    attention_run(nn, &attention, &out);
    check_matrix("apart", &out, expected, 2e-6);
    attention_run(nn, &attention, &attention.query);
    check_matrix("in the query's place", &attention.query, expected, 2e-6);
    workspace_release(nn->workspace, mark);
    free(query);
    free(key);
    free(value);
    free(expected);
}

static void check_sizes(const struct nn *nn)
{
    static const size_t sizes[][2] = { { 1, 1 }, { 2, 3 }, { 31, 2 }, { 33, 1 }, { 130, 5 } };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_attention(nn, sizes[i][0], sizes[i][1]);
}

static void test_each_head_mixes_the_values_its_query_asks_for(void **state)
{
    (void)state;
    for_each_nn(check_sizes);
}

enum { TOKENS = 35, HEADS = 3, COLUMNS = HEADS * ATTENTION_HEAD };

static void check_bad_head(const struct nn *nn)
{
    struct random random = { 3 };
    double *values = random_doubles(&random, TOKENS * COLUMNS);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix x = matrix_of(nn, values, TOKENS, COLUMNS);
    struct attention attention = { x, x, x };
    struct matrix out = gapped_matrix(nn, TOKENS, COLUMNS);

    matrix_row(&x, 5)[ATTENTION_HEAD + 1] = NAN; /* a key that all tokens look at */
    attention_run(nn, &attention, &out);
    for (size_t row = 0; row < TOKENS; row++)
        for (size_t i = 0; i < COLUMNS; i++)
            check_case(nn->kernel->name,
                       isfinite(matrix_row(&out, row)[i]) == (i / ATTENTION_HEAD != 1));
    workspace_release(nn->workspace, mark);
    free(values);
}

static void test_a_bad_head_harms_no_other(void **state)
{
    (void)state;
    for_each_nn(check_bad_head);
}

/* A query that is a hundred times one key looks at nothing else, and nothing overflows. */
static void check_certainty(const struct nn *nn)
{
    struct random random = { 4 };
    double *values = random_doubles(&random, TOKENS * COLUMNS);
    double *queries = (double *)xcalloc(TOKENS * COLUMNS, sizeof *queries);
    size_t mark = workspace_mark(nn->workspace);

    for (size_t i = 0; i < TOKENS * COLUMNS; i++)
        queries[i] = 100 * values[i];
    struct attention attention = {
        .query = matrix_of(nn, queries, TOKENS, COLUMNS),
        .key = matrix_of(nn, values, TOKENS, COLUMNS),
        .value = matrix_of(nn, values, TOKENS, COLUMNS),
    };
    struct matrix out = gapped_matrix(nn, TOKENS, COLUMNS);

    attention_run(nn, &attention, &out);
    check_matrix(nn->kernel->name, &out, values, 1e-6);
    workspace_release(nn->workspace, mark);
    free(values);
    free(queries);
}

static void test_a_certain_query_gets_one_value(void **state)
{
    (void)state;
    for_each_nn(check_certainty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_head_mixes_the_values_its_query_asks_for),
        cmocka_unit_test(test_a_bad_head_harms_no_other),
        cmocka_unit_test(test_a_certain_query_gets_one_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
