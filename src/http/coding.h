#pragma once

/* Content codings: what of "gzip, br;q=0.9, *;q=0" may be sent (RFC 9110, 12.5.3). Pure. */

#include <stdbool.h>

/* Does an Accept-Encoding header take this coding? NULL is an absent header: nothing was asked for,
 * and bytes as they are suit everyone. A weight counts only as zero or not. */
bool coding_is_accepted(const char *accept_encoding, const char *coding);
