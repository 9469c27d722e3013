#pragma once

/* Nodes of an ONNX graph as protobuf-c unpacks it, looked at and rewritten in place. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/onnx.pb-c.h"

/* Has the node an attribute of exactly these numbers? */
bool onnx_node_has_integers(const Onnx__Node *node, const char *name, const int64_t *values,
                            size_t count);

/* Makes the node another operator of ONNX's own with other inputs, no attributes, and the same
 * outputs. */
void onnx_node_become(Onnx__Node *node, const char *op, const char *const *inputs,
                      size_t input_count);
