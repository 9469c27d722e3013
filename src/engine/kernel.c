#include "engine/kernel_internal.h"

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, kernel_moments_##name, kernel_activate_##name, kernel_project_##name,               \
            kernel_convolve_##name                                                                 \
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

/* In 64 bytes, byte j of word k holds the element 16 * j + k: however many words a vector holds, shifting
 * them by 8 * j gives elements that follow one another. */
void kernel_pack_row(const uint8_t *row, size_t count, uint8_t zero, size_t columns, uint32_t *out)
{
    const size_t words = KERNEL_BYTES / 4;

    for (size_t from = 0; from < columns; from += KERNEL_BYTES)
        for (size_t k = 0; k < words; k++) {
            uint32_t word = 0;

            for (size_t j = 0; j < 4; j++) {
                size_t i = from + words * j + k;

                word |= (uint32_t)(i < count ? row[i] : zero) << (8 * j);
            }
            *out++ = word;
        }
}

const struct kernel *kernel_best(void)
{
    const struct kernel *best;

    kernel_list(&best, 1);
    return best;
}
