#pragma once

/* GlobalSettings: one row. See store.h for threads, memory and errors. */

#include "store/store.h"

struct settings {
    const char *default_voice_id; /* an id or a blend */
    double tts_speed;             /* 0.5 to 2.0 */
    const char *engine;           /* "auto" (as configured) or an engine's name */
    int64_t updated_at;

    /* NULL: as configured. */
    const bool *history_enabled, *history_retain_audio;
    const int64_t *history_max_entries, *history_max_mb; /* 0: no limit */
};

bool store_settings_get(struct store *store, struct arena *arena, struct settings *out,
                        struct err *err);

/* NULL leaves a value. Values were checked by the caller. */
struct settings_change {
    const char *default_voice_id;
    const double *tts_speed;
    const char *engine;
    const bool *history_enabled, *history_retain_audio;
    const int64_t *history_max_entries, *history_max_mb;
};

bool store_settings_update(struct store *store, const struct settings_change *change,
                           struct err *err);

/* A note of the program to itself ("the sample story was imported"), out of users' sight. */
bool store_mark_has(struct store *store, const char *name);
bool store_mark_set(struct store *store, const char *name, struct err *err);
