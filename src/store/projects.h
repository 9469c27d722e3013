#pragma once

/* Projects and their segments' counts. See store.h for threads, memory and errors. */

#include "store/store.h"

#define PROJECT_TITLE_MAX 500 /* characters */

/* Settled by the store in the same transaction as what changes it. */
enum project_status {
    PROJECT_DRAFT,      /* something has no fresh audio yet, and nothing is being made */
    PROJECT_PROCESSING, /* units are queued or running */
    PROJECT_COMPLETED,  /* has segments, and each that has text has fresh audio */
    PROJECT_FAILED,     /* not completed, and the last job of it could not run at all */
};

extern const char *const project_status_names[]; /* as stored and shown; NULL ends them */

struct project {
    const char *id, *title;
    const char *author; /* "" when unknown */
    enum project_status status;
    int64_t created_at, updated_at;
    int64_t revision; /* grows with every change of the project, its segments and their units */

    int64_t segment_count, audio_count, locked_count, stale_count;
    double duration_s; /* of all audio */
};

struct project_list {
    struct project *items;
    int64_t count; /* in items */
    int64_t total; /* without the page's limits */
};

/* order: "created_at", "updated_at", "title", with "-" in front for descending; NULL: newest first.
 * search: part of the title, any case; or NULL. ERR_INVALID for another order. */
bool store_projects(struct store *store, struct arena *arena, const struct page *page,
                    const char *search, const char *order, struct project_list *out,
                    struct err *err);
bool store_project_get(struct store *store, struct arena *arena, const char *id,
                       struct project *out, struct err *err);

struct project_revision {
    const char *id;
    int64_t revision;
};

struct project_changes {
    struct project_revision *items; /* the one changed last first */
    int64_t count;                  /* in items */
    int64_t total;                  /* projects there are */
};

/* The projects changed last, limit at most. */
bool store_projects_changed(struct store *store, struct arena *arena, int64_t limit,
                            struct project_changes *out, struct err *err);

bool store_project_revision(struct store *store, const char *id, int64_t *out, struct err *err);

/* The same for threads that must not wait, not even for a connection to be opened: -1 when it cannot
 * be told at once, or there is no such project. */
int64_t store_project_glance(struct store *store, const char *id);

/* A segment to be made with its project. */
struct new_segment {
    const char *text;
    size_t length;
    const char *image_prompt; /* or NULL */
    const char *chapter;      /* title, or NULL */
};

/* Makes a project with segments in this order, all or nothing. id gets its id. */
bool store_project_create(struct store *store, const char *title, const char *author,
                          const struct new_segment *segments, size_t count, char *id,
                          struct err *err);
bool store_project_rename(struct store *store, const char *id, const char *title, struct err *err);

/* Removes it with its segments and assets, cancels its queued units, and asks for its media folder's
 * removal (assets.h). Running units notice at their next step. */
bool store_project_delete(struct store *store, const char *id, struct err *err);
