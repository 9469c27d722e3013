#include "nn/onnx_weights.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* Field numbers of onnx.proto (the ONNX project's onnx/onnx.proto3). */
enum { MODEL_GRAPH = 7 };
enum { GRAPH_NODE = 1, GRAPH_INITIALIZER = 5 };
enum { NODE_INPUT = 1, NODE_NAME = 3 };
enum {
    TENSOR_DIMS = 1,
    TENSOR_DATA_TYPE = 2,
    TENSOR_FLOAT_DATA = 4,
    TENSOR_INT32_DATA = 5,
    TENSOR_NAME = 8,
    TENSOR_RAW_DATA = 9,
    TENSOR_EXTERNAL_DATA = 13,
    TENSOR_DATA_LOCATION = 14
};
enum { DATA_FLOAT = 1, DATA_FLOAT16 = 10 }; /* TensorProto.DataType */
enum { LOCATION_EXTERNAL = 1 };

#define COUNT_LIMIT 65536 /* nodes, and initializers; Kokoro has 2463 and 554 */
#define NAME_LIMIT 1024   /* bytes */

/* A node or an initializer where it stands in the file. */
struct named {
    struct protobuf name, message; /* borrowed */
};

struct named_list {
    struct named *items; /* owned; sorted by name once all are there */
    size_t count, capacity;
};

struct onnx_weights {
    char *what;          /* owned; the file in messages */
    struct file_map map; /* owned; empty when the bytes are the caller's */
    struct named_list nodes, initializers;
};

/* --- names --- */

static int compare_texts(struct protobuf a, struct protobuf b)
{
    size_t length_a = protobuf_length(a), length_b = protobuf_length(b);

    if (length_a != length_b)
        return length_a < length_b ? -1 : 1;
    return length_a == 0 ? 0 : memcmp(a.at, b.at, length_a);
}

static int compare_named(const void *a, const void *b)
{
    const struct named *first = a, *second = b;

    return compare_texts(first->name, second->name);
}

/* NULL where there is none, and where several leave open which is meant. */
static const struct named *find_only(const struct named_list *list, struct protobuf name)
{
    struct named key = { .name = name };
    const struct named *found =
        list->count == 0 ? NULL
                         : bsearch(&key, list->items, list->count, sizeof key, compare_named);

    if (!found || (found > list->items && compare_named(found - 1, found) == 0) ||
        (found + 1 < list->items + list->count && compare_named(found, found + 1) == 0))
        return NULL;
    return found;
}

static struct protobuf text_part(const char *text)
{
    const uint8_t *start = (const uint8_t *)text;

    return (struct protobuf){ start, start + strlen(text) };
}

static void sort_named(struct named_list *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_named);
}

/* Nameless ones, which nobody can ask for, are left out. */
static bool add_named(struct named_list *list, struct protobuf message, uint32_t name_field)
{
    struct protobuf rest = message, name = { 0 };
    struct protobuf_field field;
    bool broken = false;

    while (protobuf_next(&rest, &field, &broken))
        if (field.number == name_field)
            name = field.part;
    if (broken || list->count == COUNT_LIMIT || protobuf_length(name) > NAME_LIMIT)
        return false;
    if (protobuf_length(name) == 0)
        return true;
    ARRAY_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = (struct named){ .name = name, .message = message };
    return true;
}

/* --- the file --- */

static bool read_graph(struct onnx_weights *weights, struct protobuf graph)
{
    struct protobuf_field field;
    bool broken = false, ok = true;

    while (ok && protobuf_next(&graph, &field, &broken)) {
        if (field.type != PROTOBUF_BYTES)
            continue;
        if (field.number == GRAPH_NODE)
            ok = add_named(&weights->nodes, field.part, NODE_NAME);
        else if (field.number == GRAPH_INITIALIZER)
            ok = add_named(&weights->initializers, field.part, TENSOR_NAME);
    }
    return ok && !broken;
}

/* A message may come in pieces, which are one after the other. */
static bool read_model(struct onnx_weights *weights, struct protobuf model)
{
    struct protobuf_field field;
    bool broken = false, ok = true, has_graph = false;

    while (ok && protobuf_next(&model, &field, &broken)) {
        if (field.number != MODEL_GRAPH || field.type != PROTOBUF_BYTES)
            continue;
        ok = read_graph(weights, field.part);
        has_graph = true;
    }
    sort_named(&weights->nodes);
    sort_named(&weights->initializers);
    return ok && !broken && has_graph;
}

