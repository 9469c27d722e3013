#pragma once

/*
 * Engines opened on the fixtures, and what their humming says: which ids a
 * graph was given, how loud, for how many frames (see make_models.py).
 */

#include <math.h>
#include <pthread.h>

#include "engine/engine_internal.h"
#include "fixtures.h"

/* An engine with what it borrows. */
struct opened {
    struct engine_config config;
    char *models_dir; /* owned */
    struct engine *engine;
    struct err err;
};

/* Tries to open the type's best model of a folder of the fixtures; engine is NULL on failure. */
static inline void try_open(struct opened *o, const char *type, const char *folder)
{
    need_runtime();
    *o = (struct opened){ .models_dir = fixture(folder) };
    o->config = (struct engine_config){ .models_dir = o->models_dir, .threads = 1 };
    o->engine = engine_open(&o->config, type, NULL, &o->err);
}

static inline void open_engine(struct opened *o, const char *type, const char *folder)
{
    try_open(o, type, folder);
    if (!o->engine)
        fail_msg("%s on %s: %s", type, folder, o->err.message);
}

static inline void close_engine(struct opened *o)
{
    engine_close(o->engine);
    free(o->models_dir);
}

static inline const struct voice *get_voice(struct opened *o, const char *id)
{
    const struct voice *voice = engine_voice(o->engine, id, &o->err);

    if (!voice)
        fail_msg("%s: %s", id ? id : "the default voice", o->err.message);
    return voice;
}

static inline struct chunk chunk_of(const char *text, const int32_t *ids, size_t count)
{
    return (struct chunk){
        .text = text, .phonemes = "", .ids = ids, .id_count = count, .end = CHUNK_END_SENTENCE
    };
}

/* One pass of the model, as the type gives it to engine.c. */
static inline bool speak_raw(struct opened *o, const struct chunk *chunk, const char *voice,
                             double speed, struct raw_speech *out)
{
    struct utterance utterance = { chunk, get_voice(o, voice), speed };

    *out = (struct raw_speech){ 0 };
    return o->engine->type->speak(o->engine, &utterance, out, NULL, &o->err);
}

static inline void raw_free(struct raw_speech *raw)
{
    pcm_release(&raw->pcm);
    free(raw->id_start);
    free(raw->words);
}

/* --- hearing --- */

/* Whole cycles of the sine in a frame: how often it comes up through zero. 0 for silence. */
static inline int cycles_of(const float *frame, size_t hop)
{
    int cycles = 0;

    for (size_t i = 0; i + 1 < hop; i++)
        cycles += frame[i] <= 0 && frame[i + 1] > 0;
    return cycles;
}

/* The sine's amplitude, from its power. */
static inline double amplitude_of(const float *frame, size_t hop)
{
    double power = 0;

    for (size_t i = 0; i < hop; i++)
        power += (double)frame[i] * frame[i];
    return sqrt(2 * power / (double)hop);
}

/* Threads that speak at once on one engine get what one alone gets. */
struct speaking_thread {
    pthread_t thread;
    struct engine *engine;
    const struct utterance *utterance;
    const struct speech *expected;
    int wrong;
};

static inline void *speak_often(void *data)
{
    struct speaking_thread *t = data;

    for (int i = 0; i < 10; i++) {
        struct err err = { 0 };
        struct speech speech;

        if (!engine_speak(t->engine, t->utterance, &speech, NULL, &err)) {
            t->wrong++;
            continue;
        }
        if (speech.pcm.frames != t->expected->pcm.frames ||
            memcmp(speech.pcm.samples, t->expected->pcm.samples,
                   speech.pcm.frames * sizeof *speech.pcm.samples) != 0)
            t->wrong++;
        speech_release(&speech);
    }
    return NULL;
}

static inline void check_threads_agree(struct opened *o, const struct chunk *chunks[2],
                                       const char *voice)
{
    struct speaking_thread threads[4];
    struct utterance utterances[2];
    struct speech expected[2];

    for (int i = 0; i < 2; i++) {
        utterances[i] = (struct utterance){ chunks[i], get_voice(o, voice), 1 };
        check_ok(engine_speak(o->engine, &utterances[i], &expected[i], NULL, &o->err), &o->err);
    }
    for (int i = 0; i < 4; i++) {
        threads[i] = (struct speaking_thread){ .engine = o->engine,
                                               .utterance = &utterances[i % 2],
                                               .expected = &expected[i % 2] };
        pthread_create(&threads[i].thread, NULL, speak_often, &threads[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i].thread, NULL);
    for (int i = 0; i < 4; i++)
        assert_int_equal(threads[i].wrong, 0);
    for (int i = 0; i < 2; i++)
        speech_release(&expected[i]);
}

static inline void *request_cancel(void *cancel)
{
    cancel_request(cancel);
    return NULL;
}

/* Both before a run and while one of an endless model is under way. */
static inline void check_cancels(struct opened *o, const struct chunk *chunk)
{
    struct utterance utterance = { chunk, get_voice(o, NULL), 1 };
    struct cancel cancel;
    struct speech speech;
    pthread_t other;

    cancel_init(&cancel);
    pthread_create(&other, NULL, request_cancel, &cancel);
    assert_false(engine_speak(o->engine, &utterance, &speech, &cancel, &o->err));
    assert_int_equal(o->err.kind, ERR_CANCELLED);
    pthread_join(other, NULL);
    assert_false(engine_speak(o->engine, &utterance, &speech, &cancel, &o->err));
    assert_int_equal(o->err.kind, ERR_CANCELLED);
    assert_null(speech.pcm.samples);
    cancel_release(&cancel);
}

/* A silent chunk and one without ids are refused in words, not by the model. */
static inline void check_refuses_silence(struct opened *o)
{
    const int32_t ids[] = { 5 };
    struct chunk silent = chunk_of("", ids, 0);
    struct speech speech;

    silent.is_silent = true;
    struct utterance utterance = { &silent, get_voice(o, NULL), 1 };
    assert_false(engine_speak(o->engine, &utterance, &speech, NULL, &o->err));
    assert_int_equal(o->err.kind, ERR_INVALID);
    assert_non_null(strstr(o->err.message, "nothing to speak"));
}

/* Opening fails with this kind of error, whose message says this. */
struct open_failure {
    const char *folder;
    enum err_kind kind;
    const char *says;
};

static inline void check_open_failures(const char *type, const struct open_failure *cases,
                                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct opened o;

        try_open(&o, type, cases[i].folder);
        check_case(cases[i].folder, !o.engine);
        if (o.err.kind != cases[i].kind || !strstr(o.err.message, cases[i].says))
            fail_msg("%s: %s: %s", cases[i].folder, err_kind_name(o.err.kind), o.err.message);
        close_engine(&o);
    }
}
