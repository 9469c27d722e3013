#pragma once

/*
 * A corpus: a TSV file whose header line names its columns, each later line a
 * case. In a cell "\n" stands for a newline, "\t" for a tab and "\\" for a backslash.
 */

#include <stddef.h>

#define CORPUS_COLUMNS 4

struct corpus_row {
    const char *cells[CORPUS_COLUMNS]; /* "" where the line has fewer */
    size_t line;                       /* in the file, from 1 */
};

struct corpus {
    char *text; /* owned; the cells lie in it */
    struct corpus_row *rows;
    size_t count, capacity;
};

/* Fails the test that calls when the file cannot be read or is empty. name is under tests/data. */
struct corpus corpus_open(const char *name);
void corpus_close(struct corpus *corpus);
