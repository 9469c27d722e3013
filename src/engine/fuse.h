#pragma once

/*
 * Rewrites a Kokoro graph, as ONNX Runtime writes it after constant folding, so
 * that what it computes in passes over memory is done by the operators of
 * ort_ops.h. Each rewrite wants every operator, axis and constant of its pattern
 * to be as expected; what does not match stays as it is.
 *
 * Kokoro's pitch runs through sums over time, and its source signal through the
 * angle of spectra that are often next to zero, so that there the last bit of
 * rounding decides on whole turns of phase. fuse_graph() leaves all before them
 * alone, so that a rewritten model can be compared sample by sample.
 */

#include "engine/onnx_graph.h"

#define FUSE_VERSION 2 /* of what is rewritten and how weights are packed */

/* How often each pattern was found. */
struct fuse_counts {
    size_t convolutions; /* adaptive instance norm, Snake and a convolution */
    size_t residuals;    /* of these, with the sum behind them */
    size_t norms;        /* adaptive instance norm, perhaps with a leaky rectifier */
};

/* graph is pruned afterwards. */
void fuse_graph(struct onnx_graph *graph, struct fuse_counts *counts);
