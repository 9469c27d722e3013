#include "cmd/spread.h"

#include "../check.h"

static void test_a_spread_is_of_any_order_and_leaves_values_alone(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double values[4];
        size_t count;
        struct spread expected;
    } cases[] = {
        { "one", { 3 }, 1, { 3, 3, 3 } },
        { "odd", { 5, 1, 2 }, 3, { 2, 1, 5 } },
        { "even", { 4, 1, 2, 9 }, 4, { 3, 1, 9 } },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct spread out = spread_of(cases[i].values, cases[i].count);

        check_case(cases[i].name, out.median == cases[i].expected.median);
        check_case(cases[i].name, out.least == cases[i].expected.least);
        check_case(cases[i].name, out.most == cases[i].expected.most);
    }
}

static void test_a_ratio_is_of_medians_and_its_bounds_of_pairs(void **state)
{
    (void)state;
    static const double slow[] = { 6, 30, 9 }, fast[] = { 2, 10, 1 };
    struct spread out = spread_ratio(slow, fast, 3);

    assert_true(out.median == 4.5 && out.least == 3 && out.most == 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_spread_is_of_any_order_and_leaves_values_alone),
        cmocka_unit_test(test_a_ratio_is_of_medians_and_its_bounds_of_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
