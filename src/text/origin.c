#include "text/origin.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Readings are longer than what is written ("777": nine times), yet never by this much on average
 * over a text near its own limit. */
#define READING_LIMIT (16u * TEXT_LIMIT)

void origin_text_init(struct origin_text *t, size_t input_len)
{
    assert(input_len <= UINT32_MAX);
    *t = (struct origin_text){ .text = BUF(READING_LIMIT), .input_len = (uint32_t)input_len };
}

void origin_text_release(struct origin_text *t)
{
    buf_release(&t->text);
    free(t->origin);
    t->origin = NULL;
    t->capacity = 0;
}

/* Appends the bytes and makes room for their origins, whose place is returned; NULL when the text
 * is full. */
static uint32_t *append_bytes(struct origin_text *t, const char *bytes, size_t length)
{
    size_t start = t->text.len;

    buf_append(&t->text, bytes, length);
    if (t->text.failed)
        return NULL;
    /* Follows the bytes' own capacity, which doubles. */
    if (t->capacity < t->text.capacity) {
        t->origin = xrealloc(t->origin, t->text.capacity, sizeof *t->origin);
        t->capacity = t->text.capacity;
    }
    return t->origin + start;
}

void origin_append_copy(struct origin_text *t, const struct origin_text *from, size_t start,
                        size_t length)
{
    assert(start <= from->text.len && length <= from->text.len - start);
    if (length == 0)
        return;
    uint32_t *origin = append_bytes(t, from->text.data + start, length);
    if (origin)
        memcpy(origin, from->origin + start, length * sizeof *origin);
}

void origin_append(struct origin_text *t, const char *bytes, size_t length, uint32_t origin)
{
    uint32_t *to = append_bytes(t, bytes, length);

    if (!to)
        return;
    for (size_t i = 0; i < length; i++)
        to[i] = origin;
}

void origin_truncate(struct origin_text *t, size_t length)
{
    assert(length <= t->text.len);
    if (length == t->text.len)
        return;
    t->text.len = length;
    t->text.data[length] = '\0';
}

bool origin_from_input(struct origin_text *t, const char *input, size_t length, struct err *err)
{
    origin_text_init(t, length <= TEXT_LIMIT ? length : 0);
    if (length > TEXT_LIMIT)
        return err_set_param(err, ERR_TOO_LARGE, "text",
                             "The text has %zu bytes; at most %u can be spoken at once. Split it.",
                             length, TEXT_LIMIT);
    if (!utf8_check(input, length, "text", err))
        return false;
    uint32_t *origin = append_bytes(t, input, length);
    for (uint32_t i = 0; origin && i < length; i++)
        origin[i] = i;
    return buf_ok(&t->text, "text", err);
}
