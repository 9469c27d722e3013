#include <unistd.h>

#include "base/file.h"
#include "engine/kitten_voices.h"
#include "speaking.h"

#define HOP 600
#define TEXT "Hi, you."

/* h i , space j u . of the vocabulary */
static const int32_t hi_you[] = { 50, 51, 3, 16, 52, 63, 4 };

static size_t frames_of(int64_t id, double speed)
{
    float frames = nearbyintf((float)(3 + id % 4) / (float)speed);

    return frames < 1 ? 1 : (size_t)frames;
}

/* The samples hum exactly these ids, one after the other. */
static void check_hums(const char *name, const struct pcm *pcm, const int64_t *ids, size_t count,
                       double speed, double amplitude)
{
    size_t frame = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t n = frames_of(ids[i], speed); n > 0; n--, frame++) {
            const float *at = pcm->samples + frame * HOP;

            check_case(name, (frame + 1) * HOP <= pcm->frames);
            check_case(name, cycles_of(at, HOP) == (ids[i] ? ids[i] + 3 : 0));
            check_case(name, !ids[i] || fabs(amplitude_of(at, HOP) - amplitude) < 1e-4);
        }
    check_case(name, frame * HOP == pcm->frames);
}

/* make_models.py's voices: expr-voice-2-m is number 0, expr-voice-2-f number 1. */
static double amplitude(int voice, size_t row)
{
    return 0.1 * (voice + 1) + (double)row / 4096;
}

static void test_marks_stand_between_spaces_and_the_end_has_its_ids(void **state)
{
    static const struct {
        const char *name;
        int32_t ids[8];
        size_t count;
        int64_t expected[20];
        size_t expected_count;
    } cases[] = {
        { "words", { 50, 51, 16, 52 }, 4, { 0, 50, 51, 16, 52, 10, 0 }, 7 },
        { "a mark behind a word", { 50, 3, 16, 52 }, 4, { 0, 50, 16, 3, 16, 52, 10, 0 }, 8 },
        { "a mark at the end", { 50, 4 }, 2, { 0, 50, 16, 4, 10, 0 }, 6 },
        { "two marks", { 50, 4, 4 }, 3, { 0, 50, 16, 4, 16, 4, 10, 0 }, 8 },
        { "a mark in front", { 15, 50 }, 2, { 0, 15, 16, 50, 10, 0 }, 6 },
        { "spaces around", { 16, 50, 16, 16, 51, 16 }, 6, { 0, 50, 16, 51, 10, 0 }, 6 },
        { "stress is of the word", { 156, 50, 158 }, 3, { 0, 156, 50, 158, 10, 0 }, 6 },
    };
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten-no-config");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct chunk chunk = chunk_of("abc", cases[i].ids, cases[i].count);
        struct raw_speech raw;

        check_ok(speak_raw(&o, &chunk, "expr-voice-2-m", 1, &raw), &o.err);
        check_hums(cases[i].name, &raw.pcm, cases[i].expected, cases[i].expected_count, 1,
                   amplitude(0, 3));
        raw_free(&raw);
    }
    close_engine(&o);
}

static void test_style_row_is_the_number_of_characters(void **state)
{
    static char long_text[1001];
    static const struct {
        const char *name, *folder, *text;
        size_t row;
    } cases[] = {
        { "ASCII", "kitten", "seven i", 7 },
        { "UTF-8", "kitten", "naïve “é”", 9 },
        { "longer than the table", "kitten", long_text, 399 },
        { "a table of one row", "kitten-nano-0.1", "seven i", 0 },
    };

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct chunk chunk = chunk_of(cases[i].text, hi_you, 2);
        struct raw_speech raw;
        struct opened o;

        open_engine(&o, "kitten", cases[i].folder);
        check_ok(speak_raw(&o, &chunk, "expr-voice-2-f", 1, &raw), &o.err);
        size_t pad = frames_of(0, strcmp(cases[i].folder, "kitten") == 0 ? 0.8 : 1);
        double heard = amplitude_of(raw.pcm.samples + pad * HOP, HOP);
        check_case(cases[i].name, fabs(heard - amplitude(1, cases[i].row)) < 1e-4);
        raw_free(&raw);
        close_engine(&o);
    }
}

