#include <math.h>
#include <pthread.h>

#include "engine/engine_internal.h"
#include "fixtures.h"
#include "text/vocab.h"

/* "ab cd." in no language: the made graphs hum 3 + id cycles a frame, for 3 + id % 4 frames. */
static const int32_t ids[] = { 43, 44, 16, 45, 47, 4 };
static const struct chunk_word words[] = { { 0, 2, 0, 2 }, { 3, 5, 3, 2 } };
static const struct chunk chunk = { .text = "ab cd.",
                                    .phonemes = "ab cd.",
                                    .ids = ids,
                                    .id_count = COUNT(ids),
                                    .words = words,
                                    .word_count = COUNT(words),
                                    .input_end = 6 };

#define FRAME 600

static size_t frames_of(int32_t id)
{
    return FRAME * (size_t)(3 + id % 4);
}

/* A models folder of the fixtures, opened. The config lives as long as the engine. */
struct opened {
    struct engine_config config;
    char *folder;
    struct engine *engine;
};

static void open_folder(struct opened *out, const char *name, const char *model, struct err *err)
{
    *out = (struct opened){ .folder = fixture(name) };
    out->config = (struct engine_config){ .models_dir = out->folder, .threads = 1 };
    out->engine = engine_open(&out->config, "kokoro", model, err);
}

static void close_folder(struct opened *opened)
{
    engine_close(opened->engine);
    free(opened->folder);
}

static bool speak(struct engine *engine, const char *voice, double speed, struct speech *out,
                  struct err *err)
{
    const struct voice *found = engine_voice(engine, voice, err);
    struct utterance utterance = { &chunk, found, speed };

    *out = (struct speech){ 0 };
    return found && engine_speak(engine, &utterance, out, NULL, err);
}

static float peak(const float *samples, size_t count)
{
    float most = 0;

    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, fabsf(samples[i]));
    return most;
}

/* Row r of the made voice v says amplitude 0.1 * (v + 1) + r / 4096; r is the number of ids. */
static double level_of(int voice)
{
    return 0.1 * (voice + 1) + (double)COUNT(ids) / 4096;
}

static void test_every_export_speaks_all_of_the_ids(void **state)
{
    static const struct {
        const char *folder;
        size_t voices;
    } cases[] = {
        { "kokoro", 4 },        { "kokoro-fp16", 1 },        { "kokoro-quantized", 1 },
        { "kokoro-rank3", 1 },  { "kokoro-half-output", 1 }, { "kokoro-timestamped", 1 },
        { "kokoro-v0.19", 3 },  { "kokoro-v0.19-json", 2 },  { "kokoro-v1.0", 4 },
        { "kokoro-v1.1", 4 },   { "kokoro-int32", 1 },       { "kokoro-double", 1 },
        { "kokoro-sherpa", 4 }, { "kokoro-durations", 1 },
    };
    size_t sound = 0;

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(ids); i++)
        sound += frames_of(ids[i]);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct opened opened;
        struct speech speech;

        open_folder(&opened, cases[i].folder, NULL, &err);
        if (!opened.engine || !speak(opened.engine, NULL, 1, &speech, &err))
            fail_msg("%s: %s", cases[i].folder, err.message);
        check_case(cases[i].folder, engine_voice_count(opened.engine) == cases[i].voices);
        check_case(cases[i].folder, speech.pcm.rate_hz == 24000 && speech.pcm.channels == 1);
        /* The margins of the trimming are 40 and 90 ms; the pads last 75 ms each. */
        check_case(cases[i].folder, speech.pcm.frames >= sound);
        check_case(cases[i].folder, speech.pcm.frames <= sound + 6 * FRAME);
        check_case(cases[i].folder, peak(speech.pcm.samples, speech.pcm.frames) > 0.05f);
        speech_release(&speech);
        close_folder(&opened);
    }
}

