#include "audio/encode.h"

#include <assert.h>
#include <stdlib.h>

#include "audio/encode_internal.h"
#include "audio/resample.h"
#include "audio/sample.h"
#include "audio/wav.h"

#define PACK_SAMPLES 4096
#define SLICE_FRAMES 16384 /* of the input at a time, which bounds what is kept of it */

struct encoder {
    enum audio_format format;
    int rate_hz, channels; /* of what is encoded */
    struct encoder_output output;
    struct resampler *resampler; /* NULL: the samples given have that rate; owned */
    struct pcm resampled;        /* a slice's */
    uint64_t data_bytes;         /* of WAV and PCM */
    struct codec *codec;         /* NULL for WAV and PCM; owned */
    bool is_finished;
};

/* What each format can take. kbps: the least, and the most for each channel; 0: no bit rate. */
static const struct {
    int channels_max, kbps_min, kbps_max;
} limits[] = {
    [AUDIO_WAV] = { 2, 0, 0 },
    [AUDIO_MP3] = { 2, 8, 320 },
    [AUDIO_OPUS] = { 2, 6, 256 },
    [AUDIO_AAC] = { PCM_CHANNELS_MAX, 16, 256 },
    [AUDIO_FLAC] = { PCM_CHANNELS_MAX, 0, 0 },
    [AUDIO_PCM] = { PCM_CHANNELS_MAX, 0, 0 },
    [AUDIO_M4B] = { PCM_CHANNELS_MAX, 16, 256 },
    [AUDIO_ULAW] = { PCM_CHANNELS_MAX, 0, 0 },
    [AUDIO_ALAW] = { PCM_CHANNELS_MAX, 0, 0 },
};

static bool check_chapters(const struct encoder_options *o, struct err *err)
{
    if (o->chapter_count == 0)
        return true;
    if (o->format != AUDIO_M4B)
        return err_set_param(err, ERR_INVALID, "chapters",
                             "Only M4B files have chapters, %s has "
                             "none.",
                             audio_format_name(o->format));
    if (o->chapter_count > AUDIO_CHAPTERS_MAX)
        return err_set_param(err, ERR_TOO_LARGE, "chapters", "%zu chapters are too many; %d fit.",
                             o->chapter_count, AUDIO_CHAPTERS_MAX);
    for (size_t i = 0; i < o->chapter_count; i++) {
        const struct audio_chapter *c = &o->chapters[i];

        if (c->start_frame >= c->end_frame || c->end_frame > INT64_MAX ||
            (i > 0 && c->start_frame < c[-1].end_frame))
            return err_set_param(
                err, ERR_INVALID, "chapters",
                "Chapter %zu (\"%.80s\") must end after it begins, and begin where "
                "the one before ends or later.",
                i + 1, c->title);
    }
    return true;
}

static bool check_options(const struct encoder_options *o, bool can_seek, struct err *err)
{
    const char *name = audio_format_name(o->format);
    int channels_max = limits[o->format].channels_max;
    int kbps_max = limits[o->format].kbps_max * o->channels;

    if (!pcm_check_layout(o->rate_hz, o->channels, err) ||
        (o->output_rate_hz != 0 && !pcm_check_layout(o->output_rate_hz, o->channels, err)))
        return false;
    if (o->channels > channels_max)
        return err_set_param(err, ERR_INVALID, "channels", "%s has room for %d channels, not %d.",
                             name, channels_max, o->channels);
    if (o->bitrate_kbps != 0 && kbps_max > 0 &&
        (o->bitrate_kbps < limits[o->format].kbps_min || o->bitrate_kbps > kbps_max))
        return err_set_param(err, ERR_INVALID, "bitrate_kbps",
                             "The bit rate of %s must be from %d to %d kbit/s, not %d.", name,
                             limits[o->format].kbps_min, kbps_max, o->bitrate_kbps);
    if (o->format == AUDIO_M4B && !can_seek)
        return err_set_param(err, ERR_INVALID, "format",
                             "M4B cannot be streamed: it needs a file to write to.");
    return check_chapters(o, err);
}

static bool needs_codec(enum audio_format format)
{
    return format != AUDIO_WAV && format != AUDIO_PCM;
}

static bool write_wav_header(struct encoder *e, uint32_t data_bytes, struct err *err)
{
    uint8_t header[WAV_HEADER_SIZE];

    wav_header(header, e->rate_hz, e->channels, data_bytes);
    return e->output.write(e->output.state, header, sizeof header, err);
}

