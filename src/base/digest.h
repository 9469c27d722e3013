#pragma once

/* A file's digest, read piece by piece through libcrypto. One call, any thread. */

#include <stddef.h>

#include "base/cancel.h"
#include "base/err.h"

/* algorithm is libcrypto's name for it ("SHA256"), whose digests have length bytes. cancel may be
 * NULL; it is looked at after each megabyte. */
bool digest_file(const char *path, const char *algorithm, unsigned char *out, size_t length,
                 struct cancel *cancel, struct err *err) MUST_CHECK;
