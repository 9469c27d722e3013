#pragma once

/*
 * Prepared copies of Kokoro models: constants folded, patterns rewritten for
 * ort_ops.h, weights in a file that is mapped. They load in a tenth of a second,
 * share their weights' memory among processes, and speak about twice as fast.
 *
 *     <models>/.prepared/<source>-<state>/model.onnx, weights.bin, manifest.json
 *
 * <source> is a hash of the source's path; <state> one of its size and time, ONNX
 * Runtime's version and ours. A copy whose state is not today's is never used and
 * goes with the next preparation. A copy appears whole or not at all; processes
 * that prepare the same model do so one after the other.
 *
 * A copy is a cache: whatever is wrong with it, the source still speaks. Any
 * thread may call.
 */

#include <stdint.h>

#include "base/cancel.h"
#include "engine/engine.h"
#include "engine/model_files.h"

/* The prepared copy of a model, or NULL: there is none, it is damaged (which is logged), or
 * PARLANDO_PREPARED=0 is set. runtime is ort_version(). The caller's. */
char *prepared_find(const char *models_dir, const char *source, const char *runtime);

/* Can this kind of model be prepared? */
bool prepared_is_for(const struct installed_model *model);

/* Makes the copy unless it is there, and speaks with both to compare: a copy that sounds otherwise
 * is thrown away. Takes some seconds, 1.4 GB of memory, and more than the source's size on disk, in
 * the end 1.8 times that. ERR_UNSUPPORTED for models that are no fp32 Kokoro of the known graph;
 * ERR_DISK_FULL, ERR_IO; nothing is left behind then. */
bool prepared_make(const struct engine_config *config, const struct installed_model *model,
                   struct cancel *cancel, struct err *err) MUST_CHECK;

/* Removes what a killed preparation of the source has left. */
bool prepared_remove_unfinished(const char *models_dir, const char *source,
                                struct err *err) MUST_CHECK;

/* Bytes of a model's prepared copies; 0: there are none. */
uint64_t prepared_size(const char *models_dir, const char *source);

/* Removes them; the source may be gone already. freed may be NULL. */
bool prepared_remove(const char *models_dir, const char *source, uint64_t *freed,
                     struct err *err) MUST_CHECK;
