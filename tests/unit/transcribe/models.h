#pragma once

/* The real models and recordings, where they are installed; else a test is skipped and says why. */

#include "base/file.h"
#include "check.h"
#include "engine/ort.h"

#define CLIPS "/usr/share/pocketsphinx/test/data/" /* Debian's pocketsphinx-testdata */

static inline char *models_folder(void)
{
    const char *folder = getenv("PARLANDO_MODELS"), *data = getenv("XDG_DATA_HOME");

    if (folder && *folder)
        return xstrdup(folder);
    return data && *data ? str_format("%s/parlando/models", data)
                         : str_format("%s/.local/share/parlando/models", getenv("HOME"));
}

static inline void skip_for_want_of(const char *what)
{
    print_message("skipped: %s is not there\n", what);
    skip();
}

/* The path of a model's file; the caller's. */
static inline char *need_model(const char *name)
{
    char *folder = models_folder();
    char *path = str_format("%s/%s", folder, name);

    free(folder);
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
