#include "../engine/fixtures.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "studio/names.h"

/* A models folder made of some of the fixtures' folders. */
struct shop {
    char *folder;
    struct engines *engines;
    struct arena arena;
    struct err err;
};

static void add_folder(const struct shop *shop, const char *name)
{
    char *from = fixture(name);
    char *to = path_join(shop->folder, name);

    assert_int_equal(symlink(from, to), 0);
    free(to);
    free(from);
}

static void open_shop(struct shop *shop, const char *const *fixtures)
{
    *shop = (struct shop){ .folder = temp_folder() };
    for (; fixtures && *fixtures; fixtures++)
        add_folder(shop, *fixtures);
    const struct engine_config config = { .models_dir = shop->folder, .threads = 1, .callers = 1 };
    shop->engines = engines_create(&config, 0, 0);
}

static void close_shop(struct shop *shop)
{
    engines_destroy(shop->engines);
    arena_release(&shop->arena);
    temp_folder_remove(shop->folder);
}

static const char *or_nothing(const char *text)
{
    return text ? text : "-";
}

/* What the engine calls a voice that is asked of it. */
static const char *voice_of(struct shop *shop, const char *engine, const char *voice)
{
    const struct speaker_name asked = { engine, "tts-1", voice };
    struct speaker_name got;

    check_ok(names_resolve(shop->engines, &shop->arena, "auto", &asked, &got, &shop->err),
             &shop->err);
    check_text(voice, got.engine, engine);
    return got.voice;
}

static void test_other_servers_models_leave_the_engine_open(void **state)
{
    static const char *const names[] = { NULL,
                                         "",
                                         "auto",
                                         "tts-1",
                                         "tts-1-hd",
                                         "gpt-4o-mini-tts",
                                         "gpt-4o-mini-tts-2025-12-15",
                                         "whisper-1",
                                         "openai/whisper-large-v3",
                                         "something/else",
                                         "eleven_multilingual_v2" };
    struct shop shop;
    const char *engine, *model;

    (void)state;
    open_shop(&shop, NULL);
    for (size_t i = 0; i < COUNT(names); i++) {
        check_ok(
            names_resolve_model(shop.engines, &shop.arena, names[i], &engine, &model, &shop.err),
            &shop.err);
        check_text(or_nothing(names[i]), engine, "auto");
        check_text(or_nothing(names[i]), or_nothing(model), "-");
    }
    close_shop(&shop);
}

static void test_our_names_and_a_hubs_find_engine_and_model(void **state)
{
    static const struct {
        const char *name, *engine, *model;
    } cases[] = {
        { "kokoro", "kokoro", "-" },
        { "espeak", "espeak", "-" },
        { "hexgrad/Kokoro-82M", "kokoro", "-" },
        { "HEXGRAD/KOKORO-82M", "kokoro", "-" },
        { "onnx-community/Kokoro-82M-v1.0-ONNX", "kokoro", "-" },
        { "speaches-ai/Kokoro-82M-v1.0-ONNX-int8", "kokoro", "kokoro-q8" },
        { "speaches-ai/piper-en_US-amy-medium", "piper", "piper-en_US-amy-medium" },
        { "kokoro-q8", "kokoro", "kokoro-q8" },
        { "kitten-nano-0.8", "kitten", "kitten-nano-0.8" },
        { "kokoro:af_bella", "kokoro", "-" },
        { "espeak:de", "espeak", "-" },
    };
    struct shop shop;
    const char *engine, *model;

    (void)state;
    open_shop(&shop, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_ok(names_resolve_model(shop.engines, &shop.arena, cases[i].name, &engine, &model,
                                     &shop.err),
                 &shop.err);
        check_text(cases[i].name, engine, cases[i].engine);
        check_text(cases[i].name, or_nothing(model), cases[i].model);
    }
    close_shop(&shop);
}

static void test_a_model_that_does_not_speak_is_refused(void **state)
{
    static const char *const names[] = { "moonshine-tiny", "silero-vad", "kokoro-voices",
                                         "UsefulSensors/moonshine-tiny" };
    struct shop shop;
    const char *engine, *model;

    (void)state;
    open_shop(&shop, NULL);
    for (size_t i = 0; i < COUNT(names); i++) {
        check_case(names[i], !names_resolve_model(shop.engines, &shop.arena, names[i], &engine,
                                                  &model, &shop.err));
        assert_int_equal(shop.err.kind, ERR_INVALID);
        assert_string_equal(shop.err.param, "model");
    }
    close_shop(&shop);
}

