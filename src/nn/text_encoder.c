#include "nn/text_encoder.h"

#include <stdio.h>
#include <string.h>

#define HIDDEN (TEXT_FEATURES / 2)
#define TAPS 5
#define PAD (TAPS / 2) /* rows of zeros before the first and behind the last token */

static const float norm_epsilon = 1e-5f;
static const float leak = 0.2f;

/* --- binding --- */

void text_encoder_bind(struct packing *packing, struct text_encoder *encoder)
{
    char node[96];

    encoder->embedding = packing_rows(packing, "/encoder/text_encoder/embedding/Gather", 0,
                                      TEXT_SYMBOLS, TEXT_FEATURES);
    for (int i = 0; i < TEXT_CONVS; i++) {
        snprintf(node, sizeof node, "/encoder/text_encoder/cnn.%d/cnn.%d.0/Conv", i, i);
        encoder->convs[i] = gemm_bind_conv(packing, node, TEXT_FEATURES, TEXT_FEATURES, TAPS, true);
        snprintf(node, sizeof node, "/encoder/text_encoder/cnn.%d/cnn.%d.1/LayerNormalization", i,
                 i);
        encoder->norms[i][0] = packing_vector(packing, node, 1, TEXT_FEATURES);
        encoder->norms[i][1] = packing_vector(packing, node, 2, TEXT_FEATURES);
    }
    encoder->lstm = lstm_bind(packing, "/encoder/text_encoder/lstm/LSTM", TEXT_FEATURES, HIDDEN);
}

/* --- running --- */

/* The tokens' rows between rows of zeros. */
static struct matrix embed(const struct nn *nn, const struct text_encoder *encoder,
                           const int64_t *ids, size_t count)
{
    struct matrix padded = workspace_matrix(nn->workspace, count + 2 * PAD, TEXT_FEATURES);
    struct matrix tokens = { matrix_row(&padded, PAD), count, TEXT_FEATURES, padded.stride };
    size_t pad = PAD * padded.stride * sizeof *padded.data;

    memset(padded.data, 0, pad);
    memset(matrix_row(&padded, PAD + count), 0, pad);
    for (size_t row = 0; row < count; row++)
        memcpy(matrix_row(&tokens, row), encoder->embedding + (size_t)ids[row] * TEXT_FEATURES,
               TEXT_FEATURES * sizeof *tokens.data);
    return tokens;
}

static void rectify(const struct matrix *x)
{
    for (size_t row = 0; row < x->rows; row++) {
        float *values = matrix_row(x, row);

        for (size_t i = 0; i < x->columns; i++)
            values[i] = values[i] > 0 ? values[i] : leak * values[i];
    }
}

/* tokens, which lie between zeros, become the next ones; convolved: room for as many. */
static void run_layer(const struct nn *nn, const struct text_encoder *encoder, size_t layer,
                      const struct matrix *tokens, const struct matrix *convolved)
{
    /* A token's row is its window: it reaches over the rows of its neighbours. */
    struct matrix windows = { tokens->data - PAD * tokens->stride, tokens->rows,
                              TAPS * TEXT_FEATURES, tokens->stride };

    gemm_run(nn, &encoder->convs[layer], &windows, convolved);
    nn->kernel->layer_norm(convolved, 0, convolved->rows, encoder->norms[layer][0],
                           encoder->norms[layer][1], norm_epsilon, tokens->data, tokens->stride);
    rectify(tokens);
}

void text_encoder_run(const struct nn *nn, const struct text_encoder *encoder, const int64_t *ids,
                      size_t count, const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix tokens = embed(nn, encoder, ids, count);
    struct matrix convolved = workspace_matrix(nn->workspace, count, TEXT_FEATURES);

    for (size_t i = 0; i < TEXT_CONVS && !cancel_is_requested(nn->cancel); i++)
        run_layer(nn, encoder, i, &tokens, &convolved);
    lstm_run(nn, &encoder->lstm, &tokens, out);
    workspace_release(nn->workspace, mark);
}
