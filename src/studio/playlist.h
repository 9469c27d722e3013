#pragma once

/* Extended M3U playlists in UTF-8 (.m3u8), as every player reads them. */

#include <stddef.h>

#include "base/buf.h"

struct playlist_entry {
    const char *file;  /* relative to the playlist */
    const char *title; /* for people; line ends become spaces */
    double seconds;
};

/* Appends the playlist. Borrows everything; out's max bounds it. */
void playlist_format(const char *title, const struct playlist_entry *entries, size_t count,
                     struct buf *out);
