#pragma once

/* Fundamental frequency in Hz and energy, two values a frame, from the stretched features of the
 * duration predictor: an LSTM that both share, three residual blocks each, and a linear layer. */

#include "nn/adain_block.h"
#include "nn/lstm.h"

struct pitch {
    struct lstm shared; /* 640 to 2 * 256 */
    struct adain_block f0[3], energy[3];
    struct gemm f0_projection, energy_projection; /* 256 to 1 */
};

void pitch_bind(struct packing *packing, struct pitch *pitch);

/* style: the prosody half. f0 and energy: [2 * frames]; once cancelled, they hold anything. */
void pitch_run(const struct nn *nn, const struct pitch *pitch, const struct matrix *features,
               const float *style, float *f0, float *energy);
