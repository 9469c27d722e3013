#pragma once

/*
 * What the files of this folder share: the two ways of getting at a connection,
 * and the steps that a transaction of one file takes in the tables of another.
 */

#include "store/assets.h"
#include "store/projects.h"
#include "store/query.h"
#include "store/store.h"

/* store_open with another busy time than STORE_BUSY_MS, for tests. */
struct store *store_open_busy(const char *path, const struct clock *clock, int busy_ms,
                              struct err *err);

/* A transaction that changes something. It holds the writer's lock, and the file's from its first
 * statement on, so that it never fails halfway because someone else began to write. */
struct change {
    struct store *store;
    struct connection *db;
    int64_t now; /* one moment for all that changes */
};

bool change_begin(struct change *change, struct store *store, struct err *err) MUST_CHECK;

/* Commits when ok, else takes everything back. Always gives the lock back. */
bool change_end(struct change *change, bool ok, struct err *err) MUST_CHECK;

/* A connection to read with, at one state of the data until snapshot_end; NULL on failure. */
struct connection *snapshot_begin(struct store *store, struct err *err);
void snapshot_end(struct store *store, struct connection *db);

/* A connection for one statement of a thread that must not wait: NULL when none is open and free. A
 * statement that another program keeps waiting fails at once. */
struct connection *glance_begin(struct store *store);
void glance_end(struct store *store, struct connection *db);

/* Binds a page to LIMIT and OFFSET. */
void query_bind_page(struct query *q, int limit_parameter, int offset_parameter,
                     const struct page *page);

/* store.c: what triggers count of a resource's changes, by its name in the table revisions. */
bool revision_get(struct store *store, const char *name, int64_t *out, struct err *err) MUST_CHECK;

/* projects.c: the project, or something in it, has changed. Grows its revision and settles its
 * status; no project with that id, or NULL, is no error. */
bool project_settle(struct change *change, const char *project_id, struct err *err) MUST_CHECK;

/* assets.c: the file at staged_path becomes an asset of the segment, in the place of its old one. */
struct new_asset {
    const char *kind, *staged_path, *path, *media_type;
    int64_t bytes;
    int rate_hz; /* 0: not audio */
};
bool asset_put(struct change *change, const char *project_id, const char *segment_id,
               const struct new_asset *asset, struct err *err) MUST_CHECK;

/* Asks for the removal of a segment's files, of one kind or (NULL) of all, and removes their rows. */
bool assets_remove(struct change *change, const char *segment_id, const char *kind,
                   struct err *err) MUST_CHECK;
bool file_operation_add(struct change *change, enum file_operation_kind kind, const char *source,
                        const char *target, struct err *err) MUST_CHECK;

/* segments.c: a segment's project; ERR_NOT_FOUND without it, and for a locked one ERR_CONFLICT:
 * "Segment is locked. Unlock it before <doing>." doing NULL: locked ones too. */
bool segment_check_unlocked(struct change *change, struct arena *arena, const char *id,
                            const char *doing, const char **project_id, struct err *err) MUST_CHECK;
bool segment_insert(struct change *change, const char *id, const char *project_id, int64_t index,
                    const struct new_segment *segment, struct err *err) MUST_CHECK;

/* segment_media.c: how the last try to speak a segment ended. Errors of the first are those of
 * store_unit_end; to the second, a segment that is gone is none. */
bool segment_audio_set(struct change *change, struct arena *arena, const char *id,
                       const struct new_audio *audio, struct err *err) MUST_CHECK;
bool segment_audio_failed(struct change *change, const char *id, const char *error,
                          struct err *err) MUST_CHECK;

/* queue_jobs.c: units of a job have changed. Settles its state, its version and its project. */
bool job_settle(struct change *change, int64_t job_number, struct err *err) MUST_CHECK;

/* queue_jobs.c: cancels what is queued of a job; it ends as cancelled once nothing runs. */
bool job_cancel(struct change *change, int64_t job_number, struct err *err) MUST_CHECK;

/* queue_units.c: cancels what is queued for a segment, or for a project in all its jobs. */
bool units_cancel_of_segment(struct change *change, const char *segment_id,
                             struct err *err) MUST_CHECK;
bool units_cancel_of_project(struct change *change, const char *project_id,
                             struct err *err) MUST_CHECK;
