#pragma once

/*
 * Never beyond full scale, for speech that is passed on as it is made and so
 * cannot be brought to a level as a whole. Up to LIMIT_KNEE (-1 dBFS, where
 * recordings are brought to) samples stay as they are; what is louder approaches
 * full scale without reaching it, along a curve without a corner. It looks at
 * one sample at a time: nothing pumps, and nothing is delayed.
 *
 * Pure, in place. NaN becomes 0.
 */

#include <stddef.h>

#define LIMIT_KNEE 0.8913f

void limit_peaks(float *samples, size_t n);
