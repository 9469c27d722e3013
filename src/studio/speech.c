/*
 * The pipeline of one text.
 *
 * The calling thread plans chunks into a ring of slots, ahead of the workers,
 * and joins what they have spoken in the order of the text; each worker takes
 * the next planned slot and runs the model on it. All share one session and one
 * copy of the weights. On two cores one worker with two threads speaks a lone
 * sentence in 0.6 of the time of two workers with one each, and a long text
 * about as fast; each worker more needs buffers of its own. Planning is lazy, so
 * the first chunk is under way before the rest of a book has been looked at.
 *
 * At a turnstile a worker holds a place for one chunk, so that other texts have
 * their turn between two. More workers than places would only wait.
 *
 * The first error in the order of the text wins; what is still being spoken is
 * then cancelled through the pipeline's own cancel, which also passes on the
 * caller's.
 */
#include "studio/speech.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audio/join.h"
#include "base/clock.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "engine/cores.h"

#define WORKERS_MAX 4 /* each needs some 150 MB for a long sentence of Kokoro's */
#define THREADS_PER_WORKER 2
#define SLOTS_PER_WORKER 2 /* one being spoken, one waiting */

/* About seven words: the first sound of a long text should not wait for a whole sentence. With fewer,
 * the cut is heard as a comma. */
#define FIRST_TOKENS 32

struct speaker {
    struct engine_config config; /* an engine of our own borrows it */
    struct engine *engine;
    bool is_shared;              /* the engine is not ours to close */
    struct turnstile *turnstile; /* NULL: none */
    bool is_urgent;
    const struct voice *voice;
    struct lexicon *lexicon; /* NULL: none */
    double speed;
    bool is_normalized;
    int niceness;
    int workers;
};

struct slot {
    struct arena arena; /* holds the chunk */
    struct chunk chunk;
    struct speech speech;
    struct err err;
    bool is_done; /* protected by the pipeline's lock; the rest belongs to whose turn it is */
};

struct pipeline {
    /* set once */
    struct speaker *speaker;
    struct cancel stop;
    struct slot *slots;
    size_t slot_count;

    pthread_mutex_t lock;   /* leaf */
    pthread_cond_t changed; /* signalled on every change below */

    /* protected by lock; chunks are numbered from 0, chunk n is in slot n % slot_count */
    size_t planned; /* chunks that are ready to be spoken */
    size_t taken;   /* chunks that a worker has taken */
    bool is_closed; /* no more will come */
};

int speech_places(const struct engine_config *config)
{
    int threads = config->threads > 0 ? config->threads : cores_count();
    int workers = threads / THREADS_PER_WORKER;

    if (workers < 1)
        return 1;
    return workers > WORKERS_MAX ? WORKERS_MAX : workers;
}

/* An engine that others opened was divided among so many callers as they saw fit. */
static int worker_count(const struct speaker_options *options)
{
    const struct engine_config *config = &options->engine_config;

    if (options->turnstile) {
        int places = turnstile_places(options->turnstile);
        return places > WORKERS_MAX ? WORKERS_MAX : places;
    }
    if (config->callers > 0)
        return config->callers;
    return options->shared ? 1 : speech_places(config);
}

struct speaker *speaker_create(const struct speaker_options *options, struct err *err)
{
    if (!(options->speed >= ENGINE_SPEED_MIN && options->speed <= ENGINE_SPEED_MAX)) {
        err_set_param(err, ERR_INVALID, "speed", "The speed must be from %g to %g, not %g.",
                      ENGINE_SPEED_MIN, ENGINE_SPEED_MAX, options->speed);
        return NULL;
    }
    struct speaker *speaker = xcalloc(1, sizeof *speaker);
    speaker->speed = options->speed;
    speaker->is_normalized = options->is_normalized;
    speaker->niceness = options->niceness;
    speaker->config = options->engine_config;
    speaker->turnstile = options->turnstile;
    speaker->is_urgent = options->is_urgent;
    speaker->is_shared = options->shared != NULL;
    speaker->workers = worker_count(options);
    speaker->config.callers = speaker->workers;
    if (options->lexicon && !(speaker->lexicon = lexicon_open(options->lexicon, err)))
        goto failed;
    speaker->engine = options->shared
                          ? options->shared
                          : engine_open(&speaker->config, options->engine, options->model, err);
    if (!speaker->engine)
        goto failed;
    speaker->voice = engine_voice(speaker->engine, options->voice, err);
    if (!speaker->voice)
        goto failed;
    return speaker;
failed:
    speaker_destroy(speaker);
    return NULL;
}

void speaker_destroy(struct speaker *speaker)
{
    if (!speaker)
        return;
    if (!speaker->is_shared)
        engine_close(speaker->engine);
    lexicon_close(speaker->lexicon);
    free(speaker);
}

struct engine *speaker_engine(struct speaker *speaker)
{
    return speaker->engine;
}

const struct voice_info *speaker_voice(const struct speaker *speaker)
{
    return voice_info(speaker->voice);
}

static struct slot *slot_of(struct pipeline *p, size_t number)
{
    return &p->slots[number % p->slot_count];
}