struct onnx_weights *onnx_weights_read(const void *bytes, size_t length, const char *what,
                                       struct err *err)
{
    struct onnx_weights *weights = xcalloc(1, sizeof *weights);
    const uint8_t *start = bytes;

    weights->what = xstrdup(what);
    if (length > 0 && read_model(weights, (struct protobuf){ start, start + length }))
        return weights;
    err_set(err, ERR_CORRUPT,
            "%s is no whole ONNX model: it is damaged, cut off, or another kind of file.", what);
    onnx_weights_close(weights);
    return NULL;
}

struct onnx_weights *onnx_weights_open(const char *path, struct err *err)
{
    struct file_map map;

    if (!file_map(&map, path, err))
        return NULL;
    struct onnx_weights *weights = onnx_weights_read(map.bytes, map.length, path, err);
    if (weights)
        weights->map = map;
    else
        file_unmap(&map);
    return weights;
}

void onnx_weights_close(struct onnx_weights *weights)
{
    if (!weights)
        return;
    free(weights->nodes.items);
    free(weights->initializers.items);
    file_unmap(&weights->map);
    free(weights->what);
    free(weights);
}

/* --- a tensor --- */

/* What a TensorProto says, before it is known whether it is right. */
struct reading {
    struct onnx_tensor tensor;
    uint64_t data_type;
    size_t raw_bytes, float_bytes, int32_count;
    bool has_raw, is_external;
};

static bool add_dim(struct onnx_tensor *tensor, uint64_t dim)
{
    if (tensor->rank == ONNX_RANK_MAX || dim > SIZE_MAX / sizeof(float) ||
        __builtin_mul_overflow(tensor->count, (size_t)dim, &tensor->count))
        return false;
    tensor->dims[tensor->rank++] = (size_t)dim;
    return true;
}

static bool add_dims(struct onnx_tensor *tensor, const struct protobuf_field *field)
{
    struct protobuf packed = field->part;
    uint64_t dim;

    if (field->type == PROTOBUF_VARINT)
        return add_dim(tensor, field->value);
    while (packed.at < packed.end)
        if (!protobuf_varint(&packed, &dim) || !add_dim(tensor, dim))
            return false;
    return field->type == PROTOBUF_BYTES;
}

static bool count_varints(struct protobuf packed, size_t *count)
{
    uint64_t ignored;

    while (packed.at < packed.end) {
        if (!protobuf_varint(&packed, &ignored))
            return false;
        ++*count;
    }
    return true;
}

static bool read_field(struct reading *reading, const struct protobuf_field *field)
{
    switch (field->number) {
    case TENSOR_DIMS:
        return add_dims(&reading->tensor, field);
    case TENSOR_DATA_TYPE:
        reading->data_type = field->value;
        return true;
    case TENSOR_FLOAT_DATA: /* packed, or one by one */
        reading->float_bytes += protobuf_length(field->part);
        return field->type != PROTOBUF_VARINT && protobuf_length(field->part) % sizeof(float) == 0;
    case TENSOR_INT32_DATA:
        if (field->type == PROTOBUF_BYTES)
            return count_varints(field->part, &reading->int32_count);
        reading->int32_count++;
        return field->type == PROTOBUF_VARINT;
    case TENSOR_RAW_DATA:
        reading->raw_bytes = protobuf_length(field->part);
        if (reading->has_raw || field->type != PROTOBUF_BYTES)
            return false;
        reading->has_raw = true;
        return true;
    case TENSOR_EXTERNAL_DATA:
        reading->is_external = true;
        return true;
    case TENSOR_DATA_LOCATION:
        reading->is_external |= field->value == LOCATION_EXTERNAL;
        return true;
    default:
        return true;
    }
}

/* Values stand in one field, and are as many as the shape says. */
static bool has_all_values(const struct reading *reading)
{
    const struct onnx_tensor *tensor = &reading->tensor;
    size_t size = tensor->is_half ? sizeof(uint16_t) : sizeof(float), bytes;

    if (__builtin_mul_overflow(tensor->count, size, &bytes))
        return false;
    if (reading->has_raw)
        return reading->raw_bytes == bytes && reading->float_bytes == 0 &&
               reading->int32_count == 0;
    return tensor->is_half ? reading->int32_count == tensor->count && reading->float_bytes == 0
                           : reading->float_bytes == bytes && reading->int32_count == 0;
}

