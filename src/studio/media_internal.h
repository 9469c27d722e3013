#pragma once

/*
 * Files and folders below the data folder, by paths relative to root, a
 * descriptor of it. Paths lie in media/; no symbolic link is followed on the
 * way (media_files.c). Any thread.
 */

#include "base/err.h"

#define MEDIA_STAGED "media/staged"
#define MEDIA_PROJECTS "media/projects"

/* A folder of ours: its descriptor, or -1. Makes what is missing. */
int media_folder_open(int root, const char *path, struct err *err) MUST_CHECK;

/* Moves a file, replacing target, and syncs the target's folder. True when there is no source: it
 * was moved before. */
bool media_file_move(int root, const char *source, const char *target, struct err *err) MUST_CHECK;

/* Removes a file or a link; true when there is none. */
bool media_file_remove(int root, const char *path, struct err *err) MUST_CHECK;

/* Removes a folder (or a file, or a link instead of one) with all that is in it; true when there is
 * none. */
bool media_tree_remove(int root, const char *path, struct err *err) MUST_CHECK;
