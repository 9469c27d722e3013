#include "fake_units.h"

static void test_units_run_in_order_and_the_job_is_done(void **state)
{
    struct bench *b = *state;
    struct jobs_load load;

    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abcde");
    struct job job = wait_for_job(b, "book", JOB_DONE);
    assert_int_equal(job.done, 5);
    assert_string_equal(b->began, "abcde");
    assert_string_equal(b->ended, "abcde");
    assert_string_equal(bench_units(b, "book").items[4].result, "{\"attempt\": 1}");
    jobs_stop(b->jobs, 0);
    check_ok(jobs_load(b->jobs, &load, &b->err), &b->err);
    assert_int_equal(load.done, 5);
    assert_int_equal(load.running_bulk + load.running_live + load.queue.queued_bulk, 0);
    assert_true(load.busy_s > 0);
}

static void test_live_units_start_at_once_and_go_before_bulk_ones(void **state)
{
    struct bench *b = *state;
    struct jobs_load load;

    bench_gate(b, 0);
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abc");
    wait_until_began(b, 1);
    bench_start_job(b, "x", PRIORITY_LIVE, "x");
    wait_until_began(b, 2); /* beside the bulk unit, which still waits */
    check_ok(jobs_load(b->jobs, &load, &b->err), &b->err);
    assert_int_equal(load.running_live, 1);
    assert_int_equal(load.running_bulk, 1);
    assert_int_equal(load.queue.queued_bulk, 2);
    bench_start_job(b, "y", PRIORITY_LIVE, "y");
    bench_gate(b, 1); /* the bulk lane is free: it takes the live one first */
    wait_until_began(b, 3);
    bench_gate(b, SIZE_MAX);
    wait_for_job(b, "book", JOB_DONE);
    wait_for_job(b, "y", JOB_DONE);
    assert_string_equal(b->began, "axybc");
}

static void test_the_live_lane_leaves_bulk_units_alone(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 3, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abcdefgh");
    wait_until_began(b, 3);
    bench_start_job(b, "x", PRIORITY_LIVE, "x");
    wait_until_began(b, 4);
    assert_int_equal(b->began[3], 'x'); /* nothing else has begun: four lanes are busy */
    bench_gate(b, SIZE_MAX);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 8);
}

static void test_a_second_request_gives_the_task_that_is_under_way(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 0);
    assert_null(bench_start_job(b, "first", PRIORITY_LIVE, "a"));
    wait_until_began(b, 1);
    assert_string_equal(bench_start_job(b, "second", PRIORITY_LIVE, "a"), "first");
    bench_gate(b, SIZE_MAX);
    wait_for_job(b, "first", JOB_DONE);
    assert_null(bench_start_job(b, "third", PRIORITY_LIVE, "a"));
    wait_for_job(b, "third", JOB_DONE);
    assert_string_equal(b->began, "aa");
}

/* --- stopping --- */

static void test_cancelling_interrupts_what_runs_and_drops_what_waits(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0);
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abc");
    wait_until_began(b, 1);
    bench_start_job(b, "other", PRIORITY_BULK, "d");
    check_ok(jobs_cancel(b->jobs, "other", &b->err), &b->err); /* queued */
    assert_int_equal(bench_job(b, "other").state, JOB_CANCELLED);
    check_ok(jobs_cancel(b->jobs, "book", &b->err), &b->err); /* running */
    struct job job = wait_for_job(b, "book", JOB_CANCELLED);
    assert_int_equal(job.cancelled, 3);
    check_ok(jobs_cancel(b->jobs, "book", &b->err), &b->err); /* ended: no effect */
    assert_false(jobs_cancel(b->jobs, "nothing", &b->err));
    assert_int_equal(b->err.kind, ERR_NOT_FOUND);
    assert_string_equal(b->began, "a");
    assert_string_equal(b->ended, "A");
}

/* Each time the cancel may come while the lane is claiming, when there is no unit to stop yet. */
static void test_a_cancel_while_a_unit_is_being_claimed_is_not_lost(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 0); /* a unit that is not stopped waits for ever */
    bench_start(b, 2, 0);
    for (int i = 0; i < 40; i++) {
        const char *id = arena_format(&b->arena, "job%d", i);

        bench_start_job(b, id, PRIORITY_BULK, "ab");
        check_ok(jobs_cancel(b->jobs, id, &b->err), &b->err);
        assert_int_equal(wait_for_job(b, id, JOB_CANCELLED).cancelled, 2);
    }
}

