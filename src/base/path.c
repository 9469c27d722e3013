#include "base/path.h"

#include <stdlib.h>
#include <string.h>

char *path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool has_slash = length > 0 && folder[length - 1] == '/';

    return str_format("%s%s%s", folder, has_slash || length == 0 ? "" : "/", name);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *path_extension(const char *path)
{
    const char *base = path_base(path);
    const char *dot = strrchr(base, '.');

    return dot && dot != base ? dot + 1 : "";
}

static bool is_slug_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

char *path_slug(const char *text, size_t max)
{
    char *out = xmalloc(strlen(text) + sizeof "untitled");
    size_t length = 0;

    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;

        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c - 'A' + 'a');
        if (is_slug_byte(c))
            out[length++] = (char)c;
        else if (c != '\'' && length > 0 && out[length - 1] != '-')
            out[length++] = '-';
    }
    out[length] = '\0';
    if (length > max)
        length = max;
    /* Not in the middle of a character: text[length] would be its continuation byte. */
    while (length > 0 && length == max && ((unsigned char)out[length] & 0xC0) == 0x80)
        length = --max;
    while (length > 0 && out[length - 1] == '-')
        length--;
    out[length] = '\0';
    if (length == 0)
        memcpy(out, "untitled", sizeof "untitled");
    return out;
}
