#pragma once

/*
 * A growable run of bytes with a maximum.
 *
 * Appends remember the first failure (over the maximum, or no memory), after
 * which further appends do nothing; check buf_ok() once at the end. data is
 * always NUL-terminated when not NULL, and len does not count that NUL.
 *
 *     struct buf text = BUF(LIMIT_TEXT);
 *     buf_append_str(&text, "hello ");
 *     buf_format(&text, "%d", 42);
 *     if (!buf_ok(&text, "text", err)) …
 *     char *out = buf_take(&text);
 */

#include <stddef.h>

#include "base/err.h"

struct buf {
    char *data;
    size_t len;
    size_t capacity;
    size_t max; /* bytes it may hold; 0 is a bug */
    bool failed;
};

#define BUF(maximum) ((struct buf){ .max = (maximum) })

void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_append_str(struct buf *buf, const char *text);
void buf_append_char(struct buf *buf, char c);
void buf_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_clear(struct buf *buf); /* empties it and keeps its memory */
void buf_release(struct buf *buf);

/* True when every append worked; else ERR_TOO_LARGE naming what. */
bool buf_ok(const struct buf *buf, const char *what, struct err *err) MUST_CHECK;

/* Moves the bytes out (never NULL); the buffer is empty again. Free them. */
char *buf_take(struct buf *buf);