static void slot_clear(struct slot *slot)
{
    speech_release(&slot->speech);
    arena_release(&slot->arena);
    *slot = (struct slot){ 0 };
}

/* Waits for the next chunk to speak; NULL when there will be none. */
static struct slot *take_slot(struct pipeline *p)
{
    struct slot *slot = NULL;

    pthread_mutex_lock(&p->lock);
    while (p->taken == p->planned && !p->is_closed)
        pthread_cond_wait(&p->changed, &p->lock);
    if (p->taken < p->planned)
        slot = slot_of(p, p->taken++);
    pthread_mutex_unlock(&p->lock);
    return slot;
}

static void speak_chunk(struct pipeline *p, struct slot *slot)
{
    struct speaker *speaker = p->speaker;
    const struct utterance utterance = { &slot->chunk, speaker->voice, speaker->speed };

    if (!turnstile_enter(speaker->turnstile, speaker->is_urgent, &p->stop, &slot->err))
        return;
    if (!engine_speak(speaker->engine, &utterance, &slot->speech, &p->stop, &slot->err))
        err_context(&slot->err, "Speaking \"%.40s%s\"", slot->chunk.text,
                    slot->chunk.text[0] ? "…" : "");
    turnstile_leave(speaker->turnstile);
}

static void *work(void *arg)
{
    struct pipeline *p = arg;
    struct slot *slot;

    thread_lower_priority(p->speaker->niceness);
    while ((slot = take_slot(p))) {
        if (!slot->chunk.is_silent)
            speak_chunk(p, slot);
        pthread_mutex_lock(&p->lock);
        slot->is_done = true;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

static void publish(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    p->planned++;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static void close_queue(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    p->is_closed = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static bool is_done(struct pipeline *p, struct slot *slot)
{
    pthread_mutex_lock(&p->lock);
    bool done = slot->is_done;
    pthread_mutex_unlock(&p->lock);
    return done;
}

static void wait_done(struct pipeline *p, struct slot *slot)
{
    pthread_mutex_lock(&p->lock);
    while (!slot->is_done)
        pthread_cond_wait(&p->changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

/* The calling thread's side: planning, joining, delivering. */
struct delivery {
    struct pipeline *pipeline;
    struct planner *planner;
    const struct speech_sink *sink;
    struct speech_report *report;
    struct join *join;
    size_t length; /* of the text, in bytes */
    double started_s;
    size_t planned, joined; /* chunks */
    bool is_planned_out;
};

static bool plan_next(struct delivery *d, struct err *err)
{
    struct slot *slot = slot_of(d->pipeline, d->planned);

    if (planner_next(d->planner, &slot->arena, &slot->chunk, err)) {
        d->planned++;
        publish(d->pipeline);
        return true;
    }
    d->is_planned_out = true;
    return err->kind == ERR_NONE;
}

static bool pass_audio(void *state, const float *samples, size_t frames, struct err *err)
{
    struct delivery *d = state;

    if (d->report->frames == 0)
        d->report->first_audio_s = clock_seconds() - d->started_s;
    d->report->frames += frames;
    return d->sink->audio(d->sink->state, samples, frames, err);
}

static enum join_end join_end_of(const struct chunk *chunk)
{
    switch (chunk->end) {
    case CHUNK_END_SPACE:
        return JOIN_END_SPACE;
    case CHUNK_END_CLAUSE:
        return JOIN_END_CLAUSE;
    case CHUNK_END_SENTENCE:
        return JOIN_END_SENTENCE;
    case CHUNK_END_PARAGRAPH:
        return JOIN_END_PARAGRAPH;
    }
    return JOIN_END_SENTENCE;
}

static void give_word(struct delivery *d, struct spoken_word word, uint64_t start)
{
    word.start_frame += start;
    word.end_frame += start;
    d->sink->word(d->sink->state, &word);
}

/* A word's share of the chunk is its share of what the model read. */
static void estimate_words(struct delivery *d, const struct slot *slot, uint64_t start)
{
    const struct chunk *chunk = &slot->chunk;
    size_t ids = chunk->id_count ? chunk->id_count : strlen(chunk->text);
    double frames_per_id = ids ? (double)slot->speech.pcm.frames / (double)ids : 0;

    for (size_t i = 0; i < chunk->word_count; i++) {
        const struct chunk_word *word = &chunk->words[i];
        double from = word->id_start, to = from + word->id_count;
        const struct spoken_word estimated = {
            .input_start = word->input_start,
            .input_end = word->input_end,
            .start_frame = (size_t)(from * frames_per_id),
            .end_frame = (size_t)(to * frames_per_id),
        };

        give_word(d, estimated, start);
    }
}

static void deliver_words(struct delivery *d, const struct slot *slot, uint64_t start)
{
    const struct speech *speech = &slot->speech;
    bool is_measured = speech->word_count > 0 || slot->chunk.word_count == 0;

    d->report->words_are_measured = d->report->words_are_measured && is_measured;
    if (!d->sink->word)
        return;
    for (size_t i = 0; i < speech->word_count; i++)
        give_word(d, speech->words[i], start);
    if (!is_measured && d->sink->estimates_words)
        estimate_words(d, slot, start);
}

static size_t token_count(const struct chunk *chunk)
{
    return chunk->id_count ? chunk->id_count : utf8_chars(chunk->text, strlen(chunk->text));
}

static bool deliver_next(struct delivery *d, struct err *err)
{
    struct slot *slot = slot_of(d->pipeline, d->joined);
    const struct chunk *chunk = &slot->chunk;
    const struct join_piece piece = {
        .samples = slot->speech.pcm.samples,
        .frames = slot->speech.pcm.frames,
        .end = join_end_of(chunk),
        .pause_before_s = chunk->pause_before_s,
        .pause_after_s = chunk->pause_after_s,
    };
    uint64_t start;

    if (slot->err.kind != ERR_NONE) {
        *err = slot->err;
        return false;
    }
    if (!join_add(d->join, &piece, &start, err))
        return false;
    if (!chunk->is_silent) {
        deliver_words(d, slot, start);
        d->report->chunks++;
        d->report->tokens += token_count(chunk);
    }
    double fraction = (double)chunk->input_end / (double)d->length;
    slot_clear(slot);
    d->joined++;
    if (d->sink->progress)
        d->sink->progress(d->sink->state, fraction);
    return true;
}

static bool run(struct delivery *d, struct cancel *cancel, struct err *err)
{
    struct pipeline *p = d->pipeline;

    while (!d->is_planned_out || d->joined < d->planned) {
        struct slot *head = slot_of(p, d->joined);
        bool has_head = d->joined < d->planned;
        bool has_room = d->planned - d->joined < p->slot_count;

        if (!cancel_check(cancel, err))
            return false;
        if (!d->is_planned_out && has_room && !(has_head && is_done(p, head))) {
            if (!plan_next(d, err))
                return false;
            continue;
        }
        wait_done(p, head);
        if (!deliver_next(d, err))
            return false;
    }
    if (!join_finish(d->join, err)) /* which gives a text of pauses alone its sound */
        return false;
    return d->report->frames > 0 ||
           err_set(err, ERR_INVALID, "There is nothing to speak: the text has no words.");
}

static void pass_on(void *pipeline_stop)
{
    cancel_request(pipeline_stop);
}

/* Starts the workers, runs the delivery, and leaves when all have ended. */
static bool run_with_workers(struct delivery *d, struct cancel *cancel, struct err *err)
{
    struct pipeline *p = d->pipeline;
    struct cancel_waker waker = { pass_on, &p->stop, NULL };
    pthread_t threads[WORKERS_MAX];
    int started = 0;
    bool ok = true;

    cancel_waker_begin(cancel, &waker);
    while (started < p->speaker->workers && started < WORKERS_MAX &&
           thread_start(&threads[started], work, p) == 0)
        started++;
    if (started == 0)
        ok = err_set(err, ERR_INTERNAL, "Cannot start a thread to speak in.");
    ok = ok && run(d, cancel, err);
    if (!ok)
        cancel_request(&p->stop);
    close_queue(p);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    cancel_waker_end(cancel, &waker);
    return ok;
}

static void pipeline_init(struct pipeline *p, struct speaker *speaker)
{
    *p = (struct pipeline){ .speaker = speaker };
    p->slot_count = (size_t)speaker->workers * SLOTS_PER_WORKER;
    p->slots = xcalloc(p->slot_count, sizeof *p->slots);
    cancel_init(&p->stop);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
}

static void pipeline_release(struct pipeline *p)
{
    for (size_t i = 0; i < p->slot_count; i++)
        slot_clear(&p->slots[i]);
    free(p->slots);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    cancel_release(&p->stop);
}

bool speaker_speak(struct speaker *speaker, const char *text, size_t length,
                   const struct speech_sink *sink, struct cancel *cancel,
                   struct speech_report *report, struct err *err)
{
    double started_s = clock_seconds();
    struct text_options options = { 0 };
    struct pipeline pipeline;
    bool ok = false;

    *report = (struct speech_report){ .rate_hz = engine_rate_hz(speaker->engine),
                                      .words_are_measured = true };
    engine_text_options(speaker->engine, speaker->voice, &options);
    options.lexicon = speaker->lexicon;
    options.first_tokens = sink->is_live ? FIRST_TOKENS : 0;
    options.is_normalized = speaker->is_normalized;

    struct planner *planner = planner_create(text, length, &options, err);
    if (!planner)
        return false;
    pipeline_init(&pipeline, speaker);
    struct delivery delivery = { .pipeline = &pipeline,
                                 .planner = planner,
                                 .sink = sink,
                                 .report = report,
                                 .length = length,
                                 .started_s = started_s };
    const struct join_sink join_sink = { pass_audio, &delivery };
    delivery.join = join_create(report->rate_hz, speaker->speed, &join_sink);
    ok = run_with_workers(&delivery, cancel, err);
    join_destroy(delivery.join);
    pipeline_release(&pipeline);
    planner_destroy(planner);
    report->seconds = (double)report->frames / report->rate_hz;
    report->work_s = clock_seconds() - started_s;
    return ok;
}
