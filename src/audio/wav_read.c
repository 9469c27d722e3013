/* Reading WAV files that anyone may have written, of any length, cut anywhere. */
#include "audio/wav.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/sample.h"
#include "audio/wav_internal.h"

#define CHUNKS_MAX 1000 /* before the samples; real files have a handful */
#define READ_SAMPLES 4096

/* What sox, espeak and others write as a size when the output cannot be patched, less a frame. */
#define SIZE_PLACEHOLDER (0x7ffff000u - PCM_CHANNELS_MAX * 4)

struct wav_reader {
    FILE *file;       /* owned, but for wav_check_length */
    const char *path; /* for messages */
    uint64_t size;    /* of the file */
    uint32_t riff_size;
    struct wav_info info;
    int frame_bytes; /* 0: no fmt chunk yet */
    uint64_t data_offset;
    uint64_t frames_left; /* not read yet */
};

struct chunk {
    char id[4];
    uint32_t size;
    uint64_t start; /* of its content, in the file */
};

static const struct {
    int tag, bits;
    enum wav_sample sample;
    void (*unpack)(float *dst, const uint8_t *src, size_t n);
} kinds[] = {
    { WAV_TAG_PCM, 16, WAV_S16, sample_unpack_s16 },
    { WAV_TAG_PCM, 24, WAV_S24, sample_unpack_s24 },
    { WAV_TAG_FLOAT, 32, WAV_F32, sample_unpack_f32 },
};

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static bool read_exactly(struct wav_reader *r, void *out, size_t length, struct err *err)
{
    if (fread(out, 1, length, r->file) == length)
        return true;
    if (ferror(r->file))
        return err_system(err, "read", r->path);
    return err_set(err, ERR_CORRUPT, "%s is cut off: it ends before it should.", r->path);
}

static bool check_regular(struct wav_reader *r, struct err *err)
{
    struct stat st;

    if (!r->file || fstat(fileno(r->file), &st) != 0)
        return err_system(err, "open", r->path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "%s is not a file.", r->path);
    r->size = (uint64_t)st.st_size;
    return true;
}

static bool read_riff(struct wav_reader *r, struct err *err)
{
    uint8_t head[12];

    if (r->size < sizeof head)
        return err_set(err, ERR_CORRUPT, "%s is not a WAV file: it has only %llu bytes.", r->path,
                       (unsigned long long)r->size);
    if (!read_exactly(r, head, sizeof head, err))
        return false;
    if (memcmp(head, "RF64", 4) == 0 || memcmp(head, "RIFX", 4) == 0)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s is an %.4s file; only RIFF WAVE can be read here. Convert it to WAV or "
                       "FLAC.",
                       r->path, (const char *)head);
    if (memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WAVE", 4) != 0)
        return err_set(err, ERR_CORRUPT, "%s is not a WAV file: it does not begin with RIFF WAVE.",
                       r->path);
    r->riff_size = get32(head + 4);
    return true;
}

/* The tag itself, or for the extensible form the one inside. -1 for a GUID that is not ours. */
static int format_tag(const uint8_t *fmt, uint32_t size)
{
    int tag = get16(fmt);

    if (tag != WAV_TAG_EXTENSIBLE || size < WAV_FMT_EXTENSIBLE_SIZE)
        return tag;
    return memcmp(fmt + 26, WAV_GUID_TAIL, WAV_GUID_TAIL_SIZE) == 0 ? get16(fmt + 24) : -1;
}

static bool set_sample(struct wav_reader *r, int tag, int bits, struct err *err)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (kinds[i].tag == tag && kinds[i].bits == bits) {
            r->info.sample = kinds[i].sample;
            return true;
        }
    }
    return err_set(
        err, ERR_UNSUPPORTED,
        "%s holds %d-bit samples of kind %d; only 16-bit and 24-bit PCM and 32-bit float "
        "can be read here.",
        r->path, bits, tag);
}

