#include "cmd/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/speech_wish.h"
#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "jobs/jobs.h"
#include "studio/history.h"

#define CONFIG_FILE_LIMIT (1u << 20)
#define THREADS_MAX 256
#define MONTH_S (31 * 86400)
#define YEARS_S (10LL * 365 * 86400) /* ten of them */

static bool check_folder(const char *value, struct err *err)
{
    return *value || err_set(err, ERR_INVALID, "The folder has no name.");
}

static bool check_phonemes(const char *value, struct err *err)
{
    enum phoneme_scheme scheme;

    if (phoneme_scheme_parse(value, &scheme) && scheme != PHONEMES_NONE && scheme != PHONEMES_PIPER)
        return true;
    return err_set(err, ERR_INVALID,
                   "There is no phoneme mapping \"%.40s\". Kokoro takes espeak, misaki or ipa.",
                   value);
}

static bool check_log_level(const char *value, struct err *err)
{
    enum log_level level;

    return log_level_parse(value, &level) ||
           err_set(err, ERR_INVALID,
                   "The log level is error, warning, info or debug, not \"%.40s\".", value);
}

static bool check_speech_format(const char *value, struct err *err)
{
    enum audio_format format;

    return (audio_format_parse(value, &format) && audio_format_is_common(format)) ||
           err_set(err, ERR_INVALID,
                   "Speech is sent as mp3, opus, aac, flac, wav or pcm, not as \"%.40s\".", value);
}

static bool check_host(const char *value, struct err *err)
{
    return *value || err_set(err, ERR_INVALID, "Say which address to listen on: 127.0.0.1.");
}

/* The key travels in a header: "Authorization: Bearer <key>". */
static bool check_api_key(const char *value, struct err *err)
{
    for (const char *p = value; *p; p++)
        if (*p <= ' ' || *p > '~')
            return err_set(err, ERR_INVALID,
                           "The API key may have printable ASCII characters only, no spaces.");
    return true;
}

static bool check_open_listings(const char *value, struct err *err)
{
    return strcmp(value, "auto") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ||
           err_set(err, ERR_INVALID, "open-listings is auto, yes or no, not \"%.40s\".", value);
}

#define TEXT(member, checks)                                                                       \
    .kind = CONFIG_TEXT, .field = offsetof(struct config, member), .check = (checks)
#define INTEGER(member, lo, hi)                                                                    \
    .kind = CONFIG_INTEGER, .field = offsetof(struct config, member), .least = (lo), .most = (hi)
#define FLAG(member) .kind = CONFIG_FLAG, .field = offsetof(struct config, member)
#define DURATION(member, lo, hi)                                                                   \
    .kind = CONFIG_DURATION, .field = offsetof(struct config, member), .least = (lo), .most = (hi)

