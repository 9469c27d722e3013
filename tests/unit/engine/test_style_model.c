#include <math.h>
#include <pthread.h>

#include "engine/style_model.h"
#include "fixtures.h"

/* The made graphs: id i sounds for max(1, round((3 + i % 4) / speed)) frames of 600 samples, each of
 * 3 + i cycles of a sine of amplitude style[0]; id 0 is silent. */
static const int64_t ids[] = { 0, 5, 16, 50, 7, 0 };
#define IDS COUNT(ids)

static size_t frames_of(int64_t id, double speed)
{
    double frames = nearbyint((double)(3 + id % 4) / speed);

    return frames < 1 ? 1 : (size_t)frames;
}

static size_t samples_of(double speed)
{
    size_t frames = 0;

    for (size_t i = 0; i < IDS; i++)
        frames += frames_of(ids[i], speed);
    return frames * 600;
}

struct loaded {
    struct ort *ort;
    struct style_model *model;
};

static struct style_model *open_model(struct loaded *loaded, const char *name, struct err *err)
{
    char *path = fixture(name);

    loaded->ort = ort_open(NULL, err);
    assert_non_null(loaded->ort);
    loaded->model = style_model_open(loaded->ort, path, 1, err);
    free(path);
    return loaded->model;
}

static void unload(struct loaded *loaded)
{
    style_model_close(loaded->model);
    ort_close(loaded->ort);
}

static bool speak(struct style_model *model, double speed, struct style_speech *out,
                  struct cancel *cancel, struct err *err)
{
    float style[STYLE_COLUMNS] = { 0.25f };
    struct style_request request = { ids, IDS, style, speed };

    return style_model_run(model, &request, out, cancel, err);
}

static float peak(const float *samples, size_t count)
{
    float most = 0;

    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, fabsf(samples[i]));
    return most;
}

static void check_speech(const char *name, const struct style_speech *speech, double speed,
                         bool has_times)
{
    check_case(name, speech->frames == samples_of(speed));
    check_case(name, style_speech_is_finite(speech));
    check_case(name, fabsf(peak(speech->samples, speech->frames) - 0.25f) < 1e-3f);
    check_case(name, has_times == (speech->id_start != NULL));
    for (size_t i = 0; has_times && i < IDS; i++) {
        size_t start = speech->id_start[i], end = speech->id_start[i + 1];

        check_case(name, end - start == 600 * frames_of(ids[i], speed));
        /* The times are where the sound is: the pads are silent, the others hum. */
        check_case(name, (peak(speech->samples + start, end - start) > 0.2f) == (ids[i] != 0));
    }
}

static void test_every_export_speaks(void **state)
{
    static const struct {
        const char *file;
        bool has_times;
    } cases[] = {
        { "kokoro/model.onnx", true },
        { "kokoro-fp16/model_fp16.onnx", true },
        { "kokoro-half-output/model.onnx", true },
        { "kokoro-rank3/model.onnx", true },
        { "kokoro-timestamped/model.onnx", true },
        { "kokoro-v0.19/kokoro-v0_19.onnx", true },
        { "kokoro-v1.0/kokoro-v1.0.onnx", true },
        { "kokoro-v1.1/kokoro-v1.0.onnx", true },
        { "kokoro-int32/kokoro.onnx", true },
        { "kokoro-double/kokoro.onnx", true },
        { "kokoro-sherpa/model.onnx", true },
        { "kitten/model.onnx", true },
        { "kokoro-quantized/model_quantized.onnx", true },
        { "kokoro-durations/model.onnx", false }, /* negative ones */
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct loaded loaded = { 0 };
        struct style_speech speech;

        if (!open_model(&loaded, cases[i].file, &err) ||
            !speak(loaded.model, 1, &speech, NULL, &err))
            fail_msg("%s: %s", cases[i].file, err.message);
        check_speech(cases[i].file, &speech, 1, cases[i].has_times);
        style_speech_release(&speech);
        unload(&loaded);
    }
}

static void test_speed_arrives_in_each_element_type(void **state)
{
    static const struct {
        const char *file;
        double speed;
        bool works;
    } cases[] = {
        { "kokoro/model.onnx", 0.5, true },         { "kokoro/model.onnx", 1.3, true },
        { "kokoro-double/kokoro.onnx", 0.7, true }, { "kokoro-double/kokoro.onnx", 2, true },
        { "kokoro-int32/kokoro.onnx", 2, true },    { "kokoro-int32/kokoro.onnx", 1.5, false },
        { "kokoro-int32/kokoro.onnx", 0.5, false },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct loaded loaded = { 0 };
        struct style_speech speech;
        char *name = str_format("%s at %g", cases[i].file, cases[i].speed);

        if (!open_model(&loaded, cases[i].file, &err))
            fail_msg("%s: %s", name, err.message);
        bool works = speak(loaded.model, cases[i].speed, &speech, NULL, &err);
        check_case(name, works == cases[i].works);
        if (works)
            check_speech(name, &speech, cases[i].speed, true);
        else
            check_case(name, err.kind == ERR_UNSUPPORTED && strcmp(err.param, "speed") == 0);
        style_speech_release(&speech);
        unload(&loaded);
        free(name);
    }
}

