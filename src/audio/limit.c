#include "audio/limit.h"

#include <math.h>

void limit_peaks(float *samples, size_t n)
{
    const float room = 1.0f - LIMIT_KNEE;

    for (size_t i = 0; i < n; i++) {
        float magnitude = fabsf(samples[i]);

        if (magnitude <= LIMIT_KNEE)
            continue;
        samples[i] =
            isnan(samples[i])
                ? 0.0f
                : copysignf(LIMIT_KNEE + room * tanhf((magnitude - LIMIT_KNEE) / room), samples[i]);
    }
}
