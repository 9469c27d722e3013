#pragma once

/* A decoder that hears noise may fall into a loop and write the same few tokens until its limit. */

#include <stddef.h>
#include <stdint.h>

/* How many of the tokens to keep: all, or fewer where the end is a loop, of which one round is kept.
 * Called after each token, it looks at loops that end with the last one. */
size_t repetition_cut(const int32_t *tokens, size_t count);