static bool read_fmt(struct wav_reader *r, const struct chunk *chunk, struct err *err)
{
    uint8_t fmt[WAV_FMT_EXTENSIBLE_SIZE] = { 0 };
    size_t length = chunk->size < sizeof fmt ? chunk->size : sizeof fmt;

    if (chunk->size < WAV_FMT_SIZE)
        return err_set(err, ERR_CORRUPT, "%s: its fmt chunk has %u bytes instead of at least %d.",
                       r->path, chunk->size, WAV_FMT_SIZE);
    if (!read_exactly(r, fmt, length, err))
        return false;
    uint32_t rate_hz = get32(fmt + 4);
    int channels = get16(fmt + 2), bits = get16(fmt + 14), frame_bytes = get16(fmt + 12);
    if (rate_hz < PCM_RATE_MIN || rate_hz > PCM_RATE_MAX)
        return err_set(err, ERR_CORRUPT, "%s claims a sample rate of %u Hz; %d to %d are possible.",
                       r->path, rate_hz, PCM_RATE_MIN, PCM_RATE_MAX);
    if (channels < 1 || channels > PCM_CHANNELS_MAX)
        return err_set(err, ERR_CORRUPT, "%s claims %d channels; 1 to %d are possible.", r->path,
                       channels, PCM_CHANNELS_MAX);
    r->info.rate_hz = (int)rate_hz;
    r->info.channels = channels;
    if (!set_sample(r, format_tag(fmt, chunk->size), bits, err))
        return false;
    if (frame_bytes != channels * bits / 8)
        return err_set(err, ERR_CORRUPT,
                       "%s claims %d bytes a frame; %d channels of %d bits have "
                       "%d.",
                       r->path, frame_bytes, channels, bits, channels * bits / 8);
    r->frame_bytes = frame_bytes;
    return true;
}

/* A size that was never filled in. 0 is honest when the RIFF size fits it. */
static bool is_unknown(const struct wav_reader *r, const struct chunk *chunk, uint64_t left)
{
    uint64_t riff_end = (uint64_t)r->riff_size + 8;

    if (chunk->size == 0)
        return left > 0 && (riff_end <= chunk->start || riff_end > r->size);
    return chunk->size > left && (chunk->size == WAV_SIZE_UNKNOWN ||
                                  (chunk->size >= SIZE_PLACEHOLDER && chunk->size <= INT32_MAX));
}

static bool cut_off(const struct wav_reader *r, uint64_t promised, uint64_t left, struct err *err)
{
    return err_set(err, ERR_CORRUPT,
                   "%s is cut off: it promises %llu bytes of samples and has %llu.", r->path,
                   (unsigned long long)promised, (unsigned long long)left);
}

static bool read_data_size(struct wav_reader *r, const struct chunk *chunk, struct err *err)
{
    uint64_t left = r->size - chunk->start;

    if (r->frame_bytes == 0)
        return err_set(err, ERR_CORRUPT,
                       "%s does not say what its samples are: it has no fmt "
                       "chunk before them.",
                       r->path);
    uint64_t bytes =
        is_unknown(r, chunk, left) ? left - left % (uint64_t)r->frame_bytes : chunk->size;
    if (bytes > left)
        return cut_off(r, bytes, left, err);
    if (bytes % (uint64_t)r->frame_bytes != 0)
        return err_set(err, ERR_CORRUPT, "%s: its samples end inside a frame.", r->path);
    r->info.frames = bytes / (uint64_t)r->frame_bytes;
    r->data_offset = chunk->start;
    return true;
}

static bool next_chunk(struct wav_reader *r, uint64_t *at, struct chunk *chunk, struct err *err)
{
    uint8_t head[8];

    if (*at + sizeof head > r->size)
        return err_set(err, ERR_CORRUPT, "%s has no samples: it ends before a data chunk.",
                       r->path);
    if (fseeko(r->file, (off_t)*at, SEEK_SET) != 0)
        return err_system(err, "read", r->path);
    if (!read_exactly(r, head, sizeof head, err))
        return false;
    memcpy(chunk->id, head, 4);
    chunk->size = get32(head + 4);
    chunk->start = *at + sizeof head;
    *at = chunk->start + chunk->size + (chunk->size & 1);
    return true;
}

/* Up to the samples: finds fmt, skips whatever else comes before. */
static bool read_header(struct wav_reader *r, struct err *err)
{
    struct chunk chunk;
    uint64_t at = 12;

    if (!read_riff(r, err))
        return false;
    for (int i = 0; i < CHUNKS_MAX; i++) {
        if (!next_chunk(r, &at, &chunk, err))
            return false;
        if (memcmp(chunk.id, "data", 4) == 0)
            return read_data_size(r, &chunk, err);
        if (memcmp(chunk.id, "fmt ", 4) == 0 && !read_fmt(r, &chunk, err))
            return false;
    }
    return err_set(err, ERR_CORRUPT, "%s has more than %d chunks before its samples.", r->path,
                   CHUNKS_MAX);
}

