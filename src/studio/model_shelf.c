#include "studio/model_shelf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/onnx_file.h"
#include "engine/prepared.h"
#include "models/installed.h"
#include "studio/model_entries.h"

#define ESPEAK "espeak"

struct model_shelf {
    /* set once */
    struct model_shelf_options options;
    struct engine_config engine;
    struct catalogue *catalogue; /* owned */
    struct model_pulls *pulls;   /* owned */

    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    int64_t revision;
    uint64_t engine_changes; /* as they were when the revision was told last */
    bool was_hearing;
};

static const char *const kind_names[] = { "speech", "transcription", "voice_activity", "voices" };

const char *model_kind_name(enum model_kind kind)
{
    return kind_names[kind];
}

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

/* ---- what there is ---- */

static const struct model_entry *find_entry(const struct model_shelf *shelf, const char *id)
{
    return catalogue_find(shelf->catalogue, id);
}

static const char *models_dir(const struct model_shelf *shelf)
{
    return shelf->engine.models_dir;
}

static bool is_hearing_engine(const char *engine)
{
    return strcmp(engine, "moonshine") == 0 || strcmp(engine, "silero") == 0;
}

static bool has_onnx(const struct model_entry *entry)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (strcmp(path_extension(entry->files[i].path), "onnx") == 0)
            return true;
    return false;
}

static enum model_kind kind_of(const struct model_entry *entry)
{
    if (strcmp(entry->engine, "moonshine") == 0)
        return MODEL_TRANSCRIPTION;
    if (strcmp(entry->engine, "silero") == 0)
        return MODEL_VOICE_ACTIVITY;
    return has_onnx(entry) ? MODEL_SPEECH : MODEL_VOICES;
}

static void add_name(struct arena *arena, struct model_names *names, size_t most, const char *name)
{
    if (!names->items)
        names->items = arena_alloc(arena, most * sizeof *names->items);
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return;
    names->items[names->count++] = name;
}

/* "en-us, en-gb" */
static struct model_names split_languages(struct arena *arena, const char *text)
{
    struct model_names names = { 0 };
    size_t most = strlen(text) + 1;

    while (*text) {
        size_t length = strcspn(text, ", ");

        if (length > 0)
            add_name(arena, &names, most, arena_strndup(arena, text, length));
        text += length + strspn(text + length, ", ");
    }
    return names;
}

/* Those of the voices, each once. */
static struct model_names voice_languages(struct model_shelf *shelf, struct arena *arena,
                                          const char *engine, const char *model)
{
    struct engine_voices voices;
    struct model_names names = { 0 };
    struct err why;

    if (!engines_list_model_voices(shelf->options.engines, engine, model, arena, &voices, &why))
        return names;
    for (size_t i = 0; i < voices.count; i++)
        add_name(arena, &names, voices.count, voices.items[i].language);
    return names;
}

static struct model_names needs_of(struct arena *arena, const struct model_entry *entry)
{
    struct model_names names = { 0 };
    size_t count = 0;

    while (entry->needs[count])
        count++;
    for (size_t i = 0; i < count; i++)
        add_name(arena, &names, count, entry->needs[i]);
    return names;
}

/* The installed ones, whole or in part. */
static struct model_names needed_by(const struct model_shelf *shelf, struct arena *arena,
                                    const struct model_entry *entry)
{
    size_t count = catalogue_count(shelf->catalogue);
    struct model_names names = { 0 };

    for (size_t i = 0; i < count; i++) {
        const struct model_entry *other = catalogue_at(shelf->catalogue, i);

        for (size_t n = 0; other->needs[n]; n++)
            if (strcmp(other->needs[n], entry->id) == 0 &&
                model_state(other, models_dir(shelf)) != MODEL_ABSENT)
                add_name(arena, &names, count, other->id);
    }
    return names;
}

static const struct pull_report *find_pull(const struct pull_report *pulls, size_t count,
                                           const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pulls[i].model, id) == 0)
            return &pulls[i];
    return NULL;
}

static int64_t known_size(const struct model_entry *entry)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (!entry->files[i].size)
            return 0;
    return (int64_t)entry->size;
}

