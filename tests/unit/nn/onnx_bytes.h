#pragma once

/* Writes small .onnx files: messages are bufs, put into one another. */

#include "base/buf.h"
#include "check.h"

#define BYTES_MAX (1 << 20)

static inline void put_varint(struct buf *out, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        buf_append_char(out, (char)((value & 127) | 128));
    buf_append_char(out, (char)value);
}

static inline void put_number(struct buf *out, uint32_t field, uint64_t value)
{
    put_varint(out, (uint64_t)field << 3);
    put_varint(out, value);
}

static inline void put_bytes(struct buf *out, uint32_t field, const void *bytes, size_t length)
{
    put_varint(out, (uint64_t)field << 3 | 2);
    put_varint(out, length);
    buf_append(out, bytes, length);
}

static inline void put_text(struct buf *out, uint32_t field, const char *text)
{
    put_bytes(out, field, text, strlen(text));
}

/* Takes part. */
static inline void put_part(struct buf *out, uint32_t field, struct buf *part)
{
    put_bytes(out, field, part->data, part->len);
    buf_release(part);
}

/* A TensorProto without its values: type 1 is float, 10 half. */
static inline struct buf new_tensor(const char *name, uint64_t type, const uint64_t *dims,
                                    size_t rank)
{
    struct buf tensor = BUF(BYTES_MAX);

    for (size_t i = 0; i < rank; i++)
        put_number(&tensor, 1, dims[i]);
    put_number(&tensor, 2, type);
    put_text(&tensor, 8, name);
    return tensor;
}

static inline void put_raw(struct buf *tensor, const void *values, size_t bytes)
{
    put_bytes(tensor, 9, values, bytes);
}

static inline void put_initializer(struct buf *graph, struct buf *tensor)
{
    put_part(graph, 5, tensor);
}

/* inputs ends with NULL. */
static inline void put_node(struct buf *graph, const char *name, const char *const *inputs)
{
    struct buf node = BUF(BYTES_MAX);

    for (; *inputs; inputs++)
        put_text(&node, 1, *inputs);
    put_text(&node, 2, "made");
    put_text(&node, 3, name);
    put_text(&node, 4, "Gemm");
    put_part(graph, 1, &node);
}

/* A ModelProto around graph, which is taken. */
static inline struct buf new_model(struct buf *graph)
{
    struct buf model = BUF(BYTES_MAX);

    put_number(&model, 1, 8); /* the version */
    put_part(&model, 7, graph);
    return model;
}

/* The usual one: a tensor of floats with raw data. */
static inline void put_floats(struct buf *graph, const char *name, const uint64_t *dims,
                              size_t rank, const float *values, size_t count)
{
    struct buf tensor = new_tensor(name, 1, dims, rank);

    put_raw(&tensor, values, count * sizeof *values);
    put_initializer(graph, &tensor);
}
