/* Leases, a store that does not answer, and the end of the queue while units run. */
#include "fake_units.h"

#include <sqlite3.h>

/* --- leases --- */

/* Of the only unit that runs. */
static double lease_until(struct bench *b)
{
    double until = 0;

    pthread_mutex_lock(&b->jobs->lock);
    for (int i = 0; i < b->jobs->lane_count; i++)
        if (b->jobs->lanes[i].run)
            until = b->jobs->lanes[i].run->lease_until;
    pthread_mutex_unlock(&b->jobs->lock);
    return until;
}

/* Nothing announces an extension. The first one seen may have begun before this was called. */
static void wait_until_extended(struct bench *b)
{
    for (int i = 0; i < 2; i++)
        for (double before = lease_until(b); lease_until(b) == before;)
            sched_yield();
}

static void test_a_unit_that_takes_long_keeps_its_lease(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 30);
    bench_start_job(b, "book", PRIORITY_BULK, "a");
    wait_until_began(b, 1);
    for (int i = 0; i < 10; i++) {
        wait_until_extended(b);
        bench_advance(b, 29);
        assert_int_equal(bench_reclaim(b, false), 0);
    }
    bench_gate(b, 1);
    wait_for_job(b, "book", JOB_DONE);
    assert_string_equal(b->began, "a");
}

/* Somebody else, who finds the lease run out. */
static void take_over(struct bench *b)
{
    do {
        bench_advance(b, 1000);
    } while (bench_reclaim(b, false) == 0);
}

static void test_a_lost_lease_stops_the_unit_and_its_end_is_not_stored(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 30);
    bench_start_job(b, "book", PRIORITY_BULK, "a");
    wait_until_began(b, 1);
    take_over(b);
    wait_until_began(b, 2); /* the lease thread has stopped it; it is claimed anew */
    assert_string_equal(b->ended, "A");
    assert_int_equal(b->attempts[1], 2);
    bench_gate(b, 2);
    struct job job = wait_for_job(b, "book", JOB_DONE);
    assert_int_equal(job.done, 1);
    assert_string_equal(b->ended, "Aa");
}

static const struct run *run_of(struct lane *lane)
{
    pthread_mutex_lock(&lane->jobs->lock);
    const struct run *run = lane->run;
    pthread_mutex_unlock(&lane->jobs->lock);
    return run;
}

static void test_an_answer_about_an_earlier_claim_of_a_unit_does_not_stop_it(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 0);
    struct lane *lane = &b->jobs->lanes[0];
    bench_start_job(b, "book", PRIORITY_BULK, "a");
    wait_until_began(b, 1);
    pthread_mutex_lock(&b->jobs->lock);
    uint64_t first = lane->claims;
    pthread_mutex_unlock(&b->jobs->lock);
    check_ok(jobs_pause(b->jobs, "book", &b->err), &b->err);
    wait_for_job(b, "book", JOB_PAUSED);
    check_ok(jobs_resume(b->jobs, "book", &b->err), &b->err);
    wait_until_began(b, 2);
    lease_answered(lane, first, false, 0); /* the unit was given back just then */
    assert_int_equal(run_of(lane)->stop, STOP_NONE);
    bench_gate(b, SIZE_MAX);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 1);
    assert_string_equal(b->ended, "Aa");
}

static void test_a_result_that_comes_after_the_lease_was_lost_is_dropped(void **state)
{
    struct bench *b = *state;
    static const struct plan plans[] = { { .subject = 'a', .is_stubborn = true }, { 0 } };

    b->plans = plans;
    bench_gate(b, 0);
    bench_start(b, 2, 60000); /* the lease thread will not come to know it */
    bench_start_job(b, "book", PRIORITY_BULK, "a");
    wait_until_began(b, 1);
    bench_advance(b, 60001);
    take_over(b);
    check_ok(jobs_resume(b->jobs, "book", &b->err), &b->err); /* wakes the other lane */
    wait_until_began(b, 2);
    /* Both work on it now, and the owner is the same process: whoever is first has done it. */
    bench_gate(b, SIZE_MAX);
    wait_until_ended(b, 2);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 1);
    assert_true(strcmp(b->ended, "aA") == 0 || strcmp(b->ended, "Aa") == 0);
}

/* --- a store that does not answer --- */

static sqlite3 *lock_store(struct bench *b)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void unlock_store(sqlite3 *db)
{
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static bool is_store_failing(struct bench *b)
{
    pthread_mutex_lock(&b->jobs->lock);
    bool is_failing = b->jobs->store_err.kind != ERR_NONE;
    pthread_mutex_unlock(&b->jobs->lock);
    return is_failing;
}

/* Nothing announces that the store was asked in vain. */
static void wait_until_store_fails(struct bench *b)
{
    while (!is_store_failing(b))
        sched_yield();
}

static void test_the_end_of_a_unit_waits_for_a_locked_store(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "ab");
    wait_until_began(b, 1);
    sqlite3 *other = lock_store(b);
    bench_gate(b, SIZE_MAX);
    wait_until_store_fails(b);
    unlock_store(other);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 2);
    assert_string_equal(b->began, "ab");
    assert_false(is_store_failing(b));
}

