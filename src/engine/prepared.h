#pragma once

/*
 * The weights of Kokoro models packed for our own engine (nn/kokoro_net.h).
 *
 *     <models>/.prepared/<source>-<state>/weights.packed
 *
 * <source> is a hash of the source's path; <state> one of its size and time and of
 * the packed form's version. What was packed from another state is never used and
 * goes with the next preparation. Before it is kept, both our engine and ONNX
 * Runtime speak a sentence, which have to be the same. A folder appears whole or
 * not at all; processes that prepare the same model do so one after the other.
 *
 * It is a cache: whatever is wrong with it, ONNX Runtime still speaks. Any thread
 * may call.
 */

#include <stdint.h>

#include "base/cancel.h"
#include "engine/engine.h"
#include "engine/model_files.h"

/* The packed weights of a model, or NULL: there are none. The caller's. */
char *prepared_find(const char *models_dir, const char *source);

/* Where the weights for turbo are beside those, or are put by whoever first wants them. The caller's. */
char *prepared_turbo(const char *weights);

bool prepared_exists(const char *models_dir, const char *source);

/* Can this kind of model be prepared? */
bool prepared_is_for(const struct installed_model *model);

/* Packs them unless they are there, and speaks to compare. Takes some seconds, 1.4 GB of memory, and
 * 1.8 times the source's size on disk. ERR_UNSUPPORTED for models that are no fp32 Kokoro of the known
 * graph or sound otherwise; ERR_DISK_FULL, ERR_IO; nothing is left behind then. */
bool prepared_make(const struct engine_config *config, const struct installed_model *model,
                   struct cancel *cancel, struct err *err) MUST_CHECK;

/* Removes what a killed preparation of the source has left. */
bool prepared_remove_unfinished(const char *models_dir, const char *source,
                                struct err *err) MUST_CHECK;

/* Bytes that preparations of a model have left on the disk, those of its former states and those that
 * were killed too; 0: there are none. */
uint64_t prepared_size(const char *models_dir, const char *source);

/* Removes them; the source may be gone already. freed may be NULL. */
bool prepared_remove(const char *models_dir, const char *source, uint64_t *freed,
                     struct err *err) MUST_CHECK;
