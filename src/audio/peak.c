#include "audio/peak.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 16 /* compared at a time */

static float finite_or_zero(float sample)
{
    return fabsf(sample) <= FLT_MAX ? sample : 0.0f;
}

/* Finite magnitudes are in the order of their bits, which compilers compare several at a time;
 * floats they may not, as a NaN would make the order matter. */
static int32_t magnitude_bits(float sample)
{
    const int32_t infinity = 0x7f800000;
    int32_t bits;

    memcpy(&bits, &sample, sizeof bits);
    bits &= INT32_MAX;
    return bits < infinity ? bits : 0;
}

float peak_find(const float *samples, size_t n)
{
    int32_t lanes[LANES] = { 0 }, loudest = 0;
    float out;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++) {
            int32_t bits = magnitude_bits(samples[i + lane]);

            lanes[lane] = bits > lanes[lane] ? bits : lanes[lane];
        }
    for (; i < n; i++) {
        int32_t bits = magnitude_bits(samples[i]);

        loudest = bits > loudest ? bits : loudest;
    }
    for (size_t lane = 0; lane < LANES; lane++)
        loudest = lanes[lane] > loudest ? lanes[lane] : loudest;
    memcpy(&out, &loudest, sizeof out);
    return out;
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
