/*
 * The merged decoder is one If, with a branch for the first token and one for
 * those after it. Both end in
 *
 *     logits = MatMul(hidden, DequantizeLinear(Transpose(table), scale, zero))
 *
 * with the same table, which stays in the model since the tokens fed are looked up
 * in it. Each branch's MatMul becomes an Identity, so that it gives the hidden
 * state, and what only the MatMul has read goes.
 */
#include "transcribe/token_scores.h"

#include <stdlib.h>
#include <string.h>

#include "engine/onnx_node.h"
#include "nn/kernel.h"

#define LOGITS "logits"
#define WIDTH_MAX 4096
#define TOKENS_MAX ((size_t)1 << 20)

/* Values of TensorProto.DataType. */
#define DATA_FLOAT 1
#define DATA_UINT8 2

/* TypeProto: a tensor of floats, of any shape. */
static const uint8_t float_tensor[] = { 0x0A, 0x02, 0x08, DATA_FLOAT };

struct token_scores {
    struct projection projection; /* but for x and out */
    uint32_t *weights;            /* owned */
    size_t width;
};

/* ---- looking ---- */

struct table {
    const Onnx__Tensor *elements; /* in the model's graph */
    float scale;
    uint8_t zero;
};

/* The nodes that a branch ends in. */
struct ending {
    Onnx__Node *product, *dequantize, *transpose;
    struct table table;
};

static Onnx__Node *find_producer(const Onnx__Graph *graph, const char *tensor)
{
    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t k = 0; k < graph->node[i]->n_output; k++)
            if (strcmp(graph->node[i]->output[k], tensor) == 0)
                return graph->node[i];
    return NULL;
}

/* The producer, if it is this operator with so many inputs. */
static Onnx__Node *find_operator(const Onnx__Graph *graph, const char *tensor, const char *op,
                                 size_t inputs)
{
    Onnx__Node *node = find_producer(graph, tensor);

    return node && node->op_type && strcmp(node->op_type, op) == 0 && node->n_input == inputs
               ? node
               : NULL;
}

static const Onnx__Tensor *find_tensor(const Onnx__Graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (graph->initializer[i]->name && strcmp(graph->initializer[i]->name, name) == 0)
            return graph->initializer[i];
    return NULL;
}

/* A single number, stored in either of two ways. */
static bool read_scale(const Onnx__Tensor *tensor, float *out)
{
    if (!tensor || tensor->data_type != DATA_FLOAT || tensor->n_dims > 0)
        return false;
    if (tensor->n_float_data == 1)
        *out = tensor->float_data[0];
    else if (tensor->has_raw_data && tensor->raw_data.len == sizeof *out)
        memcpy(out, tensor->raw_data.data, sizeof *out);
    else
        return false;
    return true;
}

static bool read_zero(const Onnx__Tensor *tensor, uint8_t *out)
{
    if (!tensor || tensor->data_type != DATA_UINT8 || tensor->n_dims > 0)
        return false;
    if (tensor->n_int32_data == 1)
        *out = (uint8_t)tensor->int32_data[0];
    else if (tensor->has_raw_data && tensor->raw_data.len == 1)
        *out = tensor->raw_data.data[0];
    else
        return false;
    return true;
}

static bool is_table(const Onnx__Tensor *tensor)
{
    if (!tensor || tensor->data_type != DATA_UINT8 || tensor->n_dims != 2 || !tensor->has_raw_data)
        return false;
    int64_t rows = tensor->dims[0], width = tensor->dims[1];
    return rows > 0 && rows <= (int64_t)TOKENS_MAX && width > 0 && width <= WIDTH_MAX &&
           tensor->raw_data.len == (size_t)rows * (size_t)width;
}

static bool find_table(const Onnx__Graph *model, const struct ending *ending, struct table *out)
{
    out->elements = find_tensor(model, ending->transpose->input[0]);
    return is_table(out->elements) &&
           read_scale(find_tensor(model, ending->dequantize->input[1]), &out->scale) &&
           read_zero(find_tensor(model, ending->dequantize->input[2]), &out->zero);
}

static bool find_ending(const Onnx__Graph *model, const Onnx__Graph *branch, const char *output,
                        struct ending *out)
{
    static const int64_t swap[] = { 1, 0 };

    out->product = find_operator(branch, output, "MatMul", 2);
    out->dequantize =
        out->product ? find_operator(branch, out->product->input[1], "DequantizeLinear", 3) : NULL;
    out->transpose =
        out->dequantize ? find_operator(branch, out->dequantize->input[0], "Transpose", 1) : NULL;
    return out->transpose &&
           (out->transpose->n_attribute == 0 ||
            onnx_node_has_integers(out->transpose, "perm", swap, COUNT(swap))) &&
           find_table(model, out, &out->table);
}

/* ---- rewriting ---- */

static size_t count_reads(const Onnx__Graph *graph, const char *tensor)
{
    size_t count = 0;

    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t k = 0; k < graph->node[i]->n_input; k++)
            count += strcmp(graph->node[i]->input[k], tensor) == 0;
    return count;
}

static void remove_unread(Onnx__Graph *graph, Onnx__Node *node)
{
    size_t i = 0;

    if (count_reads(graph, node->output[0]) > 0)
        return;
    while (graph->node[i] != node)
        i++;
    memmove(&graph->node[i], &graph->node[i + 1], (--graph->n_node - i) * sizeof *graph->node);
    onnx__node__free_unpacked(node, NULL);
}

