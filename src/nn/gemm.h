#pragma once

/* Products with packed weights, divided among the pool, and how weights are packed for them. What a
 * product gives once the pass is cancelled is anything. */

#include "nn/nn.h"
#include "nn/packing.h"

struct gemm {
    const float *weights; /* [panel][depth][NN_PANEL], in the packed file */
    const float *bias;    /* [columns rounded up to NN_PANEL]; NULL: none */
    size_t depth, columns;
    const float *int8; /* weights of 8 bits, or NULL: see gemm_int8.h */
};

/* out = in * weights + bias; in's rows may overlap (see struct product): in.columns is the depth. */
void gemm_run(const struct nn *nn, const struct gemm *gemm, const struct matrix *in,
              const struct matrix *out);

/* out += in * weights */
void gemm_add(const struct nn *nn, const struct gemm *gemm, const struct matrix *in,
              const struct matrix *out);

enum gemm_layout {
    GEMM_DEPTH_FIRST,  /* [depth][columns]: a MatMul's second operand */
    GEMM_COLUMN_FIRST, /* [columns][depth]: a Gemm's with transB, an LSTM's W of one direction */
};

/* Binds the weights of a node's input, of shape [depth][columns] or [columns][depth] with any leading
 * dimensions of 1, and a bias from another place (bias_node NULL: none; its input of [columns]). */
struct gemm gemm_bind(struct packing *packing, const char *node, size_t input,
                      enum gemm_layout layout, size_t depth, size_t columns, const char *bias_node,
                      size_t bias_input);

/* A Conv node's [outputs][inputs][taps] and its bias (input 2 where it has one) as a product over
 * contiguous frames: depth = taps * inputs, tap after tap. */
struct gemm gemm_bind_conv(struct packing *packing, const char *node, size_t outputs, size_t inputs,
                           size_t taps, bool has_bias);

/* A ConvTranspose node's [inputs][outputs][2 * stride], group 1: two input frames t - 1, t make the
 * stride output frames that begin at t * stride before the node's pads are cut off. depth = 2 *
 * inputs, columns = stride * outputs, so that an output row holds stride frames one after the other; the
 * bias is repeated for each. */
struct gemm gemm_bind_transposed(struct packing *packing, const char *node, size_t inputs,
                                 size_t outputs, size_t stride);

/* Floats of [depth][columns] when packed, and the packing itself, for tests and other layers. */
size_t gemm_packed_count(size_t depth, size_t columns);
void gemm_pack(const float *weights, enum gemm_layout layout, size_t depth, size_t columns,
               float *packed);
