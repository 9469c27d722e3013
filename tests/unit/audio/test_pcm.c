#include <math.h>
#include <stdint.h>

#include "audio/format.h"
#include "audio/pcm.h"
#include "audio/sample.h"
#include "check.h"

static void test_appended_pieces_stand_one_behind_the_other(void **state)
{
    const float one[] = { 1, 2, 3, 4 }, two[] = { 5, 6 };
    const float expected[] = { 1, 2, 3, 4, 0, 0, 0, 0, 5, 6 };
    struct pcm pcm = PCM(24000, 2);
    struct err err;

    (void)state;
    check_ok(pcm_append(&pcm, one, 2, &err), &err);
    check_ok(pcm_append_silence(&pcm, 2, &err), &err);
    check_ok(pcm_append(&pcm, two, 1, &err), &err);
    check_ok(pcm_append(&pcm, NULL, 0, &err), &err);
    assert_int_equal(pcm.frames, 5);
    assert_memory_equal(pcm.samples, expected, sizeof expected);
    pcm_release(&pcm);
    assert_null(pcm.samples);
    assert_int_equal(pcm.frames, 0);
    assert_int_equal(pcm.rate_hz, 24000);
}

static void test_silence_over_old_samples_is_silent(void **state)
{
    const float loud[] = { 1, 1, 1, 1 };
    struct pcm pcm = PCM(24000, 1);
    struct err err;

    (void)state;
    check_ok(pcm_append(&pcm, loud, 4, &err), &err);
    pcm.frames = 0;
    check_ok(pcm_append_silence(&pcm, 4, &err), &err);
    assert_true(pcm.samples[0] == 0.0f && pcm.samples[3] == 0.0f);
    pcm_release(&pcm);
}

static void test_room_that_no_machine_has_is_an_error(void **state)
{
    const size_t sizes[] = { SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 8, (size_t)1 << 60 };
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct pcm pcm = PCM(24000, 2);

        check_ok(pcm_append_silence(&pcm, 10, &err), &err);
        assert_false(pcm_reserve(&pcm, sizes[i], &err));
        assert_int_equal(err.kind, ERR_INTERNAL);
        assert_int_equal(pcm.frames, 10);
        pcm_release(&pcm);
    }
}

