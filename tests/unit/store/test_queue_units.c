#include "stored.h"

static const char *const kind_names[] = { "rename", "remove", "remove_tree" };

static void create_job(struct stored *t, const char *id, enum job_priority priority,
                       const char *const *subjects, size_t count)
{
    const struct new_job job = {
        .id = id, .kind = "take", .priority = priority, .subjects = subjects, .count = count
    };
    const char *existing;

    check_ok(store_job_create(t->store, &t->arena, &job, &existing, &t->err), &t->err);
    assert_null(existing);
}

/* Claims until nothing is left; the subjects one after the other. */
static const char *claim_all(struct stored *t, int priority)
{
    char *out = arena_strdup(&t->arena, "");
    struct unit unit;

    while (stored_claim(t, priority, &unit))
        out = arena_format(&t->arena, "%s%s", out, unit.subject);
    return out;
}

static struct unit unit_of(struct stored *t, const char *job_id, int64_t position)
{
    struct unit_list units;

    check_ok(store_units(t->store, &t->arena, job_id, -1, &units, &t->err), &t->err);
    assert_true(position < units.count);
    return units.items[position];
}

static struct queue_load load_of(struct stored *t)
{
    struct queue_load load;

    check_ok(store_queue_load(t->store, &load, &t->err), &t->err);
    return load;
}

static void give_back_until(struct stored *t, const struct unit *unit, int64_t not_before)
{
    const struct unit_end end = { .state = UNIT_QUEUED, .not_before = not_before };

    check_ok(store_unit_end(t->store, unit->id, "worker", &end, &t->err), &t->err);
}

static void test_live_goes_before_bulk_and_older_before_newer(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b" };
    static const char *const c[] = { "c" };
    static const char *const d[] = { "d", "e" };
    static const char *const f[] = { "f" };

    create_job(t, "1", PRIORITY_BULK, a, 2);
    create_job(t, "2", PRIORITY_LIVE, c, 1);
    create_job(t, "3", PRIORITY_LIVE, d, 2);
    create_job(t, "4", PRIORITY_BULK, f, 1);
    assert_string_equal(claim_all(t, -1), "cdeabf");
}

static void test_a_lane_takes_its_own_priority_only(void **state)
{
    struct stored *t = *state;
    static const char *const bulk[] = { "b" };
    static const char *const live[] = { "l" };

    create_job(t, "1", PRIORITY_BULK, bulk, 1);
    assert_string_equal(claim_all(t, PRIORITY_LIVE), "");
    create_job(t, "2", PRIORITY_LIVE, live, 1);
    assert_string_equal(claim_all(t, PRIORITY_LIVE), "l");
    assert_string_equal(claim_all(t, PRIORITY_BULK), "b");
}

static void test_nothing_of_a_paused_job_is_claimed(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b" };
    static const char *const c[] = { "c" };

    create_job(t, "1", PRIORITY_BULK, a, 2);
    create_job(t, "2", PRIORITY_BULK, c, 1);
    stored_claim_one(t);
    check_ok(store_job_pause(t->store, "1", &t->err), &t->err);
    assert_string_equal(claim_all(t, -1), "c");
    check_ok(store_job_resume(t->store, "1", &t->err), &t->err);
    assert_string_equal(claim_all(t, -1), "b");
}

static void test_a_unit_waits_until_its_time(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b" };

    create_job(t, "1", PRIORITY_BULK, a, 2);
    struct unit unit = stored_claim_one(t);
    give_back_until(t, &unit, 5000);
    assert_string_equal(claim_all(t, -1), "b");
    t->now = 4999;
    assert_string_equal(claim_all(t, -1), "");
    t->now = 5000;
    unit = stored_claim_one(t);
    assert_string_equal(unit.subject, "a");
    assert_int_equal(unit.attempt, 2);
}

static void test_a_claimed_unit_says_all_about_itself(void **state)
{
    struct stored *t = *state;
    struct segment_list list = stored_segments(t, stored_project(t, "Fox", 1));

    stored_job(t, "tts_1", list.items[0].project_id, PRIORITY_LIVE, list.items, 1);
    struct unit unit = stored_claim_one(t);
    assert_string_equal(unit.job_id, "tts_1");
    assert_string_equal(unit.kind, "segment");
    assert_string_equal(unit.params, "{\"speed\":1}");
    assert_string_equal(unit.subject, list.items[0].id);
    assert_int_equal(unit.state, UNIT_RUNNING);
    assert_int_equal(unit.attempt, 1);
    assert_int_equal(unit.priority, PRIORITY_LIVE);
    assert_null(unit.error);
    assert_null(unit.result);
}

