#include "engine/onnx_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"

/* Values of TensorProto.DataType, TensorProto.DataLocation and AttributeProto.AttributeType. */
#define DATA_FLOAT 1
#define DATA_INT64 7
#define LOCATION_EXTERNAL 1
#define ATTRIBUTE_FLOAT 1
#define ATTRIBUTE_INTEGER 2

#define MODEL_MAX ((size_t)256 << 20) /* without weights; Kokoro has 1 MB */
#define EXTERNAL_MIN 4096             /* bytes of a tensor that go into the weights file */

/* The runtime maps each tensor by itself, and maps begin at pages. */
#define WEIGHT_ALIGN 64
#define WEIGHT_PAGE 4096

/* Names and where they are found, sorted by name. Copies: rewriting frees a node's own. */
struct name_index {
    struct name_place {
        char *name; /* owned */
        size_t place;
    } * items; /* owned */
    size_t count, capacity;
};

struct onnx_graph {
    Onnx__Model *model; /* owned */
    const uint8_t *weights;
    size_t weights_length;
    struct name_index producers, reads, initializers;
};

/* --- names --- */

static void name_add(struct name_index *index, const char *name, size_t place)
{
    if (!name || !*name)
        return;
    ARRAY_GROW(index->items, index->count, index->capacity);
    index->items[index->count++] = (struct name_place){ xstrdup(name), place };
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct name_place *)a)->name, ((const struct name_place *)b)->name);
}

static void name_sort(struct name_index *index)
{
    if (index->count > 0)
        qsort(index->items, index->count, sizeof *index->items, by_name);
}

static int name_compare(const void *name, const void *place)
{
    return strcmp(name, ((const struct name_place *)place)->name);
}

static const struct name_place *name_find(const struct name_index *index, const char *name)
{
    if (!name || !*name || index->count == 0)
        return NULL;
    return bsearch(name, index->items, index->count, sizeof *index->items, name_compare);
}

static void name_release(struct name_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free(index->items[i].name);
    free(index->items);
    *index = (struct name_index){ 0 };
}

static void index_release(struct onnx_graph *graph)
{
    name_release(&graph->producers);
    name_release(&graph->reads);
    name_release(&graph->initializers);
}

static void index_build(struct onnx_graph *graph)
{
    const Onnx__Graph *g = graph->model->graph;

    index_release(graph);
    for (size_t i = 0; i < g->n_node; i++) {
        for (size_t k = 0; k < g->node[i]->n_output; k++)
            name_add(&graph->producers, g->node[i]->output[k], i);
        for (size_t k = 0; k < g->node[i]->n_input; k++)
            name_add(&graph->reads, g->node[i]->input[k], i);
    }
    for (size_t i = 0; i < g->n_output; i++)
        name_add(&graph->reads, g->output[i]->name, g->n_node);
    for (size_t i = 0; i < g->n_initializer; i++)
        name_add(&graph->initializers, g->initializer[i]->name, i);
    name_sort(&graph->producers);
    name_sort(&graph->reads);
    name_sort(&graph->initializers);
}

/* --- reading --- */

static const char *external_value(const Onnx__Tensor *tensor, const char *key)
{
    for (size_t i = 0; i < tensor->n_external_data; i++) {
        const Onnx__Entry *entry = tensor->external_data[i];

        if (entry->key && entry->value && strcmp(entry->key, key) == 0)
            return entry->value;
    }
    return "";
}

static bool is_external(const Onnx__Tensor *tensor)
{
    return tensor->has_data_location && tensor->data_location == LOCATION_EXTERNAL;
}

/* The bytes of an external tensor within the weights, or NULL. */
static const void *external_bytes(const struct onnx_graph *graph, const Onnx__Tensor *tensor,
                                  size_t *length)
{
    char *end = NULL;
    unsigned long long offset = strtoull(external_value(tensor, "offset"), NULL, 10);
    unsigned long long size = strtoull(external_value(tensor, "length"), &end, 10);

    if (*end || size == 0 || offset > graph->weights_length ||
        size > graph->weights_length - offset)
        return NULL;
    *length = (size_t)size;
    return graph->weights + offset;
}

