#include "engine/onnx_file.h"

#include <string.h>

#include "base/file.h"
#include "base/protobuf.h"
#include "base/utf8.h"

/* Field numbers of onnx.proto (the ONNX project's onnx/onnx.proto3). */
enum { MODEL_GRAPH = 7, MODEL_METADATA = 14 };
enum { GRAPH_NODE = 1, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_OUTPUT = 2, NODE_OPERATOR = 4 };
enum { TENSOR_DIMS = 1, TENSOR_DATA_TYPE = 2, TENSOR_NAME = 8 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2 };
enum { TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2 };
enum { SHAPE_DIM = 1, DIM_VALUE = 1 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };

#define NAME_LIMIT 1024        /* bytes of a tensor's or operator's name that is kept */
#define VALUE_LIMIT (1U << 20) /* bytes of a metadata value; Kokoro's config.json has 3 kB */
#define LIST_LIMIT 4096        /* inputs, outputs, metadata entries */
#define GRAPH_LIMIT 16         /* pieces the one graph may come in */
#define DATA_TYPES 32          /* TensorProto.DataType ends at 23 */

/* --- the file --- */

struct entry {
    char *key, *value; /* owned */
};

struct value_list {
    struct tensor_info *items; /* owned, with their names */
    size_t count, capacity;
};

struct onnx_file {
    struct file_map map; /* owned; empty when the bytes are the caller's */
    struct protobuf graphs[GRAPH_LIMIT];
    size_t graph_count;
    struct value_list inputs, outputs;
    struct entry *metadata; /* owned */
    size_t metadata_count, metadata_capacity;
    uint64_t weight_bytes[DATA_TYPES];
};

/* A name or value as a string; false when it is too long, or no UTF-8. */
static bool take_text(struct protobuf part, size_t limit, char **out)
{
    struct err ignored = { 0 };

    if (protobuf_length(part) > limit ||
        !utf8_check((const char *)part.at, protobuf_length(part), "text", &ignored))
        return false;
    free(*out);
    *out = xstrndup(part.at ? (const char *)part.at : "", protobuf_length(part));
    return true;
}

static bool read_dim(struct protobuf part, int64_t *out)
{
    struct protobuf_field field;
    bool broken = false;

    *out = -1;
    while (protobuf_next(&part, &field, &broken))
        if (field.number == DIM_VALUE)
            *out = (int64_t)field.value > 0 ? (int64_t)field.value : -1;
    return !broken;
}

static bool read_shape(struct protobuf part, struct tensor_info *out)
{
    struct protobuf_field field;
    bool broken = false;

    out->rank = 0;
    while (protobuf_next(&part, &field, &broken)) {
        if (field.number != SHAPE_DIM || out->rank == TENSOR_RANK_MAX)
            continue;
        if (!read_dim(field.part, &out->shape[out->rank++]))
            return false;
    }
    return !broken;
}

/* TypeProto, and the tensor type in it: both begin with a field 1. */
static bool read_type(struct protobuf part, struct tensor_info *out)
{
    struct protobuf_field type, field;
    bool broken = false;

    while (protobuf_next(&part, &type, &broken)) {
        if (type.number != TYPE_TENSOR)
            continue;
        while (protobuf_next(&type.part, &field, &broken)) {
            if (field.number == TENSOR_ELEMENT)
                out->type = tensor_type_from((int64_t)field.value);
            else if (field.number == TENSOR_SHAPE && !read_shape(field.part, out))
                return false;
        }
    }
    return !broken;
}

static bool read_value(struct protobuf part, struct value_list *list)
{
    struct protobuf_field field;
    bool broken = false, ok = true;

    if (list->count == LIST_LIMIT)
        return false;
    ARRAY_GROW(list->items, list->count, list->capacity);
    struct tensor_info *info = &list->items[list->count++];
    *info = (struct tensor_info){ .name = xstrdup("") };
    while (ok && protobuf_next(&part, &field, &broken)) {
        if (field.number == VALUE_NAME)
            ok = take_text(field.part, NAME_LIMIT, &info->name);
        else if (field.number == VALUE_TYPE)
            ok = read_type(field.part, info);
    }
    return ok && !broken;
}

