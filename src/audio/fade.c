#include "audio/fade.h"

#include <math.h>

/* At the middle of frame i of n, so that both directions are each other's mirror. */
static float level(size_t i, size_t n)
{
    return (float)(0.5 - 0.5 * cos(M_PI * ((double)i + 0.5) / (double)n));
}

void fade_in(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i++)
        samples[i] *= level(i, frames);
}

void fade_out(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i++)
        samples[i] *= level(frames - 1 - i, frames);
}
