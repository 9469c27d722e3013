#pragma once

/*
 * What can be configured: built-in default < config file < environment < flag.
 * One table (config.c) is the source of names, flags, help and checks. Read
 * once at start, then constant.
 *
 * The config file is $PARLANDO_CONFIG, else $XDG_CONFIG_HOME/parlando/config.json:
 * a JSON object with the option names as keys, e.g. {"engine": "kokoro"}.
 */

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "engine/engine.h"

struct config {
    struct arena arena;   /* owns the strings that are not argv's or the environment's */
    const char *models;   /* the models folder */
    const char *engine;   /* "auto" or an engine's name */
    const char *runtime;  /* ONNX Runtime's library, or NULL */
    const char *phonemes; /* phoneme scheme, or NULL */
    const char *lexicon;  /* a pronunciation file, or NULL */
    const char *log_file; /* or NULL */
    enum log_level log_level;
    int64_t threads; /* compute threads; 0: physical cores */
};

/* One configurable value. */
struct config_row {
    const char *name;     /* the flag and, with PARLANDO_ before it in capitals, the variable */
    const char *variable; /* another variable that is honoured too, or NULL */
    const char *argument;
    const char *help;
    bool (*set)(struct config *config, const char *value, struct err *err);
};

extern const struct config_row config_rows[];
extern const size_t config_row_count;

/* Defaults, file and environment. */
bool config_init(struct config *config, struct err *err) MUST_CHECK;
void config_release(struct config *config);

/* What engines are opened with. callers as in struct engine_config. */
struct engine_config config_engine(const struct config *config, int callers);
