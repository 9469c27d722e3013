#pragma once

/*
 * Half a Hann window over the first or last frames, so that a cut edge does not
 * click: it begins and ends at 0 without a corner. Pure, in place, mono.
 */

#include <stddef.h>

void fade_in(float *samples, size_t frames);
void fade_out(float *samples, size_t frames);
