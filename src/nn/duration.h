#pragma once

/*
 * How long each token lasts: BERT's features, mapped to 512, run with the style
 * through three LSTMs with adaptive layer norms, then an LSTM and a linear layer of
 * 50 sigmoids, whose sum divided by the speed and rounded (half to even) is the
 * token's length in frames of 25 ms, at least one.
 */

#include <stdint.h>

#include "nn/albert.h"
#include "nn/lstm.h"

#define DURATION_FEATURES 640 /* 512 and the style */
#define DURATION_LAYERS 3
#define DURATION_FRAMES_MAX 1000000 /* of a token: seven hours, so that sums stay small */

struct duration {
    struct gemm bert_encoder; /* 768 to 512 */
    struct lstm lstms[DURATION_LAYERS];
    struct gemm
        norms[DURATION_LAYERS]; /* style to 1024: gamma and beta of a layer norm over features */
    struct lstm lstm;
    struct gemm projection; /* 512 to 50 */
};

void duration_bind(struct packing *packing, struct duration *duration);

/* style: the prosody half. features: [count][DURATION_FEATURES], what the pitch is predicted from.
 * frames: [count], each 1 to DURATION_FRAMES_MAX. Cancelled, features and frames hold anything. */
void duration_run(const struct nn *nn, const struct duration *duration, const struct matrix *bert,
                  const float *style, float speed, const struct matrix *features, int64_t *frames);

/* Each row of in as often as its frames say; out has as many rows as all together. */
void duration_stretch(const struct matrix *in, const int64_t *frames, const struct matrix *out);
