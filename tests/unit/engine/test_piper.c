#include "speaking.h"

#define HOP 256

/* a and t of make_models.py's map, with the pads that a vocabulary puts behind them. */
static const int32_t a_t[] = { 14, 0, 32, 0 };
static const int64_t framed[] = { 1, 0, 14, 0, 32, 0, 2 };

static size_t frames_of(int64_t id, double speed)
{
    return (size_t)ceilf((float)(2 + id % 3) * (float)(1 / speed));
}

static size_t samples_of(const int64_t *ids, size_t count, double speed)
{
    size_t frames = 0;

    for (size_t i = 0; i < count; i++)
        frames += frames_of(ids[i], speed);
    return frames * HOP;
}

/* The samples hum exactly these ids; the begin as loud as half the noise scale, the end as half the
 * noise of the widths, the others as the speaker. */
static void check_hums(const struct pcm *pcm, const int64_t *ids, size_t count, double speed,
                       double amplitude)
{
    size_t frame = 0;

    for (size_t i = 0; i < count; i++) {
        double loud = ids[i] == 1 ? 0.667 / 2 : ids[i] == 2 ? 0.8 / 2 : ids[i] ? amplitude : 0;

        for (size_t n = frames_of(ids[i], speed); n > 0; n--, frame++) {
            const float *at = pcm->samples + frame * HOP;

            assert_true((frame + 1) * HOP <= pcm->frames);
            assert_int_equal(cycles_of(at, HOP), ids[i] ? 1 + ids[i] % 100 : 0);
            assert_true(fabs(amplitude_of(at, HOP) - loud) < 1e-4);
        }
    }
    assert_int_equal(frame * HOP, pcm->frames);
}

static void test_ids_are_framed_with_begin_pads_and_end(void **state)
{
    static const char *const folders[] = { "piper", "piper-rank2", "piper-alignment",
                                           "piper-patched" };
    struct chunk chunk = chunk_of("at", a_t, COUNT(a_t));

    (void)state;
    for (size_t i = 0; i < COUNT(folders); i++) {
        struct raw_speech raw;
        struct opened o;

        open_engine(&o, "piper", folders[i]);
        check_ok(speak_raw(&o, &chunk, NULL, 1, &raw), &o.err);
        check_hums(&raw.pcm, framed, COUNT(framed), 1, 0.1);
        assert_int_equal(raw.pcm.rate_hz, 22050);
        raw_free(&raw);
        close_engine(&o);
    }
}

static void test_speed_divides_the_length_scale(void **state)
{
    static const double speeds[] = { 0.5, 0.8, 1, 1.5, 2 };
    struct chunk chunk = chunk_of("at", a_t, COUNT(a_t));
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper");
    for (size_t i = 0; i < COUNT(speeds); i++) {
        struct raw_speech raw;

        check_ok(speak_raw(&o, &chunk, NULL, speeds[i], &raw), &o.err);
        assert_int_equal(raw.pcm.frames, samples_of(framed, COUNT(framed), speeds[i]));
        raw_free(&raw);
    }
    close_engine(&o);
}

static void test_text_becomes_padded_phonemes(void **state)
{
    struct text_options options = { 0 };
    struct arena arena = ARENA;
    struct chunk chunk;
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper");
    engine_text_options(o.engine, get_voice(&o, NULL), &options);
    assert_int_equal(options.scheme, PHONEMES_PIPER);
    check_text("language", options.language, "en-us");
    check_text("eSpeak's voice", options.espeak_voice, "gmw/en-US");
    struct planner *planner = planner_create("Hat. ^$_", 8, &options, &o.err);
    assert_non_null(planner);
    check_ok(planner_next(planner, &arena, &chunk, &o.err), &o.err);
    /* h ˈ æ t . and whatever stands for the marks, which may not end the sentence */
    static const int32_t hat[] = { 20, 0, 120, 0, 39, 0, 32, 0, 10, 0 };
    assert_true(chunk.id_count >= COUNT(hat));
    assert_memory_equal(chunk.ids, hat, sizeof hat);
    for (size_t i = 0; i < chunk.id_count; i++)
        assert_true(i % 2 ? chunk.ids[i] == 0 : chunk.ids[i] > 2);
    planner_destroy(planner);
    arena_release(&arena);
    close_engine(&o);
}

