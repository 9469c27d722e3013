/* The signals are those of EBU Tech 3341 (1, 2, 3, 15 to 18 shortened) and BS.1770's definition. */
#include "audio/loudness.h"
#include "check.h"
#include "tones.h"

static struct loudness measure(const struct pcm *pcm)
{
    struct loudness loudness;
    struct err err;

    check_ok(loudness_measure(pcm, &loudness, &err), &err);
    return loudness;
}

static double amplitude(double level_db)
{
    return pow(10.0, level_db / 20.0);
}

static void test_a_tone_has_the_loudness_the_standard_gives_it(void **state)
{
    static const struct {
        const char *name;
        double hz, peak_db;
        int rate_hz, channels;
        double lufs;
    } cases[] = {
        { "stereo 1 kHz at -23 dBFS", 1000.0, -23.0, 48000, 2, -23.0 },
        { "stereo 1 kHz at -33 dBFS", 1000.0, -33.0, 48000, 2, -33.0 },
        { "997 Hz on one channel at 0 dBFS", 997.0, 0.0, 48000, 1, -3.01 },
        { "mono 997 Hz at 24 kHz", 997.0, -20.0, 24000, 1, -23.01 },
        { "mono 997 Hz at 8 kHz", 997.0, -20.0, 8000, 1, -23.01 },
        { "stereo 997 Hz at 44.1 kHz", 997.0, -23.0, 44100, 2, -23.0 },
        { "stereo 997 Hz at 192 kHz", 997.0, -23.0, 192000, 2, -23.0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pcm pcm = tone(cases[i].hz, amplitude(cases[i].peak_db), 5.0, cases[i].rate_hz,
                              cases[i].channels);
        struct loudness loudness = measure(&pcm);

        if (fabs(loudness.integrated_lufs - cases[i].lufs) > 0.1)
            fail_msg("%s: %.2f LUFS", cases[i].name, loudness.integrated_lufs);
        check_case(cases[i].name, fabs(loudness.true_peak_dbtp - cases[i].peak_db) < 0.2);
        check_case(cases[i].name, loudness.range_lu < 0.2);
        pcm_release(&pcm);
    }
}

/* Tech 3341 case 3: -36, -23 and -36 dBFS; the gate leaves only the loud part. */
static void test_quiet_parts_do_not_count(void **state)
{
    static const double levels[] = { -36.0, -23.0, -36.0 }, seconds[] = { 3.0, 18.0, 3.0 };
    struct pcm all = PCM(24000, 2);
    struct err err;

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct pcm part = tone(1000.0, amplitude(levels[i]), seconds[i], 24000, 2);

        check_ok(pcm_append(&all, part.samples, part.frames, &err), &err);
        pcm_release(&part);
    }
    struct loudness loudness = measure(&all);
    assert_true(fabs(loudness.integrated_lufs + 23.0) < 0.1);
    pcm_release(&all);
}

/* Tech 3342 case 1: 20 s at -20 and 20 s at -30 LUFS have a range of 10 LU. */
static void test_range_is_the_spread_of_loudness(void **state)
{
    struct pcm all = tone(1000.0, amplitude(-20.0), 20.0, 16000, 2);
    struct pcm part = tone(1000.0, amplitude(-30.0), 20.0, 16000, 2);
    struct err err;

    (void)state;
    check_ok(pcm_append(&all, part.samples, part.frames, &err), &err);
    assert_true(fabs(measure(&all).range_lu - 10.0) < 1.0);
    pcm_release(&part);
    pcm_release(&all);
}

/* Tech 3341 case 16: a quarter of the rate, shifted by 45 degrees: the samples stay 3 dB below the
 * wave's peak. */
