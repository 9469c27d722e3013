#include "http/parameter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/target.h"

#define BLANKS " \t"

bool header_value_is(const char *header, const char *value)
{
    if (!header)
        return false;
    header += strspn(header, BLANKS);
    size_t length = strcspn(header, ";" BLANKS);
    return length == strlen(value) && strncasecmp(header, value, length) == 0;
}

/* Moves behind a quoted string that begins at *at, appending what it says to out unless NULL. */
static bool read_quoted(const char **at, struct buf *out)
{
    const char *p = *at + 1;

    for (; *p && *p != '"'; p++) {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        if (out)
            buf_append_char(out, *p);
    }
    *at = p + (*p == '"');
    return *p == '"';
}

/* One parameter's value at *at: quoted or a token, whose end is the next ';'. */
static bool read_value(const char **at, struct buf *out)
{
    if (**at == '"')
        return read_quoted(at, out);
    size_t length = strcspn(*at, ";");
    size_t kept = length;
    while (kept > 0 && strchr(BLANKS, (*at)[kept - 1]))
        kept--;
    if (out)
        buf_append(out, *at, kept);
    *at += length;
    return kept > 0;
}

bool header_parameter(const char *header, const char *name, struct buf *out)
{
    const char *at = header + strcspn(header, ";");

    while (*at == ';') {
        at++;
        at += strspn(at, BLANKS);
        size_t length = strcspn(at, "=;" BLANKS);
        bool is_it = length == strlen(name) && strncasecmp(at, name, length) == 0;

        at += length;
        at += strspn(at, BLANKS);
        if (*at == '=') {
            at++;
            at += strspn(at, BLANKS);
            bool is_whole = read_value(&at, is_it ? out : NULL);
            if (is_it)
                return is_whole;
        }
        at += strcspn(at, ";");
    }
    return false;
}

static bool append_decoded(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    char *decoded = xmalloc(length + 1);
    bool ok = percent_decode(text, length, PERCENT_WITH_NUL, decoded, &length);

    if (ok)
        buf_append(out, decoded, length);
    free(decoded);
    return ok;
}

bool header_parameter_extended(const char *header, const char *name, struct buf *out)
{
    struct buf raw = BUF(strlen(header) + 1);
    char *starred = str_format("%s*", name);
    bool ok = false;

    /* charset'language'value */
    if (header_parameter(header, starred, &raw) && raw.data &&
        strncasecmp(raw.data, "utf-8'", 6) == 0) {
        const char *value = strchr(raw.data + 6, '\'');

        ok = value && append_decoded(out, value + 1);
    }
    free(starred);
    buf_release(&raw);
    return ok;
}
