#include "audio/peaks.h"

#include "audio/peak.h"

#define BLOCK_SAMPLES 16384

/* Where a part begins, in frames. Parts differ by one frame at most. */
static uint64_t part_start(uint64_t frames, size_t count, size_t part)
{
    return frames / count * part + frames % count * part / count;
}

/* The parts as frames come in. */
struct outline {
    float *peaks;
    size_t count;
    uint64_t frames; /* of the recording */
    size_t part;     /* the frames to come begin in it */
    uint64_t at;     /* the first of them */
};

static void add_block(struct outline *outline, const float *samples, size_t frames, int channels)
{
    while (frames > 0) {
        uint64_t end = part_start(outline->frames, outline->count, outline->part + 1);
        size_t n = end - outline->at < frames ? (size_t)(end - outline->at) : frames;
        float peak = peak_find(samples, n * (size_t)channels);

        if (peak > outline->peaks[outline->part])
            outline->peaks[outline->part] = peak;
        samples += n * (size_t)channels;
        frames -= n;
        outline->at += n;
        outline->part += outline->at == end;
    }
}

bool peaks_read(struct wav_reader *reader, float *peaks, size_t *count, struct err *err)
{
    const struct wav_info *info = wav_reader_info(reader);
    struct outline outline = { .peaks = peaks, .frames = info->frames };
    float block[BLOCK_SAMPLES];
    size_t frames;

    outline.count = info->frames < *count ? (size_t)info->frames : *count;
    for (size_t i = 0; i < outline.count; i++)
        peaks[i] = 0.0f;
    do {
        if (!wav_read_frames(reader, block, BLOCK_SAMPLES / (size_t)info->channels, &frames, err))
            return false;
        add_block(&outline, block, frames, info->channels);
    } while (frames > 0);
    *count = outline.count;
    return true;
}
