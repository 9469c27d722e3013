#pragma once

/* gemm.h's products with weights of 8 bits. Each row has a scale of its own. */

#include "nn/gemm.h"

/* Add packed weights to a product that gemm_bind_conv or gemm_bind_transposed made of the same node. */
void gemm_bind_conv_int8(struct packing *packing, const char *node, size_t taps, struct gemm *gemm);
void gemm_bind_transposed_int8(struct packing *packing, const char *node, size_t stride,
                               struct gemm *gemm);

/* As gemm_run, of a product that has them. */
void gemm_run_int8(const struct nn *nn, const struct gemm *gemm, const struct matrix *in,
                   const struct matrix *out);
