#pragma once

/* The real models and recordings, where they are installed; else a test is skipped and says why. */

#include "base/file.h"
#include "check.h"
#include "engine/ort.h"

#define CLIPS "/usr/share/pocketsphinx/test/data/" /* Debian's pocketsphinx-testdata */

/* Good until the next call. */
static inline const char *models_folder(void)
{
    static char path[4096];
    const char *folder = getenv("PARLANDO_MODELS"), *data = getenv("XDG_DATA_HOME");

    if (folder && *folder)
        snprintf(path, sizeof path, "%s", folder);
    else if (data && *data)
        snprintf(path, sizeof path, "%s/parlando/models", data);
    else
        snprintf(path, sizeof path, "%s/.local/share/parlando/models", getenv("HOME"));
    return path;
}

static inline void skip_for_want_of(const char *what)
{
    print_message("skipped: %s is not there\n", what);
    skip();
}

/* The path of a model's file; the caller's. */
static inline char *need_model(const char *name)
{
    char *path = str_format("%s/%s", models_folder(), name);

    if (!file_is_regular(path)) {
        free(path);
        skip_for_want_of(name);
    }
    return path;
}

static inline void need_clip(const char *path)
{
    if (!file_is_regular(path))
        skip_for_want_of(path);
}
