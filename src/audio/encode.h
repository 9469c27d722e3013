#pragma once

/*
 * Encoding through FFmpeg's libraries, piece by piece: what goes in comes out
 * as soon as the codec gives it. The source is resampled where another rate is
 * asked for, or the codec does not know its rate (22 050 Hz for Opus). WAV and PCM
 * need no codec and go through here too, so that a caller has one way; like FLAC
 * they are 16-bit, by audio/sample.h. One thread at a time per encoder.
 *
 * With an output that can seek, headers get the lengths that are known at the
 * end; a stream says that its length is unknown. The same input gives the same
 * bytes. After a failure only destroy follows; an error of the output comes back
 * as the output gave it.
 */

#include <stdint.h>

#include "audio/format.h"
#include "audio/pcm.h"

struct encoder;

/* Where the bytes go: copied, so only state must outlive the encoder. seek is NULL for a stream; it
 * is needed by AUDIO_M4B. */
struct encoder_output {
    bool (*write)(void *state, const uint8_t *bytes, size_t length, struct err *err);
    bool (*seek)(void *state, int64_t offset, struct err *err); /* from the start */
    void *state;
};

#define AUDIO_CHAPTERS_MAX 10000

struct audio_chapter {
    const char *title; /* borrowed until encoder_create returns */
    uint64_t start_frame, end_frame;
};

struct encoder_options {
    enum audio_format format;
    int rate_hz, channels; /* of the samples given */
    int output_rate_hz;    /* of what is encoded; 0: the same, or the next one the codec knows */
    int bitrate_kbps; /* of the whole; 0: 96 for MP3, 48 for Opus, 80 for AAC and M4B, per channel */
    const char *title, *artist;           /* tags, or NULL; WAV, PCM and AAC have none */
    const struct audio_chapter *chapters; /* AUDIO_M4B, in order; frames of the samples given */
    size_t chapter_count;
};

/* Writes the header. NULL on failure: ERR_INVALID, with the option's name, for options that do not go
 * together ("rate_hz" for either rate). */
struct encoder *encoder_create(const struct encoder_options *options,
                               const struct encoder_output *output, struct err *err);
bool encoder_write(struct encoder *encoder, const float *samples, size_t frames,
                   struct err *err) MUST_CHECK;
bool encoder_finish(struct encoder *encoder, struct err *err) MUST_CHECK; /* flushes; once */
void encoder_destroy(struct encoder *encoder);                            /* accepts NULL */
int encoder_rate_hz(const struct encoder *encoder);                       /* of what is encoded */
