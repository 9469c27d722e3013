#pragma once

/* Which of an engine's voices speaks a language. Any thread, while the engine is open. */

#include "engine/engine.h"

/* The id of the engine's voice that fits the tag best: preferred (an id, or NULL), then the engine's
 * default, then the language's own country where several fit alike. NULL where none speaks the
 * language. */
const char *language_voice(struct engine *engine, const char *tag, const char *preferred);