static int64_t modified_ms(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000
                                : 0;
}

static int64_t installed_at_ms(const struct model_entry *entry, const char *folder)
{
    char *path = path_join(folder, entry->files[0].path);
    int64_t moment = modified_ms(path);

    free(path);
    return moment;
}

static bool is_loaded(const struct model_shelf *shelf, const struct model_entry *entry)
{
    return is_hearing_engine(entry->engine)
               ? transcriber_is_loaded(shelf->options.transcriber)
               : engines_is_loaded(shelf->options.engines, entry->engine, entry->id);
}

static struct shelf_model describe_entry(const struct model_shelf *shelf, struct arena *arena,
                                         const struct model_entry *entry)
{
    const char *folder = models_dir(shelf);
    enum model_state state = model_state(entry, folder);
    uint64_t prepared = model_entry_prepared_size(entry, folder);
    uint64_t bytes = model_bytes_on_disk(entry, folder);

    return (struct shelf_model){
        .id = entry->id,
        .engine = entry->engine,
        .name = entry->name,
        .licence = entry->licence,
        .kind = kind_of(entry),
        .state = state == MODEL_ABSENT && bytes > 0 ? MODEL_PARTIAL : state,
        .languages = split_languages(arena, entry->languages),
        .size = known_size(entry),
        .bytes_on_disk = (int64_t)(bytes + prepared),
        .is_prepared = prepared > 0,
        .is_default = entry->is_default,
        .is_loaded = state == MODEL_INSTALLED && is_loaded(shelf, entry),
        .is_ours = true,
        .installed_at_ms = installed_at_ms(entry, folder),
        .needs = needs_of(arena, entry),
        .needed_by = needed_by(shelf, arena, entry),
    };
}

/* A file that somebody put into the models folder. */
static struct shelf_model describe_file(struct model_shelf *shelf, struct arena *arena,
                                        const struct speech_model *model)
{
    struct stat st;
    int64_t bytes = stat(model->path, &st) == 0 ? (int64_t)st.st_size : 0;

    return (struct shelf_model){
        .id = model->id,
        .engine = model->engine,
        .name = path_base(model->path),
        .licence = "",
        .kind = MODEL_SPEECH,
        .state = MODEL_INSTALLED,
        .languages = voice_languages(shelf, arena, model->engine, model->name),
        .size = bytes,
        .bytes_on_disk = bytes,
        .is_prepared = prepared_size(models_dir(shelf), model->path) > 0,
        .is_loaded = engines_is_loaded(shelf->options.engines, model->engine, model->name),
        .installed_at_ms = modified_ms(model->path),
    };
}

static struct shelf_model describe_espeak(struct model_shelf *shelf, struct arena *arena)
{
    return (struct shelf_model){
        .id = ESPEAK,
        .engine = ESPEAK,
        .name = "eSpeak NG",
        .licence = "GPL-3.0-or-later",
        .kind = MODEL_SPEECH,
        .state = MODEL_INSTALLED,
        .languages = voice_languages(shelf, arena, ESPEAK, NULL),
        .is_loaded = true,
    };
}

/* Bytes of the disk of the nearest folder above that exists. */
static int64_t bytes_free(const char *folder)
{
    char *path = xstrdup(folder);
    struct statvfs fs;
    char *slash;
    int failed;

    while ((failed = statvfs(path, &fs)) != 0 && (slash = strrchr(path, '/')) && slash > path)
        *slash = '\0';
    free(path);
    return failed ? 0 : (int64_t)(fs.f_bavail * fs.f_frsize);
}