static void test_a_file_in_the_models_folder_is_a_model_by_its_path(void **state)
{
    static const char *const folders[] = { "kokoro-v0.19", NULL };
    struct shop shop;
    const char *engine, *model;

    (void)state;
    open_shop(&shop, folders);
    check_ok(names_resolve_model(shop.engines, &shop.arena, "kokoro-v0.19/kokoro-v0_19.onnx",
                                 &engine, &model, &shop.err),
             &shop.err);
    assert_string_equal(engine, "kokoro");
    char *path = path_join(shop.folder, "kokoro-v0.19/kokoro-v0_19.onnx");
    assert_string_equal(model, path);
    free(path);
    close_shop(&shop);
}

static void test_no_file_outside_the_models_folder_is_a_model(void **state)
{
    static const char *const folders[] = { "kokoro-v1.0", NULL };
    struct shop shop;
    const char *engine, *model;

    (void)state;
    open_shop(&shop, folders);
    char *outside = fixture("piper/en_US-lessac-medium.onnx");
    check_ok(names_resolve_model(shop.engines, &shop.arena, outside, &engine, &model, &shop.err),
             &shop.err);
    assert_string_equal(engine, "auto");
    assert_null(model);
    free(outside);
    close_shop(&shop);
}

static void test_openai_voices_are_voices_of_the_engine(void **state)
{
    static const char *const folders[] = { "kokoro-v0.19", "kitten", NULL };
    static const char *const names[] = { "alloy", "ash",   "ballad", "coral", "echo",
                                         "fable", "onyx",  "nova",   "sage",  "shimmer",
                                         "verse", "marin", "cedar" };
    static const char *const engines[] = { "kokoro", "kitten", "espeak" };
    struct shop shop;
    struct engine_voices voices;

    (void)state;
    need_runtime();
    open_shop(&shop, folders);
    for (size_t e = 0; e < COUNT(engines); e++) {
        check_ok(engines_list_voices(shop.engines, engines[e], &shop.arena, &voices, &shop.err),
                 &shop.err);
        for (size_t i = 0; i < COUNT(names); i++) {
            const char *voice = voice_of(&shop, engines[e], names[i]);
            bool is_found = false;

            for (size_t k = 0; k < voices.count; k++)
                is_found = is_found || strcmp(voices.items[k].id, voice) == 0;
            check_case(names[i], is_found);
        }
    }
    assert_string_equal(voice_of(&shop, "kitten", "nova"), "expr-voice-4-f");
    assert_string_equal(voice_of(&shop, "kitten", "echo"), "expr-voice-4-m");
    assert_string_equal(voice_of(&shop, "kokoro", "onyx"), "am_adam");
    close_shop(&shop);
}

static void test_kokoro_has_namesakes(void **state)
{
    static const char *const folders[] = { "kokoro-v1.0", NULL };
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, folders);
    struct engine_voices voices;
    check_ok(engines_list_voices(shop.engines, "kokoro", &shop.arena, &voices, &shop.err),
             &shop.err);
    const char *heart = voice_of(&shop, "kokoro", "marin");
    assert_string_equal(heart, "af_heart");
    close_shop(&shop);
}

struct resolve_case {
    const char *default_engine;
    struct speaker_name asked, expected;
};

static void check_resolved(struct shop *shop, const struct resolve_case *c)
{
    struct speaker_name got;
    char *name = str_format("%s/%s/%s", or_nothing(c->asked.engine), or_nothing(c->asked.model),
                            or_nothing(c->asked.voice));

    check_ok(
        names_resolve(shop->engines, &shop->arena, c->default_engine, &c->asked, &got, &shop->err),
        &shop->err);
    check_text(name, got.engine, c->expected.engine);
    check_text(name, or_nothing(got.model), or_nothing(c->expected.model));
    check_text(name, or_nothing(got.voice), or_nothing(c->expected.voice));
    free(name);
}