/* OS_… are open-speech's names. */
const struct config_row config_rows[] = {
    { "engine", NULL, "NAME", "auto, kokoro, kitten, piper or espeak",
      TEXT(engine, engine_name_check) },
    { "models", NULL, "DIR", "the folder of model files", TEXT(models, check_folder) },
    { "threads", NULL, "N", "compute threads (0: one a physical core)",
      INTEGER(threads, 0, THREADS_MAX) },
    { "lexicon", NULL, "FILE", "your own pronunciations: word<tab>/IPA/ or words",
      TEXT(lexicon, NULL) },
    { "phoneme-mapping", NULL, "NAME", "espeak, misaki or ipa, for Kokoro",
      TEXT(phonemes, check_phonemes) },
    { "runtime", NULL, "NAME", "who computes Kokoro: auto, native or onnx",
      TEXT(runtime, engine_runtime_check) },
    { "turbo", NULL, NULL, "Kokoro in 8-bit numbers: faster, less exact (needs AVX-512 VNNI)",
      FLAG(is_turbo) },
    { "onnxruntime", NULL, "FILE", "ONNX Runtime's library", TEXT(onnxruntime, NULL) },
    { "log-level", "LOG_LEVEL", "LEVEL", "error, warning, info or debug",
      TEXT(log_level, check_log_level) },
    { "log-file", "LOG_FILE", "FILE", "append the log here as well", TEXT(log_file, NULL) },

    { "host", "OS_HOST", "ADDRESS", "listen here; others than loopback need a key",
      TEXT(host, check_host), .is_server = true },
    { "port", "OS_PORT", "N", "0: a free one", INTEGER(port, 0, 65535), .is_server = true },
    { "data", NULL, "DIR", "projects, recordings and pictures", TEXT(data, check_folder),
      .is_server = true },
    { "api-key", "OS_API_KEY", "KEY", "asked of every client; better set as a variable",
      TEXT(api_key, check_api_key), .is_server = true, .is_secret = true },
    { "open-listings", NULL, "WHEN",
      "voices and models without a key: yes, no or auto (on loopback)",
      TEXT(open_listings, check_open_listings), .is_server = true },
    { "insecure", NULL, NULL, "let other machines in without a key", FLAG(is_insecure),
      .is_server = true },
    { "allowed-hosts", NULL, "NAMES", "names this machine is called by, or *",
      TEXT(allowed_hosts, NULL), .is_server = true },
    { "allowed-origins", "OS_CORS_ORIGINS", "ORIGINS", "web pages that may use the API, or *",
      TEXT(allowed_origins, NULL), .is_server = true },
    { "workers", "OS_BATCH_WORKERS", "N", "segments spoken at a time",
      INTEGER(workers, 1, JOBS_WORKERS_MAX), .is_server = true },
    { "keep-tasks", NULL, "TIME", "how long ended tasks are shown: 90s, 5m, 1h",
      DURATION(keep_tasks_s, 1, MONTH_S), .is_server = true },
    { "model-idle", "OS_MODEL_TTL", "TIME", "unload a model not used for so long (0: never)",
      DURATION(model_idle_s, 0, MONTH_S), .is_server = true },
    { "upload-max-mb", "OS_MAX_UPLOAD_MB", "N", "largest file taken",
      INTEGER(upload_max_mb, 1, 65536), .is_server = true },
    { "json-max-mb", NULL, "N", "largest JSON body taken", INTEGER(json_max_mb, 1, 1024),
      .is_server = true },
    { "connections-max", NULL, "N", "connections at a time", INTEGER(connections_max, 8, 60000),
      .is_server = true },
    { "tts-max-input", "TTS_MAX_INPUT_LENGTH", "N", "characters of a text spoken live",
      INTEGER(tts_max_input, 1, SPEECH_INPUT_LIMIT), .is_server = true },
    { "tts-default-format", "TTS_DEFAULT_FORMAT", "NAME",
      "of speech: mp3, opus, aac, flac, wav, pcm", TEXT(tts_default_format, check_speech_format),
      .is_server = true },
    { "history-enabled", "OS_HISTORY_ENABLED", "yes|no", "keep what is spoken and heard",
      FLAG(history_enabled), .is_server = true },
    { "history-retain-audio", "OS_HISTORY_RETAIN_AUDIO", "yes|no", "with the audio",
      FLAG(history_retain_audio), .is_server = true },
    { "history-max-entries", "OS_HISTORY_MAX_ENTRIES", "N", "entries kept (0: all)",
      INTEGER(history_max_entries, 0, HISTORY_ENTRIES_MAX), .is_server = true },
    { "history-max-mb", "OS_HISTORY_MAX_MB", "N", "megabytes of audio kept (0: all)",
      INTEGER(history_max_mb, 0, HISTORY_MB_MAX), .is_server = true },
    { "keep-jobs", NULL, "TIME", "how long ended tasks are remembered: 12h, 30d",
      DURATION(keep_jobs_s, 3600, YEARS_S), .is_server = true },
};
const size_t config_row_count = COUNT(config_rows);

/* --- values --- */

static const struct config_row *find_row(const char *name)
{
    for (size_t i = 0; i < config_row_count; i++)
        if (strcmp(config_rows[i].name, name) == 0)
            return &config_rows[i];
    return NULL;
}

