#pragma once

/*
 * Preparing a model (engine/prepared.h) in a process of its own, for a server: it
 * ends at once when that is cancelled, where ONNX Runtime would first finish the
 * session it is making, and takes its 1.4 GB of memory along.
 */

#include "base/cancel.h"
#include "cmd/config.h"
#include "engine/model_files.h"

/* As prepared_make(), at the calling thread's priority; nothing is left behind when it fails. */
bool models_prepare_apart(const struct config *config, const struct installed_model *model,
                          struct cancel *cancel, struct err *err) MUST_CHECK;
