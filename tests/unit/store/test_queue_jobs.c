#include "stored.h"

static struct segment_list some_segments(struct stored *t, int count)
{
    return stored_segments(t, stored_project(t, "Fox", count));
}

/* Queues units for subjects that are no segments. */
static bool create(struct stored *t, const char *id, const char *const *subjects, size_t count,
                   const char **existing)
{
    const struct new_job job = {
        .id = id, .kind = "take", .priority = PRIORITY_BULK, .subjects = subjects, .count = count
    };

    return store_job_create(t->store, &t->arena, &job, existing, &t->err);
}

static void create_job(struct stored *t, const char *id, const char *const *subjects, size_t count)
{
    const char *existing;

    check_ok(create(t, id, subjects, count, &existing), &t->err);
    assert_null(existing);
}

static void end_all(struct stored *t, enum unit_state state)
{
    struct unit unit;

    while (stored_claim(t, -1, &unit))
        check_ok(stored_end(t, &unit, state, state == UNIT_FAILED ? "No." : NULL), &t->err);
}

static void test_names_of_states_are_those_stored(void **state)
{
    (void)state;
    assert_string_equal(job_state_name(JOB_QUEUED), "queued");
    assert_string_equal(job_state_name(JOB_PAUSED), "paused");
    assert_string_equal(job_state_name(JOB_CANCELLED), "cancelled");
    assert_string_equal(unit_state_name(UNIT_QUEUED), "queued");
    assert_string_equal(unit_state_name(UNIT_CANCELLED), "cancelled");
}

static void test_a_new_job_has_its_units_in_order(void **state)
{
    struct stored *t = *state;
    struct segment_list list = some_segments(t, 3);
    struct unit_list units;

    stored_job(t, "tts_1", list.items[0].project_id, PRIORITY_LIVE, list.items, 3);
    struct job job = stored_get_job(t, "tts_1");
    assert_string_equal(job.id, "tts_1");
    assert_string_equal(job.kind, "segment");
    assert_string_equal(job.project_id, list.items[0].project_id);
    assert_string_equal(job.params, "{\"speed\":1}");
    assert_int_equal(job.priority, PRIORITY_LIVE);
    assert_int_equal(job.state, JOB_QUEUED);
    assert_int_equal(job.total, 3);
    assert_int_equal(job.queued, 3);
    assert_int_equal(job.created_at, 1000);
    assert_int_equal(job.started_at, 0);
    assert_int_equal(job.finished_at, 0);
    assert_null(job.error);
    assert_null(job.current_subject);

    check_ok(store_units(t->store, &t->arena, "tts_1", -1, &units, &t->err), &t->err);
    assert_int_equal(units.count, 3);
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(units.items[i].position, i);
        assert_int_equal(units.items[i].state, UNIT_QUEUED);
        assert_int_equal(units.items[i].attempt, 0);
        assert_string_equal(units.items[i].job_id, "tts_1");
        assert_string_equal(units.items[i].kind, "segment");
        assert_string_equal(units.items[i].params, "{\"speed\":1}");
        assert_string_equal(units.items[i].subject, list.items[i].id);
    }
}

static void test_an_unknown_job_is_not_found(void **state)
{
    struct stored *t = *state;
    struct unit_list units;
    struct job job;
    int64_t count;

    check_fails(store_job_get(t->store, &t->arena, "no", &job, &t->err), &t->err, ERR_NOT_FOUND);
    check_fails(store_units(t->store, &t->arena, "no", -1, &units, &t->err), &t->err,
                ERR_NOT_FOUND);
    check_fails(store_job_cancel(t->store, "no", &t->err), &t->err, ERR_NOT_FOUND);
    check_fails(store_job_pause(t->store, "no", &t->err), &t->err, ERR_NOT_FOUND);
    check_fails(store_job_resume(t->store, "no", &t->err), &t->err, ERR_NOT_FOUND);
    check_fails(store_job_fail(t->store, "no", "Why.", &t->err), &t->err, ERR_NOT_FOUND);
    check_fails(store_job_retry(t->store, "no", &count, &t->err), &t->err, ERR_NOT_FOUND);
}

