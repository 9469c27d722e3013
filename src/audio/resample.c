#include "audio/resample.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "audio/ffmpeg_internal.h"

#define PIECE_FRAMES 65536 /* given to swresample at a time, which counts in int */

struct resampler {
    struct SwrContext *swr; /* owned */
    int from_rate_hz, from_channels, to_rate_hz, to_channels;
    uint64_t frames_in, frames_out;
};

struct resampler *resampler_create(int from_rate_hz, int from_channels, int to_rate_hz,
                                   int to_channels, struct err *err)
{
    AVChannelLayout layout;

    if (!pcm_check_layout(from_rate_hz, from_channels, err) ||
        !pcm_check_layout(to_rate_hz, to_channels, err) || !ffmpeg_open(err))
        return NULL;
    ffmpeg()->av_channel_layout_default(&layout, from_channels);
    struct SwrContext *swr =
        ffmpeg_converter(&layout, AV_SAMPLE_FMT_FLT, from_rate_hz, to_channels, to_rate_hz, err);
    if (!swr)
        return NULL;
    struct resampler *r = xcalloc(1, sizeof *r);
    *r = (struct resampler){ swr, from_rate_hz, from_channels, to_rate_hz, to_channels, 0, 0 };
    return r;
}

void resampler_destroy(struct resampler *r)
{
    if (!r)
        return;
    ffmpeg()->swr_free(&r->swr);
    free(r);
}

/* What all input so far is worth in frames of the output. */
static uint64_t frames_due(const struct resampler *r)
{
    uint64_t from = (uint64_t)r->from_rate_hz, to = (uint64_t)r->to_rate_hz;

    /* Whole seconds apart, so that the product cannot overflow. */
    return r->frames_in / from * to + (r->frames_in % from * to + from / 2) / from;
}

/* samples NULL: what is still inside. Never more than is due. */
static bool convert(struct resampler *r, const float *samples, int frames, struct pcm *out,
                    struct err *err)
{
    const uint8_t *in = (const uint8_t *)samples;

    assert(out->rate_hz == r->to_rate_hz && out->channels == r->to_channels);
    int room = ffmpeg()->swr_get_out_samples(r->swr, frames);
    if (room < 0)
        return ffmpeg_error(err, ERR_INTERNAL, room, "Cannot resample the audio");
    if (!pcm_reserve(out, (size_t)room, err))
        return false;
    uint8_t *end = (uint8_t *)(out->samples + out->frames * (size_t)out->channels);
    int got = ffmpeg()->swr_convert(r->swr, &end, room, samples ? &in : NULL, frames);
    if (got < 0)
        return ffmpeg_error(err, ERR_INTERNAL, got, "Cannot resample the audio");
    uint64_t due = frames_due(r) - r->frames_out;
    size_t taken = (uint64_t)got < due ? (size_t)got : (size_t)due;
    out->frames += taken;
    r->frames_out += taken;
    return true;
}

bool resampler_write(struct resampler *r, const float *samples, size_t frames, struct pcm *out,
                     struct err *err)
{
    while (frames > 0) {
        size_t n = frames < PIECE_FRAMES ? frames : PIECE_FRAMES;

        r->frames_in += n;
        if (!convert(r, samples, (int)n, out, err))
            return false;
        samples += n * (size_t)r->from_channels;
        frames -= n;
    }
    return true;
}

bool resampler_finish(struct resampler *r, struct pcm *out, struct err *err)
{
    if (!convert(r, NULL, 0, out, err))
        return false;
    uint64_t missing = frames_due(r) - r->frames_out;

    r->frames_out += missing;
    return pcm_append_silence(out, (size_t)missing, err);
}

bool resample(const struct pcm *src, int rate_hz, int channels, struct pcm *out, struct err *err)
{
    struct resampler *r = resampler_create(src->rate_hz, src->channels, rate_hz, channels, err);

    *out = PCM(rate_hz, channels);
    if (!r)
        return false;
    bool ok = pcm_reserve(out, pcm_frames(pcm_seconds(src), rate_hz), err) &&
              resampler_write(r, src->samples, src->frames, out, err) &&
              resampler_finish(r, out, err);
    if (!ok)
        pcm_release(out);
    resampler_destroy(r);
    return ok;
}
