#pragma once

/*
 * The loudest sample, and scaling so that it is where one wants it. Pure
 * functions over n samples of any number of channels. What is not finite counts
 * as 0. Whole recordings are normalised, never their pieces: scaling each
 * sentence by itself would make the level jump.
 */

#include <stddef.h>

/* -120 dBFS: below it there is only noise to raise, so it is silence. */
#define PEAK_SILENCE 1e-6f

/* The largest magnitude, 0 for none. */
float peak_find(const float *samples, size_t n);

/* What brings peak to target. 1 for silence, and for a target of 0, which asks for nothing. */
float peak_gain(float peak, float target);

/* Scales src so that its loudest sample is ±target (0.8913 is -1 dBFS). Silence is copied as it
 * is. dst and src do not overlap. */
void peak_normalize(float *restrict dst, const float *restrict src, size_t n, float target);