static void test_a_paused_job_goes_on_where_it_was(void **state)
{
    struct bench *b = *state;

    bench_gate(b, 1);
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abc");
    wait_until_began(b, 2);
    check_ok(jobs_pause(b->jobs, "book", &b->err), &b->err);
    struct job job = wait_for_job(b, "book", JOB_PAUSED);
    assert_int_equal(job.done, 1);
    assert_int_equal(job.queued, 2);
    bench_gate(b, SIZE_MAX);
    bench_start_job(b, "other", PRIORITY_BULK, "d");
    wait_for_job(b, "other", JOB_DONE);
    check_ok(jobs_resume(b->jobs, "book", &b->err), &b->err);
    wait_for_job(b, "book", JOB_DONE);
    assert_string_equal(b->began, "abdbc");
    assert_int_equal(b->attempts[3], 1); /* what the pause interrupted was no attempt */
    assert_string_equal(b->ended, "aBdbc");
}

static void test_an_interrupted_subject_is_not_written_even_if_it_was_done(void **state)
{
    struct bench *b = *state;
    static const struct plan plans[] = { { .subject = 'b', .is_stubborn = true }, { 0 } };

    b->plans = plans;
    bench_gate(b, 0);
    bench_start(b, 2, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abc");
    wait_until_began(b, 2);
    jobs_interrupt(b->jobs, "a");
    jobs_interrupt(b->jobs, "b");
    jobs_interrupt(b->jobs, "z");
    bench_gate(b, SIZE_MAX);
    struct job job = wait_for_job(b, "book", JOB_DONE);
    struct unit_list units = bench_units(b, "book");
    assert_int_equal(units.items[0].state, UNIT_CANCELLED);
    assert_int_equal(units.items[1].state, UNIT_CANCELLED);
    assert_int_equal(job.done, 1);
}

/* --- failures --- */

/* Lets the clock pass the next try of everything, and tells the lanes. One that woke by itself may have
 * ended the job in between. */
static void pass_time(struct bench *b, const char *job_id)
{
    bench_advance(b, 60000);
    if (!jobs_resume(b->jobs, job_id, &b->err))
        assert_int_equal(b->err.kind, ERR_CONFLICT);
}

static void test_what_may_pass_is_tried_again_later_and_the_rest_fails_at_once(void **state)
{
    struct bench *b = *state;
    static const struct plan plans[] = {
        { .subject = 'a', .failures = 1, .kind = ERR_IO },
        { .subject = 'b', .failures = 9, .kind = ERR_UNAVAILABLE },
        { .subject = 'c', .failures = 9, .kind = ERR_INVALID },
        { .subject = 'd', .failures = 2, .kind = ERR_DISK_FULL },
        { .subject = 'e', .failures = 9, .kind = ERR_CANCELLED }, /* by its own decision */
        { .subject = 'f', .failures = 1, .kind = ERR_BUSY },
        { 0 },
    };

    b->plans = plans;
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abcdef");
    wait_until_ended(b, 6);
    assert_string_equal(b->began, "abcdef"); /* a failed unit holds nothing up */
    pass_time(b, "book");
    wait_until_ended(b, 10);
    pass_time(b, "book");
    struct job job = wait_for_job(b, "book", JOB_DONE);
    assert_string_equal(b->began, "abcdefabdfbd");
    assert_string_equal(b->ended, "ABCDEFaBDfBd");
    assert_int_equal(job.done, 3);
    assert_int_equal(job.failed, 2);
    assert_int_equal(job.cancelled, 1);
    struct unit_list units = bench_units(b, "book");
    assert_string_equal(units.items[1].error, "Planned for b.");
    assert_int_equal(units.items[1].attempt, JOB_ATTEMPTS_MAX);
    assert_int_equal(units.items[2].attempt, 1);
}

static void test_ends_of_the_process_take_no_retries_away(void **state)
{
    struct bench *b = *state;
    static const struct plan plans[] = { { .subject = 'a', .failures = 2, .kind = ERR_IO }, { 0 } };

    b->plans = plans;
    bench_store_job(b);
    for (int i = 0; i < JOB_ATTEMPTS_MAX; i++) {
        bench_die(b);
        assert_int_equal(bench_reclaim(b, true), 1);
    }
    bench_start(b, 1, 0);
    for (size_t tries = 1; tries < JOB_ATTEMPTS_MAX; tries++) {
        wait_until_ended(b, tries);
        pass_time(b, "book");
    }
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 1);
    assert_string_equal(b->ended, "AAa");
    assert_int_equal(bench_units(b, "book").items[0].deaths, JOB_ATTEMPTS_MAX);
}

