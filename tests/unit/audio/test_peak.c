#include <math.h>

#include "audio/peak.h"
#include "check.h"

#define PEAK 0.8913f /* -1.0 dBFS */

static const struct {
    const char *name;
    float in[3], out[3];
} cases[] = {
    { "quiet is raised", { 0.1f, -0.2f, 0.0f }, { 0.44565f, -0.8913f, 0.0f } },
    { "loud is lowered", { 2.0f, -1.0f, 0.5f }, { 0.8913f, -0.44565f, 0.222825f } },
    { "silence stays", { 0.0f, 0.0f, 0.0f }, { 0.0f, 0.0f, 0.0f } },
    { "noise floor stays", { 1e-7f, 0.0f, -9e-7f }, { 1e-7f, 0.0f, -9e-7f } },
    { "denormals stay", { 1e-40f, -1e-40f, 0.0f }, { 1e-40f, -1e-40f, 0.0f } },
    { "just above silence is raised", { 2e-6f, 0.0f, 0.0f }, { 0.8913f, 0.0f, 0.0f } },
    { "NaN is 0 and does not count", { NAN, 0.5f, 0.25f }, { 0.0f, 0.8913f, 0.44565f } },
    { "infinity is 0 and does not count", { -INFINITY, 0.5f, 0.0f }, { 0.0f, 0.8913f, 0.0f } },
};

static void test_the_loudest_sample_comes_to_the_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        float out[3], in[3];

        memcpy(in, cases[i].in, sizeof in);
        peak_normalize(out, in, 3, PEAK);
        for (int k = 0; k < 3; k++)
            check_case(cases[i].name, fabsf(out[k] - cases[i].out[k]) <= 1e-6f);
        check_case(cases[i].name, memcmp(in, cases[i].in, sizeof in) == 0);
    }
}

static void test_peak_is_the_largest_magnitude(void **state)
{
    const float samples[] = { 0.1f, -0.7f, 0.3f };

    (void)state;
    assert_true(peak_find(samples, 3) == 0.7f);
    assert_true(peak_find(samples, 1) == 0.1f);
    assert_true(peak_find(NULL, 0) == 0.0f);
}

/* At each place of what is compared at a time, and behind the last whole of that. */
static void test_the_loudest_is_found_wherever_it_is(void **state)
{
    float samples[77];

    (void)state;
    for (size_t n = 1; n <= COUNT(samples); n++)
        for (size_t at = 0; at < n; at++) {
            for (size_t i = 0; i < n; i++)
                samples[i] = i % 3 ? -0.5f : NAN;
            samples[at] = at % 2 ? -0.75f : 0.75f;
            assert_true(peak_find(samples, n) == 0.75f);
        }
}

static void test_a_target_of_zero_changes_nothing(void **state)
{
    const float in[] = { 0.5f, -2.0f };
    float out[2];

    (void)state;
    assert_true(peak_gain(0.5f, 0.0f) == 1.0f);
    peak_normalize(out, in, 2, 0.0f);
    assert_memory_equal(out, in, sizeof in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loudest_sample_comes_to_the_target),
        cmocka_unit_test(test_peak_is_the_largest_magnitude),
        cmocka_unit_test(test_the_loudest_is_found_wherever_it_is),
        cmocka_unit_test(test_a_target_of_zero_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
