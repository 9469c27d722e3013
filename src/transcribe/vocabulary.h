#pragma once

/*
 * Moonshine's tokens as text: Llama's 32 000, from the file that the package
 * llama-tokenizer-js keeps them in, a JavaScript module with all of them as one
 * base64 text, a line each. The file is not trusted.
 *
 * Immutable once open; any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define VOCABULARY_FILE_MAX (4u << 20) /* bytes */

struct vocabulary;

/* NULL on failure: ERR_CORRUPT says what is wrong with the file. */
struct vocabulary *vocabulary_open(const char *path, struct err *err);

/* The same from the file's content; what is its name in messages. */
struct vocabulary *vocabulary_parse(const char *module, size_t length, const char *what,
                                    struct err *err);
void vocabulary_close(struct vocabulary *vocabulary); /* accepts NULL */

size_t vocabulary_count(const struct vocabulary *vocabulary);

/* The bytes of a token, a space where a word begins; *length 0 for the special ones and any number
 * that is none. A token may be a single byte of a character. */
const char *vocabulary_bytes(const struct vocabulary *vocabulary, int64_t token, size_t *length);
