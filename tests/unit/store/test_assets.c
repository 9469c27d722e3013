#include "store/assets.h"

#include "stored.h"

static const struct new_image png = { "staged/1.png", "images/1.png", "/images/1.png", "image/png",
                                      10 };
static const struct new_image other_png = { "staged/2.png", "images/1.png", "/images/1.png",
                                            "image/png", 20 };
static const struct new_image jpg = { "staged/3.jpg", "images/1.jpg", "/images/1.jpg", "image/jpeg",
                                      30 };

static struct segment one_segment(struct stored *t)
{
    return stored_segments(t, stored_project(t, "Fox", 1)).items[0];
}

static void set_image(struct stored *t, const char *id, const struct new_image *image)
{
    check_ok(store_segment_image_set(t->store, id, image, &t->err), &t->err);
}

/* The operations as one text: "rename a b, remove c, …" */
static const char *operations_of(struct stored *t)
{
    static const char *const names[] = { "rename", "remove", "remove_tree" };
    struct file_operation_list list = stored_operations(t);
    char *out = arena_strdup(&t->arena, "");

    for (size_t i = 0; i < list.count; i++) {
        const struct file_operation *item = &list.items[i];
        const char *source = item->source ? item->source : "-";

        out = arena_format(&t->arena, "%s%s %s %s, ", out, names[item->kind], source, item->target);
    }
    return out;
}

static void test_a_picture_is_a_row_and_a_rename(void **state)
{
    struct stored *t = *state;
    struct segment segment = one_segment(t);
    struct asset_list list;

    set_image(t, segment.id, &png);
    assert_string_equal(stored_segment(t, segment.id).image_file, "/images/1.png");
    assert_string_equal(operations_of(t), "rename staged/1.png images/1.png, ");
    check_ok(store_assets(t->store, &t->arena, segment.project_id, NULL, &list, &t->err), &t->err);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.total, 1);
    assert_true(id_is_uuid(list.items[0].id));
    assert_string_equal(list.items[0].kind, "segment_image");
    assert_string_equal(list.items[0].path, "images/1.png");
    assert_string_equal(list.items[0].media_type, "image/png");
    assert_int_equal(list.items[0].bytes, 10);
    assert_int_equal(list.items[0].created_at, 1000);
}

static void test_a_new_picture_removes_the_old_file_unless_it_has_its_name(void **state)
{
    struct stored *t = *state;
    struct segment segment = one_segment(t);
    struct asset_list list;

    set_image(t, segment.id, &png);
    stored_settle_files(t);
    set_image(t, segment.id, &other_png);
    assert_string_equal(operations_of(t), "rename staged/2.png images/1.png, ");
    stored_settle_files(t);
    set_image(t, segment.id, &jpg);
    assert_string_equal(operations_of(t),
                        "rename staged/3.jpg images/1.jpg, remove - images/1.png, ");
    check_ok(store_assets(t->store, &t->arena, segment.project_id, NULL, &list, &t->err), &t->err);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].bytes, 30);
}

static void test_a_picture_can_be_removed_and_removed_again(void **state)
{
    struct stored *t = *state;
    struct segment segment = one_segment(t);

    set_image(t, segment.id, &png);
    stored_settle_files(t);
    for (int i = 0; i < 2; i++) {
        check_ok(store_segment_image_remove(t->store, segment.id, &t->err), &t->err);
        assert_null(stored_segment(t, segment.id).image_file);
        assert_string_equal(operations_of(t), "remove - images/1.png, ");
    }
    assert_int_equal(stored_number(t, "SELECT count(*) FROM assets"), 0);
}

