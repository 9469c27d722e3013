#pragma once

/*
 * Adaptive instance norm (Huang and Belongie 2017, arXiv:1703.06868): each channel
 * of a signal is normalised over time, then scaled by 1 + gamma and shifted by
 * beta, which a linear layer makes of the style: [gamma, beta] = fc(style).
 */

#include "nn/gemm.h"

#define STYLE_PART 128 /* the half of a voice's style that a layer reads */

struct adain {
    struct gemm fc; /* STYLE_PART to 2 * channels */
    size_t channels;
};

/* prefix: the path of the norm, such as "/decoder/decoder/encode/norm1"; its node is prefix/fc/Gemm. */
struct adain adain_bind(struct packing *packing, const char *prefix, size_t channels);

/* What activation's scale and shift are for x in this style: arrays in the workspace. kind and the rest
 * are the caller's. most bounds |frequency * y| where frequency is given (else NULL). */
struct activation adain_activation(const struct nn *nn, const struct adain *adain,
                                   const float *style, const struct matrix *x,
                                   const float *frequency);
