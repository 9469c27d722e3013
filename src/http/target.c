#include "http/target.h"

#include <string.h>

#include "base/utf8.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool percent_decode(const char *text, size_t length, enum percent_rules rules, char *out,
                    size_t *out_length)
{
    char *to = out;

    for (size_t i = 0; i < length; i++) {
        if (text[i] != '%') {
            *to++ = rules == PERCENT_FORM && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;

        if (low < 0 || (high == 0 && low == 0 && rules != PERCENT_WITH_NUL))
            return false;
        *to++ = (char)(high << 4 | low);
        i += 2;
    }
    *to = '\0';
    *out_length = (size_t)(to - out);
    return true;
}

static bool has_controls(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return true;
    return false;
}

/* Query values may hold line breaks, encoded: they are text. A path may not. */
static bool decode_part(const char *text, bool is_query, char *decoded, struct err *err)
{
    const char *what = is_query ? "query" : "path";
    size_t length = 0;

    if (!percent_decode(text, strlen(text), is_query ? PERCENT_FORM : PERCENT_PLAIN, decoded,
                        &length))
        return err_set(err, ERR_INVALID,
                       "The %s has a '%%' that does not begin an escape of two hexadecimal digits.",
                       what);
    if (!is_query && has_controls(decoded, length))
        return err_set(err, ERR_INVALID, "The path has control characters.");
    if (!utf8_check(decoded, length, what, err))
        return err_set(err, ERR_INVALID, "The %s is not valid UTF-8.", what);
    return true;
}

bool target_parse(char *target, char *decoded, char **query, struct err *err)
{
    *query = NULL;
    if (target[0] != '/')
        return err_set(err, ERR_INVALID, "The address must begin with a slash.");
    if (has_controls(target, strlen(target)) || strchr(target, ' '))
        return err_set(err, ERR_INVALID, "The address has blanks or control characters.");
    if ((*query = strchr(target, '?'))) {
        *(*query)++ = '\0';
        if (!decode_part(*query, true, decoded, err))
            return false;
    }
    return decode_part(target, false, decoded, err);
}

/* Does the field's name, up to its '=', decode to name? out is free to be written to. */
static bool has_name(const char *field, size_t length, const char *name, char *out)
{
    size_t decoded = 0;

    return percent_decode(field, length, PERCENT_FORM, out, &decoded) && strcmp(out, name) == 0;
}

const char *query_find(const char *query, const char *name, char *out)
{
    for (const char *p = query; p && *p; p += strcspn(p, "&"), p += *p == '&') {
        size_t length = strcspn(p, "&"), name_length = strcspn(p, "=&");
        size_t start = name_length + (name_length < length), decoded = 0;

        if (!has_name(p, name_length, name, out))
            continue;
        return percent_decode(p + start, length - start, PERCENT_FORM, out, &decoded) ? out : NULL;
    }
    return NULL;
}

void target_mask(char *target)
{
    for (char *p = target; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}
