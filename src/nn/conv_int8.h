#pragma once

/* conv.h's convolution with weights of 8 bits, tap after tap: a tap is a row further on. For up to seven
 * taps that is faster than the transforms; eleven are as fast there, and exact. */

#include "nn/conv.h"

#define CONV_INT8_TAPS_MAX 7

/* Adds packed weights to a convolution that is bound. */
void conv_bind_int8(struct packing *packing, const char *node, struct conv *conv);

/* As conv_run, of a convolution that has them. */
void conv_run_int8(const struct nn *nn, const struct conv *conv,
                   const struct activation *activation, const struct matrix *in,
                   const struct matrix *residual, const struct matrix *out);
