#pragma once

/*
 * Engines: things that speak. Each is one file ending in one struct
 * engine_type; engine.c holds the list.
 *
 * An engine is opened once, is immutable from then on but for what it locks
 * itself, and may be used by several threads at a time: they share one copy of
 * the weights. What one sentence needs lives on the caller's side.
 *
 *     struct engine *engine = engine_open(&config, "auto", NULL, &err);
 *     const struct voice *voice = engine_voice(engine, "af_bella(2)+af_sky(1)", &err);
 *     engine_text_options(engine, voice, &options);
 *     … planner_next(planner, &arena, &chunk, &err) …
 *     engine_speak(engine, &(struct utterance){ &chunk, voice, 1.0 }, &speech, cancel, &err);
 */

#include <stddef.h>
#include <stdint.h>

#include "audio/pcm.h"
#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "text/chunk.h"

#define ENGINE_SPEED_MIN 0.5
#define ENGINE_SPEED_MAX 2.0

struct engine;
struct voice; /* an engine's own; borrowed from it, valid until engine_close, immutable */

/* An engine borrows it, with its strings, until engine_close: some models are opened only when they
 * are needed. */
struct engine_config {
    const char *models_dir;
    const char *runtime;     /* who computes Kokoro: auto (NULL), native or onnx */
    bool is_turbo;           /* our own Kokoro engine computes in 8 bits where the processor can */
    const char *onnxruntime; /* ONNX Runtime's library, or NULL: look in the usual places */
    int threads;             /* compute threads for all engines; 0: physical cores */
    int callers;             /* threads that will call engine_speak at once; 0: 1 */
    const char *phonemes;    /* a phoneme_scheme to use where the model takes several, or NULL */
};

struct voice_info {
    const char *id;       /* "af_bella" */
    const char *name;     /* for people: "Bella" */
    const char *language; /* "en-us" */
    const char *gender;   /* "female", "male" or "" */
};

struct voice_info voice_info_copy(struct arena *arena, const struct voice_info *info);

struct utterance {
    const struct chunk *chunk; /* not silent */
    const struct voice *voice;
    double speed; /* ENGINE_SPEED_MIN to ENGINE_SPEED_MAX, 1 is natural */
};

/* A word's place in the speech, in frames; the input range is the chunk word's. */
struct spoken_word {
    uint32_t input_start, input_end;
    size_t start_frame, end_frame;
};

struct speech {
    struct pcm pcm;            /* mono, at the engine's rate, trimmed, not normalised; owned */
    struct spoken_word *words; /* owned; NULL when the model gives no times */
    size_t word_count;
};

void speech_release(struct speech *speech); /* accepts a zeroed struct */

#define ENGINE_ESPEAK "espeak" /* the engine that is always there, and has no models */

/* How many engines there are, and the name of each, in the order "auto" prefers them. */
size_t engine_count(void);
const char *engine_name_at(size_t index);

/* Is it an engine's name, or "auto"? ERR_INVALID, with those there are. */
bool engine_name_check(const char *name, struct err *err);

/* Is it "auto", "native" or "onnx"? ERR_INVALID else. */
bool engine_runtime_check(const char *name, struct err *err);

/* Can it speak now? Looks at files only; err says what is missing and how to get it. */
bool engine_is_available(const struct engine_config *config, const char *name, struct err *err);

/* What engine_open would load, by the name and model it would then have. */
struct engine_choice {
    const char *name;
    char *model; /* owned */
};

/* Looks at files only. The caller frees the model. */
bool engine_choose(const struct engine_config *config, const char *name, const char *model,
                   struct engine_choice *out, struct err *err) MUST_CHECK;

/* The voices of an engine that need not be open: as engine_voice_at and engine_voice have them. */
struct engine_voices {
    const char *engine, *model;     /* as engine_name and engine_model */
    const struct voice_info *items; /* sorted by id; at least one */
    size_t count;
    const char *default_voice; /* id of the one that engine_voice gives for NULL */
    bool can_blend;            /* engine_voice takes a blend of them */
};

/* Those of what engine_open would open. Looks at files only. */
bool engine_list_voices(const struct engine_config *config, const char *name, const char *model,
                        struct arena *arena, struct engine_voices *out, struct err *err) MUST_CHECK;

/* Would what engine_open would open have this voice or blend, which engine_voice would not have to
 * replace? ERR_INVALID or ERR_UNSUPPORTED with the parameter "voice" when not; what engine_open says
 * when there is no such engine now. Looks at files only. */
bool engine_check_voice(const struct engine_config *config, const char *name, const char *model,
                        const char *voice, struct err *err) MUST_CHECK;

/* A number that changes with the files below the models folder (names, sizes, times, inodes), so
 * that what was found there once need not be looked for again. */
uint64_t engine_models_stamp(const struct engine_config *config);

/* Loads a model, which may take seconds. name is an engine or "auto"; model is a catalogue id or
 * an .onnx file, or NULL for the engine's best installed one. NULL on failure. */
struct engine *engine_open(const struct engine_config *config, const char *name, const char *model,
                           struct err *err);
void engine_close(struct engine *engine); /* accepts NULL; nobody may be speaking */

const char *engine_name(const struct engine *engine);  /* "kokoro" */
const char *engine_model(const struct engine *engine); /* catalogue id or file; "" for espeak */
int engine_rate_hz(const struct engine *engine);

/* The voices, sorted by id. */
size_t engine_voice_count(const struct engine *engine);
const struct voice_info *engine_voice_at(const struct engine *engine, size_t index);

/* The voice for an id or a blend such as "af_bella(2)+af_sky(1)". NULL gives the engine's default;
 * so does an unknown or empty id, which is logged once. A malformed blend or weight, or a blend
 * that names an unknown voice, is ERR_INVALID. */
const struct voice *engine_voice(struct engine *engine, const char *id, struct err *err);
const struct voice_info *voice_info(const struct voice *voice); /* a blend's id is as given */

/* What the front end must do for this engine and voice: language, scheme, vocabulary, limits.
 * Leaves lexicon, first_tokens and is_normalized alone. */
void engine_text_options(const struct engine *engine, const struct voice *voice,
                         struct text_options *out);

/* Speaks one chunk. Blocks for the inference, which cancel (may be NULL) interrupts.
 * On failure *out is empty. */
bool engine_speak(struct engine *engine, const struct utterance *utterance, struct speech *out,
                  struct cancel *cancel, struct err *err) MUST_CHECK;
