#pragma once

/*
 * Decoding what users bring, through FFmpeg's libraries: WAV, AIFF, MP3, AAC,
 * M4A/MP4, Ogg (Vorbis, Opus, FLAC), FLAC, WebM/Matroska, CAF and AU; the sound
 * of a video too. From memory or a file, piece by piece or all at once, as
 * interleaved floats, at the file's own rate and channels or at those asked for.
 *
 * The input is not trusted: only these containers and codecs are tried, nothing
 * but the given bytes is ever opened (a playlist names other files), and the
 * length is counted while decoding, since a few megabytes may hold hours.
 * A few broken packets are passed over, as players do; a file with more of them,
 * with no sound, or much shorter than it says itself is ERR_CORRUPT.
 *
 * A decoder belongs to one thread at a time; different ones are independent.
 */

#include "audio/pcm.h"

struct decode_options {
    int rate_hz;        /* 0: the file's own */
    int channels;       /* 0: the file's own */
    double max_seconds; /* more is ERR_TOO_LARGE; must be above 0 */
};

struct decoder;

/* Opens and decodes the first piece. name stands in messages (a path, an upload's file name) and
 * is copied; bytes are borrowed until decoder_close. NULL on failure: ERR_UNSUPPORTED for what is
 * no audio we know, ERR_CORRUPT for what is broken. */
struct decoder *decoder_open_memory(const void *bytes, size_t length, const char *name,
                                    const struct decode_options *options, struct err *err);
struct decoder *decoder_open_file(const char *path, const struct decode_options *options,
                                  struct err *err);

/* The same as decoder_open_file with another name in messages. */
struct decoder *decoder_open_file_as(const char *path, const char *name,
                                     const struct decode_options *options, struct err *err);
void decoder_close(struct decoder *decoder); /* accepts NULL */

int decoder_rate_hz(const struct decoder *decoder);            /* of what read gives */
int decoder_channels(const struct decoder *decoder);           /* of what read gives */
const char *decoder_codec_name(const struct decoder *decoder); /* "mp3", "opus", "pcm_s16le" */

/* How much of the input's bytes has been read, 0 to 1: for progress, since a stream need not tell its
 * length. */
double decoder_fraction(const struct decoder *decoder);

/* The next piece, some 10 to 100 ms, valid until the next call; *frames is 0 at the end. After a
 * failure only close follows. */
bool decoder_read(struct decoder *decoder, const float **samples, size_t *frames,
                  struct err *err) MUST_CHECK;

/* All of it. On failure *out is empty; else pcm_release it. */
bool decode_memory(const void *bytes, size_t length, const char *name,
                   const struct decode_options *options, struct pcm *out,
                   struct err *err) MUST_CHECK;
bool decode_file(const char *path, const struct decode_options *options, struct pcm *out,
                 struct err *err) MUST_CHECK;
