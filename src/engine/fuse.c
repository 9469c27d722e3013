#include "engine/fuse.h"

#include <stdlib.h>
#include <string.h>

#include "engine/conv.h"
#include "engine/ort_ops.h"

#define EPSILON_MAX 1e-3f
#define TAPS_MIN 3

/* Instance norm over time, then the style's scale and shift. Names of tensors. */
struct norm {
    const char *x, *scale, *shift;
    float epsilon;
};

struct snake {
    struct norm norm;
    const char *frequency, *reciprocal;
};

/* --- pieces of patterns --- */

/* The node that makes a tensor when it is this operator with so many inputs, else NULL. */
static Onnx__Node *made_by(const struct onnx_graph *graph, const char *tensor, const char *op,
                           size_t inputs)
{
    Onnx__Node *node = onnx_graph_producer(graph, tensor);

    if (!node || strcmp(node->op_type, op) != 0 || node->n_input != inputs || node->n_output != 1 ||
        (node->domain && *node->domain))
        return NULL;
    return node;
}

static bool is_scalar(const struct onnx_graph *graph, const char *name, float *out)
{
    size_t count;
    const void *value = onnx_graph_floats(graph, onnx_graph_initializer(graph, name), &count);

    if (!value || count != 1)
        return false;
    memcpy(out, value, sizeof *out);
    return true;
}

static bool is_integer(const struct onnx_graph *graph, const char *name, int64_t expected)
{
    size_t count;
    const void *value = onnx_graph_integers(graph, onnx_graph_initializer(graph, name), &count);

    return value && count == 1 && memcmp(value, &expected, sizeof expected) == 0;
}

/* A value for each channel: floats [1, channels, 1]. */
static bool is_channel_row(const struct onnx_graph *graph, const char *name)
{
    const Onnx__Tensor *tensor = onnx_graph_initializer(graph, name);
    size_t count;

    return onnx_graph_floats(graph, tensor, &count) && tensor->n_dims == 3 &&
           tensor->dims[0] == 1 && tensor->dims[2] == 1;
}

/* The mean over time of x, as [1, channels, 1]. */
static bool is_mean_of(const struct onnx_graph *graph, const char *tensor, const char *x)
{
    const Onnx__Node *node = made_by(graph, tensor, "ReduceMean", 2);

    return node && strcmp(node->input[0], x) == 0 && is_integer(graph, node->input[1], 2) &&
           onnx_node_integer(node, "keepdims", 1) == 1;
}

/* (x - mean) / sqrt(mean of its square + epsilon) */
static bool match_normal(const struct onnx_graph *graph, const char *tensor, struct norm *out)
{
    const Onnx__Node *div = made_by(graph, tensor, "Div", 2);
    const Onnx__Node *sub = div ? made_by(graph, div->input[0], "Sub", 2) : NULL;
    const Onnx__Node *root = div ? made_by(graph, div->input[1], "Sqrt", 1) : NULL;
    const Onnx__Node *add = root ? made_by(graph, root->input[0], "Add", 2) : NULL;
    const Onnx__Node *mean = add ? made_by(graph, add->input[0], "ReduceMean", 2) : NULL;
    const Onnx__Node *square = mean ? made_by(graph, mean->input[0], "Mul", 2) : NULL;

    if (!sub || !square || !is_mean_of(graph, add->input[0], square->output[0]) ||
        strcmp(square->input[0], sub->output[0]) != 0 ||
        strcmp(square->input[1], sub->output[0]) != 0 ||
        !is_mean_of(graph, sub->input[1], sub->input[0]) ||
        !is_scalar(graph, add->input[1], &out->epsilon))
        return false;
    out->x = sub->input[0];
    return out->epsilon > 0 && out->epsilon <= EPSILON_MAX;
}

/* A part of the style's projection: Slice(Unsqueeze(Gemm, 2)), which is [1, channels, 1]. */
static bool is_projection(const struct onnx_graph *graph, const char *tensor)
{
    const Onnx__Node *slice = made_by(graph, tensor, "Slice", 4);
    const Onnx__Node *column = slice ? made_by(graph, slice->input[0], "Unsqueeze", 2) : NULL;

    return column && is_integer(graph, slice->input[3], 1) &&
           is_integer(graph, column->input[1], 2) && made_by(graph, column->input[0], "Gemm", 3);
}