void model_shelf_list(struct model_shelf *shelf, struct arena *arena, struct shelf_models *out)
{
    size_t entry_count = catalogue_count(shelf->catalogue), count = 0;
    const struct pull_report *pulls;
    struct speech_models installed;
    int64_t bytes = 0;

    size_t pull_count = model_pulls_list(shelf->pulls, arena, &pulls);
    engines_list_models(shelf->options.engines, arena, &installed);
    struct shelf_model *items =
        arena_alloc(arena, (entry_count + installed.count + 1) * sizeof *items);

    for (size_t i = 0; i < entry_count; i++) {
        struct shelf_model *model = &items[count++];

        *model = describe_entry(shelf, arena, catalogue_at(shelf->catalogue, i));
        model->pull = find_pull(pulls, pull_count, model->id);
    }
    for (size_t i = 0; i < installed.count; i++)
        if (!find_entry(shelf, installed.items[i].name))
            items[count++] = describe_file(shelf, arena, &installed.items[i]);
    items[count++] = describe_espeak(shelf, arena);
    for (size_t i = 0; i < count; i++)
        bytes += items[i].bytes_on_disk;
    *out = (struct shelf_models){ .items = items,
                                  .count = count,
                                  .folder = models_dir(shelf),
                                  .bytes_installed = bytes,
                                  .bytes_free = bytes_free(models_dir(shelf)) };
}

static bool get_file(struct model_shelf *shelf, struct arena *arena, const char *id,
                     struct speech_model *out)
{
    struct speech_models installed;

    engines_list_models(shelf->options.engines, arena, &installed);
    for (size_t i = 0; i < installed.count; i++) {
        if (strcmp(installed.items[i].id, id) == 0) {
            *out = installed.items[i];
            return true;
        }
    }
    return false;
}

static bool not_found(const struct model_shelf *shelf, const char *id, struct err *err)
{
    const struct model_entry *near = catalogue_nearest(shelf->catalogue, id);

    return err_set_param(err, ERR_NOT_FOUND, "model", "There is no model \"%.60s\".%s%s%s", id,
                         near ? " Do you mean " : "", near ? near->id : "", near ? "?" : "");
}

bool model_shelf_get(struct model_shelf *shelf, struct arena *arena, const char *id,
                     struct shelf_model *out, struct err *err)
{
    const struct model_entry *entry = find_entry(shelf, id);
    const struct pull_report *pulls;
    struct speech_model file;

    if (entry) {
        *out = describe_entry(shelf, arena, entry);
        size_t count = model_pulls_list(shelf->pulls, arena, &pulls);
        out->pull = find_pull(pulls, count, id);
    } else if (strcmp(id, ESPEAK) == 0) {
        *out = describe_espeak(shelf, arena);
    } else if (get_file(shelf, arena, id, &file)) {
        *out = describe_file(shelf, arena, &file);
    } else {
        return not_found(shelf, id, err);
    }
    return true;
}

/* ---- tensors ---- */

struct tensor_gathering {
    struct arena *arena;
    struct model_tensor *items;
    size_t count;
};

static void add_tensors(struct tensor_gathering *list, const char *file,
                        const struct tensor_info *infos, size_t count)
{
    struct model_tensor *items = arena_alloc(list->arena, (list->count + count) * sizeof *items);

    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        double *shape = arena_alloc(list->arena, (infos[i].rank + 1) * sizeof *shape);

        for (size_t k = 0; k < infos[i].rank; k++)
            shape[k] = (double)infos[i].shape[k];
        items[list->count++] = (struct model_tensor){
            .file = file,
            .name = arena_strdup(list->arena, infos[i].name),
            .type = tensor_type_name(infos[i].type),
            .shape = shape,
            .rank = infos[i].rank,
        };
    }
    list->items = items;
}

static void read_tensors(struct tensor_gathering *inputs, struct tensor_gathering *outputs,
                         const char *folder, const char *name)
{
    struct err why;
    char *path = path_join(folder, name);
    struct onnx_file *file = onnx_file_open(path, &why);
    size_t count;

    if (file) {
        const struct tensor_info *infos = onnx_file_inputs(file, &count);

        add_tensors(inputs, name, infos, count);
        infos = onnx_file_outputs(file, &count);
        add_tensors(outputs, name, infos, count);
    } else {
        log_debug("models", "%s", why.message);
    }
    onnx_file_close(file);
    free(path);
}

