#include "store/segments.h"

#include "stored.h"

/* The texts of a project, one after the other: "0123" for a new one of four segments. */
static const char *order_of(struct stored *t, const char *project_id)
{
    struct segment_list list = stored_segments(t, project_id);
    char *out = arena_strdup(&t->arena, "");

    for (int64_t i = 0; i < list.count; i++) {
        if (list.items[i].sequence_index != i)
            fail_msg("segment %lld has the index %lld", (long long)i,
                     (long long)list.items[i].sequence_index);
        out = arena_format(&t->arena, "%s%c", out, list.items[i].text_content[5]);
    }
    return out;
}

static bool is_stale(struct stored *t, const char *id)
{
    return stored_segment(t, id).audio_stale;
}

static void test_segments_of_a_project_come_in_order_and_in_pages(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 5);
    const struct page page = { .offset = 3, .limit = 4 };
    struct segment_list list;

    stored_project(t, "Other", 2);
    assert_string_equal(order_of(t, id), "01234");
    check_ok(store_segments(t->store, &t->arena, id, &page, &list, &t->err), &t->err);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.total, 5);
    assert_string_equal(list.items[0].text_content, "Text 3.");
    check_ok(store_segments(t->store, &t->arena, NULL, NULL, &list, &t->err), &t->err);
    assert_int_equal(list.count, 7);
    check_fails(store_segments(t->store, &t->arena, "no", NULL, &list, &t->err), &t->err,
                ERR_NOT_FOUND);
    assert_int_equal(list.count, 0);
}

static void test_an_unknown_segment_is_not_found(void **state)
{
    struct stored *t = *state;
    static const char *const ids[] = { "", "x", "' --", "\xff" };
    struct segment segment;

    stored_project(t, "Fox", 1);
    for (size_t i = 0; i < COUNT(ids); i++) {
        check_fails(store_segment_get(t->store, &t->arena, ids[i], &segment, &t->err), &t->err,
                    ERR_NOT_FOUND);
        check_fails(store_segment_update(t->store, ids[i], &(struct segment_change){ 0 }, &t->err),
                    &t->err, ERR_NOT_FOUND);
        check_fails(store_segment_delete(t->store, ids[i], &t->err), &t->err, ERR_NOT_FOUND);
    }
}

static void test_a_new_segment_is_without_audio(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 1);
    struct segment segment = stored_segments(t, id).items[0];

    assert_string_equal(segment.project_id, id);
    assert_null(segment.image_file);
    assert_null(segment.audio_file);
    assert_null(segment.audio_engine);
    assert_null(segment.audio_voice);
    assert_null(segment.audio_error);
    assert_null(segment.task_id);
    assert_false(segment.audio_stale);
    assert_false(segment.is_locked);
    assert_true(segment.audio_duration == 0);
}

static void test_a_change_leaves_what_it_does_not_name(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];
    const bool yes = true;

    t->now = 2000;
    check_ok(store_segment_update(t->store, segment.id,
                                  &(struct segment_change){ .image_prompt = "A fox" }, &t->err),
             &t->err);
    check_ok(store_segment_update(t->store, segment.id,
                                  &(struct segment_change){ .is_locked = &yes }, &t->err),
             &t->err);
    segment = stored_segment(t, segment.id);
    assert_string_equal(segment.text_content, "Text 0.");
    assert_string_equal(segment.image_prompt, "A fox");
    assert_true(segment.is_locked);
    assert_int_equal(segment.created_at, 1000);
    assert_int_equal(segment.updated_at, 2000);
}

