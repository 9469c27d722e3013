#include <math.h>

#include "base/file.h"
#include "nn/onnx_weights.h"
#include "onnx_bytes.h"

static const uint64_t two_by_three[] = { 2, 3 };
static const float six[] = { 0.5F, -1, 2.25F, 3e-9F, -4e9F, 0 };

/* The weights in graph, which is taken; model keeps the bytes. */
static struct onnx_weights *read_graph(struct buf *graph, struct buf *model)
{
    struct err err = { 0 };

    *model = new_model(graph);
    struct onnx_weights *weights = onnx_weights_read(model->data, model->len, "a model", &err);
    if (!weights)
        fail_msg("%s", err.message);
    return weights;
}

static void check_six(const struct onnx_tensor *tensor)
{
    float values[6];

    assert_int_equal(tensor->rank, 2);
    assert_int_equal(tensor->dims[0], 2);
    assert_int_equal(tensor->dims[1], 3);
    assert_int_equal(tensor->count, 6);
    onnx_tensor_floats(tensor, values);
    assert_memory_equal(values, six, sizeof six);
}

static void test_weights_are_found_by_name_and_by_node(void **state)
{
    struct buf graph = BUF(BYTES_MAX), model;
    struct onnx_tensor tensor;
    struct err err = { 0 };

    (void)state;
    put_node(&graph, "", (const char *const[]){ "nobody's", NULL });
    put_node(&graph, "/net/Gemm", (const char *const[]){ "x", "", "7", "weight", NULL });
    put_floats(&graph, "other", two_by_three, 1, six, 2);
    put_floats(&graph, "weight", two_by_three, 2, six, 6);
    struct onnx_weights *weights = read_graph(&graph, &model);
    check_ok(onnx_weights_get(weights, "weight", &tensor, &err), &err);
    check_six(&tensor);
    check_ok(onnx_weights_get_input(weights, "/net/Gemm", 3, &tensor, &err), &err);
    check_six(&tensor);
    onnx_weights_close(weights);
    buf_release(&model);
}

static void test_what_is_no_weight_is_unsupported(void **state)
{
    static const struct {
        const char *node;
        size_t input;
        const char *message;
    } cases[] = {
        { NULL, 0, "called absent" },
        { "absent", 0, "called absent" },
        { "/net/Gemm", 0, "Input 0 of node /net/Gemm" }, /* a signal */
        { "/net/Gemm", 1, "Input 1" },                   /* an empty name */
        { "/net/Gemm", 4, "Input 4" },                   /* beyond the last */
        { "/net/Gemm", 2, "7 of a model are no floats" },
        { "twice", 3, "called twice" },
        { "/net/Sum", 0, "Input 0" }, /* two weights of one name */
        { "/net/Sum", 1, "lie in a file of their own" },
        { "/net/Sum", 2, "lie in a file of their own" },
    };
    struct buf graph = BUF(BYTES_MAX), model, part;
    const char *const inputs[] = { "x", "", "7", "weight", NULL };

    (void)state;
    put_node(&graph, "/net/Gemm", inputs);
    put_node(&graph, "twice", inputs);
    put_node(&graph, "twice", inputs);
    put_node(&graph, "/net/Sum", (const char *const[]){ "same", "apart", "elsewhere", NULL });
    put_floats(&graph, "weight", two_by_three, 2, six, 6);
    put_floats(&graph, "same", two_by_three, 2, six, 6);
    put_floats(&graph, "same", two_by_three, 2, six, 6);
    part = new_tensor("7", 7, two_by_three, 1);
    put_raw(&part, six, 16);
    put_initializer(&graph, &part);
    part = new_tensor("apart", 1, two_by_three, 2);
    put_number(&part, 14, 1);
    put_initializer(&graph, &part);
    part = new_tensor("elsewhere", 1, two_by_three, 2);
    put_text(&part, 13, "location");
    put_initializer(&graph, &part);
    struct onnx_weights *weights = read_graph(&graph, &model);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx_tensor tensor;
        struct err err = { 0 };
        bool found = cases[i].node ? onnx_weights_get_input(weights, cases[i].node, cases[i].input,
                                                            &tensor, &err)
                                   : onnx_weights_get(weights, "absent", &tensor, &err);

        check_case(cases[i].message, !found && err.kind == ERR_UNSUPPORTED);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].message, err.message);
    }
    onnx_weights_close(weights);
    buf_release(&model);
}