static void test_seconds_become_frames_to_the_nearest(void **state)
{
    static const struct {
        const char *name;
        double seconds;
        int rate_hz;
        size_t frames;
    } cases[] = {
        { "a second", 1.0, 24000, 24000 },
        { "rounds up", 0.5 / 1000 + 1e-9, 1000, 1 },
        { "rounds down", 0.0004, 1000, 0 },
        { "negative", -1.0, 24000, 0 },
        { "not a number", (double)NAN, 24000, 0 },
        { "endless", (double)INFINITY, 24000, SIZE_MAX / 2 },
        { "a day", 86400.0, 48000, 4147200000 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_case(cases[i].name,
                   pcm_frames(cases[i].seconds, cases[i].rate_hz) == cases[i].frames);
}

static void test_layouts_out_of_bounds_name_their_parameter(void **state)
{
    static const struct {
        int rate_hz, channels;
        const char *param;
    } cases[] = {
        { 0, 1, "rate_hz" },       { -1, 1, "rate_hz" },     { 999, 1, "rate_hz" },
        { 768001, 1, "rate_hz" },  { 24000, 0, "channels" }, { 24000, 9, "channels" },
        { 24000, -1, "channels" },
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_false(pcm_check_layout(cases[i].rate_hz, cases[i].channels, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err.param, cases[i].param);
    }
    check_ok(pcm_check_layout(1000, 8, &err), &err);
    check_ok(pcm_check_layout(768000, 1, &err), &err);
}

static void test_samples_round_to_the_nearest_and_clip(void **state)
{
    static const struct {
        const char *name;
        float in;
        int s16, s24;
    } cases[] = {
        { "zero", 0.0f, 0, 0 },
        { "half", 0.5f, 16384, 4194304 },
        { "minus half", -0.5f, -16384, -4194304 },
        { "plus one is the largest", 1.0f, 32767, 8388607 },
        { "minus one", -1.0f, -32768, -8388608 },
        { "too loud", 1.7f, 32767, 8388607 },
        { "far too loud", -1e30f, -32768, -8388608 },
        { "not a number", NAN, 0, 0 },
        { "infinite", INFINITY, 32767, 8388607 },
        { "minus infinite", -INFINITY, -32768, -8388608 },
        { "denormal", 1e-40f, 0, 0 },
        { "0.6 of a step", 0.6f / 32768, 1, 154 },
        { "-0.6 of a step", -0.6f / 32768, -1, -154 },
        { "0.4 of a step", 0.4f / 32768, 0, 102 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(cases[i].name, sample_to_s16(cases[i].in) == cases[i].s16);
        check_case(cases[i].name, sample_to_s24(cases[i].in) == cases[i].s24);
    }
}

static void test_every_16_bit_number_comes_back(void **state)
{
    uint8_t bytes[2];
    float sample;

    (void)state;
    for (int value = -32768; value <= 32767; value++) {
        const uint8_t in[] = { (uint8_t)value, (uint8_t)(value >> 8) };

        sample_unpack_s16(&sample, in, 1);
        assert_true(sample == (float)value / 32768.0f);
        sample_pack_s16(bytes, &sample, 1);
        assert_memory_equal(bytes, in, 2);
        if (value > -32768)
            assert_int_equal(sample_to_s16(-sample), -value);
    }
}

static void test_24_bit_numbers_come_back(void **state)
{
    uint8_t bytes[3];
    float sample;

    (void)state;
    for (int value = -8388608; value <= 8388607; value += 251) {
        const uint8_t in[] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16) };

        sample_unpack_s24(&sample, in, 1);
        sample_pack_s24(bytes, &sample, 1);
        assert_memory_equal(bytes, in, 3);
    }
}

static void test_floats_keep_what_is_over_full_scale_but_not_nan(void **state)
{
    const float in[] = { 1.5f, -2.0f, NAN, INFINITY }, expected[] = { 1.5f, -2.0f, 0.0f, 1.0f };
    uint8_t bytes[sizeof in];
    float out[4];

    (void)state;
    sample_pack_f32(bytes, in, 4);
    sample_unpack_f32(out, bytes, 4);
    assert_memory_equal(out, expected, sizeof out);
    sample_unpack_f32(out, (const uint8_t *)in, 4);
    assert_memory_equal(out, expected, sizeof out);
}

static void test_formats_have_a_name_an_ending_and_a_type(void **state)
{
    static const struct {
        enum audio_format format;
        const char *name, *mime;
    } cases[] = {
        { AUDIO_WAV, "wav", "audio/wav" },    { AUDIO_MP3, "mp3", "audio/mpeg" },
        { AUDIO_OPUS, "opus", "audio/ogg" },  { AUDIO_AAC, "aac", "audio/aac" },
        { AUDIO_FLAC, "flac", "audio/flac" }, { AUDIO_PCM, "pcm", "audio/pcm" },
        { AUDIO_M4B, "m4b", "audio/mp4" },
    };
    enum audio_format format;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_text(cases[i].name, audio_format_name(cases[i].format), cases[i].name);
        check_text(cases[i].name, audio_format_extension(cases[i].format), cases[i].name);
        check_text(cases[i].name, audio_format_mime(cases[i].format), cases[i].mime);
        check_case(cases[i].name, audio_format_parse(cases[i].name, &format));
        check_case(cases[i].name, format == cases[i].format);
    }
    assert_false(audio_format_parse("MP3", &format));
    assert_false(audio_format_parse("", &format));
    assert_false(audio_format_parse("wma", &format));
}

static void test_a_path_says_its_format(void **state)
{
    static const struct {
        const char *path;
        int format; /* -1: none */
    } cases[] = {
        { "a.wav", AUDIO_WAV },
        { "dir.mp3/a.FLAC", AUDIO_FLAC },
        { "a.b.OGG", AUDIO_OPUS },
        { "book.m4a", AUDIO_M4B },
        { "book.mp4", AUDIO_M4B },
        { "x.aac", AUDIO_AAC },
        { "x.pcm", AUDIO_PCM },
        { "x.mp3", AUDIO_MP3 },
        { "wav", -1 },
        { "a.wav/none", -1 },
        { "a.", -1 },
        { "", -1 },
        { "a.wma", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum audio_format format = AUDIO_PCM;
        bool found = audio_format_from_path(cases[i].path, &format);

        check_case(cases[i].path, found == (cases[i].format >= 0));
        check_case(cases[i].path, !found || (int)format == cases[i].format);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appended_pieces_stand_one_behind_the_other),
        cmocka_unit_test(test_silence_over_old_samples_is_silent),
        cmocka_unit_test(test_room_that_no_machine_has_is_an_error),
        cmocka_unit_test(test_seconds_become_frames_to_the_nearest),
        cmocka_unit_test(test_layouts_out_of_bounds_name_their_parameter),
        cmocka_unit_test(test_samples_round_to_the_nearest_and_clip),
        cmocka_unit_test(test_every_16_bit_number_comes_back),
        cmocka_unit_test(test_24_bit_numbers_come_back),
        cmocka_unit_test(test_floats_keep_what_is_over_full_scale_but_not_nan),
        cmocka_unit_test(test_formats_have_a_name_an_ending_and_a_type),
        cmocka_unit_test(test_a_path_says_its_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
