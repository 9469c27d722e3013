#include "nn/pitch.h"

#include <stdio.h>

#define FEATURES 640
#define SHARED 512 /* both directions of the LSTM */
#define HALF (SHARED / 2)
#define NODE_MAX 64

static void bind_curve(struct packing *packing, const char *name, struct adain_block blocks[3],
                       struct gemm *projection)
{
    static const struct {
        size_t inputs, outputs;
        bool doubles;
    } shapes[3] = { { SHARED, SHARED, false }, { SHARED, HALF, true }, { HALF, HALF, false } };
    char node[NODE_MAX];

    for (size_t i = 0; i < 3; i++) {
        snprintf(node, sizeof node, "/encoder/%s.%zu", name, i);
        blocks[i] =
            adain_block_bind(packing, node, shapes[i].inputs, shapes[i].outputs, shapes[i].doubles);
    }
    snprintf(node, sizeof node, "/encoder/%s_proj/Conv", name);
    *projection = gemm_bind_conv(packing, node, 1, HALF, 1, true);
}

void pitch_bind(struct packing *packing, struct pitch *pitch)
{
    pitch->shared = lstm_bind(packing, "/encoder/shared/LSTM", FEATURES, HALF);
    bind_curve(packing, "F0", pitch->f0, &pitch->f0_projection);
    bind_curve(packing, "N", pitch->energy, &pitch->energy_projection);
}

/* A value for each frame of x. */
static void project(const struct nn *nn, const struct gemm *projection, const struct matrix *x,
                    float *curve)
{
    struct matrix out = workspace_matrix(nn->workspace, x->rows, 1);

    gemm_run(nn, projection, x, &out);
    for (size_t i = 0; i < out.rows; i++)
        curve[i] = *matrix_row(&out, i);
}

static void predict(const struct nn *nn, const struct adain_block blocks[3],
                    const struct gemm *projection, const struct matrix *shared, const float *style,
                    float *curve)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix x = *shared;

    for (size_t i = 0; i < 3 && !cancel_is_requested(nn->cancel); i++) {
        struct matrix out = workspace_matrix(nn->workspace, blocks[i].doubles ? 2 * x.rows : x.rows,
                                             blocks[i].outputs);

        adain_block_run(nn, &blocks[i], style, &x, &out);
        x = out;
    }
    if (!cancel_is_requested(nn->cancel))
        project(nn, projection, &x, curve);
    workspace_release(nn->workspace, mark);
}

void pitch_run(const struct nn *nn, const struct pitch *pitch, const struct matrix *features,
               const float *style, float *f0, float *energy)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix shared =
        workspace_matrix(nn->workspace, features->rows, 2 * pitch->shared.hidden);

    lstm_run(nn, &pitch->shared, features, &shared);
    predict(nn, pitch->f0, &pitch->f0_projection, &shared, style, f0);
    predict(nn, pitch->energy, &pitch->energy_projection, &shared, style, energy);
    workspace_release(nn->workspace, mark);
}
