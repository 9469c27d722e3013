#pragma once

/*
 * Named entries of a ZIP in memory, through libarchive, within limits that hold
 * for the whole book: a small file must not unpack into a flood.
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define ZIP_ENTRIES_MAX 20000
#define ZIP_UNPACKED_LIMIT (64u << 20) /* bytes unpacked from one book, all parts together */
#define ZIP_PART_LIMIT (8u << 20)      /* bytes of one entry */

/* An entry that is asked for. */
struct zip_part {
    const char *name; /* borrowed */
    struct buf bytes; /* owned; what was found */
    bool is_found;
};

struct zip {
    const char *bytes; /* borrowed */
    size_t length;
    size_t unpacked; /* so far, of ZIP_UNPACKED_LIMIT */
};

/* Reads the parts, sorted by name, in one pass. What is not there stays !is_found and is no error.
 * ERR_CORRUPT, ERR_TOO_LARGE and ERR_UNSUPPORTED (a password) name the entry. */
bool zip_read(struct zip *zip, struct zip_part *parts, size_t count, struct err *err) MUST_CHECK;

int zip_part_compare(const void *left, const void *right); /* by name, for qsort and bsearch */
void zip_part_release(struct zip_part *part);
