#include "studio/model_shelf.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "models/installed.h"
#include "studio/model_entries.h"
#include "studio/model_shelf_internal.h"

/* ---- changes ---- */

static void note_change(struct model_shelf *shelf, bool is_of_list)
{
    pthread_mutex_lock(&shelf->lock);
    shelf->revision += is_of_list;
    pthread_mutex_unlock(&shelf->lock);
    if (shelf->options.changed)
        shelf->options.changed(shelf->options.changed_state);
}

static void pull_changed(void *state, bool is_step)
{
    note_change(state, is_step);
}

int64_t model_shelf_revision(struct model_shelf *shelf)
{
    uint64_t engine_changes = engines_change_count(shelf->options.engines);
    bool is_hearing = transcriber_is_loaded(shelf->options.transcriber);

    pthread_mutex_lock(&shelf->lock);
    if (engine_changes != shelf->engine_changes || is_hearing != shelf->was_hearing)
        shelf->revision++;
    shelf->engine_changes = engine_changes;
    shelf->was_hearing = is_hearing;
    int64_t revision = shelf->revision;
    pthread_mutex_unlock(&shelf->lock);
    return revision;
}

struct model_shelf *model_shelf_create(const struct model_shelf_options *options, struct err *err)
{
    struct catalogue *catalogue = catalogue_open(err);

    if (!catalogue)
        return NULL;
    struct model_shelf *shelf = xcalloc(1, sizeof *shelf);

    shelf->options = *options;
    shelf->engine = *options->engine;
    shelf->catalogue = catalogue;
    shelf->revision = clock_now_ms(); /* no process begins below what an earlier one has told */
    pthread_mutex_init(&shelf->lock, NULL);
    shelf->pulls = model_pulls_create(&(struct model_pulls_options){
        .catalogue = catalogue,
        .engine = &shelf->engine,
        .niceness = options->niceness,
        .prepare = options->prepare,
        .prepare_state = options->prepare_state,
        .changed = pull_changed,
        .changed_state = shelf,
    });
    return shelf;
}

void model_shelf_cancel(struct model_shelf *shelf)
{
    if (shelf)
        model_pulls_cancel_all(shelf->pulls);
}

void model_shelf_stop(struct model_shelf *shelf)
{
    if (shelf)
        model_pulls_stop(shelf->pulls);
}