void model_shelf_tensors(struct model_shelf *shelf, struct arena *arena,
                         const struct shelf_model *model, struct model_tensors *inputs,
                         struct model_tensors *outputs)
{
    struct tensor_gathering in = { .arena = arena }, out = { .arena = arena };
    const struct model_entry *entry = find_entry(shelf, model->id);

    if (entry && model->state == MODEL_INSTALLED) {
        for (size_t i = 0; i < entry->file_count; i++)
            if (strcmp(path_extension(entry->files[i].path), "onnx") == 0)
                read_tensors(&in, &out, models_dir(shelf), entry->files[i].path);
    } else if (!entry && strcmp(model->id, ESPEAK) != 0) {
        read_tensors(&in, &out, models_dir(shelf), model->id);
    }
    *inputs = (struct model_tensors){ in.items, in.count };
    *outputs = (struct model_tensors){ out.items, out.count };
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
    const struct model_entry *entry = find_entry(shelf, id);
    struct speech_model file;

    if (entry)
        return entry;
    if (strcmp(id, ESPEAK) == 0)
        err_set(err, ERR_CONFLICT, "eSpeak NG is a part of Parlando: there is nothing to %s.",
                what);
    else if (get_file(shelf, arena, id, &file))
        err_set(err, ERR_CONFLICT,
                "%.120s is a file of your own in the models folder, which Parlando does not %s.",
                id, what);
    else
        not_found(shelf, id, err);
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
    const struct model_entry *entry = find_entry(shelf, id);
    struct speech_model file;

    if (entry && kind_of(entry) == MODEL_VOICES)
        return err_set(err, ERR_CONFLICT, "%s are loaded one by one, when they speak.",
                       entry->name);
    if (entry)
        *out = (struct loadable){ entry->engine, entry->id, is_hearing_engine(entry->engine) };
    else if (strcmp(id, ESPEAK) == 0)
        *out = (struct loadable){ ESPEAK, "", false };
    else if (get_file(shelf, arena, id, &file))
        *out = (struct loadable){ file.engine, file.name, false };
    else
        return not_found(shelf, id, err);
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
    if (strcmp(what.engine, ESPEAK) == 0)
        return err_set(err, ERR_CONFLICT, "eSpeak NG has no model that could be unloaded.");
    if (!unload(shelf, &what, err))
        return false;
    note_change(shelf, false);
    return true;
}

/* What it was loaded from goes away: nobody may be at work with it. */
static bool let_go(struct model_shelf *shelf, const struct model_entry *entry, struct err *err)
{
    const struct loadable what = { entry->engine, entry->id, is_hearing_engine(entry->engine) };

    return kind_of(entry) == MODEL_VOICES || unload(shelf, &what, err);
}

static bool remove_entry(struct model_shelf *shelf, const struct model_entry *entry,
                         struct cancel *cancel, struct err *err)
{
    uint64_t freed = 0;

    if (!model_entry_remove(entry, models_dir(shelf), &freed, cancel, err))
        return false;
    log_info("models", "%s is removed: %.1f MB freed", entry->id, (double)freed / 1e6);
    return true;
}

static bool remove_with_needs(struct model_shelf *shelf, const struct model_entry *entry,
                              struct cancel *cancel, struct err *err)
{
    const struct model_entry *needed;
    bool ok = remove_entry(shelf, entry, cancel, err);

    while (ok && (needed = model_entry_find_unneeded(shelf->catalogue, entry, models_dir(shelf))))
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
    if (model_bytes_on_disk(entry, models_dir(shelf)) == 0)
        return err_set(err, ERR_CONFLICT, "%s is not installed.", entry->id);
    if (model_pulls_has(shelf->pulls, entry))
        return err_set(err, ERR_CONFLICT, "%s is being pulled. Cancel that first.", entry->id);
    if ((other = model_needed_by(shelf->catalogue, entry, models_dir(shelf))))
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
        if (model_verify_file(&entry->files[i], models_dir(shelf), cancel, err))
            continue;
        if (err->kind == ERR_CANCELLED)
            return false;
        add_name(arena, problems, entry->file_count, arena_strdup(arena, err->message));
    }
    err_clear(err);
    return true;
}
