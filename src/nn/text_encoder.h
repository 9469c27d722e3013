#pragma once

/* StyleTTS 2's text encoder: embedding of 512, three convolutions of five taps with layer norm over
 * channels and leaky rectifiers (0.2), and an LSTM. */

#include <stdint.h>

#include "nn/lstm.h"

#define TEXT_FEATURES 512

struct text_encoder {
    const float *embedding; /* [178][512] */
    struct gemm convs[3];
    const float *norms[3][2]; /* gamma, beta */
    struct lstm lstm;
};

void text_encoder_bind(struct packing *packing, struct text_encoder *encoder);

/* out: [count][TEXT_FEATURES] */
void text_encoder_run(const struct nn *nn, const struct text_encoder *encoder, const int64_t *ids,
                      size_t count, const struct matrix *out);
