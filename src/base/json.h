#pragma once

/* JSON is jansson's; here is only how it enters: strict, bounded, with a message for the user. */

#include <jansson.h>

#include "base/err.h"

#define JSON_DEPTH_MAX 32 /* objects and arrays within each other */

/* Parses text; duplicate keys, bad UTF-8, NUL in strings and depth over JSON_DEPTH_MAX are refused.
 * NULL on failure, with "<what>, line 3: …". The caller json_decref()s it. */
json_t *json_parse(const char *text, size_t length, const char *what, struct err *err);

/* The same for a file of at most max bytes. */
json_t *json_parse_file(const char *path, size_t max, struct err *err);
