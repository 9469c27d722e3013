#pragma once

/* What a narration has to do: for each segment its file and hash, and the recording it may keep. */

#include "studio/narrate.h"
#include "studio/narration.h"

struct plan_item {
    char *file;               /* owned */
    char *label;              /* the first words, for playlists; owned */
    char hash[SHA256_HEX];    /* as in struct narration_row */
    struct narration_row row; /* owned; row.file is NULL until there is a recording */
};

struct plan {
    struct plan_item *items; /* one a segment */
    size_t count;
    size_t kept; /* items that had a recording from the start */
};

/* Moves the rows that can be kept out of old and into the items. */
void plan_make(struct plan *plan, const struct document *story, const struct narrate_speech *speech,
               struct narration *old, const char *folder, bool is_forced);

/* Renames kept recordings to where they now belong, saving the manifest on the way. Rows of old
 * whose names are needed are dropped. */
bool plan_move_files(struct plan *plan, struct narration *old, const char *folder,
                     bool *has_changed, struct err *err) MUST_CHECK;

/* The manifest as it is now: the items' rows, then what is left in old. */
bool plan_save(const struct plan *plan, const struct narration *old, const char *folder,
               size_t *bytes, struct err *err) MUST_CHECK;

/* "01-x.srt" beside "01-x.wav". The caller's. */
char *plan_subtitle_name(const char *file);

void plan_release(struct plan *plan);
