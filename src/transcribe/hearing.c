/*
 * The reader, the workers and the caller share one lock and one condition. A
 * piece goes round: the reader puts it into the next free slot, a worker takes
 * the oldest that waits, the caller gives out the oldest there is once it was
 * heard. All three only count up, so a slot is the number modulo their count.
 *
 * Whatever ends the hearing early (the caller's cancel, an error, a sink that
 * has enough) requests the inner cancel, which inference and turnstile look at;
 * then the threads end by themselves and are joined.
 */
#include "transcribe/hearing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audio/decode.h"
#include "base/thread.h"
#include "transcribe/cutter.h"
#include "transcribe/segment.h"

#define WORKERS_MAX 16
#define SLOTS_MAX (WORKERS_MAX + 2) /* so that no worker waits for the reader */
#define PROGRESS_STEP 0.005

struct slot {
    struct piece piece;
    struct moonshine_tokens tokens;
    double fraction; /* of the file that was read by then */
    bool is_heard;   /* or could not be: then err says why */
    bool is_ok;
    struct err err;
};

struct hearing {
    /* set once */
    const struct hearing_order *order;
    struct cancel cancel; /* the inner one */
    size_t slot_count;

    pthread_mutex_t lock; /* leaf */
    pthread_cond_t changed;

    /* protected by lock; a piece belongs to who has it, the counters say who */
    struct slot slots[SLOTS_MAX];
    size_t put, taken, given; /* pieces so far */
    double fraction;          /* of the file that has been read */
    bool is_read;             /* nothing will be put any more: at the end, or err says why */
    bool is_stopped;
    bool is_ok;
    double seconds;
    struct err err;
};

/* ---- reading ---- */

/* Waits for a free slot and moves the piece there. False when the hearing has stopped. */
static bool put(struct hearing *h, struct piece *piece, double fraction)
{
    pthread_mutex_lock(&h->lock);
    while (h->put - h->given == h->slot_count && !h->is_stopped)
        pthread_cond_wait(&h->changed, &h->lock);
    bool is_put = !h->is_stopped;
    if (is_put) {
        h->slots[h->put++ % h->slot_count] = (struct slot){ .piece = *piece, .fraction = fraction };
        *piece = (struct piece){ 0 };
        pthread_cond_broadcast(&h->changed);
    }
    pthread_mutex_unlock(&h->lock);
    piece_release(piece);
    return is_put;
}

static void tell_fraction(struct hearing *h, double fraction)
{
    pthread_mutex_lock(&h->lock);
    if (fraction >= h->fraction + PROGRESS_STEP) {
        h->fraction = fraction;
        pthread_cond_broadcast(&h->changed);
    }
    pthread_mutex_unlock(&h->lock);
}

/* The reader's own. */
struct reader {
    struct hearing *h;
    struct decoder *decoder;
    struct voice_activity *voice_activity;
    struct cutter *cutter;
    struct turn turn;
    float frame[VOICE_FRAME];
    size_t filled; /* of the frame */
    uint64_t samples;
};

static bool put_piece(struct reader *r, struct piece *piece, struct err *err)
{
    turn_end(&r->turn); /* not while waiting */
    return put(r->h, piece, decoder_fraction(r->decoder)) || cancel_check(&r->h->cancel, err);
}

static bool listen_to_frame(struct reader *r, struct err *err)
{
    struct piece piece;
    float probability;

    r->filled = 0;
    if (!turn_take(&r->turn, err) ||
        !voice_activity_step(r->voice_activity, r->frame, &probability, &r->h->cancel, err))
        return false;
    return !cutter_push(r->cutter, r->frame, probability, &piece) || put_piece(r, &piece, err);
}

static bool listen_to(struct reader *r, const float *samples, size_t count, struct err *err)
{
    r->samples += count;
    while (count > 0) {
        size_t n = VOICE_FRAME - r->filled < count ? VOICE_FRAME - r->filled : count;

        memcpy(r->frame + r->filled, samples, n * sizeof *samples);
        r->filled += n;
        samples += n;
        count -= n;
        if (r->filled == VOICE_FRAME && !listen_to_frame(r, err))
            return false;
    }
    return true;
}

