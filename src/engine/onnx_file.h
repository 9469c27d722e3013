#pragma once

/*
 * What an .onnx file says about itself, read without loading it: inputs,
 * outputs, metadata, and which tensors its nodes make.
 *
 * An .onnx file is one protobuf message whose bulk is weights. A generic
 * protobuf library would unpack all of it (325 MB for Kokoro) to answer which
 * inputs there are; this reads the wire format of the mapped file, steps over
 * the weights by their lengths, and touches a few hundred kilobytes. Every length
 * is checked against what is left, and names and counts have limits, so a
 * hostile file gives ERR_CORRUPT.
 *
 * Immutable once open; any thread may read.
 */

#include <stddef.h>
#include <stdint.h>

#include "engine/tensor.h"

struct onnx_file;

struct onnx_file *onnx_file_open(const char *path, struct err *err); /* NULL on failure */

/* The same over bytes that outlive it. what is its name in messages. */
struct onnx_file *onnx_file_read(const void *bytes, size_t length, const char *what,
                                 struct err *err);
void onnx_file_close(struct onnx_file *file); /* accepts NULL */

/* Graph inputs without those that are weights with a default. */
const struct tensor_info *onnx_file_inputs(const struct onnx_file *file, size_t *count);
const struct tensor_info *onnx_file_outputs(const struct onnx_file *file, size_t *count);

/* A value of the model's metadata map, or NULL. It is NUL-terminated. */
const char *onnx_file_metadata(const struct onnx_file *file, const char *key);

/* Does a node of the graph make a tensor of this name? Is there a node of this operator? */
bool onnx_file_has_tensor(const struct onnx_file *file, const char *name);
bool onnx_file_has_operator(const struct onnx_file *file, const char *operator_name);

/* The most frequent element type of the weights, by bytes: tells fp32 from fp16 and quantised
 * exports. Numbers of TensorProto.DataType; 0: there are none. */
int onnx_file_weight_type(const struct onnx_file *file);