static void test_speakers_are_voices(void **state)
{
    static const struct {
        const char *id;
        double amplitude;
    } cases[] = { { "en_GB-vctk-medium:alice", 0.1 },
                  { "piper:en_GB-vctk-medium:bob", 0.2 },
                  { "carol", 0.3 },
                  { NULL, 0.1 } };
    struct text_options options = { 0 };
    struct chunk chunk = chunk_of("at", a_t, COUNT(a_t));
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper-speakers");
    assert_int_equal(engine_voice_count(o.engine), 3);
    assert_int_equal(engine_rate_hz(o.engine), 16000);
    engine_text_options(o.engine, get_voice(&o, NULL), &options);
    check_text("accent", options.espeak_voice, "gmw/en-GB-x-rp");
    check_text("language", options.language, "en-gb");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct raw_speech raw;

        check_ok(speak_raw(&o, &chunk, cases[i].id, 1, &raw), &o.err);
        check_hums(&raw.pcm, framed, COUNT(framed), 1, cases[i].amplitude);
        raw_free(&raw);
    }
    close_engine(&o);
}

static void test_a_model_of_one_speaker_is_a_voice(void **state)
{
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper");
    assert_int_equal(engine_voice_count(o.engine), 1);
    const struct voice_info *info = engine_voice_at(o.engine, 0);
    check_text("id", info->id, "en_US-lessac-medium");
    check_text("name", info->name, "Lessac (medium)");
    check_text("language", info->language, "en-us");
    close_engine(&o);
}

static void test_several_ids_of_a_symbol_are_spoken(void **state)
{
    static const int32_t ids[] = { 59, 88, 0 };
    static const int64_t expected[] = { 1, 0, 59, 88, 0, 2 };
    struct text_options options = { 0 };
    struct chunk chunk = chunk_of("er", ids, COUNT(ids));
    struct raw_speech raw;
    struct opened o;
    size_t count;

    (void)state;
    open_engine(&o, "piper", "piper-speakers");
    engine_text_options(o.engine, get_voice(&o, NULL), &options);
    const int32_t *found = vocab_find(options.vocab, 0x25A, &count);
    assert_int_equal(count, COUNT(ids));
    assert_memory_equal(found, ids, sizeof ids);
    check_ok(speak_raw(&o, &chunk, NULL, 1, &raw), &o.err);
    check_hums(&raw.pcm, expected, COUNT(expected), 1, 0.1);
    raw_free(&raw);
    close_engine(&o);
}

/* The frames of the ids come from an output, or from a tensor that is made one; a graph with
 * neither speaks without times. */
static void test_times_come_from_the_widths(void **state)
{
    static const struct {
        const char *folder;
        bool has_times;
    } cases[] = { { "piper-patched", true }, { "piper-alignment", true }, { "piper", false } };
    struct chunk chunk = chunk_of("at", a_t, COUNT(a_t));

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct raw_speech raw;
        struct opened o;

        open_engine(&o, "piper", cases[i].folder);
        check_ok(speak_raw(&o, &chunk, NULL, 1.5, &raw), &o.err);
        check_case(cases[i].folder, (raw.id_start != NULL) == cases[i].has_times);
        for (size_t j = 0; raw.id_start && j <= COUNT(a_t); j++)
            check_case(cases[i].folder, raw.id_start[j] == samples_of(framed, 2 + j, 1.5));
        raw_free(&raw);
        close_engine(&o);
    }
}

static void test_letters_are_the_phonemes_of_a_text_voice(void **state)
{
    /* H is spoken as h, é as e (its accent is not in the map), the digit not at all. */
    static const int64_t expected[] = { 1, 0, 20, 0, 18, 0, 10, 0, 2 };
    struct text_options options = { 0 };
    struct chunk chunk = chunk_of("H1é.", NULL, 0), dumb = chunk_of("123", NULL, 0);
    struct raw_speech raw;
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper-text");
    engine_text_options(o.engine, get_voice(&o, NULL), &options);
    assert_int_equal(options.scheme, PHONEMES_NONE);
    check_ok(speak_raw(&o, &chunk, NULL, 1, &raw), &o.err);
    check_hums(&raw.pcm, expected, COUNT(expected), 1, 0.1);
    raw_free(&raw);
    assert_false(speak_raw(&o, &dumb, NULL, 1, &raw));
    assert_int_equal(o.err.kind, ERR_INVALID);
    raw_free(&raw);
    close_engine(&o);
}

