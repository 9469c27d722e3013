#pragma once

/*
 * Another sample rate or channel count, through libswresample: all at once, or
 * piece by piece for what does not fit into memory. The length is exact: n
 * frames become round(n * to / from), with the filter's delay taken out.
 *
 * A resampler belongs to one thread at a time. Layouts are pcm_check_layout's.
 */

#include "audio/pcm.h"

struct resampler;

/* NULL on failure. */
struct resampler *resampler_create(int from_rate_hz, int from_channels, int to_rate_hz,
                                   int to_channels, struct err *err);
void resampler_destroy(struct resampler *resampler); /* accepts NULL */

/* Appends to out, which has the new rate and channels, what these samples gave; it lags a few
 * milliseconds behind until finish, which is called once. */
bool resampler_write(struct resampler *resampler, const float *samples, size_t frames,
                     struct pcm *out, struct err *err) MUST_CHECK;
bool resampler_finish(struct resampler *resampler, struct pcm *out, struct err *err) MUST_CHECK;

/* All of src. On failure *out is empty; else pcm_release it. */
bool resample(const struct pcm *src, int rate_hz, int channels, struct pcm *out,
              struct err *err) MUST_CHECK;