static void test_a_retry_is_not_before_its_time(void **state)
{
    struct bench *b = *state;
    static const struct plan plans[] = { { .subject = 'a', .failures = 9, .kind = ERR_IO }, { 0 } };

    b->plans = plans;
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "a");
    wait_until_ended(b, 1);
    bench_advance(b, 749); /* a second less a quarter is the earliest */
    bench_start_job(b, "one", PRIORITY_BULK, "x");
    wait_for_job(b, "one", JOB_DONE);
    assert_string_equal(b->began, "ax");
    bench_advance(b, 1250 - 749);
    bench_start_job(b, "two", PRIORITY_BULK, "y");
    wait_until_ended(b, 4);
    assert_string_equal(b->began, "axay");
    bench_advance(b, 2999); /* four seconds less a quarter */
    bench_start_job(b, "three", PRIORITY_BULK, "z");
    wait_for_job(b, "three", JOB_DONE);
    assert_string_equal(b->began, "axayz");
}

/* The one test that lets time pass, about a second: nobody tells the lane that it has. */
static void test_a_retry_comes_by_itself_when_it_is_due(void **state)
{
    struct bench *b = *state;
    static const struct plan plans[] = { { .subject = 'a', .failures = 1, .kind = ERR_IO }, { 0 } };

    b->is_real_time = true;
    b->plans = plans;
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_LIVE, "a");
    wait_for_job(b, "book", JOB_DONE);
    assert_string_equal(b->began, "aa");
}

