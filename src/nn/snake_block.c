#include "nn/snake_block.h"

#include "nn/conv_int8.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_LENGTH 96
#define NODES "/decoder/decoder/generator/"
#define WEIGHTS "decoder.decoder.generator."

/* --- weights --- */

static void pack_values(const float *source, const size_t *dims, float *packed)
{
    memcpy(packed, source, dims[0] * sizeof *packed);
}

static void pack_reciprocals(const float *source, const size_t *dims, float *packed)
{
    for (size_t i = 0; i < dims[0]; i++)
        packed[i] = 1 / source[i];
}

static const float *bind_alpha(struct packing *packing, const char *block, size_t which,
                               size_t step, size_t channels, packing_pack *pack)
{
    const size_t dims[] = { channels, 1 };
    char name[NAME_MAX_LENGTH];

    snprintf(name, sizeof name, WEIGHTS "%s.alpha%zu.%zu", block, which, step);
    return packing_next_named(packing, name, dims, 2, matrix_stride(channels), pack);
}

static struct adain bind_norm(struct packing *packing, const char *block, size_t which, size_t step,
                              size_t channels)
{
    char name[NAME_MAX_LENGTH];

    snprintf(name, sizeof name, NODES "%s/adain%zu.%zu", block, which, step);
    return adain_bind(packing, name, channels);
}

static const char *conv_node(char node[NAME_MAX_LENGTH], const char *block, size_t which,
                             size_t step)
{
    snprintf(node, NAME_MAX_LENGTH, NODES "%s/convs%zu.%zu/Conv", block, which, step);
    return node;
}

static struct conv bind_conv(struct packing *packing, const char *block, size_t which, size_t step,
                             size_t channels, size_t taps)
{
    char node[NAME_MAX_LENGTH];

    conv_node(node, block, which, step);
    return conv_bind(packing, node, channels, channels, taps, which == 1 ? 1 + 2 * step : 1);
}

struct snake_block snake_block_bind(struct packing *packing, const char *name, size_t channels,
                                    size_t taps)
{
    struct snake_block out = { .channels = channels };

    for (size_t i = 0; i < SNAKE_STEPS; i++) {
        out.norm1[i] = bind_norm(packing, name, 1, i, channels);
        out.frequency1[i] = bind_alpha(packing, name, 1, i, channels, pack_values);
        out.reciprocal1[i] = bind_alpha(packing, name, 1, i, channels, pack_reciprocals);
        out.conv1[i] = bind_conv(packing, name, 1, i, channels, taps);
        out.norm2[i] = bind_norm(packing, name, 2, i, channels);
        out.frequency2[i] = bind_alpha(packing, name, 2, i, channels, pack_values);
        out.reciprocal2[i] = bind_alpha(packing, name, 2, i, channels, pack_reciprocals);
        out.conv2[i] = bind_conv(packing, name, 2, i, channels, taps);
    }
    return out;
}

void snake_block_bind_int8(struct packing *packing, const char *name, struct snake_block *block)
{
    char node[NAME_MAX_LENGTH];

    for (size_t i = 0; i < SNAKE_STEPS && block->conv1[i].taps <= CONV_INT8_TAPS_MAX; i++) {
        conv_bind_int8(packing, conv_node(node, name, 1, i), &block->conv1[i]);
        conv_bind_int8(packing, conv_node(node, name, 2, i), &block->conv2[i]);
    }
}

/* --- running --- */

/* A norm, Snake and a convolution. */
struct layer {
    const struct adain *norm;
    const float *frequency, *reciprocal;
    const struct conv *conv;
};

static bool run_layer(const struct nn *nn, const struct layer *layer, const float *style,
                      const struct matrix *in, const struct matrix *residual,
                      const struct matrix *out, struct err *err)
{
    size_t mark = workspace_mark(nn->workspace);

    if (!cancel_check(nn->cancel, err))
        return false;
    struct activation activation = adain_activation(nn, layer->norm, style, in, layer->frequency);
    activation.kind = ACTIVATE_SNAKE;
    activation.frequency = layer->frequency;
    activation.reciprocal = layer->reciprocal;
    conv_run(nn, layer->conv, &activation, in, residual, out);
    workspace_release(nn->workspace, mark);
    return true;
}

bool snake_block_run(const struct nn *nn, const struct snake_block *block, const float *style,
                     const struct matrix *in, const struct matrix *out, struct err *err)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix between = workspace_matrix(nn->workspace, in->rows, block->channels);
    const struct matrix *x = in;
    bool ok = true;

    for (size_t i = 0; ok && i < SNAKE_STEPS; i++) {
        const struct layer first = { &block->norm1[i], block->frequency1[i], block->reciprocal1[i],
                                     &block->conv1[i] };
        const struct layer second = { &block->norm2[i], block->frequency2[i], block->reciprocal2[i],
                                      &block->conv2[i] };

        ok = run_layer(nn, &first, style, x, NULL, &between, err) &&
             run_layer(nn, &second, style, &between, x, out, err);
        x = out;
    }
    nn_forget(nn);
    workspace_release(nn->workspace, mark);
    return ok;
}
