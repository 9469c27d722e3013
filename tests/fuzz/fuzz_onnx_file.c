/* Any bytes as an .onnx file: everything that can be asked about it. */

#include "engine/model_files.h"
#include "engine/onnx_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct onnx_file *file = onnx_file_read(data, size, "input", &err);

    if (!file)
        return 0;
    model_family_of(file);
    onnx_file_weight_type(file);
    onnx_file_metadata(file, "config.json");
    onnx_file_has_tensor(file, "/encoder/Cast_output_0");
    onnx_file_close(file);
    return 0;
}