static void test_an_error_of_the_whole_job_ends_it(void **state)
{
    static const struct {
        const char *name;
        struct plan plans[2];
        const char *began;
    } cases[] = {
        { "engine", { { 'a', 9, ERR_UNAVAILABLE, "engine", false } }, "a" },
        { "voice", { { 'a', 9, ERR_INVALID, "voice", false } }, "a" },
        { "disk", { { 'a', 9, ERR_DISK_FULL, NULL, false } }, "aaa" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench b;
        size_t tries = strlen(cases[i].began);

        bench_init(&b);
        b.plans = cases[i].plans;
        bench_start(&b, 1, 0);
        bench_start_job(&b, "book", PRIORITY_BULK, "a");
        for (size_t k = 1; k < tries; k++) {
            wait_until_ended(&b, k);
            pass_time(&b, "book");
        }
        struct job job = wait_for_job(&b, "book", JOB_FAILED);
        check_text(cases[i].name, job.error, "Planned for a.");
        check_text(cases[i].name, b.began, cases[i].began);
        check_case(cases[i].name, job.failed == 1);

        b.plans = NULL; /* and is done when its cause is gone */
        int64_t count = 0;
        check_ok(jobs_retry(b.jobs, "book", &count, &b.err), &b.err);
        check_case(cases[i].name, count == 1);
        check_case(cases[i].name, wait_for_job(&b, "book", JOB_DONE).done == 1);
        bench_release(&b);
    }
}

static void test_units_that_would_fail_alike_are_not_run(void **state)
{
    struct bench *b = *state;
    static const struct plan plans[] = { { 'b', 9, ERR_UNAVAILABLE, "engine", false }, { 0 } };

    b->plans = plans;
    bench_start(b, 1, 0);
    bench_start_job(b, "book", PRIORITY_BULK, "abcd");
    struct job job = wait_for_job(b, "book", JOB_FAILED);
    assert_string_equal(b->began, "ab");
    assert_int_equal(job.done, 1);
    assert_int_equal(job.failed, 1);
    assert_int_equal(job.cancelled, 2);
}

static void test_a_job_of_an_unknown_kind_fails(void **state)
{
    struct bench *b = *state;
    static const char *const subjects[] = { "a", "b" };
    const struct new_job job = { .id = "odd",
                                 .kind = "dance",
                                 .params = "{}",
                                 .priority = PRIORITY_LIVE,
                                 .subjects = subjects,
                                 .count = 2 };
    const char *existing;

    bench_start(b, 1, 0);
    check_ok(jobs_start_job(b->jobs, &b->arena, &job, &existing, &b->err), &b->err);
    assert_non_null(strstr(wait_for_job(b, "odd", JOB_FAILED).error, "dance"));
}

/* --- time --- */

static void test_an_ended_job_is_shown_for_an_hour(void **state)
{
    struct bench *b = *state;
    static const int64_t hour_ms = 60 * 60 * 1000;
    struct job_list list;
    struct job job;

    bench_start(b, 1, 0);
    bench_start_job(b, "done", PRIORITY_LIVE, "a");
    wait_for_job(b, "done", JOB_DONE);
    bench_gate(b, 1);
    bench_start_job(b, "running", PRIORITY_BULK, "bc");
    wait_until_began(b, 2);
    bench_advance(b, hour_ms);
    check_ok(jobs_get(b->jobs, &b->arena, "done", &job, &b->err), &b->err);
    check_ok(jobs_list(b->jobs, &b->arena, 10, &list, &b->err), &b->err);
    assert_int_equal(list.count, 2);
    bench_advance(b, 1);
    assert_false(jobs_get(b->jobs, &b->arena, "done", &job, &b->err));
    assert_int_equal(b->err.kind, ERR_NOT_FOUND);
    bench_advance(b, 100 * hour_ms);
    check_ok(jobs_get(b->jobs, &b->arena, "running", &job, &b->err), &b->err);
    check_ok(jobs_list(b->jobs, &b->arena, 10, &list, &b->err), &b->err);
    assert_int_equal(list.count, 1);
}

/* --- several --- */

static void test_several_workers_share_the_units(void **state)
{
    struct bench *b = *state;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    bench_gate(b, 0);
    bench_start(b, 4, 0);
    bench_start_job(b, "book", PRIORITY_BULK, letters);
    wait_until_began(b, 4); /* all at once: none has passed the gate */
    bench_gate(b, SIZE_MAX);
    assert_int_equal(wait_for_job(b, "book", JOB_DONE).done, 26);
    for (const char *letter = letters; *letter; letter++) {
        const char *first = strchr(b->began, *letter);

        assert_non_null(first);
        assert_null(strchr(first + 1, *letter));
    }
}

static void test_nothing_is_claimed_before_the_start(void **state)
{
    struct bench *b = *state;

    bench_create(b, 2, 0);
    bench_start_job(b, "book", PRIORITY_LIVE, "a");
    bench_stop(b);
    assert_string_equal(b->began, "");
    assert_int_equal(bench_job(b, "book").started_at, 0);
    bench_start(b, 2, 0);
    wait_for_job(b, "book", JOB_DONE);
}

static void test_a_number_of_workers_out_of_bounds_is_refused(void **state)
{
    struct bench *b = *state;
    static const int numbers[] = { 0, -1, JOBS_WORKERS_MAX + 1 };

    for (size_t i = 0; i < COUNT(numbers); i++) {
        const struct jobs_options options = { .store = b->store, .workers = numbers[i] };

        assert_null(jobs_create(&options, &b->err));
        assert_string_equal(b->err.param, "workers");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(test_units_run_in_order_and_the_job_is_done),
        bench_test(test_live_units_start_at_once_and_go_before_bulk_ones),
        bench_test(test_the_live_lane_leaves_bulk_units_alone),
        bench_test(test_a_second_request_gives_the_task_that_is_under_way),
        bench_test(test_cancelling_interrupts_what_runs_and_drops_what_waits),
        bench_test(test_a_cancel_while_a_unit_is_being_claimed_is_not_lost),
        bench_test(test_a_paused_job_goes_on_where_it_was),
        bench_test(test_an_interrupted_subject_is_not_written_even_if_it_was_done),
        bench_test(test_what_may_pass_is_tried_again_later_and_the_rest_fails_at_once),
        bench_test(test_ends_of_the_process_take_no_retries_away),
        bench_test(test_a_retry_is_not_before_its_time),
        bench_test(test_a_retry_comes_by_itself_when_it_is_due),
        cmocka_unit_test(test_an_error_of_the_whole_job_ends_it),
        bench_test(test_units_that_would_fail_alike_are_not_run),
        bench_test(test_a_job_of_an_unknown_kind_fails),
        bench_test(test_an_ended_job_is_shown_for_an_hour),
        bench_test(test_several_workers_share_the_units),
        bench_test(test_nothing_is_claimed_before_the_start),
        bench_test(test_a_number_of_workers_out_of_bounds_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