/* Bytes of the weights are counted from their shapes, which are there even where the values lie in
 * another file. */
static bool read_initializer(struct protobuf part, uint64_t bytes[DATA_TYPES],
                             struct protobuf *name)
{
    /* By TensorProto.DataType, bytes an element: float, uint8, int8, uint16, int16, int32, int64,
     * string, bool, float16, double, uint32, uint64, complex64, complex128, bfloat16, then 8-bit
     * floats; 4-bit kinds count as 1. */
    static const uint8_t sizes[DATA_TYPES] = { 0, 4, 1, 1,  2, 2, 4, 8, 0, 1, 2, 8,
                                               4, 8, 8, 16, 2, 1, 1, 1, 1, 1, 1, 1 };
    uint64_t elements = 1, type = 0;
    struct protobuf_field field;
    bool broken = false;

    *name = (struct protobuf){ 0 };
    while (protobuf_next(&part, &field, &broken)) {
        if (field.number == TENSOR_DIMS && !field.part.at) {
            if (__builtin_mul_overflow(elements, field.value, &elements))
                return false;
        } else if (field.number == TENSOR_DIMS) { /* packed */
            uint64_t dim;

            while (field.part.at < field.part.end)
                if (!protobuf_varint(&field.part, &dim) ||
                    __builtin_mul_overflow(elements, dim, &elements))
                    return false;
        } else if (field.number == TENSOR_DATA_TYPE) {
            type = field.value;
        } else if (field.number == TENSOR_NAME) {
            *name = field.part;
        }
    }
    if (broken || type >= DATA_TYPES || __builtin_mul_overflow(elements, sizes[type], &elements))
        return false;
    return !__builtin_add_overflow(bytes[type], elements, &bytes[type]);
}

/* Until IR version 4 weights were listed as inputs too. */
static void drop_input(struct onnx_file *file, struct protobuf name)
{
    struct value_list *list = &file->inputs;

    for (size_t i = 0; i < list->count; i++) {
        if (!protobuf_is_text(name, list->items[i].name))
            continue;
        free(list->items[i].name);
        list->count--;
        memmove(&list->items[i], &list->items[i + 1], (list->count - i) * sizeof *list->items);
        return;
    }
}

static bool read_graph_values(struct onnx_file *file, struct protobuf graph)
{
    struct protobuf_field field;
    bool broken = false, ok = true;

    while (ok && protobuf_next(&graph, &field, &broken)) {
        if (field.number == GRAPH_INPUT)
            ok = read_value(field.part, &file->inputs);
        else if (field.number == GRAPH_OUTPUT)
            ok = read_value(field.part, &file->outputs);
    }
    return ok && !broken;
}

static bool read_graph_weights(struct onnx_file *file, struct protobuf graph)
{
    struct protobuf_field field;
    struct protobuf name;
    bool broken = false;

    while (protobuf_next(&graph, &field, &broken)) {
        if (field.number != GRAPH_INITIALIZER)
            continue;
        if (!read_initializer(field.part, file->weight_bytes, &name))
            return false;
        drop_input(file, name);
    }
    return !broken;
}

static bool read_metadata(struct onnx_file *file, struct protobuf part)
{
    struct protobuf_field field;
    bool broken = false, ok = true;

    if (file->metadata_count == LIST_LIMIT)
        return false;
    ARRAY_GROW(file->metadata, file->metadata_count, file->metadata_capacity);
    struct entry *entry = &file->metadata[file->metadata_count++];
    *entry = (struct entry){ .key = xstrdup(""), .value = xstrdup("") };
    while (ok && protobuf_next(&part, &field, &broken)) {
        if (field.number == ENTRY_KEY)
            ok = take_text(field.part, NAME_LIMIT, &entry->key);
        else if (field.number == ENTRY_VALUE)
            ok = take_text(field.part, VALUE_LIMIT, &entry->value);
    }
    return ok && !broken;
}

