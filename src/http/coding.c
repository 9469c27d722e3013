#include "http/coding.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* A weight is "0", "1" or a fraction of three digits: "0.000" is none, and neither is what has no digit. */
static bool is_more_than_zero(const char *weight, size_t length)
{
    size_t zeros = strspn(weight, "0.");

    return zeros < length && weight[zeros] >= '1' && weight[zeros] <= '9';
}

/* Is an item of the list ("gzip;q=0.5", length bytes) wanted at all? */
static bool has_weight(const char *item, size_t length)
{
    const char *end = item + length, *p = item + strcspn(item, ";,");

    while (p < end && *p == ';') {
        p += 1 + strspn(p + 1, BLANKS);
        if ((*p == 'q' || *p == 'Q') && p[1] == '=')
            return is_more_than_zero(p + 2, (size_t)(end - p) - 2);
        p += strcspn(p, ";,");
    }
    return true;
}

bool coding_is_accepted(const char *accept_encoding, const char *coding)
{
    bool takes_any = false;

    for (const char *p = accept_encoding; p && *p; p += *p == ',') {
        p += strspn(p, BLANKS);

        size_t length = strcspn(p, ","), name = strcspn(p, BLANKS ";,");

        if (name == strlen(coding) && strncasecmp(p, coding, name) == 0)
            return has_weight(p, length);
        if (name == 1 && *p == '*')
            takes_any = has_weight(p, length);
        p += length;
    }
    return takes_any;
}
