/* Any bytes as an Accept-Encoding or a Cookie header: what is found in them stands there. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/coding.h"
#include "http/session.h"

#define SESSION "5e551011"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *header = calloc(1, size + 1);

    memcpy(header, data, size);
    if (coding_is_accepted(header, "gzip") && !strcasestr(header, "gzip") && !strchr(header, '*'))
        abort();
    if (session_in_cookies(header, SESSION) == SESSION_OURS &&
        !strstr(header, SESSION_COOKIE "=" SESSION))
        abort();
    free(header);
    return 0;
}
