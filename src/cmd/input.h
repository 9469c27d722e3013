#pragma once

/* A command's text: its arguments, a file, or standard input. */

#include "base/buf.h"
#include "cmd/options.h"

/* The arguments joined by spaces; a lone "-" (or none at all, when standard input is no terminal)
 * reads standard input; file, when not NULL, is read instead. out's max bounds it. */
bool input_read(const struct arguments *arguments, const char *file, struct buf *out,
                struct err *err) MUST_CHECK;
