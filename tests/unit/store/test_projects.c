#include "store/projects.h"

#include "store/settings.h"
#include "stored.h"

static const char *const no_ids[] = {
    "", "x", "' OR 1=1 --", "00000000-0000-0000-0000-000000000000", "\xff\xfe", "%",
};

static void test_a_new_project_has_its_segments_in_order(void **state)
{
    struct stored *t = *state;
    const struct new_segment segments[] = {
        { .text = "One, cut here", .length = 3, .image_prompt = "A fox", .chapter = "I" },
        { .text = "Zwei.", .length = 5 },
    };
    char id[ID_SIZE];

    check_ok(store_project_create(t->store, "Fox", "Aesop", segments, 2, id, &t->err), &t->err);
    assert_true(id_is_uuid(id));
    struct project project = stored_get(t, id);
    assert_string_equal(project.id, id);
    assert_string_equal(project.title, "Fox");
    assert_string_equal(project.author, "Aesop");
    assert_int_equal(project.status, PROJECT_DRAFT);
    assert_int_equal(project.created_at, 1000);
    assert_int_equal(project.updated_at, 1000);
    assert_int_equal(project.segment_count, 2);
    assert_int_equal(project.audio_count, 0);
    assert_true(project.duration_s == 0);

    struct segment_list list = stored_segments(t, id);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].text_content, "One");
    assert_string_equal(list.items[0].image_prompt, "A fox");
    assert_string_equal(list.items[0].chapter, "I");
    assert_int_equal(list.items[1].sequence_index, 1);
    assert_string_equal(list.items[1].image_prompt, "");
    check_counts(t);
}

static void test_a_project_is_made_wholly_or_not_at_all(void **state)
{
    struct stored *t = *state;
    const struct new_segment segments[] = { new_segment("One."), { .text = NULL } };
    char id[ID_SIZE];

    check_fails(store_project_create(t->store, "Half", "", segments, 2, id, &t->err), &t->err,
                ERR_INTERNAL);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM projects"), 0);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM segments"), 0);
    stored_project(t, "Whole", 1);
}

static void test_an_unknown_id_is_not_found(void **state)
{
    struct stored *t = *state;
    struct project project;
    int64_t revision;

    stored_project(t, "One", 1);
    for (size_t i = 0; i < COUNT(no_ids); i++) {
        const char *id = no_ids[i];

        check_fails(store_project_get(t->store, &t->arena, id, &project, &t->err), &t->err,
                    ERR_NOT_FOUND);
        check_fails(store_project_rename(t->store, id, "Two", &t->err), &t->err, ERR_NOT_FOUND);
        check_fails(store_project_delete(t->store, id, &t->err), &t->err, ERR_NOT_FOUND);
        check_fails(store_project_revision(t->store, id, &revision, &t->err), &t->err,
                    ERR_NOT_FOUND);
        check_case(id, store_project_glance(t->store, id) == -1);
    }
    assert_int_equal(stored_operations(t).count, 0);
}

static void check_order(struct stored *t, const char *order, const char *expected)
{
    struct project_list list;
    char *got = arena_strdup(&t->arena, "");

    check_ok(store_projects(t->store, &t->arena, NULL, NULL, order, &list, &t->err), &t->err);
    for (int64_t i = 0; i < list.count; i++)
        got = arena_format(&t->arena, "%s%s,", got, list.items[i].title);
    check_text(order ? order : "no order", got, expected);
}

static void test_projects_are_listed_in_the_order_asked_for(void **state)
{
    struct stored *t = *state;
    struct project_list list;

    const char *first = stored_project(t, "beta", 0);
    t->now += 10;
    stored_project(t, "Ärger", 0);
    t->now += 10;
    stored_project(t, "Alpha", 0);
    t->now += 10;
    check_ok(store_project_rename(t->store, first, "Beta", &t->err), &t->err);

    check_order(t, NULL, "Alpha,Ärger,Beta,");
    check_order(t, "-created_at", "Alpha,Ärger,Beta,");
    check_order(t, "created_at", "Beta,Ärger,Alpha,");
    check_order(t, "updated_at", "Ärger,Alpha,Beta,");
    check_order(t, "-updated_at", "Beta,Alpha,Ärger,");
    check_order(t, "title", "Alpha,Beta,Ärger,");
    check_order(t, "-title", "Ärger,Beta,Alpha,");
    check_fails(store_projects(t->store, &t->arena, NULL, NULL, "title; DROP TABLE projects", &list,
                               &t->err),
                &t->err, ERR_INVALID);
    assert_string_equal(t->err.param, "ordering");
}

