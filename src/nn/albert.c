#include "nn/albert.h"

#include <string.h>

#include "nn/attention.h"

#define FFN_FEATURES 2048
#define ROWS_OF_UNIT 16 /* of what is done row by row */

static const float norm_epsilon = 1e-12f;

/* --- binding --- */

static void pack_first_row(const float *source, const size_t *dims, float *packed)
{
    memcpy(packed, source, dims[1] * sizeof *packed);
}

static const float *bind_rows(struct packing *packing, const char *node, size_t rows)
{
    return packing_rows(packing, node, 0, rows, ALBERT_EMBEDDING);
}

static void bind_norm(struct packing *packing, const char *node, size_t features,
                      const float *norm[2])
{
    norm[0] = packing_vector(packing, node, 1, features);
    norm[1] = packing_vector(packing, node, 2, features);
}

#define ENCODER "/encoder/bert/encoder/"
#define LAYER ENCODER "albert_layer_groups.0/albert_layers.0/"

/* A linear layer is a MatMul, whose second operand are the weights, and an Add, whose first is the bias. */
#define BIND_LINEAR(packing, path, depth, columns)                                                 \
    gemm_bind(packing, path "/MatMul", 1, GEMM_DEPTH_FIRST, depth, columns, path "/Add", 0)

static void bind_layer(struct packing *packing, struct albert *albert)
{
    const size_t features = ALBERT_FEATURES;

    albert->query = BIND_LINEAR(packing, LAYER "attention/query", features, features);
    albert->key = BIND_LINEAR(packing, LAYER "attention/key", features, features);
    albert->value = BIND_LINEAR(packing, LAYER "attention/value", features, features);
    albert->dense = BIND_LINEAR(packing, LAYER "attention/dense", features, features);
    bind_norm(packing, LAYER "attention/LayerNorm/LayerNormalization", features,
              albert->attention_norm);
    albert->ffn = BIND_LINEAR(packing, LAYER "ffn", features, FFN_FEATURES);
    albert->ffn_output = BIND_LINEAR(packing, LAYER "ffn_output", FFN_FEATURES, features);
    bind_norm(packing, LAYER "full_layer_layer_norm/LayerNormalization", features,
              albert->output_norm);
}

void albert_bind(struct packing *packing, struct albert *albert)
{
#define EMBEDDINGS "/encoder/bert/embeddings/"
    albert->words = bind_rows(packing, EMBEDDINGS "word_embeddings/Gather", ALBERT_WORDS);
    albert->positions =
        bind_rows(packing, EMBEDDINGS "position_embeddings/Gather", ALBERT_TOKENS_MAX);
    albert->type =
        packing_next(packing, EMBEDDINGS "token_type_embeddings/Gather", 0,
                     (size_t[]){ 2, ALBERT_EMBEDDING }, 2, ALBERT_EMBEDDING, pack_first_row);
    bind_norm(packing, EMBEDDINGS "LayerNorm/LayerNormalization", ALBERT_EMBEDDING,
              albert->embedding_norm);
#undef EMBEDDINGS
    albert->mapping = BIND_LINEAR(packing, ENCODER "embedding_hidden_mapping_in", ALBERT_EMBEDDING,
                                  ALBERT_FEATURES);
    bind_layer(packing, albert);
}

/* --- what is done row by row --- */

struct row_work {
    const struct nn *nn;
    const struct matrix *x, *residual; /* residual: of norm_unit */
    const float *const *norm;
};

static size_t unit_rows(const struct row_work *work, size_t unit)
{
    size_t left = work->x->rows - unit * ROWS_OF_UNIT;

    return left < ROWS_OF_UNIT ? left : ROWS_OF_UNIT;
}

static void run_rows(const struct row_work *work,
                     void (*unit)(void *state, size_t unit, size_t lane))
{
    pool_run(work->nn->pool, (work->x->rows + ROWS_OF_UNIT - 1) / ROWS_OF_UNIT, unit, (void *)work);
}

