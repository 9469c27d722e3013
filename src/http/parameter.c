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

/* attr-char of RFC 8187, 3.2.1: what needs no percent sign. */
static bool is_attr_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$&+-.^_`|~", c));
}

/* A quoted string every client reads the same way, which leaves out what RFC 6266 (appendix D) warns
 * of: other scripts, percent signs, quotes, backslashes. True when nothing had to be replaced. */
static bool append_plain_name(struct buf *out, const char *filename)
{
    bool is_same = true;

    for (const char *p = filename; *p; p++) {
        bool is_plain = *p >= ' ' && *p < 0x7f && !strchr("\"\\%/", *p);

        if (is_plain)
            buf_append_char(out, *p);
        else if (((unsigned char)*p & 0xC0) != 0x80) /* one for a character, not for a byte */
            buf_append_char(out, '_');
        is_same = is_same && is_plain;
    }
    return is_same;
}

void header_disposition(struct buf *out, const char *filename)
{
    buf_append_str(out, "attachment; filename=\"");
    bool is_same = append_plain_name(out, filename);
    buf_append_char(out, '"');
    if (is_same)
        return;
    buf_append_str(out, "; filename*=UTF-8''");
    for (const char *p = filename; *p; p++) {
        if (is_attr_char(*p))
            buf_append_char(out, *p);
        else
            buf_format(out, "%%%02X", (unsigned char)*p);
    }
}
