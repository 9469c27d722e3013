#pragma once

/*
 * Models on their way into the models folder: asked for by anybody, pulled one at
 * a time on a thread of their own, and prepared where that makes them faster
 * (model_entries.h), as `parlando models pull` does it. What was downloaded before
 * a pull was cancelled, failed or was ended with the process is used by the next.
 *
 * What has ended stays known for PULL_KEPT_S. Any thread may call anything but
 * create, stop and destroy.
 */

#include "engine/model_files.h"
#include "models/catalogue.h"

#define PULL_KEPT_S 60.0

enum pull_state {
    PULL_QUEUED,
    PULL_DOWNLOADING,
    PULL_PREPARING,
    PULL_ENDED,
    PULL_FAILED,
    PULL_CANCELLED,
};

/* A pull as it is now; texts live as long as the arena it was asked for with. */
struct pull_report {
    const char *model; /* catalogue id */
    enum pull_state state;
    const char *step;                /* what is being done: a file's name, …; or NULL */
    int64_t bytes_done, bytes_total; /* of what it needs too; 0: not known (yet) */
    const char *error;               /* of a failed one, else NULL */
};

struct model_pulls;

struct model_pulls_options {
    const struct catalogue *catalogue;
    const struct engine_config *engine;
    int niceness; /* of the thread, as in nice(2) */

    /* Makes the prepared copy of a model that was pulled, as prepared_make() does. */
    bool (*prepare)(void *state, const struct installed_model *model, struct cancel *cancel,
                    struct err *err);
    void *prepare_state;

    /* Some pull is different now: begun, ended, or in another state (is_step), or only further. Any
     * thread; or NULL. */
    void (*changed)(void *state, bool is_step);
    void *changed_state;
};

/* options are copied, what they point to is borrowed. No thread runs before there is work. */
struct model_pulls *model_pulls_create(const struct model_pulls_options *options);

/* Cancels what runs; nothing begins any more. Returns at once. */
void model_pulls_cancel_all(struct model_pulls *pulls);

/* The same, and waits for it. */
void model_pulls_stop(struct model_pulls *pulls);
void model_pulls_destroy(struct model_pulls *pulls); /* stops; accepts NULL */

/* Begins, or finds the one that is under way; where that is being cancelled, it begins again then. */
bool model_pulls_begin(struct model_pulls *pulls, const struct model_entry *entry,
                       struct arena *arena, struct pull_report *out, struct err *err) MUST_CHECK;

/* False when none is under way. */
bool model_pulls_cancel(struct model_pulls *pulls, const struct model_entry *entry);

/* Is the entry being pulled, or something that needs it? */
bool model_pulls_has(struct model_pulls *pulls, const struct model_entry *entry);

/* Those under way and those that have just ended, in the order of the catalogue. Returns how many. */
size_t model_pulls_list(struct model_pulls *pulls, struct arena *arena,
                        const struct pull_report **out);
