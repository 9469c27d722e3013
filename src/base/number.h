#pragma once

/* Whole numbers and decimals from text, strictly: all of the text, no locale, within bounds.
 * what names the parameter in the message ("speed"). */

#include <stdint.h>

#include "base/err.h"

bool number_parse_int(const char *text, const char *what, int64_t least, int64_t most, int64_t *out,
                      struct err *err) MUST_CHECK;
bool number_parse(const char *text, const char *what, double least, double most, double *out,
                  struct err *err) MUST_CHECK;
