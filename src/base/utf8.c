#include "base/utf8.h"

#include <string.h>
#include <unistr.h>

bool utf8_check(const char *text, size_t length, const char *what, struct err *err)
{
    const uint8_t *bytes = (const uint8_t *)text;
    const uint8_t *bad = u8_check(bytes, length);

    if (!bad)
        bad = length ? memchr(bytes, 0, length) : NULL;
    if (bad)
        return err_set(err, ERR_INVALID,
                       "The %s is not valid UTF-8: byte 0x%02X at offset %zu. Save it as UTF-8.",
                       what, *bad, (size_t)(bad - bytes));
    return true;
}

void utf8_drop_broken(char *text)
{
    uint8_t *at = (uint8_t *)text;
    const uint8_t *bad;

    while ((bad = u8_check(at, strlen((char *)at)))) {
        at += bad - at;
        memmove(at, at + 1, strlen((char *)at));
    }
}

uint32_t utf8_next(const char *text, size_t length, size_t *at)
{
    ucs4_t code_point;
    int n = u8_mbtouc_unsafe(&code_point, (const uint8_t *)text + *at, length - *at);

    *at += (size_t)n;
    return code_point;
}

uint32_t utf8_previous(const char *text, size_t *at)
{
    ucs4_t code_point = 0xFFFD;
    const uint8_t *start = (const uint8_t *)text;
    const uint8_t *p = u8_prev(&code_point, start + *at, start);

    *at = p ? (size_t)(p - start) : *at - 1;
    return code_point;
}

size_t utf8_encode(uint32_t code_point, char out[4])
{
    int n = u8_uctomb((uint8_t *)out, code_point, 4);

    return n > 0 ? (size_t)n : 0;
}

void buf_append_utf8(struct buf *buf, uint32_t code_point)
{
    char bytes[4];

    buf_append(buf, bytes, utf8_encode(code_point, bytes));
}

size_t utf8_chars(const char *text, size_t length)
{
    return u8_mbsnlen((const uint8_t *)text, length);
}