static void test_a_voice_brings_its_engine_along(void **state)
{
    static const char *const folders[] = { "kokoro-v0.19", "kitten", NULL };
    static const struct resolve_case cases[] = {
        { "auto", { NULL, "tts-1", "af_bella" }, { "auto", NULL, "af_bella" } },
        { "auto", { NULL, "tts-1", "espeak:de" }, { "espeak", NULL, "de" } },
        { "auto", { NULL, "kokoro", "espeak:de" }, { "espeak", NULL, "de" } },
        { "auto", { NULL, NULL, "de" }, { "espeak", NULL, "de" } },
        { "espeak", { NULL, "tts-1", "af_bella" }, { "espeak", NULL, "af_bella" } },
        { "espeak", { NULL, "tts-1", "kokoro:af_bella" }, { "kokoro", NULL, "af_bella" } },
        { "espeak", { NULL, NULL, NULL }, { "espeak", NULL, NULL } },
        { "auto", { "espeak", "tts-1", "en-gb" }, { "espeak", NULL, "en-gb" } },
        { "auto", { "espeak", "kokoro", NULL }, { "espeak", NULL, NULL } },
        { "auto", { NULL, "kokoro:af", NULL }, { "kokoro", NULL, "af" } },
        { "auto", { NULL, "tts-1", "no-such-voice" }, { "auto", NULL, "no-such-voice" } },
        { "auto",
          { NULL, NULL, "af_bella(2)+am_adam(1)" },
          { "auto", NULL, "af_bella(2)+am_adam(1)" } },
    };
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, folders);
    for (size_t i = 0; i < COUNT(cases); i++)
        check_resolved(&shop, &cases[i]);
    close_shop(&shop);
}

static void test_a_voice_of_another_model_brings_that_along(void **state)
{
    static const char *const folders[] = { "piper", "piper-text", NULL };
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, folders);
    char *model = path_join(shop.folder, "piper-text/de_DE-text-low.onnx");
    const struct resolve_case of_engine = { "auto",
                                            { "piper", NULL, "de_DE-text-low" },
                                            { "piper", model, "de_DE-text-low" } };
    const struct resolve_case prefixed = { "espeak",
                                           { NULL, "tts-1", "piper:de_DE-text-low" },
                                           { "piper", model, "de_DE-text-low" } };

    check_resolved(&shop, &of_engine);
    check_resolved(&shop, &prefixed);
    free(model);
    close_shop(&shop);
}

static void test_contradictions_are_refused(void **state)
{
    static const struct {
        struct speaker_name asked;
        const char *param;
    } cases[] = {
        { { "espeak", "kokoro-q8", NULL }, "model" },
        { { "espeak", NULL, "kokoro:af_bella" }, "voice" },
        { { NULL, "kokoro-q8", "espeak:de" }, "voice" },
        { { "festival", NULL, NULL }, "engine" },
    };
    struct speaker_name got;
    struct shop shop;

    (void)state;
    open_shop(&shop, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(cases[i].param, !names_resolve(shop.engines, &shop.arena, "auto",
                                                  &cases[i].asked, &got, &shop.err));
        assert_int_equal(shop.err.kind, ERR_INVALID);
        check_text("parameter", shop.err.param, cases[i].param);
    }
    close_shop(&shop);
}

static const struct named_voice *find(const struct named_voices *voices, const char *id)
{
    for (size_t i = 0; i < voices->count; i++)
        if (strcmp(voices->items[i].id, id) == 0)
            return &voices->items[i];
    return NULL;
}

static void test_every_listed_voice_resolves_to_itself(void **state)
{
    static const char *const folders[] = { "kokoro-v0.19", "kitten",         "piper",
                                           "piper-text",   "piper-speakers", NULL };
    struct named_voices voices;
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, folders);
    names_list_voices(shop.engines, &shop.arena, "auto", &voices);
    assert_string_equal(voices.default_engine, "kokoro");
    assert_string_equal(voices.items[0].id, "af");
    assert_non_null(find(&voices, "espeak:de"));
    assert_non_null(find(&voices, "kitten:expr-voice-2-f"));
    assert_non_null(find(&voices, "piper:de_DE-text-low"));
    assert_non_null(find(&voices, "piper:en_GB-vctk-medium:bob"));
    for (size_t i = 0; i < voices.count; i++) {
        const struct named_voice *voice = &voices.items[i];
        const struct speaker_name asked = { NULL, "tts-1", voice->id };
        struct speaker_name got;

        assert_ptr_equal(find(&voices, voice->id), voice); /* unique */
        check_ok(names_resolve(shop.engines, &shop.arena, "auto", &asked, &got, &shop.err),
                 &shop.err);
        check_text(voice->id, got.voice, voice->info->id);
        check_text(voice->id, strcmp(got.engine, "auto") == 0 ? "kokoro" : got.engine,
                   voice->engine);
    }
    close_shop(&shop);
}

