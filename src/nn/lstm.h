#pragma once

/* A bidirectional LSTM over rows (Hochreiter and Schmidhuber 1997), as ONNX's LSTM with its default
 * activations and zero initial states: gates in the order i, o, f, c. */

#include "nn/gemm.h"

struct lstm {
    struct gemm inputs;     /* features to [2][4 * hidden]: forward, backward; both biases summed */
    const float *recurrent; /* [2] of what kernel.h's lstm_step reads */
    size_t features, hidden; /* hidden: a multiple of NN_UNITS */
};

/* node: an LSTM with W, R and B as inputs 1, 2 and 3. */
struct lstm lstm_bind(struct packing *packing, const char *node, size_t features, size_t hidden);

/* out: [rows][2 * hidden], forward before backward; not in. The two directions run side by side. Cancelled,
 * out holds anything. */
void lstm_run(const struct nn *nn, const struct lstm *lstm, const struct matrix *in,
              const struct matrix *out);

/* For tests: ONNX's [2][4 * hidden][hidden] as lstm_step reads it. */
void lstm_pack_recurrent(const float *recurrent, size_t hidden, float *packed);