static void test_other_models_are_refused(void **state)
{
    static const struct {
        const char *file;
        enum err_kind kind;
    } cases[] = {
        { "foreign/model.onnx", ERR_UNSUPPORTED },
        { "kokoro-no-speed/model.onnx", ERR_UNSUPPORTED },
        { "piper/en_US-lessac-medium.onnx", ERR_UNSUPPORTED },
        { "truncated/model.onnx", ERR_CORRUPT },
        { "garbage/model.onnx", ERR_CORRUPT },
        { "page/model.onnx", ERR_CORRUPT },
        { "empty-file/model.onnx", ERR_CORRUPT },
        { "no-such-folder/model.onnx", ERR_NOT_FOUND },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct loaded loaded = { 0 };

        check_case(cases[i].file, !open_model(&loaded, cases[i].file, &err));
        if (err.kind != cases[i].kind)
            fail_msg("%s: %s, %s", cases[i].file, err_kind_name(err.kind), err.message);
        unload(&loaded);
    }
}

static void test_what_the_runtime_refuses_is_an_error(void **state)
{
    int64_t many[600] = { 0 };
    float style[STYLE_COLUMNS] = { 0 };
    struct style_request request = { many, COUNT(many), style, 1 };
    struct err err = { 0 };
    struct loaded loaded = { 0 };
    struct style_speech speech;

    (void)state;
    need_runtime();
    assert_non_null(open_model(&loaded, "kokoro/model.onnx", &err));
    assert_false(style_model_run(loaded.model, &request, &speech, NULL, &err));
    assert_int_equal(err.kind, ERR_INTERNAL);
    assert_null(speech.samples);
    unload(&loaded);

    struct ort *ort = ort_open(NULL, &err);
    struct ort_session_options options = { .threads = 1 };
    assert_null(ort_session_open_bytes(ort, "not a model", 11, "these bytes", &options, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_non_null(strstr(err.message, "these bytes"));
    ort_close(ort);
}

static void test_a_missing_library_says_how_to_get_it(void **state)
{
    struct err err = { 0 };

    (void)state;
    assert_null(ort_open("/no/such/libonnxruntime.so.1", &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, "/no/such/libonnxruntime.so.1"));
    assert_false(ort_is_available("/no/such/libonnxruntime.so.1", &err));
    assert_null(ort_open("libm.so.6", &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
}

static void test_not_a_number_is_noticed(void **state)
{
    struct err err = { 0 };
    struct loaded loaded = { 0 };
    struct style_speech speech;

    (void)state;
    need_runtime();
    assert_non_null(open_model(&loaded, "kokoro-nan/model_fp16.onnx", &err));
    check_ok(speak(loaded.model, 1, &speech, NULL, &err), &err);
    assert_false(style_speech_is_finite(&speech));
    style_speech_release(&speech);
    unload(&loaded);
}

struct endless {
    struct loaded loaded;
    struct cancel cancel;
    struct err err;
    bool worked;
};

static void *run_endless(void *argument)
{
    struct endless *endless = argument;
    struct style_speech speech;

    endless->worked = speak(endless->loaded.model, 1, &speech, &endless->cancel, &endless->err);
    return NULL;
}

/* The graph would run for centuries. Whether the request comes before the run or in it, it ends. */
static void test_a_running_inference_can_be_cancelled(void **state)
{
    struct endless endless = { 0 };
    pthread_t thread;

    (void)state;
    need_runtime();
    cancel_init(&endless.cancel);
    assert_non_null(open_model(&endless.loaded, "kokoro-endless/model.onnx", &endless.err));
    assert_int_equal(pthread_create(&thread, NULL, run_endless, &endless), 0);
    cancel_request(&endless.cancel);
    pthread_join(thread, NULL);
    assert_false(endless.worked);
    assert_int_equal(endless.err.kind, ERR_CANCELLED);
    unload(&endless.loaded);
    cancel_release(&endless.cancel);
}

struct caller {
    struct style_model *model;
    double speed;
    int failures;
};

static void *call_often(void *argument)
{
    struct caller *caller = argument;

    for (int i = 0; i < 20; i++) {
        struct err err = { 0 };
        struct style_speech speech;

        bool ok = speak(caller->model, caller->speed, &speech, NULL, &err);
        caller->failures += !ok || speech.frames != samples_of(caller->speed);
        style_speech_release(&speech);
    }
    return NULL;
}

static void test_two_threads_share_a_model(void **state)
{
    struct err err = { 0 };
    struct loaded loaded = { 0 };
    pthread_t threads[2];

    (void)state;
    need_runtime();
    assert_non_null(open_model(&loaded, "kokoro/model.onnx", &err));
    struct caller callers[2] = { { loaded.model, 1, 0 }, { loaded.model, 1.5, 0 } };
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(callers[0].failures + callers[1].failures, 0);
    unload(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_export_speaks),
        cmocka_unit_test(test_speed_arrives_in_each_element_type),
        cmocka_unit_test(test_other_models_are_refused),
        cmocka_unit_test(test_what_the_runtime_refuses_is_an_error),
        cmocka_unit_test(test_a_missing_library_says_how_to_get_it),
        cmocka_unit_test(test_not_a_number_is_noticed),
        cmocka_unit_test(test_a_running_inference_can_be_cancelled),
        cmocka_unit_test(test_two_threads_share_a_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
