#pragma once

/*
 * What kind of picture a file is, by its content alone, and its size in pixels.
 * Only the structure is read, never a pixel: each part must lie within the file
 * and the last one must be there, so that a transfer cut short is found out.
 *
 * Messages say what is wrong with "the picture"; whoever knows the user's name
 * for the file may put it in front. Pure; any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PICTURE_BYTES_MAX (20u << 20)
#define PICTURE_SIDE_MAX 16384 /* pixels; WebP ends there by itself */

enum picture_format { PICTURE_PNG, PICTURE_JPEG, PICTURE_WEBP };

const char *picture_extension(enum picture_format format);  /* "png", "jpg", "webp" */
const char *picture_media_type(enum picture_format format); /* "image/png", … */

struct picture {
    enum picture_format format;
    int width, height; /* pixels, 1 to PICTURE_SIDE_MAX */
};

/* ERR_UNSUPPORTED for anything but a PNG, JPEG or WebP that browsers show, ERR_CORRUPT for one that
 * is cut off or contradicts itself, ERR_TOO_LARGE over the limits. */
bool picture_parse(const uint8_t *bytes, size_t length, struct picture *out,
                   struct err *err) MUST_CHECK;

/* The same for a file, whose bytes bytes gets: what was checked is what the caller keeps. Release it
 * in any case. */
bool picture_load(const char *path, struct buf *bytes, struct picture *out,
                  struct err *err) MUST_CHECK;
