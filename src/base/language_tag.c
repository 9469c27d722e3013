#include "base/language_tag.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

#define PART_MAX 8 /* RFC 5646, 2.1 */

static bool is_separator(char c)
{
    return c == '-' || c == '_';
}

/* The length of the part that begins here. */
static size_t part_length(const char *text)
{
    size_t length = 0;

    while (text[length] && !is_separator(text[length]))
        length++;
    return length;
}

/* The next part, or the text's end. */
static const char *next_part(const char *text)
{
    text += part_length(text);
    return *text ? text + 1 : text;
}

static bool is_part(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isascii((unsigned char)text[i]) || !isalnum((unsigned char)text[i]))
            return false;
    return length >= 1 && length <= PART_MAX;
}

bool language_tag_is_valid(const char *text)
{
    size_t first = part_length(text);

    if (strlen(text) > LANGUAGE_TAG_MAX || first < 2)
        return false;
    for (size_t i = 0; i < first; i++)
        if (isdigit((unsigned char)text[i]))
            return false;
    for (const char *part = text;; part = next_part(part)) {
        size_t length = part_length(part);

        if (!is_part(part, length))
            return false;
        if (!part[length])
            return true;
    }
}

static bool is_same_part(const char *a, const char *b)
{
    size_t length = part_length(a);

    return length == part_length(b) && strncasecmp(a, b, length) == 0;
}

/* One language under two codes: that of clients, and that of voices. */
static bool is_same_language(const char *voice, const char *tag)
{
    static const char *const names[][2] = { { "cmn", "zh" }, { "nb", "no" } };

    for (size_t i = 0; i < COUNT(names); i++)
        if (is_same_part(voice, names[i][0]) && is_same_part(tag, names[i][1]))
            return true;
    return is_same_part(voice, tag);
}

static bool has_part(const char *tag, const char *part)
{
    for (; *tag; tag = next_part(tag))
        if (is_same_part(tag, part))
            return true;
    return false;
}

int language_tag_fit(const char *voice_language, const char *tag)
{
    const char *rest = next_part(tag);
    int fit = PART_MAX;

    if (!is_same_language(voice_language, tag))
        return 0;
    for (const char *part = next_part(voice_language); *part; part = next_part(part))
        fit += has_part(rest, part) ? 2 : -1;
    return fit > 0 ? fit : 1;
}

bool language_tag_is_home(const char *tag)
{
    const char *country = next_part(tag);

    return *country && is_same_part(tag, country);
}
