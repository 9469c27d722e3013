#include "base/file.h"
#include "engine/model_files.h"
#include "engine/onnx_file.h"
#include "fixtures.h"

static struct onnx_file *open_fixture(const char *name)
{
    struct err err = { 0 };
    char *path = fixture(name);
    struct onnx_file *file = onnx_file_open(path, &err);

    if (!file)
        fail_msg("%s: %s", name, err.message);
    free(path);
    return file;
}

static void test_inputs_and_outputs_are_listed_with_types_and_shapes(void **state)
{
    struct onnx_file *file = open_fixture("kokoro-int32/kokoro.onnx");
    size_t input_count, output_count;
    const struct tensor_info *inputs = onnx_file_inputs(file, &input_count);
    const struct tensor_info *outputs = onnx_file_outputs(file, &output_count);

    (void)state;
    assert_int_equal(input_count, 3);
    assert_string_equal(inputs[0].name, "input_ids");
    assert_int_equal(inputs[0].type, TENSOR_INT64);
    assert_int_equal(inputs[0].rank, 2);
    assert_int_equal(inputs[0].shape[0], 1);
    assert_int_equal(inputs[0].shape[1], -1);
    assert_string_equal(inputs[1].name, "style");
    assert_int_equal(inputs[1].shape[1], 256);
    assert_int_equal(inputs[2].type, TENSOR_INT32);
    assert_int_equal(output_count, 2);
    assert_string_equal(outputs[1].name, "duration");
    assert_int_equal(outputs[1].type, TENSOR_INT64);
    onnx_file_close(file);
}

static void test_metadata_and_nodes_are_found(void **state)
{
    struct onnx_file *file = open_fixture("kokoro-sherpa/model.onnx");

    (void)state;
    assert_string_equal(onnx_file_metadata(file, "model_type"), "kokoro");
    assert_string_equal(onnx_file_metadata(file, "style_dim"), "510,1,256");
    assert_null(onnx_file_metadata(file, "config.json"));
    assert_true(onnx_file_has_tensor(file, "/encoder/Cast_output_0"));
    assert_false(onnx_file_has_tensor(file, "/encoder/Cast_output"));
    assert_true(onnx_file_has_operator(file, "CumSum"));
    assert_false(onnx_file_has_operator(file, "RandomNormalLike"));
    onnx_file_close(file);
}

static void test_weights_tell_the_precision(void **state)
{
    static const struct {
        const char *file;
        int type;
    } cases[] = { { "kokoro/model.onnx", 1 },
                  { "kokoro-fp16/model_fp16.onnx", 10 },
                  { "kokoro-quantized/model_quantized.onnx", 3 } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx_file *file = open_fixture(cases[i].file);

        check_case(cases[i].file, onnx_file_weight_type(file) == cases[i].type);
        onnx_file_close(file);
    }
}

static void test_models_are_recognised_by_their_graph(void **state)
{
    static const struct {
        const char *file;
        enum model_family family;
    } cases[] = {
        { "kokoro/model.onnx", FAMILY_KOKORO },
        { "kokoro-v0.19/kokoro-v0_19.onnx", FAMILY_KOKORO },
        { "kokoro-v1.0/kokoro-v1.0.onnx", FAMILY_KOKORO },
        { "kokoro-v1.1/kokoro-v1.0.onnx", FAMILY_KOKORO },
        { "kokoro-int32/kokoro.onnx", FAMILY_KOKORO },
        { "kokoro-double/kokoro.onnx", FAMILY_KOKORO },
        { "kokoro-sherpa/model.onnx", FAMILY_KOKORO },
        { "kokoro-timestamped/model.onnx", FAMILY_KOKORO },
        { "kokoro-no-speed/model.onnx", FAMILY_NONE },
        { "kitten/model.onnx", FAMILY_KITTEN },
        { "piper/en_US-lessac-medium.onnx", FAMILY_PIPER },
        { "piper-speakers/en_GB-vctk-medium.onnx", FAMILY_PIPER },
        { "moonshine/encoder_model.onnx", FAMILY_NONE },
        { "moonshine/decoder_model_merged.onnx", FAMILY_NONE },
        { "silero/silero_vad_v5.onnx", FAMILY_NONE },
        { "foreign/model.onnx", FAMILY_NONE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx_file *file = open_fixture(cases[i].file);

        check_case(cases[i].file, model_family_of(file) == cases[i].family);
        onnx_file_close(file);
    }
}

static void test_other_files_are_refused(void **state)
{
    static const char *const files[] = { "truncated/model.onnx", "garbage/model.onnx",
                                         "page/model.onnx", "empty-file/model.onnx",
                                         "kokoro/voices/af_heart.bin" };

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct err err = { 0 };
        char *path = fixture(files[i]);

        check_case(files[i], !onnx_file_open(path, &err) && err.kind == ERR_CORRUPT);
        check_case(files[i], strstr(err.message, path));
        free(path);
    }
}

