#include "cmd/models_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/progress.h"
#include "models/installed.h"
#include "studio/model_entries.h"

static bool is_named(const struct model_entry *entry, const struct arguments *ids)
{
    for (int i = 0; i < ids->count; i++)
        if (strcmp(ids->values[i], entry->id) == 0)
            return true;
    return false;
}

/* Prints what is wrong and a line about the whole; false only when it was cancelled. */
static bool verify_entry(const struct models_context *context, const struct model_entry *entry,
                         bool is_quiet, int *code, struct err *err)
{
    struct progress *progress = progress_create(entry->id, is_quiet);
    size_t wrong = 0;

    for (size_t i = 0; i < entry->file_count; i++) {
        progress_fraction(progress, (double)i / (double)entry->file_count);
        if (model_verify_file(&entry->files[i], context->config->models, context->cancel, err))
            continue;
        if (err->kind == ERR_CANCELLED) {
            progress_destroy(progress);
            return false;
        }
        progress_note(progress, "%s: %s", entry->id, err->message);
        wrong++;
    }
    progress_destroy(progress);
    if (wrong > 0) {
        printf("%s: %zu of %zu files are wrong or missing. `parlando models pull --check %s` gets "
               "them again.\n",
               entry->id, wrong, entry->file_count, entry->id);
        *code = err_exit_code(ERR_CORRUPT);
    } else if (!is_quiet) {
        printf("%s: all right (%zu file%s)\n", entry->id, entry->file_count,
               entry->file_count == 1 ? "" : "s");
    }
    return true;
}

int models_verify(int argc, char **argv, const struct models_context *context)
{
    bool is_quiet = false;
    const struct option_row rows[] = {
        { "quiet", 'q', OPTION_FLAG, &is_quiet, .help = "print only what is wrong" },
    };
    const struct usage usage = {
        .synopsis = "parlando models verify [ID…]",
        .about = "Reads model files and compares them with their SHA-256. Without an id, all\n"
                 "models that are installed, whole or in part. The exit code is 5 when one is\n"
                 "wrong.",
        .examples = "  parlando models verify\n"
                    "  parlando models verify kokoro",
        .rows = rows,
        .row_count = COUNT(rows),
    };
    struct arguments ids;
    struct err err;
    int code;

    if (!models_options(&usage, argc, argv, context, &ids, &code) ||
        !models_exist(context->catalogue, &ids, &code))
        return code;
    code = EXIT_SUCCESS;
    for (size_t i = 0; i < catalogue_count(context->catalogue); i++) {
        const struct model_entry *entry = catalogue_at(context->catalogue, i);
        bool is_wanted = ids.count > 0
                             ? is_named(entry, &ids)
                             : model_state(entry, context->config->models) != MODEL_ABSENT;

        if (is_wanted && !verify_entry(context, entry, is_quiet, &code, &err))
            return models_fail(&err);
    }
    return code;
}

static bool remove_entry(const struct models_context *context, const struct model_entry *entry,
                         struct err *err)
{
    uint64_t freed = 0;

    if (!model_entry_remove(entry, context->config->models, &freed, context->cancel, err))
        return false;
    printf("%s: removed, %.1f MB freed\n", entry->id, (double)freed / MODELS_MEGABYTE);
    return true;
}

/* What the entry needed and nobody needs any more goes too. */
static bool remove_unneeded(const struct models_context *context, const struct model_entry *entry,
                            struct err *err)
{
    const char *models_dir = context->config->models;
    const struct model_entry *needed;

    while ((needed = model_entry_find_unneeded(context->catalogue, entry, models_dir)))
        if (!remove_entry(context, needed, err))
            return false;
    return true;
}

static bool remove_named(const struct models_context *context, const char *id, bool is_forced,
                         struct err *err)
{
    const struct model_entry *entry = catalogue_find(context->catalogue, id);
    const struct model_entry *other =
        model_needed_by(context->catalogue, entry, context->config->models);

    if (model_state(entry, context->config->models) == MODEL_ABSENT) {
        printf("%s is not installed.\n", entry->id);
        return true;
    }
    if (other && !is_forced)
        return err_set(err, ERR_CONFLICT,
                       "%s is needed by %s, which is installed. Remove that one, or add --force.",
                       entry->id, other->id);
    return remove_entry(context, entry, err) && remove_unneeded(context, entry, err);
}

int models_rm(int argc, char **argv, const struct models_context *context)
{
    bool is_forced = false;
    const struct option_row rows[] = {
        { "force", 0, OPTION_FLAG, &is_forced, .help = "also what another installed model needs" },
    };
    const struct usage usage = {
        .synopsis = "parlando models rm [--force] ID…",
        .about =
            "Removes a model's files, its prepared copy, and what only it needed. Nothing else\n"
            "in the folder is touched.",
        .examples = "  parlando models rm kokoro-q8",
        .rows = rows,
        .row_count = COUNT(rows),
    };
    struct arguments ids;
    struct err err;
    int code;

    if (!models_options(&usage, argc, argv, context, &ids, &code) ||
        !models_exist(context->catalogue, &ids, &code))
        return code;
    if (ids.count == 0) {
        err_set(&err, ERR_INVALID, "Name the models to remove. See --help.");
        return models_fail(&err);
    }
    for (int i = 0; i < ids.count; i++)
        if (!remove_named(context, ids.values[i], is_forced, &err))
            return models_fail(&err);
    return EXIT_SUCCESS;
}
