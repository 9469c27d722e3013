#include "engine/conv_internal.h"

/* G: what each point sees of four taps. */
static const double tap_transform[CONV_POINTS][CONV_STEP] = {
    { -1.0 / 4, 0, 0, 0 },
    { -1.0 / 6, -1.0 / 6, -1.0 / 6, -1.0 / 6 },
    { 1.0 / 18, -1.0 / 18, 1.0 / 18, -1.0 / 18 },
    { 1.0 / 72, 1.0 / 36, 1.0 / 18, 1.0 / 9 },
    { -1.0 / 120, 1.0 / 60, -1.0 / 30, 1.0 / 15 },
    { 32.0 / 45, 16.0 / 45, 8.0 / 45, 4.0 / 45 },
    { 0, 0, 0, 1.0 / 2 },
};

size_t conv_packed_count(size_t outputs, size_t inputs, size_t taps)
{
    return outputs * CONV_POINTS * inputs * conv_groups(taps);
}

static float transform_tap(const float *taps, size_t count, size_t group, size_t point)
{
    double sum = 0;

    for (size_t i = 0; i < CONV_STEP && group * CONV_STEP + i < count; i++)
        sum += tap_transform[point][i] * (double)taps[group * CONV_STEP + i];
    return (float)sum;
}

void conv_pack(const float *weights, size_t outputs, size_t inputs, size_t taps, float *packed)
{
    size_t groups = conv_groups(taps);

    for (size_t block = 0; block < outputs; block += KERNEL_BLOCK)
        for (size_t point = 0; point < CONV_POINTS; point++)
            for (size_t input = 0; input < inputs; input++)
                for (size_t group = 0; group < groups; group++)
                    for (size_t i = 0; i < KERNEL_BLOCK; i++)
                        *packed++ = transform_tap(weights + ((block + i) * inputs + input) * taps,
                                                  taps, group, point);
}

size_t conv_scratch_count(const struct convolution *conv)
{
    return conv->inputs * (conv_span(conv) + CONV_POINTS * CONV_ROW);
}
