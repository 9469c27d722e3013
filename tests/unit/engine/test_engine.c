#include "engine/cores.h"
#include "engine/engine_internal.h"
#include "fixtures.h"

static void test_auto_takes_the_best_engine_that_can_speak(void **state)
{
    static const struct {
        const char *folder, *runtime, *model, *engine;
    } cases[] = {
        { "kokoro", NULL, NULL, "kokoro" },
        { "kitten", NULL, NULL, "kitten" },
        { "piper", NULL, NULL, "piper" },
        { "foreign", NULL, NULL, "espeak" },
        { "no-such-folder", NULL, NULL, "espeak" },
        { "kokoro-no-voices", NULL, NULL, "espeak" },
        { "kokoro", "/no/such/library.so", NULL, "espeak" },
        { "piper", NULL, "en_US-lessac-medium.onnx", "piper" },
        { "kitten", NULL, "model.onnx", "kitten" },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        char *folder = fixture(cases[i].folder);
        struct engine_config config = { .models_dir = folder,
                                        .runtime_path = cases[i].runtime,
                                        .threads = 1 };
        struct engine *engine = engine_open(&config, "auto", cases[i].model, &err);

        if (!engine)
            fail_msg("%s: %s", cases[i].folder, err.message);
        check_text(cases[i].folder, engine_name(engine), cases[i].engine);
        check_case(cases[i].folder, engine_voice_count(engine) > 0);
        check_case(cases[i].folder, engine_rate_hz(engine) > 0);
        engine_close(engine);
        free(folder);
    }
}

static void test_an_engine_asked_for_by_name_does_not_fall_back(void **state)
{
    static const struct {
        const char *folder, *engine, *model;
        enum err_kind kind;
    } cases[] = {
        { "foreign", "kokoro", NULL, ERR_UNAVAILABLE },
        { "foreign", "kitten", NULL, ERR_UNAVAILABLE },
        { "foreign", "piper", NULL, ERR_UNAVAILABLE },
        { "kokoro", "festival", NULL, ERR_INVALID },
        { "kokoro", "espeak", "model.onnx", ERR_UNSUPPORTED },
        { "kokoro", "piper", "model.onnx", ERR_UNSUPPORTED },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        char *folder = fixture(cases[i].folder);
        struct engine_config config = { .models_dir = folder, .threads = 1 };

        check_case(cases[i].engine, !engine_open(&config, cases[i].engine, cases[i].model, &err));
        if (err.kind != cases[i].kind)
            fail_msg("%s: %s, %s", cases[i].engine, err_kind_name(err.kind), err.message);
        check_case(cases[i].engine,
                   cases[i].model || !engine_is_available(&config, cases[i].engine, &err));
        free(folder);
    }
}

static void test_without_the_library_neural_engines_are_unavailable(void **state)
{
    struct err err = { 0 };
    char *folder = fixture("kokoro");
    struct engine_config config = { .models_dir = folder, .runtime_path = "/no/such/library.so" };

    (void)state;
    assert_false(engine_is_available(&config, "kokoro", &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, "/no/such/library.so"));
    assert_true(engine_is_available(&config, "auto", &err));
    free(folder);
}

static void test_fp32_models_come_first(void **state)
{
    char *folder = fixture("kokoro-nan-beside-fp32");
    struct installed_models list;

    (void)state;
    installed_models_list(folder, FAMILY_NONE, &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(strrchr(list.items[0].path, '/'), "/model.onnx");
    assert_true(list.items[0].is_fp32);
    assert_string_equal(strrchr(list.items[1].path, '/'), "/model_fp16.onnx");
    assert_false(list.items[1].is_fp32);
    installed_models_release(&list);
    free(folder);
}

/* All folders of the fixtures below one: every model is found, whatever its name. */
static void test_models_are_found_below_folders(void **state)
{
    static const struct {
        enum model_family family;
        size_t least;
    } cases[] = { { FAMILY_KOKORO, 16 }, { FAMILY_KITTEN, 8 }, { FAMILY_PIPER, 8 } };
    char *folder = fixture("");

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct installed_models list;
        const char *name = model_family_name(cases[i].family);

        installed_models_list(folder, cases[i].family, &list);
        check_case(name, list.count >= cases[i].least);
        for (size_t j = 0; j < list.count; j++)
            check_case(list.items[j].path, list.items[j].family == cases[i].family);
        installed_models_release(&list);
    }
    free(folder);
}

static void test_threads_are_shared_among_callers(void **state)
{
    static const struct {
        int threads, callers, expected;
    } cases[] = { { 4, 0, 4 }, { 4, 1, 4 }, { 4, 2, 2 }, { 4, 3, 1 }, { 2, 8, 1 }, { 1, 1, 1 } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct engine_config config = { .threads = cases[i].threads, .callers = cases[i].callers };

        assert_int_equal(engine_run_threads(&config), cases[i].expected);
    }
    assert_true(cores_count() >= 1);
    assert_int_equal(engine_run_threads(&(struct engine_config){ 0 }), cores_count());
}

static void test_engines_are_listed_in_order_of_preference(void **state)
{
    static const char *const names[] = { "kokoro", "kitten", "piper", "espeak" };

    (void)state;
    assert_int_equal(engine_count(), COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(engine_name_at(i), names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auto_takes_the_best_engine_that_can_speak),
        cmocka_unit_test(test_an_engine_asked_for_by_name_does_not_fall_back),
        cmocka_unit_test(test_without_the_library_neural_engines_are_unavailable),
        cmocka_unit_test(test_fp32_models_come_first),
        cmocka_unit_test(test_models_are_found_below_folders),
        cmocka_unit_test(test_threads_are_shared_among_callers),
        cmocka_unit_test(test_engines_are_listed_in_order_of_preference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
