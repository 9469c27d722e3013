#pragma once

/* The target of a request line (RFC 9112, 3.2.1): "/path?query", percent-encoded. Pure functions. */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define TARGET_MAX 8192 /* bytes; longer ones are answered with 414 */

enum percent_rules {
    PERCENT_PLAIN,
    PERCENT_FORM,     /* + is a blank */
    PERCENT_WITH_NUL, /* %00 is a byte as any other, for those who check what they get */
};

/* Undoes %XX from text into out, which has room for length bytes and a NUL. False for a bad escape and,
 * unless the rules allow it, for one that means NUL. */
bool percent_decode(const char *text, size_t length, enum percent_rules rules, char *out,
                    size_t *out_length) MUST_CHECK;

/* Cuts target at its '?' and decodes the path into decoded, which has room for as much. *query is
 * what follows, still encoded, or NULL. ERR_INVALID when it does not begin with '/', or when path or
 * query have bad escapes, control characters, or what is not UTF-8. */
bool target_parse(char *target, char *decoded, char **query, struct err *err) MUST_CHECK;

/* The value of a query's first field of that name, decoded into out (as long as the query); NULL when
 * there is none. "a&b=" has both a and b, empty. */
const char *query_find(const char *query, const char *name, char *out);

/* Makes any bytes fit to be shown: what is not printable ASCII becomes '?'. */
void target_mask(char *target);