/* residual = layer norm of x + residual */
static void norm_unit(void *state, size_t unit, size_t lane)
{
    const struct row_work *work = (const struct row_work *)state;
    size_t first = unit * ROWS_OF_UNIT, count = unit_rows(work, unit);

    (void)lane;
    for (size_t row = first; row < first + count; row++) {
        const float *x = matrix_row(work->x, row);
        float *sum = matrix_row(work->residual, row);

        for (size_t i = 0; i < work->x->columns; i++)
            sum[i] += x[i];
    }
    work->nn->kernel->layer_norm(work->residual, first, count, work->norm[0], work->norm[1],
                                 norm_epsilon, work->residual->data, work->residual->stride);
}

static void gelu_unit(void *state, size_t unit, size_t lane)
{
    const struct row_work *work = (const struct row_work *)state;
    size_t first = unit * ROWS_OF_UNIT, count = unit_rows(work, unit);

    (void)lane;
    for (size_t row = first; row < first + count; row++) {
        float *x = matrix_row(work->x, row);

        work->nn->kernel->gelu(x, x, work->x->columns);
    }
}

/* --- running --- */

static void embed(const struct nn *nn, const struct albert *albert, const int64_t *ids,
                  const struct matrix *out)
{
    for (size_t row = 0; row < out->rows; row++) {
        const float *word = albert->words + (size_t)ids[row] * ALBERT_EMBEDDING;
        const float *position = albert->positions + row * ALBERT_EMBEDDING;
        float *to = matrix_row(out, row);

        for (size_t i = 0; i < ALBERT_EMBEDDING; i++)
            to[i] = word[i] + albert->type[i] + position[i];
    }
    nn->kernel->layer_norm(out, 0, out->rows, albert->embedding_norm[0], albert->embedding_norm[1],
                           norm_epsilon, out->data, out->stride);
}

/* x becomes the norm of x and its attention. */
static void attend(const struct nn *nn, const struct albert *albert, const struct matrix *x)
{
    size_t mark = workspace_mark(nn->workspace);
    struct attention attention = {
        .query = workspace_matrix(nn->workspace, x->rows, ALBERT_FEATURES),
        .key = workspace_matrix(nn->workspace, x->rows, ALBERT_FEATURES),
        .value = workspace_matrix(nn->workspace, x->rows, ALBERT_FEATURES),
    };
    struct row_work norm = {
        .nn = nn, .x = &attention.key, .residual = x, .norm = albert->attention_norm
    };

    gemm_run(nn, &albert->query, x, &attention.query);
    gemm_run(nn, &albert->key, x, &attention.key);
    gemm_run(nn, &albert->value, x, &attention.value);
    attention_run(nn, &attention, &attention.query);
    gemm_run(nn, &albert->dense, &attention.query, &attention.key);
    run_rows(&norm, norm_unit);
    workspace_release(nn->workspace, mark);
}

/* x becomes the norm of x and what the feed-forward layers make of it. */
static void feed_forward(const struct nn *nn, const struct albert *albert, const struct matrix *x)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix inner = workspace_matrix(nn->workspace, x->rows, FFN_FEATURES);
    struct matrix outer = workspace_matrix(nn->workspace, x->rows, ALBERT_FEATURES);
    struct row_work gelu = { .nn = nn, .x = &inner };
    struct row_work norm = { .nn = nn, .x = &outer, .residual = x, .norm = albert->output_norm };

    gemm_run(nn, &albert->ffn, x, &inner);
    run_rows(&gelu, gelu_unit);
    gemm_run(nn, &albert->ffn_output, &inner, &outer);
    run_rows(&norm, norm_unit);
    workspace_release(nn->workspace, mark);
}

void albert_run(const struct nn *nn, const struct albert *albert, const int64_t *ids, size_t count,
                const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    struct matrix embedded = workspace_matrix(nn->workspace, count, ALBERT_EMBEDDING);

    embed(nn, albert, ids, &embedded);
    gemm_run(nn, &albert->mapping, &embedded, out);
    workspace_release(nn->workspace, mark);
    for (size_t i = 0; i < ALBERT_LAYERS; i++) {
        if (cancel_is_requested(nn->cancel))
            return;
        attend(nn, albert, out);
        if (cancel_is_requested(nn->cancel))
            return;
        feed_forward(nn, albert, out);
    }
}
