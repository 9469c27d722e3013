#pragma once

/*
 * The weights in an .onnx file: initializers by their names and by the nodes
 * that use them.
 *
 * An .onnx file is one protobuf message whose bulk is weights. A generic protobuf
 * library would unpack all of it, 325 MB for Kokoro, before the first weight can
 * be read; this steps through the mapped file once by lengths and keeps where
 * each name is. Every length is checked against what is left, counts, ranks and
 * products of dimensions have limits, and an initializer holds exactly the bytes
 * of its shape: a hostile file gives ERR_CORRUPT.
 *
 * Immutable once open; any thread may read.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/protobuf.h"

#define ONNX_RANK_MAX 8

struct onnx_weights;

struct onnx_weights *onnx_weights_open(const char *path, struct err *err); /* NULL on failure */

/* The same over bytes that outlive it. what is its name in messages. */
struct onnx_weights *onnx_weights_read(const void *bytes, size_t length, const char *what,
                                       struct err *err);
void onnx_weights_close(struct onnx_weights *weights); /* accepts NULL */

/* An initializer of floats of 32 or 16 bits. */
struct onnx_tensor {
    size_t dims[ONNX_RANK_MAX];
    size_t rank;
    size_t count;            /* the product of dims */
    bool is_half;            /* 16 bits */
    struct protobuf message; /* the TensorProto, for onnx_tensor_floats */
};

/* An initializer by its own name. ERR_UNSUPPORTED where it is none, lies in another file or has other
 * numbers; ERR_CORRUPT. */
bool onnx_weights_get(const struct onnx_weights *weights, const char *name, struct onnx_tensor *out,
                      struct err *err) MUST_CHECK;

/* The same of the initializer that is a node's input, counted from 0. */
bool onnx_weights_get_input(const struct onnx_weights *weights, const char *node, size_t input,
                            struct onnx_tensor *out, struct err *err) MUST_CHECK;

/* All its values; halves become what they are as floats. out has room for count. */
void onnx_tensor_floats(const struct onnx_tensor *tensor, float *out);