static void test_a_second_job_for_one_subject_under_way_is_the_first(void **state)
{
    struct stored *t = *state;
    const char *const fox[] = { "fox" };
    const char *existing;

    create_job(t, "first", fox, 1);
    check_ok(create(t, "second", fox, 1, &existing), &t->err);
    assert_string_equal(existing, "first");
    struct unit unit = stored_claim_one(t);
    check_ok(create(t, "second", fox, 1, &existing), &t->err);
    assert_string_equal(existing, "first");
    check_ok(stored_end(t, &unit, UNIT_DONE, NULL), &t->err);
    create_job(t, "second", fox, 1);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM jobs"), 2);
}

static void test_kinds_do_not_stand_in_each_others_way(void **state)
{
    struct stored *t = *state;
    struct segment_list list = some_segments(t, 1);

    stored_job(t, "speak", NULL, PRIORITY_BULK, list.items, 1);
    create_job(t, "take", &list.items[0].id, 1);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM units"), 2);
}

static void test_a_job_of_several_leaves_out_what_is_under_way(void **state)
{
    struct stored *t = *state;
    const char *const first[] = { "b", "x" };
    const char *const second[] = { "a", "b", "c", "a", "x", "d" };
    struct unit_list units;
    const char *existing;

    create_job(t, "first", first, 2);
    stored_claim_one(t);
    create_job(t, "second", second, 6);
    check_ok(store_units(t->store, &t->arena, "second", -1, &units, &t->err), &t->err);
    assert_int_equal(units.count, 3);
    assert_string_equal(units.items[0].subject, "a");
    assert_string_equal(units.items[1].subject, "c");
    assert_string_equal(units.items[2].subject, "d");
    assert_int_equal(units.items[2].position, 2);
    check_fails(create(t, "third", second, 6, &existing), &t->err, ERR_CONFLICT);
    check_fails(create(t, "fourth", NULL, 0, &existing), &t->err, ERR_CONFLICT);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM jobs"), 2);
}

static void test_an_id_is_used_once(void **state)
{
    struct stored *t = *state;
    const char *const a[] = { "a" };
    const char *const b[] = { "b" };
    const char *existing;

    create_job(t, "job", a, 1);
    check_fails(create(t, "job", b, 1, &existing), &t->err, ERR_CONFLICT);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM units"), 1);
}

static void test_jobs_are_listed_by_whether_they_ended_then_newest_first(void **state)
{
    static const struct {
        int64_t ended_since, ended_max;
        const char *ids;
    } cases[] = {
        { 0, 9, "53142" }, { 2000, 9, "5314" }, { 2001, 9, "531" },
        { 0, 3, "5314" },  { 0, 0, "531" },
    };
    const char *const subjects[] = { "a", "b", "c", "d", "e" };
    struct stored *t = *state;

    for (size_t i = 0; i < COUNT(subjects); i++)
        create_job(t, (const char[]){ (char)('1' + i), '\0' }, &subjects[i], 1);
    t->now = 1999;
    check_ok(store_job_cancel(t->store, "2", &t->err), &t->err);
    t->now = 2000;
    check_ok(store_job_cancel(t->store, "4", &t->err), &t->err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct job_list list;
        char ids[COUNT(subjects) + 1] = "";

        check_ok(store_jobs(t->store, &t->arena, cases[i].ended_since, cases[i].ended_max, &list,
                            &t->err),
                 &t->err);
        for (int64_t k = 0; k < list.count; k++)
            ids[k] = list.items[k].id[0];
        assert_string_equal(ids, cases[i].ids);
    }
}

