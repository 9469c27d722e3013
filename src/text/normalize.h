#pragma once

/*
 * Written text to its reading: "$5.50 on 3/14" becomes "five dollars and fifty
 * cents on March fourteenth". Passes, each linear in the input:
 *
 *   fold    characters: ligatures, full-width forms, spaces, quotes, dashes,
 *           HTML's entities; emoji, control and invisible characters go
 *   html    tags go, blocks become Markdown's
 *   marks   Markdown: the marks go, the words stay
 *   runs    of spaces, dots, dashes, "!!!"
 *   words   what English reads otherwise than it writes (English only)
 *
 * Line ends of the reading are for the sentence splitter: "\n\n" stands between
 * paragraphs and is all that is left of blank lines; "\n" ends a heading, a list
 * item, a table row or a line of code, so that nothing of the next line joins
 * its sentence. Any other newline becomes a space. There is none at either end.
 *
 * Private-use code points U+E000-U+F8FF stand for markup lifted out earlier:
 * they are copied and taken for a word, and no rule reaches over one.
 *
 * No state is kept: any thread may call.
 */

#include <stdbool.h>

#include "base/err.h"
#include "text/origin.h"

/* Appends the reading of in to out, which the caller has initialised. language "en-us", "en-gb" or
 * "en" gets all passes, any other all but the last. in must be valid UTF-8. Fails only with
 * ERR_TOO_LARGE, when the reading outgrows its buffer or memory. */
bool normalize(const struct origin_text *in, const char *language, struct origin_text *out,
               struct err *err) MUST_CHECK;