static void test_the_current_subject_is_that_of_the_last_claim(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b", "c" };

    create_job(t, "1", PRIORITY_BULK, a, 3);
    stored_claim_one(t);
    stored_claim_one(t);
    assert_string_equal(stored_get_job(t, "1").current_subject, "b");
    t->now += 1;
    struct unit unit = stored_claim_one(t);
    assert_string_equal(stored_get_job(t, "1").current_subject, "c");
    check_ok(stored_end(t, &unit, UNIT_DONE, NULL), &t->err);
    assert_string_equal(stored_get_job(t, "1").current_subject, "b");
}

static void test_only_its_owner_extends_or_ends_a_unit(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a" };
    const struct unit_end end = { .state = UNIT_DONE };

    create_job(t, "1", PRIORITY_BULK, a, 1);
    struct unit unit = stored_claim_one(t);
    check_fails(store_unit_extend(t->store, unit.id, "other", 100, &t->err), &t->err, ERR_CONFLICT);
    check_fails(store_unit_end(t->store, unit.id, "other", &end, &t->err), &t->err, ERR_CONFLICT);
    check_fails(store_unit_end(t->store, unit.id + 1, "worker", &end, &t->err), &t->err,
                ERR_CONFLICT);
    check_ok(store_unit_extend(t->store, unit.id, "worker", 100, &t->err), &t->err);
    check_ok(store_unit_end(t->store, unit.id, "worker", &end, &t->err), &t->err);
    check_fails(store_unit_end(t->store, unit.id, "worker", &end, &t->err), &t->err, ERR_CONFLICT);
    check_fails(store_unit_extend(t->store, unit.id, "worker", 100, &t->err), &t->err,
                ERR_CONFLICT);
    assert_int_equal(stored_get_job(t, "1").done, 1);
}

static void test_an_end_is_kept_with_error_and_result(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b" };
    const struct unit_end done = { .state = UNIT_DONE, .result = "{\"n\":1}" };

    create_job(t, "1", PRIORITY_BULK, a, 2);
    struct unit unit = stored_claim_one(t);
    check_ok(store_unit_end(t->store, unit.id, "worker", &done, &t->err), &t->err);
    unit = stored_claim_one(t);
    check_ok(stored_end(t, &unit, UNIT_FAILED, "No."), &t->err);
    assert_int_equal(unit_of(t, "1", 0).state, UNIT_DONE);
    assert_string_equal(unit_of(t, "1", 0).result, "{\"n\":1}");
    assert_null(unit_of(t, "1", 0).error);
    assert_int_equal(unit_of(t, "1", 1).state, UNIT_FAILED);
    assert_string_equal(unit_of(t, "1", 1).error, "No.");
}

static void test_a_free_attempt_does_not_count(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a" };
    const struct unit_end end = { .state = UNIT_QUEUED, .is_attempt_free = true };

    create_job(t, "1", PRIORITY_BULK, a, 1);
    for (int i = 0; i < 5; i++) {
        struct unit unit = stored_claim_one(t);

        assert_int_equal(unit.attempt, 1);
        check_ok(store_unit_end(t->store, unit.id, "worker", &end, &t->err), &t->err);
    }
}

static void test_audio_comes_with_the_end_of_its_unit(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 1);
    struct segment segment = stored_segments(t, id).items[0];

    stored_job(t, "job", id, PRIORITY_LIVE, &segment, 1);
    struct unit unit = stored_claim_one(t);
    t->now = 3000;
    check_ok(stored_end_spoken(t, &unit), &t->err);
    const struct new_audio audio = stored_audio(t, &segment);
    segment = stored_segment(t, segment.id);
    assert_string_equal(segment.audio_file, audio.url);
    assert_true(segment.audio_duration == 1.0 / 3);
    assert_string_equal(segment.audio_engine, "espeak");
    assert_string_equal(segment.audio_voice, "en-us");
    assert_int_equal(segment.updated_at, 3000);

    struct file_operation_list list = stored_operations(t);
    assert_int_equal(list.count, 1);
    assert_string_equal(kind_names[list.items[0].kind], "rename");
    assert_string_equal(list.items[0].source, audio.staged_path);
    assert_string_equal(list.items[0].target, audio.path);
    assert_int_equal(stored_number(t, "SELECT bytes FROM assets"), 48044);
    assert_int_equal(stored_number(t, "SELECT rate_hz FROM assets"), 24000);
}

