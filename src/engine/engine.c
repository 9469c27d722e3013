#include "engine/engine.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/cores.h"
#include "engine/engine_internal.h"
#include "engine/ort.h"

/* The order in which "auto" prefers them. espeak needs no model, so there is always one. */
static const struct engine_type *const types[] = {
    &engine_kokoro,
    &engine_kitten,
    &engine_piper,
    &engine_espeak,
};

size_t engine_count(void)
{
    return COUNT(types);
}

const char *engine_name_at(size_t index)
{
    return types[index]->name;
}

static bool is_auto(const char *name)
{
    return !name || !*name || strcmp(name, "auto") == 0;
}

static const struct engine_type *find_type(const char *name, struct err *err)
{
    struct buf names = BUF(1024);

    for (size_t i = 0; i < COUNT(types); i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    for (size_t i = 0; i < COUNT(types); i++)
        buf_format(&names, ", %s", types[i]->name);
    err_set_param(err, ERR_INVALID, "engine", "There is no engine \"%.40s\"; there are auto%s.",
                  name, names.data);
    buf_release(&names);
    return NULL;
}

bool engine_name_check(const char *name, struct err *err)
{
    return strcmp(name, "auto") == 0 || find_type(name, err);
}

/* --- what could speak now --- */

struct candidate {
    const struct engine_type *type;
    struct installed_model model; /* empty for a type without models */
    struct voice_list voices;
};

static void candidate_release(struct candidate *candidate)
{
    voice_list_release(&candidate->voices);
    installed_model_release(&candidate->model);
}

static const struct installed_model *candidate_model(const struct candidate *candidate)
{
    return candidate->type->family == FAMILY_NONE ? NULL : &candidate->model;
}

static bool check_runtime(const struct engine_type *type, const struct engine_config *config,
                          const struct installed_model *model, struct err *err)
{
    return type->check_runtime ? type->check_runtime(config, model, err)
                               : ort_is_available(config->onnxruntime, err);
}

/* May have found out where it fails. */
static bool find_model(const struct engine_type *type, const struct engine_config *config,
                       const char *model, struct installed_model *out, struct err *err)
{
    if (type->family == FAMILY_NONE)
        return !model || !*model ||
               err_set_param(err, ERR_UNSUPPORTED, "model", "The engine %s has no models.",
                             type->name);
    return installed_model_find(config, type->family, model, out, err) &&
           check_runtime(type, config, out, err);
}

/* Finds all that the type needs. On failure there is nothing to release. */
static bool candidate_find(struct candidate *out, const struct engine_type *type,
                           const struct engine_config *config, const char *model, struct err *err)
{
    *out = (struct candidate){ .type = type };
    voice_list_init(&out->voices);
    if (find_model(type, config, model, &out->model, err) &&
        type->list_voices(config, candidate_model(out), &out->voices, err))
        return true;
    candidate_release(out);
    return false;
}

/* The type that loads the model a user named. */
static const struct engine_type *type_for_model(const struct engine_config *config,
                                                const char *model, struct err *err)
{
    struct installed_model found;
    const struct engine_type *type = NULL;

    if (!installed_model_find(config, FAMILY_NONE, model, &found, err))
        return NULL;
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i]->family == found.family)
            type = types[i];
    installed_model_release(&found);
    return type;
}

/* The first type that can speak now. Why the better ones cannot is for the log: a user who wants
 * one asks for it by name and gets the reason. */
static bool candidate_find_auto(struct candidate *out, const struct engine_config *config,
                                struct err *err)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        if (candidate_find(out, types[i], config, NULL, err)) {
            err_clear(err);
            return true;
        }
        log_debug("engine", "auto: not %s: %s", types[i]->name, err->message);
    }
    return false;
}

static bool candidate_choose(struct candidate *out, const struct engine_config *config,
                             const char *name, const char *model, struct err *err)
{
    bool has_model = model && *model;

    if (is_auto(name) && !has_model)
        return candidate_find_auto(out, config, err);
    const struct engine_type *type =
        is_auto(name) ? type_for_model(config, model, err) : find_type(name, err);
    return type && candidate_find(out, type, config, model, err);
}

static const char *model_name(const struct candidate *candidate)
{
    return candidate->model.name ? candidate->model.name : "";
}

bool engine_is_available(const struct engine_config *config, const char *name, struct err *err)
{
    struct candidate found;

    if (!candidate_choose(&found, config, name, NULL, err))
        return false;
    candidate_release(&found);
    return true;
}

bool engine_choose(const struct engine_config *config, const char *name, const char *model,
                   struct engine_choice *out, struct err *err)
{
    struct candidate found;

    if (!candidate_choose(&found, config, name, model, err))
        return false;
    *out = (struct engine_choice){ found.type->name, xstrdup(model_name(&found)) };
    candidate_release(&found);
    return true;
}

struct voice_info voice_info_copy(struct arena *arena, const struct voice_info *info)
{
    return (struct voice_info){
        .id = arena_strdup(arena, info->id),
        .name = arena_strdup(arena, info->name),
        .language = arena_strdup(arena, info->language),
        .gender = arena_strdup(arena, info->gender),
    };
}

