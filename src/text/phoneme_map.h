#pragma once

/*
 * From eSpeak's IPA to the symbols a model was trained on. Pure functions of
 * their arguments: any thread may call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/chunk.h"

/* The tie eSpeak must put between the letters of one sound for this scheme, 0 for none. */
uint32_t phoneme_map_tie(enum phoneme_scheme scheme);

/* Appends ipa (eSpeak's, with the scheme's tie) in the scheme's symbols. language chooses between
 * the American, British and other tables. */
void phoneme_map(enum phoneme_scheme scheme, const char *language, const char *ipa, size_t length,
                 struct buf *out);

/* The same for phonemes that a person wrote: no ties, and the scheme's own symbols are kept. */
void phoneme_map_written(enum phoneme_scheme scheme, const char *language, const char *phonemes,
                         struct buf *out);
