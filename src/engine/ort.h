#pragma once

/*
 * ONNX Runtime. ort.c is the only file that sees its header; the library is
 * opened at run time, so that a program without it starts and says what is
 * missing (ERR_UNAVAILABLE) when a neural engine is asked for.
 *
 * An ort holds the library and its environment and must outlive its sessions.
 * The library shares one environment among all of a process, so opening one ort
 * an engine costs nothing. A session may run in several threads at a time.
 */

#include <stddef.h>

#include "base/cancel.h"
#include "base/err.h"
#include "engine/tensor.h"

struct ort;
struct ort_session;

/* Is there a library that opens? path as in ort_open. */
bool ort_is_available(const char *path, struct err *err);

/* Opens path when it is given, else $PARLANDO_ORT, deps/ near the executable, or what the dynamic
 * linker finds. NULL on failure. */
struct ort *ort_open(const char *path, struct err *err);
void ort_close(struct ort *ort); /* accepts NULL; its sessions are closed */
const char *ort_version(const struct ort *ort);

struct ort_session_options {
    int threads; /* for one run, 1 or more */

    /* Bytes added behind the model file's own, or NULL. A protobuf message and a further piece of
     * it, one after the other, are read as their merge, so a tensor inside the graph can be made an
     * output without a changed copy of the file. */
    const void *suffix;
    size_t suffix_length;
};

/* Loads a model, which may take seconds. NULL on failure. */
struct ort_session *ort_session_open(struct ort *ort, const char *path,
                                     const struct ort_session_options *options, struct err *err);

/* The same for a model in memory, which is not needed any more afterwards. what is its name in
 * messages; the suffix is not used. */
struct ort_session *ort_session_open_bytes(struct ort *ort, const void *bytes, size_t length,
                                           const char *what,
                                           const struct ort_session_options *options,
                                           struct err *err);
void ort_session_close(struct ort_session *session); /* accepts NULL */

/* What the model takes and gives, valid as long as the session. */
const struct tensor_info *ort_session_inputs(const struct ort_session *session, size_t *count);
const struct tensor_info *ort_session_outputs(const struct ort_session *session, size_t *count);

/* Runs the model. outputs[i] receives the output called names[i]; release them all afterwards.
 * Blocks; cancel (may be NULL) ends it early with ERR_CANCELLED. On failure outputs are empty. */
bool ort_session_run(struct ort_session *session, const struct tensor_view *inputs,
                     size_t input_count, const char *const *names, struct tensor *outputs,
                     size_t output_count, struct cancel *cancel, struct err *err) MUST_CHECK;

/*
 * Tensors that stay with the library, for models whose outputs are inputs of their next run: they go
 * in again as they came out, without a copy.
 */
struct ort_value;

/* Borrows the view's elements for the value's life; they may change between runs. NULL on failure. */
struct ort_value *ort_value_create(struct ort *ort, const struct tensor_view *view,
                                   struct err *err);
void ort_value_destroy(struct ort_value *value); /* accepts NULL; before its ort is closed */

/* The elements of a float value, valid as long as the value; ERR_CORRUPT, naming what, where it is of
 * another type. */
bool ort_value_floats(const struct ort_value *value, const char *what, const float **out,
                      size_t *count, struct err *err) MUST_CHECK;

/* As ort_session_run: outputs[i] receives the value called output_names[i], to be destroyed
 * afterwards. On failure outputs are NULL. */
bool ort_session_run_values(struct ort_session *session, const char *const *input_names,
                            const struct ort_value *const *inputs, size_t input_count,
                            const char *const *output_names, struct ort_value **outputs,
                            size_t output_count, struct cancel *cancel, struct err *err) MUST_CHECK;
