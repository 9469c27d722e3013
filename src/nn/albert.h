#pragma once

/*
 * PL-BERT, an ALBERT (Lan et al. 2019, arXiv:1909.11942) over phonemes: embeddings
 * of 128, mapped to 768, one layer applied twelve times: attention of 12 heads of
 * 64, feed-forward of 2048 with GELU, norms behind either.
 */

#include <stdint.h>

#include "nn/gemm.h"

#define ALBERT_FEATURES 768
#define ALBERT_TOKENS_MAX 512
#define ALBERT_WORDS 178
#define ALBERT_EMBEDDING 128
#define ALBERT_LAYERS 12

struct albert {
    const float *words, *positions; /* [ALBERT_WORDS or ALBERT_TOKENS_MAX][ALBERT_EMBEDDING] */
    const float *type;              /* [ALBERT_EMBEDDING]: the first type, which all tokens have */
    const float *embedding_norm[2]; /* weight, bias */
    struct gemm mapping, query, key, value, dense, ffn, ffn_output;
    const float *attention_norm[2], *output_norm[2];
};

void albert_bind(struct packing *packing, struct albert *albert);

/* out: [count][ALBERT_FEATURES]; ids are below ALBERT_WORDS, count is 1 to ALBERT_TOKENS_MAX. Cancelled, out
 * holds anything. */
void albert_run(const struct nn *nn, const struct albert *albert, const int64_t *ids, size_t count,
                const struct matrix *out);