/* Values stand in raw bytes, or in a list, packed or one by one; so do dimensions. */
static void test_every_way_to_write_floats_is_read(void **state)
{
    static const char *const names[] = { "raw", "packed", "single", "mixed" };
    struct buf graph = BUF(BYTES_MAX), model, part;

    (void)state;
    put_floats(&graph, "raw", two_by_three, 2, six, 6);

    part = new_tensor("packed", 1, NULL, 0);
    put_bytes(&part, 1, "\2\3", 2);
    put_bytes(&part, 4, six, sizeof six);
    put_initializer(&graph, &part);

    part = new_tensor("single", 1, two_by_three, 2);
    for (size_t i = 0; i < 6; i++) {
        put_varint(&part, 4 << 3 | 5);
        buf_append(&part, &six[i], sizeof six[i]);
    }
    put_initializer(&graph, &part);

    part = new_tensor("mixed", 1, two_by_three, 1);
    put_bytes(&part, 4, six, 2 * sizeof *six);
    put_bytes(&part, 1, "\3", 1);
    put_bytes(&part, 4, six + 2, 4 * sizeof *six);
    put_initializer(&graph, &part);

    struct onnx_weights *weights = read_graph(&graph, &model);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct onnx_tensor tensor;
        struct err err = { 0 };

        check_ok(onnx_weights_get(weights, names[i], &tensor, &err), &err);
        check_six(&tensor);
    }
    onnx_weights_close(weights);
    buf_release(&model);
}

/* All 65,536, against the definition: (1 + f / 1024) * 2^(e - 15), or f / 1024 * 2^-14. */
static double half_value(unsigned half)
{
    int exponent = (int)(half >> 10 & 31);
    double fraction = (half & 1023) / 1024.0, value;

    if (exponent == 31)
        value = fraction > 0 ? NAN : INFINITY;
    else
        value = exponent > 0 ? ldexp(1 + fraction, exponent - 15) : ldexp(fraction, -14);
    return half & 0x8000 ? -value : value;
}

static void check_halves(const struct onnx_weights *weights, const char *name)
{
    float *values = xcalloc(65536, sizeof *values);
    struct onnx_tensor tensor;
    struct err err = { 0 };

    check_ok(onnx_weights_get(weights, name, &tensor, &err), &err);
    assert_true(tensor.is_half);
    assert_int_equal(tensor.count, 65536);
    onnx_tensor_floats(&tensor, values);
    for (unsigned i = 0; i < 65536; i++) {
        double expected = half_value(i);

        if (isnan(expected) ? !isnan(values[i])
                            : values[i] != expected || !signbit(values[i]) != !signbit(expected))
            fail_msg("%s: %04x is %g instead of %g", name, i, (double)values[i], expected);
    }
    free(values);
}

static void test_every_half_becomes_the_same_float(void **state)
{
    static const uint64_t all = 65536;
    struct buf graph = BUF(BYTES_MAX), model, raw = new_tensor("raw", 10, &all, 1);
    struct buf list = new_tensor("list", 10, &all, 1), packed = BUF(BYTES_MAX);
    uint8_t *bytes = xmalloc(2 * 65536);

    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        bytes[2 * i] = (uint8_t)i;
        bytes[2 * i + 1] = (uint8_t)(i >> 8);
        if (i == 0)
            put_number(&list, 5, i); /* one that is not packed */
        else
            put_varint(&packed, i);
    }
    put_raw(&raw, bytes, 2 * 65536);
    put_part(&list, 5, &packed);
    put_initializer(&graph, &raw);
    put_initializer(&graph, &list);
    struct onnx_weights *weights = read_graph(&graph, &model);
    check_halves(weights, "raw");
    check_halves(weights, "list");
    onnx_weights_close(weights);
    buf_release(&model);
    free(bytes);
}

