/*
 * Speakers that share an engine and a turnstile, on an engine that waits for
 * the test before it ends a chunk.
 */
#include "../check.h"

#include <pthread.h>
#include <sched.h>

#include "engine/engine_internal.h"
#include "studio/speech.h"

#define RATE_HZ 8000
#define CHUNKS_MAX 16

struct slow_engine {
    struct engine engine;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* protected by lock */
    char spoken[CHUNKS_MAX + 1]; /* first letters of the chunks, as they began */
    size_t began, may_end;
};

static void slow_text_options(const struct engine *engine, const struct voice *voice,
                              struct text_options *out)
{
    (void)engine, (void)voice;
    out->language = "en-us";
    out->scheme = PHONEMES_NONE;
    out->max_tokens = out->target_tokens = 40;
}

static void wake(void *slow)
{
    struct slow_engine *s = slow;

    pthread_mutex_lock(&s->lock);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static bool slow_speak(struct engine *engine, const struct utterance *utterance,
                       struct raw_speech *out, struct cancel *cancel, struct err *err)
{
    struct slow_engine *s = (struct slow_engine *)engine;
    struct cancel_waker waker = { wake, s, NULL };

    cancel_waker_begin(cancel, &waker);
    pthread_mutex_lock(&s->lock);
    size_t mine = s->began++;
    if (mine < CHUNKS_MAX)
        s->spoken[mine] = utterance->chunk->text[0];
    pthread_cond_broadcast(&s->changed);
    while (s->may_end <= mine && !cancel_is_requested(cancel))
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    cancel_waker_end(cancel, &waker);
    out->pcm = PCM(RATE_HZ, 1);
    if (!cancel_check(cancel, err) || !pcm_reserve(&out->pcm, RATE_HZ / 10, err))
        return false;
    for (out->pcm.frames = 0; out->pcm.frames < RATE_HZ / 10; out->pcm.frames++)
        out->pcm.samples[out->pcm.frames] = out->pcm.frames % 8 < 4 ? 0.5F : -0.5F;
    return true;
}

static void slow_close(struct engine *engine)
{
    (void)engine;
}

static const struct engine_type slow_type = { .name = "slow",
                                              .family = FAMILY_NONE,
                                              .close = slow_close,
                                              .text_options = slow_text_options,
                                              .speak = slow_speak };

static void slow_init(struct slow_engine *s)
{
    *s = (struct slow_engine){ .lock = PTHREAD_MUTEX_INITIALIZER,
                               .changed = PTHREAD_COND_INITIALIZER };
    engine_init(&s->engine, &slow_type, "");
    s->engine.rate_hz = RATE_HZ;
    voice_list_add(&s->engine.voices, "v", "V", "en-us", "");
    voice_list_finish(&s->engine.voices, "v");
}

static void wait_until_began(struct slow_engine *s, size_t count)
{
    pthread_mutex_lock(&s->lock);
    while (s->began < count)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static void let_end(struct slow_engine *s, size_t count)
{
    pthread_mutex_lock(&s->lock);
    s->may_end = count;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* --- a text, spoken by a thread --- */

struct reading {
    pthread_t thread;
    struct speaker *speaker;
    const char *text;
    struct cancel cancel;
    struct speech_report report;
    struct err err;
    bool ok;
};

static bool drop(void *state, const float *samples, size_t frames, struct err *err)
{
    (void)state, (void)samples, (void)frames, (void)err;
    return true;
}

static void *read_aloud(void *arg)
{
    struct reading *r = arg;
    const struct speech_sink sink = { .audio = drop };

    r->ok =
        speaker_speak(r->speaker, r->text, strlen(r->text), &sink, &r->cancel, &r->report, &r->err);
    return NULL;
}

static void begin_reading(struct reading *r, struct slow_engine *s, struct turnstile *turnstile,
                          bool is_urgent, const char *text)
{
    const struct speaker_options options = {
        .shared = &s->engine, .turnstile = turnstile, .is_urgent = is_urgent, .speed = 1
    };

    *r = (struct reading){ .text = text };
    cancel_init(&r->cancel);
    r->speaker = speaker_create(&options, &r->err);
    if (!r->speaker)
        fail_msg("%s", r->err.message);
    assert_int_equal(pthread_create(&r->thread, NULL, read_aloud, r), 0);
}

static void end_reading(struct reading *r)
{
    pthread_join(r->thread, NULL);
    speaker_destroy(r->speaker);
    cancel_release(&r->cancel);
}

static const char bulk_text[] = "Apples are red as a rule, and sweet.\n\n"
                                "Bananas are yellow as a rule, and soft.\n\n"
                                "Cherries are small as a rule, and round.\n\n"
                                "Dates are brown as a rule, and dry.";

static void test_an_urgent_text_is_next_after_the_chunk_under_way(void **state)
{
    struct turnstile *turnstile = turnstile_create(1);
    struct slow_engine engine;
    struct reading bulk, urgent;

    (void)state;
    slow_init(&engine);
    begin_reading(&bulk, &engine, turnstile, false, bulk_text);
    wait_until_began(&engine, 1);
    begin_reading(&urgent, &engine, turnstile, true, "Urgent things are said at once.");
    while (turnstile_waiting(turnstile) == 0)
        sched_yield();
    let_end(&engine, CHUNKS_MAX);
    end_reading(&urgent);
    end_reading(&bulk);
    check_ok(bulk.ok, &bulk.err);
    check_ok(urgent.ok, &urgent.err);
    assert_string_equal(engine.spoken, "AUBCD");
    assert_int_equal(bulk.report.chunks, 4);
    engine_close(&engine.engine); /* a speaker leaves a shared one open */
    turnstile_destroy(turnstile);
}

static void test_as_many_chunks_are_computed_at_once_as_there_are_places(void **state)
{
    struct turnstile *turnstile = turnstile_create(3);
    struct slow_engine engine;
    struct reading bulk;

    (void)state;
    slow_init(&engine);
    begin_reading(&bulk, &engine, turnstile, false, bulk_text);
    wait_until_began(&engine, 3); /* and none of these has ended */
    let_end(&engine, CHUNKS_MAX);
    end_reading(&bulk);
    check_ok(bulk.ok, &bulk.err);
    assert_int_equal(bulk.report.chunks, 4);
    engine_close(&engine.engine);
    turnstile_destroy(turnstile);
}

static void test_a_text_that_waits_for_its_turn_can_be_cancelled(void **state)
{
    struct turnstile *turnstile = turnstile_create(1);
    struct slow_engine engine;
    struct reading bulk;
    struct err err = { 0 };

    (void)state;
    slow_init(&engine);
    check_ok(turnstile_enter(turnstile, true, NULL, &err), &err);
    begin_reading(&bulk, &engine, turnstile, false, bulk_text);
    while (turnstile_waiting(turnstile) == 0)
        sched_yield();
    cancel_request(&bulk.cancel);
    end_reading(&bulk);
    assert_false(bulk.ok);
    assert_int_equal(bulk.err.kind, ERR_CANCELLED);
    assert_int_equal(engine.began, 0);
    turnstile_leave(turnstile);
    engine_close(&engine.engine);
    turnstile_destroy(turnstile);
}

static void test_a_failed_or_cancelled_chunk_leaves_its_place(void **state)
{
    struct turnstile *turnstile = turnstile_create(1);
    struct slow_engine engine;
    struct reading bulk;
    struct err err = { 0 };

    (void)state;
    slow_init(&engine);
    begin_reading(&bulk, &engine, turnstile, false, bulk_text);
    wait_until_began(&engine, 1);
    cancel_request(&bulk.cancel);
    end_reading(&bulk);
    assert_int_equal(bulk.err.kind, ERR_CANCELLED);
    check_ok(turnstile_enter(turnstile, false, NULL, &err), &err);
    turnstile_leave(turnstile);
    engine_close(&engine.engine);
    turnstile_destroy(turnstile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_urgent_text_is_next_after_the_chunk_under_way),
        cmocka_unit_test(test_as_many_chunks_are_computed_at_once_as_there_are_places),
        cmocka_unit_test(test_a_text_that_waits_for_its_turn_can_be_cancelled),
        cmocka_unit_test(test_a_failed_or_cancelled_chunk_leaves_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
