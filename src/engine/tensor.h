#pragma once

/*
 * Tensors as an ONNX graph's inputs and outputs describe them: a name, an
 * element type, a shape. The type numbers are those of TensorProto.DataType
 * in onnx.proto, which ONNX Runtime uses as well.
 *
 * Plain data: a tensor owns its elements, a view borrows them for a call.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TENSOR_RANK_MAX 8

enum tensor_type {
    TENSOR_OTHER = 0, /* one we neither feed nor read */
    TENSOR_FLOAT = 1,
    TENSOR_INT32 = 6,
    TENSOR_INT64 = 7,
    TENSOR_BOOL = 9,
    TENSOR_FLOAT16 = 10,
    TENSOR_DOUBLE = 11,
};

const char *tensor_type_name(enum tensor_type type);
size_t tensor_type_size(enum tensor_type type);    /* bytes an element; 0 for TENSOR_OTHER */
enum tensor_type tensor_type_from(int64_t number); /* TENSOR_OTHER for what is not listed */

/* An input or output of a graph. */
struct tensor_info {
    char *name; /* owned by whoever gave the info */
    enum tensor_type type;
    size_t rank;                    /* TENSOR_RANK_MAX at most; the rest of a longer shape is cut */
    int64_t shape[TENSOR_RANK_MAX]; /* -1: any length */
};

/* The one of this name, or NULL. */
const struct tensor_info *tensor_info_find(const struct tensor_info *list, size_t count,
                                           const char *name);

/* What goes into a run. */
struct tensor_view {
    const char *name;
    enum tensor_type type;
    size_t rank;
    int64_t shape[TENSOR_RANK_MAX];
    const void *data; /* the shape's product of elements */
};

/* What comes out of a run. */
struct tensor {
    enum tensor_type
        type; /* TENSOR_FLOAT where the graph says float16 or double: they are converted */
    size_t rank;
    int64_t shape[TENSOR_RANK_MAX];
    size_t count; /* elements */
    void *data;   /* owned; NULL when count is 0 */
};

void tensor_release(struct tensor *tensor); /* accepts a zeroed struct */

/* The elements of an int32, int64 or float tensor as whole numbers (rounded); ERR_CORRUPT, naming
 * what, for other types, values that are not finite, and values outside least to most. */
bool tensor_to_int64(const struct tensor *tensor, const char *what, int64_t least, int64_t most,
                     int64_t *out, struct err *err) MUST_CHECK;
