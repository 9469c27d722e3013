#pragma once

/*
 * Text that remembers where it came from: beside each byte stands the offset of
 * the byte of the user's input that it was made of. Every step of the front end
 * (markup, normalisation) reads one and writes another, so that a word's time
 * can be shown on the text the user wrote ("$5") and not on its reading ("five
 * dollars").
 *
 * Offsets never decrease. A replacement takes the offset of the first byte it
 * replaces, for all of its bytes.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Bytes of one text: what `say` and one segment may hold. */
#define TEXT_LIMIT (4u << 20)

struct origin_text {
    struct buf text;    /* UTF-8 */
    uint32_t *origin;   /* text.len offsets into the user's input; owned */
    size_t capacity;    /* of origin */
    uint32_t input_len; /* bytes of the user's input: the end of the last word */
};

void origin_text_init(struct origin_text *t, size_t input_len);
void origin_text_release(struct origin_text *t);

/* Appends length bytes of from, with their origins. */
void origin_append_copy(struct origin_text *t, const struct origin_text *from, size_t start,
                        size_t length);

/* Appends new bytes that all stem from input offset origin. */
void origin_append(struct origin_text *t, const char *bytes, size_t length, uint32_t origin);

/* Forgets all bytes from length on. */
void origin_truncate(struct origin_text *t, size_t length);

/* The user's input itself, each byte its own origin. Initialises t, also when it fails: release it
 * in any case. */
bool origin_from_input(struct origin_text *t, const char *input, size_t length,
                       struct err *err) MUST_CHECK;
