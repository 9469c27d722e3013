#pragma once

/*
 * Languages as clients name them, by BCP 47 ("en", "pt-BR", "zh-Hans-CN"), and
 * which voice speaks one. Pure but for the engine's voices, which are fixed while
 * it is open.
 */

#include "engine/engine.h"

#define LANGUAGE_TAG_MAX 64 /* bytes */

/* Does it look like a tag? "_" is taken for "-", as many programs write it. */
bool language_is_tag(const char *text);

/* How well a voice's language fits a tag: 0 for another language; else more for each further part
 * they share, and for a voice that has no part beyond these. Case does not matter. */
int language_fit(const char *voice_language, const char *tag);

/* The id of the engine's voice that fits best: preferred (an id, or NULL), then the engine's default,
 * then the language's own country where several fit alike. NULL where none speaks the language. */
const char *language_voice(struct engine *engine, const char *tag, const char *preferred);