static void test_speed_is_multiplied_by_the_voice_s_factor(void **state)
{
    static const struct {
        const char *folder, *voice;
        double speed, expected;
    } cases[] = {
        { "kitten", "expr-voice-2-f", 1, 0.8 }, { "kitten", "expr-voice-4-m", 1, 0.9 },
        { "kitten", "expr-voice-2-f", 2, 1.6 }, { "kitten", "expr-voice-2-f", 0.5, 0.4 },
        { "kitten-no-config", "Bella", 1, 1 },  { "kitten-no-config", "Bella", 2, 2 },
    };
    static const int64_t ids[] = { 0, 50, 51, 16, 3, 16, 52, 63, 16, 4, 10, 0 };
    struct chunk chunk = chunk_of(TEXT, hi_you, COUNT(hi_you));

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct raw_speech raw;
        struct opened o;
        size_t frames = 0;

        open_engine(&o, "kitten", cases[i].folder);
        check_ok(speak_raw(&o, &chunk, cases[i].voice, cases[i].speed, &raw), &o.err);
        for (size_t j = 0; j < COUNT(ids); j++)
            frames += frames_of(ids[j], cases[i].expected);
        check_case(cases[i].voice, raw.pcm.frames == frames * HOP);
        raw_free(&raw);
        close_engine(&o);
    }
}

/* Without config.json the catalogue's id tells which model it is. */
static void test_published_nano_models_have_their_factors(void **state)
{
    static const struct {
        const char *model;
        double bella, hugo;
    } cases[] = { { "kitten-nano-0.8", 0.8, 0.9 },
                  { "kitten-nano-0.8-int8", 0.8, 0.9 },
                  { "kitten-micro-0.8", 1, 1 },
                  { "kitten-nano-0.2", 1, 1 } };
    char *path = fixture("kitten-no-config/model.onnx");

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct installed_model model = { .name = (char *)(uintptr_t)cases[i].model, .path = path };
        struct voice_list list;
        struct err err = { 0 };

        voice_list_init(&list);
        check_ok(kitten_voices_add(&list, &model, &err), &err);
        voice_list_finish(&list, KITTEN_DEFAULT_VOICE);
        const struct voice *bella = voice_list_find(&list, "kitten", "Bella", &err);
        const struct voice *hugo = voice_list_find(&list, "kitten", "Hugo", &err);
        check_case(cases[i].model, bella->speed_factor == cases[i].bella);
        check_case(cases[i].model, hugo->speed_factor == cases[i].hugo);
        voice_list_release(&list);
    }
    free(path);
}

static void test_voices_have_names_and_genders(void **state)
{
    static const char *const rows[][3] = {
        { "expr-voice-2-f", "Bella", "female" }, { "expr-voice-2-m", "Jasper", "male" },
        { "expr-voice-3-f", "Luna", "female" },  { "expr-voice-3-m", "Bruno", "male" },
        { "expr-voice-4-f", "Rosie", "female" }, { "expr-voice-4-m", "Hugo", "male" },
        { "expr-voice-5-f", "Kiki", "female" },  { "expr-voice-5-m", "Leo", "male" },
    };
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten-no-config");
    assert_int_equal(engine_voice_count(o.engine), COUNT(rows));
    assert_int_equal(engine_rate_hz(o.engine), 24000);
    check_text("default", voice_info(get_voice(&o, NULL))->id, "expr-voice-2-f");
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct voice_info *info = engine_voice_at(o.engine, i);

        check_text("sorted ids", info->id, rows[i][0]);
        check_text(info->id, info->name, rows[i][1]);
        check_text(info->id, info->gender, rows[i][2]);
        check_text(info->id, info->language, "en-us");
        check_text("by name", voice_info(get_voice(&o, rows[i][1]))->id, info->id);
    }
    close_engine(&o);
}

