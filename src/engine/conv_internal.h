#pragma once

/* How scratch is divided between the activated input and its transform. */

#include "engine/conv.h"

/* Tiles of a transformed row, a whole number of any vectors: the plane's own and those its groups
 * reach into. */
#define CONV_ROW (CONV_PLANE + 16)

/* Activated samples of a row: what CONV_PLANE tiles of every phase and all groups look at. */
static inline size_t conv_span(const struct convolution *conv)
{
    size_t span = conv->dilation * CONV_STEP * (CONV_PLANE + conv_groups(conv->taps) + 1);

    return (span + 15) / 16 * 16;
}
