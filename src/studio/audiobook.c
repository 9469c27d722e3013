#include "studio/audiobook.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "audio/encode.h"
#include "audio/sample.h"
#include "audio/wav.h"
#include "base/file.h"

#define BLOCK_FRAMES 16384
#define SAMPLE_BYTES 2

/* A book on its way into a file. */
struct binding {
    const struct audiobook *book;
    struct wav_info format; /* of the first part; frames: of all of them */
    struct audio_chapter *chapters;
    size_t chapter_count, chapter_capacity;
    struct file_out out;
    struct encoder *encoder;
    float *block;     /* BLOCK_FRAMES of samples */
    uint64_t written; /* frames */
};

static bool write_bytes(void *state, const uint8_t *bytes, size_t length, struct err *err)
{
    struct file_out *out = state;

    if (fwrite(bytes, 1, length, out->file) != length)
        return err_system(err, "write", out->path);
    return true;
}

static bool seek_bytes(void *state, int64_t offset, struct err *err)
{
    struct file_out *out = state;

    if (fseeko(out->file, offset, SEEK_SET) != 0)
        return err_system(err, "write", out->path);
    return true;
}

/* Chapters are written into the file's beginning, so all lengths must be known first. */
static bool measure(struct binding *binding, struct err *err)
{
    const struct audiobook *book = binding->book;

    for (size_t i = 0; i < book->part_count; i++) {
        struct wav_info info;

        if (!wav_info(book->parts[i].path, &info, err))
            return false;
        if (i == 0)
            binding->format =
                (struct wav_info){ .channels = info.channels, .rate_hz = info.rate_hz };
        if (info.channels != binding->format.channels || info.rate_hz != binding->format.rate_hz)
            return err_set(err, ERR_CONFLICT,
                           "%s has %d Hz and %d channels, the parts before it %d and %d. Narrate "
                           "them anew with one engine (--force).",
                           book->parts[i].path, info.rate_hz, info.channels,
                           binding->format.rate_hz, binding->format.channels);
        if (book->parts[i].chapter && binding->chapter_count < AUDIO_CHAPTERS_MAX) {
            ARRAY_GROW(binding->chapters, binding->chapter_count, binding->chapter_capacity);
            binding->chapters[binding->chapter_count++] = (struct audio_chapter){
                .title = book->parts[i].chapter,
                .start_frame = binding->format.frames,
            };
        }
        binding->format.frames += info.frames;
        if (binding->chapter_count > 0)
            binding->chapters[binding->chapter_count - 1].end_frame = binding->format.frames;
    }
    return true;
}

/* A part, positioned at its first sample. Only what wav.h writes is taken: its header has one
 * size, so that the samples can be read piece by piece from behind it. */
static FILE *open_part(const char *path, const struct wav_info *format, struct err *err)
{
    struct wav_info info;
    struct stat st;

    if (!wav_info(path, &info, err))
        return NULL;
    FILE *file = fopen(path, "rbe");
    if (!file || fstat(fileno(file), &st) != 0 || fseeko(file, WAV_HEADER_SIZE, SEEK_SET) != 0) {
        err_system(err, "read", path);
    } else if (info.sample != WAV_S16 || info.channels != format->channels ||
               (uint64_t)st.st_size !=
                   WAV_HEADER_SIZE + info.frames * (uint64_t)info.channels * SAMPLE_BYTES) {
        err_set(err, ERR_UNSUPPORTED, "%s is no 16-bit recording of ours. Speak it anew (--force).",
                path);
    } else {
        return file;
    }
    if (file)
        fclose(file);
    return NULL;
}

static bool copy_block(struct binding *binding, const uint8_t *packed, size_t frames,
                       struct err *err)
{
    const struct audiobook *book = binding->book;

    sample_unpack_s16(binding->block, packed, frames * (size_t)binding->format.channels);
    if (!encoder_write(binding->encoder, binding->block, frames, err))
        return false;
    binding->written += frames;
    if (book->progress)
        book->progress(book->state, (double)binding->written / (double)binding->format.frames);
    return true;
}

static bool copy_part(struct binding *binding, const char *path, struct cancel *cancel,
                      struct err *err)
{
    size_t frame_bytes = (size_t)binding->format.channels * SAMPLE_BYTES;
    uint8_t *packed = xmalloc(BLOCK_FRAMES * frame_bytes);
    FILE *file = open_part(path, &binding->format, err);
    size_t frames = 0;
    bool ok = file != NULL;

    while (ok && (frames = fread(packed, frame_bytes, BLOCK_FRAMES, file)) > 0)
        ok = cancel_check(cancel, err) && copy_block(binding, packed, frames, err);
    if (ok && ferror(file))
        ok = err_system(err, "read", path);
    if (file)
        fclose(file);
    free(packed);
    return ok;
}

static bool bind(struct binding *binding, const char *path, struct cancel *cancel, struct err *err)
{
    const struct audiobook *book = binding->book;
    const struct encoder_options options = {
        .format = AUDIO_M4B,
        .rate_hz = binding->format.rate_hz,
        .channels = binding->format.channels,
        .title = book->title,
        .artist = book->artist,
        .chapters = binding->chapters,
        .chapter_count = binding->chapter_count,
    };
    const struct encoder_output output = { write_bytes, seek_bytes, &binding->out };

    if (!file_out_begin(&binding->out, path, err))
        return false;
    binding->block = xcalloc(BLOCK_FRAMES * (size_t)options.channels, sizeof *binding->block);
    binding->encoder = encoder_create(&options, &output, err);
    if (!binding->encoder)
        return false;
    for (size_t i = 0; i < book->part_count; i++)
        if (!copy_part(binding, book->parts[i].path, cancel, err))
            return false;
    return encoder_finish(binding->encoder, err) && file_out_commit(&binding->out, err);
}

bool audiobook_write(const struct audiobook *book, const char *path, struct cancel *cancel,
                     struct err *err)
{
    struct binding binding = { .book = book };

    if (book->part_count == 0)
        return err_set(err, ERR_INVALID, "%s: there is no recording to put into it.", path);
    bool ok = measure(&binding, err) && bind(&binding, path, cancel, err);
    encoder_destroy(binding.encoder);
    file_out_release(&binding.out);
    free(binding.chapters);
    free(binding.block);
    return ok;
}
