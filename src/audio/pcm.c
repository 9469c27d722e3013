#include "audio/pcm.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_FRAMES 4096

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_INTERNAL, "There is not enough memory for the audio.");
}

bool pcm_reserve(struct pcm *pcm, size_t more_frames, struct err *err)
{
    const size_t frame_bytes = (size_t)pcm->channels * sizeof *pcm->samples;
    const size_t most = SIZE_MAX / 2 / frame_bytes; /* so that doubling cannot overflow */

    if (more_frames <= pcm->capacity - pcm->frames)
        return true;
    if (pcm->frames > most || more_frames > most - pcm->frames)
        return no_memory(err);
    size_t wanted = pcm->frames + more_frames;
    size_t capacity = pcm->capacity ? 2 * pcm->capacity : FIRST_FRAMES;
    if (capacity < wanted)
        capacity = wanted;
    float *grown = realloc(pcm->samples, capacity * frame_bytes);
    if (!grown)
        return no_memory(err);
    pcm->samples = grown;
    pcm->capacity = capacity;
    return true;
}

bool pcm_append(struct pcm *pcm, const float *samples, size_t frames, struct err *err)
{
    size_t at = pcm->frames * (size_t)pcm->channels;

    if (!pcm_reserve(pcm, frames, err))
        return false;
    if (frames)
        memcpy(pcm->samples + at, samples, frames * (size_t)pcm->channels * sizeof *samples);
    pcm->frames += frames;
    return true;
}

bool pcm_append_silence(struct pcm *pcm, size_t frames, struct err *err)
{
    size_t at = pcm->frames * (size_t)pcm->channels;

    if (!pcm_reserve(pcm, frames, err))
        return false;
    if (frames)
        memset(pcm->samples + at, 0, frames * (size_t)pcm->channels * sizeof *pcm->samples);
    pcm->frames += frames;
    return true;
}

bool pcm_check_layout(int rate_hz, int channels, struct err *err)
{
    if (rate_hz < PCM_RATE_MIN || rate_hz > PCM_RATE_MAX)
        return err_set_param(err, ERR_INVALID, "rate_hz",
                             "The sample rate must be from %d to %d Hz, not %d.", PCM_RATE_MIN,
                             PCM_RATE_MAX, rate_hz);
    if (channels < 1 || channels > PCM_CHANNELS_MAX)
        return err_set_param(err, ERR_INVALID, "channels",
                             "The number of channels must be from 1 to %d, not %d.",
                             PCM_CHANNELS_MAX, channels);
    return true;
}

double pcm_seconds(const struct pcm *pcm)
{
    return pcm->rate_hz > 0 ? (double)pcm->frames / pcm->rate_hz : 0.0;
}

void pcm_release(struct pcm *pcm)
{
    free(pcm->samples);
    *pcm = (struct pcm){ .channels = pcm->channels, .rate_hz = pcm->rate_hz };
}

size_t pcm_frames(double seconds, int rate_hz)
{
    double frames = seconds * rate_hz;

    if (!(frames > 0.0)) /* also NaN */
        return 0;
    if (frames >= (double)(SIZE_MAX / 2))
        return SIZE_MAX / 2;
    return (size_t)(frames + 0.5);
}
