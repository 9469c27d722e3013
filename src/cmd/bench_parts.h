#pragma once

/* The parts of a pass of our own Kokoro engine: how long each takes with one thread and with all, and
 * what share that is of what the cores can compute at most. */

#include "base/json_writer.h"
#include "cmd/spread.h"
#include "engine/engine.h"
#include "nn/kokoro_part.h"

#define BENCH_POOLS 2 /* of one thread, and of all */

struct bench_pool {
    int threads;
    double peak;             /* multiplications with an addition, a second */
    double *s[KOKORO_PARTS]; /* [rounds]; owned */
};

struct bench_parts {
    size_t rounds;
    double audio_s;
    const char *kernel;
    double products[KOKORO_PARTS];
    struct bench_pool pools[BENCH_POOLS];
    size_t pool_count; /* 1 where there is one thread */
};

/* A sentence as the one chunk that it has to be. */
bool bench_plan(const struct engine *engine, const struct voice *voice, const char *text,
                struct arena *arena, struct chunk *out, struct err *err) MUST_CHECK;

/* What is spoken, with which model. */
struct bench_sentence {
    struct engine *engine; /* open, a Kokoro */
    const struct engine_config *config;
    const char *model; /* as given to engine_open */
    const char *voice; /* or NULL */
    const char *text;  /* one chunk */
};

/* out is released by the caller, also after a failure. */
bool bench_parts_measure(const struct bench_sentence *sentence, size_t rounds, int threads,
                         struct bench_parts *out, struct cancel *cancel,
                         struct err *err) MUST_CHECK;
void bench_parts_release(struct bench_parts *parts); /* accepts a zeroed struct */

void bench_parts_print(const struct bench_parts *parts);
void bench_parts_write(const struct bench_parts *parts,
                       struct json_writer *w); /* members of an object */