static void test_times_of_words_leave_out_the_spaces_put_in(void **state)
{
    /* "hi" is ids 0-1, "you" ids 4-5; the model is given 0 h i _ , _ j u _ . 10 0 */
    static const struct chunk_word words[] = { { 0, 2, 0, 2 }, { 4, 7, 4, 2 } };
    struct chunk chunk = chunk_of(TEXT, hi_you, COUNT(hi_you));
    struct raw_speech raw;
    struct opened o;

    (void)state;
    chunk.words = words;
    chunk.word_count = COUNT(words);
    open_engine(&o, "kitten", "kitten-no-config");
    check_ok(speak_raw(&o, &chunk, NULL, 1, &raw), &o.err);
    assert_non_null(raw.id_start);
    size_t pad = frames_of(0, 1), h = frames_of(50, 1), i = frames_of(51, 1);
    size_t space = frames_of(16, 1), comma = frames_of(3, 1), j = frames_of(52, 1);
    assert_int_equal(raw.id_start[0], pad * HOP);
    assert_int_equal(raw.id_start[1], (pad + h) * HOP);
    assert_int_equal(raw.id_start[2], (pad + h + i) * HOP); /* the comma, with its space */
    assert_int_equal(raw.id_start[4], (pad + h + i + space + comma + space) * HOP);
    assert_int_equal(raw.id_start[5], (pad + h + i + space + comma + space + j) * HOP);
    assert_int_equal(raw.id_start[7], raw.pcm.frames - (frames_of(10, 1) + pad) * HOP);
    raw_free(&raw);

    struct utterance utterance = { &chunk, get_voice(&o, NULL), 1 };
    struct speech speech;
    check_ok(engine_speak(o.engine, &utterance, &speech, NULL, &o.err), &o.err);
    assert_int_equal(speech.word_count, 2);
    assert_true(speech.words[0].end_frame <= speech.words[1].start_frame);
    assert_true(speech.words[1].end_frame <= speech.pcm.frames);
    assert_int_equal(speech.words[0].end_frame - speech.words[0].start_frame, (h + i) * HOP);
    speech_release(&speech);
    close_engine(&o);
}

static void test_durations_that_do_not_fit_give_speech_without_times(void **state)
{
    struct chunk chunk = chunk_of(TEXT, hi_you, COUNT(hi_you));
    struct raw_speech raw;
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten-durations");
    check_ok(speak_raw(&o, &chunk, NULL, 1, &raw), &o.err);
    assert_null(raw.id_start);
    assert_true(raw.pcm.frames > 0);
    raw_free(&raw);
    close_engine(&o);
}

/* 512 positions, three of them the model's own; marks may take what is left and no more. */
static void test_longest_chunk_fits_whatever_is_in_it(void **state)
{
    struct text_options options = { 0 };
    struct speech speech;
    int32_t ids[600];
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten-no-config");
    engine_text_options(o.engine, get_voice(&o, NULL), &options);
    assert_int_equal(options.max_tokens, 509);
    assert_int_equal(options.scheme, PHONEMES_IPA);
    for (size_t count = 508; count <= 510; count++)
        for (int32_t mark = 0; mark <= 1; mark++) {
            for (size_t i = 0; i < count; i++)
                ids[i] = mark && i % 2 ? 4 : 50;
            struct chunk chunk = chunk_of("x", ids, count);
            struct utterance utterance = { &chunk, get_voice(&o, NULL), 1 };
            bool ok = engine_speak(o.engine, &utterance, &speech, NULL, &o.err);

            assert_int_equal(ok, count <= options.max_tokens);
            if (!ok)
                assert_int_equal(o.err.kind, ERR_INVALID);
            speech_release(&speech);
        }
    close_engine(&o);
}

static void test_numbers_that_are_not_finite_are_an_error(void **state)
{
    struct chunk chunk = chunk_of(TEXT, hi_you, COUNT(hi_you));
    struct speech speech;
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten-nan");
    struct utterance utterance = { &chunk, get_voice(&o, NULL), 1 };
    assert_false(engine_speak(o.engine, &utterance, &speech, NULL, &o.err));
    assert_int_equal(o.err.kind, ERR_CORRUPT);
    assert_null(speech.pcm.samples);
    close_engine(&o);
}