static void test_words_are_where_their_sound_is(void **state)
{
    struct err err = { 0 };
    struct opened opened;
    struct speech speech;

    (void)state;
    need_runtime();
    open_folder(&opened, "kokoro", NULL, &err);
    check_ok(speak(opened.engine, "af_bella", 1, &speech, &err), &err);
    assert_int_equal(speech.word_count, 2);
    assert_int_equal(speech.words[0].input_end, 2);
    assert_int_equal(speech.words[1].input_start, 3);
    size_t start = speech.words[0].start_frame;
    /* Before the first word is silence; what hums for its first id begins with it. */
    assert_true(peak(speech.pcm.samples, start) < 0.01f);
    assert_true(peak(speech.pcm.samples + start, FRAME) > 0.1f);
    /* The space between them is halved. */
    size_t middle = start + frames_of(43) + frames_of(44) + frames_of(16) / 2;
    assert_int_equal(speech.words[0].end_frame, middle);
    assert_int_equal(speech.words[1].start_frame, middle);
    assert_int_equal(speech.words[1].end_frame,
                     middle + frames_of(16) / 2 + frames_of(45) + frames_of(47));
    speech_release(&speech);
    close_folder(&opened);
}

static void test_without_durations_there_are_no_words(void **state)
{
    struct err err = { 0 };
    struct opened opened;
    struct speech speech;

    (void)state;
    need_runtime();
    open_folder(&opened, "kokoro-durations", NULL, &err);
    check_ok(speak(opened.engine, NULL, 1, &speech, &err), &err);
    assert_null(speech.words);
    assert_int_equal(speech.word_count, 0);
    speech_release(&speech);
    close_folder(&opened);
}

static void test_voices_know_their_language_and_gender(void **state)
{
    static const struct voice_info expected[] = {
        { "af_bella", "Bella", "en-us", "female" },
        { "af_heart", "Heart", "en-us", "female" },
        { "am_adam", "Adam", "en-us", "male" },
        { "bf_emma", "Emma", "en-gb", "female" },
    };
    struct err err = { 0 };
    struct opened opened;

    (void)state;
    need_runtime();
    open_folder(&opened, "kokoro-v1.0", NULL, &err);
    assert_int_equal(engine_voice_count(opened.engine), COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        const struct voice_info *info = engine_voice_at(opened.engine, i);

        check_text(expected[i].id, info->id, expected[i].id);
        check_text(expected[i].id, info->name, expected[i].name);
        check_text(expected[i].id, info->language, expected[i].language);
        check_text(expected[i].id, info->gender, expected[i].gender);
    }
    close_folder(&opened);
}

static void test_the_style_row_and_blends_reach_the_model(void **state)
{
    const struct {
        const char *voice;
        double level;
    } cases[] = {
        { "af_heart", level_of(0) },
        { "am_adam", level_of(2) },
        { "nobody", level_of(1) }, /* af_bella */
        { "af_heart+am_adam", (level_of(0) + level_of(2)) / 2 },
        { "af_bella(3)-af_heart", (3 * level_of(1) - level_of(0)) / 2 },
    };
    struct err err = { 0 };
    struct opened opened;

    (void)state;
    need_runtime();
    open_folder(&opened, "kokoro", NULL, &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct speech speech;

        check_ok(speak(opened.engine, cases[i].voice, 1, &speech, &err), &err);
        check_case(cases[i].voice,
                   fabs(peak(speech.pcm.samples, speech.pcm.frames) - cases[i].level) < 1e-3);
        speech_release(&speech);
    }
    assert_null(engine_voice(opened.engine, "af_bella+nobody", &err));
    assert_int_equal(err.kind, ERR_INVALID);
    close_folder(&opened);
}

static void test_the_vocabulary_and_scheme_fit_the_version(void **state)
{
    static const struct {
        const char *folder;
        enum phoneme_scheme scheme;
        bool has_g; /* ASCII g is in v0.19's table alone */
    } cases[] = {
        { "kokoro", PHONEMES_ESPEAK, false },        { "kokoro-v0.19", PHONEMES_IPA, true },
        { "kokoro-v0.19-json", PHONEMES_IPA, true }, { "kokoro-v1.0", PHONEMES_ESPEAK, false },
        { "kokoro-v1.1", PHONEMES_ESPEAK, false },   { "kokoro-sherpa", PHONEMES_ESPEAK, false },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct opened opened;
        struct text_options options = { 0 };
        size_t count;

        open_folder(&opened, cases[i].folder, NULL, &err);
        if (!opened.engine)
            fail_msg("%s: %s", cases[i].folder, err.message);
        engine_text_options(opened.engine, engine_voice(opened.engine, NULL, &err), &options);
        check_case(cases[i].folder, options.scheme == cases[i].scheme);
        check_case(cases[i].folder, options.max_tokens == 510);
        check_case(cases[i].folder,
                   (vocab_find(options.vocab, 'g', &count) != NULL) == cases[i].has_g);
        check_case(cases[i].folder, vocab_find(options.vocab, 'a', &count)[0] == 43);
        close_folder(&opened);
    }
}

