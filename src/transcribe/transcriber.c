#include "transcribe/transcriber.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/cores.h"
#include "transcribe/hearing.h"

#define LANGUAGE "en" /* what Moonshine tiny knows */

#define MOONSHINE_FOLDER "moonshine"
#define VOCABULARY_FILE MOONSHINE_FOLDER "/llama-tokenizer.js"
#define VOICE_ACTIVITY_FILE "silero/silero_vad_v5.onnx"

struct transcriber {
    /* set once */
    struct transcriber_options options;
    struct turnstile *own_turnstile; /* where the options have none: for the threads of one file */
    int threads;

    pthread_mutex_t lock;   /* leaf */
    pthread_cond_t changed; /* when models are loaded or could not be */

    /* protected by lock */
    struct hearing_models *models; /* owned; NULL: not loaded */
    bool is_loading;
    int users;
    double idle_since; /* of clock_seconds, where nobody uses them */
};

struct transcriber *transcriber_create(const struct transcriber_options *options)
{
    struct transcriber *t = xcalloc(1, sizeof *t);

    t->options = *options;
    t->threads = options->threads > 0 ? options->threads : cores_count();
    if (!options->turnstile)
        t->own_turnstile = turnstile_create(t->threads);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, NULL);
    return t;
}

/* ---- the models ---- */

static void models_close(struct hearing_models *models)
{
    if (!models)
        return;
    moonshine_close(models->moonshine);
    voice_activity_model_close(models->voice_activity);
    vocabulary_close(models->vocabulary);
    ort_close(models->ort);
    free(models);
}

static bool open_parts(const struct transcriber_options *options, struct hearing_models *models,
                       struct err *err)
{
    char *folder = path_join(options->models_dir, MOONSHINE_FOLDER);
    char *vocabulary = path_join(options->models_dir, VOCABULARY_FILE);
    char *voice_activity = path_join(options->models_dir, VOICE_ACTIVITY_FILE);

    bool ok =
        (models->ort = ort_open(options->onnxruntime, err)) &&
        (models->vocabulary = vocabulary_open(vocabulary, err)) &&
        (models->voice_activity = voice_activity_model_open(models->ort, voice_activity, err)) &&
        (models->moonshine = moonshine_open(models->ort, folder, err));
    free(voice_activity);
    free(vocabulary);
    free(folder);
    return ok;
}

static struct hearing_models *models_open(struct transcriber *t, struct err *err)
{
    struct hearing_models *models = xcalloc(1, sizeof *models);
    double from = clock_seconds();

    if (transcriber_can_hear(t, err) && open_parts(&t->options, models, err)) {
        log_info("transcribe", TRANSCRIBER_MODEL " is loaded, in %.2f s", clock_seconds() - from);
        return models;
    }
    models_close(models);
    return NULL;
}

bool transcriber_can_hear(struct transcriber *t, struct err *err)
{
    static const struct {
        const char *path, *model;
    } files[] = {
        { MOONSHINE_FOLDER "/encoder_model.onnx", TRANSCRIBER_MODEL },
        { MOONSHINE_FOLDER "/decoder_model_merged.onnx", TRANSCRIBER_MODEL },
        { VOCABULARY_FILE, TRANSCRIBER_MODEL },
        { VOICE_ACTIVITY_FILE, "silero-vad" },
    };

    for (size_t i = 0; i < COUNT(files); i++) {
        char *path = path_join(t->options.models_dir, files[i].path);
        bool is_there = file_is_regular(path);

        if (!is_there)
            err_set_param(err, ERR_UNAVAILABLE, "model",
                          "Speech to text is off: %s is missing. Fetch it with `parlando models "
                          "pull %s`.",
                          path, files[i].model);
        free(path);
        if (!is_there)
            return false;
    }
    return ort_is_available(t->options.onnxruntime, err) || err_context(err, "Speech to text");
}

