/*
 * Speech into a file. The loudest sample is known only at the end, and a book
 * does not fit into memory, so samples wait in an unlinked temporary file in
 * the output's own folder (where there must be room anyway); then one pass
 * scales and encodes them. A folder that cannot be written to is found out
 * before the first word is spoken.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/encode.h"
#include "audio/peak.h"
#include "audio/wav.h"
#include "base/file.h"
#include "studio/speech.h"

#define BLOCK_FRAMES 16384

struct spool {
    FILE *file;       /* unlinked; native floats */
    const char *path; /* of the output, for messages */
    float peak;       /* the loudest so far */
    struct word_list *words;
    const struct speech_file_options *options;
};

static bool spool_open(struct spool *spool, const char *path, struct err *err)
{
    if (!file_check_target(path, err))
        return false;
    char *copy = xstrdup(path);
    char *name = str_format("%s/.parlando-XXXXXX.part", dirname(copy));
    int fd = mkostemps(name, (int)strlen(".part"), O_CLOEXEC);

    free(copy);
    if (fd >= 0)
        unlink(name);
    free(name);
    if (fd < 0)
        return err_system(err, "create", path);
    spool->file = fdopen(fd, "w+b");
    if (!spool->file) {
        close(fd);
        return err_system(err, "create", path);
    }
    return true;
}

static bool take_audio(void *state, const float *samples, size_t frames, struct err *err)
{
    struct spool *spool = state;
    float peak = peak_find(samples, frames);

    if (peak > spool->peak)
        spool->peak = peak;
    if (fwrite(samples, sizeof *samples, frames, spool->file) != frames)
        return err_system(err, "write", spool->path);
    return true;
}

static void take_word(void *state, const struct spoken_word *word)
{
    struct word_list *words = ((struct spool *)state)->words;

    if (!words)
        return;
    ARRAY_GROW(words->words, words->count, words->capacity);
    words->words[words->count++] = *word;
}

static void take_progress(void *state, double fraction)
{
    const struct speech_file_options *options = ((struct spool *)state)->options;

    if (options->progress)
        options->progress(options->state, fraction);
}

/* Where the scaled blocks go: our own writer for WAV, which knows sizes in its header; FFmpeg for
 * the rest. */
struct target {
    struct wav_writer wav;
    struct file_out out;
    struct encoder *encoder;
};

static bool write_encoded(void *state, const uint8_t *bytes, size_t length, struct err *err)
{
    struct file_out *out = state;

    if (fwrite(bytes, 1, length, out->file) != length)
        return err_system(err, "write", out->path);
    return true;
}

static bool seek_encoded(void *state, int64_t offset, struct err *err)
{
    struct file_out *out = state;

    if (fseeko(out->file, offset, SEEK_SET) != 0)
        return err_system(err, "write", out->path);
    return true;
}

static bool target_begin(struct target *target, const char *path, enum audio_format format,
                         int rate_hz, struct err *err)
{
    *target = (struct target){ 0 };
    if (format == AUDIO_WAV)
        return wav_begin(&target->wav, path, WAV_S16, rate_hz, 1, err);

    const struct encoder_options options = { .format = format, .rate_hz = rate_hz, .channels = 1 };
    const struct encoder_output output = { write_encoded, seek_encoded, &target->out };

    if (!file_out_begin(&target->out, path, err))
        return false;
    target->encoder = encoder_create(&options, &output, err);
    return target->encoder != NULL;
}

static bool target_write(struct target *target, const float *samples, size_t frames,
                         struct err *err)
{
    return target->encoder ? encoder_write(target->encoder, samples, frames, err)
                           : wav_write(&target->wav, samples, frames, err);
}

static bool target_commit(struct target *target, struct err *err)
{
    if (!target->encoder)
        return wav_commit(&target->wav, err);
    return encoder_finish(target->encoder, err) && file_out_commit(&target->out, err);
}

static void target_release(struct target *target)
{
    encoder_destroy(target->encoder);
    file_out_release(&target->out);
    wav_release(&target->wav);
}

static bool copy_scaled(struct spool *spool, struct target *target, float gain,
                        struct cancel *cancel, struct err *err)
{
    float block[BLOCK_FRAMES];
    size_t frames;

    if (fflush(spool->file) != 0)
        return err_system(err, "write", spool->path);
    rewind(spool->file);
    while ((frames = fread(block, sizeof *block, BLOCK_FRAMES, spool->file)) > 0) {
        for (size_t i = 0; i < frames; i++)
            block[i] *= gain;
        if (!cancel_check(cancel, err) || !target_write(target, block, frames, err))
            return false;
    }
    return !ferror(spool->file) || err_system(err, "read back", spool->path);
}

static bool write_tail(const struct spool *spool, struct target *target,
                       struct speech_report *report, struct err *err)
{
    static const float silence[BLOCK_FRAMES];
    size_t left = pcm_frames(spool->options->tail_s, report->rate_hz);

    report->frames += left;
    report->seconds = (double)report->frames / report->rate_hz;
    for (size_t frames; left > 0; left -= frames) {
        frames = left < BLOCK_FRAMES ? left : BLOCK_FRAMES;
        if (!target_write(target, silence, frames, err))
            return false;
    }
    return true;
}

static bool finish(struct spool *spool, const char *path, struct speech_report *report,
                   struct cancel *cancel, struct err *err)
{
    const struct speech_file_options *options = spool->options;
    struct target target;

    bool ok =
        target_begin(&target, path, options->format, report->rate_hz, err) &&
        copy_scaled(spool, &target, peak_gain(spool->peak, (float)options->peak), cancel, err) &&
        write_tail(spool, &target, report, err) && target_commit(&target, err);
    target_release(&target);
    return ok;
}

bool speaker_speak_to_file(struct speaker *speaker, const char *text, size_t length,
                           const char *path, const struct speech_file_options *options,
                           struct word_list *words, struct cancel *cancel,
                           struct speech_report *report, struct err *err)
{
    struct spool spool = { .path = path, .words = words, .options = options };
    const struct speech_sink sink = {
        .audio = take_audio, .word = take_word, .progress = take_progress, .state = &spool
    };

    bool ok = spool_open(&spool, path, err) &&
              speaker_speak(speaker, text, length, &sink, cancel, report, err) &&
              finish(&spool, path, report, cancel, err);
    if (spool.file)
        fclose(spool.file);
    return ok;
}

void word_list_release(struct word_list *list)
{
    free(list->words);
    *list = (struct word_list){ 0 };
}