static void test_a_scalar_and_nothing_are_tensors(void **state)
{
    static const uint64_t none[] = { 4, 0 };
    struct buf graph = BUF(BYTES_MAX), model;
    struct onnx_tensor tensor;
    struct err err = { 0 };
    float value = 0;

    (void)state;
    put_floats(&graph, "scalar", NULL, 0, six, 1);
    put_floats(&graph, "nothing", none, 2, NULL, 0);
    struct onnx_weights *weights = read_graph(&graph, &model);
    check_ok(onnx_weights_get(weights, "scalar", &tensor, &err), &err);
    assert_int_equal(tensor.rank, 0);
    onnx_tensor_floats(&tensor, &value);
    assert_true(value == six[0]);
    check_ok(onnx_weights_get(weights, "nothing", &tensor, &err), &err);
    assert_int_equal(tensor.count, 0);
    onnx_tensor_floats(&tensor, &value);
    assert_true(value == six[0]);
    onnx_weights_close(weights);
    buf_release(&model);
}

/* Each writes a tensor called "bad". */
static struct buf one_value_less(void)
{
    struct buf tensor = new_tensor("bad", 1, two_by_three, 2);

    put_raw(&tensor, six, sizeof six - 4);
    return tensor;
}

static struct buf one_byte_more(void)
{
    struct buf tensor = new_tensor("bad", 10, two_by_three, 2);

    put_raw(&tensor, six, 13);
    return tensor;
}

static struct buf no_values(void)
{
    return new_tensor("bad", 1, two_by_three, 2);
}

static struct buf values_twice(void)
{
    struct buf tensor = new_tensor("bad", 1, two_by_three, 2);

    put_raw(&tensor, six, sizeof six);
    put_bytes(&tensor, 4, six, sizeof six);
    return tensor;
}

static struct buf raw_twice(void)
{
    struct buf tensor = new_tensor("bad", 1, two_by_three, 2);

    put_raw(&tensor, six, sizeof six);
    put_raw(&tensor, six, sizeof six);
    return tensor;
}

static struct buf halves_of_floats(void)
{
    struct buf tensor = new_tensor("bad", 1, two_by_three, 2);

    put_bytes(&tensor, 4, six, 10);
    put_bytes(&tensor, 4, six, 14);
    return tensor;
}

static struct buf a_size_that_overflows(void)
{
    static const uint64_t dims[] = { (uint64_t)1 << 32, (uint64_t)1 << 32 };

    return new_tensor("bad", 1, dims, 2);
}

static struct buf bytes_that_overflow(void)
{
    static const uint64_t dims[] = { (uint64_t)1 << 31, (uint64_t)1 << 31 };

    return new_tensor("bad", 1, dims, 2);
}

static struct buf a_negative_dimension(void)
{
    static const uint64_t dims[] = { (uint64_t)-1 };

    return new_tensor("bad", 1, dims, 1);
}

static struct buf many_dimensions(void)
{
    static const uint64_t dims[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    struct buf tensor = new_tensor("bad", 1, dims, 9);

    put_raw(&tensor, six, 4);
    return tensor;
}

static struct buf a_cut_number(void)
{
    struct buf tensor = new_tensor("bad", 10, two_by_three, 1);