static void test_a_job_is_done_when_its_last_unit_ended(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b" };

    create_job(t, "job", subjects, 2);
    t->now = 2000;
    struct unit unit = stored_claim_one(t);
    struct job job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_RUNNING);
    assert_int_equal(job.started_at, 2000);
    assert_int_equal(job.running, 1);
    assert_string_equal(job.current_subject, "a");

    t->now = 3000;
    check_ok(stored_end(t, &unit, UNIT_FAILED, "No."), &t->err);
    job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_RUNNING);
    assert_null(job.current_subject);
    end_all(t, UNIT_DONE);
    job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_DONE);
    assert_int_equal(job.started_at, 2000);
    assert_int_equal(job.finished_at, 3000);
    assert_int_equal(job.done, 1);
    assert_int_equal(job.failed, 1);
}

/* It grew since the last look. */
static void check_version(struct stored *t, int64_t *last)
{
    int64_t version = stored_get_job(t, "job").version;

    assert_true(version > *last);
    *last = version;
}

static void test_the_version_grows_with_each_change(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b" };
    int64_t version = 0;
    int64_t count;

    create_job(t, "job", subjects, 2);
    check_version(t, &version);
    struct unit unit = stored_claim_one(t);
    check_version(t, &version);
    check_ok(stored_end(t, &unit, UNIT_QUEUED, NULL), &t->err);
    check_version(t, &version);
    check_ok(store_job_pause(t->store, "job", &t->err), &t->err);
    check_version(t, &version);
    check_ok(store_job_resume(t->store, "job", &t->err), &t->err);
    check_version(t, &version);
    unit = stored_claim_one(t);
    check_version(t, &version);
    check_ok(stored_end(t, &unit, UNIT_FAILED, "No."), &t->err);
    check_version(t, &version);
    check_ok(store_job_cancel(t->store, "job", &t->err), &t->err);
    check_version(t, &version);
    check_ok(store_job_retry(t->store, "job", &count, &t->err), &t->err);
    check_version(t, &version);
    check_ok(store_job_fail(t->store, "job", "No model.", &t->err), &t->err);
    check_version(t, &version);
}

static void test_cancelling_ends_what_waits_and_lets_what_runs_end(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b", "c" };

    create_job(t, "job", subjects, 3);
    struct unit unit = stored_claim_one(t);
    check_ok(store_job_cancel(t->store, "job", &t->err), &t->err);
    struct job job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_RUNNING);
    assert_int_equal(job.cancelled, 2);
    check_fails(store_job_pause(t->store, "job", &t->err), &t->err, ERR_CONFLICT);
    t->now = 4000;
    check_ok(stored_end(t, &unit, UNIT_DONE, NULL), &t->err);
    job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_CANCELLED);
    assert_int_equal(job.finished_at, 4000);
    assert_int_equal(job.done, 1);

    t->now = 5000;
    check_ok(store_job_cancel(t->store, "job", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").finished_at, 4000);
}

static void test_a_job_that_waits_is_cancelled_at_once(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a" };

    create_job(t, "job", subjects, 1);
    check_ok(store_job_cancel(t->store, "job", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_CANCELLED);
}

static void test_what_a_cancelled_job_gives_back_is_cancelled(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b" };

    create_job(t, "job", subjects, 2);
    struct unit first = stored_claim_one(t);
    stored_claim_one(t);
    check_ok(store_job_cancel(t->store, "job", &t->err), &t->err);
    check_ok(stored_end(t, &first, UNIT_QUEUED, NULL), &t->err);
    assert_int_equal(stored_get_job(t, "job").cancelled, 1);
    stored_reclaim(t, true, 1, "Gone.");
    assert_int_equal(stored_get_job(t, "job").cancelled, 2);
    assert_int_equal(stored_get_job(t, "job").state, JOB_CANCELLED);
}

static void test_a_job_that_cannot_run_fails_as_a_whole(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b", "c" };

    create_job(t, "job", subjects, 3);
    struct unit unit = stored_claim_one(t);
    check_ok(store_job_fail(t->store, "job", "No model.", &t->err), &t->err);
    struct job job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_FAILED);
    assert_string_equal(job.error, "No model.");
    assert_int_equal(job.cancelled, 2);
    assert_int_equal(job.finished_at, 1000);
    check_ok(stored_end(t, &unit, UNIT_QUEUED, NULL), &t->err);
    job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_FAILED);
    assert_int_equal(job.cancelled, 3);
}

