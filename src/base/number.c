#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool number_parse_int(const char *text, const char *what, int64_t least, int64_t most, int64_t *out,
                      struct err *err)
{
    char *end;

    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!*text || isspace((unsigned char)*text) || *end || errno || value < least || value > most)
        return err_set_param(err, ERR_INVALID, what,
                             "The %s must be a whole number from %" PRId64 " to %" PRId64
                             ", not \"%.40s\".",
                             what, least, most, text);
    *out = value;
    return true;
}

bool number_parse(const char *text, const char *what, double least, double most, double *out,
                  struct err *err)
{
    char *end;

    /* strtod also reads hexadecimal, "inf" and "nan", which nobody means here. */
    bool plain = *text && strspn(text, "+-.0123456789eE") == strlen(text);
    double value = strtod(text, &end);
    if (!plain || *end || !isfinite(value) || value < least || value > most)
        return err_set_param(err, ERR_INVALID, what,
                             "The %s must be a number from %g to %g, not \"%.40s\".", what, least,
                             most, text);
    *out = value;
    return true;
}