static void test_claiming_goes_on_by_itself_after_a_locked_store(void **state)
{
    struct bench *b = *state;

    bench_start(b, 2, 0);
    bench_store_job(b);
    sqlite3 *other = lock_store(b);
    pthread_mutex_lock(&b->jobs->lock);
    jobs_wake_locked(b->jobs);
    pthread_mutex_unlock(&b->jobs->lock);
    wait_until_store_fails(b);
    unlock_store(other);
    wait_for_job(b, "book", JOB_DONE);
    assert_string_equal(b->began, "a");
}

static void test_an_end_that_cannot_be_stored_in_time_is_done_again(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 300);
    bench_start_job(b, "book", PRIORITY_BULK, "a");
    wait_until_began(b, 1);
    sqlite3 *other = lock_store(b);
    bench_gate(b, 1);
    wait_until_ended(b, 1); /* after the lease */
    assert_string_equal(b->ended, "A");
    bench_gate(b, SIZE_MAX);
    bench_advance(b, 301); /* so that it has run out by the store's clock too */
    unlock_store(other);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 1);
    assert_string_equal(b->began, "aa");
    assert_string_equal(b->ended, "Aa");
}

static void test_who_watches_a_job_hears_that_its_last_unit_was_given_up(void **state)
{
    struct bench *b = *state;

    bench_store_job(b);
    for (int i = 1; i < JOB_ATTEMPTS_MAX; i++) {
        bench_die(b);
        bench_advance(b, 1000);
        assert_int_equal(bench_reclaim(b, false), 1);
    }
    bench_gate(b, 0);
    bench_start(b, 1, 300);
    wait_until_began(b, 1);
    sqlite3 *other = lock_store(b);
    bench_gate(b, SIZE_MAX);
    wait_until_ended(b, 1);
    bench_advance(b, 301);
    unlock_store(other);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).failed, 1);
    assert_string_equal(bench_units(b, "book").items[0].error, JOBS_NOT_STORED);
    assert_string_equal(b->began, "a");
}

static void test_who_watches_a_job_hears_what_a_start_took_back(void **state)
{
    struct bench *b = *state;

    bench_store_job(b);
    bench_die(b);
    bench_create(b, 1, 0);
    assert_int_equal(b->news, 1);
}

/* --- the end of the queue --- */

static void *stop_patiently(void *bench)
{
    jobs_stop(((struct bench *)bench)->jobs, 3600);
    return NULL;
}

static void test_a_drain_finishes_what_runs_and_begins_nothing(void **state)
{
    struct bench *b = *state;
    pthread_t stopper;

    bench_gate(b, 0);
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "ab");
    wait_until_began(b, 1);
    assert_int_equal(pthread_create(&stopper, NULL, stop_patiently, b), 0);
    for (bool is_stopping = false; !is_stopping;) {
        sched_yield();
        pthread_mutex_lock(&b->jobs->lock);
        is_stopping = b->jobs->is_stopping;
        pthread_mutex_unlock(&b->jobs->lock);
    }
    bench_gate(b, SIZE_MAX);
    pthread_join(stopper, NULL);
    assert_string_equal(b->ended, "a");
    struct job job = bench_job(b, "book");
    assert_int_equal(job.done, 1);
    assert_int_equal(job.queued, 1);
    bench_start_job(b, "later", PRIORITY_LIVE, "c"); /* is kept for the next start */
    assert_string_equal(b->began, "a");
    bench_stop(b);
    bench_start(b, 1, 0);
    wait_for_job(b, "book", JOB_DONE);
    wait_for_job(b, "later", JOB_DONE);
    assert_int_equal(b->began_count, 3);
}

static void test_an_impatient_stop_gives_units_back_uncounted(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    for (int i = 0; i < JOB_ATTEMPTS_MAX + 2; i++) {
        bench_start(b, 2, 0);
        if (i == 0)
            bench_start_job(b, "book", PRIORITY_BULK, "ab");
        wait_until_began(b, 2 * (size_t)(i + 1));
        bench_stop(b);
        assert_int_equal(bench_job(b, "book").queued, 2);
    }
    bench_gate(b, SIZE_MAX);
    bench_start(b, 2, 0);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 2);
    for (size_t i = 0; i < b->began_count; i++)
        assert_int_equal(b->attempts[i], 1);
}

static void test_a_stop_does_not_wait_for_a_locked_store(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "a");
    wait_until_began(b, 1);
    sqlite3 *other = lock_store(b);
    bench_gate(b, SIZE_MAX);
    wait_until_store_fails(b);
    bench_stop(b);
    unlock_store(other);
    bench_start(b, 1, 0);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 1);
    assert_string_equal(b->ended, "Aa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(test_a_unit_that_takes_long_keeps_its_lease),
        bench_test(test_a_lost_lease_stops_the_unit_and_its_end_is_not_stored),
        bench_test(test_an_answer_about_an_earlier_claim_of_a_unit_does_not_stop_it),
        bench_test(test_a_result_that_comes_after_the_lease_was_lost_is_dropped),
        bench_test(test_the_end_of_a_unit_waits_for_a_locked_store),
        bench_test(test_claiming_goes_on_by_itself_after_a_locked_store),
        bench_test(test_an_end_that_cannot_be_stored_in_time_is_done_again),
        bench_test(test_who_watches_a_job_hears_that_its_last_unit_was_given_up),
        bench_test(test_who_watches_a_job_hears_what_a_start_took_back),
        bench_test(test_a_drain_finishes_what_runs_and_begins_nothing),
        bench_test(test_an_impatient_stop_gives_units_back_uncounted),
        bench_test(test_a_stop_does_not_wait_for_a_locked_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
