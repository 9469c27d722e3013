#pragma once

/*
 * Which models are installed. Entries of the catalogue come first, in its
 * order; then any .onnx below the models folder, recognised by its graph: the
 * same file name has had different content, so names tell nothing.
 *
 * Nothing is cached here: each call looks at the disk. Any thread may call.
 */

#include <stddef.h>

#include "engine/engine.h"
#include "engine/onnx_file.h"

enum model_family {
    FAMILY_NONE, /* not a model that speaks */
    FAMILY_KOKORO,
    FAMILY_KITTEN,
    FAMILY_PIPER,
};

const char *model_family_name(enum model_family family); /* the engine's name, or "none" */

/* By inputs, outputs, metadata and operators; the rules are in model_files.c. */
enum model_family model_family_of(const struct onnx_file *file);

struct installed_model {
    char *name; /* catalogue id, or the file's path; owned */
    char *path; /* the .onnx; owned */
    enum model_family family;
    bool is_fp32; /* its weights are 32-bit floats, not a shorter or quantised kind */
};

void installed_model_release(struct installed_model *model); /* accepts a zeroed struct */

struct installed_models {
    struct installed_model *items; /* owned, the preferred first */
    size_t count, capacity;
};

/* The installed models of a family, FAMILY_NONE for all. fp32 comes before shorter kinds, which
 * are slower on CPUs and err more. A folder that is not there holds none. */
void installed_models_list(const char *models_dir, enum model_family family,
                           struct installed_models *out);
/* A number that changes when anything below the models folder does: names, sizes, times, inodes. */
uint64_t installed_models_stamp(const char *models_dir);

void installed_models_release(struct installed_models *models);

/* The model a user means: a catalogue id, an .onnx file, or NULL for the family's best. FAMILY_NONE
 * takes any family when model is given. ERR_UNAVAILABLE, saying how to get it, when none is there;
 * ERR_UNSUPPORTED when it is another kind of model. */
bool installed_model_find(const struct engine_config *config, enum model_family family,
                          const char *model, struct installed_model *out,
                          struct err *err) MUST_CHECK;