/* (1 + projection) * normal + projection */
static bool match_norm(const struct onnx_graph *graph, const char *tensor, struct norm *out)
{
    const Onnx__Node *add = made_by(graph, tensor, "Add", 2);
    const Onnx__Node *mul = add ? made_by(graph, add->input[0], "Mul", 2) : NULL;
    const Onnx__Node *scale = mul ? made_by(graph, mul->input[0], "Add", 2) : NULL;
    float one;

    if (!scale || !is_scalar(graph, scale->input[1], &one) || one != 1.0f ||
        !is_projection(graph, scale->input[0]) || !is_projection(graph, add->input[1]) ||
        !match_normal(graph, mul->input[1], out))
        return false;
    out->scale = mul->input[0];
    out->shift = add->input[1];
    return true;
}

/* y + reciprocal * sin(frequency * y)^2 of a norm y */
static bool match_snake(const struct onnx_graph *graph, const char *tensor, struct snake *out)
{
    const Onnx__Node *add = made_by(graph, tensor, "Add", 2);
    const Onnx__Node *mul = add ? made_by(graph, add->input[1], "Mul", 2) : NULL;
    const Onnx__Node *power = mul ? made_by(graph, mul->input[1], "Pow", 2) : NULL;
    const Onnx__Node *sine = power ? made_by(graph, power->input[0], "Sin", 1) : NULL;
    const Onnx__Node *angle = sine ? made_by(graph, sine->input[0], "Mul", 2) : NULL;
    float two;

    if (!angle || !is_scalar(graph, power->input[1], &two) || two != 2.0f ||
        strcmp(angle->input[1], add->input[0]) != 0 || !is_channel_row(graph, mul->input[0]) ||
        !is_channel_row(graph, angle->input[0]) || !match_norm(graph, add->input[0], &out->norm))
        return false;
    out->frequency = angle->input[0];
    out->reciprocal = mul->input[0];
    return true;
}

/* --- a convolution --- */

struct conv {
    const Onnx__Tensor *weights;
    int64_t outputs, inputs, taps, dilation;
};

/* Of stride 1, one group, an odd number of taps, and zeros that keep the length. */
static bool match_conv(const struct onnx_graph *graph, const Onnx__Node *node, struct conv *out)
{
    const Onnx__Tensor *weights =
        node->n_input == 3 ? onnx_graph_initializer(graph, node->input[1]) : NULL;
    size_t count;

    if (!onnx_graph_floats(graph, weights, &count) || weights->n_dims != 3 ||
        !onnx_graph_floats(graph, onnx_graph_initializer(graph, node->input[2]), &count))
        return false;
    *out = (struct conv){ weights, weights->dims[0], weights->dims[1], weights->dims[2], 0 };
    for (int64_t d = 1; d <= 16 && !out->dilation; d++)
        if (onnx_node_has_integers(node, "dilations", &d, 1))
            out->dilation = d;
    int64_t pad = out->dilation * (out->taps - 1) / 2;
    return out->dilation && count == (size_t)out->outputs && out->outputs % KERNEL_BLOCK == 0 &&
           out->taps % 2 == 1 && out->taps >= TAPS_MIN && out->taps <= CONV_TAPS_MAX &&
           onnx_node_integer(node, "group", 1) == 1 &&
           onnx_node_has_integers(node, "strides", &(int64_t){ 1 }, 1) &&
           onnx_node_has_integers(node, "kernel_shape", &out->taps, 1) &&
           onnx_node_has_integers(node, "pads", (int64_t[]){ pad, pad }, 2) &&
           onnx_node_has_text(node, "auto_pad", "NOTSET");
}

/* Adds the packed form of the weights and gives its name, or NULL. The caller's. */
static char *pack_weights(struct onnx_graph *graph, const struct conv *conv)
{
    char *name = str_format("%s/packed", conv->weights->name);
    size_t outputs = (size_t)conv->outputs, inputs = (size_t)conv->inputs;
    size_t taps = (size_t)conv->taps, packed = conv_packed_count(outputs, inputs, taps), count;
    const void *from = onnx_graph_floats(graph, conv->weights, &count);
    float *aligned = try_alloc(count, sizeof *aligned);
    float *out = try_alloc(packed, sizeof *out);

    if (!aligned || !out) {
        free(aligned);
        free(out);
        free(name);
        return NULL;
    }
    memcpy(aligned, from, count * sizeof *aligned);
    conv_pack(aligned, outputs, inputs, taps, out);
    free(aligned);
    onnx_graph_add_floats(graph, name, out, packed);
    return name;
}

static bool fuse_convolution(struct onnx_graph *graph, Onnx__Node *node)
{
    struct snake snake;
    struct conv conv;

    if (strcmp(node->op_type, "Conv") != 0 || !match_conv(graph, node, &conv) ||
        !match_snake(graph, node->input[0], &snake))
        return false;
    char *packed = pack_weights(graph, &conv);
    if (!packed)
        return false;
    const char *const inputs[] = { snake.norm.x,    snake.norm.scale, snake.norm.shift,
                                   snake.frequency, snake.reciprocal, packed,
                                   node->input[2] };
    onnx_node_become(node, ORT_OPS_DOMAIN, ORT_OPS_ADAIN_CONV, inputs, COUNT(inputs));
    onnx_node_set_float(node, "epsilon", snake.norm.epsilon);
    onnx_node_set_integer(node, "taps", conv.taps);
    onnx_node_set_integer(node, "dilation", conv.dilation);
    free(packed);
    return true;
}