static void set_bytes(ProtobufCBinaryData *field, const void *bytes, size_t length)
{
    free(field->data);
    field->data = xmalloc(length);
    field->len = length;
    memcpy(field->data, bytes, length);
}

static void set_text(char **field, const char *text)
{
    free(*field);
    *field = xstrdup(text);
}

static void rewrite_branch(Onnx__Graph *branch, const struct ending *ending, Onnx__Value *output)
{
    onnx_node_become(ending->product, "Identity",
                     (const char *const[]){ ending->product->input[0] }, 1);
    remove_unread(branch, ending->dequantize);
    remove_unread(branch, ending->transpose);
    set_bytes(&output->type, float_tensor, sizeof float_tensor);
    output->has_type = true;
}

/* The branch within the attribute gives its hidden state as output number index; *table is what it is
 * multiplied with. */
static bool take_from_branch(const Onnx__Graph *model, Onnx__Attribute *attribute, size_t index,
                             struct table *table)
{
    Onnx__Graph *branch = onnx__graph__unpack(NULL, attribute->graph.len, attribute->graph.data);
    struct ending ending;
    bool is_found = branch && index < branch->n_output && branch->output[index]->name &&
                    find_ending(model, branch, branch->output[index]->name, &ending);

    if (is_found) {
        *table = ending.table;
        rewrite_branch(branch, &ending, branch->output[index]);
        free(attribute->graph.data);
        attribute->graph.len = onnx__graph__get_packed_size(branch);
        attribute->graph.data = xmalloc(attribute->graph.len);
        onnx__graph__pack(branch, attribute->graph.data);
    }
    if (branch)
        onnx__graph__free_unpacked(branch, NULL);
    return is_found;
}

static bool take_from_branches(const Onnx__Graph *model, Onnx__Node *choice, size_t index,
                               struct table *table)
{
    size_t branches = 0;
    struct table first = { 0 };

    for (size_t i = 0; i < choice->n_attribute; i++) {
        if (!choice->attribute[i]->has_graph)
            continue;
        if (!take_from_branch(model, choice->attribute[i], index, table))
            return false;
        if (branches++ == 0)
            first = *table;
        else if (first.elements != table->elements || first.scale != table->scale ||
                 first.zero != table->zero)
            return false;
    }
    return branches == 2;
}

/* The number of the node's output of this name; n_output when it has none. */
static size_t find_output(const Onnx__Node *node, const char *name)
{
    size_t i = 0;

    while (i < node->n_output && strcmp(node->output[i], name) != 0)
        i++;
    return i;
}

static bool take_from_graph(Onnx__Graph *graph, struct table *table)
{
    Onnx__Node *choice = find_producer(graph, LOGITS);

    if (!choice || !choice->op_type || strcmp(choice->op_type, "If") != 0)
        return false;
    size_t index = find_output(choice, LOGITS);
    if (!take_from_branches(graph, choice, index, table))
        return false;
    set_text(&choice->output[index], TOKEN_SCORES_HIDDEN);
    for (size_t i = 0; i < graph->n_output; i++)
        if (graph->output[i]->name && strcmp(graph->output[i]->name, LOGITS) == 0) {
            set_text(&graph->output[i]->name, TOKEN_SCORES_HIDDEN);
            set_bytes(&graph->output[i]->type, float_tensor, sizeof float_tensor);
            graph->output[i]->has_type = true;
        }
    return true;
}

/* ---- the table ---- */

static struct token_scores *pack(const struct table *table)
{
    struct token_scores *scores = xcalloc(1, sizeof *scores);
    struct projection *p = &scores->projection;

    scores->width = (size_t)table->elements->dims[1];
    p->rows = (size_t)table->elements->dims[0];
    p->columns = (scores->width + NN_BYTES - 1) / NN_BYTES * NN_BYTES;
    p->scale = table->scale;
    p->zero = table->zero;
    p->weights = scores->weights = xcalloc(p->rows * p->columns / 4, sizeof *scores->weights);
    for (size_t row = 0; row < p->rows; row++)
        nn_pack_row(table->elements->raw_data.data + row * scores->width, scores->width, p->zero,
                    p->columns, scores->weights + row * p->columns / 4);
    return scores;
}

struct token_scores *token_scores_take(const void *bytes, size_t length, struct buf *rest)
{
    Onnx__Model *model = onnx__model__unpack(NULL, length, bytes);
    struct token_scores *scores = NULL;
    struct table table;

    if (model && model->graph && take_from_graph(model->graph, &table)) {
        size_t size = onnx__model__get_packed_size(model);
        uint8_t *packed = xmalloc(size);

        onnx__model__pack(model, packed);
        buf_append(rest, packed, size);
        free(packed);
        if (!rest->failed)
            scores = pack(&table);
    }
    if (model)
        onnx__model__free_unpacked(model, NULL);
    return scores;
}

void token_scores_destroy(struct token_scores *scores)
{
    if (!scores)
        return;
    free(scores->weights);
    free(scores);
}

size_t token_scores_width(const struct token_scores *scores)
{
    return scores->width;
}

size_t token_scores_count(const struct token_scores *scores)
{
    return scores->projection.rows;
}

void token_scores_compute(const struct token_scores *scores, const float *hidden, float *out)
{
    struct projection projection = scores->projection;
    float x[WIDTH_MAX + NN_BYTES] = { 0 };

    memcpy(x, hidden, scores->width * sizeof *x);
    projection.x = x;
    projection.out = out;
    nn_kernel_best()->project(&projection);
}
