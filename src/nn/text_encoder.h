#pragma once

/* StyleTTS 2's text encoder: embedding of 512, three convolutions of five taps with layer norm over
 * channels and leaky rectifiers (0.2), and an LSTM. */

#include <stdint.h>

#include "nn/lstm.h"

#define TEXT_FEATURES 512
#define TEXT_SYMBOLS 178
#define TEXT_CONVS 3

struct text_encoder {
    const float *embedding; /* [TEXT_SYMBOLS][TEXT_FEATURES] */
    struct gemm convs[TEXT_CONVS];
    const float *norms[TEXT_CONVS][2]; /* gamma, beta */
    struct lstm lstm;
};

void text_encoder_bind(struct packing *packing, struct text_encoder *encoder);

/* ids are below TEXT_SYMBOLS. out: [count][TEXT_FEATURES]; cancelled, it holds anything. */
void text_encoder_run(const struct nn *nn, const struct text_encoder *encoder, const int64_t *ids,
                      size_t count, const struct matrix *out);
