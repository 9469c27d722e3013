#pragma once

/*
 * Assets: the files Parlando manages, and how rows and files stay one.
 *
 * The row is the truth. A file is first written whole under a staged name; the
 * transaction that makes its row also notes a file operation (rename it into
 * place, remove what it replaces); operations are carried out after the commit,
 * in order, and again at the next start when the process ended in between.
 * Carrying out is studio/media.c's: this folder knows paths only as text.
 *
 * All paths are relative to the data folder.
 */

#include "store/store.h"

#define PROJECT_FOLDER "media/projects/" /* and a project's id: all files of it */

struct asset {
    const char *id;
    const char *project_id; /* or NULL */
    const char *kind;       /* "segment_audio", "segment_image" */
    const char *path;       /* relative to the data folder */
    const char *media_type;
    int64_t bytes;
    int64_t created_at;
};

/* A recording of a segment that was written whole at staged_path. */
struct new_audio {
    const char *staged_path, *path, *url;
    int64_t bytes;
    double duration_s;
    int rate_hz;
    const char *engine, *voice;
    const char *text; /* that was spoken: the segment is stale when its own is another by now */
    bool even_locked; /* the job was started for locked segments too */
};

struct new_image {
    const char *staged_path, *path, *url;
    const char *media_type;
    int64_t bytes;
};

/* Gives the segment this picture, replacing its old one. ERR_NOT_FOUND when it is gone, ERR_CONFLICT
 * when it is locked. */
bool store_segment_image_set(struct store *store, const char *segment_id,
                             const struct new_image *image, struct err *err);
bool store_segment_image_remove(struct store *store, const char *segment_id, struct err *err);

enum file_operation_kind {
    FILE_OPERATION_RENAME,      /* source to target, replacing it; done when there is no source */
    FILE_OPERATION_REMOVE,      /* target, a file */
    FILE_OPERATION_REMOVE_TREE, /* target, a folder with all in it */
};

struct file_operation {
    int64_t id;
    enum file_operation_kind kind;
    const char *source, *target;
};

struct file_operation_list {
    struct file_operation *items;
    size_t count;
};

#define STORE_FILE_OPERATIONS_MAX 1000

/* What is still to be carried out, in order; the first STORE_FILE_OPERATIONS_MAX of it. */
bool store_file_operations(struct store *store, struct arena *arena,
                           struct file_operation_list *out, struct err *err);

/* These were carried out. */
bool store_file_operations_done(struct store *store, const int64_t *ids, size_t count,
                                struct err *err);

struct asset_list {
    struct asset *items;
    int64_t count, total;
};

bool store_assets(struct store *store, struct arena *arena, const char *project_id,
                  const struct page *page, struct asset_list *out, struct err *err);
