#include "engine/model_files.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/style_model.h"
#include "models/catalogue.h"

#define DEPTH_MAX 4        /* folders below the models folder */
#define ENTRIES_MAX 100000 /* files and folders looked at */
#define WEIGHTS_FLOAT 1    /* TensorProto.DataType */

static const struct {
    enum model_family family;
    const char *name;
} families[] = {
    { FAMILY_NONE, "none" },
    { FAMILY_KOKORO, "kokoro" },
    { FAMILY_KITTEN, "kitten" },
    { FAMILY_PIPER, "piper" },
};

const char *model_family_name(enum model_family family)
{
    return families[family].name;
}

static enum model_family family_from_name(const char *name)
{
    for (size_t i = 0; i < COUNT(families); i++)
        if (strcmp(families[i].name, name) == 0)
            return families[i].family;
    return FAMILY_NONE;
}

/* --- recognising --- */

static bool has_input(const struct onnx_file *file, const char *name)
{
    size_t count;
    const struct tensor_info *inputs = onnx_file_inputs(file, &count);

    return tensor_info_find(inputs, count, name) != NULL;
}

static bool has_output(const struct onnx_file *file, const char *name)
{
    size_t count;
    const struct tensor_info *outputs = onnx_file_outputs(file, &count);

    return tensor_info_find(outputs, count, name) != NULL;
}

/* Kokoro and Kitten have the same inputs. What the metadata says counts first (sherpa-onnx writes
 * model_type, kokoro-onnx's v1.1 exports a config.json). Then: every Kitten model takes `input_ids`
 * and `style`, gives `duration`, and draws random numbers; no Kokoro export does all of it with a
 * speed of floats. */
static enum model_family style_family(const struct onnx_file *file)
{
    const char *type = onnx_file_metadata(file, "model_type");
    size_t count;
    const struct tensor_info *inputs = onnx_file_inputs(file, &count);
    const struct tensor_info *speed = tensor_info_find(inputs, count, "speed");

    if (type && strncmp(type, "kitten", 6) == 0)
        return FAMILY_KITTEN;
    if ((type && strncmp(type, "kokoro", 6) == 0) || onnx_file_metadata(file, "config.json"))
        return FAMILY_KOKORO;
    bool is_random = onnx_file_has_operator(file, "RandomNormalLike") ||
                     onnx_file_has_operator(file, "RandomUniformLike");
    if (is_random && speed->type == TENSOR_FLOAT && has_input(file, "input_ids") &&
        has_input(file, "style") && has_output(file, "duration"))
        return FAMILY_KITTEN;
    return FAMILY_KOKORO;
}

enum model_family model_family_of(const struct onnx_file *file)
{
    size_t input_count, output_count;
    struct err why = { 0 };
    const struct tensor_info *inputs = onnx_file_inputs(file, &input_count);
    const struct tensor_info *outputs = onnx_file_outputs(file, &output_count);

    if (has_input(file, "input") && has_input(file, "input_lengths") && has_input(file, "scales"))
        return FAMILY_PIPER;
    if (style_model_fits(inputs, input_count, outputs, output_count, "the model", &why))
        return style_family(file);
    return FAMILY_NONE;
}

void installed_model_release(struct installed_model *model)
{
    free(model->name);
    free(model->path);
    *model = (struct installed_model){ 0 };
}

/* Looks into the file. False when it is no model that speaks. */
static bool recognise(const char *path, struct installed_model *out, struct err *err)
{
    struct onnx_file *file = onnx_file_open(path, err);

    *out = (struct installed_model){ 0 };
    if (!file)
        return false;
    out->family = model_family_of(file);
    out->is_fp32 = onnx_file_weight_type(file) == WEIGHTS_FLOAT;
    onnx_file_close(file);
    if (out->family == FAMILY_NONE)
        return err_set(err, ERR_UNSUPPORTED, "%s is no model for speech that Parlando knows.",
                       path);
    out->path = xstrdup(path);
    out->name = xstrdup(path);
    return true;
}

/* --- listing --- */

/* Takes the model. */
static void add_model(struct installed_models *list, const struct installed_model *model)
{
    ARRAY_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = *model;
}

static bool has_path(const struct installed_models *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return true;
    return false;
}

/* The entry's .onnx below the models folder, or NULL: it has none. The caller's. */
static char *entry_onnx(const struct model_entry *entry, const char *models_dir)
{
    const struct model_file *file = model_onnx_file(entry);

    return file ? path_join(models_dir, file->path) : NULL;
}

