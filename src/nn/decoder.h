#pragma once

/* StyleTTS 2's decoder before the generator: text, pitch and energy at 40 frames a second become
 * 512 channels at 80. */

#include "nn/adain_block.h"

#define DECODER_CHANNELS 512

struct decoder {
    struct gemm f0_conv, energy_conv; /* three taps, stride 2 */
    struct gemm text_residual;        /* asr_res: 512 to 64 */
    struct adain_block encode, decode[4];
};

void decoder_bind(struct packing *packing, struct decoder *decoder);

/* Adds weights of 8 bits to its blocks. */
void decoder_bind_int8(struct packing *packing, struct decoder *decoder);

/* text: [frames][512], the stretched text encoder's; f0, energy: [2 * frames]; style: the decoder's
 * half. A new matrix of [2 * frames][DECODER_CHANNELS] in the workspace; once cancelled, it holds
 * anything. */
struct matrix decoder_run(const struct nn *nn, const struct decoder *decoder,
                          const struct matrix *text, const float *f0, const float *energy,
                          const float *style);
