#include "audio/tempo.h"
#include "check.h"
#include "tones.h"

/* All of in at this tempo, given in pieces of so many frames. */
static struct pcm changed(const struct pcm *in, double ratio, size_t piece)
{
    struct pcm out = PCM(in->rate_hz, 1);
    struct err err = { 0 };
    struct tempo *tempo = tempo_create(in->rate_hz, ratio, &err);

    assert_non_null(tempo);
    for (size_t at = 0; at < in->frames; at += piece) {
        size_t left = in->frames - at;

        check_ok(tempo_write(tempo, in->samples + at, left < piece ? left : piece, &out, &err),
                 &err);
    }
    check_ok(tempo_finish(tempo, &out, &err), &err);
    tempo_destroy(tempo);
    return out;
}

/* A voice-like sound: a fundamental and its harmonics. */
static struct pcm voice(double seconds)
{
    struct pcm pcm = tone(120.0, 0.3, seconds, 24000, 1);

    for (int k = 2; k <= 8; k++) {
        struct pcm harmonic = tone(120.0 * k, 0.3 / k, seconds, 24000, 1);

        for (size_t i = 0; i < pcm.frames; i++)
            pcm.samples[i] += harmonic.samples[i];
        pcm_release(&harmonic);
    }
    return pcm;
}

static void test_the_length_follows_the_ratio_and_the_pitch_stays(void **state)
{
    static const double ratios[] = { 0.5, 0.75, 1.0, 1.5, 2.0 };
    struct pcm in = voice(4.0);

    (void)state;
    for (size_t i = 0; i < COUNT(ratios); i++) {
        struct pcm out = changed(&in, ratios[i], 1000);
        double expected = pcm_seconds(&in) / ratios[i];

        if (fabs(pcm_seconds(&out) - expected) > 0.03)
            fail_msg("%g: %.3f s instead of %.3f", ratios[i], pcm_seconds(&out), expected);
        struct pcm middle = out;
        middle.samples += 12000;
        middle.frames = 24000;
        if (amplitude_at(&middle, 120.0) < 0.2 ||
            amplitude_at(&middle, 120.0 * ratios[i] + 31) > 0.1)
            fail_msg("%g: %.3f at 120 Hz", ratios[i], amplitude_at(&middle, 120.0));
        pcm_release(&out);
    }
    pcm_release(&in);
}

static void test_pieces_of_any_size_give_the_same(void **state)
{
    struct pcm in = voice(1.0), whole = changed(&in, 1.5, in.frames);
    static const size_t pieces[] = { 1, 7, 480, 4096, 5000 };

    (void)state;
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct pcm out = changed(&in, 1.5, pieces[i]);

        assert_true(fabs(pcm_seconds(&out) - pcm_seconds(&whole)) < 0.01);
        pcm_release(&out);
    }
    pcm_release(&in);
    pcm_release(&whole);
}

static void test_a_listener_does_not_wait_for_the_end(void **state)
{
    struct pcm in = voice(1.0), out = PCM(24000, 1);
    struct err err = { 0 };
    struct tempo *tempo = tempo_create(24000, 2.0, &err);

    (void)state;
    assert_non_null(tempo);
    check_ok(tempo_write(tempo, in.samples, 4800, &out, &err), &err); /* 0.2 s */
    assert_true(out.frames > 0);
    tempo_destroy(tempo);
    pcm_release(&in);
    pcm_release(&out);
}

static void test_nothing_and_too_loud_sounds_are_taken(void **state)
{
    struct pcm none = PCM(24000, 1), loud = tone(220.0, 5.0, 0.5, 24000, 1);

    (void)state;
    loud.samples[100] = NAN;
    loud.samples[200] = INFINITY;
    struct pcm silent = changed(&none, 2.0, 100), out = changed(&loud, 0.5, 1000);
    assert_int_equal(silent.frames, 0);
    assert_true(fabs(pcm_seconds(&out) - 1.0) < 0.03);
    for (size_t i = 0; i < out.frames; i++)
        assert_true(fabsf(out.samples[i]) <= 1.0f);
    pcm_release(&loud);
    pcm_release(&silent);
    pcm_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_length_follows_the_ratio_and_the_pitch_stays),
        cmocka_unit_test(test_pieces_of_any_size_give_the_same),
        cmocka_unit_test(test_a_listener_does_not_wait_for_the_end),
        cmocka_unit_test(test_nothing_and_too_loud_sounds_are_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