static bool read_model(struct onnx_file *file, struct protobuf model)
{
    struct protobuf_field field;
    bool broken = false, ok = true;

    while (ok && protobuf_next(&model, &field, &broken)) {
        if (field.number == MODEL_GRAPH) {
            ok = file->graph_count < GRAPH_LIMIT;
            if (ok)
                file->graphs[file->graph_count++] = field.part;
        } else if (field.number == MODEL_METADATA) {
            ok = read_metadata(file, field.part);
        }
    }
    for (size_t i = 0; ok && i < file->graph_count; i++)
        ok = read_graph_values(file, file->graphs[i]);
    for (size_t i = 0; ok && i < file->graph_count; i++)
        ok = read_graph_weights(file, file->graphs[i]);
    return ok && !broken && file->graph_count > 0;
}

struct onnx_file *onnx_file_read(const void *bytes, size_t length, const char *what,
                                 struct err *err)
{
    struct onnx_file *file = xcalloc(1, sizeof *file);
    const uint8_t *start = bytes;

    if (length == 0 || !read_model(file, (struct protobuf){ start, start + length })) {
        err_set(err, ERR_CORRUPT,
                "%s is no whole ONNX model: it is damaged, cut off, or another kind of file.",
                what);
        onnx_file_close(file);
        return NULL;
    }
    return file;
}

struct onnx_file *onnx_file_open(const char *path, struct err *err)
{
    struct file_map map;

    if (!file_map(&map, path, err))
        return NULL;
    struct onnx_file *file = onnx_file_read(map.bytes, map.length, path, err);
    if (file)
        file->map = map;
    else
        file_unmap(&map);
    return file;
}

static void release_values(struct value_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
}

void onnx_file_close(struct onnx_file *file)
{
    if (!file)
        return;
    release_values(&file->inputs);
    release_values(&file->outputs);
    for (size_t i = 0; i < file->metadata_count; i++) {
        free(file->metadata[i].key);
        free(file->metadata[i].value);
    }
    free(file->metadata);
    file_unmap(&file->map);
    free(file);
}

const struct tensor_info *onnx_file_inputs(const struct onnx_file *file, size_t *count)
{
    *count = file->inputs.count;
    return file->inputs.items;
}

const struct tensor_info *onnx_file_outputs(const struct onnx_file *file, size_t *count)
{
    *count = file->outputs.count;
    return file->outputs.items;
}

const char *onnx_file_metadata(const struct onnx_file *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++)
        if (strcmp(file->metadata[i].key, key) == 0)
            return file->metadata[i].value;
    return NULL;
}

/* Is there a node with this text in this field? The inside of the nodes was not looked at on
 * opening; a broken one has no such field. */
static bool has_node_with(const struct onnx_file *file, uint32_t number, const char *text)
{
    struct protobuf_field node, field;
    bool broken = false;

    for (size_t i = 0; i < file->graph_count; i++) {
        struct protobuf graph = file->graphs[i];

        while (protobuf_next(&graph, &node, &broken)) {
            if (node.number != GRAPH_NODE)
                continue;
            while (protobuf_next(&node.part, &field, &broken))
                if (field.number == number && protobuf_is_text(field.part, text))
                    return true;
        }
    }
    return false;
}

bool onnx_file_has_tensor(const struct onnx_file *file, const char *name)
{
    return has_node_with(file, NODE_OUTPUT, name);
}

bool onnx_file_has_operator(const struct onnx_file *file, const char *operator_name)
{
    return has_node_with(file, NODE_OPERATOR, operator_name);
}

int onnx_file_weight_type(const struct onnx_file *file)
{
    int most = 0;

    for (int i = 1; i < DATA_TYPES; i++)
        if (file->weight_bytes[i] > file->weight_bytes[most])
            most = i;
    return most;
}
