#include "cmd/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "base/path.h"

#define CONFIG_FILE_LIMIT (1u << 20)
#define THREADS_MAX 256

static bool set_models(struct config *config, const char *value, struct err *err)
{
    if (!*value)
        return err_set_param(err, ERR_INVALID, "models", "The models folder has no name.");
    config->models = arena_strdup(&config->arena, value);
    return true;
}

static bool set_engine(struct config *config, const char *value, struct err *err)
{
    struct buf names = BUF(512);
    bool found = strcmp(value, "auto") == 0;

    buf_append_str(&names, "auto");
    for (size_t i = 0; i < engine_count(); i++) {
        found = found || strcmp(value, engine_name_at(i)) == 0;
        buf_format(&names, ", %s", engine_name_at(i));
    }
    if (found)
        config->engine = arena_strdup(&config->arena, value);
    else
        err_set_param(err, ERR_INVALID, "engine", "There is no engine \"%.40s\". It is one of: %s.",
                      value, names.data);
    buf_release(&names);
    return found;
}

static bool set_threads(struct config *config, const char *value, struct err *err)
{
    return number_parse_int(value, "threads", 0, THREADS_MAX, &config->threads, err);
}

static bool set_runtime(struct config *config, const char *value, struct err *err)
{
    (void)err;
    config->runtime = *value ? arena_strdup(&config->arena, value) : NULL;
    return true;
}

static bool set_phonemes(struct config *config, const char *value, struct err *err)
{
    enum phoneme_scheme scheme;

    if (!phoneme_scheme_parse(value, &scheme) || scheme == PHONEMES_NONE ||
        scheme == PHONEMES_PIPER)
        return err_set_param(
            err, ERR_INVALID, "phoneme-mapping",
            "There is no phoneme mapping \"%.40s\". Kokoro takes espeak, misaki or ipa.", value);
    config->phonemes = arena_strdup(&config->arena, value);
    return true;
}

static bool set_lexicon(struct config *config, const char *value, struct err *err)
{
    (void)err;
    config->lexicon = *value ? arena_strdup(&config->arena, value) : NULL;
    return true;
}

static bool set_log_level(struct config *config, const char *value, struct err *err)
{
    if (log_level_parse(value, &config->log_level))
        return true;
    return err_set_param(err, ERR_INVALID, "log-level",
                         "The log level is error, warning, info or debug, not \"%.40s\".", value);
}

static bool set_log_file(struct config *config, const char *value, struct err *err)
{
    (void)err;
    config->log_file = *value ? arena_strdup(&config->arena, value) : NULL;
    return true;
}

const struct config_row config_rows[] = {
    { "engine", NULL, "NAME", "auto, kokoro, kitten, piper or espeak", set_engine },
    { "models", NULL, "DIR", "the folder of model files", set_models },
    { "threads", NULL, "N", "compute threads (0: one a physical core)", set_threads },
    { "lexicon", NULL, "FILE", "your own pronunciations: word<tab>/IPA/ or words", set_lexicon },
    { "phoneme-mapping", NULL, "NAME", "espeak, misaki or ipa, for Kokoro", set_phonemes },
    { "runtime", NULL, "FILE", "ONNX Runtime's library", set_runtime },
    { "log-level", "LOG_LEVEL", "LEVEL", "error, warning, info or debug", set_log_level },
    { "log-file", "LOG_FILE", "FILE", "append the log here as well", set_log_file },
};
const size_t config_row_count = COUNT(config_rows);

static const struct config_row *find_row(const char *name)
{
    for (size_t i = 0; i < config_row_count; i++)
        if (strcmp(config_rows[i].name, name) == 0)
            return &config_rows[i];
    return NULL;
}

/* $variable, else $HOME/rest, else the working folder: below it our own folder. */
static char *user_path(const char *variable, const char *rest, const char *name)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");

    if (base && *base == '/')
        return str_format("%s/parlando/%s", base, name);
    if (home && *home)
        return str_format("%s/%s/parlando/%s", home, rest, name);
    return str_format("./%s", name);
}

static bool apply_json(struct config *config, const char *path, json_t *root, struct err *err)
{
    const char *key;
    json_t *value;

    if (!json_is_object(root))
        return err_set(err, ERR_INVALID, "%s is not a JSON object.", path);
    json_object_foreach(root, key, value)
    {
        const struct config_row *row = find_row(key);
        char *text = json_is_string(value) ? xstrdup(json_string_value(value))
                                           : json_dumps(value, JSON_ENCODE_ANY);
        bool ok = row ? row->set(config, text, err)
                      : err_set_param(err, ERR_INVALID, key, "There is no setting \"%s\".", key);
        free(text);
        if (!ok)
            return err_context(err, "%s", path);
    }
    return true;
}

static bool apply_file(struct config *config, struct err *err)
{
    const char *given = getenv("PARLANDO_CONFIG");
    char *path =
        given && *given ? xstrdup(given) : user_path("XDG_CONFIG_HOME", ".config", "config.json");
    bool ok = true;

    if ((given && *given) || file_exists(path)) {
        json_t *root = json_parse_file(path, CONFIG_FILE_LIMIT, err);

        ok = root && apply_json(config, path, root, err);
        json_decref(root);
    }
    free(path);
    return ok;
}

/* PARLANDO_LOG_LEVEL for "log-level". */
static char *variable_name(const char *name)
{
    char *variable = str_format("PARLANDO_%s", name);

    for (char *p = variable; *p; p++)
        *p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
    return variable;
}

static bool apply_environment(struct config *config, struct err *err)
{
    for (size_t i = 0; i < config_row_count; i++) {
        char *variable = variable_name(config_rows[i].name);
        const char *name = variable;
        const char *value = getenv(variable);

        if (!value && config_rows[i].variable) {
            name = config_rows[i].variable;
            value = getenv(name);
        }
        bool ok = !value || !*value || config_rows[i].set(config, value, err) ||
                  err_context(err, "The variable %s", name);
        free(variable);
        if (!ok)
            return false;
    }
    return true;
}

bool config_init(struct config *config, struct err *err)
{
    *config = (struct config){ .engine = "auto", .log_level = LOG_WARNING };
    char *models = user_path("XDG_DATA_HOME", ".local/share", "models");

    config->models = arena_strdup(&config->arena, models);
    free(models);
    if (apply_file(config, err) && apply_environment(config, err))
        return true;
    config_release(config);
    return false;
}

void config_release(struct config *config)
{
    arena_release(&config->arena);
}

struct engine_config config_engine(const struct config *config, int callers)
{
    return (struct engine_config){
        .models_dir = config->models,
        .runtime_path = config->runtime,
        .threads = (int)config->threads,
        .callers = callers,
        .phonemes = config->phonemes,
    };
}
