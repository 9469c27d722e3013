#pragma once

/*
 * Languages by their tags (BCP 47: "en", "en-gb", "yue") and the names people
 * call them by in English. Only a tag's first part is looked at, in any case.
 * Pure; any thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"

/* "English" for "en-us"; the tag itself where it is none we know. */
const char *language_name(const char *tag);

/* "en" for "english", in any case; or NULL. */
const char *language_code(const char *name);

/* "en-us" and "en-GB" are. */
bool language_is_same(const char *tag, const char *other);

/* How long the part before the region is: 2 of "en-us". */
size_t language_primary_length(const char *tag);
