#pragma once

/* UTF-8 is checked where it enters (utf8_check); behind that it is taken as valid. */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* False for malformed bytes, surrogates, values over U+10FFFF and NUL; names the byte offset. */
bool utf8_check(const char *text, size_t length, const char *what, struct err *err) MUST_CHECK;

/* Drops what is no UTF-8: a character cut by a limit of ours, or bytes of a stranger's file name. */
void utf8_drop_broken(char *text);

/* The code point at *at, which moves past it. The text is valid and *at < length. */
uint32_t utf8_next(const char *text, size_t length, size_t *at);

/* The code point that ends just before at; *at moves to its start. The text is valid and *at > 0. */
uint32_t utf8_previous(const char *text, size_t *at);

/* Writes 1-4 bytes and returns how many. */
size_t utf8_encode(uint32_t code_point, char out[4]);
void buf_append_utf8(struct buf *buf, uint32_t code_point);

size_t utf8_chars(const char *text, size_t length); /* code points */
