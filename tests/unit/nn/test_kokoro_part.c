#include "nn/kokoro_part.h"

#include <math.h>

#include "../check.h"

/* In billions a second of speech: 17.5 ids and 40 frames, in sentences of 125 ids. Counted by hand from
 * the published configuration of Kokoro-82M. */
static const struct {
    enum kokoro_part part;
    double billions;
} expected[] = { { KOKORO_BERT, 1.205 },    { KOKORO_DURATIONS, 0.129 }, { KOKORO_TEXT, 0.096 },
                 { KOKORO_PITCH, 0.378 },   { KOKORO_SOURCE, 0.0023 },   { KOKORO_DECODER, 1.366 },
                 { KOKORO_GENERATOR, 24.6 } };

static void test_a_second_of_speech_takes_28_billion_products(void **state)
{
    (void)state;
    double sum = 0;

    for (size_t i = 0; i < COUNT(expected); i++) {
        double products =
            kokoro_part_products(expected[i].part, 125, 40 * 125 * 2 / 35) * 17.5 / 125;

        if (fabs(products / 1e9 / expected[i].billions - 1) > 0.02)
            fail_msg("%s: %g", kokoro_part_name(expected[i].part), products);
        sum += products;
    }
    assert_true(fabs(sum / 27.77e9 - 1) < 0.01);
}

static void test_parts_have_names_of_their_own(void **state)
{
    (void)state;
    for (enum kokoro_part a = 0; a < KOKORO_PARTS; a++)
        for (enum kokoro_part b = 0; b < a; b++)
            assert_string_not_equal(kokoro_part_name(a), kokoro_part_name(b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_second_of_speech_takes_28_billion_products),
        cmocka_unit_test(test_parts_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
