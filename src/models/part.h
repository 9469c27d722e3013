#pragma once

/*
 * A file on its way into the models folder. Bytes are gathered under a name
 * that no reader takes for the file ("….part"), and only what has the right
 * size and checksum gets the file's own name. The caller holds the entry's lock.
 */

#include "base/cancel.h"
#include "models/catalogue.h"

struct part {
    const struct model_file *file; /* borrowed */
    char *path;                    /* owned: where it belongs */
    char *temp;                    /* owned: where it grows */
    int fd;                        /* open for reading and writing, or -1 */
    uint64_t size;                 /* where its last byte ends */
};

/* Opens the part, with what an earlier try left in it when resume is true. suffix tells parts of
 * different origin apart (".part", ".npm.part"). Folders are made. */
bool part_open(struct part *part, const struct model_file *file, const char *models_dir,
               const char *suffix, bool resume, struct err *err) MUST_CHECK;

/* Writes at an offset, or at the end. ERR_CORRUPT when that is beyond what the file has. */
bool part_write(struct part *part, uint64_t offset, const void *bytes, size_t length,
                struct err *err) MUST_CHECK;
bool part_append(struct part *part, const void *bytes, size_t length, struct err *err) MUST_CHECK;

bool part_restart(struct part *part, struct err *err) MUST_CHECK; /* empties it */

/* Checks size and checksum, syncs and gives it its name; a wrong part is removed (ERR_CORRUPT). */
bool part_commit(struct part *part, struct cancel *cancel, struct err *err) MUST_CHECK;

/* Closes it; what was not committed stays for a later try, unless it is empty. */
void part_close(struct part *part);
void part_discard(struct part *part); /* closes and removes it */

/* ERR_CORRUPT when this file is not what the catalogue says, ERR_NOT_FOUND when it is missing. */
bool model_file_check(const struct model_file *file, const char *path, struct cancel *cancel,
                      struct err *err) MUST_CHECK;
