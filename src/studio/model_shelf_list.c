#include "studio/model_shelf_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "base/path.h"
#include "engine/onnx_file.h"
#include "engine/prepared.h"
#include "models/installed.h"
#include "studio/model_entries.h"

const struct model_entry *shelf_find_entry(const struct model_shelf *shelf, const char *id)
{
    return catalogue_find(shelf->catalogue, id);
}

const char *shelf_folder(const struct model_shelf *shelf)
{
    return shelf->engine.models_dir;
}

bool shelf_is_hearing_engine(const char *engine)
{
    return strcmp(engine, "moonshine") == 0 || strcmp(engine, "silero") == 0;
}

enum model_kind shelf_kind_of(const struct model_entry *entry)
{
    if (strcmp(entry->engine, "moonshine") == 0)
        return MODEL_TRANSCRIPTION;
    if (strcmp(entry->engine, "silero") == 0)
        return MODEL_VOICE_ACTIVITY;
    return model_onnx_file(entry) ? MODEL_SPEECH : MODEL_VOICES;
}

void shelf_add_name(struct arena *arena, struct model_names *names, size_t most, const char *name)
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
            shelf_add_name(arena, &names, most, arena_strndup(arena, text, length));
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
        shelf_add_name(arena, &names, voices.count, voices.items[i].language);
    return names;
}

static struct model_names needs_of(struct arena *arena, const struct model_entry *entry)
{
    struct model_names names = { 0 };
    size_t count = 0;

    while (entry->needs[count])
        count++;
    for (size_t i = 0; i < count; i++)
        shelf_add_name(arena, &names, count, entry->needs[i]);
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
                model_state(other, shelf_folder(shelf)) != MODEL_ABSENT)
                shelf_add_name(arena, &names, count, other->id);
    }
    return names;
}

/* What nobody but the entry needs, as model_shelf_remove takes it away. */
static struct model_names removed_with(const struct model_shelf *shelf, struct arena *arena,
                                       const struct model_entry *entry,
                                       const struct model_names *needs)
{
    struct model_names names = { 0 };

    if (model_bytes_on_disk(entry, shelf_folder(shelf)) == 0)
        return names;
    for (size_t i = 0; i < needs->count; i++) {
        const struct model_entry *needed = shelf_find_entry(shelf, needs->items[i]);
        struct model_names users = needed_by(shelf, arena, needed);
        bool is_others =
            users.count > 1 || (users.count == 1 && strcmp(users.items[0], entry->id) != 0);

        if (!is_others && model_state(needed, shelf_folder(shelf)) != MODEL_ABSENT)
            shelf_add_name(arena, &names, needs->count, needed->id);
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
    return shelf_is_hearing_engine(entry->engine)
               ? transcriber_is_loaded(shelf->options.transcriber)
               : engines_is_loaded(shelf->options.engines, entry->engine, entry->id);
}

static struct shelf_model describe_entry(const struct model_shelf *shelf, struct arena *arena,
                                         const struct model_entry *entry)
{
    const char *folder = shelf_folder(shelf);
    enum model_state state = model_state(entry, folder);
    uint64_t prepared = model_entry_prepared_size(entry, folder);
    uint64_t bytes = model_bytes_on_disk(entry, folder);
    struct model_names needs = needs_of(arena, entry);

    return (struct shelf_model){
        .id = entry->id,
        .engine = entry->engine,
        .name = entry->name,
        .licence = entry->licence,
        .kind = shelf_kind_of(entry),
        .state = state == MODEL_ABSENT && bytes > 0 ? MODEL_PARTIAL : state,
        .languages = split_languages(arena, entry->languages),
        .size = known_size(entry),
        .bytes_on_disk = (int64_t)(bytes + prepared),
        .is_prepared = model_entry_is_prepared(entry, folder),
        .is_default = entry->is_default,
        .is_loaded = state == MODEL_INSTALLED && is_loaded(shelf, entry),
        .is_ours = true,
        .installed_at_ms = installed_at_ms(entry, folder),
        .needs = needs,
        .needed_by = needed_by(shelf, arena, entry),
        .removes = removed_with(shelf, arena, entry, &needs),
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
        .is_prepared = prepared_exists(shelf_folder(shelf), model->path),
        .is_loaded = engines_is_loaded(shelf->options.engines, model->engine, model->name),
        .installed_at_ms = modified_ms(model->path),
    };
}

static struct shelf_model describe_espeak(struct model_shelf *shelf, struct arena *arena)
{
    return (struct shelf_model){
        .id = ENGINE_ESPEAK,
        .engine = ENGINE_ESPEAK,
        .name = "eSpeak NG",
        .licence = "GPL-3.0-or-later",
        .kind = MODEL_SPEECH,
        .state = MODEL_INSTALLED,
        .languages = voice_languages(shelf, arena, ENGINE_ESPEAK, NULL),
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
        if (!shelf_find_entry(shelf, installed.items[i].name))
            items[count++] = describe_file(shelf, arena, &installed.items[i]);
    items[count++] = describe_espeak(shelf, arena);
    for (size_t i = 0; i < count; i++)
        bytes += items[i].bytes_on_disk;
    *out = (struct shelf_models){ .items = items,
                                  .count = count,
                                  .folder = shelf_folder(shelf),
                                  .bytes_installed = bytes,
                                  .bytes_free = bytes_free(shelf_folder(shelf)) };
}

bool shelf_get_file(struct model_shelf *shelf, struct arena *arena, const char *id,
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

bool shelf_not_found(const struct model_shelf *shelf, const char *id, struct err *err)
{
    const struct model_entry *near = catalogue_nearest(shelf->catalogue, id);

    return err_set_param(err, ERR_NOT_FOUND, "model", "There is no model \"%.60s\".%s%s%s", id,
                         near ? " Do you mean " : "", near ? near->id : "", near ? "?" : "");
}

bool model_shelf_get(struct model_shelf *shelf, struct arena *arena, const char *id,
                     struct shelf_model *out, struct err *err)
{
    const struct model_entry *entry = shelf_find_entry(shelf, id);
    const struct pull_report *pulls;
    struct speech_model file;

    if (entry) {
        *out = describe_entry(shelf, arena, entry);
        size_t count = model_pulls_list(shelf->pulls, arena, &pulls);
        out->pull = find_pull(pulls, count, id);
    } else if (strcmp(id, ENGINE_ESPEAK) == 0) {
        *out = describe_espeak(shelf, arena);
    } else if (shelf_get_file(shelf, arena, id, &file)) {
        *out = describe_file(shelf, arena, &file);
    } else {
        return shelf_not_found(shelf, id, err);
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
    const struct model_entry *entry = shelf_find_entry(shelf, model->id);

    if (entry && model->state == MODEL_INSTALLED) {
        for (size_t i = 0; i < entry->file_count; i++)
            if (strcmp(path_extension(entry->files[i].path), "onnx") == 0)
                read_tensors(&in, &out, shelf_folder(shelf), entry->files[i].path);
    } else if (!entry && strcmp(model->id, ENGINE_ESPEAK) != 0) {
        read_tensors(&in, &out, shelf_folder(shelf), model->id);
    }
    *inputs = (struct model_tensors){ in.items, in.count };
    *outputs = (struct model_tensors){ out.items, out.count };
}
