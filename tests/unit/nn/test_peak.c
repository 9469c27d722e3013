#include "nn/peak.h"

#include <math.h>

#include "../check.h"

#define KERNELS_MAX 4

/* What a kernel says it has done is what it has: each chain that was carried to its end adds 0.5. */
static void test_kernels_do_the_products_they_count(void **state)
{
    (void)state;
    const size_t steps = 30;
    const struct nn_kernel *kernels[KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, KERNELS_MAX);

    for (size_t i = 0; i < count; i++) {
        float sum;
        size_t products = kernels[i]->fuse(steps, &sum);

        assert_true(products > 0);
        if (fabsf(sum - 0.5f * (float)(products / steps)) > 1e-3f)
            fail_msg("%s: %zu products, sum %g", kernels[i]->name, products, (double)sum);
    }
}

static void test_no_product_is_free(void **state)
{
    (void)state;
    const struct nn_kernel *kernels[KERNELS_MAX];
    size_t count = nn_kernel_list(kernels, KERNELS_MAX);
    struct err err = { 0 };
    struct pool *pool = pool_create(2, &err);

    assert_non_null(pool);
    for (size_t i = 0; i < count; i++) {
        double peak = nn_peak(kernels[i], pool);

        /* The fastest core so far does less than 10^12 a second. */
        if (!(peak > 1e6 && peak < 2e12))
            fail_msg("%s: %g a second", kernels[i]->name, peak);
    }
    pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_do_the_products_they_count),
        cmocka_unit_test(test_no_product_is_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