static void test_audio_for_a_locked_or_missing_segment_ends_nothing(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 2);
    struct segment_list list = stored_segments(t, id);

    stored_job(t, "job", id, PRIORITY_LIVE, list.items, 2);
    for (int i = 0; i < 2; i++) {
        struct unit unit = stored_claim_one(t);
        struct new_audio audio = stored_audio(t, &list.items[i]);
        const struct unit_end end = { .state = UNIT_DONE, .audio = &audio };

        if (i == 0)
            stored_lock(t, list.items[i].id, true);
        else
            check_ok(store_segment_delete(t->store, list.items[i].id, &t->err), &t->err);
        check_fails(store_unit_end(t->store, unit.id, "worker", &end, &t->err), &t->err,
                    i == 0 ? ERR_CONFLICT : ERR_NOT_FOUND);
        assert_int_equal(unit_of(t, "job", i).state, UNIT_RUNNING);
        assert_int_equal(stored_operations(t).count, 0);
        check_ok(stored_end(t, &unit, UNIT_FAILED, "Locked or gone."), &t->err);
    }
    assert_null(stored_segment(t, list.items[0].id).audio_file);
    assert_int_equal(stored_get_job(t, "job").state, JOB_DONE);
    check_counts(t);
}

static void test_audio_is_taken_only_when_the_unit_is_done(void **state)
{
    struct stored *t = *state;
    static const enum unit_state states[] = { UNIT_QUEUED, UNIT_FAILED, UNIT_CANCELLED };
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];
    struct new_audio audio = stored_audio(t, &segment);

    for (size_t i = 0; i < COUNT(states); i++) {
        const struct unit_end end = { .state = states[i], .audio = &audio };

        if (i != 1) /* the first one is given back to the second */
            stored_job(t, arena_format(&t->arena, "%zu", i), segment.project_id, PRIORITY_LIVE,
                       &segment, 1);
        struct unit unit = stored_claim_one(t);
        check_ok(store_unit_end(t->store, unit.id, "worker", &end, &t->err), &t->err);
        assert_null(stored_segment(t, segment.id).audio_file);
    }
    assert_int_equal(stored_operations(t).count, 0);
}

static void test_only_a_failure_marks_the_segment(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

    stored_job(t, "job", segment.project_id, PRIORITY_LIVE, &segment, 1);
    struct unit unit = stored_claim_one(t);
    check_ok(stored_end(t, &unit, UNIT_QUEUED, "The disk is full; trying again."), &t->err);
    assert_null(stored_segment(t, segment.id).audio_error);
    unit = stored_claim_one(t);
    check_ok(stored_end(t, &unit, UNIT_FAILED, "The disk is full."), &t->err);
    assert_string_equal(stored_segment(t, segment.id).audio_error, "The disk is full.");
}

static void test_a_lease_that_ran_out_goes_back_to_the_queue(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b" };

    create_job(t, "1", PRIORITY_BULK, a, 2);
    struct unit first = stored_claim_one(t);
    t->now = 1050;
    struct unit second = stored_claim_one(t);
    t->now = 1099;
    assert_int_equal(stored_reclaim(t, false, 3, "Gone.").units, 0);
    t->now = 1100;
    assert_int_equal(stored_reclaim(t, false, 3, "Gone.").units, 1);
    check_fails(stored_end(t, &first, UNIT_DONE, NULL), &t->err, ERR_CONFLICT);
    check_ok(store_unit_extend(t->store, second.id, "worker", 100, &t->err), &t->err);
    t->now = 1199;
    assert_int_equal(stored_reclaim(t, false, 3, "Gone.").units, 0);
    first = stored_claim_one(t);
    assert_string_equal(first.subject, "a");
    assert_int_equal(first.attempt, 2);
    assert_int_equal(stored_get_job(t, "1").state, JOB_RUNNING);
}