/* The codec, which has a rate of its own, or the header. */
static bool open_output(struct encoder *e, const struct encoder_options *o, struct err *err)
{
    if (needs_codec(e->format)) {
        e->codec = codec_create(o, &e->output, err);
        if (e->codec)
            e->rate_hz = codec_rate_hz(e->codec);
        return e->codec;
    }
    return e->format != AUDIO_WAV || write_wav_header(e, UINT32_MAX, err);
}

static bool open_resampler(struct encoder *e, const struct encoder_options *o, struct err *err)
{
    if (e->rate_hz == o->rate_hz)
        return true;
    e->resampled = PCM(e->rate_hz, e->channels);
    e->resampler = resampler_create(o->rate_hz, e->channels, e->rate_hz, e->channels, err);
    return e->resampler;
}

struct encoder *encoder_create(const struct encoder_options *options,
                               const struct encoder_output *output, struct err *err)
{
    if (!check_options(options, output->seek != NULL, err))
        return NULL;
    struct encoder *e = xcalloc(1, sizeof *e);
    e->format = options->format;
    e->rate_hz = options->output_rate_hz ? options->output_rate_hz : options->rate_hz;
    e->channels = options->channels;
    e->output = *output;
    if (open_output(e, options, err) && open_resampler(e, options, err))
        return e;
    encoder_destroy(e);
    return NULL;
}

int encoder_rate_hz(const struct encoder *encoder)
{
    return encoder->rate_hz;
}

/* A file's header must hold its length; a stream may go on for ever. */
static bool has_room(const struct encoder *e, size_t frames, struct err *err)
{
    bool is_bounded = e->format == AUDIO_WAV && e->output.seek;

    if (!is_bounded || frames <= (WAV_DATA_LIMIT - e->data_bytes) / (2 * (size_t)e->channels))
        return true;
    return err_set(err, ERR_TOO_LARGE,
                   "The audio is longer than a WAV file can hold (4 GB). Write "
                   "another format, such as FLAC.");
}

static bool write_packed(struct encoder *e, const float *samples, size_t frames, struct err *err)
{
    uint8_t packed[PACK_SAMPLES * 2];

    if (!has_room(e, frames, err))
        return false;
    for (size_t left = frames * (size_t)e->channels; left > 0;) {
        size_t n = left < PACK_SAMPLES ? left : PACK_SAMPLES;

        sample_pack_s16(packed, samples, n);
        if (!e->output.write(e->output.state, packed, 2 * n, err))
            return false;
        e->data_bytes += 2 * n;
        samples += n;
        left -= n;
    }
    return true;
}

/* At the rate of what is encoded. */
static bool write_frames(struct encoder *e, const float *samples, size_t frames, struct err *err)
{
    return e->codec ? codec_write(e->codec, samples, frames, err)
                    : write_packed(e, samples, frames, err);
}

static bool write_resampled(struct encoder *e, struct err *err)
{
    bool ok = write_frames(e, e->resampled.samples, e->resampled.frames, err);

    e->resampled.frames = 0;
    return ok;
}

bool encoder_write(struct encoder *e, const float *samples, size_t frames, struct err *err)
{
    assert(!e->is_finished);
    while (frames > 0) {
        size_t n = frames < SLICE_FRAMES ? frames : SLICE_FRAMES;
        bool ok = e->resampler ? resampler_write(e->resampler, samples, n, &e->resampled, err) &&
                                     write_resampled(e, err)
                               : write_frames(e, samples, n, err);

        if (!ok)
            return false;
        samples += n * (size_t)e->channels;
        frames -= n;
    }
    return true;
}

bool encoder_finish(struct encoder *e, struct err *err)
{
    assert(!e->is_finished);
    e->is_finished = true;
    if (e->resampler &&
        !(resampler_finish(e->resampler, &e->resampled, err) && write_resampled(e, err)))
        return false;
    if (e->codec)
        return codec_finish(e->codec, err);
    if (e->format != AUDIO_WAV || !e->output.seek)
        return true;
    return e->output.seek(e->output.state, 0, err) &&
           write_wav_header(e, (uint32_t)e->data_bytes, err);
}

void encoder_destroy(struct encoder *e)
{
    if (!e)
        return;
    codec_destroy(e->codec);
    resampler_destroy(e->resampler);
    pcm_release(&e->resampled);
    free(e);
}
