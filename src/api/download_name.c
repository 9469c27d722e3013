#include "api/download_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"

#define TEXT_MAX 60 /* bytes */
#define VOICE_MAX 40
#define ID_DIGITS 8 /* the last: the first are the time, and the same for a long while */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* "af_bella(2)+af_sky(1)" as "af_bella-2-af_sky-1"; "" without a voice. */
static const char *voice_slug(struct arena *arena, const char *voice)
{
    char *out = arena_alloc(arena, VOICE_MAX + 1);
    size_t length = 0;

    for (const char *c = voice ? voice : ""; *c && length < VOICE_MAX; c++) {
        if (is_plain(*c))
            out[length++] = *c;
        else if (length > 0 && out[length - 1] != '-')
            out[length++] = '-';
    }
    while (length > 0 && out[length - 1] == '-')
        length--;
    out[length] = '\0';
    return out;
}

/* The words of a slug that are ASCII as they stand: half of a word is none. */
static const char *ascii_words(struct arena *arena, const char *slug)
{
    char *out = arena_alloc(arena, strlen(slug) + 1);
    size_t length = 0;

    while (*slug) {
        size_t word = strcspn(slug, "-"), plain = 0;

        while (plain < word && is_plain(slug[plain]))
            plain++;
        if (word > 0 && plain == word) {
            if (length > 0)
                out[length++] = '-';
            memcpy(out + length, slug, word);
            length += word;
        }
        slug += word + (slug[word] == '-');
    }
    out[length] = '\0';
    return out;
}

static const char *last_digits(const char *id)
{
    size_t length = strlen(id);

    return length > ID_DIGITS ? id + length - ID_DIGITS : id;
}

static const char *percent_encoded(struct arena *arena, const char *text)
{
    struct buf out = BUF(3 * (TEXT_MAX + 1));

    for (const char *c = text; *c; c++)
        if (is_plain(*c) || *c == '-')
            buf_append_char(&out, *c);
        else
            buf_format(&out, "%%%02X", (unsigned char)*c);
    const char *encoded = arena_strdup(arena, out.data ? out.data : "");
    buf_release(&out);
    return encoded;
}

const char *download_disposition(struct arena *arena, const struct download *download)
{
    char *slug = path_slug(download->text, TEXT_MAX);
    const char *voice = voice_slug(arena, download->voice);
    const char *plain = ascii_words(arena, slug);
    const char *joint = *voice ? "-" : "";
    const char *disposition =
        arena_format(arena, "attachment; filename=\"%s%s%s.%s\"; filename*=UTF-8''%s%s%s.%s",
                     *plain ? plain : last_digits(download->id), joint, voice, download->extension,
                     percent_encoded(arena, slug), joint, voice, download->extension);

    free(slug);
    return disposition;
}
