#include <pthread.h>
#include <stdatomic.h>

#include "base/thread.h"
#include "check.h"
#include "nn/pool.h"

#define LANES_MAX 8
#define CALLERS 4
#define JOBS 10000
#define UNITS_MAX 7

static struct pool *new_pool(int threads)
{
    struct err err = { 0 };
    struct pool *pool = pool_create(threads, &err);

    if (!pool)
        fail_msg("%s", err.message);
    return pool;
}

/* What a job's units write: plain memory, so that ThreadSanitizer sees a lane that two threads have at a
 * time, or a result that is read before its unit is done. */
struct tally {
    size_t done[UNITS_MAX];
    size_t scratch[LANES_MAX]; /* of a lane */
    atomic_bool taken[LANES_MAX];
    size_t lanes;
    atomic_size_t clashes;
};

static void tally_unit(void *state, size_t unit, size_t lane)
{
    struct tally *tally = state;

    if (lane >= tally->lanes || atomic_exchange(&tally->taken[lane], true)) {
        atomic_fetch_add(&tally->clashes, 1);
        return;
    }
    for (size_t i = 0; i < unit * 50; i++)
        tally->scratch[lane] += i;
    tally->done[unit]++;
    atomic_store(&tally->taken[lane], false);
}

/* Runs count units once. False where a unit ran not at all or twice, or lanes clashed. */
static bool tallies(struct pool *pool, size_t count)
{
    struct tally tally = { .lanes = pool_lanes(pool) };

    pool_run(pool, count, tally_unit, &tally);
    for (size_t unit = 0; unit < UNITS_MAX; unit++)
        if (tally.done[unit] != (unit < count))
            return false;
    return atomic_load(&tally.clashes) == 0;
}

struct caller {
    struct pool *pool;
    size_t wrong;
};

static void *hammer(void *arg)
{
    struct caller *caller = arg;

    for (size_t i = 0; i < JOBS; i++)
        caller->wrong += !tallies(caller->pool, (i * 5 + i / 7) % (UNITS_MAX + 1));
    return NULL;
}

static void test_each_unit_of_many_callers_runs_once_in_a_lane_of_its_own(void **state)
{
    static const int threads[] = { 1, 2, 3, LANES_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT(threads); i++) {
        struct pool *pool = new_pool(threads[i]);
        struct caller callers[CALLERS];
        pthread_t ids[CALLERS];

        assert_int_equal(pool_lanes(pool), threads[i]);
        for (size_t k = 0; k < CALLERS; k++) {
            callers[k] = (struct caller){ .pool = pool };
            assert_int_equal(thread_start(&ids[k], hammer, &callers[k]), 0);
        }
        for (size_t k = 0; k < CALLERS; k++) {
            pthread_join(ids[k], NULL);
            assert_int_equal(callers[k].wrong, 0);
        }
        pool_destroy(pool);
    }
}

/* --- side by side --- */

struct meeting {
    pthread_barrier_t *barrier;
    size_t lanes[LANES_MAX];
};

/* Goes on only when as many threads as the barrier wants are at units of theirs. */
static void meet(void *state, size_t unit, size_t lane)
{
    struct meeting *meeting = state;

    meeting->lanes[unit] = lane;
    pthread_barrier_wait(meeting->barrier);
}

/* Long enough for idle threads to fall asleep, mostly. */
static double compute(size_t steps)
{
    volatile double sum = 0;

    for (size_t i = 1; i <= steps; i++)
        sum = sum + 1 / (double)i;
    return sum;
}

static void check_all_differ(const size_t *lanes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(lanes[i], lanes[k]);
}

static void test_all_threads_work_at_one_job(void **state)
{
    struct pool *pool = new_pool(LANES_MAX);
    pthread_barrier_t barrier;

    (void)state;
    pthread_barrier_init(&barrier, NULL, LANES_MAX);
    for (size_t i = 0; i < 50; i++) {
        struct meeting meeting = { .barrier = &barrier };

        pool_run(pool, LANES_MAX, meet, &meeting);
        check_all_differ(meeting.lanes, LANES_MAX);
        compute(i % 2 ? 0 : 100000); /* awake and asleep */
    }
    pthread_barrier_destroy(&barrier);
    pool_destroy(pool);
}

struct visit {
    struct pool *pool;
    pthread_barrier_t *barrier;
};

static void *visit(void *arg)
{
    struct visit *visit = arg;

    for (size_t i = 0; i < 50; i++) {
        struct meeting meeting = { .barrier = visit->barrier };

        pool_run(visit->pool, 2, meet, &meeting);
    }
    return NULL;
}

/* Each caller has two units that wait for one another and for the other caller's. A caller's units may
 * both go to workers, so that a third is needed for the other's; it has to find that job. */
static void test_idle_threads_go_where_units_are_left(void **state)
{
    struct visit visits[2];
    pthread_barrier_t barrier;
    pthread_t ids[2];

    (void)state;
    visits[0].pool = new_pool(4);
    visits[0].barrier = &barrier;
    visits[1] = visits[0];
    pthread_barrier_init(&barrier, NULL, 4);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(thread_start(&ids[i], visit, &visits[i]), 0);
    for (size_t i = 0; i < 2; i++)
        pthread_join(ids[i], NULL);
    pthread_barrier_destroy(&barrier);
    pool_destroy(visits[0].pool);
}

static void long_last_unit(void *state, size_t unit, size_t lane)
{
    double *out = state;

    (void)lane;
    out[unit] = compute(unit == 0 ? 10 : 300000);
}

/* Longer than anybody looks for the end without sleeping. */
static void test_a_caller_waits_for_the_last_unit(void **state)
{
    struct pool *pool = new_pool(2);
    double expected = compute(300000);

    (void)state;
    for (size_t i = 0; i < 50; i++) {
        double out[2] = { 0 };

        pool_run(pool, 2, long_last_unit, out);
        assert_true(out[1] == expected);
    }
    pool_destroy(pool);
}

/* --- no threads --- */

static void note_thread(void *state, size_t unit, size_t lane)
{
    pthread_t *threads = state;

    threads[unit] = pthread_self();
    (void)lane;
}

static void test_a_pool_of_one_is_the_caller(void **state)
{
    static const int threads[] = { 1, 0, -1 };

    (void)state;
    for (size_t i = 0; i < COUNT(threads); i++) {
        struct pool *pool = new_pool(threads[i]);
        pthread_t ran[5];

        assert_int_equal(pool_lanes(pool), 1);
        pool_run(pool, 5, note_thread, ran);
        for (size_t k = 0; k < COUNT(ran); k++)
            assert_true(pthread_equal(ran[k], pthread_self()));
        pool_destroy(pool);
    }
}

static void test_a_pool_ends_without_ever_having_worked(void **state)
{
    (void)state;
    for (size_t i = 0; i < 200; i++)
        pool_destroy(new_pool(1 + (int)(i % LANES_MAX)));
    pool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_unit_of_many_callers_runs_once_in_a_lane_of_its_own),
        cmocka_unit_test(test_all_threads_work_at_one_job),
        cmocka_unit_test(test_idle_threads_go_where_units_are_left),
        cmocka_unit_test(test_a_caller_waits_for_the_last_unit),
        cmocka_unit_test(test_a_pool_of_one_is_the_caller),
        cmocka_unit_test(test_a_pool_ends_without_ever_having_worked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