/* The last frame is filled up with silence. */
static bool listen_to_end(struct reader *r, struct err *err)
{
    struct piece piece;

    if (r->filled > 0) {
        memset(r->frame + r->filled, 0, (VOICE_FRAME - r->filled) * sizeof *r->frame);
        if (!listen_to_frame(r, err))
            return false;
    }
    return !cutter_end(r->cutter, &piece) || put_piece(r, &piece, err);
}

static bool read_file(struct reader *r, struct err *err)
{
    const float *samples;
    size_t frames;

    do {
        if (!decoder_read(r->decoder, &samples, &frames, err) ||
            !listen_to(r, samples, frames, err))
            return false;
        tell_fraction(r->h, decoder_fraction(r->decoder));
    } while (frames > 0);
    return listen_to_end(r, err);
}

static bool open_and_read(struct hearing *h, double *seconds, struct err *err)
{
    const struct hearing_order *order = h->order;
    const struct decode_options options = { .rate_hz = VOICE_RATE_HZ,
                                            .channels = 1,
                                            .max_seconds = order->max_seconds };
    struct reader r = { .h = h, .turn = TURN(order->turnstile, &h->cancel) };
    bool ok = false;

    r.decoder = decoder_open_file_as(order->path, order->name, &options, err);
    if (r.decoder)
        r.voice_activity = voice_activity_create(order->models->voice_activity, err);
    if (r.voice_activity) {
        r.cutter = cutter_create();
        ok = read_file(&r, err);
        turn_end(&r.turn);
    }
    *seconds = (double)r.samples / VOICE_RATE_HZ;
    cutter_destroy(r.cutter);
    voice_activity_destroy(r.voice_activity);
    decoder_close(r.decoder);
    return ok;
}

