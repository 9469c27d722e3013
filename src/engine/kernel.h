#pragma once

/*
 * The arithmetic of a prepared Kokoro model: instance normalisation with the
 * style's scale and shift, Snake, and convolution along time; and the product of
 * a quantised matrix with a vector, for Moonshine. Pure functions on rows of floats, compiled once for each set of vector instructions; which one
 * runs is chosen when the program does. Nothing is allocated here.
 *
 * A signal is [channels][frames], each channel's row contiguous.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_ALIGN 64
#define KERNEL_BLOCK 8 /* output channels computed at once; weights are stored in such blocks */

/* Unreduced arguments of the sine may be so large; see kernel_rows.c. */
#define KERNEL_SINE_MAX 25000.0f

struct row_moments {
    float mean;
    float variance; /* of the population, as in InstanceNorm */
    float most;     /* the greatest |x - mean|; not finite when a sample is not */
};

/* y = x * scale + shift, then
 *     snake:  y + reciprocal * sin(frequency * y)^2   (Ziyin et al. 2020, arXiv:2006.08195)
 *     leaky:  y where it is positive, else slope * y; slope from 0 to 1, 1 leaves y as it is */
struct activation {
    float scale, shift;
    bool is_snake;
    float frequency, reciprocal;
    float slope;
    float most; /* bound of |frequency * y|: above KERNEL_SINE_MAX the C library's sine is used */
};

/* The products of quantised rows with one vector: out[r] = scale * sum of (row[r][i] - zero) * x[i]. Rows
 * are packed by kernel_pack_row, so that no instruction for bytes is needed. */
#define KERNEL_BYTES 64 /* packed together; a row is filled up with zero points */

struct projection {
    size_t rows, columns;    /* columns: a multiple of KERNEL_BYTES */
    const uint32_t *weights; /* [rows][columns / 4], packed */
    float scale;
    uint8_t zero;
    const float *x; /* [columns], 0 behind the vector's end */
    float *out;     /* [rows] */
};

/* A convolution along time of stride 1 that keeps the length: taps are odd, and dilation * (taps - 1)
 * / 2 zeros stand at either end of the activated input. See conv.h for the weights. */
struct convolution {
    size_t inputs, outputs, taps, dilation; /* outputs: a multiple of KERNEL_BLOCK */
    const float *weights;                   /* packed */
    const float *bias;                      /* [outputs] */
    const struct activation *activations;   /* [inputs], or NULL: the input is taken as it is */
    const float *in;                        /* [inputs][frames] */
    const float *residual;                  /* [outputs][frames], added to out; or NULL */
    float *out;                             /* [outputs][frames] */
    size_t frames;
    size_t threads; /* that share the units of work, at least 1 */
};

struct kernel {
    const char *name; /* "avx512", "avx2", "plain" */
    void (*moments)(const float *x, size_t count, struct row_moments *out);
    void (*activate)(const struct activation *how, const float *x, float *out, size_t count);
    void (*project)(const struct projection *projection);
    /* One of conv_unit_count() stretches of time; any number of threads may each do others, with
     * their own scratch of conv_scratch_count() floats, aligned to KERNEL_ALIGN bytes. */
    void (*convolve)(const struct convolution *conv, size_t unit, float *scratch);
};

/* A row of count bytes as projections want it, with zero behind its end: columns / 4 words. */
void kernel_pack_row(const uint8_t *row, size_t count, uint8_t zero, size_t columns, uint32_t *out);

/* The best one this machine runs, and all it runs, the plainest last, for tests. */
const struct kernel *kernel_best(void);
size_t kernel_list(const struct kernel *out[], size_t max);
