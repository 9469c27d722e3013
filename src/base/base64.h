#pragma once

/* Bytes as text for JSON (RFC 4648, padded). Pure; any thread. */

#include "base/buf.h"

/* Appends the text. Failures are the buffer's own (buf_ok). Pieces that are put together again must each
 * be of 3 bytes times any number, but for the last. */
void base64_append(struct buf *out, const void *bytes, size_t length);
