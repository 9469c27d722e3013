#pragma once

/* SHA-256 through libcrypto: checksums of model files. */

#include <stddef.h>

#include "base/cancel.h"
#include "base/err.h"

#define SHA256_HEX 65 /* 64 lower-case digits and a NUL */

void sha256_bytes(const void *bytes, size_t length, char out[SHA256_HEX]);

/* The same keyed (HMAC, RFC 2104): whoever has not the key can neither make it nor learn the key. */
void sha256_keyed(const char *key, const char *text, char out[SHA256_HEX]);

/* cancel may be NULL. */
bool sha256_file(const char *path, char out[SHA256_HEX], struct cancel *cancel,
                 struct err *err) MUST_CHECK;