bool engine_list_voices(const struct engine_config *config, const char *name, const char *model,
                        struct arena *arena, struct engine_voices *out, struct err *err)
{
    struct candidate found;

    if (!candidate_choose(&found, config, name, model, err))
        return false;
    size_t count = found.voices.count;
    struct voice_info *items = arena_alloc(arena, count * sizeof *items);

    for (size_t i = 0; i < count; i++)
        items[i] = voice_info_copy(arena, &found.voices.items[i]->info);
    *out = (struct engine_voices){
        .engine = found.type->name,
        .model = arena_strdup(arena, model_name(&found)),
        .items = items,
        .count = count,
        .default_voice = arena_strdup(arena, found.voices.fallback->info.id),
        .can_blend = voice_can_blend(found.voices.fallback),
    };
    candidate_release(&found);
    return true;
}

bool engine_check_voice(const struct engine_config *config, const char *name, const char *model,
                        const char *voice, struct err *err)
{
    struct candidate found;

    if (!candidate_choose(&found, config, name, model, err))
        return false;
    bool ok = voice_list_check(&found.voices, found.type->name, voice, err);
    candidate_release(&found);
    return ok;
}

uint64_t engine_models_stamp(const struct engine_config *config)
{
    return installed_models_stamp(config->models_dir);
}

/* --- opening --- */

struct engine *engine_open(const struct engine_config *config, const char *name, const char *model,
                           struct err *err)
{
    double began = clock_seconds();
    struct candidate found;

    if (!candidate_choose(&found, config, name, model, err))
        return NULL;
    struct engine *engine = found.type->open(config, candidate_model(&found), err);
    if (engine) {
        voice_list_take(&engine->voices, &found.voices);
        log_info("engine", "%s%s%s is ready after %.1f s, with %zu voices", found.type->name,
                 found.model.name ? " " : "", model_name(&found), clock_seconds() - began,
                 engine->voices.count);
    }
    candidate_release(&found);
    return engine;
}

void engine_init(struct engine *engine, const struct engine_type *type, const char *model)
{
    *engine = (struct engine){ .type = type, .model = xstrdup(model) };
    voice_list_init(&engine->voices);
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    voice_list_release(&engine->voices);
    free(engine->model);
    engine->type->close(engine);
}

/* In the order of enum engine_runtime. */
static const char *const runtimes[] = { "auto", "native", "onnx" };

bool engine_runtime_check(const char *name, struct err *err)
{
    for (size_t i = 0; i < COUNT(runtimes); i++)
        if (strcmp(name, runtimes[i]) == 0)
            return true;
    return err_set(err, ERR_INVALID, "The runtime is auto, native or onnx, not \"%.40s\".", name);
}

enum engine_runtime engine_runtime(const struct engine_config *config)
{
    for (size_t i = 0; i < COUNT(runtimes); i++)
        if (config->runtime && strcmp(config->runtime, runtimes[i]) == 0)
            return (enum engine_runtime)i;
    return ENGINE_RUNTIME_AUTO;
}

int engine_threads(const struct engine_config *config)
{
    return config->threads > 0 ? config->threads : cores_count();
}

int engine_run_threads(const struct engine_config *config)
{
    int threads = engine_threads(config);
    int callers = config->callers > 0 ? config->callers : 1;

    return threads > callers ? threads / callers : 1;
}

bool engine_scheme(const struct engine_config *config, const enum phoneme_scheme *allowed,
                   size_t allowed_count, enum phoneme_scheme *out, struct err *err)
{
    struct buf names = BUF(1024);

    *out = allowed[0];
    if (allowed_count == 1 || !config->phonemes || !*config->phonemes)
        return true;
    for (size_t i = 0; i < allowed_count; i++) {
        if (strcmp(phoneme_scheme_name(allowed[i]), config->phonemes) != 0)
            continue;
        *out = allowed[i];
        return true;
    }
    for (size_t i = 0; i < allowed_count; i++)
        buf_format(&names, "%s%s", i > 0 ? ", " : "", phoneme_scheme_name(allowed[i]));
    err_set_param(err, ERR_INVALID, "phonemes",
                  "This model does not take \"%.40s\" phonemes, only: %s.", config->phonemes,
                  names.data);
    buf_release(&names);
    return false;
}

/* --- what it is --- */

const char *engine_name(const struct engine *engine)
{
    return engine->type->name;
}

const char *engine_model(const struct engine *engine)
{
    return engine->model;
}

int engine_rate_hz(const struct engine *engine)
{
    return engine->rate_hz;
}

size_t engine_voice_count(const struct engine *engine)
{
    return engine->voices.count;
}

const struct voice_info *engine_voice_at(const struct engine *engine, size_t index)
{
    return &engine->voices.items[index]->info;
}

const struct voice *engine_voice(struct engine *engine, const char *id, struct err *err)
{
    return voice_list_find(&engine->voices, engine->type->name, id, err);
}

const struct voice_info *voice_info(const struct voice *voice)
{
    return &voice->info;
}

void engine_text_options(const struct engine *engine, const struct voice *voice,
                         struct text_options *out)
{
    engine->type->text_options(engine, voice, out);
}