static void test_projects_made_in_one_millisecond_keep_their_order(void **state)
{
    struct stored *t = *state;

    for (int i = 0; i < 9; i++)
        stored_project(t, arena_format(&t->arena, "%d", i), 0);
    check_order(t, "created_at", "0,1,2,3,4,5,6,7,8,");
    check_order(t, "-created_at", "8,7,6,5,4,3,2,1,0,");
}

static void test_a_search_finds_any_case_and_takes_no_wildcards(void **state)
{
    struct stored *t = *state;
    static const struct {
        const char *search;
        int64_t found;
    } cases[] = {
        { "école", 1 }, { "ÉCOLE", 1 }, { "ecole", 0 }, { "STRASSE", 1 }, { "%", 1 },
        { "_", 0 },     { "TON", 1 },   { "", 3 },      { "'", 0 },
    };
    struct project_list list;

    stored_project(t, "L’École", 0);
    stored_project(t, "Große Straße", 0);
    stored_project(t, "100 % Ton", 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_ok(
            store_projects(t->store, &t->arena, NULL, cases[i].search, "title", &list, &t->err),
            &t->err);
        check_case(cases[i].search, list.count == cases[i].found && list.total == list.count);
    }
}

static void test_a_page_is_a_part_of_the_whole(void **state)
{
    struct stored *t = *state;
    static const struct {
        const char *name;
        struct page page;
        int64_t count;
    } cases[] = {
        { "all", { 0, 0 }, 5 },          { "first two", { 0, 2 }, 2 },
        { "the last one", { 4, 2 }, 1 }, { "past the end", { 9, 2 }, 0 },
        { "the rest", { 3, 0 }, 2 },     { "no sense", { -1, -1 }, 5 },
    };
    struct project_list list;

    for (int i = 0; i < 5; i++)
        stored_project(t, arena_format(&t->arena, "%d", i), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_ok(store_projects(t->store, &t->arena, &cases[i].page, NULL, NULL, &list, &t->err),
                 &t->err);
        check_case(cases[i].name, list.count == cases[i].count && list.total == 5);
    }
}

static enum project_status status_of(struct stored *t, const char *id)
{
    return stored_get(t, id).status;
}

static void test_the_status_follows_the_work(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 2);
    struct segment_list list = stored_segments(t, id);

    assert_int_equal(status_of(t, id), PROJECT_DRAFT);
    stored_job(t, "job", id, PRIORITY_BULK, list.items, 2);
    assert_int_equal(status_of(t, id), PROJECT_PROCESSING);
    struct unit unit = stored_claim_one(t);
    check_ok(stored_end_spoken(t, &unit), &t->err);
    assert_int_equal(status_of(t, id), PROJECT_PROCESSING);
    unit = stored_claim_one(t);
    assert_int_equal(status_of(t, id), PROJECT_PROCESSING);
    check_ok(stored_end_spoken(t, &unit), &t->err);
    assert_int_equal(status_of(t, id), PROJECT_COMPLETED);

    stored_set_text(t, list.items[0].id, "Another text.");
    assert_int_equal(status_of(t, id), PROJECT_DRAFT);
    stored_set_text(t, list.items[0].id, "Text 0.");
    assert_int_equal(status_of(t, id), PROJECT_COMPLETED);
    check_counts(t);
}

static void test_a_job_that_could_not_run_fails_the_project_until_another_runs(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 2);
    struct segment_list list = stored_segments(t, id);

    stored_job(t, "job", id, PRIORITY_BULK, list.items, 2);
    check_ok(store_job_fail(t->store, "job", "There is no model.", &t->err), &t->err);
    assert_int_equal(status_of(t, id), PROJECT_FAILED);
    stored_job(t, "again", id, PRIORITY_BULK, list.items, 2);
    assert_int_equal(status_of(t, id), PROJECT_PROCESSING);
    check_ok(store_job_cancel(t->store, "again", &t->err), &t->err);
    assert_int_equal(status_of(t, id), PROJECT_DRAFT);
}

