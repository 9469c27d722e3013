#include "audio/wav.h"

#include <assert.h>
#include <string.h>

#include "audio/sample.h"
#include "audio/wav_internal.h"

#define HEADER_MAX 80     /* RIFF, extensible fmt, fact, data */
#define PACK_SAMPLES 4096 /* converted at a time */

static const struct {
    int bytes; /* a sample */
    enum wav_tag tag;
    void (*pack)(uint8_t *dst, const float *src, size_t n);
} kinds[] = {
    [WAV_S16] = { 2, WAV_TAG_PCM, sample_pack_s16 },
    [WAV_S24] = { 3, WAV_TAG_PCM, sample_pack_s24 },
    [WAV_F32] = { 4, WAV_TAG_FLOAT, sample_pack_f32 },
};

/* A header under construction. */
struct header {
    uint8_t bytes[HEADER_MAX];
    size_t length;
};

static void put_bytes(struct header *h, const void *bytes, size_t length)
{
    assert(length <= sizeof h->bytes - h->length);
    memcpy(h->bytes + h->length, bytes, length);
    h->length += length;
}

static void put16(struct header *h, unsigned value)
{
    const uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8) };

    put_bytes(h, bytes, sizeof bytes);
}

static void put32(struct header *h, uint32_t value)
{
    put16(h, value & 0xffff);
    put16(h, value >> 16);
}

static void put_fmt_start(struct header *h, uint32_t size, enum wav_tag tag, enum wav_sample sample,
                          int rate_hz, int channels)
{
    int frame_bytes = channels * kinds[sample].bytes;

    put_bytes(h, "fmt ", 4);
    put32(h, size);
    put16(h, tag);
    put16(h, (unsigned)channels);
    put32(h, (uint32_t)rate_hz);
    put32(h, (uint32_t)rate_hz * (uint32_t)frame_bytes);
    put16(h, (unsigned)frame_bytes);
    put16(h, (unsigned)kinds[sample].bytes * 8);
}

/* dwChannelMask: front left and right, or front centre; above two, speakers are not our business. */
static uint32_t channel_mask(int channels)
{
    return channels == 1 ? 0x4 : channels == 2 ? 0x3 : 0;
}

static void put_fmt_extensible(struct header *h, enum wav_sample sample, int rate_hz, int channels)
{
    put_fmt_start(h, WAV_FMT_EXTENSIBLE_SIZE, WAV_TAG_EXTENSIBLE, sample, rate_hz, channels);
    put16(h, WAV_FMT_EXTENSIBLE_SIZE - WAV_FMT_SIZE - 2);
    put16(h, (unsigned)kinds[sample].bytes * 8); /* all bits are valid */
    put32(h, channel_mask(channels));
    put16(h, kinds[sample].tag);
    put_bytes(h, WAV_GUID_TAIL, WAV_GUID_TAIL_SIZE);
}

/* Microsoft asks for the extensible form above 16 bits or two channels, and for a fact chunk (the
 * number of frames) in all but plain PCM. Float keeps its own tag, which every reader knows. */
static void put_format(struct header *h, enum wav_sample sample, int rate_hz, int channels,
                       uint32_t frames)
{
    if (sample == WAV_S16 && channels <= 2) {
        put_fmt_start(h, WAV_FMT_SIZE, WAV_TAG_PCM, sample, rate_hz, channels);
        return;
    }
    if (sample == WAV_F32 && channels <= 2) {
        put_fmt_start(h, WAV_FMT_SIZE + 2, WAV_TAG_FLOAT, sample, rate_hz, channels);
        put16(h, 0); /* no extension */
    } else {
        put_fmt_extensible(h, sample, rate_hz, channels);
    }
    put_bytes(h, "fact", 4);
    put32(h, 4);
    put32(h, frames);
}

static void put_header(struct header *h, enum wav_sample sample, int rate_hz, int channels,
                       uint32_t data_bytes)
{
    bool is_known = data_bytes <= WAV_DATA_LIMIT;
    uint32_t frames = data_bytes / (uint32_t)(channels * kinds[sample].bytes);

    *h = (struct header){ 0 };
    put_bytes(h, "RIFF", 4);
    put32(h, 0); /* patched below */
    put_bytes(h, "WAVE", 4);
    put_format(h, sample, rate_hz, channels, is_known ? frames : WAV_SIZE_UNKNOWN);
    put_bytes(h, "data", 4);
    put32(h, is_known ? data_bytes : WAV_SIZE_UNKNOWN);

    size_t length = h->length;
    uint32_t padded = data_bytes + (data_bytes & 1);
    h->length = 4;
    put32(h, is_known ? (uint32_t)(length - 8) + padded : WAV_SIZE_UNKNOWN);
    h->length = length;
}

void wav_header(uint8_t out[WAV_HEADER_SIZE], int rate_hz, int channels, uint32_t data_bytes)
{
    struct header h;

    put_header(&h, WAV_S16, rate_hz, channels, data_bytes);
    assert(h.length == WAV_HEADER_SIZE); /* one or two channels */
    memcpy(out, h.bytes, WAV_HEADER_SIZE);
}

/* The header for the data written so far, at the start of the file. */
static bool write_header(struct wav_writer *w, struct err *err)
{
    struct header h;

    put_header(&h, w->sample, w->rate_hz, w->channels, (uint32_t)w->data_bytes);
    if (fseeko(w->out.file, 0, SEEK_SET) != 0 ||
        fwrite(h.bytes, 1, h.length, w->out.file) != h.length)
        return err_system(err, "write", w->out.path);
    return true;
}

bool wav_begin(struct wav_writer *w, const char *path, enum wav_sample sample, int rate_hz,
               int channels, struct err *err)
{
    *w = (struct wav_writer){ .sample = sample, .channels = channels, .rate_hz = rate_hz };
    if (!pcm_check_layout(rate_hz, channels, err) || !file_out_begin(&w->out, path, err))
        return false;
    if (!write_header(w, err)) {
        wav_release(w);
        return false;
    }
    return true;
}

bool wav_write(struct wav_writer *w, const float *samples, size_t frames, struct err *err)
{
    const size_t sample_bytes = (size_t)kinds[w->sample].bytes;
    const size_t frame_bytes = (size_t)w->channels * sample_bytes;
    uint8_t packed[PACK_SAMPLES * 4];

    if (frames > (WAV_DATA_LIMIT - w->data_bytes) / frame_bytes)
        return err_set(err, ERR_TOO_LARGE,
                       "%s: the audio is longer than a WAV file can hold (4 GB). Write another "
                       "format, such as FLAC.",
                       w->out.path);
    for (size_t left = frames * (size_t)w->channels; left > 0;) {
        size_t n = left < PACK_SAMPLES ? left : PACK_SAMPLES;

        kinds[w->sample].pack(packed, samples, n);
        if (fwrite(packed, sample_bytes, n, w->out.file) != n)
            return err_system(err, "write", w->out.path);
        samples += n;
        left -= n;
    }
    w->data_bytes += frames * frame_bytes;
    return true;
}

bool wav_commit(struct wav_writer *w, struct err *err)
{
    bool is_odd = w->data_bytes & 1; /* chunks are padded to even lengths */

    if (is_odd && fputc(0, w->out.file) == EOF)
        return err_system(err, "write", w->out.path);
    return write_header(w, err) && file_out_commit(&w->out, err);
}

void wav_release(struct wav_writer *w)
{
    file_out_release(&w->out);
}