static void test_what_is_missing_or_broken_is_said(void **state)
{
    static const struct open_failure cases[] = {
        { "kitten-no-voices", ERR_UNAVAILABLE, "voices.npz" },
        { "kitten-bad-voices", ERR_CORRUPT, "voices.npz" },
        { "kitten-bad-config", ERR_CORRUPT, "config.json" },
        { "foreign", ERR_UNAVAILABLE, "kitten" },
        { "truncated", ERR_UNAVAILABLE, "kitten" },
        { "garbage", ERR_UNAVAILABLE, "kitten" },
        { "no-such-folder", ERR_UNAVAILABLE, "models pull" },
    };

    (void)state;
    check_open_failures("kitten", cases, COUNT(cases));
}

static void test_config_json_is_checked(void **state)
{
    static const struct {
        const char *json;
        enum err_kind kind;
    } cases[] = {
        { "{}", ERR_NONE },
        { "{\"speed_priors\": null, \"voice_aliases\": []}", ERR_NONE },
        { "[]", ERR_CORRUPT },
        { "{", ERR_CORRUPT },
        { "", ERR_CORRUPT },
        { "{\"voices\": \"../../etc/passwd\"}", ERR_CORRUPT },
        { "{\"voices\": \"\"}", ERR_CORRUPT },
        { "{\"voices\": 1}", ERR_CORRUPT },
        { "{\"voices\": \"other.npz\"}", ERR_UNAVAILABLE },
        { "{\"speed_priors\": {\"a\": 0}}", ERR_CORRUPT },
        { "{\"speed_priors\": {\"a\": 1e300}}", ERR_CORRUPT },
        { "{\"voice_aliases\": {\"a\": 1}}", ERR_CORRUPT },
    };
    char *folder = temp_folder(), *voices = fixture("kitten/voices.npz");
    char *link = str_format("%s/voices.npz", folder);
    char *config = str_format("%s/config.json", folder);
    char *path = str_format("%s/model.onnx", folder);
    struct installed_model model = { .name = path, .path = path };

    (void)state;
    assert_int_equal(symlink(voices, link), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct voice_list list;

        check_ok(file_write(config, cases[i].json, strlen(cases[i].json), &err), &err);
        voice_list_init(&list);
        bool ok = kitten_voices_add(&list, &model, &err);
        check_case(cases[i].json, ok == (cases[i].kind == ERR_NONE));
        check_case(cases[i].json, err.kind == cases[i].kind);
        voice_list_release(&list);
    }
    free(path);
    free(config);
    free(link);
    free(voices);
    temp_folder_remove(folder);
}

static void test_threads_share_an_engine(void **state)
{
    struct chunk first = chunk_of(TEXT, hi_you, COUNT(hi_you)), second = chunk_of("h", hi_you, 2);
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten");
    check_threads_agree(&o, (const struct chunk *[]){ &first, &second }, "Bella");
    close_engine(&o);
}

static void test_cancel_ends_a_run(void **state)
{
    struct chunk chunk = chunk_of(TEXT, hi_you, COUNT(hi_you));
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten-endless");
    check_cancels(&o, &chunk);
    close_engine(&o);
}

static void test_silence_is_refused(void **state)
{
    struct opened o;

    (void)state;
    open_engine(&o, "kitten", "kitten");
    check_refuses_silence(&o);
    close_engine(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_stand_between_spaces_and_the_end_has_its_ids),
        cmocka_unit_test(test_style_row_is_the_number_of_characters),
        cmocka_unit_test(test_speed_is_multiplied_by_the_voice_s_factor),
        cmocka_unit_test(test_published_nano_models_have_their_factors),
        cmocka_unit_test(test_voices_have_names_and_genders),
        cmocka_unit_test(test_times_of_words_leave_out_the_spaces_put_in),
        cmocka_unit_test(test_durations_that_do_not_fit_give_speech_without_times),
        cmocka_unit_test(test_longest_chunk_fits_whatever_is_in_it),
        cmocka_unit_test(test_numbers_that_are_not_finite_are_an_error),
        cmocka_unit_test(test_what_is_missing_or_broken_is_said),
        cmocka_unit_test(test_config_json_is_checked),
        cmocka_unit_test(test_threads_share_an_engine),
        cmocka_unit_test(test_cancel_ends_a_run),
        cmocka_unit_test(test_silence_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
