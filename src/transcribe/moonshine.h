#pragma once

/*
 * Moonshine (Jeffries et al. 2024, arXiv:2410.15608): an encoder that reads
 * 16 kHz samples as they are, and a decoder that writes tokens, one a step,
 * remembering the steps before in a cache. How many layers and heads there are
 * is read from the model.
 *
 * Immutable once open; any number of threads may hear with it at once.
 */

#include "engine/ort.h"
#include "transcribe/turn.h"

#define MOONSHINE_RATE_HZ 16000
#define MOONSHINE_SECONDS_MAX                                                                      \
    30.0 /* longer pieces make it repeat itself, and cost by their square */

struct moonshine;

/* folder holds encoder_model.onnx and decoder_model_merged.onnx. NULL on failure. ort outlives it. */
struct moonshine *moonshine_open(struct ort *ort, const char *folder, struct err *err);
void moonshine_close(struct moonshine *moonshine); /* accepts NULL */

/* What was heard; owned by the caller. */
struct moonshine_tokens {
    int32_t *items; /* without the start and the end */
    size_t count;
    double logprob_sum; /* of the tokens and, where it came, the end */
    size_t logprob_count;
};

void moonshine_tokens_release(struct moonshine_tokens *tokens); /* safe on a zeroed struct */

/* Mono samples, MOONSHINE_SECONDS_MAX at most. Blocks; computes while it holds the turn, which is
 * given back only by the caller; the turn's cancel ends it. On failure *out is empty. */
bool moonshine_hear(const struct moonshine *moonshine, const float *samples, size_t count,
                    struct turn *turn, struct moonshine_tokens *out, struct err *err) MUST_CHECK;
