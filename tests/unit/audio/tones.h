#pragma once

/* Signals to test with, and what one asks of a result. */

#include <math.h>
#include <stdlib.h>

#include "audio/pcm.h"

/* A sine of the same phase on each channel; the caller's pcm_release. */
static inline struct pcm tone(double hz, double amplitude, double seconds, int rate_hz,
                              int channels)
{
    struct pcm pcm = PCM(rate_hz, channels);
    struct err err;

    if (!pcm_append_silence(&pcm, pcm_frames(seconds, rate_hz), &err))
        abort();
    for (size_t i = 0; i < pcm.frames; i++)
        for (int c = 0; c < channels; c++)
            pcm.samples[i * (size_t)channels + (size_t)c] =
                (float)(amplitude * sin(2.0 * M_PI * hz * (double)i / rate_hz));
    return pcm;
}

/* Noise in ±1, the same on every machine (the constants of Numerical Recipes). */
static inline float noise(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / 8388608.0f - 1.0f;
}

static inline double rms(const float *samples, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)samples[i] * samples[i];
    return n ? sqrt(sum / (double)n) : 0.0;
}

static inline double decibels(double amplitude)
{
    return 20.0 * log10(amplitude);
}

/* The amplitude of one frequency in the first channel (Goertzel's sum, written out). */
static inline double amplitude_at(const struct pcm *pcm, double hz)
{
    double re = 0.0, im = 0.0;

    for (size_t i = 0; i < pcm->frames; i++) {
        double x = pcm->samples[i * (size_t)pcm->channels];
        double angle = 2.0 * M_PI * hz * (double)i / pcm->rate_hz;

        re += x * cos(angle);
        im += x * sin(angle);
    }
    return pcm->frames ? 2.0 * sqrt(re * re + im * im) / (double)pcm->frames : 0.0;
}

/* Signal to noise of got against the expected samples, in dB. */
static inline double snr_db(const float *expected, const float *got, size_t n)
{
    double signal = 0.0, error = 1e-30;

    for (size_t i = 0; i < n; i++) {
        double e = (double)got[i] - expected[i];

        signal += (double)expected[i] * expected[i];
        error += e * e;
    }
    return 10.0 * log10(signal / error);
}
