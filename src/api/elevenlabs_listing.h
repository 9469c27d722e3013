#pragma once

/*
 * Models and voices as ElevenLabs' clients read them. The addresses /v1/models
 * and /v1/voices are OpenAI's too, so a voice here has the members that either
 * kind of client looks for, and a model is written for whoever asks.
 *
 * Shapes are constant; the rest borrows what it is given. Any thread.
 */

#include "api/shape.h"
#include "engine/engine.h"
#include "http/request.h"

#define ELEVENLABS_TEXT_MAX 40000 /* characters of one request: what their fastest models take */

/* Does one of their clients ask? Theirs send the key under a name of its own, or say who they are. */
bool elevenlabs_is_client(const struct request *request);

/* ---- voices ---- */

struct elevenlabs_labels {
    const char *language, *gender, *engine;
};

struct elevenlabs_verified_language {
    const char *language, *model_id, *locale;
};

struct elevenlabs_voice_settings {
    double stability, similarity_boost, style;
    bool use_speaker_boost;
    double speed;
};

/* What ElevenLabs presumes where nothing is set. */
extern const struct elevenlabs_voice_settings elevenlabs_default_settings;

struct elevenlabs_voice {
    const char *id, *voice_id; /* the same, for either kind of client */
    const char *name, *language, *gender, *engine;
    const char *category, *description;
    const char *preview_url; /* NULL: none */
    const struct elevenlabs_labels *labels;
    const struct elevenlabs_voice_settings *settings;
    struct list_items verified_languages; /* of struct elevenlabs_verified_language */
    bool is_owner, is_legacy;
};

/* A voice of an engine, under the id that a request would name it by. */
struct elevenlabs_voice elevenlabs_voice_of(struct arena *arena, const char *engine, const char *id,
                                            const struct voice_info *info);

void elevenlabs_write_voice(struct json_writer *w, const char *key,
                            const struct elevenlabs_voice *voice);

/* ---- models ---- */

struct elevenlabs_language {
    const char *language_id, *name;
};

struct elevenlabs_rates {
    double character_cost_multiplier;
};

struct elevenlabs_model {
    const char *model_id, *name, *description;
    bool can_do_text_to_speech;
    int64_t characters_max;      /* of one text: ELEVENLABS_TEXT_MAX */
    struct list_items languages; /* of struct elevenlabs_language */
};

/* The languages of an engine's voices, each once, in the order of the voices. */
struct list_items elevenlabs_languages_of(struct arena *arena, const struct engine_voices *voices);

/* A bare array. */
void elevenlabs_write_models(struct json_writer *w, const char *key,
                             const struct elevenlabs_model *models, size_t count);

/* "ElevenLabsVoice" and "ElevenLabsModel", and what they are made of. */
extern const struct shape elevenlabs_voice_shape;
extern const struct shape elevenlabs_labels_shape;
extern const struct shape elevenlabs_voice_settings_shape;
extern const struct shape elevenlabs_verified_language_shape;
extern const struct shape elevenlabs_model_shape;
extern const struct shape elevenlabs_language_shape;
extern const struct shape elevenlabs_rates_shape;
