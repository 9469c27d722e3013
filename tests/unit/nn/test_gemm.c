#include "reference.h"

#include "base/file.h"
#include "base/path.h"
#include "nn/gemm_int8.h"
#include "onnx_bytes.h"

/* --- running --- */

static void check_run(const struct nn *nn, size_t rows, size_t depth, size_t columns)
{
    struct random random = { rows + depth + columns };
    struct reference_linear linear = reference_linear(&random, depth, columns);
    struct gemm gemm = reference_gemm(&linear);
    double *x = random_doubles(&random, rows * depth);
    double *expected = (double *)xcalloc(rows * columns, sizeof *expected);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix in = matrix_of(nn, x, rows, depth), out = gapped_matrix(nn, rows, columns);

    reference_linear_run(&linear, x, depth, rows, expected);
    gemm_run(nn, &gemm, &in, &out);
    check_matrix(nn->kernel->name, &out, expected, 2e-6);

    for (size_t i = 0; i < rows * columns; i++)
        expected[i] += expected[i] - (double)linear.bias[i % columns];
    gemm_add(nn, &gemm, &in, &out);
    check_matrix(nn->kernel->name, &out, expected, 2e-6);

    workspace_release(nn->workspace, mark);
    free(expected);
    free(x);
    reference_linear_release(&linear);
}

/* Alone, by panels, and by rows, with remainders of everything. */
static void check_runs(const struct nn *nn)
{
    static const size_t shapes[][3] = {
        { 1, 5, 3 },     { 1, 300, 2000 }, { 26, 200, 50 }, { 26, 128, 768 },
        { 100, 77, 99 }, { 700, 130, 70 }, { 295, 515, 7 }, { 2, 100, 1030 },
    };

    for (size_t i = 0; i < COUNT(shapes); i++)
        check_run(nn, shapes[i][0], shapes[i][1], shapes[i][2]);
}

static void test_products_are_those_of_double_precision(void **state)
{
    (void)state;
    for_each_nn(check_runs);
}

static void check_no_rows(const struct nn *nn)
{
    struct random random = { 1 };
    struct reference_linear linear = reference_linear(&random, 4, 4);
    struct gemm gemm = reference_gemm(&linear);
    struct matrix none = { NULL, 0, 4, MATRIX_ALIGN };

    gemm_run(nn, &gemm, &none, &none);
    gemm_add(nn, &gemm, &none, &none);
    reference_linear_release(&linear);
}

static void test_no_rows_are_no_work(void **state)
{
    (void)state;
    for_each_nn(check_no_rows);
}

/* A convolution of five taps and stride 2 over frames that follow one another. */
static void check_overlap(const struct nn *nn)
{
    enum { CHANNELS = 64, TAPS = 5, STRIDE = 2, ROWS = 150 };
    struct random random = { 6 };
    struct reference_linear linear = reference_linear(&random, TAPS * CHANNELS, 40);
    struct gemm gemm = reference_gemm(&linear);
    size_t mark = workspace_mark(nn->workspace), frames = STRIDE * (ROWS - 1) + TAPS;
    double *x = random_doubles(&random, frames * CHANNELS);
    double *expected = (double *)xcalloc((size_t)ROWS * 40, sizeof *expected);
    struct matrix in = matrix_of(nn, x, frames, CHANNELS), out = gapped_matrix(nn, ROWS, 40);

    in = (struct matrix){ in.data, ROWS, TAPS * CHANNELS, (size_t)STRIDE * CHANNELS };
    reference_linear_run(&linear, x, (size_t)STRIDE * CHANNELS, ROWS, expected);
    gemm_run(nn, &gemm, &in, &out);
    check_matrix(nn->kernel->name, &out, expected, 2e-6);

    workspace_release(nn->workspace, mark);
    free(expected);
    free(x);
    reference_linear_release(&linear);
}

static void test_rows_may_overlap(void **state)
{
    (void)state;
    for_each_nn(check_overlap);
}

/* --- packing --- */

static void test_both_layouts_pack_the_same_and_fill_up_with_zeros(void **state)
{
    enum { DEPTH = 7, COLUMNS = 40, PACKED = 2 * NN_PANEL * DEPTH };
    float rows[DEPTH][COLUMNS], columns[COLUMNS][DEPTH], one[PACKED], other[PACKED];

    (void)state;
    assert_int_equal(gemm_packed_count(DEPTH, COLUMNS), PACKED);
    for (size_t k = 0; k < DEPTH; k++)
        for (size_t i = 0; i < COLUMNS; i++)
            rows[k][i] = columns[i][k] = (float)(1 + k * COLUMNS + i);
    gemm_pack(rows[0], GEMM_DEPTH_FIRST, DEPTH, COLUMNS, one);
    gemm_pack(columns[0], GEMM_COLUMN_FIRST, DEPTH, COLUMNS, other);
    assert_memory_equal(one, other, sizeof one);
    for (size_t i = 0; i < PACKED; i++) {
        size_t column = i / (DEPTH * NN_PANEL) * NN_PANEL + i % NN_PANEL;

        assert_true(one[i] == (column < COLUMNS ? rows[i / NN_PANEL % DEPTH][column] : 0));
    }
}

