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

/* What the weights beside a prepared model are called. */
#define ORT_PREPARED_WEIGHTS "weights.bin"

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

    /* The file is one that prepared.c made: it uses the operators of ort_ops.h, nothing is left to
     * optimise, and its weights are mapped. The suffix is not used. */
    bool is_prepared;

    /* Where to write the model once its constants are folded, or NULL, and the name of the file
     * beside it for the weights. What is written depends on no instruction set. */
    const char *simplified, *simplified_weights;
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
