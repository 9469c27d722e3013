#pragma once

/*
 * The names that clients know for engines, models and voices. They come with
 * those of other servers built in ("tts-1", "alloy"), with hub names
 * ("hexgrad/Kokoro-82M"), with ours ("kokoro-q8", "espeak:de"), or with anything:
 * what is unknown means whoever speaks by default, and the log says so once.
 *
 * A voice's public id is the engine's own for the engine that speaks by default
 * and "engine:voice" for all others. Any thread; files are looked at, nothing is
 * loaded. Results live as long as the arena or the program.
 */

#include "studio/engines.h"

/* Who is asked for, and then who speaks. */
struct speaker_name {
    const char *engine; /* "auto" or an engine's; NULL or "": not said */
    const char *model;  /* asked: any name; resolved: a catalogue id or file, NULL: the best one */
    const char *voice;  /* asked: any id or blend; resolved: the engine's own, NULL: its default */
};

/* Settles all three. default_engine ("auto" or a name) speaks where nothing else is said. A voice that
 * only another engine or model has brings that one along, unless the engine is told; an engine's name
 * as model gives way to what the other two say. ERR_INVALID, naming "engine", "model" or "voice", when
 * these contradict each other or the model cannot speak; whether it is installed is for the engine to
 * say. */
bool names_resolve(struct engines *engines, struct arena *arena, const char *default_engine,
                   const struct speaker_name *asked, struct speaker_name *out,
                   struct err *err) MUST_CHECK;

/* Does anybody who is installed know the voice that is asked for, an id or a blend? What only an engine or
 * a model that is not there could tell is taken for true: it may come. ERR_INVALID, saying what is
 * wrong with the voice, else. */
bool names_check_voice(struct engines *engines, struct arena *arena,
                       const struct speaker_name *asked, struct err *err);

/* The model alone: *engine is "auto" where the name leaves it open, *model_id NULL likewise. */
bool names_resolve_model(struct engines *engines, struct arena *arena, const char *model,
                         const char **engine, const char **model_id, struct err *err) MUST_CHECK;

/* The names of other servers' models that ours answer to; ends with a row without a name. */
struct mapped_model {
    const char *name;
    bool hears; /* it transcribes; else it speaks */
};

extern const struct mapped_model names_mapped_models[];

/* A hub's name for one of our engines or models, as "hexgrad/Kokoro-82M" is, or NULL. The result is an
 * engine's name, a catalogue id, or "whisper-1" for any model that hears. */
const char *names_of_hub(struct arena *arena, const char *model);

/* Has the engine a model among these, or needs none? If not, it cannot speak. */
bool names_has_model(const struct speech_models *models, const char *engine);

/* The engine that a voice's public id names, as "espeak:de" does, or NULL. */
const char *names_engine_of_voice(const char *voice);

struct named_voice {
    const char *id; /* public */
    const char *engine, *model;
    const struct voice_info *info; /* its id is the engine's own */
    bool is_default;               /* the one its engine speaks with unasked */
};

struct named_voices {
    const struct named_voice *items;
    size_t count;
    const char *default_engine; /* its real name, never "auto" */
};

/* The voices of all engines that could speak now: of the default engine first, each engine's model by
 * model, sorted by id. */
void names_list_voices(struct engines *engines, struct arena *arena, const char *default_engine,
                       struct named_voices *out);
