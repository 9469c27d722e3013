#pragma once

/* The name a download is saved under: the beginning of what was said, and the voice that said it. */

#include "base/arena.h"

struct download {
    const char *text;
    const char *voice; /* or NULL */
    const char *id; /* names what is said without a word in ASCII, to clients that know no more */
    const char *extension;
};

/* A Content-Disposition by RFC 6266: "attachment" with both names, the one in ASCII first. */
const char *download_disposition(struct arena *arena, const struct download *download);
