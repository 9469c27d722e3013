#pragma once

/*
 * Style tables: what makes a voice of a StyleTTS2-like model (Kokoro, Kitten).
 * A table is [rows, 256] floats; a model takes the row for the length of what it
 * speaks. Files are recognised by their content, never by name:
 *
 *     PK\3\4    NumPy's NPZ: one array a voice
 *     {         JSON: voice -> nested lists of numbers
 *     KVO1      rows, columns, floats: one voice
 *     else      bare little-endian floats: one voice, or several after one another
 *
 * Everything is bounded and checked: sizes, row counts, finite values.
 */

#include <stddef.h>

#include "base/err.h"

#define STYLE_COLUMNS 256
#define STYLE_ROWS_MAX 1024
#define STYLE_VOICES_MAX 1024 /* in one file */

struct style_table {
    size_t rows;   /* 1 to STYLE_ROWS_MAX; Kokoro 510 or 511, Kitten 1 or 400 */
    float *values; /* [rows, STYLE_COLUMNS]; owned */
};

void style_table_destroy(struct style_table *table); /* accepts NULL */

/* The row for this many tokens: min(tokens, rows - 1). */
const float *style_table_row(const struct style_table *table, size_t tokens);

/* What a file holds. */
struct style_names {
    char **items; /* owned, in the file's order */
    size_t count, capacity;
    size_t rows; /* of a file without names, of all its voices together; else 0 */
};

/* The names of the voices in a file that has names (NPZ, JSON). A file without names gives none and
 * is no error; ERR_CORRUPT when it is no style file. out is initialised here. */
bool style_list(const char *path, struct style_names *out, struct err *err) MUST_CHECK;
void style_names_release(struct style_names *names);

/* Which table of a file. */
struct style_pick {
    const char *name; /* in a file with names; NULL: the file is one voice */
    size_t rows;      /* of each voice in a bare file of several; 0: the file is one voice */
    size_t index;     /* which of them */
};

/* NULL on failure. */
struct style_table *style_load(const char *path, const struct style_pick *pick, struct err *err);
