#pragma once

/* Segments of projects. See store.h for threads, memory and errors. */

#include "store/projects.h"
#include "store/store.h"

struct segment {
    const char *id, *project_id;
    int64_t sequence_index; /* 0, 1, … without holes within a project */
    const char *text_content;
    const char *image_prompt;               /* "" when there is none */
    const char *chapter;                    /* "" when there is none */
    const char *image_file;                 /* URL path, "/media/projects/…"; or NULL */
    const char *audio_file;                 /* URL path; or NULL */
    double audio_duration;                  /* seconds; 0 without audio */
    const char *audio_engine, *audio_voice; /* what spoke it; NULL without audio */
    int64_t audio_created_at;               /* changes with the audio alone; 0 without it */
    bool audio_stale;                       /* the text was changed after the audio was made */
    bool is_locked;
    const char *task_id;     /* of the queued or running unit for it; or NULL */
    const char *audio_error; /* why the last try failed; NULL after a success or a change of text */
    int64_t created_at, updated_at;
};

struct segment_list {
    struct segment *items;
    int64_t count, total;
};

/* In order. ERR_NOT_FOUND without the project. project_id NULL: of all projects. */
bool store_segments(struct store *store, struct arena *arena, const char *project_id,
                    const struct page *page, struct segment_list *out, struct err *err);
bool store_segment_get(struct store *store, struct arena *arena, const char *id,
                       struct segment *out, struct err *err);

/* What a PATCH may change; NULL leaves a value. A new text makes audio stale and, when it is the
 * text the audio was made of, fresh again. */
struct segment_change {
    const char *text_content, *image_prompt;
    const bool *is_locked;
};

/* ERR_CONFLICT when text or prompt of a locked segment would change (unless the same change
 * unlocks it). */
bool store_segment_update(struct store *store, const char *id, const struct segment_change *change,
                          struct err *err);

/* At index, or at the end with -1. id gets its id. ERR_NOT_FOUND without the project. */
bool store_segment_create(struct store *store, const char *project_id, int64_t index,
                          const struct new_segment *segment, char *id, struct err *err);

/* The others close up. Its queued units are cancelled, its files asked to be removed (assets.h). */
bool store_segment_delete(struct store *store, const char *id, struct err *err);

/* ids are exactly the project's, each once, else ERR_INVALID. */
bool store_segments_reorder(struct store *store, const char *project_id, const char *const *ids,
                            size_t count, struct err *err);
