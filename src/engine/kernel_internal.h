#pragma once

/* The kernel_….c but kernel.c are compiled once for each set of vector instructions with KERNEL_NAME
 * set to its name; their functions get that name as an ending. Vectors are those of GCC and Clang, as
 * wide as the instructions. */

#include <string.h>

#include "engine/kernel.h"

#ifdef KERNEL_NAME
#define JOINED_(a, b) a##_##b
#define JOINED(a, b) JOINED_(a, b)
#define KERNEL(name) JOINED(name, KERNEL_NAME)

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

typedef float vec __attribute__((vector_size(LANES * sizeof(float))));
typedef int vec_mask __attribute__((vector_size(LANES * sizeof(int)))); /* -1: true, 0: false */

static inline vec vec_load(const float *from)
{
    vec out;

    memcpy(&out, from, sizeof out);
    return out;
}

static inline void vec_store(float *to, vec value)
{
    memcpy(to, &value, sizeof value);
}

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* C has no ?: for vectors. */
static inline vec vec_select(vec_mask mask, vec a, vec b)
{
    return (vec)(((vec_mask)a & mask) | ((vec_mask)b & ~mask));
}

/* kernel_convolve for what conv_is_fourier. */
void KERNEL(convolve_fourier)(const struct convolution *conv, size_t unit, float *scratch);
#endif

#define KERNEL_DECLARE(name)                                                                       \
    void kernel_moments_##name(const float *x, size_t count, struct row_moments *out);             \
    void kernel_activate_##name(const struct activation *how, const float *x, float *out,          \
                                size_t count);                                                     \
    void kernel_project_##name(const struct projection *projection);                               \
    void kernel_convolve_##name(const struct convolution *conv, size_t unit, float *scratch);

KERNEL_DECLARE(plain)
KERNEL_DECLARE(avx2)
KERNEL_DECLARE(avx512)
