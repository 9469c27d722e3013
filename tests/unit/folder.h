#pragma once

/* A new folder for each test, with the name of a file in it: set_up and tear_down of cmocka. */

#include <dirent.h>

#include "base/path.h"
#include "check.h"

struct folder {
    char *path;
    char *file; /* path/take.wav; nothing is there yet */
};

static inline int folder_set_up(void **state)
{
    struct folder *folder = xcalloc(1, sizeof *folder);

    folder->path = temp_folder();
    folder->file = path_join(folder->path, "take.wav");
    *state = folder;
    return 0;
}

static inline int folder_tear_down(void **state)
{
    struct folder *folder = *state;

    temp_folder_remove(folder->path);
    free(folder->file);
    free(folder);
    return 0;
}

static inline int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int count = 0;

    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2; /* . and .. */
}
