#pragma once

/*
 * Getting a model: what it needs first, then each file that is not there yet,
 * from the first source that works. A file appears under its name only whole,
 * with the right size and checksum. Two processes may pull at the same time:
 * one works, the other waits and finds it done.
 *
 * One thread a call; several calls may run at once.
 */

#include "base/cancel.h"
#include "models/catalogue.h"

enum pull_event_kind {
    PULL_WAITING,       /* another process works on the entry */
    PULL_PRESENT,       /* the entry was complete already */
    PULL_STEP,          /* text says what is being done */
    PULL_BYTES,         /* done of total bytes of text (a file, or several) */
    PULL_SOURCE_FAILED, /* text says which and why; the next source is tried */
    PULL_DONE,          /* the entry is complete now */
};

struct pull_event {
    enum pull_event_kind kind;
    const struct model_entry *entry;
    const char *text;     /* "" where the kind has none */
    uint64_t done, total; /* PULL_BYTES; total 0: not known */
};

struct pull_progress {
    void *context;
    void (*event)(void *context, const struct pull_event *event); /* on the calling thread */
};

#define PULL_STALL_S 30

struct pull {
    const struct catalogue *catalogue;
    const char *models_dir;               /* made when it is not there */
    const struct pull_progress *progress; /* or NULL */
    struct cancel *cancel;                /* or NULL */
    const char *npm;                      /* the npm client; NULL: $PARLANDO_NPM, else "npm" */
    long stall_s; /* give up a connection that stands still so long; 0: PULL_STALL_S */
    bool
        checks_contents; /* look at the checksums of files that are there, and replace wrong ones */
};

/* ERR_NETWORK and others name every source that was tried and why it failed; ERR_DISK_FULL says how
 * much room is needed. What was downloaded before a failure is used by the next pull. */
bool model_pull(const struct pull *pull, const struct model_entry *entry,
                struct err *err) MUST_CHECK;
