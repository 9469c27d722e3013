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

/* Finds the type's model and checks the rest it needs. out is empty for a type without models. */
static bool prepare(const struct engine_type *type, const struct engine_config *config,
                    const char *model, struct installed_model *out, struct err *err)
{
    *out = (struct installed_model){ 0 };
    if (type->family == FAMILY_NONE && model && *model)
        return err_set_param(err, ERR_UNSUPPORTED, "model", "The engine %s has no models.",
                             type->name);
    if (type->family != FAMILY_NONE &&
        (!installed_model_find(config, type->family, model, out, err) ||
         !ort_is_available(config->runtime_path, err))) {
        installed_model_release(out);
        return false;
    }
    const struct installed_model *found = type->family == FAMILY_NONE ? NULL : out;
    if (!type->is_available || type->is_available(config, found, err))
        return true;
    installed_model_release(out);
    return false;
}

bool engine_is_available(const struct engine_config *config, const char *name, struct err *err)
{
    struct installed_model model;

    if (is_auto(name)) {
        for (size_t i = 0; i < COUNT(types); i++)
            if (engine_is_available(config, types[i]->name, err))
                return true;
        return false;
    }
    const struct engine_type *type = find_type(name, err);
    if (!type || !prepare(type, config, NULL, &model, err))
        return false;
    installed_model_release(&model);
    return true;
}

/* --- opening --- */

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
static const struct engine_type *type_auto(const struct engine_config *config, struct err *err)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        struct installed_model model;

        if (prepare(types[i], config, NULL, &model, err)) {
            installed_model_release(&model);
            err_clear(err);
            return types[i];
        }
        log_debug("engine", "auto: not %s: %s", types[i]->name, err->message);
    }
    return NULL;
}

static const struct engine_type *choose_type(const struct engine_config *config, const char *name,
                                             const char *model, struct err *err)
{
    if (!is_auto(name))
        return find_type(name, err);
    return model && *model ? type_for_model(config, model, err) : type_auto(config, err);
}

bool engine_choose(const struct engine_config *config, const char *name, const char *model,
                   struct engine_choice *out, struct err *err)
{
    const struct engine_type *type = choose_type(config, name, model, err);
    struct installed_model found;

    if (!type || !prepare(type, config, model, &found, err))
        return false;
    *out = (struct engine_choice){ type->name, xstrdup(found.name ? found.name : "") };
    installed_model_release(&found);
    return true;
}

struct engine *engine_open(const struct engine_config *config, const char *name, const char *model,
                           struct err *err)
{
    const struct engine_type *type = choose_type(config, name, model, err);
    struct installed_model found;
    double began = clock_seconds();

    if (!type || !prepare(type, config, model, &found, err))
        return NULL;
    struct engine *engine = type->open(config, type->family == FAMILY_NONE ? NULL : &found, err);
    if (engine)
        log_info("engine", "%s%s%s is ready after %.1f s, with %zu voices", type->name,
                 found.name ? " " : "", found.name ? found.name : "", clock_seconds() - began,
                 engine->voices.count);
    installed_model_release(&found);
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

int engine_run_threads(const struct engine_config *config)
{
    int threads = config->threads > 0 ? config->threads : cores_count();
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
