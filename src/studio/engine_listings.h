#pragma once

/*
 * What could speak, without loading it: the installed models and the voices of
 * each. Looking takes some 10 ms where there are models; what was found is
 * remembered for as long as the models folder stays as it is. Any thread.
 */

#include "engine/engine.h"

struct engine_listings;

/* config and what it points to are borrowed. */
struct engine_listings *engine_listings_create(const struct engine_config *config);
void engine_listings_destroy(struct engine_listings *listings); /* accepts NULL */

/* As engine_list_voices. */
bool engine_listings_voices(struct engine_listings *listings, const char *name, const char *model,
                            struct arena *arena, struct engine_voices *out, struct err *err);

struct speech_model {
    const char *engine; /* "kokoro" */
    const char *id;     /* public: a catalogue id, or the file's path below the models folder */
    const char *name;   /* as the engine takes it: a catalogue id, or the file's path */
    const char *path;   /* the .onnx */
};

struct speech_models {
    const struct speech_model *items; /* the preferred ones first */
    size_t count;
};

void engine_listings_models(struct engine_listings *listings, struct arena *arena,
                            struct speech_models *out);
