#pragma once

/*
 * What every unit test needs on top of cmocka: its headers in the right order,
 * failures that name the case of a table, and a temporary folder.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

/* Fails with the case's name when cond is false. */
#define check_case(name, cond)                                                                     \
    do {                                                                                           \
        if (!(cond))                                                                               \
            fail_msg("%s: %s", (name), #cond);                                                     \
    } while (0)

#define check_ok(call, err)                                                                        \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s", #call, (err)->message);                                             \
    } while (0)

static inline void check_text(const char *name, const char *got, const char *expected)
{
    if (strcmp(got, expected) != 0)
        fail_msg("%s:\n  got      \"%s\"\n  expected \"%s\"", name, got, expected);
}

/* A new folder under the system's temporary one; remove it with temp_folder_remove. */
static inline char *temp_folder(void)
{
    const char *base = getenv("TMPDIR");
    char *path = str_format("%s/parlando-test-XXXXXX", base && *base ? base : "/tmp");

    if (!mkdtemp(path))
        fail_msg("mkdtemp: %s", path);
    return path;
}

static inline int temp_folder_remove_one(const char *path, const struct stat *st, int type,
                                         struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path);
}

static inline void temp_folder_remove(char *path)
{
    nftw(path, temp_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}
