#pragma once

/*
 * Markdown inside a line: links, images, footnote marks, code spans, escapes and
 * emphasis. One scan of the whole text, in inline_init, decides which bytes go,
 * so that a link may span a line's end and no bracket is looked for twice.
 */

#include <stdint.h>

#include "text/origin.h"

enum inline_byte { INLINE_PLAIN, INLINE_DROPPED, INLINE_LITERAL };

struct inline_scanner {
    const struct origin_text *in; /* borrowed */
    uint8_t *bytes;               /* an enum inline_byte for each of in; owned */
};

/* False when memory is gone. */
bool inline_init(struct inline_scanner *s, const struct origin_text *in) MUST_CHECK;
void inline_release(struct inline_scanner *s);

/* Appends in's bytes from start to end without their marks. */
void inline_append(const struct inline_scanner *s, size_t start, size_t end,
                   struct origin_text *out);
