#include "audio/resample.h"
#include "check.h"
#include "tones.h"

static const struct {
    const char *name;
    int from_hz, to_hz;
} rates[] = {
    { "24 to 48 kHz", 24000, 48000 },    { "24 to 16 kHz", 24000, 16000 },
    { "22.05 to 24 kHz", 22050, 24000 }, { "44.1 to 24 kHz", 44100, 24000 },
    { "48 to 8 kHz", 48000, 8000 },      { "8 to 48 kHz", 8000, 48000 },
    { "the same", 24000, 24000 },        { "prime rates", 24001, 23993 },
};

static void test_a_tone_keeps_its_pitch_level_and_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rates); i++) {
        struct pcm in = tone(1000.0, 0.5, 1.0, rates[i].from_hz, 1), out;
        struct err err;

        check_ok(resample(&in, rates[i].to_hz, 1, &out, &err), &err);
        check_case(rates[i].name, out.frames == (size_t)rates[i].to_hz);
        check_case(rates[i].name, fabs(amplitude_at(&out, 1000.0) - 0.5) < 0.005);
        /* Nothing else is in it: the rest is 60 dB below. */
        double all = rms(out.samples, out.frames), wanted = amplitude_at(&out, 1000.0) / sqrt(2.0);
        check_case(rates[i].name, sqrt(fabs(all * all - wanted * wanted)) < 0.02 * wanted);
        pcm_release(&in);
        pcm_release(&out);
    }
}

static void test_what_the_lower_rate_cannot_hold_is_gone(void **state)
{
    struct pcm in = tone(6000.0, 0.5, 1.0, 24000, 1), out;
    struct err err;

    (void)state;
    check_ok(resample(&in, 8000, 1, &out, &err), &err);
    /* Away from the ends, where the tone's sudden start is heard at any rate. */
    assert_true(decibels(rms(out.samples + 400, out.frames - 800)) < -70.0);
    pcm_release(&in);
    pcm_release(&out);
}

static void test_the_length_is_exact_for_any_input_length(void **state)
{
    (void)state;
    for (size_t frames = 0; frames < 300; frames += 7) {
        for (size_t i = 0; i < COUNT(rates); i++) {
            struct pcm in = PCM(rates[i].from_hz, 1), out;
            size_t from = (size_t)rates[i].from_hz, to = (size_t)rates[i].to_hz;
            struct err err;

            check_ok(pcm_append_silence(&in, frames, &err), &err);
            check_ok(resample(&in, rates[i].to_hz, 1, &out, &err), &err);
            check_case(rates[i].name, out.frames == (frames * to + from / 2) / from);
            pcm_release(&in);
            pcm_release(&out);
        }
    }
}

static void test_pieces_give_the_same_as_the_whole(void **state)
{
    struct pcm in = tone(440.0, 0.5, 3.0, 22050, 2), whole, pieces = PCM(48000, 1);
    struct err err;

    (void)state;
    check_ok(resample(&in, 48000, 1, &whole, &err), &err);
    struct resampler *r = resampler_create(22050, 2, 48000, 1, &err);
    assert_non_null(r);
    for (size_t at = 0, n = 1; at < in.frames; at += n, n = 2 * n + 1) {
        n = n < in.frames - at ? n : in.frames - at;
        check_ok(resampler_write(r, in.samples + 2 * at, n, &pieces, &err), &err);
        assert_true(pieces.frames <= (at + n) * 48000 / 22050 + 1);
    }
    check_ok(resampler_finish(r, &pieces, &err), &err);
    assert_int_equal(pieces.frames, whole.frames);
    assert_true(snr_db(whole.samples, pieces.samples, whole.frames) > 100.0);
    resampler_destroy(r);
    pcm_release(&in);
    pcm_release(&whole);
    pcm_release(&pieces);
}

static void test_channels_keep_their_level(void **state)
{
    struct pcm mono = tone(440.0, 0.5, 0.5, 24000, 1), stereo, back;
    struct err err;

    (void)state;
    check_ok(resample(&mono, 24000, 2, &stereo, &err), &err);
    for (size_t i = 0; i < mono.frames; i++) {
        assert_true(fabsf(stereo.samples[2 * i] - mono.samples[i]) < 1e-6f);
        assert_true(fabsf(stereo.samples[2 * i + 1] - mono.samples[i]) < 1e-6f);
    }
    for (size_t i = 0; i < stereo.frames; i++)
        stereo.samples[2 * i + 1] = 0.0f;
    check_ok(resample(&stereo, 24000, 1, &back, &err), &err);
    for (size_t i = 0; i < mono.frames; i++)
        assert_true(fabsf(back.samples[i] - 0.5f * mono.samples[i]) < 1e-6f);
    pcm_release(&mono);
    pcm_release(&stereo);
    pcm_release(&back);
}

static void test_layouts_that_make_no_sense_are_refused(void **state)
{
    struct pcm in = tone(440.0, 0.5, 0.01, 24000, 1), out;
    struct err err;

    (void)state;
    assert_false(resample(&in, 0, 1, &out, &err));
    assert_string_equal(err.param, "rate_hz");
    assert_null(out.samples);
    assert_false(resample(&in, 24000, 0, &out, &err));
    assert_string_equal(err.param, "channels");
    pcm_release(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tone_keeps_its_pitch_level_and_length),
        cmocka_unit_test(test_what_the_lower_rate_cannot_hold_is_gone),
        cmocka_unit_test(test_the_length_is_exact_for_any_input_length),
        cmocka_unit_test(test_pieces_give_the_same_as_the_whole),
        cmocka_unit_test(test_channels_keep_their_level),
        cmocka_unit_test(test_layouts_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
