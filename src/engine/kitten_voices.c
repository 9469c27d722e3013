#include "engine/kitten_voices.h"

#include <libgen.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"

#define CONFIG_BYTES_MAX 65536
#define PRIOR_MIN 0.25
#define PRIOR_MAX 4.0

/* The names KittenML gives the voices of all its models, and what its nano 0.8 models multiply the
 * speed by, for installations without config.json. */
static const struct {
    const char *id, *name;
    double nano_prior;
} published[] = {
    { "expr-voice-2-f", "Bella", 0.8 }, { "expr-voice-2-m", "Jasper", 0.8 },
    { "expr-voice-3-f", "Luna", 0.8 },  { "expr-voice-3-m", "Bruno", 0.8 },
    { "expr-voice-4-f", "Rosie", 0.8 }, { "expr-voice-4-m", "Hugo", 0.9 },
    { "expr-voice-5-f", "Kiki", 0.8 },  { "expr-voice-5-m", "Leo", 0.8 },
};

/* The catalogue's ids of the models that have these priors. */
#define NANO_WITH_PRIORS "kitten-nano-0.8"

static char *beside(const char *model_path, const char *name)
{
    char *copy = xstrdup(model_path);
    char *path = path_join(dirname(copy), name);

    free(copy);
    return path;
}

/* --- config.json --- */

static bool config_error(const char *path, const char *what, struct err *err)
{
    return err_set(err, ERR_CORRUPT,
                   "%s is not what KittenTTS writes: %s. Download the file again or remove it.",
                   path, what);
}

static bool check_config(const json_t *config, const char *path, struct err *err)
{
    const json_t *voices = json_object_get(config, "voices");
    const char *key;
    json_t *value;

    if (!json_is_object(config))
        return config_error(path, "it holds no object", err);
    /* The file's name comes from outside and has to stay in the model's folder. */
    if (voices && (!json_is_string(voices) || !*json_string_value(voices) ||
                   strchr(json_string_value(voices), '/')))
        return config_error(path, "\"voices\" is not the name of a file", err);
    json_object_foreach(json_object_get(config, "speed_priors"), key, value)
    {
        double prior = json_number_value(value);

        if (!(prior >= PRIOR_MIN && prior <= PRIOR_MAX))
            return config_error(path, "a speed prior is not a number from 0.25 to 4", err);
    }
    json_object_foreach(json_object_get(config, "voice_aliases"), key, value)
    {
        if (!json_is_string(value))
            return config_error(path, "a voice alias does not name a voice", err);
    }
    return true;
}

/* *out stays NULL, without an error, where there is no config.json. */
static bool load_config(const char *model_path, json_t **out, struct err *err)
{
    char *path = beside(model_path, "config.json");
    bool ok = true;

    *out = NULL;
    if (file_exists(path)) {
        *out = json_parse_file(path, CONFIG_BYTES_MAX, err);
        if (!*out && err->kind == ERR_INVALID)
            err->kind = ERR_CORRUPT; /* a file's fault, not the request's */
        ok = *out && check_config(*out, path, err);
    }
    free(path);
    return ok;
}

/* --- names and priors --- */

static const char *name_of(const json_t *config, const char *id)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(config, "voice_aliases"), key, value)
    {
        if (strcmp(json_string_value(value), id) == 0)
            return key;
    }
    for (size_t i = 0; i < COUNT(published); i++)
        if (strcmp(published[i].id, id) == 0)
            return published[i].name;
    return id;
}

static double prior_of(const json_t *config, const struct installed_model *model, const char *id)
{
    const json_t *given = json_object_get(json_object_get(config, "speed_priors"), id);

    if (given)
        return json_number_value(given);
    if (config || strncmp(model->name, NANO_WITH_PRIORS, strlen(NANO_WITH_PRIORS)) != 0)
        return 1;
    for (size_t i = 0; i < COUNT(published); i++)
        if (strcmp(published[i].id, id) == 0)
            return published[i].nano_prior;
    return 1;
}

static const char *gender_of(const char *id)
{
    size_t length = strlen(id);

    if (length < 2 || id[length - 2] != '-')
        return "";
    return id[length - 1] == 'f' ? "female" : id[length - 1] == 'm' ? "male" : "";
}

/* --- the voices --- */

static bool add_file(struct voice_list *list, const struct installed_model *model,
                     const json_t *config, const char *path, struct err *err)
{
    struct style_names names;

    if (!file_is_regular(path))
        return err_set(err, ERR_UNAVAILABLE,
                       "The voices of the Kitten model %s are missing: %s is not there. "
                       "`parlando models pull kitten-nano-0.8` gets a model with its voices.",
                       model->name, path);
    if (!style_list(path, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        const char *id = names.items[i];
        struct voice *voice = voice_list_add(list, id, name_of(config, id), "en-us", gender_of(id));

        if (!voice)
            continue;
        voice->style_path = xstrdup(path);
        voice->style_name = xstrdup(id);
        voice->speed_factor = prior_of(config, model, id);
    }
    bool ok = list->count > 0 || err_set(err, ERR_CORRUPT, "%s holds no named voices.", path);
    style_names_release(&names);
    return ok;
}

bool kitten_voices_add(struct voice_list *list, const struct installed_model *model,
                       struct err *err)
{
    json_t *config;
    bool ok = load_config(model->path, &config, err);

    if (ok) {
        const char *file = json_string_value(json_object_get(config, "voices"));
        char *path = beside(model->path, file ? file : "voices.npz");

        ok = add_file(list, model, config, path, err);
        free(path);
    }
    json_decref(config);
    return ok;
}