static void test_a_lease_that_was_extended_outlives_a_later_one(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b" };

    create_job(t, "1", PRIORITY_BULK, a, 2);
    struct unit first = stored_claim_one(t);
    stored_claim_one(t);
    check_ok(store_unit_extend(t->store, first.id, "worker", 1000, &t->err), &t->err);
    t->now += 100;
    assert_int_equal(stored_reclaim(t, false, 3, "Gone.").units, 1);
    assert_int_equal(unit_of(t, "1", 0).state, UNIT_RUNNING);
    assert_int_equal(unit_of(t, "1", 1).state, UNIT_QUEUED);
}

static void test_a_start_takes_back_all_that_was_running_and_names_its_jobs(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b", "c" };
    static const char *const d[] = { "d" };

    create_job(t, "1", PRIORITY_LIVE, a, 3);
    create_job(t, "2", PRIORITY_BULK, d, 1);
    create_job(t, "3", PRIORITY_BULK, (const char *const[]){ "e" }, 1);
    for (int i = 0; i < 4; i++)
        stored_claim_one(t);
    stored_reopen(t);
    struct reclaimed reclaimed = stored_reclaim(t, true, 3, "Gone.");
    assert_int_equal(reclaimed.units, 4);
    assert_int_equal(reclaimed.job_count, 2);
    assert_string_equal(reclaimed.jobs[0], "1");
    assert_string_equal(reclaimed.jobs[1], "2");
    assert_string_equal(claim_all(t, -1), "abcde");
}

static void test_a_unit_that_ended_the_process_often_enough_is_given_up(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

    stored_job(t, "job", segment.project_id, PRIORITY_BULK, &segment, 1);
    for (int i = 1; i <= 3; i++) {
        struct unit unit = stored_claim_one(t);

        assert_int_equal(unit.attempt, 1);
        assert_int_equal(unit.deaths, i - 1);
        assert_int_equal(stored_reclaim(t, true, 3, "It ended the program.").units, 1);
    }
    assert_int_equal(unit_of(t, "job", 0).state, UNIT_FAILED);
    assert_string_equal(unit_of(t, "job", 0).error, "It ended the program.");
    assert_int_equal(stored_get_job(t, "job").state, JOB_DONE);
    assert_string_equal(stored_segment(t, segment.id).audio_error, "It ended the program.");
    assert_int_equal(stored_get(t, segment.project_id).status, PROJECT_DRAFT);
    check_counts(t);
}

static void test_a_lease_that_runs_out_often_enough_gives_its_unit_up(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a" };

    create_job(t, "1", PRIORITY_BULK, a, 1);
    for (int i = 0; i < 3; i++) { /* ends of the process count apart */
        stored_claim_one(t);
        stored_reclaim(t, true, 9, "Ended.");
    }
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(unit_of(t, "1", 0).state, UNIT_QUEUED);
        assert_int_equal(stored_claim_one(t).attempt, i);
        t->now += 100;
        assert_int_equal(stored_reclaim(t, false, 3, "Not stored.").units, 1);
    }
    assert_int_equal(unit_of(t, "1", 0).state, UNIT_FAILED);
    assert_int_equal(unit_of(t, "1", 0).deaths, 3);
    assert_string_equal(unit_of(t, "1", 0).error, "Not stored.");
}

static void test_units_are_listed_by_state(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b", "c", "d" };
    static const int64_t counts[] = { [UNIT_QUEUED] = 1,
                                      [UNIT_RUNNING] = 1,
                                      [UNIT_DONE] = 1,
                                      [UNIT_FAILED] = 1,
                                      [UNIT_CANCELLED] = 0 };
    struct unit_list units;

    create_job(t, "1", PRIORITY_BULK, a, 4);
    struct unit done = stored_claim_one(t);
    struct unit failed = stored_claim_one(t);
    stored_claim_one(t);
    check_ok(stored_end(t, &done, UNIT_DONE, NULL), &t->err);
    check_ok(stored_end(t, &failed, UNIT_FAILED, "No."), &t->err);
    for (int i = 0; i < (int)COUNT(counts); i++) {
        check_ok(store_units(t->store, &t->arena, "1", i, &units, &t->err), &t->err);
        check_case(unit_state_name((enum unit_state)i), units.count == counts[i]);
        check_case(unit_state_name((enum unit_state)i),
                   units.count == 0 || (int)units.items[0].state == i);
    }
}