static bool parse_flag(const char *text, const char *name, bool *out, struct err *err)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = { { "true", true },   { "1", true },  { "yes", true }, { "on", true },
                  { "false", false }, { "0", false }, { "no", false }, { "off", false } };

    for (size_t i = 0; i < COUNT(words); i++) {
        if (strcmp(words[i].word, text) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    return err_set(err, ERR_INVALID, "%s is true or false, not \"%.40s\".", name, text);
}

static const struct {
    char letter;
    int seconds;
} duration_units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

static bool parse_duration(const char *text, const struct config_row *row, double *out,
                           struct err *err)
{
    size_t length = strlen(text);
    int unit = 1;

    for (size_t i = 0; i < COUNT(duration_units); i++)
        if (length > 1 && text[length - 1] == duration_units[i].letter)
            unit = duration_units[i].seconds;
    bool has_letter = length > 1 && isalpha((unsigned char)text[length - 1]);
    char *number = xstrndup(text, has_letter ? length - 1 : length);
    bool ok = (!has_letter || strchr("dhms", text[length - 1])) &&
              number_parse(number, row->name, (double)row->least / unit, (double)row->most / unit,
                           out, err);
    free(number);
    if (!ok)
        return err_set(err, ERR_INVALID,
                       "%s is a time from %lld to %lld seconds, like 90s, 5m or 1h, not \"%.40s\".",
                       row->name, (long long)row->least, (long long)row->most, text);
    *out *= unit;
    return true;
}

static bool set_text(struct config *config, const struct config_row *row, const char *text,
                     const char **field, struct err *err)
{
    if (row->check && !row->check(text, err))
        return false;
    *field = *text ? arena_strdup(&config->arena, text) : NULL;
    return true;
}

static bool set_value(struct config *config, const struct config_row *row, const char *text,
                      enum config_origin_kind kind, const char *name, struct err *err)
{
    void *field = (char *)config + row->field;
    bool ok = false;

    switch (row->kind) {
    case CONFIG_TEXT:
        ok = set_text(config, row, text, field, err);
        break;
    case CONFIG_INTEGER:
        ok = number_parse_int(text, row->name, row->least, row->most, field, err);
        break;
    case CONFIG_FLAG:
        ok = parse_flag(text, row->name, field, err);
        break;
    case CONFIG_DURATION:
        ok = parse_duration(text, row, field, err);
        break;
    }
    if (!ok) {
        snprintf(err->param, sizeof err->param, "%s", row->name);
        return false;
    }
    config->origins[row - config_rows] =
        (struct config_origin){ .kind = kind,
                                .name = name ? arena_strdup(&config->arena, name) : NULL };
    return true;
}

bool config_set_flag(struct config *config, const struct config_row *row, const char *text,
                     struct err *err)
{
    char *name = str_format("--%s", row->name);
    bool ok = set_value(config, row, text, CONFIG_COMMAND_LINE, name, err);

    free(name);
    return ok;
}

/* A default is ours and always good. */
void config_set_default(struct config *config, const char *name, const char *text)
{
    const struct config_row *row = find_row(name);
    struct err err;

    if (config->origins[row - config_rows].kind == CONFIG_DEFAULT)
        (void)set_value(config, row, text, CONFIG_DEFAULT, NULL, &err);
}

/* --- the file --- */

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

static const char *wanted_json(enum config_kind kind)
{
    switch (kind) {
    case CONFIG_TEXT:
        return "a text in quotes";
    case CONFIG_INTEGER:
        return "a whole number";
    case CONFIG_FLAG:
        return "true or false";
    case CONFIG_DURATION:
        return "a text like \"5m\", or a number of seconds";
    }
    return "";
}

/* The value as a flag would give it: the caller's. NULL when it is of another kind. */
static char *text_of(const struct config_row *row, const json_t *value)
{
    bool is_fit =
        (row->kind == CONFIG_TEXT && json_is_string(value)) ||
        (row->kind == CONFIG_INTEGER && json_is_integer(value)) ||
        (row->kind == CONFIG_FLAG && json_is_boolean(value)) ||
        (row->kind == CONFIG_DURATION && (json_is_string(value) || json_is_number(value)));

    if (!is_fit)
        return NULL;
    return json_is_string(value) ? xstrdup(json_string_value(value))
                                 : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
}

static bool apply_member(struct config *config, const char *path, const char *key,
                         const json_t *value, struct err *err)
{
    const struct config_row *row = find_row(key);

    if (!row)
        return err_set_param(err, ERR_INVALID, key, "There is no setting \"%.40s\".", key);
    char *text = text_of(row, value);
    if (!text)
        return err_set_param(err, ERR_INVALID, key, "\"%s\" is %s.", key, wanted_json(row->kind));
    bool ok = set_value(config, row, text, CONFIG_FILE, path, err);
    free(text);
    return ok;
}

static bool apply_json(struct config *config, const char *path, json_t *root, struct err *err)
{
    const char *key;
    json_t *value;

    if (!json_is_object(root))
        return err_set(err, ERR_INVALID, "%s is not a JSON object.", path);
    json_object_foreach(root, key, value)
    {
        if (!apply_member(config, path, key, value, err))
            return err_context(err, "%s", path);
    }
    return true;
}

/* Anything but a file is refused before it is opened: a pipe would keep us waiting for ever. */
static bool apply_path(struct config *config, const char *path, struct err *err)
{
    if (file_exists(path) && !file_is_regular(path))
        return err_set(err, ERR_INVALID, "The configuration %s is not a file.", path);
    json_t *root = json_parse_file(path, CONFIG_FILE_LIMIT, err);
    bool ok = root && apply_json(config, path, root, err);
    json_decref(root);
    return ok;
}

static bool apply_file(struct config *config, struct err *err)
{
    const char *given = getenv("PARLANDO_CONFIG");

    if (given && *given)
        return apply_path(config, given, err);
    char *path = user_path("XDG_CONFIG_HOME", ".config", "config.json");
    bool ok = !file_exists(path) || apply_path(config, path, err);
    free(path);
    return ok;
}

/* --- the environment --- */

/* PARLANDO_LOG_LEVEL for "log-level". */
static char *variable_name(const char *name)
{
    char *variable = str_format("PARLANDO_%s", name);

    for (char *p = variable; *p; p++)
        *p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
    return variable;
}

static bool apply_variable(struct config *config, const struct config_row *row, struct err *err)
{
    char *own = variable_name(row->name);
    const char *name = own;
    const char *value = getenv(own);

    if (!value && row->variable) {
        name = row->variable;
        value = getenv(name);
    }
    bool ok = !value || !*value || set_value(config, row, value, CONFIG_ENVIRONMENT, name, err) ||
              err_context(err, "The variable %s", name);
    free(own);
    return ok;
}

static bool apply_environment(struct config *config, struct err *err)
{
    for (size_t i = 0; i < config_row_count; i++)
        if (!apply_variable(config, &config_rows[i], err))
            return false;
    return true;
}

bool config_init(struct config *config, struct err *err)
{
    *config = (struct config){
        .engine = "auto",
        .runtime = "auto",
        .log_level = "warning",
        .host = "127.0.0.1",
        .open_listings = "auto",
        .port = 8100,
        .data = "./data",
        .workers = 1,
        .keep_tasks_s = 3600,
        .model_idle_s = 300,
        .upload_max_mb = 256,
        .json_max_mb = 16,
        .connections_max = 1000,
        .tts_max_input = SPEECH_INPUT_MAX,
        .tts_default_format = "mp3",
        .history_enabled = true,
        .history_retain_audio = true,
        .history_max_entries = 1000,
        .history_max_mb = 2000,
        .keep_jobs_s = 30 * 86400,
    };
    char *models = user_path("XDG_DATA_HOME", ".local/share", "models");

    config->models = arena_strdup(&config->arena, models);
    free(models);
    config->origins = arena_alloc(&config->arena, config_row_count * sizeof *config->origins);
    if (apply_file(config, err) && apply_environment(config, err))
        return true;
    config_release(config);
    return false;
}

void config_release(struct config *config)
{
    arena_release(&config->arena);
}

/* --- showing it --- */

/* "90s", "5m", "1h": in the largest unit that gives a whole number. The caller's. */
static char *duration_text(double seconds)
{
    for (size_t i = 0; i < COUNT(duration_units); i++) {
        double count = seconds / duration_units[i].seconds;

        if (count >= 1 && count == (double)(int64_t)count)
            return str_format("%.0f%c", count, duration_units[i].letter);
    }
    return str_format("%gs", seconds);
}

/* The caller's. */
static char *value_text(const struct config *config, const struct config_row *row)
{
    const void *field = (const char *)config + row->field;
    const char *text;
    double seconds;

    switch (row->kind) {
    case CONFIG_TEXT:
        memcpy(&text, field, sizeof text);
        return xstrdup(!text ? "(none)" : row->is_secret ? "(set)" : text);
    case CONFIG_INTEGER:
        return str_format("%lld", (long long)*(const int64_t *)field);
    case CONFIG_FLAG:
        return xstrdup(*(const bool *)field ? "true" : "false");
    case CONFIG_DURATION:
        memcpy(&seconds, field, sizeof seconds);
        return duration_text(seconds);
    }
    return NULL;
}

static const char *origin_text(enum config_origin_kind kind)
{
    switch (kind) {
    case CONFIG_DEFAULT:
        return "default";
    case CONFIG_FILE:
        return "file ";
    case CONFIG_ENVIRONMENT:
        return "environment ";
    case CONFIG_COMMAND_LINE:
        return "flag ";
    }
    return "";
}

void config_print(const struct config *config, FILE *out)
{
    fprintf(out, "%-20s %-32s %s\n", "SETTING", "VALUE", "FROM");
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_origin *origin = &config->origins[i];
        char *value = value_text(config, &config_rows[i]);

        fprintf(out, "%-20s %-32s %s%s\n", config_rows[i].name, value, origin_text(origin->kind),
                origin->name ? origin->name : "");
        free(value);
    }
}

struct engine_config config_engine(const struct config *config, int callers)
{
    return (struct engine_config){
        .models_dir = config->models,
        .runtime = config->runtime,
        .is_turbo = config->is_turbo,
        .onnxruntime = config->onnxruntime,
        .threads = (int)config->threads,
        .callers = callers,
        .phonemes = config->phonemes,
    };
}