/* --- binding --- */

#define INPUTS 3
#define OUTPUTS 5
#define TAPS 4
#define STRIDE (TAPS / 2)
#define FRAMES 6
#define WEIGHTS (INPUTS * OUTPUTS * TAPS)

/* A model with the same numbers as the weights of each kind of node. */
struct place {
    char *folder, *model, *packed;
    float weights[WEIGHTS], bias[OUTPUTS];
};

static void put_shape(struct buf *graph, const char *node, const uint64_t *dims, size_t rank,
                      const float *weights)
{
    char *name = str_format("%s.weight", node);

    put_node(graph, node, (const char *const[]){ "x", name, "bias", NULL });
    put_floats(graph, name, dims, rank, weights, WEIGHTS);
    free(name);
}

static int set_up(void **state)
{
    struct place *place = (struct place *)xcalloc(1, sizeof *place);
    struct random random = { 2 };
    struct buf graph = BUF(BYTES_MAX);
    struct err err = { 0 };

    place->folder = temp_folder();
    place->model = path_join(place->folder, "model.onnx");
    place->packed = path_join(place->folder, "model.weights");
    for (size_t i = 0; i < WEIGHTS; i++)
        place->weights[i] = random_float(&random, 1);
    for (size_t i = 0; i < OUTPUTS; i++)
        place->bias[i] = random_float(&random, 1);
    put_floats(&graph, "bias", (const uint64_t[]){ OUTPUTS }, 1, place->bias, OUTPUTS);
    put_shape(&graph, "/conv", (const uint64_t[]){ OUTPUTS, INPUTS, TAPS }, 3, place->weights);
    put_shape(&graph, "/up", (const uint64_t[]){ INPUTS, OUTPUTS, TAPS }, 3, place->weights);
    put_shape(&graph, "/rows", (const uint64_t[]){ INPUTS * TAPS, OUTPUTS }, 2, place->weights);
    put_shape(&graph, "/columns", (const uint64_t[]){ 1, OUTPUTS, INPUTS * TAPS }, 3,
              place->weights);
    struct buf model = new_model(&graph);
    check_ok(file_write(place->model, model.data, model.len, &err), &err);
    buf_release(&model);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    temp_folder_remove(place->folder);
    free(place->model);
    free(place->packed);
    free(place);
    return 0;
}

struct network {
    struct gemm conv, bare, up, rows, columns;
};

static void walk(struct packing *packing, void *state)
{
    struct network *network = state;

    network->conv = gemm_bind_conv(packing, "/conv", OUTPUTS, INPUTS, TAPS, true);
    network->bare = gemm_bind_conv(packing, "/conv", OUTPUTS, INPUTS, TAPS, false);
    network->up = gemm_bind_transposed(packing, "/up", INPUTS, OUTPUTS, STRIDE);
    network->rows = gemm_bind(packing, "/rows", 1, GEMM_DEPTH_FIRST, (size_t)INPUTS * TAPS, OUTPUTS,
                              "/rows", 2);
    network->columns = gemm_bind(packing, "/columns", 1, GEMM_COLUMN_FIRST, (size_t)INPUTS * TAPS,
                                 OUTPUTS, NULL, 0);
    gemm_bind_conv_int8(packing, "/conv", TAPS, &network->conv);
    gemm_bind_transposed_int8(packing, "/up", STRIDE, &network->up);
}

static const struct place *place_of_test;
static const struct network *network_of_test;
static const float *frames_of_test; /* [FRAMES][INPUTS] */

/* Of the greatest result; with weights and values of 8 bits some steps. */
static double tolerance(const struct nn *nn)
{
    return nn->int8 ? 0.02 : 1e-6;
}

/* out[t][o] = bias + the sum over taps and inputs of frame t + tap */
static void check_conv(const struct nn *nn)
{
    const struct place *place = place_of_test;
    double expected[(FRAMES - TAPS + 1) * OUTPUTS];
    size_t mark = workspace_mark(nn->workspace), rows = FRAMES - TAPS + 1;
    struct matrix in = { (float *)(uintptr_t)frames_of_test, rows, INPUTS * TAPS, INPUTS };
    struct matrix out = gapped_matrix(nn, rows, OUTPUTS);

    for (size_t t = 0; t < rows; t++)
        for (size_t o = 0; o < OUTPUTS; o++) {
            double *sum = &expected[t * OUTPUTS + o];

            *sum = (double)place->bias[o];
            for (size_t i = 0; i < INPUTS; i++)
                for (size_t tap = 0; tap < TAPS; tap++)
                    *sum += (double)frames_of_test[(t + tap) * INPUTS + i] *
                            (double)place->weights[(o * INPUTS + i) * TAPS + tap];
        }
    gemm_run(nn, &network_of_test->conv, &in, &out);
    check_matrix(nn->kernel->name, &out, expected, tolerance(nn));

    for (size_t i = 0; i < rows * OUTPUTS; i++)
        expected[i] -= (double)place->bias[i % OUTPUTS];
    gemm_run(nn, &network_of_test->bare, &in, &out);
    check_matrix(nn->kernel->name, &out, expected, tolerance(nn));
    workspace_release(nn->workspace, mark);
}