/* Loads the models where that is needed, or waits for who does. They stay until return_models. */
static const struct hearing_models *borrow_models(struct transcriber *t, struct err *err)
{
    struct hearing_models *models;

    pthread_mutex_lock(&t->lock);
    while (t->is_loading)
        pthread_cond_wait(&t->changed, &t->lock);
    models = t->models;
    if (models)
        t->users++;
    t->is_loading = !models;
    pthread_mutex_unlock(&t->lock);
    if (models)
        return models;

    models = models_open(t, err);
    pthread_mutex_lock(&t->lock);
    t->models = models;
    t->users += models != NULL;
    t->is_loading = false;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    return models;
}

static void return_models(struct transcriber *t)
{
    pthread_mutex_lock(&t->lock);
    if (--t->users == 0)
        t->idle_since = clock_seconds();
    pthread_mutex_unlock(&t->lock);
}

/* Out of the lock's reach, if nobody has used them for so long; else NULL. */
static struct hearing_models *take_models(struct transcriber *t, double idle_s)
{
    struct hearing_models *models = NULL;

    pthread_mutex_lock(&t->lock);
    if (t->models && t->users == 0 && clock_seconds() - t->idle_since >= idle_s) {
        models = t->models;
        t->models = NULL;
    }
    pthread_mutex_unlock(&t->lock);
    return models;
}

bool transcriber_load(struct transcriber *t, struct err *err)
{
    if (!borrow_models(t, err))
        return false;
    return_models(t);
    return true;
}

bool transcriber_is_loaded(struct transcriber *t)
{
    pthread_mutex_lock(&t->lock);
    bool is_loaded = t->models;
    pthread_mutex_unlock(&t->lock);
    return is_loaded;
}

bool transcriber_unload(struct transcriber *t, struct err *err)
{
    models_close(take_models(t, 0));
    return !transcriber_is_loaded(t) ||
           err_set(err, ERR_CONFLICT, "%s is in use: somebody's recording is being heard.",
                   TRANSCRIBER_MODEL);
}

void transcriber_close_idle(struct transcriber *t)
{
    struct hearing_models *models =
        t->options.idle_s > 0 ? take_models(t, t->options.idle_s) : NULL;

    if (models)
        log_info("transcribe", TRANSCRIBER_MODEL " is closed: idle for %.0f s", t->options.idle_s);
    models_close(models);
}

void transcriber_destroy(struct transcriber *t)
{
    if (!t)
        return;
    models_close(t->models);
    turnstile_destroy(t->own_turnstile);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* ---- hearing ---- */

static bool check_language(const char *language, struct err *err)
{
    if (!language || !*language || language_is_same(language, LANGUAGE))
        return true;
    const char *code = language_code(language);

    if (code && language_is_same(code, LANGUAGE))
        return true;
    return err_set_param(err, ERR_UNSUPPORTED, "language",
                         "%s understands English only, not \"%.40s\".", TRANSCRIBER_MODEL,
                         language);
}

bool transcriber_hear_file(struct transcriber *t, const char *path, const char *name,
                           const struct transcribe_options *options,
                           const struct transcript_sink *sink, struct cancel *cancel,
                           struct transcript_outcome *outcome, struct err *err)
{
    struct hearing_order order = {
        .path = path,
        .name = name,
        .max_seconds = options->max_seconds > 0 ? options->max_seconds : TRANSCRIBER_SECONDS_MAX,
        .threads = t->threads,
        .niceness = t->options.niceness,
        .turnstile = t->own_turnstile ? t->own_turnstile : t->options.turnstile,
    };

    *outcome = (struct transcript_outcome){ .language = LANGUAGE, .model = TRANSCRIBER_MODEL };
    if (!check_language(options->language, err) || !cancel_check(cancel, err))
        return false;
    order.models = borrow_models(t, err);
    if (!order.models)
        return false;
    double from = clock_seconds();
    bool ok = hear(&order, sink, cancel, &outcome->seconds, err);
    outcome->work_s = clock_seconds() - from;
    return_models(t);
    return ok;
}
