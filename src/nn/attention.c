/*
 * A unit of work is a head. Its keys, transposed, and its values are packed as
 * the right sides of two products, between which a few rows of scores at a time
 * stay in the cache.
 */
#include "nn/attention.h"

#include <string.h>

#define SCORE_ROWS (4 * NN_ROWS)

_Static_assert(ATTENTION_HEAD % NN_PANEL == 0, "a head's values are whole panels");

/* 1 / sqrt(ATTENTION_HEAD). A power of two: scaling the keys rounds nothing. */
static const float score_scale = 1.0f / 8;

struct pass {
    const struct nn *nn;
    const struct attention *attention;
    const struct matrix *out;
    float *scratch; /* of each lane: keys, values, scores, the products' own */
    size_t scratch_count;
};

struct head {
    size_t tokens, stride; /* stride: tokens rounded up to panels */
    float *keys;           /* [panel of tokens][ATTENTION_HEAD][NN_PANEL] */
    float *values;         /* [panel of features][tokens][NN_PANEL] */
    float *scores;         /* [SCORE_ROWS][stride] */
    float *product;        /* nn_multiply_scratch of the deeper one */
};

static size_t product_scratch(size_t tokens)
{
    return nn_multiply_scratch(SCORE_ROWS, tokens > ATTENTION_HEAD ? tokens : ATTENTION_HEAD);
}

static size_t head_count(size_t tokens)
{
    size_t stride = matrix_stride(tokens);

    return stride * ATTENTION_HEAD + tokens * ATTENTION_HEAD + SCORE_ROWS * stride +
           product_scratch(tokens);
}

static struct head head_init(float *scratch, size_t tokens)
{
    struct head head = { .tokens = tokens, .stride = matrix_stride(tokens), .keys = scratch };

    head.values = head.keys + head.stride * ATTENTION_HEAD;
    head.scores = head.values + tokens * ATTENTION_HEAD;
    head.product = head.scores + SCORE_ROWS * head.stride;
    return head;
}

static void pack_keys(const struct head *head, const struct matrix *key, size_t column)
{
    for (size_t token = 0; token < head->stride; token++) {
        float *to = head->keys + token / NN_PANEL * ATTENTION_HEAD * NN_PANEL + token % NN_PANEL;

        if (token < head->tokens) {
            const float *from = matrix_row(key, token) + column;

            for (size_t i = 0; i < ATTENTION_HEAD; i++)
                to[i * NN_PANEL] = from[i] * score_scale;
        } else {
            for (size_t i = 0; i < ATTENTION_HEAD; i++)
                to[i * NN_PANEL] = 0;
        }
    }
}

static void pack_values(const struct head *head, const struct matrix *value, size_t column)
{
    float *to = head->values;

    for (size_t i = 0; i < ATTENTION_HEAD; i += NN_PANEL)
        for (size_t token = 0; token < head->tokens; token++, to += NN_PANEL)
            memcpy(to, matrix_row(value, token) + column + i, NN_PANEL * sizeof *to);
}

/* Rows first to first + count of the head's output. */
static void attend(const struct pass *pass, const struct head *head, size_t column, size_t first,
                   size_t count)
{
    const struct nn_kernel *kernel = pass->nn->kernel;
    const struct matrix *query = &pass->attention->query;
    struct product scores = {
        .a = matrix_row(query, first) + column,
        .a_stride = query->stride,
        .b = head->keys,
        .c = head->scores,
        .c_stride = head->stride,
        .rows = count,
        .depth = ATTENTION_HEAD,
        .columns = head->tokens,
    };
    struct product mix = {
        .a = head->scores,
        .a_stride = head->stride,
        .b = head->values,
        .c = matrix_row(pass->out, first) + column,
        .c_stride = pass->out->stride,
        .rows = count,
        .depth = head->tokens,
        .columns = ATTENTION_HEAD,
    };

    kernel->multiply(&scores, 0, count, head->product);
    for (size_t row = 0; row < count; row++)
        kernel->softmax(head->scores + row * head->stride, head->tokens);
    kernel->multiply(&mix, 0, count, head->product);
}

static void run_head(void *state, size_t unit, size_t lane)
{
    const struct pass *pass = (const struct pass *)state;
    size_t tokens = pass->attention->query.rows, column = unit * ATTENTION_HEAD;
    struct head head = head_init(pass->scratch + lane * pass->scratch_count, tokens);

    pack_keys(&head, &pass->attention->key, column);
    pack_values(&head, &pass->attention->value, column);
    for (size_t first = 0; first < tokens; first += SCORE_ROWS)
        attend(pass, &head, column, first,
               tokens - first < SCORE_ROWS ? tokens - first : SCORE_ROWS);
}

void attention_run(const struct nn *nn, const struct attention *attention, const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    size_t count = matrix_stride(head_count(attention->query.rows));
    struct pass pass = {
        .nn = nn,
        .attention = attention,
        .out = out,
        .scratch = workspace_floats(nn->workspace, pool_lanes(nn->pool) * count),
        .scratch_count = count,
    };

    pool_run(nn->pool, attention->query.columns / ATTENTION_HEAD, run_head, &pass);
    workspace_release(nn->workspace, mark);
}