static void test_true_peak_sees_between_the_samples(void **state)
{
    struct pcm pcm = PCM(48000, 1);
    float highest = 0.0f;
    struct err err;

    (void)state;
    check_ok(pcm_append_silence(&pcm, 48000, &err), &err);
    for (size_t i = 0; i < pcm.frames; i++) {
        pcm.samples[i] = (float)(0.5 * sin(M_PI / 2.0 * (double)i + M_PI / 4.0));
        highest = fmaxf(highest, fabsf(pcm.samples[i]));
    }
    assert_true(fabs(decibels((double)highest) + 9.03) < 0.01);
    double peak = measure(&pcm).true_peak_dbtp;
    assert_true(peak > -6.02 - 0.4 && peak < -6.02 + 0.2); /* Tech 3341's tolerance */
    pcm_release(&pcm);
}

static void test_what_cannot_be_measured_says_so(void **state)
{
    struct pcm empty = PCM(24000, 1), short_tone = tone(440.0, 0.5, 0.2, 24000, 1);
    struct pcm silence = tone(440.0, 0.0, 2.0, 24000, 1);

    (void)state;
    assert_true(measure(&empty).integrated_lufs == -HUGE_VAL);
    assert_true(measure(&empty).true_peak_dbtp == -HUGE_VAL);
    assert_true(measure(&silence).integrated_lufs == -HUGE_VAL);
    assert_true(measure(&short_tone).integrated_lufs == -HUGE_VAL);
    assert_true(fabs(measure(&short_tone).true_peak_dbtp + 6.02) < 0.2);
    pcm_release(&short_tone);
    pcm_release(&silence);
}

static void test_nan_counts_as_silence(void **state)
{
    struct pcm pcm = tone(997.0, amplitude(-20.0), 5.0, 24000, 1);

    (void)state;
    pcm.samples[1000] = NAN;
    pcm.samples[2000] = INFINITY;
    struct loudness loudness = measure(&pcm);
    assert_true(fabs(loudness.integrated_lufs + 23.01) < 0.2);
    assert_true(loudness.true_peak_dbtp < -18.0);
    pcm_release(&pcm);
}

static void test_gain_reaches_the_target_or_the_ceiling(void **state)
{
    static const struct {
        const char *name;
        struct loudness loudness;
        double gain_db;
    } cases[] = {
        { "raised", { -25.0, 3.0, -12.0 }, 9.0 },
        { "lowered", { -10.0, 3.0, -3.0 }, -6.0 },
        { "raised to the ceiling only", { -25.0, 3.0, -4.0 }, 3.0 },
        { "lowered for the ceiling", { -16.0, 3.0, 1.5 }, -2.5 },
        { "silence stays", { -HUGE_VAL, 0.0, -HUGE_VAL }, 0.0 },
        { "too short: as it is", { -HUGE_VAL, 0.0, -20.0 }, 0.0 },
        { "too short and too loud", { -HUGE_VAL, 0.0, 2.0 }, -3.0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_case(cases[i].name, fabs(loudness_gain_db(&cases[i].loudness, -16.0, -1.0) -
                                       cases[i].gain_db) < 1e-9);
}

static void test_a_gain_brings_a_recording_to_its_target(void **state)
{
    struct pcm pcm = tone(997.0, 0.05, 5.0, 24000, 1);
    struct loudness before = measure(&pcm);
    double gain = pow(10.0, loudness_gain_db(&before, -16.0, -1.0) / 20.0);

    (void)state;
    for (size_t i = 0; i < pcm.frames; i++)
        pcm.samples[i] = (float)(pcm.samples[i] * gain);
    assert_true(fabs(measure(&pcm).integrated_lufs + 16.0) < 0.01);
    pcm_release(&pcm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tone_has_the_loudness_the_standard_gives_it),
        cmocka_unit_test(test_quiet_parts_do_not_count),
        cmocka_unit_test(test_range_is_the_spread_of_loudness),
        cmocka_unit_test(test_true_peak_sees_between_the_samples),
        cmocka_unit_test(test_what_cannot_be_measured_says_so),
        cmocka_unit_test(test_nan_counts_as_silence),
        cmocka_unit_test(test_gain_reaches_the_target_or_the_ceiling),
        cmocka_unit_test(test_a_gain_brings_a_recording_to_its_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