static void test_voices_are_listed_when_the_default_engine_cannot_speak(void **state)
{
    struct named_voices voices;
    struct shop shop;

    (void)state;
    open_shop(&shop, NULL);
    names_list_voices(shop.engines, &shop.arena, "kokoro", &voices);
    assert_string_equal(voices.default_engine, "kokoro");
    assert_non_null(find(&voices, "espeak:de"));
    close_shop(&shop);
}

static void test_hubs_names_stand_for_ours(void **state)
{
    static const struct {
        const char *name, *ours;
    } cases[] = {
        { "hexgrad/Kokoro-82M", "kokoro" },
        { "Systran/faster-whisper-small", "whisper-1" },
        { "UsefulSensors/moonshine-tiny", "moonshine-tiny" },
        { "UsefulSensors/moonshine-base", "whisper-1" },
        { "KittenML/kitten-tts-nano-0.2", "kitten-nano-0.2" },
        { "someone/else", "-" },
        { "whisper-1", "-" }, /* nobody's */
        { "kokoro/", "-" },
    };
    struct arena arena = ARENA;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_text(cases[i].name, or_nothing(names_of_hub(&arena, cases[i].name)), cases[i].ours);
    arena_release(&arena);
}

static void test_a_voice_that_nobody_here_has_is_told_from_one_that_may_come(void **state)
{
    static const char *const with_kokoro[] = { "kokoro", NULL };
    static const struct {
        const char *engine, *model, *voice;
        bool is_known, is_known_without_kokoro;
    } cases[] = {
        { "auto", NULL, "af_heart", true, true },
        { "auto", NULL, "alloy", true, true },
        { "auto", NULL, "de", true, true },
        { "auto", NULL, "espeak:de", true, true },
        { "auto", NULL, "af_heart(2)+bf_emma(1)", true, true },
        { "auto", NULL, "nosuchvoice", false, true },
        { "auto", NULL, "zzz(1)+yyy", false, true },
        { "kokoro", NULL, "nosuchvoice", false, true },
        { "auto", NULL, "espeak:nosuchvoice", false, false },
        { "espeak", NULL, "nosuchvoice", false, false },
        { "espeak", NULL, "kokoro:af_heart", false, false },
        { "espeak", NULL, "de(1)+fr-fr(1)", false, false },
        { "kitten", NULL, "nosuchvoice", true, true },
        { "auto", NULL, "kitten:nosuchvoice", true, true },
        { "auto", "kokoro-q8", "nosuchvoice", true, true },
    };
    struct shop with, without;

    (void)state;
    need_runtime();
    open_shop(&with, with_kokoro);
    open_shop(&without, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct speaker_name asked = { cases[i].engine, cases[i].model, cases[i].voice };
        struct err err = { 0 };

        if (names_check_voice(with.engines, &with.arena, &asked, &err) != cases[i].is_known)
            fail_msg("%s of %s: %s", cases[i].voice, cases[i].engine, err.message);
        err_clear(&err);
        if (names_check_voice(without.engines, &without.arena, &asked, &err) !=
            cases[i].is_known_without_kokoro)
            fail_msg("%s of %s, not there: %s", cases[i].voice, cases[i].engine, err.message);
    }
    close_shop(&without);
    close_shop(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_servers_models_leave_the_engine_open),
        cmocka_unit_test(test_our_names_and_a_hubs_find_engine_and_model),
        cmocka_unit_test(test_a_model_that_does_not_speak_is_refused),
        cmocka_unit_test(test_a_file_in_the_models_folder_is_a_model_by_its_path),
        cmocka_unit_test(test_no_file_outside_the_models_folder_is_a_model),
        cmocka_unit_test(test_openai_voices_are_voices_of_the_engine),
        cmocka_unit_test(test_kokoro_has_namesakes),
        cmocka_unit_test(test_a_voice_brings_its_engine_along),
        cmocka_unit_test(test_a_voice_of_another_model_brings_that_along),
        cmocka_unit_test(test_contradictions_are_refused),
        cmocka_unit_test(test_every_listed_voice_resolves_to_itself),
        cmocka_unit_test(test_voices_are_listed_when_the_default_engine_cannot_speak),
        cmocka_unit_test(test_hubs_names_stand_for_ours),
        cmocka_unit_test(test_a_voice_that_nobody_here_has_is_told_from_one_that_may_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
