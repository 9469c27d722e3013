#include "engine/onnx_node.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

bool onnx_node_has_integers(const Onnx__Node *node, const char *name, const int64_t *values,
                            size_t count)
{
    for (size_t i = 0; i < node->n_attribute; i++) {
        const Onnx__Attribute *attribute = node->attribute[i];

        if (attribute->name && strcmp(attribute->name, name) == 0)
            return attribute->n_ints == count &&
                   memcmp(attribute->ints, values, count * sizeof *values) == 0;
    }
    return false;
}

/* protobuf-c's empty string is one that must not be freed. */
static void free_text(char *text)
{
    if (text != protobuf_c_empty_string)
        free(text);
}

static void set_text(char **text, const char *value)
{
    free_text(*text);
    *text = xstrdup(value);
}

void onnx_node_become(Onnx__Node *node, const char *op, const char *const *inputs,
                      size_t input_count)
{
    char **copies = xcalloc(input_count + 1, sizeof *copies);

    for (size_t i = 0; i < input_count; i++) /* which may be the node's own */
        copies[i] = xstrdup(inputs[i]);
    for (size_t i = 0; i < node->n_input; i++)
        free_text(node->input[i]);
    free(node->input);
    for (size_t i = 0; i < node->n_attribute; i++)
        onnx__attribute__free_unpacked(node->attribute[i], NULL);
    free(node->attribute);
    node->attribute = NULL;
    node->n_attribute = 0;
    node->input = copies;
    node->n_input = input_count;
    set_text(&node->op_type, op);
    set_text(&node->domain, "");
}
