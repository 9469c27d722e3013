#include "audio/format.h"

#include <string.h>
#include <strings.h>

#include "base/path.h"

static const struct {
    const char *name, *extension, *mime;
} formats[] = {
    [AUDIO_WAV] = { "wav", "wav", "audio/wav" },
    [AUDIO_MP3] = { "mp3", "mp3", "audio/mpeg" },
    [AUDIO_OPUS] = { "opus", "opus", "audio/ogg" },
    [AUDIO_AAC] = { "aac", "aac", "audio/aac" },
    [AUDIO_FLAC] = { "flac", "flac", "audio/flac" },
    [AUDIO_PCM] = { "pcm", "pcm", "audio/pcm" },
    [AUDIO_M4B] = { "m4b", "m4b", "audio/mp4" },
    [AUDIO_ULAW] = { "ulaw", "ulaw", "audio/basic" },
    [AUDIO_ALAW] = { "alaw", "alaw", "audio/x-alaw-basic" },
};

/* Endings of files besides a format's own. */
static const struct {
    const char *extension;
    enum audio_format format;
} aliases[] = {
    { "wave", AUDIO_WAV }, { "ogg", AUDIO_OPUS }, { "oga", AUDIO_OPUS },
    { "m4a", AUDIO_M4B },  { "mp4", AUDIO_M4B },  { "raw", AUDIO_PCM },
};

const char *audio_format_name(enum audio_format format)
{
    return formats[format].name;
}

const char *audio_format_extension(enum audio_format format)
{
    return formats[format].extension;
}

const char *audio_format_mime(enum audio_format format)
{
    return formats[format].mime;
}

bool audio_format_parse(const char *name, enum audio_format *out)
{
    for (size_t i = 0; i < COUNT(formats); i++) {
        if (strcmp(formats[i].name, name) == 0) {
            *out = (enum audio_format)i;
            return true;
        }
    }
    return false;
}

bool audio_format_is_common(enum audio_format format)
{
    switch (format) {
    case AUDIO_WAV:
    case AUDIO_MP3:
    case AUDIO_OPUS:
    case AUDIO_AAC:
    case AUDIO_FLAC:
    case AUDIO_PCM:
        return true;
    case AUDIO_M4B:
    case AUDIO_ULAW:
    case AUDIO_ALAW:
        return false;
    }
    return false;
}

bool audio_format_from_path(const char *path, enum audio_format *out)
{
    const char *extension = path_extension(path);

    for (size_t i = 0; i < COUNT(formats); i++) {
        if (strcasecmp(formats[i].extension, extension) == 0) {
            *out = (enum audio_format)i;
            return true;
        }
    }
    for (size_t i = 0; i < COUNT(aliases); i++) {
        if (strcasecmp(aliases[i].extension, extension) == 0) {
            *out = aliases[i].format;
            return true;
        }
    }
    return false;
}