static bool recognise_entry(const struct model_entry *entry, const char *models_dir,
                            struct installed_model *out, struct err *err)
{
    char *path = entry_onnx(entry, models_dir);
    bool ok = false;

    *out = (struct installed_model){ 0 };
    if (!path)
        err_set(err, ERR_INVALID, "%s is no model by itself.", entry->id);
    else
        ok = recognise(path, out, err);
    if (ok) {
        free(out->name);
        out->name = xstrdup(entry->id);
    }
    free(path);
    return ok;
}

static void list_catalogue(const struct catalogue *catalogue, const char *models_dir,
                           enum model_family family, struct installed_models *out)
{
    for (size_t i = 0; i < catalogue_count(catalogue); i++) {
        const struct model_entry *entry = catalogue_at(catalogue, i);
        enum model_family entry_family = family_from_name(entry->engine);
        struct installed_model model;
        struct err why = { 0 };

        if (entry_family == FAMILY_NONE || (family != FAMILY_NONE && family != entry_family) ||
            model_state(entry, models_dir) != MODEL_INSTALLED)
            continue;
        if (recognise_entry(entry, models_dir, &model, &why))
            add_model(out, &model);
        else
            log_debug("engine", "%s", why.message);
    }
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* The models folder, from entry to entry. */
struct walk {
    FTS *fts;
    int seen;
};

static void walk_begin(struct walk *walk, const char *models_dir)
{
    char *const roots[] = { (char *)(uintptr_t)models_dir, NULL };

    *walk = (struct walk){ .fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name) };
}

/* The next file or folder, or NULL. Links are followed, and fts notices when they run in circles.
 * Hidden folders hold no models of their own: prepared copies are in one. */
static const FTSENT *walk_next(struct walk *walk)
{
    FTSENT *at = walk->fts && walk->seen < ENTRIES_MAX ? fts_read(walk->fts) : NULL;

    if (!at)
        return NULL;
    bool is_hidden = at->fts_level > FTS_ROOTLEVEL && at->fts_name[0] == '.';
    if (at->fts_info == FTS_D && (at->fts_level > DEPTH_MAX || is_hidden))
        fts_set(walk->fts, at, FTS_SKIP);
    walk->seen++;
    return at;
}

static void walk_end(struct walk *walk)
{
    if (walk->fts)
        fts_close(walk->fts);
}

/* Every other .onnx. */
static void list_folder(const char *models_dir, enum model_family family,
                        struct installed_models *out)
{
    struct walk walk;
    const FTSENT *at;

    walk_begin(&walk, models_dir);
    while ((at = walk_next(&walk))) {
        struct installed_model model;
        struct err why = { 0 };

        if (at->fts_info != FTS_F || strcmp(path_extension(at->fts_path), "onnx") != 0 ||
            has_path(out, at->fts_path))
            continue;
        if (!recognise(at->fts_path, &model, &why))
            log_debug("engine", "%s", why.message);
        else if (family == FAMILY_NONE || model.family == family)
            add_model(out, &model);
        else
            installed_model_release(&model);
    }
    walk_end(&walk);
}

/* FNV-1a of 64 bits (Fowler, Noll, Vo). */
static uint64_t stamp_add(uint64_t stamp, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        stamp = (stamp ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return stamp;
}

uint64_t installed_models_stamp(const char *models_dir)
{
    uint64_t stamp = 0xcbf29ce484222325u;
    struct walk walk;
    const FTSENT *at;

    walk_begin(&walk, models_dir);
    while ((at = walk_next(&walk))) {
        uint64_t about[5] = { at->fts_info };

        if (at->fts_info == FTS_F) {
            const struct stat *st = at->fts_statp;

            about[1] = (uint64_t)st->st_size;
            about[2] = (uint64_t)st->st_mtim.tv_sec;
            about[3] = (uint64_t)st->st_mtim.tv_nsec;
            about[4] = st->st_ino;
        }
        stamp = stamp_add(stamp, at->fts_path, at->fts_pathlen);
        stamp = stamp_add(stamp, about, sizeof about);
    }
    walk_end(&walk);
    return stamp;
}

/* Moves fp32 models to the front and keeps the order otherwise. */
static void prefer_fp32(struct installed_models *list)
{
    struct installed_model *sorted = xcalloc(list->count + 1, sizeof *sorted);
    size_t count = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < list->count; i++)
            if (list->items[i].is_fp32 == (pass == 0))
                sorted[count++] = list->items[i];
    free(list->items);
    list->items = sorted;
    list->capacity = list->count + 1;
}

