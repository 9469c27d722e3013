#pragma once

/* A bidirectional LSTM over rows (Hochreiter and Schmidhuber 1997), as ONNX's LSTM with its default
 * activations and zero initial states: gates in the order i, o, f, c. */

#include "nn/gemm.h"

struct lstm {
    struct gemm inputs[2]; /* forward, backward: features to 4 * hidden, with both biases summed */
    const float *recurrent[2]; /* [hidden][4 * hidden] */
    size_t features, hidden;
};

/* node: an LSTM with W, R and B as inputs 1, 2 and 3. */
struct lstm lstm_bind(struct packing *packing, const char *node, size_t features, size_t hidden);

/* out: [rows][2 * hidden], forward before backward. The two directions run side by side. */
void lstm_run(const struct nn *nn, const struct lstm *lstm, const struct matrix *in,
              const struct matrix *out);