static void test_a_project_all_spoken_stays_completed_when_a_job_fails(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 1);
    struct segment_list list = stored_segments(t, id);

    stored_speak(t, "job", list.items, 1);
    stored_job(t, "again", id, PRIORITY_BULK, list.items, 1);
    check_ok(store_job_fail(t->store, "again", "There is no model.", &t->err), &t->err);
    assert_int_equal(status_of(t, id), PROJECT_COMPLETED);
}

static void test_segments_without_text_need_no_audio(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 3);
    struct segment_list list = stored_segments(t, id);

    stored_speak(t, "job", list.items, 1);
    assert_int_equal(status_of(t, id), PROJECT_DRAFT);
    stored_set_text(t, list.items[1].id, "");
    stored_set_text(t, list.items[2].id, " \t\r\n\u00a0\u2003\u3000");
    assert_int_equal(status_of(t, id), PROJECT_COMPLETED);
    stored_set_text(t, list.items[2].id, " . ");
    assert_int_equal(status_of(t, id), PROJECT_DRAFT);
    assert_int_equal(status_of(t, stored_project(t, "Empty", 0)), PROJECT_DRAFT);
}

static void test_counts_and_duration_are_exact(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 100);
    struct segment_list list = stored_segments(t, id);

    stored_speak(t, "job", list.items, 90);
    stored_lock(t, list.items[0].id, true);
    stored_set_text(t, list.items[1].id, "Stale.");
    struct project project = stored_get(t, id);
    assert_int_equal(project.segment_count, 100);
    assert_int_equal(project.audio_count, 90);
    assert_int_equal(project.locked_count, 1);
    assert_int_equal(project.stale_count, 1);
    assert_true(project.duration_s == 90 * 333333 / 1e6);
    check_counts(t);

    for (int i = 0; i < 100; i++)
        check_ok(store_segment_delete(t->store, list.items[i].id, &t->err), &t->err);
    project = stored_get(t, id);
    assert_int_equal(project.segment_count, 0);
    assert_int_equal(project.stale_count, 0);
    assert_true(project.duration_s == 0);
    assert_int_equal(project.status, PROJECT_DRAFT);
    check_counts(t);
}

/* Each step changes the project, so that an answer that was kept for a revision is never old. */
enum step {
    RENAME,
    ADD_SEGMENT,
    SET_TEXT,
    REORDER,
    SET_IMAGE,
    REMOVE_IMAGE,
    START_JOB,
    CLAIM,
    GIVE_BACK,
    CLAIM_AGAIN,
    END,
    START_SECOND,
    CANCEL_SECOND,
    START_THIRD,
    RECLAIM,
    FAIL_THIRD,
    RETRY_THIRD,
    DELETE_SEGMENT,
    STEPS
};