static void test_a_locked_or_missing_segment_takes_no_picture(void **state)
{
    struct stored *t = *state;
    struct segment segment = one_segment(t);

    set_image(t, segment.id, &png);
    stored_settle_files(t);
    stored_lock(t, segment.id, true);
    check_fails(store_segment_image_set(t->store, segment.id, &jpg, &t->err), &t->err,
                ERR_CONFLICT);
    check_fails(store_segment_image_remove(t->store, segment.id, &t->err), &t->err, ERR_CONFLICT);
    check_fails(store_segment_image_set(t->store, "no", &jpg, &t->err), &t->err, ERR_NOT_FOUND);
    check_fails(store_segment_image_remove(t->store, "no", &t->err), &t->err, ERR_NOT_FOUND);
    assert_string_equal(stored_segment(t, segment.id).image_file, "/images/1.png");
    assert_string_equal(operations_of(t), "");
}

static void test_two_assets_cannot_have_one_file(void **state)
{
    struct stored *t = *state;
    struct segment_list list = stored_segments(t, stored_project(t, "Fox", 2));

    set_image(t, list.items[0].id, &png);
    stored_settle_files(t);
    check_fails(store_segment_image_set(t->store, list.items[1].id, &png, &t->err), &t->err,
                ERR_INTERNAL);
    assert_null(stored_segment(t, list.items[1].id).image_file);
    assert_string_equal(operations_of(t), "");
}

static void test_operations_stay_in_order_until_they_are_done(void **state)
{
    struct stored *t = *state;
    struct segment segment = one_segment(t);

    set_image(t, segment.id, &png);
    set_image(t, segment.id, &jpg);
    stored_reopen(t);
    assert_string_equal(operations_of(t), "rename staged/1.png images/1.png, "
                                          "rename staged/3.jpg images/1.jpg, "
                                          "remove - images/1.png, ");
    int64_t last = stored_operations(t).items[2].id;
    check_ok(store_file_operations_done(t->store, &stored_operations(t).items[0].id, 1, &t->err),
             &t->err);
    assert_int_equal(stored_operations(t).count, 2);
    stored_settle_files(t);
    check_ok(store_file_operations_done(t->store, &last, 1, &t->err), &t->err);
    set_image(t, segment.id, &png);
    assert_true(stored_operations(t).items[0].id > last);
}

static void test_a_list_of_operations_is_bounded(void **state)
{
    struct stored *t = *state;
    struct change change;

    check_ok(change_begin(&change, t->store, &t->err), &t->err);
    for (int i = 0; i < STORE_FILE_OPERATIONS_MAX + 5; i++)
        check_ok(file_operation_add(&change, FILE_OPERATION_REMOVE, NULL,
                                    arena_format(&t->arena, "%d", i), &t->err),
                 &t->err);
    check_ok(change_end(&change, true, &t->err), &t->err);
    struct file_operation_list list = stored_operations(t);
    assert_int_equal(list.count, STORE_FILE_OPERATIONS_MAX);
    assert_string_equal(list.items[0].target, "0");
    stored_settle_files(t);
    assert_int_equal(stored_operations(t).count, 5);
}

static void test_assets_are_listed_by_project_and_page(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 3);
    const struct page page = { .offset = 1, .limit = 1 };
    struct asset_list list;

    stored_speak(t, "job", stored_segments(t, id).items, 3);
    set_image(t, one_segment(t).id, &png);
    check_ok(store_assets(t->store, &t->arena, id, &page, &list, &t->err), &t->err);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.total, 3);
    assert_string_equal(list.items[0].kind, "segment_audio");
    assert_string_equal(list.items[0].media_type, "audio/wav");
    check_ok(store_assets(t->store, &t->arena, "no", NULL, &list, &t->err), &t->err);
    assert_int_equal(list.total, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_a_picture_is_a_row_and_a_rename),
        stored_test(test_a_new_picture_removes_the_old_file_unless_it_has_its_name),
        stored_test(test_a_picture_can_be_removed_and_removed_again),
        stored_test(test_a_locked_or_missing_segment_takes_no_picture),
        stored_test(test_two_assets_cannot_have_one_file),
        stored_test(test_operations_stay_in_order_until_they_are_done),
        stored_test(test_a_list_of_operations_is_bounded),
        stored_test(test_assets_are_listed_by_project_and_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
