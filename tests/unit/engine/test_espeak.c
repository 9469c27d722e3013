#include <math.h>
#include <pthread.h>

#include "../check.h"
#include "base/buf.h"
#include "engine/engine.h"

static const struct engine_config config = { .models_dir = "/nonexistent" };

static const char pangram[] = "The quick brown fox jumps over 42 lazy dogs, and then it rests.";

static struct engine *open_espeak(void)
{
    struct err err = { 0 };
    struct engine *engine = engine_open(&config, "espeak", NULL, &err);

    if (!engine)
        fail_msg("%s", err.message);
    return engine;
}

/* The first chunk of a text, in the arena. */
static struct chunk plan(struct engine *engine, const struct voice *voice, const char *text,
                         struct arena *arena)
{
    struct text_options options = { 0 };
    struct err err = { 0 };
    struct chunk chunk;

    engine_text_options(engine, voice, &options);
    struct planner *planner = planner_create(text, strlen(text), &options, &err);
    if (!planner)
        fail_msg("%s", err.message);
    check_ok(planner_next(planner, arena, &chunk, &err), &err);
    planner_destroy(planner);
    return chunk;
}

static struct speech speak(struct engine *engine, const char *voice_id, const char *text,
                           double speed)
{
    struct arena arena = ARENA;
    struct err err = { 0 };
    struct speech speech;
    const struct voice *voice = engine_voice(engine, voice_id, &err);
    struct chunk chunk = plan(engine, voice, text, &arena);
    struct utterance utterance = { &chunk, voice, speed };

    check_ok(engine_speak(engine, &utterance, &speech, NULL, &err), &err);
    arena_release(&arena);
    return speech;
}

static double rms(const struct pcm *pcm, size_t start, size_t end)
{
    double power = 0;

    for (size_t i = start; i < end; i++)
        power += (double)pcm->samples[i] * pcm->samples[i];
    return sqrt(power / (double)(end - start));
}

