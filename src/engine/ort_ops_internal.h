#pragma once

/* What ort.c uses of ort_ops.c. */

#include <onnxruntime_c_api.h>

#include "engine/ort_ops.h"

struct ort_ops;

/* Registers the operators with a session's options; version is that of the api in use. The result
 * must outlive the session, and is there even when *status is a failure. */
struct ort_ops *ort_ops_create(const OrtApi *api, uint32_t version, int threads,
                               OrtSessionOptions *options, OrtStatus **status);
void ort_ops_destroy(struct ort_ops *ops); /* accepts NULL */
