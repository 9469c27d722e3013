#pragma once

/* The kernel_….c but kernel.c are compiled once for each set of vector instructions with KERNEL_NAME
 * set to its name, which becomes the ending of their functions. Vectors are those of GCC and Clang, as
 * wide as the instructions. */

#include <string.h>

#include "nn/kernel.h"

#ifdef KERNEL_NAME
#define JOINED_(a, b) nn_##a##_##b
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
#endif

#define KERNEL_DECLARE(name)                                                                       \
    void nn_kernel_multiply_##name(const struct product *product, size_t first, size_t count,      \
                                   float *scratch);                                                \
    void nn_kernel_moments_##name(const struct matrix *x, size_t first, size_t count,              \
                                  struct column_moments *out);                                     \
    void nn_kernel_activate_##name(const struct activation *how, const float *x, size_t x_stride,  \
                                   float *out, size_t out_stride, size_t rows, size_t columns);    \
    void nn_kernel_layer_norm_##name(const struct matrix *x, size_t first, size_t count,           \
                                     const float *weight, const float *bias, float epsilon,        \
                                     float *out, size_t out_stride);                               \
    void nn_kernel_softmax_##name(float *x, size_t count);                                         \
    void nn_kernel_gelu_##name(const float *x, float *out, size_t count);                          \
    void nn_kernel_sigmoid_##name(const float *x, float *out, size_t count);                       \
    void nn_kernel_tanh_##name(const float *x, float *out, size_t count);                          \
    void nn_kernel_exp_##name(const float *x, float *out, size_t count);                           \
    void nn_kernel_sin_##name(const float *x, float *out, size_t count);                           \
    void nn_kernel_cos_##name(const float *x, float *out, size_t count);                           \
    void nn_kernel_lstm_step_##name(const float *gates, const float *recurrent, size_t hidden,     \
                                    const float *h, float *c, float *out);                         \
    void nn_kernel_project_##name(const struct projection *projection);                            \
    void nn_kernel_convolve_##name(const void *job, size_t unit, float *scratch);                  \
    size_t nn_kernel_fuse_##name(size_t steps, float *sum);

KERNEL_DECLARE(plain)
KERNEL_DECLARE(avx2)
KERNEL_DECLARE(avx512)