void model_shelf_destroy(struct model_shelf *shelf)
{
    if (!shelf)
        return;
    model_pulls_destroy(shelf->pulls);
    catalogue_close(shelf->catalogue);
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

/* ---- what is done with them ---- */

size_t model_shelf_pulls(struct model_shelf *shelf, struct arena *arena,
                         const struct pull_report **out)
{
    return model_pulls_list(shelf->pulls, arena, out);
}

/* The catalogue's entry; others have no source, and are nobody's to remove but their owner's. */
static const struct model_entry *get_entry(struct model_shelf *shelf, struct arena *arena,
                                           const char *id, const char *what, struct err *err)
{
    const struct model_entry *entry = shelf_find_entry(shelf, id);
    struct speech_model file;

    if (entry)
        return entry;
    if (strcmp(id, ENGINE_ESPEAK) == 0)
        err_set(err, ERR_CONFLICT, "eSpeak NG is a part of Parlando: there is nothing to %s.",
                what);
    else if (shelf_get_file(shelf, arena, id, &file))
        err_set(err, ERR_CONFLICT,
                "%.120s is a file of your own in the models folder, which Parlando does not %s.",
                id, what);
    else
        shelf_not_found(shelf, id, err);
    return NULL;
}

bool model_shelf_pull(struct model_shelf *shelf, struct arena *arena, const char *id,
                      struct pull_report *out, struct err *err)
{
    const struct model_entry *entry = get_entry(shelf, arena, id, "pull", err);

    return entry && model_pulls_begin(shelf->pulls, entry, arena, out, err);
}

bool model_shelf_cancel_pull(struct model_shelf *shelf, struct arena *arena, const char *id,
                             struct err *err)
{
    const struct model_entry *entry = get_entry(shelf, arena, id, "pull", err);

    if (!entry)
        return false;
    return model_pulls_cancel(shelf->pulls, entry) ||
           err_set_param(err, ERR_NOT_FOUND, "model", "%s is not being pulled.", entry->id);
}

/* Which engine's model it is, as that calls it. */
struct loadable {
    const char *engine, *model; /* model "": the engine has none */
    bool hears;
};

static bool get_loadable(struct model_shelf *shelf, struct arena *arena, const char *id,
                         struct loadable *out, struct err *err)
{
    const struct model_entry *entry = shelf_find_entry(shelf, id);
    struct speech_model file;

    if (entry && shelf_kind_of(entry) == MODEL_VOICES)
        return err_set(err, ERR_CONFLICT, "%s are loaded one by one, when they speak.",
                       entry->name);
    if (entry)
        *out =
            (struct loadable){ entry->engine, entry->id, shelf_is_hearing_engine(entry->engine) };
    else if (strcmp(id, ENGINE_ESPEAK) == 0)
        *out = (struct loadable){ ENGINE_ESPEAK, "", false };
    else if (shelf_get_file(shelf, arena, id, &file))
        *out = (struct loadable){ file.engine, file.name, false };
    else
        return shelf_not_found(shelf, id, err);
    return true;
}

static bool load_engine(struct model_shelf *shelf, const struct loadable *what, struct err *err)
{
    struct engine *engine = engines_borrow(shelf->options.engines, what->engine,
                                           *what->model ? what->model : NULL, err);

    if (engine)
        engines_return(shelf->options.engines, engine);
    return engine;
}

bool model_shelf_load(struct model_shelf *shelf, struct arena *arena, const char *id,
                      struct err *err)
{
    struct loadable what;

    if (!get_loadable(shelf, arena, id, &what, err) ||
        !(what.hears ? transcriber_load(shelf->options.transcriber, err)
                     : load_engine(shelf, &what, err)))
        return false;
    note_change(shelf, false);
    return true;
}

static bool unload(struct model_shelf *shelf, const struct loadable *what, struct err *err)
{
    return what->hears ? transcriber_unload(shelf->options.transcriber, err)
                       : engines_unload(shelf->options.engines, what->engine, what->model, err);
}

bool model_shelf_unload(struct model_shelf *shelf, struct arena *arena, const char *id,
                        struct err *err)
{
    struct loadable what;

    if (!get_loadable(shelf, arena, id, &what, err))
        return false;
    if (strcmp(what.engine, ENGINE_ESPEAK) == 0)
        return err_set(err, ERR_CONFLICT, "eSpeak NG has no model that could be unloaded.");
    if (!unload(shelf, &what, err))
        return false;
    note_change(shelf, false);
    return true;
}

/* What it was loaded from goes away: nobody may be at work with it. */
static bool let_go(struct model_shelf *shelf, const struct model_entry *entry, struct err *err)
{
    const struct loadable what = { entry->engine, entry->id,
                                   shelf_is_hearing_engine(entry->engine) };

    return shelf_kind_of(entry) == MODEL_VOICES || unload(shelf, &what, err);
}

static bool remove_entry(struct model_shelf *shelf, const struct model_entry *entry,
                         struct cancel *cancel, struct err *err)
{
    uint64_t freed = 0;

    if (!model_entry_remove(entry, shelf_folder(shelf), &freed, cancel, err))
        return false;
    log_info("models", "%s is removed: %.1f MB freed", entry->id, (double)freed / 1e6);
    return true;
}

static bool remove_with_needs(struct model_shelf *shelf, const struct model_entry *entry,
                              struct cancel *cancel, struct err *err)
{
    const struct model_entry *needed;
    bool ok = remove_entry(shelf, entry, cancel, err);

    while (ok && (needed = model_entry_find_unneeded(shelf->catalogue, entry, shelf_folder(shelf))))
        ok = remove_entry(shelf, needed, cancel, err);
    note_change(shelf, true);
    return ok;
}

bool model_shelf_remove(struct model_shelf *shelf, struct arena *arena, const char *id,
                        struct cancel *cancel, struct err *err)
{
    const struct model_entry *entry = get_entry(shelf, arena, id, "remove", err);
    const struct model_entry *other;

    if (!entry)
        return false;
    if (model_bytes_on_disk(entry, shelf_folder(shelf)) == 0)
        return err_set(err, ERR_CONFLICT, "%s is not installed.", entry->id);
    if (model_pulls_has(shelf->pulls, entry))
        return err_set(err, ERR_CONFLICT, "%s is being pulled. Cancel that first.", entry->id);
    if ((other = model_needed_by(shelf->catalogue, entry, shelf_folder(shelf))))
        return err_set(err, ERR_CONFLICT, "%s is needed by %s, which is installed.", entry->id,
                       other->id);
    return let_go(shelf, entry, err) && remove_with_needs(shelf, entry, cancel, err);
}

bool model_shelf_verify(struct model_shelf *shelf, struct arena *arena, const char *id,
                        struct cancel *cancel, struct model_names *problems, struct err *err)
{
    const struct model_entry *entry = get_entry(shelf, arena, id, "verify", err);

    *problems = (struct model_names){ 0 };
    if (!entry)
        return false;
    for (size_t i = 0; i < entry->file_count; i++) {
        if (model_verify_file(&entry->files[i], shelf_folder(shelf), cancel, err))
            continue;
        if (err->kind == ERR_CANCELLED)
            return false;
        shelf_add_name(arena, problems, entry->file_count, arena_strdup(arena, err->message));
    }
    err_clear(err);
    return true;
}
