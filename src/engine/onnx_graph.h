#pragma once

/*
 * An ONNX graph in memory, to be rewritten and saved. Meant for models whose
 * weights lie in a file of their own: onnx_file.h looks at any.
 *
 * Names are ONNX's: a node reads and makes tensors by name, an initializer is a
 * tensor with its values. Nodes stand in an order in which each is made before
 * it is read; rewriting changes a node in place, so that its output keeps its
 * name, and onnx_graph_prune() then drops what nobody reads any more.
 *
 * One thread at a time. All that is returned belongs to the graph.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/onnx.pb-c.h"

struct onnx_graph;

/* Reads a model file and the weights it refers to, NULL when it has none. Both are borrowed and
 * outlive the graph. ERR_CORRUPT when the bytes are no such model, or a tensor lies outside of the
 * weights; ERR_UNSUPPORTED for graphs within nodes. NULL on failure. */
struct onnx_graph *onnx_graph_read(const void *model, size_t model_length, const void *weights,
                                   size_t weights_length, const char *what, struct err *err);
void onnx_graph_close(struct onnx_graph *graph); /* accepts NULL */

size_t onnx_graph_node_count(const struct onnx_graph *graph);
Onnx__Node *onnx_graph_node(const struct onnx_graph *graph, size_t index);

/* The node that makes a tensor, NULL for inputs and initializers. */
Onnx__Node *onnx_graph_producer(const struct onnx_graph *graph, const char *tensor);

/* How many inputs of nodes, and outputs of the graph, read a tensor; as of onnx_graph_read. */
size_t onnx_graph_uses(const struct onnx_graph *graph, const char *tensor);

/* For each node, whether one of these operators (NULL-terminated) reads, directly or not, what it
 * makes. The caller's. */
bool *onnx_graph_upstream(const struct onnx_graph *graph, const char *const *operators);

/* NULL: there is none of this name. */
const Onnx__Tensor *onnx_graph_initializer(const struct onnx_graph *graph, const char *name);

/* The elements of a tensor of floats or int64, wherever they are stored, or NULL for other types and
 * for one whose data do not fit its shape. They may be unaligned. */
const void *onnx_graph_floats(const struct onnx_graph *graph, const Onnx__Tensor *tensor,
                              size_t *count);
const void *onnx_graph_integers(const struct onnx_graph *graph, const Onnx__Tensor *tensor,
                                size_t *count);

/* An attribute's value. fallback is what ONNX prescribes where the attribute is not there. */
int64_t onnx_node_integer(const Onnx__Node *node, const char *name, int64_t fallback);
float onnx_node_float(const Onnx__Node *node, const char *name, float fallback);

/* Exactly these numbers? */
bool onnx_node_has_integers(const Onnx__Node *node, const char *name, const int64_t *values,
                            size_t count);
bool onnx_node_has_text(const Onnx__Node *node, const char *name, const char *text);

/* Makes the node another operator with other inputs, no attributes, and the same outputs. */
void onnx_node_become(Onnx__Node *node, const char *domain, const char *op,
                      const char *const *inputs, size_t input_count);
void onnx_node_set_integer(Onnx__Node *node, const char *name, int64_t value);
void onnx_node_set_float(Onnx__Node *node, const char *name, float value);

/* A new initializer of one dimension; name must not be taken. The floats are: malloc'ed. */
void onnx_graph_add_floats(struct onnx_graph *graph, const char *name, float *floats, size_t count);

void onnx_graph_import(struct onnx_graph *graph, const char *domain, int64_t version);

/* Drops nodes and initializers nobody reads, and the list of what tensors within are like. */
void onnx_graph_prune(struct onnx_graph *graph);

/* Writes tensors from some kilobytes on to a file, which the model is to lie beside. */
bool onnx_graph_save_weights(struct onnx_graph *graph, const char *path,
                             struct err *err) MUST_CHECK;

/* Writes the model; its weights have been saved. */
bool onnx_graph_save(const struct onnx_graph *graph, const char *path, struct err *err) MUST_CHECK;