static bool has_graphs(const Onnx__Node *node)
{
    for (size_t i = 0; i < node->n_attribute; i++)
        if (node->attribute[i]->has_graph || node->attribute[i]->n_graphs > 0)
            return true;
    return false;
}

static bool check_graph(const struct onnx_graph *graph, const char *what, struct err *err)
{
    const Onnx__Graph *g = graph->model->graph;
    size_t length;

    for (size_t i = 0; i < g->n_node; i++) {
        if (!g->node[i]->op_type)
            return err_set(err, ERR_CORRUPT, "%s has a node without an operator.", what);
        if (has_graphs(g->node[i]))
            return err_set(err, ERR_UNSUPPORTED,
                           "%s has graphs within its nodes, which are not rewritten.", what);
    }
    for (size_t i = 0; i < g->n_initializer; i++)
        if (is_external(g->initializer[i]) && !external_bytes(graph, g->initializer[i], &length))
            return err_set(err, ERR_CORRUPT, "%s refers to weights that are not there.", what);
    return true;
}

struct onnx_graph *onnx_graph_read(const void *model, size_t model_length, const void *weights,
                                   size_t weights_length, const char *what, struct err *err)
{
    struct onnx_graph *graph = xcalloc(1, sizeof *graph);

    graph->weights = weights;
    graph->weights_length = weights ? weights_length : 0;
    if (model_length > 0 && model_length <= MODEL_MAX)
        graph->model = onnx__model__unpack(NULL, model_length, model);
    if (!graph->model || !graph->model->graph) {
        err_set(err, ERR_CORRUPT, "%s is no whole ONNX model, or too large a one to rewrite.",
                what);
        onnx_graph_close(graph);
        return NULL;
    }
    if (!check_graph(graph, what, err)) {
        onnx_graph_close(graph);
        return NULL;
    }
    index_build(graph);
    return graph;
}

void onnx_graph_close(struct onnx_graph *graph)
{
    if (!graph)
        return;
    index_release(graph);
    if (graph->model)
        onnx__model__free_unpacked(graph->model, NULL);
    free(graph);
}

size_t onnx_graph_node_count(const struct onnx_graph *graph)
{
    return graph->model->graph->n_node;
}

Onnx__Node *onnx_graph_node(const struct onnx_graph *graph, size_t index)
{
    return graph->model->graph->node[index];
}

Onnx__Node *onnx_graph_producer(const struct onnx_graph *graph, const char *tensor)
{
    const struct name_place *found = name_find(&graph->producers, tensor);

    return found ? graph->model->graph->node[found->place] : NULL;
}

size_t onnx_graph_uses(const struct onnx_graph *graph, const char *tensor)
{
    const struct name_place *found = name_find(&graph->reads, tensor);
    const struct name_place *end = graph->reads.items + graph->reads.count;
    size_t count = 0;

    if (!found)
        return 0;
    while (found > graph->reads.items && strcmp(found[-1].name, tensor) == 0)
        found--;
    for (; found < end && strcmp(found->name, tensor) == 0; found++)
        count++;
    return count;
}

const Onnx__Tensor *onnx_graph_initializer(const struct onnx_graph *graph, const char *name)
{
    const struct name_place *found = name_find(&graph->initializers, name);

    return found ? graph->model->graph->initializer[found->place] : NULL;
}

/* The product of the dimensions; false when it is no size. */
static bool element_count(const Onnx__Tensor *tensor, size_t *count)
{
    *count = 1;
    for (size_t i = 0; i < tensor->n_dims; i++)
        if (tensor->dims[i] < 0 || __builtin_mul_overflow(*count, (size_t)tensor->dims[i], count))
            return false;
    return true;
}