static void test_a_lock_keeps_text_and_prompt(void **state)
{
    struct stored *t = *state;
    static const bool yes = true;
    static const bool no = false;
    static const struct {
        const char *name;
        struct segment_change change;
        bool is_allowed;
    } cases[] = {
        { "other text", { .text_content = "Other." }, false },
        { "other prompt", { .image_prompt = "Other" }, false },
        { "other text, locking", { .text_content = "Other.", .is_locked = &yes }, false },
        { "the same text", { .text_content = "Text 0." }, true },
        { "locking again", { .is_locked = &yes }, true },
        { "other text, unlocking", { .text_content = "Other.", .is_locked = &no }, true },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

        stored_lock(t, segment.id, true);
        bool ok = store_segment_update(t->store, segment.id, &cases[i].change, &t->err);
        check_case(cases[i].name, ok == cases[i].is_allowed);
        check_case(cases[i].name, ok || t->err.kind == ERR_CONFLICT);
        bool is_same = strcmp(stored_segment(t, segment.id).text_content, "Text 0.") == 0;
        check_case(cases[i].name, ok || is_same);
    }
}

static void test_audio_is_stale_while_the_text_is_another(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

    stored_set_text(t, segment.id, "Before.");
    assert_false(is_stale(t, segment.id));
    stored_set_text(t, segment.id, "Text 0.");
    stored_speak(t, "first", &segment, 1);
    assert_false(is_stale(t, segment.id));
    stored_set_text(t, segment.id, "Text 0.");
    assert_false(is_stale(t, segment.id));
    stored_set_text(t, segment.id, "Second.");
    assert_true(is_stale(t, segment.id));
    stored_set_text(t, segment.id, "Third.");
    assert_true(is_stale(t, segment.id));
    stored_set_text(t, segment.id, "Text 0.");
    assert_false(is_stale(t, segment.id));
    stored_set_text(t, segment.id, "Fourth.");
    stored_speak(t, "second", &segment, 1);
    assert_false(is_stale(t, segment.id));
    stored_set_text(t, segment.id, "Text 0.");
    assert_true(is_stale(t, segment.id));
    check_counts(t);
}

static void test_audio_of_a_text_that_was_changed_meanwhile_arrives_stale(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];
    struct new_audio audio = stored_audio(t, &segment);
    const struct unit_end end = { .state = UNIT_DONE, .audio = &audio };

    stored_job(t, "job", segment.project_id, PRIORITY_LIVE, &segment, 1);
    struct unit unit = stored_claim_one(t);
    stored_set_text(t, segment.id, "Changed while it was spoken.");
    check_ok(store_unit_end(t->store, unit.id, "worker", &end, &t->err), &t->err);
    assert_true(is_stale(t, segment.id));
    stored_set_text(t, segment.id, segment.text_content);
    assert_false(is_stale(t, segment.id));
}

static void test_a_prompt_does_not_make_audio_stale(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

    stored_speak(t, "job", &segment, 1);
    check_ok(store_segment_update(t->store, segment.id,
                                  &(struct segment_change){ .image_prompt = "A fox" }, &t->err),
             &t->err);
    assert_false(is_stale(t, segment.id));
}

static void test_the_moment_of_the_audio_changes_with_the_audio_alone(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

    assert_int_equal(segment.audio_created_at, 0);
    t->now = 2000;
    stored_speak(t, "first", &segment, 1);
    assert_int_equal(stored_segment(t, segment.id).audio_created_at, 2000);
    t->now = 3000;
    stored_set_text(t, segment.id, "Other.");
    stored_lock(t, segment.id, true);
    stored_lock(t, segment.id, false);
    assert_int_equal(stored_segment(t, segment.id).audio_created_at, 2000);
    t->now = 4000;
    stored_speak(t, "second", &segment, 1);
    assert_int_equal(stored_segment(t, segment.id).audio_created_at, 4000);
}

static void test_an_audio_error_stays_until_success_or_another_text(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

    for (int i = 0; i < 2; i++) {
        stored_job(t, arena_format(&t->arena, "job %d", i), segment.project_id, PRIORITY_LIVE,
                   &segment, 1);
        struct unit unit = stored_claim_one(t);
        check_ok(stored_end(t, &unit, UNIT_FAILED, "No voice."), &t->err);
        assert_string_equal(stored_segment(t, segment.id).audio_error, "No voice.");
        stored_set_text(t, segment.id, "Text 0.");
        assert_string_equal(stored_segment(t, segment.id).audio_error, "No voice.");
        if (i == 0)
            stored_set_text(t, segment.id, "Other.");
        else
            stored_speak(t, "last", &segment, 1);
        assert_null(stored_segment(t, segment.id).audio_error);
        stored_set_text(t, segment.id, "Text 0.");
    }
}

