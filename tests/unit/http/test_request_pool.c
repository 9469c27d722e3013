#include <stdatomic.h>

#include "check.h"
#include "gate.h"
#include "http/request_pool.h"

/* Work that waits at a gate. */
struct gated {
    struct request_pool_work work; /* first */
    struct gate *gate;
    struct record *record;
    int number;
};

/* What happened: written by one thread after the other. */
struct record {
    int order[8]; /* the numbers of what ran */
    int ran, dropped;
};

static void pass(struct request_pool_work *work)
{
    struct gated *gated = (struct gated *)work;

    gated->record->order[gated->record->ran++] = gated->number;
    gate_pass(gated->gate);
}

static void drop(struct request_pool_work *work)
{
    ((struct gated *)work)->record->dropped++;
}

static struct request_pool *create(int threads, size_t queue_max)
{
    struct err err;
    struct request_pool *pool = request_pool_create(threads, queue_max, &err);

    if (!pool)
        fail_msg("%s", err.message);
    return pool;
}

static void test_a_full_queue_refuses_but_not_what_was_admitted(void **state)
{
    struct gate gate = GATE;
    struct record record = { 0 };
    struct gated works[5];
    struct request_pool *pool = create(1, 2);

    (void)state;
    for (int i = 0; i < 5; i++)
        works[i] = (struct gated){ { .run = pass }, &gate, &record, i };
    assert_true(request_pool_push(pool, &works[0].work));
    gate_await(&gate, &gate.inside, 1);
    assert_int_equal(request_pool_running(pool), 1);
    assert_true(request_pool_push(pool, &works[1].work));
    assert_false(request_pool_is_full(pool));
    assert_true(request_pool_push(pool, &works[2].work));
    assert_true(request_pool_is_full(pool));
    assert_false(request_pool_push(pool, &works[3].work));
    assert_true(request_pool_push_admitted(pool, &works[4].work));
    assert_int_equal(request_pool_queued(pool), 3);
    gate_open(&gate);
    gate_await(&gate, &gate.done, 4);
    request_pool_destroy(pool);
    assert_int_equal(record.order[0], 0); /* in order of arrival */
    assert_int_equal(record.order[1], 1);
    assert_int_equal(record.order[2], 2);
    assert_int_equal(record.order[3], 4);
}

static void *open_it(void *gate)
{
    gate_open(gate);
    return NULL;
}

static void test_stopping_waits_for_what_runs_and_drops_what_waits(void **state)
{
    struct gate gate = GATE;
    struct record record = { 0 };
    struct gated running = { { .run = pass }, &gate, &record, 0 };
    struct gated waiting = { { .run = pass, .drop = drop }, &gate, &record, 1 };
    struct gated owned = { { .run = pass }, &gate, &record, 2 };
    struct request_pool *pool = create(1, 8);
    pthread_t opener;

    (void)state;
    assert_true(request_pool_push(pool, &running.work));
    gate_await(&gate, &gate.inside, 1);
    assert_true(request_pool_push(pool, &waiting.work));
    assert_true(request_pool_push(pool, &owned.work));
    /* The gate may open before or after request_pool_stop begins: what waits is never more than begun. */
    pthread_create(&opener, NULL, open_it, &gate);
    request_pool_stop(pool);
    pthread_join(opener, NULL);
    assert_true(gate.done >= 1);
    assert_int_equal(gate.inside, gate.done);
    assert_int_equal(record.dropped, gate.done == 1);
    assert_int_equal(request_pool_queued(pool), 0);
    assert_false(request_pool_push(pool, &running.work));
    assert_false(request_pool_push_admitted(pool, &running.work));
    request_pool_destroy(pool);
}

static void test_an_elastic_pool_starts_threads_as_they_are_needed(void **state)
{
    struct gate gate = GATE;
    struct record record[6] = { 0 };
    struct gated works[6];
    struct request_pool *pool = request_pool_create_elastic(3, 2);

    (void)state;
    for (int i = 0; i < 6; i++)
        works[i] = (struct gated){ { .run = pass, .drop = drop }, &gate, &record[i], i };
    for (int i = 0; i < 5; i++) {
        assert_false(request_pool_is_full(pool));
        assert_true(
            request_pool_push(pool, &works[i].work)); /* whether or not a thread has begun */
    }
    assert_true(request_pool_is_full(pool));
    assert_false(request_pool_push(pool, &works[5].work));
    gate_await(&gate, &gate.inside, 3);
    assert_int_equal(request_pool_running(pool), 3);
    assert_int_equal(request_pool_queued(pool), 2);
    gate_open(&gate);
    gate_await(&gate, &gate.done, 5);
    request_pool_destroy(pool);
    for (int i = 0; i < 5; i++)
        assert_int_equal(record[i].ran, 1);
}

static void test_an_elastic_pool_that_was_never_used_ends(void **state)
{
    (void)state;
    request_pool_destroy(request_pool_create_elastic(3, 2));
}

struct counted {
    struct request_pool_work work; /* first */
    struct request_pool *pool;
    atomic_int *left;
    struct gate *gate;
};

/* Pushes itself until the count is down. */
static void run_again(struct request_pool_work *work)
{
    struct counted *counted = (struct counted *)work;

    if (atomic_fetch_sub(counted->left, 1) > 1) {
        if (!request_pool_push_admitted(counted->pool, work))
            abort();
        return;
    }
    gate_pass(counted->gate);
}

static void test_work_may_push_itself_again_on_many_threads(void **state)
{
    struct gate gate = GATE;
    struct request_pool *pool = create(4, 16);
    struct counted works[8];
    atomic_int left[8];

    (void)state;
    gate_open(&gate);
    for (int i = 0; i < 8; i++) {
        atomic_init(&left[i], 2000);
        works[i] = (struct counted){ { .run = run_again }, pool, &left[i], &gate };
        assert_true(request_pool_push(pool, &works[i].work));
    }
    gate_await(&gate, &gate.done, 8);
    request_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_queue_refuses_but_not_what_was_admitted),
        cmocka_unit_test(test_stopping_waits_for_what_runs_and_drops_what_waits),
        cmocka_unit_test(test_an_elastic_pool_starts_threads_as_they_are_needed),
        cmocka_unit_test(test_an_elastic_pool_that_was_never_used_ends),
        cmocka_unit_test(test_work_may_push_itself_again_on_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