static const void *elements(const struct onnx_graph *graph, const Onnx__Tensor *tensor, size_t size,
                            const void *list, size_t list_count, size_t *count)
{
    const void *bytes = list;
    size_t length = list_count * size, needed;

    if (!tensor || !element_count(tensor, count) || __builtin_mul_overflow(*count, size, &needed))
        return NULL;
    if (is_external(tensor)) {
        bytes = external_bytes(graph, tensor, &length);
    } else if (tensor->has_raw_data) {
        bytes = tensor->raw_data.data;
        length = tensor->raw_data.len;
    }
    return bytes && length == needed ? bytes : NULL;
}

const void *onnx_graph_floats(const struct onnx_graph *graph, const Onnx__Tensor *tensor,
                              size_t *count)
{
    if (!tensor || tensor->data_type != DATA_FLOAT)
        return NULL;
    return elements(graph, tensor, sizeof(float), tensor->float_data, tensor->n_float_data, count);
}

const void *onnx_graph_integers(const struct onnx_graph *graph, const Onnx__Tensor *tensor,
                                size_t *count)
{
    if (!tensor || tensor->data_type != DATA_INT64)
        return NULL;
    return elements(graph, tensor, sizeof(int64_t), tensor->int64_data, tensor->n_int64_data,
                    count);
}

/* --- attributes --- */

static Onnx__Attribute *find_attribute(const Onnx__Node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attribute; i++)
        if (node->attribute[i]->name && strcmp(node->attribute[i]->name, name) == 0)
            return node->attribute[i];
    return NULL;
}

int64_t onnx_node_integer(const Onnx__Node *node, const char *name, int64_t fallback)
{
    const Onnx__Attribute *found = find_attribute(node, name);

    return found && found->has_i ? found->i : fallback;
}

float onnx_node_float(const Onnx__Node *node, const char *name, float fallback)
{
    const Onnx__Attribute *found = find_attribute(node, name);

    return found && found->has_f ? found->f : fallback;
}

bool onnx_node_has_integers(const Onnx__Node *node, const char *name, const int64_t *values,
                            size_t count)
{
    const Onnx__Attribute *found = find_attribute(node, name);

    return found && found->n_ints == count &&
           memcmp(found->ints, values, count * sizeof *values) == 0;
}

bool onnx_node_has_text(const Onnx__Node *node, const char *name, const char *text)
{
    const Onnx__Attribute *found = find_attribute(node, name);

    return found && found->has_s && found->s.len == strlen(text) &&
           memcmp(found->s.data, text, found->s.len) == 0;
}

static Onnx__Attribute *add_attribute(Onnx__Node *node, const char *name, int type)
{
    Onnx__Attribute *added = xcalloc(1, sizeof *added);

    onnx__attribute__init(added);
    added->name = xstrdup(name);
    added->has_type = true;
    added->type = type;
    node->attribute = xrealloc(node->attribute, node->n_attribute + 1, sizeof(void *));
    node->attribute[node->n_attribute++] = added;
    return added;
}

void onnx_node_set_integer(Onnx__Node *node, const char *name, int64_t value)
{
    Onnx__Attribute *added = add_attribute(node, name, ATTRIBUTE_INTEGER);

    added->has_i = true;
    added->i = value;
}

void onnx_node_set_float(Onnx__Node *node, const char *name, float value)
{
    Onnx__Attribute *added = add_attribute(node, name, ATTRIBUTE_FLOAT);

    added->has_f = true;
    added->f = value;
}

/* --- changing --- */

static void set_text(char **text, const char *value)
{
    /* protobuf-c's empty string is one that must not be freed. */
    if (*text != protobuf_c_empty_string)
        free(*text);
    *text = xstrdup(value);
}

