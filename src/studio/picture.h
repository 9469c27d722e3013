#pragma once

/* What kind of picture a file is, by its content; and its size in pixels. Pure; any thread. */

#include <stdint.h>

#include "base/err.h"

#define PICTURE_BYTES_MAX (20u << 20)
#define PICTURE_SIDE_MAX 16384 /* pixels */

enum picture_format { PICTURE_PNG, PICTURE_JPEG, PICTURE_WEBP };

const char *picture_extension(enum picture_format format);  /* "png", "jpg", "webp" */
const char *picture_media_type(enum picture_format format); /* "image/png", … */

struct picture {
    enum picture_format format;
    int width, height;
};

/* ERR_UNSUPPORTED for anything but a PNG, JPEG or WebP, ERR_CORRUPT for one cut off in its header or
 * with impossible sizes, ERR_TOO_LARGE over the limits. */
bool picture_read(const char *path, struct picture *out, struct err *err);
