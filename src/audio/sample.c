#include "audio/sample.h"

#include <math.h>
#include <string.h>

#define S16_SCALE 32768.0f
#define S24_SCALE 8388608.0f

float sample_clip(float sample)
{
    if (sample >= -1.0f && sample <= 1.0f)
        return sample;
    return isnan(sample) ? 0.0f : copysignf(1.0f, sample);
}

/* As it is unless a number format lets it be what no sound is. */
static float bounded(float sample)
{
    return isfinite(sample) ? sample : sample_clip(sample);
}

int16_t sample_to_s16(float sample)
{
    long value = lrintf(sample_clip(sample) * S16_SCALE);

    return (int16_t)(value > INT16_MAX ? INT16_MAX : value);
}

int32_t sample_to_s24(float sample)
{
    long value = lrintf(sample_clip(sample) * S24_SCALE);

    return (int32_t)(value > 0x7fffff ? 0x7fffff : value);
}

void sample_pack_s16(uint8_t *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t bits = (uint16_t)sample_to_s16(src[i]);

        dst[2 * i] = (uint8_t)bits;
        dst[2 * i + 1] = (uint8_t)(bits >> 8);
    }
}

void sample_pack_s24(uint8_t *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)sample_to_s24(src[i]);

        dst[3 * i] = (uint8_t)bits;
        dst[3 * i + 1] = (uint8_t)(bits >> 8);
        dst[3 * i + 2] = (uint8_t)(bits >> 16);
    }
}

void sample_pack_f32(uint8_t *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float sample = bounded(src[i]);

        memcpy(dst + 4 * i, &sample, 4); /* little-endian machines only, see wav.h */
    }
}

void sample_unpack_s16(float *dst, const uint8_t *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int16_t value = (int16_t)(uint16_t)(src[2 * i] | src[2 * i + 1] << 8);

        dst[i] = value / S16_SCALE;
    }
}

void sample_unpack_s24(float *dst, const uint8_t *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = src + 3 * i;
        int32_t value = p[0] | p[1] << 8 | p[2] << 16;

        dst[i] = (float)(value >= 0x800000 ? value - 0x1000000 : value) / S24_SCALE;
    }
}

void sample_unpack_f32(float *dst, const uint8_t *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float sample;

        memcpy(&sample, src + 4 * i, 4);
        dst[i] = bounded(sample);
    }
}
