#pragma once

/* Samples: float, nominally ±1, interleaved. Frames are per channel. */

#include <stddef.h>

#include "base/err.h"

struct pcm {
    float *samples; /* frames * channels of them; owned */
    size_t frames;
    size_t capacity; /* frames there is room for */
    int channels;
    int rate_hz;
};

/* What is taken from outside: wide enough for any real file, narrow enough that sizes cannot
 * overflow and one second is never more than 25 MB. */
#define PCM_RATE_MIN 1000
#define PCM_RATE_MAX 768000
#define PCM_CHANNELS_MAX 8

#define PCM(rate, channel_count) ((struct pcm){ .rate_hz = (rate), .channels = (channel_count) })

/* Makes room for more frames behind the present ones. ERR_INTERNAL when memory is gone. */
bool pcm_reserve(struct pcm *pcm, size_t more_frames, struct err *err) MUST_CHECK;
bool pcm_append(struct pcm *pcm, const float *samples, size_t frames, struct err *err) MUST_CHECK;
bool pcm_append_silence(struct pcm *pcm, size_t frames, struct err *err) MUST_CHECK;
/* ERR_INVALID, naming what is out of bounds. */
bool pcm_check_layout(int rate_hz, int channels, struct err *err) MUST_CHECK;

double pcm_seconds(const struct pcm *pcm);
void pcm_release(struct pcm *pcm);

/* Frames in this many seconds, rounded to the nearest; 0 for negative times. */
size_t pcm_frames(double seconds, int rate_hz);
