#pragma once

/*
 * The web page, served out of the program itself: web/dist as `npm run build`
 * made it, built in by tools/embed_page.py. This file alone decides how.
 *
 * A file under /assets/ is named after its content and kept by browsers for a
 * year; index.html, which names those, is asked for again each time and mostly
 * not sent again (ETag). What is smaller gzipped goes out so to who takes it. All
 * of it is public: the page asks for the key, where there is one, and opens a
 * session (session.h); what is in the studio stays behind the key.
 *
 * Each address of the page answers the same index.html, whose script shows what
 * belongs there.
 */

#include <stdbool.h>
#include <stddef.h>

#include "http/route.h"

/* Bytes in the program's read-only data, and the strong entity tag of just these. */
struct page_bytes {
    const char *etag; /* without quotes */
    const unsigned char *bytes;
    size_t length;
};

struct page_file {
    const char *path; /* "index.html", "assets/index-B1c2D3e4.js" */
    const char *media_type;
    bool is_immutable; /* named after its content */
    struct page_bytes plain;
    struct page_bytes gzip; /* bytes is NULL where that is not smaller */
};

/* Has an index.html always: where the page was not built, one that says so. */
struct page_files {
    const struct page_file *files;
    size_t count;
};

extern const struct page_files page_built;

extern const struct route page_routes[10];
