#pragma once

/*
 * The engines that are open in this process: each loaded once, when first
 * needed, and shared by everyone who speaks with it.
 *
 * Loading takes from a fraction of a second to some; others who want the same
 * engine wait for it, those who want another do not. engines_close_idle closes
 * what nobody has borrowed for idle_s (0: nothing); whoever has a clock calls it
 * now and then. Any thread.
 *
 * A model's own compute threads inherit the priority of the thread that opens
 * it, so each is opened on a thread of its own at the lowered priority, whoever
 * asks for it first.
 */

#include "engine/engine.h"
#include "studio/engine_listings.h"

struct engines;

/* config is copied, its strings are borrowed until engines_destroy; its callers are at least the
 * places of the turnstile that borrowers speak through. niceness: as in nice(2), 0 leaves it. */
struct engines *engines_create(const struct engine_config *config, double idle_s, int niceness);
void engines_destroy(struct engines *engines); /* accepts NULL; nothing may be borrowed */

/* name: an engine's or "auto"; model: as engine_open. NULL on failure, with "engine" as the error's
 * parameter where the cause names no other: no text can be spoken then. */
struct engine *engines_borrow(struct engines *engines, const char *name, const char *model,
                              struct err *err);
void engines_return(struct engines *engines, struct engine *engine);

/* Could it speak, without loading anything? err as engine_is_available. "auto" always can. */
bool engines_can_speak(struct engines *engines, const char *name, struct err *err);

/* As engine_check_voice, for what engines_borrow would give. */
bool engines_check_voice(struct engines *engines, const char *name, const char *model,
                         const char *voice, struct err *err) MUST_CHECK;

/* The voices of what engines_borrow would give, without loading anything. Looking for them takes some
 * 10 ms where there are models, asking again for as long as the models folder stays as it is a
 * fraction of one. err as engine_list_voices. */
bool engines_list_voices(struct engines *engines, const char *name, struct arena *arena,
                         struct engine_voices *out, struct err *err);
bool engines_list_model_voices(struct engines *engines, const char *name, const char *model,
                               struct arena *arena, struct engine_voices *out, struct err *err);

/* The installed models that could speak, the preferred ones first. */
void engines_list_models(struct engines *engines, struct arena *arena, struct speech_models *out);

/* Is it another name than this was asked of last? So that what each request of a client provokes is
 * logged once. */
bool engines_is_news(struct engines *engines, const char *name);

size_t engines_loaded_count(struct engines *engines);

/* Is this model of this engine open, both by their own names (engine_name, engine_model)? */
bool engines_is_loaded(struct engines *engines, const char *name, const char *model);

/* Closes it if it is open. ERR_CONFLICT while somebody has borrowed it, or it is being opened. */
bool engines_unload(struct engines *engines, const char *name, const char *model,
                    struct err *err) MUST_CHECK;

/* Grows with each engine that is opened or closed. */
uint64_t engines_change_count(struct engines *engines);
void engines_close_idle(struct engines *engines); /* those nobody has borrowed for idle_s */
