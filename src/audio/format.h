#pragma once

/* The audio formats we write, one row each: name, file extension, MIME type. */

#include <stdbool.h>

enum audio_format {
    AUDIO_WAV, /* RIFF, 16-bit unless said otherwise */
    AUDIO_MP3,
    AUDIO_OPUS, /* in Ogg */
    AUDIO_AAC,  /* ADTS */
    AUDIO_FLAC,
    AUDIO_PCM,  /* bare 16-bit little-endian samples */
    AUDIO_M4B,  /* AAC in MP4, with chapters: needs a seekable output */
    AUDIO_ULAW, /* bare samples of a telephone: G.711, 8 bits each */
    AUDIO_ALAW,
};

const char *audio_format_name(enum audio_format format);      /* "mp3" */
const char *audio_format_extension(enum audio_format format); /* "mp3", "opus", "m4b" */
const char *audio_format_mime(enum audio_format format);      /* "audio/mpeg" */
bool audio_format_parse(const char *name, enum audio_format *out);

/* Can it be streamed, and does it have no trade of its own as books' and telephones' have? */
bool audio_format_is_common(enum audio_format format);

/* By the path's extension, any case; .ogg is Opus, .m4a and .mp4 are M4B's container. */
bool audio_format_from_path(const char *path, enum audio_format *out);
