#include "nn/adain.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

#define EPSILON 1e-5f
/* Rows whose moments are found at once: few enough to be in the cache when the mean is known and the
 * squares around it are summed up. The same for any number of lanes, so that the result is too. */
#define BLOCK_ROWS 1024

struct adain adain_bind(struct packing *packing, const char *prefix, size_t channels)
{
    char *node = str_format("%s/fc/Gemm", prefix);
    struct adain adain = { .channels = channels };

    adain.fc = gemm_bind(packing, node, 1, GEMM_COLUMN_FIRST, STYLE_PART, 2 * channels, node, 2);
    free(node);
    return adain;
}

/* --- moments --- */

struct blocks {
    const struct nn_kernel *kernel;
    const struct matrix *x;
    struct column_moments *moments; /* [block][column] */
};

static size_t block_rows(const struct matrix *x, size_t block)
{
    size_t left = x->rows - block * BLOCK_ROWS;

    return left < BLOCK_ROWS ? left : BLOCK_ROWS;
}

static void find_moments(void *state, size_t block, size_t lane)
{
    const struct blocks *blocks = state;
    const struct matrix *x = blocks->x;
    struct matrix rows = { matrix_row(x, block * BLOCK_ROWS), block_rows(x, block), x->columns,
                           x->stride };

    (void)lane;
    blocks->kernel->moments(&rows, 0, x->columns, blocks->moments + block * x->columns);
}

/* Of one column from those of its blocks: Chan, Golub and LeVeque, Updating Formulae and a Pairwise
 * Algorithm for Computing Sample Variances, 1979. most may become greater than it is. */
static struct column_moments joined(const struct blocks *blocks, size_t count, size_t column)
{
    const struct column_moments *of = blocks->moments + column;
    double mean = 0, squares = 0, rows = (double)blocks->x->rows;
    float most = 0;

    for (size_t b = 0; b < count; b++)
        mean += (double)block_rows(blocks->x, b) / rows * (double)of[b * blocks->x->columns].mean;
    for (size_t b = 0; b < count; b++) {
        const struct column_moments *block = &of[b * blocks->x->columns];
        double apart = (double)block->mean - mean;

        squares += (double)block_rows(blocks->x, b) * ((double)block->variance + apart * apart);
        most = fmaxf(most, block->most + fabsf((float)apart));
    }
    return (struct column_moments){ (float)mean, (float)(squares / rows), most };
}

/* --- activation --- */

/* [gamma, beta] */
static float *style_layer(const struct nn *nn, const struct adain *adain, const float *style)
{
    struct matrix out = workspace_matrix(nn->workspace, 1, 2 * adain->channels);
    struct matrix in = workspace_matrix(nn->workspace, 1, STYLE_PART);

    memcpy(in.data, style, STYLE_PART * sizeof *style);
    gemm_run(nn, &adain->fc, &in, &out);
    return out.data;
}

static void set_channel(float gamma, float beta, const struct column_moments *moments, float *scale,
                        float *shift)
{
    *scale = (1 + gamma) / sqrtf(moments->variance + EPSILON);
    *shift = beta - moments->mean * *scale;
}

/* |y| is at most this. */
static float bound(const struct column_moments *moments, float scale, float beta)
{
    return moments->most * fabsf(scale) + fabsf(beta);
}

/* NaN and infinity make it infinite, and it stays so. */
static float greater(float most, float next)
{
    if (!isfinite(next))
        return INFINITY;
    return next > most ? next : most;
}

static void set_activation(const struct adain *adain, const float *gamma,
                           const struct blocks *blocks, size_t count, const float *frequency,
                           float *scale, float *shift, float *most)
{
    const float *beta = gamma + adain->channels;

    for (size_t c = 0; c < adain->channels; c++) {
        struct column_moments moments = joined(blocks, count, c);

        set_channel(gamma[c], beta[c], &moments, &scale[c], &shift[c]);
        if (frequency)
            *most = greater(*most, fabsf(frequency[c]) * bound(&moments, scale[c], beta[c]));
    }
}

struct activation adain_activation(const struct nn *nn, const struct adain *adain,
                                   const float *style, const struct matrix *x,
                                   const float *frequency)
{
    size_t channels = matrix_stride(adain->channels), tail = channels - adain->channels;
    float *scale = workspace_floats(nn->workspace, channels);
    float *shift = workspace_floats(nn->workspace, channels);
    size_t mark = workspace_mark(nn->workspace), count = (x->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    const float *gamma = style_layer(nn, adain, style);
    struct blocks blocks = { nn->kernel, x, NULL };
    float most = 0;

    blocks.moments = (struct column_moments *)workspace_floats(
        nn->workspace, count * x->columns * sizeof *blocks.moments / sizeof(float));
    pool_run(nn->pool, count, find_moments, &blocks);
    memset(scale + adain->channels, 0, tail * sizeof *scale);
    memset(shift + adain->channels, 0, tail * sizeof *shift);
    set_activation(adain, gamma, &blocks, count, frequency, scale, shift, &most);
    workspace_release(nn->workspace, mark);
    return (struct activation){ .scale = scale, .shift = shift, .most = most };
}
