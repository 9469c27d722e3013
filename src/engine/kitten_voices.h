#pragma once

/*
 * The voices of a KittenTTS model: the arrays of the voices.npz beside it, with
 * the names and the factors of the speed that its config.json gives, or without
 * one those of the published models.
 *
 * Called while an engine opens, by one thread.
 */

#include "engine/model_files.h"
#include "engine/voices.h"

#define KITTEN_DEFAULT_VOICE "expr-voice-2-f" /* Bella */

/* Adds them; the list is not finished. ERR_UNAVAILABLE when there are none, ERR_CORRUPT for a
 * damaged file of voices or config.json. */
bool kitten_voices_add(struct voice_list *list, const struct installed_model *model,
                       struct err *err) MUST_CHECK;