static void *run_reader(void *arg)
{
    struct hearing *h = arg;
    double seconds;
    struct err err;

    thread_lower_priority(h->order->niceness);
    err_clear(&err);
    bool ok = open_and_read(h, &seconds, &err);
    pthread_mutex_lock(&h->lock);
    h->is_read = true;
    h->is_ok = ok;
    h->seconds = seconds;
    h->err = err;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

/* ---- writing down ---- */

/* The oldest piece nobody has taken, or NULL when there will be none. */
static struct slot *take(struct hearing *h)
{
    pthread_mutex_lock(&h->lock);
    while (h->taken == h->put && !h->is_read && !h->is_stopped)
        pthread_cond_wait(&h->changed, &h->lock);
    bool is_taken = h->taken < h->put && !h->is_stopped;
    struct slot *slot = is_taken ? &h->slots[h->taken++ % h->slot_count] : NULL;
    pthread_mutex_unlock(&h->lock);
    return slot;
}

static void *run_worker(void *arg)
{
    struct hearing *h = arg;
    struct turn turn = TURN(h->order->turnstile, &h->cancel);
    struct slot *slot;

    thread_lower_priority(h->order->niceness);
    while ((slot = take(h))) {
        struct moonshine_tokens tokens;
        struct err err;

        err_clear(&err);
        bool ok = moonshine_hear(h->order->models->moonshine, slot->piece.samples,
                                 slot->piece.count, &turn, &tokens, &err);
        turn_end(&turn);
        pthread_mutex_lock(&h->lock);
        slot->tokens = tokens;
        slot->is_ok = ok;
        slot->err = err;
        slot->is_heard = true;
        pthread_cond_broadcast(&h->changed);
        pthread_mutex_unlock(&h->lock);
    }
    return NULL;
}

/* ---- giving out ---- */

/* The caller's own. */
struct giver {
    struct hearing *h;
    const struct transcript_sink *sink;
    int64_t id; /* the next segment's */
    double told;
};

static void tell_progress(struct giver *g, double fraction)
{
    if (g->sink->progress && fraction >= g->told + PROGRESS_STEP)
        g->sink->progress(g->sink->state, g->told = fraction);
}

static bool give(struct giver *g, const struct slot *slot, struct err *err)
{
    struct transcript_segment segment;
    struct arena arena = ARENA;
    bool ok = true;

    if (!slot->is_ok) {
        *err = slot->err;
        return false;
    }
    if (!cancel_check(&g->h->cancel, err)) /* by the sink, when it got the one before */
        return false;
    if (segment_make(g->h->order->models->vocabulary, &slot->piece, &slot->tokens, &arena,
                     &segment)) {
        segment.id = g->id++;
        ok = g->sink->segment(g->sink->state, &segment, err);
    }
    arena_release(&arena);
    return ok;
}

static void slot_release(struct slot *slot)
{
    piece_release(&slot->piece);
    moonshine_tokens_release(&slot->tokens);
}

/* Waits for the oldest piece to be heard, or NULL at the end. Meanwhile, where no piece is on its
 * way, what has been read is what has been heard. */
static struct slot *next_heard(struct giver *g)
{
    struct hearing *h = g->h;
    struct slot *slot = NULL;
    bool is_ended = false;

    pthread_mutex_lock(&h->lock);
    while (!slot && !is_ended) {
        struct slot *oldest = &h->slots[h->given % h->slot_count];
        double fraction = h->fraction;

        if (h->put > h->given && oldest->is_heard) {
            slot = oldest;
        } else if (h->put > h->given || fraction < g->told + PROGRESS_STEP) {
            is_ended = h->is_read && h->put == h->given;
            if (!is_ended)
                pthread_cond_wait(&h->changed, &h->lock);
        } else {
            pthread_mutex_unlock(&h->lock);
            tell_progress(g, fraction);
            g->told = fraction;
            pthread_mutex_lock(&h->lock);
        }
    }
    pthread_mutex_unlock(&h->lock);
    return slot;
}

static void free_slot(struct hearing *h, struct slot *slot)
{
    slot_release(slot);
    pthread_mutex_lock(&h->lock);
    *slot = (struct slot){ 0 };
    h->given++;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

static bool give_all(struct hearing *h, const struct transcript_sink *sink, struct err *err)
{
    struct giver g = { .h = h, .sink = sink };
    struct slot *slot;

    while ((slot = next_heard(&g))) {
        double fraction = slot->fraction;

        if (!give(&g, slot, err))
            return false;
        free_slot(h, slot);
        tell_progress(&g, fraction);
    }
    return true;
}

/* ---- all of it ---- */

static void stop(struct hearing *h)
{
    cancel_request(&h->cancel);
    pthread_mutex_lock(&h->lock);
    h->is_stopped = true;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

static void wake(void *inner)
{
    cancel_request(inner);
}

static bool run(struct hearing *h, const struct transcript_sink *sink, struct err *err)
{
    int workers = h->order->threads < WORKERS_MAX ? h->order->threads : WORKERS_MAX;
    pthread_t threads[1 + WORKERS_MAX];
    int started = 0;

    h->slot_count = (size_t)workers + 2;
    for (bool ok = true; ok && started < 1 + workers; started += ok)
        ok = thread_start(&threads[started], started == 0 ? run_reader : run_worker, h) == 0;
    bool ok = started == 1 + workers
                  ? give_all(h, sink, err)
                  : err_set(err, ERR_INTERNAL, "Cannot start a thread to hear with.");
    if (!ok)
        stop(h);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < h->slot_count; i++)
        slot_release(&h->slots[i]);
    if (ok && !h->is_ok)
        *err = h->err;
    return ok && h->is_ok;
}

bool hear(const struct hearing_order *order, const struct transcript_sink *sink,
          struct cancel *cancel, double *seconds, struct err *err)
{
    struct hearing *h = xcalloc(1, sizeof *h);
    struct cancel_waker waker = { wake, &h->cancel, NULL };

    h->order = order;
    cancel_init(&h->cancel);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
    cancel_waker_begin(cancel, &waker);
    bool ok = run(h, sink, err);
    cancel_waker_end(cancel, &waker);
    *seconds = h->seconds;
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->lock);
    cancel_release(&h->cancel);
    free(h);
    return ok;
}
