#include <unistd.h>

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
                                        .onnxruntime = cases[i].runtime,
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
    struct engine_config config = { .models_dir = folder, .onnxruntime = "/no/such/library.so" };

    (void)state;
    assert_false(engine_is_available(&config, "kokoro", &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, "/no/such/library.so"));
    assert_true(engine_is_available(&config, "auto", &err));
    free(folder);
}

/* What is not prepared for it is the only thing that is missing then. */
static void test_our_own_engine_needs_no_library(void **state)
{
    struct err err = { 0 };
    char *folder = fixture("kokoro");
    struct engine_config config = { .models_dir = folder,
                                    .onnxruntime = "/no/such/library.so",
                                    .runtime = "native" };

    (void)state;
    assert_true(engine_is_available(&config, "kokoro", &err));
    assert_null(engine_open(&config, "kokoro", NULL, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, "models prepare"));
    free(folder);
}

/* Whatever decides on voices: files beside the model, its metadata, its version, its speakers. */
static void test_voices_are_listed_without_loading_as_the_open_engine_has_them(void **state)
{
    static const struct {
        const char *folder, *engine;
    } cases[] = {
        { "kokoro", "kokoro" },         { "kokoro", "auto" },
        { "kokoro-v0.19", "kokoro" },   { "kokoro-v0.19-json", "kokoro" },
        { "kokoro-v1.0", "kokoro" },    { "kokoro-v1.1", "kokoro" },
        { "kokoro-sherpa", "kokoro" },  { "kokoro-nan-beside-fp32", "kokoro" },
        { "kitten", "kitten" },         { "kitten-nano-0.1", "kitten" },
        { "kitten-no-config", "auto" }, { "piper", "piper" },
        { "piper-speakers", "piper" },  { "piper-text", "piper" },
        { "foreign", "auto" },          { "foreign", "espeak" },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *name = cases[i].folder;
        char *folder = fixture(name);
        struct engine_config config = { .models_dir = folder, .threads = 1 };
        struct arena arena = ARENA;
        struct engine_voices listed;
        struct err err = { 0 };

        check_ok(engine_list_voices(&config, cases[i].engine, NULL, &arena, &listed, &err), &err);
        struct engine *engine = engine_open(&config, cases[i].engine, NULL, &err);
        check_ok(engine, &err);
        check_text(name, listed.engine, engine_name(engine));
        check_text(name, listed.model, engine_model(engine));
        check_case(name, listed.count > 0 && listed.count == engine_voice_count(engine));
        for (size_t v = 0; v < listed.count; v++) {
            const struct voice_info *info = engine_voice_at(engine, v);

            check_text(name, listed.items[v].id, info->id);
            check_text(name, listed.items[v].name, info->name);
            check_text(name, listed.items[v].language, info->language);
            check_text(name, listed.items[v].gender, info->gender);
            check_case(name, v == 0 || strcmp(listed.items[v - 1].id, info->id) < 0);
        }
        check_text(name, listed.default_voice, voice_info(engine_voice(engine, NULL, &err))->id);
        const char *blend =
            arena_format(&arena, "%s(2)+%s(1)", listed.items[0].id, listed.items[0].id);
        check_case(name, listed.can_blend == (engine_voice(engine, blend, &err) != NULL));
        engine_close(engine);
        arena_release(&arena);
        free(folder);
    }
}

static void test_an_engine_that_cannot_speak_lists_no_voices(void **state)
{
    static const struct {
        const char *folder, *engine;
        enum err_kind kind;
        const char *says;
    } cases[] = {
        { "foreign", "kokoro", ERR_UNAVAILABLE, "pull kokoro" },
        { "kokoro-no-voices", "kokoro", ERR_UNAVAILABLE, "pull kokoro-voices" },
        { "kitten-no-voices", "kitten", ERR_UNAVAILABLE, "voices" },
        { "kitten-bad-config", "kitten", ERR_CORRUPT, "config.json" },
        { "piper-no-config", "piper", ERR_UNAVAILABLE, ".json" },
        { "kokoro", "festival", ERR_INVALID, "festival" },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *folder = fixture(cases[i].folder);
        struct engine_config config = { .models_dir = folder };
        struct arena arena = ARENA;
        struct engine_voices listed;
        struct err err = { 0 };

        check_case(cases[i].folder,
                   !engine_list_voices(&config, cases[i].engine, NULL, &arena, &listed, &err));
        if (err.kind != cases[i].kind || !strstr(err.message, cases[i].says))
            fail_msg("%s: %s: %s", cases[i].folder, err_kind_name(err.kind), err.message);
        arena_release(&arena);
        free(folder);
    }
}

/* A Piper voice is named after its file, and that may have any bytes. */
static void test_a_model_whose_voice_cannot_be_named_is_refused(void **state)
{
    static const char *const kinds[] = { "onnx", "onnx.json" };
    char *from = fixture("piper"), *folder = temp_folder();
    struct engine_config config = { .models_dir = folder };
    struct arena arena = ARENA;
    struct engine_voices listed;
    struct err err = { 0 };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(kinds); i++) {
        char *target = str_format("%s/en_US-lessac-medium.%s", from, kinds[i]);
        char *link = str_format("%s/odd\xff.%s", folder, kinds[i]);

        assert_int_equal(symlink(target, link), 0);
        free(link);
        free(target);
    }
    assert_false(engine_list_voices(&config, "piper", NULL, &arena, &listed, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    check_ok(engine_list_voices(&config, "auto", NULL, &arena, &listed, &err), &err);
    assert_string_equal(listed.engine, "espeak");
    arena_release(&arena);
    temp_folder_remove(folder);
    free(from);
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
        cmocka_unit_test(test_our_own_engine_needs_no_library),
        cmocka_unit_test(test_voices_are_listed_without_loading_as_the_open_engine_has_them),
        cmocka_unit_test(test_an_engine_that_cannot_speak_lists_no_voices),
        cmocka_unit_test(test_a_model_whose_voice_cannot_be_named_is_refused),
        cmocka_unit_test(test_fp32_models_come_first),
        cmocka_unit_test(test_models_are_found_below_folders),
        cmocka_unit_test(test_threads_are_shared_among_callers),
        cmocka_unit_test(test_engines_are_listed_in_order_of_preference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
