#include <math.h>
#include <pthread.h>
#include <sched.h>

#include "audio/peak.h"
#include "audio/wav.h"
#include "base/file.h"
#include "base/path.h"
#include "stage.h"
#include "studio/audition.h"
#include "studio/speech.h"

/* What wav holds, as any reader of files sees it. */
static struct pcm read_back(const struct buf *wav)
{
    char *folder = temp_folder(), *path = path_join(folder, "audition.wav");
    struct pcm pcm;
    struct err err;

    check_ok(file_write(path, wav->data, wav->len, &err), &err);
    check_ok(wav_read(path, 100 * 48000, &pcm, &err), &err);
    free(path);
    temp_folder_remove(folder);
    return pcm;
}

/* The seconds of what is heard, which must be a recording's sound. */
static double hear(struct stage *stage, const char *voice, double speed, const char *text)
{
    const struct audition audition = {
        .engine = "espeak", .voice = voice, .speed = speed, .text = text
    };
    struct err err = { 0 };
    struct buf wav;

    check_ok(audition_speak(stage->live, &audition, NULL, &wav, &err), &err);
    struct pcm pcm = read_back(&wav);
    double seconds = pcm_seconds(&pcm);
    assert_int_equal(pcm.channels, 1);
    assert_true(fabs(peak_find(pcm.samples, pcm.frames) - SPEECH_PEAK) < 0.0001);
    assert_int_equal(wav.len, WAV_HEADER_SIZE + 2 * pcm.frames);
    pcm_release(&pcm);
    buf_release(&wav);
    return seconds;
}

static void test_a_voice_is_heard_as_a_recording_would_sound(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    double natural = hear(&stage, "en-us", 1, "It was a bright cold day in April.");
    assert_true(natural > 1 && natural < 5);
    assert_true(hear(&stage, "en-us", 2, "It was a bright cold day in April.") < 0.7 * natural);
    assert_true(hear(&stage, "en-us", 0.5, "It was a bright cold day in April.") > 1.5 * natural);
    close_stage(&stage);
}

static void test_without_a_text_the_voice_speaks_its_own_language(void **state)
{
    static const char *const voices[] = { "en-us", "en-gb", "de",    "es",  "fr-fr", "hi",
                                          "it",    "ja",    "pt-br", "cmn", "cy" };
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    for (size_t i = 0; i < COUNT(voices); i++) {
        double seconds = hear(&stage, voices[i], 1, NULL);

        check_case(voices[i], seconds > 1 && seconds < 8);
    }
    close_stage(&stage);
}

static void test_what_cannot_be_heard_is_refused_by_its_field(void **state)
{
    static char long_text[AUDITION_CHARS_MAX * 2 + 3];
    static const struct {
        const char *name;
        struct audition audition;
        enum err_kind kind;
        const char *param, *says;
    } cases[] = {
        { "301 letters", { "espeak", "en-us", long_text, 1 }, ERR_INVALID, "text", "300" },
        { "no words", { "espeak", "en-us", "…!", 1 }, ERR_INVALID, "text", "nothing to speak" },
        { "two minutes",
          { "espeak", "en-us", "One. [pause:60s] Two. [pause:60s] Three.", 1 },
          ERR_INVALID,
          "text",
          "60 seconds" },
        { "an endless pause",
          { "espeak", "en-us", "One. [pause:1h] Two.", 1 },
          ERR_INVALID,
          "text",
          "1h" },
        { "half a blend", { "espeak", "en-us(1", NULL, 1 }, ERR_INVALID, "voice", "blend" },
        { "no blends", { "espeak", "en-us+de", NULL, 1 }, ERR_UNSUPPORTED, "voice", "blended" },
        { "too fast", { "espeak", "en-us", NULL, 9 }, ERR_INVALID, "speed", "2" },
        { "no model", { "kokoro", "af_bella", NULL, 1 }, ERR_UNAVAILABLE, "engine", "pull kokoro" },
    };
    struct stage stage;

    (void)state;
    for (size_t i = 0; i <= AUDITION_CHARS_MAX; i++)
        memcpy(long_text + 2 * i, "é", 2);
    open_stage(&stage, no_models());
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct buf wav;

        check_case(cases[i].name,
                   !audition_speak(stage.live, &cases[i].audition, NULL, &wav, &err));
        check_case(cases[i].name, !wav.data);
        check_text(cases[i].name, err.param, cases[i].param);
        if (err.kind != cases[i].kind || !strstr(err.message, cases[i].says))
            fail_msg("%s: %s: %s", cases[i].name, err_kind_name(err.kind), err.message);
    }
    close_stage(&stage);
}

/* --- who does not wait for it any more --- */

struct listener {
    pthread_t thread;
    struct stage *stage;
    struct cancel cancel;
    struct buf wav;
    struct err err;
    bool ok;
};

static void *listen_in_thread(void *arg)
{
    const struct audition audition = { .engine = "espeak", .voice = "en-us", .speed = 1 };
    struct listener *l = arg;

    l->ok = audition_speak(l->stage->live, &audition, &l->cancel, &l->wav, &l->err);
    return NULL;
}

static void test_one_that_waits_for_its_turn_is_cancelled_alone(void **state)
{
    struct listener listeners[2];
    struct err err = { 0 };
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    check_ok(turnstile_enter(stage.turnstile, false, NULL, &err), &err);
    for (size_t i = 0; i < COUNT(listeners); i++) {
        listeners[i] = (struct listener){ .stage = &stage };
        cancel_init(&listeners[i].cancel);
        assert_int_equal(
            pthread_create(&listeners[i].thread, NULL, listen_in_thread, &listeners[i]), 0);
    }
    while (turnstile_waiting(stage.turnstile) < COUNT(listeners))
        sched_yield();
    cancel_request(&listeners[0].cancel);
    pthread_join(listeners[0].thread, NULL);
    assert_false(listeners[0].ok);
    assert_int_equal(listeners[0].err.kind, ERR_CANCELLED);
    turnstile_leave(stage.turnstile);
    pthread_join(listeners[1].thread, NULL);
    check_ok(listeners[1].ok, &listeners[1].err);
    for (size_t i = 0; i < COUNT(listeners); i++) {
        buf_release(&listeners[i].wav);
        cancel_release(&listeners[i].cancel);
    }
    close_stage(&stage);
}

static void *cancel_in_thread(void *cancel)
{
    cancel_request(cancel);
    return NULL;
}

static void test_one_under_way_is_cancelled(void **state)
{
    const struct audition audition = { .engine = "kokoro", .voice = "af_bella", .speed = 1 };
    struct err err = { 0 };
    struct cancel cancel;
    struct stage stage;
    pthread_t thread;
    struct buf wav;

    (void)state;
    need_runtime();
    open_stage(&stage, fixture("kokoro-endless"));
    cancel_init(&cancel);
    assert_int_equal(pthread_create(&thread, NULL, cancel_in_thread, &cancel), 0);
    assert_false(audition_speak(stage.live, &audition, &cancel, &wav, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    pthread_join(thread, NULL);
    cancel_release(&cancel);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_voice_is_heard_as_a_recording_would_sound),
        cmocka_unit_test(test_without_a_text_the_voice_speaks_its_own_language),
        cmocka_unit_test(test_what_cannot_be_heard_is_refused_by_its_field),
        cmocka_unit_test(test_one_that_waits_for_its_turn_is_cancelled_alone),
        cmocka_unit_test(test_one_under_way_is_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
