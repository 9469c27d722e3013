#include "nn/kernel_internal.h"

#define ROW(set)                                                                                   \
    {                                                                                              \
        .name = #set, .multiply = nn_kernel_multiply_##set, .moments = nn_kernel_moments_##set,    \
        .activate = nn_kernel_activate_##set, .layer_norm = nn_kernel_layer_norm_##set,            \
        .softmax = nn_kernel_softmax_##set, .gelu = nn_kernel_gelu_##set,                          \
        .sigmoid = nn_kernel_sigmoid_##set, .tanh = nn_kernel_tanh_##set,                          \
        .exp = nn_kernel_exp_##set, .sin = nn_kernel_sin_##set, .cos = nn_kernel_cos_##set,        \
        .lstm_step = nn_kernel_lstm_step_##set, .convolve = nn_kernel_convolve_##set,              \
        .project = nn_kernel_project_##set, .fuse = nn_kernel_fuse_##set,                          \
    }

static const struct nn_kernel plain = ROW(plain);

#ifdef __x86_64__
static const struct nn_kernel avx2 = ROW(avx2), avx512 = ROW(avx512);
#endif

size_t nn_kernel_list(const struct nn_kernel *out[], size_t max)
{
    const struct nn_kernel *all[3];
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
void nn_pack_row(const uint8_t *row, size_t count, uint8_t zero, size_t columns, uint32_t *out)
{
    const size_t words = NN_BYTES / 4;

    for (size_t from = 0; from < columns; from += NN_BYTES)
        for (size_t k = 0; k < words; k++) {
            uint32_t word = 0;

            for (size_t j = 0; j < 4; j++) {
                size_t i = from + words * j + k;

                word |= (uint32_t)(i < count ? row[i] : zero) << (8 * j);
            }
            *out++ = word;
        }
}

const struct nn_kernel *nn_kernel_best(void)
{
    const struct nn_kernel *best;

    nn_kernel_list(&best, 1);
    return best;
}
