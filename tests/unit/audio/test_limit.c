#include "audio/limit.h"
#include "check.h"
#include "tones.h"

static void test_what_is_not_loud_stays_as_it_is(void **state)
{
    struct pcm pcm = tone(440.0, LIMIT_KNEE, 0.1, 24000, 1), as_it_was = { 0 };
    struct err err;

    (void)state;
    as_it_was = PCM(24000, 1);
    check_ok(pcm_append(&as_it_was, pcm.samples, pcm.frames, &err), &err);
    limit_peaks(pcm.samples, pcm.frames);
    assert_memory_equal(pcm.samples, as_it_was.samples, pcm.frames * sizeof *pcm.samples);
    pcm_release(&pcm);
    pcm_release(&as_it_was);
}

static void test_nothing_goes_beyond_full_scale(void **state)
{
    float samples[] = { 1.0f, -1.0f, 1.5f, -3.0f, 1e30f, -1e30f, INFINITY, -INFINITY, NAN };

    (void)state;
    limit_peaks(samples, COUNT(samples));
    for (size_t i = 0; i < COUNT(samples); i++)
        assert_true(fabsf(samples[i]) <= 1.0f);
    assert_true(samples[0] < samples[2] && samples[1] > samples[3]);
    assert_true(samples[4] > 0 && samples[5] < 0 && samples[6] > 0 && samples[7] < 0);
    assert_true(samples[8] == 0.0f);
}

/* Steps as even as those of the input: no corner that one would hear as a click. */
static void test_the_curve_rises_without_a_corner(void **state)
{
    float samples[2000];
    float steepest = 0, bend = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        samples[i] = (float)i / 1000.0f;
    limit_peaks(samples, COUNT(samples));
    for (size_t i = 2; i < COUNT(samples); i++) {
        float step = samples[i] - samples[i - 1], before = samples[i - 1] - samples[i - 2];

        assert_true(step >= 0);
        steepest = fmaxf(steepest, step);
        bend = fmaxf(bend, fabsf(step - before));
    }
    assert_true(steepest < 0.00101f);
    assert_true(bend < 0.00002f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_loud_stays_as_it_is),
        cmocka_unit_test(test_nothing_goes_beyond_full_scale),
        cmocka_unit_test(test_the_curve_rises_without_a_corner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
