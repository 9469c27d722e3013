#pragma once

/*
 * What stands behind a header's value: `form-data; name="file"; filename=a.txt`
 * (RFC 9110, 5.6.6). Pure functions.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Is the value, up to its parameters, this one? Case does not count. NULL is no value. */
bool header_value_is(const char *header, const char *value);

/* Appends a parameter's value, unquoted; name without case. False when it is not there or cut off.
 * A backslash counts only before '"' and '\': browsers send the ones of file names bare. */
bool header_parameter(const char *header, const char *name, struct buf *out);

/* The same for "name*": percent-encoded UTF-8 (RFC 8187). False too for another character set. */
bool header_parameter_extended(const char *header, const char *name, struct buf *out);
