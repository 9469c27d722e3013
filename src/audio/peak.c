#include "audio/peak.h"

#include <float.h>
#include <math.h>

static float finite_or_zero(float sample)
{
    return fabsf(sample) <= FLT_MAX ? sample : 0.0f;
}

float peak_find(const float *samples, size_t n)
{
    float loudest = 0.0f;

    for (size_t i = 0; i < n; i++)
        loudest = fmaxf(loudest, fabsf(finite_or_zero(samples[i])));
    return loudest;
}

float peak_gain(float peak, float target)
{
    return peak > PEAK_SILENCE && target > 0.0f ? target / peak : 1.0f;
}

void peak_normalize(float *restrict dst, const float *restrict src, size_t n, float target)
{
    float gain = peak_gain(peak_find(src, n), target);

    for (size_t i = 0; i < n; i++)
        dst[i] = finite_or_zero(src[i]) * gain;
}