void installed_models_list(const char *models_dir, enum model_family family,
                           struct installed_models *out)
{
    struct err why = { 0 };
    struct catalogue *catalogue = catalogue_open(&why);

    *out = (struct installed_models){ 0 };
    if (catalogue)
        list_catalogue(catalogue, models_dir, family, out);
    else
        log_warning("engine", "%s", why.message);
    catalogue_close(catalogue);
    list_folder(models_dir, family, out);
    prefer_fp32(out);
}

void installed_models_release(struct installed_models *models)
{
    for (size_t i = 0; i < models->count; i++)
        installed_model_release(&models->items[i]);
    free(models->items);
    *models = (struct installed_models){ 0 };
}

/* --- finding one --- */

/* What `parlando models pull` takes for the family's usual model. */
static bool not_installed(enum model_family family, struct err *err)
{
    switch (family) {
    case FAMILY_KOKORO:
        return err_set(err, ERR_UNAVAILABLE,
                       "TTS model not available. Please install kokoro-v0_19.onnx. Any Kokoro "
                       "export will do: `parlando models pull kokoro` gets v1.0.");
    case FAMILY_KITTEN:
        return err_set(err, ERR_UNAVAILABLE,
                       "No KittenTTS model is installed. `parlando models pull kitten-nano-0.8` "
                       "gets one.");
    case FAMILY_PIPER:
        return err_set(err, ERR_UNAVAILABLE,
                       "No Piper voice is installed. `parlando models pull "
                       "piper-en_US-lessac-medium` gets one.");
    case FAMILY_NONE:
        break;
    }
    return err_set(err, ERR_UNAVAILABLE,
                   "No speech model is installed. `parlando models pull kokoro` gets one.");
}

static bool find_entry(const struct model_entry *entry, const char *models_dir,
                       struct installed_model *out, struct err *err)
{
    if (model_state(entry, models_dir) != MODEL_INSTALLED)
        return err_set_param(err, ERR_UNAVAILABLE, "model",
                             "The model %s is not installed. `parlando models pull %s` gets it.",
                             entry->id, entry->id);
    return recognise_entry(entry, models_dir, out, err);
}

/* A path as given, or below the models folder. */
static bool find_file(const char *model, const char *models_dir, struct installed_model *out,
                      struct err *err)
{
    char *below = path_join(models_dir, model);
    bool ok = false;

    if (file_is_regular(model))
        ok = recognise(model, out, err);
    else if (file_is_regular(below))
        ok = recognise(below, out, err);
    else
        err_set_param(err, ERR_NOT_FOUND, "model",
                      "There is no model \"%s\": it is neither in the catalogue (`parlando models "
                      "list`) nor an .onnx file.",
                      model);
    free(below);
    return ok;
}

static bool find_named(const char *models_dir, const char *model, struct installed_model *out,
                       struct err *err)
{
    struct catalogue *catalogue = catalogue_open(err);

    if (!catalogue)
        return false;
    const struct model_entry *entry = catalogue_find(catalogue, model);
    bool ok =
        entry ? find_entry(entry, models_dir, out, err) : find_file(model, models_dir, out, err);
    catalogue_close(catalogue);
    return ok;
}

static bool find_best(const char *models_dir, enum model_family family, struct installed_model *out,
                      struct err *err)
{
    struct installed_models list;

    installed_models_list(models_dir, family, &list);
    bool ok = list.count > 0;
    if (ok) {
        *out = list.items[0];
        list.items[0] = (struct installed_model){ 0 };
    }
    installed_models_release(&list);
    return ok || not_installed(family, err);
}

bool installed_model_find(const struct engine_config *config, enum model_family family,
                          const char *model, struct installed_model *out, struct err *err)
{
    *out = (struct installed_model){ 0 };
    if (!model || !*model)
        return find_best(config->models_dir, family, out, err);
    if (!find_named(config->models_dir, model, out, err))
        return false;
    if (family == FAMILY_NONE || out->family == family)
        return true;
    err_set_param(err, ERR_UNSUPPORTED, "model", "%s is a model for %s, not for %s.", out->name,
                  model_family_name(out->family), model_family_name(family));
    installed_model_release(out);
    return false;
}
