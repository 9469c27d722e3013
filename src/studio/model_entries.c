#include "studio/model_entries.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "engine/prepared.h"
#include "models/installed.h"

/* The .onnx of an entry below the models folder, or NULL. The caller's. */
static char *entry_model(const struct model_entry *entry, const char *models_dir)
{
    const struct model_file *file = model_onnx_file(entry);

    return file ? path_join(models_dir, file->path) : NULL;
}

bool model_entry_is_prepared(const struct model_entry *entry, const char *models_dir)
{
    char *path = entry_model(entry, models_dir);
    bool is_prepared = path && prepared_exists(models_dir, path);

    free(path);
    return is_prepared;
}

uint64_t model_entry_prepared_size(const struct model_entry *entry, const char *models_dir)
{
    char *path = entry_model(entry, models_dir);
    uint64_t size = path ? prepared_size(models_dir, path) : 0;

    free(path);
    return size;
}

bool model_entry_find_preparable(const struct engine_config *config,
                                 const struct model_entry *entry, struct installed_model *out)
{
    struct err why;

    *out = (struct installed_model){ 0 };
    if (strcmp(entry->engine, model_family_name(FAMILY_KOKORO)) != 0 ||
        !installed_model_find(config, FAMILY_KOKORO, entry->id, out, &why))
        return false; /* voices, for instance */
    if (prepared_is_for(out))
        return true;
    installed_model_release(out);
    return false;
}

bool model_entry_remove(const struct model_entry *entry, const char *models_dir, uint64_t *freed,
                        struct cancel *cancel, struct err *err)
{
    char *path = entry_model(entry, models_dir);
    uint64_t copy = 0, files = 0;
    bool ok = (!path || prepared_remove(models_dir, path, &copy, err)) &&
              model_remove(entry, models_dir, &files, cancel, err);

    if (freed)
        *freed = copy + files;
    free(path);
    return ok;
}

const struct model_entry *model_entry_find_unneeded(const struct catalogue *catalogue,
                                                    const struct model_entry *entry,
                                                    const char *models_dir)
{
    for (size_t i = 0; entry->needs[i]; i++) {
        const struct model_entry *needed = catalogue_find(catalogue, entry->needs[i]);

        if (model_state(needed, models_dir) != MODEL_ABSENT &&
            !model_needed_by(catalogue, needed, models_dir))
            return needed;
    }
    return NULL;
}
