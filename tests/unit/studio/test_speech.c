#include "../engine/fixtures.h"

#include <math.h>

#include "audio/peak.h"
#include "base/path.h"
#include "studio/speech.h"

/* The options, and all that they point to but the models folder, are gone when this returns. */
static __attribute__((noinline)) struct speaker *
speaker_on(const char *engine, const char *models_dir, const char *model, struct err *err)
{
    struct speaker_options options = {
        .engine_config = { .models_dir = models_dir, .threads = 2 },
        .engine = engine,
        .model = model,
        .speed = 1,
    };
    struct speaker *speaker = speaker_create(&options, err);

    memset(&options, 0xff, sizeof options);
    return speaker;
}

/* Takes the place on the stack where options were. */
static __attribute__((noinline)) void overwrite_stack(void)
{
    volatile char bytes[16384];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)0xff;
}

struct heard {
    size_t frames, refuse_at; /* refuse_at 0: never */
    float peak;
};

static bool hear(void *state, const float *samples, size_t frames, struct err *err)
{
    struct heard *heard = state;

    heard->peak = fmaxf(heard->peak, peak_find(samples, frames));
    heard->frames += frames;
    if (heard->refuse_at && heard->frames >= heard->refuse_at)
        return err_set(err, ERR_DISK_FULL, "no room");
    return true;
}

static bool speak(struct speaker *speaker, const char *text, struct heard *heard,
                  struct cancel *cancel, struct err *err)
{
    const struct speech_sink sink = { .audio = hear, .state = heard };
    struct speech_report report;
    bool ok = speaker_speak(speaker, text, strlen(text), &sink, cancel, &report, err);

    if (ok)
        assert_int_equal(report.frames, heard->frames);
    return ok;
}

/* The fp32 model that speaks where the half-precision one gives NaN is opened by what the engine
 * was configured with, long after it was. */
static void test_a_speaker_outlives_the_options_it_was_made_from(void **state)
{
    struct err err = { 0 };
    struct heard heard = { 0 };
    char *folder, *model;

    (void)state;
    need_runtime();
    folder = fixture("kokoro-nan-beside-fp32");
    model = path_join(folder, "model_fp16.onnx");
    struct speaker *speaker = speaker_on("kokoro", folder, model, &err);
    if (!speaker)
        fail_msg("%s", err.message);
    overwrite_stack();
    check_ok(speak(speaker, "Hello there, my old friend.", &heard, NULL, &err), &err);
    assert_true(heard.peak > 0);
    speaker_destroy(speaker);
    free(model);
    free(folder);
}

static void test_a_sink_that_refuses_ends_the_speech_with_its_own_error(void **state)
{
    struct err err = { 0 };
    struct heard heard = { .refuse_at = 1 };

    (void)state;
    struct speaker *speaker = speaker_on("espeak", "/nonexistent", NULL, &err);
    if (!speaker)
        fail_msg("%s", err.message);
    assert_false(speak(speaker, "One. Two. Three. Four. Five. Six.", &heard, NULL, &err));
    assert_int_equal(err.kind, ERR_DISK_FULL);
    assert_string_equal(err.message, "no room");
    heard = (struct heard){ 0 };
    check_ok(speak(speaker, "And it speaks again.", &heard, NULL, &err), &err);
    speaker_destroy(speaker);
}

static void test_a_cancelled_speech_ends_and_a_text_without_words_is_refused(void **state)
{
    struct err err = { 0 };
    struct heard heard = { 0 };
    struct cancel cancel;

    (void)state;
    struct speaker *speaker = speaker_on("espeak", "/nonexistent", NULL, &err);
    if (!speaker)
        fail_msg("%s", err.message);
    cancel_init(&cancel);
    cancel_request(&cancel);
    assert_false(speak(speaker, "Nobody hears this.", &heard, &cancel, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    cancel_release(&cancel);
    assert_false(speak(speaker, "... !", &heard, NULL, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_int_equal(heard.frames, 0);
    speaker_destroy(speaker);
}

/* A pause at the start, or nothing else (TTS.md 9: "Pause tag at start gives 500"). */
static void test_a_text_may_begin_with_a_pause_or_be_one(void **state)
{
    static const char *const texts[] = { "[pause:0.5s] Hello.", "[pause:0.5s]",
                                         "<break time=\"500ms\"/>" };
    struct err err = { 0 };

    (void)state;
    struct speaker *speaker = speaker_on("espeak", "/nonexistent", NULL, &err);
    if (!speaker)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct heard heard = { 0 };

        if (!speak(speaker, texts[i], &heard, NULL, &err))
            fail_msg("%s: %s", texts[i], err.message);
        size_t half = (size_t)engine_rate_hz(speaker_engine(speaker)) / 2;
        check_case(texts[i], heard.frames >= half - 1);
    }
    speaker_destroy(speaker);
}

/* Its name must not vanish under a rename, nor be found out after all is spoken. */
static void test_a_device_or_folder_is_refused_before_a_word_is_spoken(void **state)
{
    const struct speech_file_options options = { .format = AUDIO_WAV, .peak = SPEECH_PEAK };
    struct speech_report report = { 0 };
    struct err err = { 0 };
    char *folder = temp_folder();
    const char *const paths[] = { "/dev/null", folder };

    (void)state;
    struct speaker *speaker = speaker_on("espeak", "/nonexistent", NULL, &err);
    if (!speaker)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < COUNT(paths); i++) {
        check_case(paths[i], !speaker_speak_to_file(speaker, "Hello.", 6, paths[i], &options, NULL,
                                                    NULL, &report, &err));
        check_case(paths[i], err.kind == ERR_INVALID && report.frames == 0);
        check_case(paths[i], strstr(err.message, paths[i]) != NULL);
    }
    speaker_destroy(speaker);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_speaker_outlives_the_options_it_was_made_from),
        cmocka_unit_test(test_a_sink_that_refuses_ends_the_speech_with_its_own_error),
        cmocka_unit_test(test_a_cancelled_speech_ends_and_a_text_without_words_is_refused),
        cmocka_unit_test(test_a_text_may_begin_with_a_pause_or_be_one),
        cmocka_unit_test(test_a_device_or_folder_is_refused_before_a_word_is_spoken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