/* A whole graph cut anywhere is no model, or one with fewer parts, and never a crash. */
static void test_every_prefix_of_a_model_is_read_safely(void **state)
{
    struct err err = { 0 };
    struct file_map map;
    char *path = fixture("kokoro-v1.1/kokoro-v1.0.onnx");
    size_t refused = 0;

    (void)state;
    check_ok(file_map(&map, path, &err), &err);
    for (size_t length = 0; length < map.length; length += 1 + length / 97) {
        /* A copy of exactly this length, so that the sanitizer sees a read behind it. */
        uint8_t *bytes = malloc(length + !length);
        memcpy(bytes, map.bytes, length);
        struct onnx_file *file = onnx_file_read(bytes, length, "a prefix", &err);

        refused += !file;
        onnx_file_close(file);
        free(bytes);
    }
    assert_true(refused > 300);
    file_unmap(&map);
    free(path);
}

static void test_changed_bytes_are_read_safely(void **state)
{
    struct err err = { 0 };
    struct file_map map;
    char *path = fixture("kokoro-sherpa/model.onnx");
    uint32_t random = 1;

    (void)state;
    check_ok(file_map(&map, path, &err), &err);
    uint8_t *bytes = malloc(map.length);
    for (int i = 0; i < 2000; i++) {
        memcpy(bytes, map.bytes, map.length);
        for (int j = 0; j < 3; j++) {
            random = random * 1664525 + 1013904223;
            bytes[random % map.length] = (uint8_t)(random >> 24);
        }
        struct onnx_file *file = onnx_file_read(bytes, map.length, "changed", &err);
        if (file) {
            onnx_file_has_tensor(file, "/encoder/Cast_output_0");
            model_family_of(file);
        }
        onnx_file_close(file);
    }
    free(bytes);
    file_unmap(&map);
    free(path);
}

/* Written by hand after the wire format: graph { input { name: "x" }, initializer { name: "x" } }.
 * Until IR version 4 weights were inputs as well. */
static void test_weights_listed_as_inputs_are_no_inputs(void **state)
{
    static const uint8_t with_weight[] = { 0x3a, 0x0f, 0x5a, 0x03, 0x0a, 0x01, 'x',  0x5a, 0x03,
                                           0x0a, 0x01, 'y',  0x2a, 0x03, 0x42, 0x01, 'x' };
    struct err err = { 0 };
    size_t count;

    (void)state;
    struct onnx_file *file = onnx_file_read(with_weight, sizeof with_weight, "bytes", &err);
    assert_non_null(file);
    const struct tensor_info *inputs = onnx_file_inputs(file, &count);
    assert_int_equal(count, 1);
    assert_string_equal(inputs[0].name, "y");
    onnx_file_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inputs_and_outputs_are_listed_with_types_and_shapes),
        cmocka_unit_test(test_metadata_and_nodes_are_found),
        cmocka_unit_test(test_weights_tell_the_precision),
        cmocka_unit_test(test_models_are_recognised_by_their_graph),
        cmocka_unit_test(test_other_files_are_refused),
        cmocka_unit_test(test_every_prefix_of_a_model_is_read_safely),
        cmocka_unit_test(test_changed_bytes_are_read_safely),
        cmocka_unit_test(test_weights_listed_as_inputs_are_no_inputs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