/* Is input k of a sum a fused convolution that nobody else reads, and the other a signal? */
static const Onnx__Node *summed_conv(const struct onnx_graph *graph, const Onnx__Node *sum,
                                     size_t k)
{
    const Onnx__Node *conv = onnx_graph_producer(graph, sum->input[k]);

    if (!conv || strcmp(conv->op_type, ORT_OPS_ADAIN_CONV) != 0 || conv->n_input != 7 ||
        onnx_graph_uses(graph, sum->input[k]) != 1 ||
        onnx_graph_initializer(graph, sum->input[1 - k]))
        return NULL;
    return conv;
}

static bool fuse_residual(struct onnx_graph *graph, Onnx__Node *node)
{
    const Onnx__Node *conv = NULL;
    const char *inputs[8];
    size_t k = 0;

    if (strcmp(node->op_type, "Add") != 0 || node->n_input != 2)
        return false;
    for (k = 0; k < 2 && !conv; k++)
        conv = summed_conv(graph, node, k);
    if (!conv)
        return false;
    for (size_t i = 0; i < 7; i++)
        inputs[i] = conv->input[i];
    inputs[7] = node->input[2 - k]; /* the loop stopped one behind the convolution */
    onnx_node_become(node, ORT_OPS_DOMAIN, ORT_OPS_ADAIN_CONV, inputs, COUNT(inputs));
    onnx_node_set_float(node, "epsilon", onnx_node_float(conv, "epsilon", 0));
    onnx_node_set_integer(node, "taps", onnx_node_integer(conv, "taps", 0));
    onnx_node_set_integer(node, "dilation", onnx_node_integer(conv, "dilation", 0));
    return true;
}

/* --- a norm by itself --- */

static bool become_norm(const struct onnx_graph *graph, Onnx__Node *node, const char *tensor,
                        float slope)
{
    struct norm norm;

    if (!match_norm(graph, tensor, &norm))
        return false;
    const char *const inputs[] = { norm.x, norm.scale, norm.shift };
    onnx_node_become(node, ORT_OPS_DOMAIN, ORT_OPS_ADAIN, inputs, COUNT(inputs));
    onnx_node_set_float(node, "epsilon", norm.epsilon);
    onnx_node_set_float(node, "slope", slope);
    return true;
}

static bool fuse_leaky_norm(struct onnx_graph *graph, Onnx__Node *node)
{
    float slope = onnx_node_float(node, "alpha", 0.01f);

    return strcmp(node->op_type, "LeakyRelu") == 0 && node->n_input == 1 && slope >= 0 &&
           slope <= 1 && become_norm(graph, node, node->input[0], slope);
}

static bool fuse_norm(struct onnx_graph *graph, Onnx__Node *node)
{
    return strcmp(node->op_type, "Add") == 0 && node->n_output == 1 &&
           become_norm(graph, node, node->output[0], 1);
}

/* --- all --- */

/* Nodes that these read are left alone; see fuse.h. */
static const char *const sensitive[] = { "CumSum", "STFT", "Atan", NULL };

static size_t each_node(struct onnx_graph *graph,
                        bool (*rewrite)(struct onnx_graph *graph, Onnx__Node *node))
{
    bool *is_upstream = onnx_graph_upstream(graph, sensitive);
    size_t count = 0;

    for (size_t i = 0; i < onnx_graph_node_count(graph); i++)
        count += !is_upstream[i] && rewrite(graph, onnx_graph_node(graph, i));
    free(is_upstream);
    return count;
}

void fuse_graph(struct onnx_graph *graph, struct fuse_counts *counts)
{
    *counts = (struct fuse_counts){ .convolutions = each_node(graph, fuse_convolution) };
    counts->residuals = each_node(graph, fuse_residual);
    /* What only fused convolutions read is gone, so that the norms left are by themselves. */
    onnx_graph_prune(graph);
    counts->norms = each_node(graph, fuse_leaky_norm);
    onnx_graph_prune(graph);
    counts->norms += each_node(graph, fuse_norm);
    onnx_graph_prune(graph);
    if (counts->convolutions + counts->norms > 0)
        onnx_graph_import(graph, ORT_OPS_DOMAIN, ORT_OPS_VERSION);
}
