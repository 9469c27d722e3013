#include "engine/kernel_internal.h"

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, kernel_moments_##name, kernel_activate_##name, kernel_convolve_##name               \
    }

static const struct kernel plain = ROW(plain);

#ifdef __x86_64__
static const struct kernel avx2 = ROW(avx2), avx512 = ROW(avx512);
#endif

size_t kernel_list(const struct kernel *out[], size_t max)
{
    const struct kernel *all[3];
    size_t count = 0;

#ifdef __x86_64__
    /* These ask whether the system keeps the wide registers as well. */
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f"))
        all[count++] = &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        all[count++] = &avx2;
#endif
    all[count++] = &plain;
    for (size_t i = 0; i < count && i < max; i++)
        out[i] = all[i];
    return count < max ? count : max;
}

const struct kernel *kernel_best(void)
{
    const struct kernel *best;

    kernel_list(&best, 1);
    return best;
}