static void test_the_load_tells_what_can_be_claimed_and_when(void **state)
{
    struct stored *t = *state;
    static const char *const bulk[] = { "a", "b" };
    static const char *const live[] = { "c" };
    static const char *const another[] = { "d", "e" };

    assert_int_equal(load_of(t).next_at, 0);
    create_job(t, "bulk", PRIORITY_BULK, bulk, 2);
    create_job(t, "live", PRIORITY_LIVE, live, 1);
    struct queue_load load = load_of(t);
    assert_int_equal(load.queued_live, 1);
    assert_int_equal(load.queued_bulk, 2);
    assert_int_equal(load.running, 0);
    assert_int_equal(load.next_at, 0);

    struct unit unit = stored_claim_one(t);
    assert_int_equal(load_of(t).running, 1);
    give_back_until(t, &unit, 7000);
    load = load_of(t);
    assert_int_equal(load.next_live_at, 7000);
    assert_int_equal(load.next_bulk_at, 0);
    assert_int_equal(load.next_at, 0);

    unit = stored_claim_one(t);
    give_back_until(t, &unit, 6000);
    assert_int_equal(load_of(t).next_bulk_at, 0); /* the other one can go now */
    unit = stored_claim_one(t);
    give_back_until(t, &unit, 8000);
    load = load_of(t);
    assert_int_equal(load.next_bulk_at, 6000);
    assert_int_equal(load.next_at, 6000);

    check_ok(store_job_pause(t->store, "bulk", &t->err), &t->err);
    load = load_of(t);
    assert_int_equal(load.queued_bulk, 0);
    assert_int_equal(load.next_at, 7000);
    create_job(t, "another", PRIORITY_BULK, another, 2);
    load = load_of(t);
    assert_int_equal(load.queued_bulk, 2);
    assert_int_equal(load.next_bulk_at, 0);
    assert_int_equal(load.next_at, 0);
}

static void test_two_stores_on_one_file_never_claim_the_same(void **state)
{
    struct stored *t = *state;
    static const char *const a[] = { "a", "b", "c", "d" };
    struct store *other = stored_open(t);
    struct store *first = t->store;
    char *claimed = arena_strdup(&t->arena, "");

    assert_non_null(other);
    create_job(t, "1", PRIORITY_BULK, a, 4);
    for (int i = 0; i < 4; i++) {
        t->store = i % 2 ? other : first;
        claimed = arena_format(&t->arena, "%s%s", claimed, stored_claim_one(t).subject);
    }
    t->store = first;
    store_close(other);
    assert_string_equal(claimed, "abcd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_live_goes_before_bulk_and_older_before_newer),
        stored_test(test_a_lane_takes_its_own_priority_only),
        stored_test(test_nothing_of_a_paused_job_is_claimed),
        stored_test(test_a_unit_waits_until_its_time),
        stored_test(test_a_claimed_unit_says_all_about_itself),
        stored_test(test_the_current_subject_is_that_of_the_last_claim),
        stored_test(test_only_its_owner_extends_or_ends_a_unit),
        stored_test(test_an_end_is_kept_with_error_and_result),
        stored_test(test_a_free_attempt_does_not_count),
        stored_test(test_audio_comes_with_the_end_of_its_unit),
        stored_test(test_audio_for_a_locked_or_missing_segment_ends_nothing),
        stored_test(test_audio_is_taken_only_when_the_unit_is_done),
        stored_test(test_only_a_failure_marks_the_segment),
        stored_test(test_a_lease_that_ran_out_goes_back_to_the_queue),
        stored_test(test_a_lease_that_was_extended_outlives_a_later_one),
        stored_test(test_a_start_takes_back_all_that_was_running_and_names_its_jobs),
        stored_test(test_a_unit_that_ended_the_process_often_enough_is_given_up),
        stored_test(test_a_lease_that_runs_out_often_enough_gives_its_unit_up),
        stored_test(test_units_are_listed_by_state),
        stored_test(test_the_load_tells_what_can_be_claimed_and_when),
        stored_test(test_two_stores_on_one_file_never_claim_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