/* Each input frame t adds weight[tap] to output frame t * STRIDE + tap. Rows begin with the second frame,
 * since each looks at the one before. */
static void check_transposed(const struct nn *nn)
{
    const struct place *place = place_of_test;
    enum { ALL = (FRAMES + 1) * STRIDE };
    double all[ALL * OUTPUTS];
    size_t mark = workspace_mark(nn->workspace), rows = FRAMES - 1;
    struct matrix in = { (float *)(uintptr_t)frames_of_test, rows, 2 * INPUTS, INPUTS };
    struct matrix out = gapped_matrix(nn, rows, STRIDE * OUTPUTS);

    for (size_t i = 0; i < COUNT(all); i++)
        all[i] = (double)place->bias[i % OUTPUTS];
    for (size_t t = 0; t < FRAMES; t++)
        for (size_t i = 0; i < INPUTS; i++)
            for (size_t o = 0; o < OUTPUTS; o++)
                for (size_t tap = 0; tap < TAPS; tap++)
                    all[(t * STRIDE + tap) * OUTPUTS + o] +=
                        (double)frames_of_test[t * INPUTS + i] *
                        (double)place->weights[(i * OUTPUTS + o) * TAPS + tap];
    gemm_run(nn, &network_of_test->up, &in, &out);
    check_matrix(nn->kernel->name, &out, all + STRIDE * OUTPUTS, tolerance(nn));
    workspace_release(nn->workspace, mark);
}

static void check_linear(const struct nn *nn)
{
    const struct place *place = place_of_test;
    size_t mark = workspace_mark(nn->workspace), depth = (size_t)INPUTS * TAPS;
    struct matrix in = { (float *)(uintptr_t)frames_of_test, 1, depth, depth };
    struct matrix out = gapped_matrix(nn, 1, OUTPUTS);
    double rows[OUTPUTS], columns[OUTPUTS] = { 0 };

    for (size_t o = 0; o < OUTPUTS; o++) {
        rows[o] = (double)place->bias[o];
        for (size_t k = 0; k < depth; k++) {
            rows[o] += (double)frames_of_test[k] * (double)place->weights[k * OUTPUTS + o];
            columns[o] += (double)frames_of_test[k] * (double)place->weights[o * depth + k];
        }
    }
    gemm_run(nn, &network_of_test->rows, &in, &out);
    check_matrix(nn->kernel->name, &out, rows, 1e-6);
    gemm_run(nn, &network_of_test->columns, &in, &out);
    check_matrix(nn->kernel->name, &out, columns, 1e-6);
    workspace_release(nn->workspace, mark);
}

static void check_int8(const struct nn *nn)
{
    struct nn quantised = *nn;

    quantised.int8 = int8_kernel();
    check_conv(&quantised);
    check_transposed(&quantised);
}

static void test_nodes_are_bound_as_onnx_defines_them(void **state)
{
    const struct place *place = *state;
    struct random random = { 12 };
    float *frames = random_floats(&random, (size_t)FRAMES * INPUTS, 1);
    struct network network;
    struct err err = { 0 };
    struct packed_file *file = packed_file_open(place->packed, place->model, walk, &network, &err);

    check_ok(file, &err);
    place_of_test = place;
    network_of_test = &network;
    frames_of_test = frames;
    for_each_nn(check_conv);
    for_each_nn(check_transposed);
    for_each_nn(check_linear);
    for_each_nn(check_int8);
    packed_file_close(file);
    free(frames);
}

static void walk_another(struct packing *packing, void *state)
{
    struct gemm *gemm = state;

    *gemm = gemm_bind_conv(packing, "/conv", OUTPUTS, INPUTS, TAPS + 1, true);
}

static void test_a_node_of_another_shape_is_refused(void **state)
{
    const struct place *place = *state;
    struct gemm gemm;
    struct err err = { 0 };

    assert_null(packed_file_open(place->packed, place->model, walk_another, &gemm, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "/conv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_are_those_of_double_precision),
        cmocka_unit_test(test_no_rows_are_no_work),
        cmocka_unit_test(test_rows_may_overlap),
        cmocka_unit_test(test_both_layouts_pack_the_same_and_fill_up_with_zeros),
        cmocka_unit_test_setup_teardown(test_nodes_are_bound_as_onnx_defines_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_node_of_another_shape_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
