#pragma once

/* What ort.c uses of ort_ops.c. */

#include <onnxruntime_c_api.h>

#include "engine/mapped_weights.h"
#include "engine/ort_ops.h"

struct ort_ops;

/* Registers the operators with a session's options; version is that of the api in use. The result
 * must outlive the session, and is there even when *status is a failure. */
struct ort_ops *ort_ops_create(const OrtApi *api, uint32_t version, int threads,
                               OrtSessionOptions *options, OrtStatus **status);
/* Tells the weights (borrowed, may be NULL) when a pass comes to its generator: at the first
 * AdaInConv. To be called before the first run. */
void ort_ops_use_weights(struct ort_ops *ops, struct mapped_weights *weights);
void ort_ops_destroy(struct ort_ops *ops); /* accepts NULL */
