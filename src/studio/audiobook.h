#pragma once

/*
 * One M4B file with chapters out of finished WAV files, read and encoded piece
 * by piece: memory does not grow with the length of the book. The file appears
 * when it is complete. Where there are more chapters than a file holds
 * (AUDIO_CHAPTERS_MAX), the last one has the rest.
 */

#include <stddef.h>

#include "base/cancel.h"
#include "base/err.h"

struct audiobook_part {
    const char *path;    /* a 16-bit WAV as audio/wav.h writes it; all of one rate and channels */
    const char *chapter; /* title of the chapter that begins here, or NULL */
};

struct audiobook {
    const char *title, *artist; /* tags, or NULL */
    const struct audiobook_part *parts;
    size_t part_count;
    void (*progress)(void *state, double fraction); /* 0 to 1; or NULL */
    void *state;
};

bool audiobook_write(const struct audiobook *book, const char *path, struct cancel *cancel,
                     struct err *err) MUST_CHECK;
