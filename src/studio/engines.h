#pragma once

/*
 * The engines that are open in this process: each loaded once, when first
 * needed, and shared by everyone who speaks with it.
 *
 * Loading takes from a fraction of a second to some; others who want the same
 * engine wait for it, those who want another do not. An engine nobody has
 * borrowed for idle_s is closed again (0: never). Any thread.
 */

#include "engine/engine.h"

struct engines;

struct engines *engines_create(const struct engine_config *config, double idle_s);
void engines_destroy(struct engines *engines); /* accepts NULL; nothing may be borrowed */

/* name: an engine's or "auto"; model: as engine_open. NULL on failure. */
struct engine *engines_borrow(struct engines *engines, const char *name, const char *model,
                              struct err *err);
void engines_return(struct engines *engines, struct engine *engine);

/* Could it speak, without loading anything? err as engine_is_available. "auto" always can. */
bool engines_can_speak(struct engines *engines, const char *name, struct err *err);

size_t engines_loaded_count(struct engines *engines);
void engines_close_idle(struct engines *engines); /* those nobody has borrowed for idle_s */
