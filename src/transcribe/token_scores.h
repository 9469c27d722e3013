#pragma once

/*
 * The last step of Moonshine's decoder, taken out of the model and computed here:
 * the product of the hidden state with the table of all tokens. The table is
 * quantised, 9 MB; as the model has it, each token to be written would first make
 * 38 MB of floats of it, which is more than half of all the work.
 *
 * Immutable; any thread.
 */

#include "base/buf.h"

/* The model's output in place of "logits", [batch, length, width]. */
#define TOKEN_SCORES_HIDDEN "hidden"

struct token_scores;

/* From the bytes of a merged decoder, whose other part is appended to rest. NULL when the model ends in
 * another way, as other exports may: it is then run as it is. */
struct token_scores *token_scores_take(const void *model, size_t length, struct buf *rest);
void token_scores_destroy(struct token_scores *scores); /* accepts NULL */

size_t token_scores_width(const struct token_scores *scores); /* of a hidden state */
size_t token_scores_count(const struct token_scores *scores); /* tokens */

/* A score for each token into out. */
void token_scores_compute(const struct token_scores *scores, const float *hidden, float *out);