static void test_phonemes_can_be_chosen(void **state)
{
    struct err err = { 0 };
    char *folder = fixture("kokoro");
    struct engine_config config = { .models_dir = folder, .threads = 1, .phonemes = "misaki" };
    struct text_options options = { 0 };

    (void)state;
    need_runtime();
    struct engine *engine = engine_open(&config, "kokoro", NULL, &err);
    assert_non_null(engine);
    engine_text_options(engine, engine_voice(engine, NULL, &err), &options);
    assert_int_equal(options.scheme, PHONEMES_MISAKI);
    engine_close(engine);
    config.phonemes = "piper";
    assert_null(engine_open(&config, "kokoro", NULL, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.param, "phonemes");
    free(folder);
}

static void test_utterances_outside_the_limits_are_refused(void **state)
{
    static int32_t many[511];
    struct chunk too_long = { .text = "", .phonemes = "", .ids = many, .id_count = 511 };
    struct chunk longest = { .text = "", .phonemes = "", .ids = many, .id_count = 510 };
    struct chunk silent = chunk;
    struct err err = { 0 };
    struct opened opened;
    struct speech speech;

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = 43;
    silent.is_silent = true;
    open_folder(&opened, "kokoro", NULL, &err);
    const struct voice *voice = engine_voice(opened.engine, NULL, &err);
    const struct {
        const char *name;
        struct utterance utterance;
    } cases[] = {
        { "511 ids", { &too_long, voice, 1 } },
        { "silence", { &silent, voice, 1 } },
        { "no ids", { &(struct chunk){ .text = "" }, voice, 1 } },
        { "speed 0", { &chunk, voice, 0 } },
        { "speed 0.49", { &chunk, voice, 0.49 } },
        { "speed 2.01", { &chunk, voice, 2.01 } },
        { "speed NaN", { &chunk, voice, NAN } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(cases[i].name,
                   !engine_speak(opened.engine, &cases[i].utterance, &speech, NULL, &err));
        check_case(cases[i].name, err.kind == ERR_INVALID);
        check_case(cases[i].name, !speech.pcm.samples);
    }
    struct utterance utterance = { &longest, voice, 1 };
    check_ok(engine_speak(opened.engine, &utterance, &speech, NULL, &err), &err);
    speech_release(&speech);
    close_folder(&opened);
}

static void test_not_a_number_is_spoken_by_an_fp32_model(void **state)
{
    struct err err = { 0 };
    struct opened opened;
    struct speech speech;

    (void)state;
    need_runtime();
    open_folder(&opened, "kokoro-nan-beside-fp32", "model_fp16.onnx", &err);
    if (!opened.engine)
        fail_msg("%s", err.message);
    for (int i = 0; i < 2; i++) {
        check_ok(speak(opened.engine, NULL, 1, &speech, &err), &err);
        assert_true(fabs(peak(speech.pcm.samples, speech.pcm.frames) - level_of(0)) < 1e-3);
        speech_release(&speech);
    }
    close_folder(&opened);
}

static void test_not_a_number_without_an_fp32_model_is_an_error(void **state)
{
    struct err err = { 0 };
    struct opened opened;
    struct speech speech;

    (void)state;
    need_runtime();
    open_folder(&opened, "kokoro-nan", NULL, &err);
    assert_non_null(opened.engine);
    assert_false(speak(opened.engine, NULL, 1, &speech, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_non_null(strstr(err.message, "parlando models pull kokoro"));
    assert_null(speech.pcm.samples);
    close_folder(&opened);
}

static void test_what_is_missing_is_said(void **state)
{
    static const struct {
        const char *folder, *model;
        enum err_kind kind;
        const char *message;
    } cases[] = {
        { "no-such-folder", NULL, ERR_UNAVAILABLE,
          "TTS model not available. Please install kokoro-v0_19.onnx." },
        { "foreign", NULL, ERR_UNAVAILABLE, "parlando models pull kokoro" },
        { "truncated", NULL, ERR_UNAVAILABLE, "parlando models pull kokoro" },
        { "kokoro-no-voices", NULL, ERR_UNAVAILABLE, "parlando models pull kokoro-voices" },
        { "kokoro", "kokoro-q8", ERR_UNAVAILABLE, "parlando models pull kokoro-q8" },
        { "kokoro", "no-such-model", ERR_NOT_FOUND, "no-such-model" },
        { "kokoro", "no-such-model.onnx", ERR_NOT_FOUND, "no-such-model.onnx" },
        { "foreign", "model.onnx", ERR_UNSUPPORTED, "model.onnx" },
        { "kitten", "model.onnx", ERR_UNSUPPORTED, "kitten" },
        { "truncated", "model.onnx", ERR_CORRUPT, "model.onnx" },
        { "garbage", "model.onnx", ERR_CORRUPT, "model.onnx" },
        { "empty-file", "model.onnx", ERR_CORRUPT, "model.onnx" },
    };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct opened opened;

        open_folder(&opened, cases[i].folder, cases[i].model, &err);
        check_case(cases[i].folder, !opened.engine);
        if (err.kind != cases[i].kind || !strstr(err.message, cases[i].message))
            fail_msg("%s, %s: %s, %s", cases[i].folder, cases[i].model, err_kind_name(err.kind),
                     err.message);
        close_folder(&opened);
    }
}

struct endless {
    struct opened opened;
    struct cancel cancel;
    struct err err;
    bool worked;
};

static void *speak_endlessly(void *argument)
{
    struct endless *endless = argument;
    struct speech speech;
    struct utterance utterance = { &chunk,
                                   engine_voice(endless->opened.engine, NULL, &endless->err), 1 };

    endless->worked =
        engine_speak(endless->opened.engine, &utterance, &speech, &endless->cancel, &endless->err);
    return NULL;
}

static void test_speaking_can_be_cancelled(void **state)
{
    struct endless endless = { 0 };
    pthread_t thread;

    (void)state;
    need_runtime();
    cancel_init(&endless.cancel);
    open_folder(&endless.opened, "kokoro-endless", NULL, &endless.err);
    assert_int_equal(pthread_create(&thread, NULL, speak_endlessly, &endless), 0);
    cancel_request(&endless.cancel);
    pthread_join(thread, NULL);
    assert_false(endless.worked);
    assert_int_equal(endless.err.kind, ERR_CANCELLED);
    close_folder(&endless.opened);
    cancel_release(&endless.cancel);
}

static void *speak_often(void *argument)
{
    struct opened *opened = argument;

    for (int i = 0; i < 10; i++) {
        struct err err = { 0 };
        struct speech speech;
        char *voice = str_format("af_heart(%d)+af_heart", 1 + i % 3);
        bool ok = speak(opened->engine, voice, 1, &speech, &err);

        speech_release(&speech);
        free(voice);
        if (!ok)
            return argument;
    }
    return NULL;
}

/* The model that gives NaN has them open the fp32 one at the same time. */
static void test_several_threads_speak_on_one_engine(void **state)
{
    static const char *const folders[] = { "kokoro", "kokoro-nan-beside-fp32" };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(folders); i++) {
        struct err err = { 0 };
        struct opened opened;
        pthread_t threads[3];

        open_folder(&opened, folders[i], i == 1 ? "model_fp16.onnx" : NULL, &err);
        for (size_t j = 0; j < COUNT(threads); j++)
            assert_int_equal(pthread_create(&threads[j], NULL, speak_often, &opened), 0);
        for (size_t j = 0; j < COUNT(threads); j++) {
            void *failed = NULL;

            pthread_join(threads[j], &failed);
            check_case(folders[i], !failed);
        }
        close_folder(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_export_speaks_all_of_the_ids),
        cmocka_unit_test(test_words_are_where_their_sound_is),
        cmocka_unit_test(test_without_durations_there_are_no_words),
        cmocka_unit_test(test_voices_know_their_language_and_gender),
        cmocka_unit_test(test_the_style_row_and_blends_reach_the_model),
        cmocka_unit_test(test_the_vocabulary_and_scheme_fit_the_version),
        cmocka_unit_test(test_phonemes_can_be_chosen),
        cmocka_unit_test(test_utterances_outside_the_limits_are_refused),
        cmocka_unit_test(test_not_a_number_is_spoken_by_an_fp32_model),
        cmocka_unit_test(test_not_a_number_without_an_fp32_model_is_an_error),
        cmocka_unit_test(test_what_is_missing_is_said),
        cmocka_unit_test(test_speaking_can_be_cancelled),
        cmocka_unit_test(test_several_threads_speak_on_one_engine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
