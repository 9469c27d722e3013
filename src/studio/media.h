#pragma once

/*
 * The media folder of the data folder, and the file operations that the store's
 * transactions ask for (store/assets.h).
 *
 *     media/projects/{project}/images/{segment}.{ext}
 *     media/projects/{project}/audio/{segment}.wav
 *     media/projects/{project}/output/
 *     assets/history/{entry}.{ext}
 *     media/staged/                     what is being written
 *
 * Staged files are on the same file system, so that the rename is atomic. Below
 * the data folder no symbolic link is followed: one in a place of ours is
 * replaced or removed, one instead of a folder of ours is an error. (The data
 * folder itself may be a link.)
 *
 * One caller at a time carries operations out (a lock that is held over I/O and
 * SQL, named in ARCHITECTURE.md), in the order of their transactions. Any thread
 * may call anything here but open and close. Failures to carry out are logged,
 * once each.
 */

#include "base/arena.h"
#include "store/store.h"

struct media;

/* Makes the folders, carries out what an ended process left, and removes staged files that no
 * operation names any more: a data folder has one server, so nobody is writing them. */
struct media *media_open(const char *data_folder, struct store *store, struct err *err);
void media_close(struct media *media); /* accepts NULL */

const char *media_data_folder(const struct media *media);

/* Paths relative to the data folder, and their URL paths. ids are UUIDs. */
char *media_audio_path(struct arena *arena, const char *project_id, const char *segment_id);
char *media_image_path(struct arena *arena, const char *project_id, const char *segment_id,
                       const char *extension);
char *media_url(struct arena *arena, const char *path); /* "/media/projects/…" */

char *media_history_path(struct arena *arena, const char *entry_id, const char *extension);

/* A fresh name in media/staged/, relative; and the full path of any relative one. */
char *media_staged_path(struct arena *arena, const char *extension);
char *media_full_path(const struct media *media, struct arena *arena, const char *path);

/* A new file at a staged path, to be written by the caller: its descriptor, or -1. */
int media_stage(const struct media *media, const char *staged_path, struct err *err) MUST_CHECK;

/* Could a staged file be put in the place of path? Makes its folder. */
bool media_can_place(const struct media *media, const char *path, struct err *err) MUST_CHECK;

/* Removes a staged file whose transaction failed, unless the store says that it was committed after
 * all (the next media_settle finishes it) or cannot be asked (the next start decides). */
void media_discard(struct media *media, const char *staged_path);

/* Carries out the operations that were committed. What cannot be done is logged and stays for later,
 * with whatever comes after it at the same place: the caller's work is committed already. */
void media_settle(struct media *media);

/* Free bytes where the data is; -1 when unknown. */
int64_t media_free_bytes(const struct media *media);