static void test_a_job_whose_units_all_failed_can_still_fail_as_a_whole(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a" };

    create_job(t, "job", subjects, 1);
    end_all(t, UNIT_FAILED);
    assert_int_equal(stored_get_job(t, "job").state, JOB_DONE);
    check_ok(store_job_fail(t->store, "job", "No model.", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_FAILED);
}

static void test_a_job_that_did_something_is_not_failed_afterwards(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a" };

    create_job(t, "job", subjects, 1);
    end_all(t, UNIT_DONE);
    check_ok(store_job_fail(t->store, "job", "No model.", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_DONE);
    create_job(t, "other", subjects, 1);
    check_ok(store_job_cancel(t->store, "other", &t->err), &t->err);
    check_ok(store_job_fail(t->store, "other", "No model.", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "other").state, JOB_CANCELLED);
}

static void test_pausing_and_resuming_go_back_to_where_it_was(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b" };

    create_job(t, "job", subjects, 2);
    check_ok(store_job_pause(t->store, "job", &t->err), &t->err);
    check_ok(store_job_pause(t->store, "job", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_PAUSED);
    check_ok(store_job_resume(t->store, "job", &t->err), &t->err);
    check_ok(store_job_resume(t->store, "job", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_QUEUED);

    struct unit unit = stored_claim_one(t);
    check_ok(store_job_pause(t->store, "job", &t->err), &t->err);
    check_ok(stored_end(t, &unit, UNIT_DONE, NULL), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_PAUSED);
    check_ok(store_job_resume(t->store, "job", &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_RUNNING);
    end_all(t, UNIT_DONE);
    check_fails(store_job_pause(t->store, "job", &t->err), &t->err, ERR_CONFLICT);
    check_fails(store_job_resume(t->store, "job", &t->err), &t->err, ERR_CONFLICT);
}

static void test_a_retry_queues_what_failed(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b", "c" };
    struct unit_list units;
    int64_t count;

    create_job(t, "job", subjects, 3);
    check_fails(store_job_retry(t->store, "job", &count, &t->err), &t->err, ERR_CONFLICT);
    struct unit unit = stored_claim_one(t);
    check_ok(stored_end(t, &unit, UNIT_DONE, NULL), &t->err);
    end_all(t, UNIT_FAILED);
    check_ok(store_job_retry(t->store, "job", &count, &t->err), &t->err);
    assert_int_equal(count, 2);
    struct job job = stored_get_job(t, "job");
    assert_int_equal(job.state, JOB_QUEUED);
    assert_int_equal(job.finished_at, 0);
    check_ok(store_units(t->store, &t->arena, "job", UNIT_QUEUED, &units, &t->err), &t->err);
    assert_int_equal(units.count, 2);
    assert_string_equal(units.items[0].subject, "b");
    assert_int_equal(units.items[0].attempt, 0);
    assert_null(units.items[0].error);
    end_all(t, UNIT_DONE);
    assert_int_equal(stored_get_job(t, "job").done, 3);
    check_ok(store_job_retry(t->store, "job", &count, &t->err), &t->err);
    assert_int_equal(count, 0);
    assert_int_equal(stored_get_job(t, "job").state, JOB_DONE);
}

static void test_a_retry_of_a_failed_job_takes_up_what_it_cancelled(void **state)
{
    struct stored *t = *state;
    const char *const subjects[] = { "a", "b", "c" };
    const char *const other[] = { "b" };
    int64_t count;

    create_job(t, "job", subjects, 3);
    struct unit unit = stored_claim_one(t);
    check_ok(stored_end(t, &unit, UNIT_FAILED, "No."), &t->err);
    check_ok(store_job_fail(t->store, "job", "No model.", &t->err), &t->err);
    create_job(t, "other", other, 1);
    check_ok(store_job_retry(t->store, "job", &count, &t->err), &t->err);
    assert_int_equal(count, 2); /* b is another's by now */
    struct job job = stored_get_job(t, "job");
    assert_null(job.error);
    assert_int_equal(job.cancelled, 1);
    end_all(t, UNIT_DONE);
    assert_int_equal(stored_get_job(t, "job").state, JOB_DONE);
    check_counts(t);
}

static int64_t forget(struct stored *t, int64_t ended_before)
{
    int64_t count, total = 0;

    do {
        check_ok(store_jobs_forget(t->store, ended_before, &count, &t->err), &t->err);
        total += count;
    } while (count > 0);
    return total;
}

static void test_old_jobs_are_forgotten_with_their_units(void **state)
{
    static const char *const subjects[] = { "a", "b" };
    struct stored *t = *state;

    for (int i = 0; i < 25; i++) {
        t->now = 1000 + i;
        create_job(t, arena_format(&t->arena, "old %d", i), subjects, 2);
        end_all(t, i % 2 ? UNIT_DONE : UNIT_FAILED);
    }
    t->now = 5000;
    create_job(t, "new", subjects, 2);
    end_all(t, UNIT_DONE);
    create_job(t, "under way", subjects, 2);
    stored_claim_one(t);
    assert_int_equal(forget(t, 1000), 0); /* one that ended then ended not before it */
    assert_int_equal(forget(t, 5000), 25);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM jobs"), 2);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM units"), 4);
    assert_int_equal(stored_get_job(t, "new").done, 2);
    assert_int_equal(stored_get_job(t, "under way").running, 1);
    check_fails(store_job_get(t->store, &t->arena, "old 3", &(struct job){ 0 }, &t->err), &t->err,
                ERR_NOT_FOUND);
    check_counts(t);
}

static void test_the_last_job_of_a_project_stays_as_long_as_the_project(void **state)
{
    struct stored *t = *state;
    struct segment_list list = some_segments(t, 1);
    const char *project = list.items[0].project_id;

    stored_job(t, "first", project, PRIORITY_BULK, list.items, 1);
    end_all(t, UNIT_FAILED);
    stored_job(t, "last", project, PRIORITY_BULK, list.items, 1);
    check_ok(store_job_fail(t->store, "last", "No engine.", &t->err), &t->err);
    assert_int_equal(stored_get(t, project).status, PROJECT_FAILED);
    assert_int_equal(forget(t, 9000), 1);
    check_ok(store_project_rename(t->store, project, "Wolf", &t->err), &t->err);
    assert_int_equal(stored_get(t, project).status, PROJECT_FAILED);
    check_ok(store_project_delete(t->store, project, &t->err), &t->err);
    assert_int_equal(forget(t, 9000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_states_are_those_stored),
        stored_test(test_a_new_job_has_its_units_in_order),
        stored_test(test_an_unknown_job_is_not_found),
        stored_test(test_a_second_job_for_one_subject_under_way_is_the_first),
        stored_test(test_kinds_do_not_stand_in_each_others_way),
        stored_test(test_a_job_of_several_leaves_out_what_is_under_way),
        stored_test(test_an_id_is_used_once),
        stored_test(test_jobs_are_listed_by_whether_they_ended_then_newest_first),
        stored_test(test_a_job_is_done_when_its_last_unit_ended),
        stored_test(test_the_version_grows_with_each_change),
        stored_test(test_cancelling_ends_what_waits_and_lets_what_runs_end),
        stored_test(test_a_job_that_waits_is_cancelled_at_once),
        stored_test(test_what_a_cancelled_job_gives_back_is_cancelled),
        stored_test(test_a_job_that_cannot_run_fails_as_a_whole),
        stored_test(test_a_job_whose_units_all_failed_can_still_fail_as_a_whole),
        stored_test(test_a_job_that_did_something_is_not_failed_afterwards),
        stored_test(test_pausing_and_resuming_go_back_to_where_it_was),
        stored_test(test_a_retry_queues_what_failed),
        stored_test(test_a_retry_of_a_failed_job_takes_up_what_it_cancelled),
        stored_test(test_old_jobs_are_forgotten_with_their_units),
        stored_test(test_the_last_job_of_a_project_stays_as_long_as_the_project),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