static bool read_tensor(const struct onnx_weights *weights, const struct named *named,
                        struct onnx_tensor *out, struct err *err)
{
    struct reading reading = { .tensor = { .count = 1, .message = named->message } };
    struct protobuf rest = named->message;
    int length = (int)protobuf_length(named->name);
    const char *name = (const char *)named->name.at;
    struct protobuf_field field;
    bool broken = false, ok = true;

    while (ok && protobuf_next(&rest, &field, &broken))
        ok = read_field(&reading, &field);
    reading.tensor.is_half = reading.data_type == DATA_FLOAT16;
    if (!ok || broken)
        return err_set(err, ERR_CORRUPT, "The weights %.*s in %s are damaged.", length, name,
                       weights->what);
    if (reading.is_external)
        return err_set(err, ERR_UNSUPPORTED,
                       "The weights %.*s of %s lie in a file of their own; the native engine "
                       "reads models that are one file.",
                       length, name, weights->what);
    if (reading.data_type != DATA_FLOAT && reading.data_type != DATA_FLOAT16)
        return err_set(err, ERR_UNSUPPORTED,
                       "The weights %.*s of %s are no floats of 32 or 16 bits.", length, name,
                       weights->what);
    if (!has_all_values(&reading))
        return err_set(err, ERR_CORRUPT,
                       "The weights %.*s in %s are not as many as their shape says.", length, name,
                       weights->what);
    *out = reading.tensor;
    return true;
}

bool onnx_weights_get(const struct onnx_weights *weights, const char *name, struct onnx_tensor *out,
                      struct err *err)
{
    const struct named *found = find_only(&weights->initializers, text_part(name));

    if (!found)
        return err_set(err, ERR_UNSUPPORTED, "%s has no weights, or several, called %s.",
                       weights->what, name);
    return read_tensor(weights, found, out, err);
}

bool onnx_weights_get_input(const struct onnx_weights *weights, const char *node, size_t input,
                            struct onnx_tensor *out, struct err *err)
{
    const struct named *found = find_only(&weights->nodes, text_part(node));
    const struct named *initializer = NULL;
    struct protobuf_field field;
    bool broken = false;
    size_t index = 0;

    if (!found)
        return err_set(err, ERR_UNSUPPORTED, "%s has no node, or several, called %s.",
                       weights->what, node);
    for (struct protobuf rest = found->message; protobuf_next(&rest, &field, &broken);)
        if (field.number == NODE_INPUT && index++ == input)
            initializer = find_only(&weights->initializers, field.part);
    if (!initializer)
        return err_set(err, ERR_UNSUPPORTED, "Input %zu of node %s in %s is no weight.", input,
                       node, weights->what);
    return read_tensor(weights, initializer, out, err);
}

/* --- values --- */

static uint16_t load_half(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static float load_float(const uint8_t *at)
{
    uint32_t bits = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16: 5 bits of exponent, biased by 15, and 10 of fraction. All are exact floats. */
static float float_from_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31;
    uint32_t fraction = half & 1023, bits;
    float value;

    if (exponent == 0) { /* zero and what is below the smallest power: fraction * 2^-24 */
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Of one field; what is written, which is none for fields without values. */
static size_t field_floats(const struct onnx_tensor *tensor, const struct protobuf_field *field,
                           float *out)
{
    struct protobuf part = field->part;
    size_t size = tensor->is_half ? sizeof(uint16_t) : sizeof(float), count = 0;
    uint64_t value = field->value;

    if (field->number == TENSOR_RAW_DATA || field->number == TENSOR_FLOAT_DATA) {
        for (; part.at < part.end; part.at += size)
            out[count++] =
                tensor->is_half ? float_from_half(load_half(part.at)) : load_float(part.at);
    } else if (field->number == TENSOR_INT32_DATA && field->type == PROTOBUF_VARINT) {
        out[count++] = float_from_half((uint16_t)value);
    } else if (field->number == TENSOR_INT32_DATA) {
        while (part.at < part.end && protobuf_varint(&part, &value))
            out[count++] = float_from_half((uint16_t)value);
    }
    return count;
}

void onnx_tensor_floats(const struct onnx_tensor *tensor, float *out)
{
    struct protobuf rest = tensor->message;
    struct protobuf_field field;
    bool broken = false;

    while (protobuf_next(&rest, &field, &broken))
        out += field_floats(tensor, &field, out);
}
