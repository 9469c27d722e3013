#include "corpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"

#define CORPUS_LIMIT (1u << 20)

/* "\n", "\t" and "\\" in place. */
static void unescape(char *cell)
{
    char *out = cell;

    for (const char *in = cell; *in; in++) {
        if (in[0] == '\\' && in[1] == '\\')
            *out++ = *++in;
        else if (in[0] == '\\' && (in[1] == 'n' || in[1] == 't'))
            *out++ = *++in == 'n' ? '\n' : '\t';
        else
            *out++ = *in;
    }
    *out = '\0';
}

static void add_row(struct corpus *corpus, char *line, size_t number)
{
    struct corpus_row row = { .line = number };

    for (size_t i = 0; i < CORPUS_COLUMNS; i++) {
        char *cell = line ? strsep(&line, "\t") : NULL;
        if (cell)
            unescape(cell);
        row.cells[i] = cell ? cell : "";
    }
    ARRAY_GROW(corpus->rows, corpus->count, corpus->capacity);
    corpus->rows[corpus->count++] = row;
}

struct corpus corpus_open(const char *name)
{
    struct corpus corpus = { 0 };
    struct buf bytes = BUF(CORPUS_LIMIT);
    struct err err = { 0 };
    char *path = str_format("%s/%s", TEST_DATA, name);
    size_t number = 0;

    if (!file_read(path, &bytes, &err))
        fail_msg("%s", err.message);
    free(path);
    corpus.text = buf_take(&bytes);
    for (char *rest = corpus.text; rest && *rest;) {
        char *line = strsep(&rest, "\n");
        if (++number > 1 && *line)
            add_row(&corpus, line, number);
    }
    assert_true(corpus.count > 0);
    return corpus;
}

void corpus_close(struct corpus *corpus)
{
    free(corpus->rows);
    free(corpus->text);
    *corpus = (struct corpus){ 0 };
}
