#pragma once

/*
 * From a piece of speech and the tokens heard in it to a segment of the
 * transcript: its text, its words with their times, and how sure the model was.
 *
 * Moonshine tells no times. Words are spread over what voice activity calls
 * speech, each with a share by its letters, so that no word lies in a rest.
 */

#include "base/arena.h"
#include "transcribe/cutter.h"
#include "transcribe/moonshine.h"
#include "transcribe/transcriber.h"
#include "transcribe/vocabulary.h"

/* Fills *out but for its id, in the arena; the tokens are borrowed. False when there is no text. */
bool segment_make(const struct vocabulary *vocabulary, const struct piece *piece,
                  const struct moonshine_tokens *tokens, struct arena *arena,
                  struct transcript_segment *out);
