#pragma once

/*
 * Files and folders below the data folder, by paths relative to root, a
 * descriptor of it. Paths lie in media/ or assets/; no symbolic link is followed
 * on the way (media_files.c). Any thread.
 */

#include "base/err.h"

#define MEDIA_STAGED "media/staged"
#define MEDIA_PROJECTS "media/projects"

/* A folder of ours: its descriptor, or -1. Makes what is missing. */
int media_folder_open(int root, const char *path, struct err *err) MUST_CHECK;

/* A new file, to be written by the caller: its descriptor, or -1. */
int media_file_create(int root, const char *path, struct err *err) MUST_CHECK;

/* Moves a file, replacing target, and syncs the target's folder. True when there is no source: it
 * was moved before. */
bool media_file_move(int root, const char *source, const char *target, struct err *err) MUST_CHECK;

/* Removes a file or a link; true when there is none. That it is gone is on the disk once the file's
 * folder is synced. */
bool media_file_remove(int root, const char *path, struct err *err) MUST_CHECK;

/* Syncs the folder that a path is in, where there is one. Failures are none, see file_sync_parent. */
void media_folder_sync(int root, const char *path);

/* Removes a folder (or a file, or a link instead of one) with all that is in it; true when there is
 * none. */
bool media_tree_remove(int root, const char *path, struct err *err) MUST_CHECK;
