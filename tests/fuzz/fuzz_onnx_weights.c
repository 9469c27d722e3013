/* Any bytes as an .onnx file of weights: everything that can be asked about it, and all values of what
 * is found. */

#include <stdlib.h>

#include "nn/onnx_weights.h"

/* More than the bytes of an input can hold, as the reader is to see to. */
#define FLOATS_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_values(const struct onnx_tensor *tensor)
{
    if (tensor->count > FLOATS_MAX)
        abort();
    float *values = xcalloc(tensor->count, sizeof *values);
    onnx_tensor_floats(tensor, values);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct onnx_weights *weights = onnx_weights_read(data, size, "input", &err);
    struct onnx_tensor tensor;

    if (!weights)
        return 0;
    if (onnx_weights_get(weights, "w", &tensor, &err))
        read_values(&tensor);
    for (size_t input = 0; input < 4; input++)
        if (onnx_weights_get_input(weights, "n", input, &tensor, &err))
            read_values(&tensor);
    onnx_weights_close(weights);
    return 0;
}
