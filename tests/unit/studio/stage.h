#pragma once

/* A turnstile of one place, and who speaks live there, for tests of what does. */

#include "../engine/fixtures.h"

#include "studio/live_speech.h"

struct stage {
    char *folder; /* of models: none, but for those of a fixture */
    struct engine_config config;
    struct turnstile *turnstile;
    struct engines *engines;
    struct live_speech *live;
};

static inline void open_stage(struct stage *stage, char *models_dir)
{
    *stage = (struct stage){ .folder = models_dir, .turnstile = turnstile_create(1) };
    stage->config = (struct engine_config){ .models_dir = models_dir, .threads = 1 };
    stage->engines = engines_create(&stage->config, 0, 0);
    stage->live = live_speech_create(
        &(struct live_speech_options){ .engines = stage->engines, .turnstile = stage->turnstile });
}

static inline void close_stage(struct stage *stage)
{
    live_speech_destroy(stage->live);
    engines_destroy(stage->engines);
    turnstile_destroy(stage->turnstile);
    free(stage->folder);
}

static inline char *no_models(void)
{
    return xstrdup("/no/such/folder");
}
