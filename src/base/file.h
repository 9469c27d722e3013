#pragma once

/*
 * Files read whole with a limit, written so that no reader ever sees half of
 * one, and mapped. Paths are the caller's; see base/path.h for names that come
 * from outside.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

bool file_exists(const char *path); /* anything at all is there */
bool file_is_regular(const char *path);
bool file_is_directory(const char *path);

/* Appends the file's bytes to out, whose max bounds them. "-" reads standard input. */
bool file_read(const char *path, struct buf *out, struct err *err) MUST_CHECK;

/*
 * Opens a regular file below root for reading; relative is a path from outside.
 * Nothing leads out: "..", an absolute path and every symbolic link below root are
 * ERR_NOT_FOUND, as are folders, devices and pipes. root itself may be a link.
 * A descriptor for the caller to close, or -1. Any thread.
 */
int file_open_beneath(const char *root, const char *relative, struct err *err) MUST_CHECK;

/* The same for threads that must not wait: -1 too where the path would have to be looked up on the
 * disk, or where the kernel cannot tell (before 5.12). */
int file_open_beneath_cached(const char *root, const char *relative) MUST_CHECK;

/* mkdir -p. */
bool directory_create(const char *path, struct err *err) MUST_CHECK;

/* Syncs the folder a path is in, so that a rename there survives a power cut. Folders that cannot be
 * synced (some network file systems refuse) are no failure: the file itself is safe. */
void file_sync_parent(const char *path);

/* May a regular file get this name? ERR_INVALID where a folder, a device or a pipe has it, which a
 * rename would replace; ERR_IO where a file has it that one may not write to. */
bool file_check_target(const char *path, struct err *err) MUST_CHECK;

/*
 * A file that appears at its path whole or not at all. begin opens a temporary
 * file beside it with a unique name; write through file; commit flushes, syncs
 * and renames; release removes what was not committed. release is safe after
 * commit, on a zeroed struct and twice.
 *
 * A symbolic link is followed and stays; one that leads nowhere is refused.
 *
 * Not thread-safe; two writers of one path do not harm each other, the last
 * commit wins.
 */
struct file_out {
    FILE *file;
    char *path; /* owned */
    char *temp; /* owned; NULL once committed */
};

bool file_out_begin(struct file_out *out, const char *path, struct err *err) MUST_CHECK;
bool file_out_commit(struct file_out *out, struct err *err) MUST_CHECK;
void file_out_release(struct file_out *out);

/* Replaces path with these bytes, by the same rules. */
bool file_write(const char *path, const void *bytes, size_t length, struct err *err) MUST_CHECK;

/* A file's bytes, read-only, until file_unmap. An empty file maps to a NULL of length 0. */
struct file_map {
    const uint8_t *bytes;
    size_t length;
};

bool file_map(struct file_map *map, const char *path, struct err *err) MUST_CHECK;
void file_unmap(struct file_map *map); /* accepts a zeroed struct */