static void test_a_segment_can_be_put_anywhere(void **state)
{
    struct stored *t = *state;
    static const struct {
        const char *name;
        int64_t index;
        const char *order;
    } cases[] = {
        { "first", 0, "9012" },
        { "middle", 1, "0912" },
        { "last", 3, "0129" },
        { "at the end", -1, "0129" },
    };
    const struct new_segment segment = new_segment("Text 9.");
    char id[ID_SIZE];

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *project = stored_project(t, "Fox", 3);

        check_ok(store_segment_create(t->store, project, cases[i].index, &segment, id, &t->err),
                 &t->err);
        check_text(cases[i].name, order_of(t, project), cases[i].order);
        check_case(cases[i].name, stored_segment(t, id).text_content[5] == '9');
    }
    const char *project = stored_project(t, "Fox", 3);
    check_fails(store_segment_create(t->store, project, 4, &segment, id, &t->err), &t->err,
                ERR_INVALID);
    check_fails(store_segment_create(t->store, project, -2, &segment, id, &t->err), &t->err,
                ERR_INVALID);
    check_fails(store_segment_create(t->store, project, INT64_MAX, &segment, id, &t->err), &t->err,
                ERR_INVALID);
    check_fails(store_segment_create(t->store, "no", 0, &segment, id, &t->err), &t->err,
                ERR_NOT_FOUND);
    check_counts(t);
}

static void test_the_others_close_up_behind_a_deleted_segment(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 4);
    struct segment_list list = stored_segments(t, id);

    check_ok(store_segment_delete(t->store, list.items[1].id, &t->err), &t->err);
    assert_string_equal(order_of(t, id), "023");
    check_ok(store_segment_delete(t->store, list.items[3].id, &t->err), &t->err);
    assert_string_equal(order_of(t, id), "02");
    check_ok(store_segment_delete(t->store, list.items[0].id, &t->err), &t->err);
    assert_string_equal(order_of(t, id), "2");
    check_ok(store_segment_delete(t->store, list.items[2].id, &t->err), &t->err);
    assert_string_equal(order_of(t, id), "");
    check_counts(t);
}

static void test_a_deleted_segment_takes_its_files_and_its_place_in_the_queue_along(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 2);
    struct segment_list list = stored_segments(t, id);
    const struct new_image image = { "staged/1.png", "images/1.png", "/1.png", "image/png", 9 };

    stored_speak(t, "first", list.items, 2);
    check_ok(store_segment_image_set(t->store, list.items[0].id, &image, &t->err), &t->err);
    stored_settle_files(t);
    stored_job(t, "second", id, PRIORITY_BULK, list.items, 2);
    check_ok(store_segment_delete(t->store, list.items[0].id, &t->err), &t->err);

    struct file_operation_list operations = stored_operations(t);
    assert_int_equal(operations.count, 2);
    for (size_t i = 0; i < operations.count; i++) {
        assert_int_equal(operations.items[i].kind, FILE_OPERATION_REMOVE);
        assert_null(operations.items[i].source);
    }
    assert_string_equal(operations.items[0].target, stored_audio(t, &list.items[0]).path);
    assert_string_equal(operations.items[1].target, "images/1.png");
    assert_int_equal(stored_number(t, "SELECT count(*) FROM assets"), 1);
    assert_int_equal(stored_get_job(t, "second").cancelled, 1);
    assert_string_equal(stored_claim_one(t).subject, list.items[1].id);
}

static void test_a_job_ends_when_its_only_segment_is_deleted(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 2);
    struct segment_list list = stored_segments(t, id);

    stored_job(t, "job", id, PRIORITY_LIVE, list.items, 1);
    check_ok(store_segment_delete(t->store, list.items[0].id, &t->err), &t->err);
    assert_int_equal(stored_get_job(t, "job").state, JOB_DONE);
    assert_int_equal(stored_get(t, id).status, PROJECT_DRAFT);
}

