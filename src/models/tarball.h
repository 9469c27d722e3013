#pragma once

/* An npm package's tarball: is it the one we know, and what is in it. Nothing is unpacked to disk. */

#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"

/* integrity is npm's "sha512-<base64>". ERR_CORRUPT when the tarball is another. */
bool tarball_verify(const char *path, const char *integrity, struct cancel *cancel,
                    struct err *err) MUST_CHECK;

struct tarball_reader {
    void *context;
    /* A file of the tarball, named without its first folder ("package/"). */
    bool (*wants)(void *context, const char *member, uint64_t size);
    /* The bytes of the file that was wanted last, in order. */
    bool (*data)(void *context, const void *bytes, size_t length, struct err *err);
};

bool tarball_read(const char *path, const struct tarball_reader *reader, struct cancel *cancel,
                  struct err *err) MUST_CHECK;
