#pragma once

/* Which voices speak a language, without loading any. Any thread. */

#include "studio/names.h"

/* The id of the voice that fits the tag best: preferred (an id, or NULL), then the engine's default, then
 * the language's own country where several fit alike. NULL where none speaks the language. */
const char *language_voice(const struct engine_voices *voices, const char *tag,
                           const char *preferred);

/* Of the engines that can speak now the first in their order that has a voice for the tag, with that
 * voice and its model; the strings live as long as the arena. False where none has. */
bool language_speaker(struct engines *engines, struct arena *arena, const char *tag,
                      struct speaker_name *out);

/* That nobody speaks the language: ERR_INVALID, parameter "language", naming some that are spoken. only:
 * the voices that were asked for by their engine or model; NULL: all there are. */
bool language_refuse(struct engines *engines, struct arena *arena, const char *tag,
                     const struct engine_voices *only, struct err *err);