static void test_segments_are_put_in_the_order_given(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 4);
    struct segment_list list = stored_segments(t, id);
    const char *ids[4];

    for (int i = 0; i < 4; i++)
        ids[i] = list.items[3 - i].id;
    check_ok(store_segments_reorder(t->store, id, ids, 4, &t->err), &t->err);
    assert_string_equal(order_of(t, id), "3210");
    check_ok(store_segments_reorder(t->store, id, ids, 4, &t->err), &t->err);
    assert_string_equal(order_of(t, id), "3210");
    check_ok(store_segments_reorder(t->store, stored_project(t, "Empty", 0), ids, 0, &t->err),
             &t->err);
}

static void test_an_order_that_is_not_exactly_the_projects_changes_nothing(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 3);
    struct segment_list list = stored_segments(t, id);
    const char *foreign = stored_segments(t, stored_project(t, "Other", 1)).items[0].id;
    const char *a = list.items[0].id;
    const char *b = list.items[1].id;
    const char *c = list.items[2].id;
    const struct {
        const char *name;
        const char *ids[4];
        size_t count;
    } cases[] = {
        { "one missing", { c, b }, 2 },        { "one twice", { c, b, b }, 3 },
        { "one too many", { c, b, a, a }, 4 }, { "a stranger", { c, b, "x" }, 3 },
        { "another's", { c, b, foreign }, 3 }, { "none", { NULL }, 0 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool ok = store_segments_reorder(t->store, id, cases[i].ids, cases[i].count, &t->err);

        check_case(cases[i].name, !ok && t->err.kind == ERR_INVALID);
        check_text(cases[i].name, t->err.param, "order");
        check_text(cases[i].name, order_of(t, id), "012");
    }
    check_fails(store_segments_reorder(t->store, "no", cases[0].ids, 2, &t->err), &t->err,
                ERR_NOT_FOUND);
}

static void test_a_segment_names_its_task_while_it_is_under_way(void **state)
{
    struct stored *t = *state;
    struct segment segment = stored_segments(t, stored_project(t, "Fox", 1)).items[0];

    stored_job(t, "tts_1", segment.project_id, PRIORITY_LIVE, &segment, 1);
    assert_string_equal(stored_segment(t, segment.id).task_id, "tts_1");
    struct unit unit = stored_claim_one(t);
    assert_string_equal(stored_segments(t, segment.project_id).items[0].task_id, "tts_1");
    check_ok(stored_end_spoken(t, &unit), &t->err);
    assert_null(stored_segment(t, segment.id).task_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_segments_of_a_project_come_in_order_and_in_pages),
        stored_test(test_an_unknown_segment_is_not_found),
        stored_test(test_a_new_segment_is_without_audio),
        stored_test(test_a_change_leaves_what_it_does_not_name),
        stored_test(test_a_lock_keeps_text_and_prompt),
        stored_test(test_audio_is_stale_while_the_text_is_another),
        stored_test(test_audio_of_a_text_that_was_changed_meanwhile_arrives_stale),
        stored_test(test_a_prompt_does_not_make_audio_stale),
        stored_test(test_the_moment_of_the_audio_changes_with_the_audio_alone),
        stored_test(test_an_audio_error_stays_until_success_or_another_text),
        stored_test(test_a_segment_can_be_put_anywhere),
        stored_test(test_the_others_close_up_behind_a_deleted_segment),
        stored_test(test_a_deleted_segment_takes_its_files_and_its_place_in_the_queue_along),
        stored_test(test_a_job_ends_when_its_only_segment_is_deleted),
        stored_test(test_segments_are_put_in_the_order_given),
        stored_test(test_an_order_that_is_not_exactly_the_projects_changes_nothing),
        stored_test(test_a_segment_names_its_task_while_it_is_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
