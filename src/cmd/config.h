#pragma once

/*
 * What can be configured: built-in default < config file < environment < flag.
 * One table (config.c) is the source of names, flags, kinds, bounds, help and
 * of what `serve --print-config` shows. Read once at start, then constant.
 *
 * The config file is $PARLANDO_CONFIG, else $XDG_CONFIG_HOME/parlando/config.json:
 * a JSON object with the option names as keys, e.g. {"engine": "kokoro"}. Each
 * value has its row's kind: a text, a whole number, true or false; a duration is
 * a text ("90s", "5m", "1h") or a number of seconds.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "engine/engine.h"

struct config {
    struct arena arena;            /* owns the texts */
    struct config_origin *origins; /* one for each row, in the arena */

    const char *models;      /* the models folder */
    const char *engine;      /* "auto" or an engine's name */
    const char *runtime;     /* auto, native or onnx */
    bool is_turbo;           /* Kokoro in 8 bits */
    const char *onnxruntime; /* ONNX Runtime's library, or NULL */
    const char *phonemes;    /* phoneme scheme, or NULL */
    const char *lexicon;     /* a pronunciation file, or NULL */
    const char *log_level;   /* as log_level_parse takes it */
    const char *log_file;    /* or NULL */
    int64_t threads;         /* compute threads; 0: physical cores */

    /* The server's. */
    const char *host;
    int64_t port;                                /* 0: a free one */
    const char *data;                            /* the data folder */
    const char *api_key;                         /* or NULL */
    const char *open_listings;                   /* "auto", "yes" or "no" */
    bool is_insecure;                            /* other machines may come without a key */
    const char *allowed_hosts, *allowed_origins; /* or NULL */
    int64_t workers;
    double keep_tasks_s, model_idle_s;
    int64_t upload_max_mb, json_max_mb, connections_max;
    bool history_enabled, history_retain_audio;
    int64_t history_max_entries, history_max_mb; /* 0: no limit */
    int64_t tts_max_input;                       /* characters of one text that is spoken live */
    const char *tts_default_format;
    double keep_jobs_s;
};

enum config_kind {
    CONFIG_TEXT,     /* const char *; "" is NULL */
    CONFIG_INTEGER,  /* int64_t */
    CONFIG_FLAG,     /* bool */
    CONFIG_DURATION, /* double, seconds */
};

/* One configurable value. */
struct config_row {
    const char *name;     /* the flag and, with PARLANDO_ before it in capitals, the variable */
    const char *variable; /* another variable that is honoured too, or NULL */
    const char *argument; /* in the help; NULL for a flag that is said or not */
    const char *help;
    enum config_kind kind;
    size_t field;                                      /* in struct config */
    int64_t least, most;                               /* of a number; of a duration in seconds */
    bool (*check)(const char *value, struct err *err); /* of a text; or NULL */
    bool is_server;                                    /* a flag of `parlando serve` only */
    bool is_secret;                                    /* never shown */
};

extern const struct config_row config_rows[];
extern const size_t config_row_count;

enum config_origin_kind { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_COMMAND_LINE };

/* Where a value came from. */
struct config_origin {
    enum config_origin_kind kind;
    const char *name; /* the file's path, the variable's or the flag's name; NULL for a default */
};

/* Defaults, file and environment. */
bool config_init(struct config *config, struct err *err) MUST_CHECK;
void config_release(struct config *config);

/* Checks a value and sets it, from the command line. text is "true" for a flag. */
bool config_set_flag(struct config *config, const struct config_row *row, const char *text,
                     struct err *err) MUST_CHECK;

/* Another default for one command: without effect on what the user set. */
void config_set_default(struct config *config, const char *name, const char *text);

/* A table of each value and where it came from; secrets as "(set)". */
void config_print(const struct config *config, FILE *out);

/* What engines are opened with. callers as in struct engine_config. */
struct engine_config config_engine(const struct config *config, int callers);
