#pragma once

/*
 * What a kind of engine implements, and what engine.c does for all of them:
 *
 *     engine.c   which model, the voices, checks of an utterance, finite samples,
 *                trimming, word times
 *     a type     loading, the front end's options, one pass of the model
 *
 * A type's own struct begins with a struct engine:
 *
 *     struct kokoro { struct engine engine; struct ort *ort; … };
 */

#include "engine/engine.h"
#include "engine/model_files.h"
#include "engine/voices.h"

struct engine {
    const struct engine_type *type;
    char *model; /* owned: catalogue id or file; "" for espeak */
    int rate_hz; /* set by the type's open */
    struct voice_list voices;
};

/* What one pass of a model gave, before trimming. Zeroed when the type's speak is called. */
struct raw_speech {
    struct pcm pcm; /* all the model's samples, mono, at the engine's rate; owned */

    /* Frame at which each content id starts, and behind them the frame where the last one ends:
     * id_count + 1 rising values. NULL: the model gives no times. Owned. */
    size_t *id_start;

    /* Words, for a type that reads text itself; else NULL: they follow from id_start. Frames count
     * from the first of pcm. Owned. */
    struct spoken_word *words;
    size_t word_count;
};

struct engine_type {
    const char *name;
    enum model_family family; /* the models it loads; FAMILY_NONE: it needs none */

    /* Adds the voices to an empty list and calls voice_list_finish. model is the one that engine.c
     * has found (NULL where the family is NONE). Looks at files only. Fails without voices, and where
     * anything else is missing that speaking needs besides what computes. */
    bool (*list_voices)(const struct engine_config *config, const struct installed_model *model,
                        struct voice_list *list, struct err *err);

    /* Is there what computes the model? NULL for types of which ONNX Runtime is all that does. */
    bool (*check_runtime)(const struct engine_config *config, const struct installed_model *model,
                          struct err *err);

    /* Allocates the type's struct, calls engine_init on its engine first, loads and sets rate_hz
     * (engine_close on failure). The voices are engine.c's to give. NULL on failure. */
    struct engine *(*open)(const struct engine_config *config, const struct installed_model *model,
                           struct err *err);

    /* Frees what is the type's own and the struct itself, which may be opened by half. */
    void (*close)(struct engine *engine);

    void (*text_options)(const struct engine *engine, const struct voice *voice,
                         struct text_options *out);

    /* One pass. The utterance has been checked: not silent, speed in bounds, ids within
     * text_options' max_tokens and at least one unless the scheme is PHONEMES_NONE. Several threads
     * may call it on one engine. Samples need not be finite: engine.c refuses those that are not. */
    bool (*speak)(struct engine *engine, const struct utterance *utterance, struct raw_speech *out,
                  struct cancel *cancel, struct err *err);
};

extern const struct engine_type engine_kokoro, engine_kitten, engine_piper, engine_espeak;

/* Fills the common part; model is the installed model's name, "" for none. */
void engine_init(struct engine *engine, const struct engine_type *type, const char *model);

/* Who computes Kokoro: Parlando's own engine, ONNX Runtime, or the better one that can. */
enum engine_runtime { ENGINE_RUNTIME_AUTO, ENGINE_RUNTIME_NATIVE, ENGINE_RUNTIME_ONNX };
enum engine_runtime engine_runtime(const struct engine_config *config);

/* Compute threads of all runs of a model together: config's threads (0: the machine's physical
 * cores). */
int engine_threads(const struct engine_config *config);

/* Compute threads for one run of a model: config's threads (0: the machine's physical cores)
 * divided among its callers, at least 1. */
int engine_run_threads(const struct engine_config *config);

/* For a model that takes several schemes: config->phonemes when it is among the allowed ones, else
 * ERR_INVALID, naming the choices; the first of them when nothing is configured. A model that takes
 * one is not asked. */
bool engine_scheme(const struct engine_config *config, const enum phoneme_scheme *allowed,
                   size_t allowed_count, enum phoneme_scheme *out, struct err *err) MUST_CHECK;