bool wav_check_length(FILE *file, uint64_t size, const char *name, struct err *err)
{
    struct wav_reader r = { .file = file, .path = name, .size = size };
    struct chunk chunk;
    struct err ignored;
    uint64_t at = 12;

    if (fseeko(file, 0, SEEK_SET) != 0 || !read_riff(&r, &ignored))
        return true;
    for (int i = 0; i < CHUNKS_MAX && next_chunk(&r, &at, &chunk, &ignored); i++) {
        uint64_t left = size - chunk.start;

        if (memcmp(chunk.id, "data", 4) == 0)
            return chunk.size <= left || is_unknown(&r, &chunk, left) ||
                   cut_off(&r, chunk.size, left, err);
    }
    return true;
}

/* --- opening and reading --- */

static void reader_release(struct wav_reader *r)
{
    if (r->file)
        fclose(r->file);
}

/* Up to the first sample. */
static bool reader_begin(struct wav_reader *r, struct err *err)
{
    if (!check_regular(r, err) || !read_header(r, err))
        return false;
    if (fseeko(r->file, (off_t)r->data_offset, SEEK_SET) != 0)
        return err_system(err, "read", r->path);
    r->frames_left = r->info.frames;
    return true;
}

static bool reader_open(struct wav_reader *r, const char *path, struct err *err)
{
    *r = (struct wav_reader){ .path = path, .file = fopen(path, "rbe") };
    return reader_begin(r, err);
}

struct wav_reader *wav_open_descriptor(int fd, const char *name, struct err *err)
{
    struct wav_reader *r = xcalloc(1, sizeof *r);

    *r = (struct wav_reader){ .path = name, .file = fdopen(fd, "rb") };
    if (!r->file) {
        err_system(err, "open", name);
        close(fd);
    } else if (reader_begin(r, err)) {
        return r;
    }
    wav_close(r);
    return NULL;
}

void wav_close(struct wav_reader *r)
{
    if (!r)
        return;
    reader_release(r);
    free(r);
}

const struct wav_info *wav_reader_info(const struct wav_reader *r)
{
    return &r->info;
}

bool wav_read_frames(struct wav_reader *r, float *samples, size_t frames_max, size_t *frames,
                     struct err *err)
{
    const size_t channels = (size_t)r->info.channels;
    const size_t sample_bytes = (size_t)r->frame_bytes / channels;
    size_t wanted = r->frames_left < frames_max ? (size_t)r->frames_left : frames_max;
    uint8_t packed[READ_SAMPLES * 4];

    *frames = 0;
    for (size_t at = 0; at < wanted * channels;) {
        size_t left = wanted * channels - at;
        size_t n = left < READ_SAMPLES ? left : READ_SAMPLES;

        if (!read_exactly(r, packed, n * sample_bytes, err))
            return false;
        kinds[r->info.sample].unpack(samples + at, packed, n);
        at += n;
    }
    r->frames_left -= wanted;
    *frames = wanted;
    return true;
}

bool wav_info(const char *path, struct wav_info *out, struct err *err)
{
    struct wav_reader r;

    bool ok = reader_open(&r, path, err);
    if (ok)
        *out = r.info;
    reader_release(&r);
    return ok;
}

bool wav_read(const char *path, uint64_t max_frames, struct pcm *out, struct err *err)
{
    struct wav_reader r;
    bool ok = false;

    *out = (struct pcm){ 0 };
    if (!reader_open(&r, path, err))
        goto out;
    if (r.info.frames > max_frames) {
        err_set(err, ERR_TOO_LARGE, "%s is %.1f s long; at most %.1f s are allowed here.", path,
                (double)r.info.frames / r.info.rate_hz, (double)max_frames / r.info.rate_hz);
        goto out;
    }
    *out = PCM(r.info.rate_hz, r.info.channels);
    ok = pcm_reserve(out, (size_t)r.info.frames, err) &&
         wav_read_frames(&r, out->samples, (size_t)r.info.frames, &out->frames, err);
    if (!ok)
        pcm_release(out);
out:
    reader_release(&r);
    return ok;
}