    put_bytes(&tensor, 5, "\1\200", 2);
    return tensor;
}

static void test_values_that_do_not_fill_their_shape_are_corrupt(void **state)
{
    static const struct {
        const char *name;
        struct buf (*make)(void);
    } cases[] = {
        { "one value less", one_value_less },
        { "one byte more", one_byte_more },
        { "no values", no_values },
        { "values twice", values_twice },
        { "raw twice", raw_twice },
        { "halves of floats", halves_of_floats },
        { "a size that overflows", a_size_that_overflows },
        { "bytes that overflow", bytes_that_overflow },
        { "a negative dimension", a_negative_dimension },
        { "many dimensions", many_dimensions },
        { "a cut number", a_cut_number },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf graph = BUF(BYTES_MAX), model, bad = cases[i].make();
        struct onnx_tensor tensor;
        struct err err = { 0 };

        put_initializer(&graph, &bad);
        put_floats(&graph, "good", two_by_three, 2, six, 6);
        struct onnx_weights *weights = read_graph(&graph, &model);
        check_case(cases[i].name,
                   !onnx_weights_get(weights, "bad", &tensor, &err) && err.kind == ERR_CORRUPT);
        check_case(cases[i].name, strstr(err.message, "bad in a model"));
        check_case(cases[i].name, onnx_weights_get(weights, "good", &tensor, &err));
        onnx_weights_close(weights);
        buf_release(&model);
    }
}

/* A whole model cut anywhere is refused or lacks weights, and nothing behind the cut is read. */
static void test_every_prefix_of_a_model_is_read_safely(void **state)
{
    struct buf graph = BUF(BYTES_MAX);
    size_t refused = 0;

    (void)state;
    put_node(&graph, "/net/Gemm", (const char *const[]){ "x", "weight", NULL });
    put_floats(&graph, "weight", two_by_three, 2, six, 6);
    struct buf model = new_model(&graph);
    for (size_t length = 0; length < model.len; length++) {
        /* A copy of exactly this length, so that the sanitizer sees a read behind it. */
        uint8_t *bytes = malloc(length + !length);
        struct err err = { 0 };

        memcpy(bytes, model.data, length);
        struct onnx_weights *weights = onnx_weights_read(bytes, length, "a prefix", &err);
        refused += !weights && err.kind == ERR_CORRUPT;
        onnx_weights_close(weights);
        free(bytes);
    }
    assert_int_equal(refused, model.len); /* the graph is last, so that no cut leaves a whole one */
    buf_release(&model);
}

static void test_too_many_nodes_and_too_long_names_are_refused(void **state)
{
    struct buf graph = BUF(BYTES_MAX), model;
    struct err err = { 0 };
    char name[1026];

    (void)state;
    for (int i = 0; i < 65537; i++)
        put_bytes(&graph, 1, "\x1a\1n", 3);
    model = new_model(&graph);
    assert_null(onnx_weights_read(model.data, model.len, "a model", &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    buf_release(&model);

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    graph = BUF(BYTES_MAX);
    put_floats(&graph, name, NULL, 0, six, 1);
    model = new_model(&graph);
    assert_null(onnx_weights_read(model.data, model.len, "a model", &err));
    buf_release(&model);

    name[sizeof name - 2] = '\0'; /* 1024 bytes */
    graph = BUF(BYTES_MAX);
    put_floats(&graph, name, NULL, 0, six, 1);
    onnx_weights_close(read_graph(&graph, &model));
    buf_release(&model);
}

static void test_a_file_is_opened_and_another_kind_is_not(void **state)
{
    char *folder = temp_folder(), *path = str_format("%s/model.onnx", folder);
    struct buf graph = BUF(BYTES_MAX);
    struct onnx_tensor tensor;
    struct err err = { 0 };

    (void)state;
    put_floats(&graph, "weight", two_by_three, 2, six, 6);
    struct buf model = new_model(&graph);
    check_ok(file_write(path, model.data, model.len, &err), &err);
    struct onnx_weights *weights = onnx_weights_open(path, &err);
    assert_non_null(weights);
    check_ok(onnx_weights_get(weights, "weight", &tensor, &err), &err);
    check_six(&tensor);
    onnx_weights_close(weights);

    check_ok(file_write(path, "<html>", 6, &err), &err);
    assert_null(onnx_weights_open(path, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_non_null(strstr(err.message, path));
    check_ok(file_write(path, "", 0, &err), &err);
    assert_null(onnx_weights_open(path, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    remove(path);
    assert_null(onnx_weights_open(path, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    buf_release(&model);
    free(path);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_are_found_by_name_and_by_node),
        cmocka_unit_test(test_what_is_no_weight_is_unsupported),
        cmocka_unit_test(test_every_way_to_write_floats_is_read),
        cmocka_unit_test(test_every_half_becomes_the_same_float),
        cmocka_unit_test(test_a_scalar_and_nothing_are_tensors),
        cmocka_unit_test(test_values_that_do_not_fill_their_shape_are_corrupt),
        cmocka_unit_test(test_every_prefix_of_a_model_is_read_safely),
        cmocka_unit_test(test_too_many_nodes_and_too_long_names_are_refused),
        cmocka_unit_test(test_a_file_is_opened_and_another_kind_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