void onnx_node_become(Onnx__Node *node, const char *domain, const char *op,
                      const char *const *inputs, size_t input_count)
{
    char **copies = xcalloc(input_count + 1, sizeof *copies);

    for (size_t i = 0; i < input_count; i++) /* which may be the node's own */
        copies[i] = xstrdup(inputs[i]);
    for (size_t i = 0; i < node->n_input; i++)
        if (node->input[i] != protobuf_c_empty_string)
            free(node->input[i]);
    free(node->input);
    for (size_t i = 0; i < node->n_attribute; i++)
        onnx__attribute__free_unpacked(node->attribute[i], NULL);
    free(node->attribute);
    node->attribute = NULL;
    node->n_attribute = 0;
    node->input = copies;
    node->n_input = input_count;
    set_text(&node->op_type, op);
    set_text(&node->domain, domain);
}

void onnx_graph_add_floats(struct onnx_graph *graph, const char *name, float *floats, size_t count)
{
    Onnx__Graph *g = graph->model->graph;
    Onnx__Tensor *tensor = xcalloc(1, sizeof *tensor);

    onnx__tensor__init(tensor);
    tensor->name = xstrdup(name);
    tensor->has_data_type = true;
    tensor->data_type = DATA_FLOAT;
    tensor->dims = xcalloc(1, sizeof *tensor->dims);
    tensor->dims[0] = (int64_t)count;
    tensor->n_dims = 1;
    tensor->has_raw_data = true;
    tensor->raw_data = (ProtobufCBinaryData){ count * sizeof *floats, (uint8_t *)floats };
    g->initializer = xrealloc(g->initializer, g->n_initializer + 1, sizeof *g->initializer);
    g->initializer[g->n_initializer++] = tensor;
}

void onnx_graph_import(struct onnx_graph *graph, const char *domain, int64_t version)
{
    Onnx__Model *model = graph->model;
    Onnx__OperatorSet *set = xcalloc(1, sizeof *set);

    onnx__operator_set__init(set);
    set->domain = xstrdup(domain);
    set->has_version = true;
    set->version = version;
    model->opset_import =
        xrealloc(model->opset_import, model->n_opset_import + 1, sizeof *model->opset_import);
    model->opset_import[model->n_opset_import++] = set;
}

static void mark_producer(const struct onnx_graph *graph, const char *tensor, bool *is_live)
{
    const struct name_place *found = name_find(&graph->producers, tensor);

    if (found)
        is_live[found->place] = true;
}

static bool is_listed(const char *op, const char *const *operators)
{
    for (; *operators; operators++)
        if (strcmp(op, *operators) == 0)
            return true;
    return false;
}

bool *onnx_graph_upstream(const struct onnx_graph *graph, const char *const *operators)
{
    const Onnx__Graph *g = graph->model->graph;
    bool *is_upstream = xcalloc(g->n_node + 1, sizeof *is_upstream);

    for (size_t i = g->n_node; i-- > 0;)
        if (is_upstream[i] || is_listed(g->node[i]->op_type, operators))
            for (size_t k = 0; k < g->node[i]->n_input; k++)
                mark_producer(graph, g->node[i]->input[k], is_upstream);
    return is_upstream;
}

static void drop_nodes(struct onnx_graph *graph)
{
    Onnx__Graph *g = graph->model->graph;
    bool *is_live = xcalloc(g->n_node + 1, sizeof *is_live);
    size_t kept = 0;

    for (size_t i = 0; i < g->n_output; i++)
        mark_producer(graph, g->output[i]->name, is_live);
    for (size_t i = g->n_node; i-- > 0;)
        for (size_t k = 0; is_live[i] && k < g->node[i]->n_input; k++)
            mark_producer(graph, g->node[i]->input[k], is_live);
    for (size_t i = 0; i < g->n_node; i++) {
        if (is_live[i])
            g->node[kept++] = g->node[i];
        else
            onnx__node__free_unpacked(g->node[i], NULL);
    }
    g->n_node = kept;
    free(is_live);
}

static void drop_initializers(struct onnx_graph *graph)
{
    Onnx__Graph *g = graph->model->graph;
    size_t kept = 0;

    for (size_t i = 0; i < g->n_initializer; i++) {
        if (name_find(&graph->reads, g->initializer[i]->name))
            g->initializer[kept++] = g->initializer[i];
        else
            onnx__tensor__free_unpacked(g->initializer[i], NULL);
    }
    g->n_initializer = kept;
}

