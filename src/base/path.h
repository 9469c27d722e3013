#pragma once

/* File names: joining, and making safe ones out of what a person wrote. */

#include "base/alloc.h"

char *path_join(const char *folder, const char *name); /* the caller's */
const char *path_base(const char *path);               /* after the last '/' */
const char *path_extension(const char *path);          /* after the last '.' of the base, or "" */

/* A file name from any text: letters, digits and '-', lower case, at most max bytes, never empty
 * ("untitled") and never beginning with a dot. Non-ASCII letters are kept. The caller's. */
char *path_slug(const char *text, size_t max);