static void take_step(struct stored *t, enum step step, const char *id,
                      const struct segment_list *list)
{
    const char *const ids[] = { list->items[1].id, list->items[0].id, list->items[2].id };
    const struct segment *one = &list->items[0];
    const struct new_image image = { "s.png", "p.png", "/p.png", "image/png", 3 };
    struct unit_end back = { .state = UNIT_QUEUED };
    struct new_segment segment = new_segment("New.");
    char new_id[ID_SIZE];
    struct unit unit = { .id = 1, .subject = one->id };
    int64_t count;

    switch (step) {
    case RENAME:
        check_ok(store_project_rename(t->store, id, "Wolf", &t->err), &t->err);
        break;
    case ADD_SEGMENT:
        check_ok(store_segment_create(t->store, id, -1, &segment, new_id, &t->err), &t->err);
        check_ok(store_segment_delete(t->store, new_id, &t->err), &t->err);
        break;
    case SET_TEXT:
        stored_set_text(t, one->id, "Another.");
        break;
    case REORDER:
        check_ok(store_segments_reorder(t->store, id, ids, 3, &t->err), &t->err);
        break;
    case SET_IMAGE:
        check_ok(store_segment_image_set(t->store, one->id, &image, &t->err), &t->err);
        break;
    case REMOVE_IMAGE:
        check_ok(store_segment_image_remove(t->store, one->id, &t->err), &t->err);
        break;
    case START_JOB:
        stored_job(t, "job", id, PRIORITY_LIVE, one, 1);
        break;
    case CLAIM:
    case CLAIM_AGAIN:
        assert_int_equal(stored_claim_one(t).id, unit.id);
        break;
    case GIVE_BACK:
        check_ok(store_unit_end(t->store, unit.id, "worker", &back, &t->err), &t->err);
        break;
    case END:
        check_ok(stored_end_spoken(t, &unit), &t->err);
        break;
    case START_SECOND:
        stored_job(t, "second", id, PRIORITY_LIVE, one, 1);
        break;
    case CANCEL_SECOND:
        check_ok(store_job_cancel(t->store, "second", &t->err), &t->err);
        break;
    case START_THIRD:
        stored_job(t, "third", id, PRIORITY_LIVE, one, 1);
        stored_claim_one(t);
        break;
    case RECLAIM:
        stored_reclaim(t, true, 3, "");
        break;
    case FAIL_THIRD:
        check_ok(store_job_fail(t->store, "third", "No.", &t->err), &t->err);
        break;
    case RETRY_THIRD:
        check_ok(store_job_retry(t->store, "third", &count, &t->err), &t->err);
        break;
    case DELETE_SEGMENT:
        check_ok(store_segment_delete(t->store, one->id, &t->err), &t->err);
        break;
    case STEPS:
        break;
    }
}

static void test_every_change_grows_the_revision(void **state)
{
    struct stored *t = *state;
    const char *other = stored_project(t, "Other", 1);
    const char *id = stored_project(t, "Fox", 3);
    struct segment_list list = stored_segments(t, id);
    int64_t other_revision = stored_revision(t, other);

    for (enum step step = RENAME; step < STEPS; step++) {
        int64_t before = stored_revision(t, id);

        take_step(t, step, id, &list);
        if (stored_revision(t, id) <= before)
            fail_msg("step %d leaves the revision at %lld", (int)step, (long long)before);
    }
    assert_int_equal(stored_revision(t, id), stored_get(t, id).revision);
    assert_int_equal(stored_revision(t, other), other_revision);
    check_counts(t);
}

static void check_changed(struct stored *t, int64_t limit, const char *expected)
{
    struct project_changes changes;
    char *got = arena_strdup(&t->arena, "");

    check_ok(store_projects_changed(t->store, &t->arena, limit, &changes, &t->err), &t->err);
    for (int64_t i = 0; i < changes.count; i++) {
        struct project project = stored_get(t, changes.items[i].id);

        assert_int_equal(changes.items[i].revision, project.revision);
        got = arena_format(&t->arena, "%s%s,", got, project.title);
    }
    check_text("changed", arena_format(&t->arena, "%s of %lld", got, (long long)changes.total),
               expected);
}

static void test_the_projects_changed_last_come_first(void **state)
{
    struct stored *t = *state;

    check_changed(t, 50, " of 0");
    const char *first = stored_project(t, "A", 1);
    t->now += 10;
    stored_project(t, "B", 0);
    const char *third = stored_project(t, "C", 0); /* in the same millisecond */
    check_changed(t, 50, "C,B,A, of 3");
    check_changed(t, 2, "C,B, of 3");
    t->now += 10;
    stored_set_text(t, stored_segments(t, first).items[0].id, "New.");
    check_changed(t, 2, "A,C, of 3");
    check_ok(store_project_delete(t->store, third, &t->err), &t->err);
    check_changed(t, 2, "A,B, of 2");
}

static void test_a_glance_at_a_revision_waits_for_nothing(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 1);

    assert_int_equal(store_project_glance(t->store, id), -1); /* no reader is open yet */
    int64_t revision = stored_revision(t, id);
    assert_int_equal(store_project_glance(t->store, id), revision);

    struct connection *only = glance_begin(t->store);
    assert_int_equal(store_project_glance(t->store, id), -1); /* all readers read */
    glance_end(t->store, only);
    assert_int_equal(store_project_glance(t->store, id), revision);
}