void onnx_graph_prune(struct onnx_graph *graph)
{
    Onnx__Graph *g = graph->model->graph;

    index_build(graph);
    drop_nodes(graph);
    index_build(graph);
    drop_initializers(graph);
    index_build(graph);
    for (size_t i = 0; i < g->n_value_info; i++)
        free(g->value_info[i].data);
    free(g->value_info);
    g->value_info = NULL;
    g->n_value_info = 0;
}

/* --- saving --- */

static void add_entry(Onnx__Tensor *tensor, const char *key, char *value)
{
    Onnx__Entry *entry = xcalloc(1, sizeof *entry);

    onnx__entry__init(entry);
    entry->key = xstrdup(key);
    entry->value = value;
    tensor->external_data =
        xrealloc(tensor->external_data, tensor->n_external_data + 1, sizeof(void *));
    tensor->external_data[tensor->n_external_data++] = entry;
}

/* Now the tensor lies in the weights file. */
static void refer(Onnx__Tensor *tensor, const char *file, uint64_t offset, size_t length)
{
    for (size_t i = 0; i < tensor->n_external_data; i++)
        onnx__entry__free_unpacked(tensor->external_data[i], NULL);
    tensor->n_external_data = 0;
    add_entry(tensor, "location", xstrdup(file));
    add_entry(tensor, "offset", str_format("%llu", (unsigned long long)offset));
    add_entry(tensor, "length", str_format("%zu", length));
    tensor->has_data_location = true;
    tensor->data_location = LOCATION_EXTERNAL;
    if (tensor->has_raw_data)
        free(tensor->raw_data.data);
    tensor->has_raw_data = false;
    tensor->raw_data = (ProtobufCBinaryData){ 0, NULL };
}

static bool write_weight(FILE *file, const void *bytes, size_t length, uint64_t *offset)
{
    static const uint8_t zeros[WEIGHT_PAGE] = { 0 };
    size_t align = length >= WEIGHT_PAGE ? WEIGHT_PAGE : WEIGHT_ALIGN;
    size_t gap = (align - *offset % align) % align;

    *offset += gap;
    return fwrite(zeros, 1, gap, file) == gap && fwrite(bytes, 1, length, file) == length;
}

static bool write_weights(struct onnx_graph *graph, struct file_out *out, struct err *err)
{
    Onnx__Graph *g = graph->model->graph;
    uint64_t offset = 0;

    for (size_t i = 0; i < g->n_initializer; i++) {
        Onnx__Tensor *tensor = g->initializer[i];
        const void *bytes = tensor->raw_data.data;
        size_t length = tensor->has_raw_data ? tensor->raw_data.len : 0;

        if (is_external(tensor))
            bytes = external_bytes(graph, tensor, &length);
        else if (length < EXTERNAL_MIN)
            continue;
        if (!bytes || !write_weight(out->file, bytes, length, &offset))
            return err_system(err, "write", out->path);
        refer(tensor, path_base(out->path), offset, length);
        offset += length;
    }
    return file_out_commit(out, err);
}

bool onnx_graph_save_weights(struct onnx_graph *graph, const char *path, struct err *err)
{
    struct file_out out = { 0 };
    bool ok = file_out_begin(&out, path, err) && write_weights(graph, &out, err);

    file_out_release(&out);
    return ok;
}

bool onnx_graph_save(const struct onnx_graph *graph, const char *path, struct err *err)
{
    size_t length = onnx__model__get_packed_size(graph->model);
    uint8_t *bytes = try_alloc(length, 1);

    if (!bytes)
        return err_set(err, ERR_INTERNAL, "There is no memory to write %s.", path);
    onnx__model__pack(graph->model, bytes);
    bool ok = file_write(path, bytes, length, err);
    free(bytes);
    return ok;
}
