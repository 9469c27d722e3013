#pragma once

/*
 * The models of this machine, as the page and the API see them: the catalogue's,
 * installed or not, any other .onnx in the models folder that speaks, and eSpeak,
 * which is always there. What is asked for looks at the disk, so that what
 * another program put there or took away is seen at once.
 *
 * Any thread may call anything but create, stop and destroy.
 */

#include "engine/tensor.h"
#include "models/catalogue.h"
#include "studio/engines.h"
#include "studio/model_pulls.h"
#include "transcribe/transcriber.h"

enum model_kind { MODEL_SPEECH, MODEL_TRANSCRIPTION, MODEL_VOICE_ACTIVITY, MODEL_VOICES };

struct model_names {
    const char **items;
    size_t count;
};

/* A tensor that goes into a model, or comes out of it. */
struct model_tensor {
    const char *file; /* of the model's files, the one it belongs to */
    const char *name, *type;
    const double *shape; /* -1: any length */
    size_t rank;
};

struct model_tensors {
    const struct model_tensor *items; /* NULL: the model cannot be read (now) */
    size_t count;
};

struct shelf_model {
    const char *id;     /* of the catalogue, a path below the models folder, or "espeak" */
    const char *engine; /* "kokoro", …, "moonshine", "silero" */
    const char *name;   /* for people */
    const char *licence;
    enum model_kind kind;
    enum model_state state; /* MODEL_PARTIAL also where a download was interrupted */
    struct model_names languages;
    int64_t size;          /* bytes of its files once it is whole; 0: not known */
    int64_t bytes_on_disk; /* with a prepared copy, and what was downloaded so far */
    bool is_prepared;
    bool is_default; /* set-up pulls it */
    bool is_loaded;
    bool is_ours;            /* of the catalogue: it can be pulled and removed */
    int64_t installed_at_ms; /* time of its file; 0: it is not there */
    struct model_names needs, needed_by;
    struct model_names removes;     /* of needs, what goes with it when it is removed now */
    const struct pull_report *pull; /* under way, or ended just now; or NULL */
};

struct shelf_models {
    const struct shelf_model *items;
    size_t count;
    const char *folder;
    int64_t bytes_installed;
    int64_t bytes_free; /* on that disk */
};

struct model_shelf;

struct model_shelf_options {
    const struct engine_config *engine; /* copied, its strings are borrowed */
    struct engines *engines;
    struct transcriber *transcriber;
    int niceness; /* of what pulls and prepares models, as in nice(2) */

    /* Makes the prepared copy of a model that was pulled, as prepared_make() does. */
    bool (*prepare)(void *state, const struct installed_model *model, struct cancel *cancel,
                    struct err *err);
    void *prepare_state;

    void (*changed)(void *state); /* something here is different now; any thread; or NULL */
    void *changed_state;
};

/* options are copied, what they point to is borrowed. NULL when the catalogue is broken. */
struct model_shelf *model_shelf_create(const struct model_shelf_options *options, struct err *err);

/* Ends pulls, for good; the first returns at once, the second waits until nothing changes by itself any
 * more. All accept NULL. */
void model_shelf_cancel(struct model_shelf *shelf);
void model_shelf_stop(struct model_shelf *shelf);
void model_shelf_destroy(struct model_shelf *shelf);

void model_shelf_list(struct model_shelf *shelf, struct arena *arena, struct shelf_models *out);

/* ERR_NOT_FOUND, with the name of one that is near. */
bool model_shelf_get(struct model_shelf *shelf, struct arena *arena, const char *id,
                     struct shelf_model *out, struct err *err) MUST_CHECK;

/* What goes into a model and comes out, read from its files without loading it. */
void model_shelf_tensors(struct model_shelf *shelf, struct arena *arena,
                         const struct shelf_model *model, struct model_tensors *inputs,
                         struct model_tensors *outputs);

/* Those under way and those that have just ended. Returns how many. */
size_t model_shelf_pulls(struct model_shelf *shelf, struct arena *arena,
                         const struct pull_report **out);

/* Begins to pull, or finds the pull that is under way. ERR_CONFLICT for what is no entry of the
 * catalogue. */
bool model_shelf_pull(struct model_shelf *shelf, struct arena *arena, const char *id,
                      struct pull_report *out, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND when it is not being pulled. */
bool model_shelf_cancel_pull(struct model_shelf *shelf, struct arena *arena, const char *id,
                             struct err *err) MUST_CHECK;

/* Loads a model ahead of time, which may take seconds; true at once when it is loaded. ERR_CONFLICT
 * for what is nothing to load, ERR_UNAVAILABLE for what is not installed. */
bool model_shelf_load(struct model_shelf *shelf, struct arena *arena, const char *id,
                      struct err *err) MUST_CHECK;

/* ERR_CONFLICT while it is at work. */
bool model_shelf_unload(struct model_shelf *shelf, struct arena *arena, const char *id,
                        struct err *err) MUST_CHECK;

/* Removes it, and what only it needed. ERR_CONFLICT while it is at work or being pulled, or another
 * installed one needs it. */
bool model_shelf_remove(struct model_shelf *shelf, struct arena *arena, const char *id,
                        struct cancel *cancel, struct err *err) MUST_CHECK;

/* Reads its files and compares them with their checksums. problems: a sentence each; none: it is as
 * it should be. */
bool model_shelf_verify(struct model_shelf *shelf, struct arena *arena, const char *id,
                        struct cancel *cancel, struct model_names *problems,
                        struct err *err) MUST_CHECK;

/* Grows when anything that model_shelf_list tells has changed, but for the bytes of a pull. Models
 * that engines open and close by themselves count once somebody asks. */
int64_t model_shelf_revision(struct model_shelf *shelf);