static void test_it_needs_no_model(void **state)
{
    struct err err = { 0 };

    (void)state;
    check_ok(engine_is_available(&config, "espeak", &err), &err);
    struct engine *engine = open_espeak();
    check_text("name", engine_name(engine), "espeak");
    check_text("model", engine_model(engine), "");
    assert_int_equal(engine_rate_hz(engine), 22050);
    engine_close(engine);
    assert_null(engine_open(&config, "espeak", "kokoro", &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
}

/* The mapping is Kokoro's affair: with it configured, "auto" must still find an engine. */
static void test_it_opens_whatever_mapping_is_configured(void **state)
{
    struct engine_config mapped = config;
    struct err err = { 0 };

    (void)state;
    mapped.phonemes = "misaki";
    struct engine *engine = engine_open(&mapped, "espeak", NULL, &err);
    check_ok(engine, &err);
    engine_close(engine);
}

static void test_a_sentence_is_audible_speech(void **state)
{
    struct engine *engine = open_espeak();
    struct speech speech = speak(engine, NULL, pangram, 1);

    (void)state;
    double seconds = (double)speech.pcm.frames / 22050;
    assert_true(seconds > 2 && seconds < 8);
    assert_int_equal(speech.pcm.channels, 1);
    assert_true(rms(&speech.pcm, 0, speech.pcm.frames) > 0.01);
    for (size_t i = 0; i < speech.pcm.frames; i++)
        assert_true(fabsf(speech.pcm.samples[i]) <= 1);
    speech_release(&speech);
    engine_close(engine);
}

static void test_speed_is_a_rate(void **state)
{
    struct engine *engine = open_espeak();
    struct speech normal = speak(engine, NULL, pangram, 1);
    struct speech fast = speak(engine, NULL, pangram, 2), slow = speak(engine, NULL, pangram, 0.5);
    double faster = (double)normal.pcm.frames / (double)fast.pcm.frames;
    double slower = (double)slow.pcm.frames / (double)normal.pcm.frames;

    (void)state;
    assert_true(faster > 1.7 && faster < 2.3);
    assert_true(slower > 1.7 && slower < 2.3);
    speech_release(&normal);
    speech_release(&fast);
    speech_release(&slow);
    engine_close(engine);
}

/* libespeak-ng 1.51 carries the phase of its wave over from call to call: the same text again differs
 * a little in length and level. Other words differ by far more. */
static bool is_alike(const struct pcm *a, const struct pcm *b)
{
    double frames = (double)a->frames / (double)b->frames;
    double level = rms(a, 0, a->frames) / rms(b, 0, b->frames);

    return frames > 0.95 && frames < 1.05 && level > 0.9 && level < 1.1;
}

static void test_the_same_text_sounds_the_same(void **state)
{
    struct engine *engine = open_espeak();
    struct speech first = speak(engine, NULL, pangram, 1);
    struct speech between = speak(engine, "de", "Guten Tag.", 1.5);
    struct speech again = speak(engine, NULL, pangram, 1);

    (void)state;
    assert_true(is_alike(&first.pcm, &again.pcm));
    assert_false(is_alike(&first.pcm, &between.pcm));
    speech_release(&first);
    speech_release(&between);
    speech_release(&again);
    engine_close(engine);
}

static void test_words_have_their_places(void **state)
{
    struct engine *engine = open_espeak();
    struct speech speech = speak(engine, NULL, pangram, 1);

    (void)state;
    /* The forty two is one word of the input. */
    assert_true(speech.word_count >= 13);
    check_text("first", pangram + speech.words[0].input_start, pangram);
    for (size_t i = 0; i < speech.word_count; i++) {
        const struct spoken_word *word = &speech.words[i];

        assert_true(word->input_end > word->input_start && word->input_end <= strlen(pangram));
        assert_true(word->end_frame >= word->start_frame);
        assert_true(word->end_frame <= speech.pcm.frames);
        if (i > 0)
            assert_true(word->start_frame >= speech.words[i - 1].start_frame);
    }
    /* "jumps" sounds where it is said to. */
    const struct spoken_word *jumps = &speech.words[4];
    assert_memory_equal(pangram + jumps->input_start, "jumps", 5);
    assert_true(jumps->end_frame - jumps->start_frame > 22050 / 10);
    assert_true(rms(&speech.pcm, jumps->start_frame, jumps->end_frame) > 0.01);
    speech_release(&speech);
    engine_close(engine);
}

static void test_voices_are_languages(void **state)
{
    struct engine *engine = open_espeak();
    struct err err = { 0 };
    size_t count = engine_voice_count(engine);

    (void)state;
    assert_true(count > 100);
    for (size_t i = 1; i < count; i++)
        assert_true(strcmp(engine_voice_at(engine, i - 1)->id, engine_voice_at(engine, i)->id) < 0);
    check_text("default", voice_info(engine_voice(engine, NULL, &err))->id, "en-us");
    check_text("unknown", voice_info(engine_voice(engine, "zz_nobody", &err))->id, "en-us");
    static const char *const languages[] = { "en-us", "en-gb", "de", "es", "hi", "pt-br" };
    for (size_t i = 0; i < COUNT(languages); i++) {
        struct text_options options = { 0 };
        const struct voice *voice = engine_voice(engine, languages[i], &err);

        check_text("id", voice_info(voice)->id, languages[i]);
        engine_text_options(engine, voice, &options);
        check_text("language", options.language, languages[i]);
        assert_int_equal(options.scheme, PHONEMES_NONE);
        assert_null(options.vocab);
    }
    engine_close(engine);
}

/* Numbers are longest in German. */
static void test_a_voice_reads_in_its_language(void **state)
{
    struct chunk chunk = { .text = "777", .phonemes = "", .end = CHUNK_END_SENTENCE };
    struct engine *engine = open_espeak();
    struct err err = { 0 };
    struct speech english, german;

    (void)state;
    struct utterance utterance = { &chunk, engine_voice(engine, "en-us", &err), 1 };
    check_ok(engine_speak(engine, &utterance, &english, NULL, &err), &err);
    utterance.voice = engine_voice(engine, "de", &err);
    check_ok(engine_speak(engine, &utterance, &german, NULL, &err), &err);
    assert_false(is_alike(&english.pcm, &german.pcm));
    speech_release(&english);
    speech_release(&german);
    engine_close(engine);
}

static void test_markup_and_phoneme_brackets_are_only_text(void **state)
{
    static const char *const texts[] = { "a < b > c & d", "[[h@l'oU]] there", "<speak>x</speak>" };
    struct engine *engine = open_espeak();
    struct err err = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct chunk chunk = { .text = texts[i], .phonemes = "", .end = CHUNK_END_SENTENCE };
        struct utterance utterance = { &chunk, engine_voice(engine, NULL, &err), 1 };
        struct speech speech;

        check_ok(engine_speak(engine, &utterance, &speech, NULL, &err), &err);
        assert_true(speech.pcm.frames > 22050 / 4);
        assert_int_equal(speech.word_count, 0);
        speech_release(&speech);
    }
    engine_close(engine);
}

static void *cancel_it(void *cancel)
{
    cancel_request(cancel);
    return NULL;
}

/* An hour of speech, which would take seconds to make. */
static void test_cancel_stops_at_once(void **state)
{
    struct engine *engine = open_espeak();
    struct buf text = BUF(1 << 20);
    struct err err = { 0 };
    struct cancel cancel;
    struct speech speech;
    pthread_t other;

    (void)state;
    for (int i = 0; i < 2000; i++)
        buf_append_str(&text, "This goes on and on, without an end. ");
    struct chunk chunk = { .text = text.data, .phonemes = "", .end = CHUNK_END_SENTENCE };
    struct utterance utterance = { &chunk, engine_voice(engine, NULL, &err), 1 };
    cancel_init(&cancel);
    pthread_create(&other, NULL, cancel_it, &cancel);
    assert_false(engine_speak(engine, &utterance, &speech, &cancel, &err));
    pthread_join(other, NULL);
    assert_int_equal(err.kind, ERR_CANCELLED);
    assert_null(speech.pcm.samples);
    cancel_release(&cancel);

    /* The library is free again. */
    struct speech next = speak(engine, NULL, "Hello.", 1);
    assert_true(next.pcm.frames > 0);
    speech_release(&next);
    buf_release(&text);
    engine_close(engine);
}

static void test_silence_and_wrong_speeds_are_refused(void **state)
{
    static const double speeds[] = { 0, 0.49, 2.01, -1, NAN };
    struct engine *engine = open_espeak();
    struct err err = { 0 };
    struct chunk silent = { .text = "", .phonemes = "", .is_silent = true };
    struct chunk chunk = { .text = "Hello.", .phonemes = "" };
    struct utterance utterance = { &silent, engine_voice(engine, NULL, &err), 1 };
    struct speech speech;

    (void)state;
    assert_false(engine_speak(engine, &utterance, &speech, NULL, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    for (size_t i = 0; i < COUNT(speeds); i++) {
        utterance = (struct utterance){ &chunk, utterance.voice, speeds[i] };
        assert_false(engine_speak(engine, &utterance, &speech, NULL, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        check_text("parameter", err.param, "speed");
    }
    engine_close(engine);
}

/* --- threads --- */

struct talker {
    pthread_t thread;
    struct engine *engine;
    const char *voice, *text;
    struct speech expected;
    int wrong;
};

static void *talk(void *data)
{
    struct talker *t = data;

    for (int i = 0; i < 10; i++) {
        struct speech speech = speak(t->engine, t->voice, t->text, 1);

        t->wrong += !is_alike(&speech.pcm, &t->expected.pcm);
        speech_release(&speech);
    }
    return NULL;
}

static void test_threads_do_not_mix_their_voices(void **state)
{
    struct engine *engine = open_espeak();
    struct talker talkers[] = { { .voice = "en-us", .text = pangram },
                                { .voice = "de", .text = "Guten Morgen, liebe Leute." },
                                { .voice = "en-gb", .text = "Hello, and good bye." } };

    (void)state;
    for (size_t i = 0; i < COUNT(talkers); i++) {
        talkers[i].engine = engine;
        talkers[i].expected = speak(engine, talkers[i].voice, talkers[i].text, 1);
    }
    for (size_t i = 0; i < COUNT(talkers); i++)
        pthread_create(&talkers[i].thread, NULL, talk, &talkers[i]);
    for (size_t i = 0; i < COUNT(talkers); i++)
        pthread_join(talkers[i].thread, NULL);
    for (size_t i = 0; i < COUNT(talkers); i++) {
        assert_int_equal(talkers[i].wrong, 0);
        speech_release(&talkers[i].expected);
    }
    engine_close(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_needs_no_model),
        cmocka_unit_test(test_it_opens_whatever_mapping_is_configured),
        cmocka_unit_test(test_a_sentence_is_audible_speech),
        cmocka_unit_test(test_speed_is_a_rate),
        cmocka_unit_test(test_the_same_text_sounds_the_same),
        cmocka_unit_test(test_words_have_their_places),
        cmocka_unit_test(test_voices_are_languages),
        cmocka_unit_test(test_a_voice_reads_in_its_language),
        cmocka_unit_test(test_markup_and_phoneme_brackets_are_only_text),
        cmocka_unit_test(test_cancel_stops_at_once),
        cmocka_unit_test(test_silence_and_wrong_speeds_are_refused),
        cmocka_unit_test(test_threads_do_not_mix_their_voices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
