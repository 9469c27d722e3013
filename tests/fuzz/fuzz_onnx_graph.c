/* Any bytes as a model to rewrite: the first two say how many of the others are its weights. */

#include <stdint.h>

#include "engine/fuse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct fuse_counts counts;

    if (size < 2)
        return 0;
    size_t weights = ((size_t)data[0] << 8 | data[1]) % (size - 1);
    struct onnx_graph *graph =
        onnx_graph_read(data + 2 + weights, size - 2 - weights, data + 2, weights, "fuzzed", &err);
    if (graph)
        fuse_graph(graph, &counts);
    onnx_graph_close(graph);
    return 0;
}
