#include "nn/duration.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/adain.h"

#define HIDDEN 256
#define TEXT (2 * HIDDEN) /* features before the style */
#define STEPS 50          /* sigmoids of a token */

static const float norm_epsilon = 1e-5f;

_Static_assert(DURATION_FEATURES == TEXT + STYLE_PART, "the style follows the text's features");

/* --- binding --- */

void duration_bind(struct packing *packing, struct duration *duration)
{
    char node[96];

    duration->bert_encoder = gemm_bind(packing, "/encoder/bert_encoder/MatMul", 1, GEMM_DEPTH_FIRST,
                                       ALBERT_FEATURES, TEXT, "/encoder/bert_encoder/Add", 0);
    for (int i = 0; i < DURATION_LAYERS; i++) { /* the LSTMs are the even ones, the norms the odd */
        snprintf(node, sizeof node, "/encoder/predictor/text_encoder/lstms.%d/LSTM", 2 * i);
        duration->lstms[i] = lstm_bind(packing, node, DURATION_FEATURES, HIDDEN);
        snprintf(node, sizeof node, "/encoder/predictor/text_encoder/lstms.%d/fc/Gemm", 2 * i + 1);
        duration->norms[i] =
            gemm_bind(packing, node, 1, GEMM_COLUMN_FIRST, STYLE_PART, 2 * TEXT, node, 2);
    }
    duration->lstm = lstm_bind(packing, "/encoder/predictor/lstm/LSTM", DURATION_FEATURES, HIDDEN);
    duration->projection = gemm_bind(
        packing, "/encoder/predictor/duration_proj/linear_layer/MatMul", 1, GEMM_DEPTH_FIRST, TEXT,
        STEPS, "/encoder/predictor/duration_proj/linear_layer/Add", 0);
}

/* --- running --- */

static void append_style(const struct matrix *features, const float *style)
{
    for (size_t row = 0; row < features->rows; row++)
        memcpy(matrix_row(features, row) + TEXT, style, STYLE_PART * sizeof *style);
}

/* The style's scale and shift: 1 + gamma and beta, one behind the other. */
static const float *style_norm(const struct nn *nn, const struct gemm *norm, const float *style)
{
    struct matrix in = workspace_matrix(nn->workspace, 1, STYLE_PART);
    struct matrix out = workspace_matrix(nn->workspace, 1, 2 * TEXT);

    memcpy(in.data, style, STYLE_PART * sizeof *style);
    gemm_run(nn, norm, &in, &out);
    for (size_t i = 0; i < TEXT; i++)
        out.data[i] += 1;
    return out.data;
}

/* The text's part of features becomes the norm of what the LSTM makes of all of them. */
static void run_layer(const struct nn *nn, const struct duration *duration, size_t layer,
                      const float *style, const struct matrix *features)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix y = workspace_matrix(nn->workspace, features->rows, TEXT);
    const float *norm = style_norm(nn, &duration->norms[layer], style);

    lstm_run(nn, &duration->lstms[layer], features, &y);
    nn->kernel->layer_norm(&y, 0, y.rows, norm, norm + TEXT, norm_epsilon, features->data,
                           features->stride);
    workspace_release(nn->workspace, mark);
}

/* rintf rounds half to even, as the model's Round does. What is not a number lasts one frame. */
static int64_t count_frames(const struct nn *nn, float *steps, float speed)
{
    double sum = 0;
    float frames;

    nn->kernel->sigmoid(steps, steps, STEPS);
    for (size_t i = 0; i < STEPS; i++)
        sum += (double)steps[i];
    frames = rintf((float)sum / speed);
    if (!(frames > 1))
        return 1;
    return frames < DURATION_FRAMES_MAX ? (int64_t)frames : DURATION_FRAMES_MAX;
}

static void predict(const struct nn *nn, const struct duration *duration,
                    const struct matrix *features, float speed, int64_t *frames)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix y = workspace_matrix(nn->workspace, features->rows, TEXT);
    struct matrix steps = workspace_matrix(nn->workspace, features->rows, STEPS);

    lstm_run(nn, &duration->lstm, features, &y);
    gemm_run(nn, &duration->projection, &y, &steps);
    for (size_t row = 0; row < steps.rows; row++)
        frames[row] = count_frames(nn, matrix_row(&steps, row), speed);
    workspace_release(nn->workspace, mark);
}

void duration_run(const struct nn *nn, const struct duration *duration, const struct matrix *bert,
                  const float *style, float speed, const struct matrix *features, int64_t *frames)
{
    struct matrix text = { features->data, features->rows, TEXT, features->stride };

    gemm_run(nn, &duration->bert_encoder, bert, &text);
    append_style(features, style);
    for (size_t i = 0; i < DURATION_LAYERS && !cancel_is_requested(nn->cancel); i++)
        run_layer(nn, duration, i, style, features);
    predict(nn, duration, features, speed, frames);
}

void duration_stretch(const struct matrix *in, const int64_t *frames, const struct matrix *out)
{
    size_t to = 0;

    for (size_t row = 0; row < in->rows; row++)
        for (int64_t i = 0; i < frames[row]; i++) {
            assert(to < out->rows);
            memcpy(matrix_row(out, to++), matrix_row(in, row), in->columns * sizeof *in->data);
        }
}