static void test_what_changes_nothing_keeps_the_revision(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 1);
    struct segment_list list = stored_segments(t, id);
    struct unit unit;

    stored_lock(t, list.items[0].id, true);
    int64_t before = stored_revision(t, id);
    check_fails(store_segment_update(t->store, list.items[0].id,
                                     &(struct segment_change){ .text_content = "No." }, &t->err),
                &t->err, ERR_CONFLICT);
    check_fails(store_segments_reorder(t->store, id, no_ids, 1, &t->err), &t->err, ERR_INVALID);
    assert_false(stored_claim(t, -1, &unit));
    stored_reclaim(t, true, 3, "");
    check_ok(store_mark_set(t->store, "mark", &t->err), &t->err);
    assert_int_equal(stored_revision(t, id), before);
}

static void test_a_deleted_project_takes_all_of_it_along(void **state)
{
    struct stored *t = *state;
    const char *other = stored_project(t, "Other", 2);
    const char *id = stored_project(t, "Fox", 3);
    struct segment_list list = stored_segments(t, id);
    struct segment segment;
    struct project project;

    stored_speak(t, "first", list.items, 1);
    stored_settle_files(t);
    stored_job(t, "second", id, PRIORITY_BULK, list.items, 3);
    struct unit running = stored_claim_one(t);
    check_ok(store_project_delete(t->store, id, &t->err), &t->err);

    check_fails(store_project_get(t->store, &t->arena, id, &project, &t->err), &t->err,
                ERR_NOT_FOUND);
    check_fails(store_segment_get(t->store, &t->arena, list.items[0].id, &segment, &t->err),
                &t->err, ERR_NOT_FOUND);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM assets"), 0);
    struct file_operation_list operations = stored_operations(t);
    assert_int_equal(operations.count, 1);
    assert_int_equal(operations.items[0].kind, FILE_OPERATION_REMOVE_TREE);
    assert_string_equal(operations.items[0].target,
                        arena_format(&t->arena, "media/projects/%s", id));

    struct job job = stored_get_job(t, "second");
    assert_string_equal(job.project_id, id);
    assert_int_equal(job.cancelled, 2);
    assert_int_equal(job.running, 1);
    struct new_audio audio = stored_audio(t, &list.items[0]);
    const struct unit_end end = { .state = UNIT_DONE, .audio = &audio };
    check_fails(store_unit_end(t->store, running.id, "worker", &end, &t->err), &t->err,
                ERR_NOT_FOUND);
    check_ok(stored_end(t, &running, UNIT_CANCELLED, NULL), &t->err);
    assert_int_equal(stored_get_job(t, "second").state, JOB_CANCELLED);
    assert_int_equal(stored_get(t, other).segment_count, 2);
    check_counts(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_a_new_project_has_its_segments_in_order),
        stored_test(test_a_project_is_made_wholly_or_not_at_all),
        stored_test(test_an_unknown_id_is_not_found),
        stored_test(test_projects_are_listed_in_the_order_asked_for),
        stored_test(test_projects_made_in_one_millisecond_keep_their_order),
        stored_test(test_a_search_finds_any_case_and_takes_no_wildcards),
        stored_test(test_a_page_is_a_part_of_the_whole),
        stored_test(test_the_status_follows_the_work),
        stored_test(test_a_job_that_could_not_run_fails_the_project_until_another_runs),
        stored_test(test_a_project_all_spoken_stays_completed_when_a_job_fails),
        stored_test(test_segments_without_text_need_no_audio),
        stored_test(test_counts_and_duration_are_exact),
        stored_test(test_every_change_grows_the_revision),
        stored_test(test_the_projects_changed_last_come_first),
        stored_test(test_a_glance_at_a_revision_waits_for_nothing),
        stored_test(test_what_changes_nothing_keeps_the_revision),
        stored_test(test_a_deleted_project_takes_all_of_it_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