static void test_a_text_too_long_for_letters_is_refused(void **state)
{
    size_t length = 100000;
    char *text = xmalloc(length + 1);
    struct raw_speech raw;
    struct opened o;

    (void)state;
    memset(text, 'a', length);
    text[length] = '\0';
    struct chunk chunk = chunk_of(text, NULL, 0);
    open_engine(&o, "piper", "piper-text");
    assert_false(speak_raw(&o, &chunk, NULL, 1, &raw));
    assert_int_equal(o.err.kind, ERR_TOO_LARGE);
    raw_free(&raw);
    free(text);
    close_engine(&o);
}

/* Two sentences of one voice keep the level the model gave them. */
static void test_level_is_not_touched(void **state)
{
    struct chunk chunk = chunk_of("at", a_t, COUNT(a_t));
    struct speech speech;
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper-patched");
    struct utterance utterance = { &chunk, get_voice(&o, NULL), 1 };
    check_ok(engine_speak(o.engine, &utterance, &speech, NULL, &o.err), &o.err);
    float peak = 0;
    for (size_t i = 0; i < speech.pcm.frames; i++)
        peak = fmaxf(peak, fabsf(speech.pcm.samples[i]));
    assert_true(peak < 0.45f && peak > 0.05f);
    speech_release(&speech);
    close_engine(&o);
}

static void test_numbers_that_are_not_finite_are_an_error(void **state)
{
    struct chunk chunk = chunk_of("at", a_t, COUNT(a_t));
    struct speech speech;
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper-nan");
    struct utterance utterance = { &chunk, get_voice(&o, NULL), 1 };
    assert_false(engine_speak(o.engine, &utterance, &speech, NULL, &o.err));
    assert_int_equal(o.err.kind, ERR_CORRUPT);
    assert_null(speech.pcm.samples);
    close_engine(&o);
}

static void test_what_is_missing_or_broken_is_said(void **state)
{
    static const struct open_failure cases[] = {
        { "piper-no-config", ERR_UNAVAILABLE, "en_US-lessac-medium.onnx.json" },
        { "piper-bad-config", ERR_CORRUPT, "en_US-lessac-medium.onnx.json" },
        { "piper-pinyin", ERR_UNSUPPORTED, "pinyin" },
        { "piper-no-scales", ERR_UNAVAILABLE, "Piper" },
        { "foreign", ERR_UNAVAILABLE, "Piper" },
        { "garbage", ERR_UNAVAILABLE, "Piper" },
        { "page", ERR_UNAVAILABLE, "Piper" },
        { "empty-file", ERR_UNAVAILABLE, "Piper" },
        { "no-such-folder", ERR_UNAVAILABLE, "models pull" },
    };

    (void)state;
    check_open_failures("piper", cases, COUNT(cases));
}

static void test_threads_share_an_engine(void **state)
{
    struct chunk first = chunk_of("at", a_t, COUNT(a_t)), second = chunk_of("a", a_t, 2);
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper-speakers");
    check_threads_agree(&o, (const struct chunk *[]){ &first, &second }, "bob");
    close_engine(&o);
}

static void test_cancel_ends_a_run(void **state)
{
    struct chunk chunk = chunk_of("at", a_t, COUNT(a_t));
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper-endless");
    check_cancels(&o, &chunk);
    close_engine(&o);
}

static void test_silence_is_refused(void **state)
{
    struct opened o;

    (void)state;
    open_engine(&o, "piper", "piper");
    check_refuses_silence(&o);
    close_engine(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_are_framed_with_begin_pads_and_end),
        cmocka_unit_test(test_speed_divides_the_length_scale),
        cmocka_unit_test(test_text_becomes_padded_phonemes),
        cmocka_unit_test(test_speakers_are_voices),
        cmocka_unit_test(test_a_model_of_one_speaker_is_a_voice),
        cmocka_unit_test(test_several_ids_of_a_symbol_are_spoken),
        cmocka_unit_test(test_times_come_from_the_widths),
        cmocka_unit_test(test_letters_are_the_phonemes_of_a_text_voice),
        cmocka_unit_test(test_a_text_too_long_for_letters_is_refused),
        cmocka_unit_test(test_level_is_not_touched),
        cmocka_unit_test(test_numbers_that_are_not_finite_are_an_error),
        cmocka_unit_test(test_what_is_missing_or_broken_is_said),
        cmocka_unit_test(test_threads_share_an_engine),
        cmocka_unit_test(test_cancel_ends_a_run),
        cmocka_unit_test(test_silence_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
