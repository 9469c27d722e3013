#include "library.h"

#include "base/id.h"
#include "studio/document.h"
#include "studio/story.h"

#define PICTURE(name) TEST_DATA "/pictures/" name

static const char *const two_texts[] = { "Once.", "Upon a time.", NULL };

struct world {
    struct library library;
    char project[ID_SIZE];
    struct segment_list segments;
};

static int set_up(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);

    library_init(&w->library);
    w->segments = library_story(&w->library, two_texts, w->project);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    library_release(&w->library);
    free(w);
    return 0;
}

static const char *first_id(const struct world *w)
{
    return w->segments.items[0].id;
}

static struct segment first(struct world *w)
{
    return library_segment(&w->library, first_id(w));
}

static void set_image(struct world *w, const char *file)
{
    struct err err = { 0 };

    check_ok(story_set_image(w->library.store, w->library.media, first_id(w), file, &err), &err);
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_int_equal(library_operation_count(&w->library), 0);
}

static bool is_same_file(const struct world *w, const char *path, const char *file)
{
    char *full = library_path(&w->library, path);
    struct buf one = BUF(1 << 16), two = BUF(1 << 16);
    struct err err = { 0 };

    check_ok(file_read(full, &one, &err), &err);
    check_ok(file_read(file, &two, &err), &err);
    bool is_same = one.len == two.len && memcmp(one.data, two.data, one.len) == 0;
    buf_release(&one);
    buf_release(&two);
    free(full);
    return is_same;
}

/* --- importing --- */

static void test_a_document_becomes_a_project_with_its_segments_in_order(void **state)
{
    static const char markdown[] =
        "# The Lamp\n\nIt burned.\n\n## Night\n\nIt went out.\n\nDark.\n";
    struct world *w = *state;
    struct library *library = &w->library;
    struct document document;
    struct segment_list list;
    struct project project;
    char id[ID_SIZE];
    struct err err = { 0 };

    check_ok(
        document_parse(markdown, sizeof markdown - 1, "lamp.md", DOCUMENT_AUTO, &document, &err),
        &err);
    check_ok(story_import(library->store, &document, id, &err), &err);
    document_release(&document);
    assert_true(id_is_uuid(id));
    check_ok(store_project_get(library->store, &library->arena, id, &project, &err), &err);
    check_text("title", project.title, "The Lamp");
    check_text("author", project.author, "");
    check_ok(store_segments(library->store, &library->arena, id, NULL, &list, &err), &err);
    assert_int_equal(list.count, 3);
    check_text("first", list.items[0].text_content, "The Lamp\n\nIt burned.");
    check_text("second", list.items[1].text_content, "Night\n\nIt went out.");
    check_text("third", list.items[2].text_content, "Dark.");
    check_text("chapter", list.items[0].chapter, "The Lamp");
    check_text("chapter", list.items[2].chapter, "Night");
    check_text("prompt", list.items[0].image_prompt, "");
    for (int64_t i = 0; i < list.count; i++)
        assert_int_equal(list.items[i].sequence_index, i);
}

static void test_prompts_are_imported_with_their_segments(void **state)
{
    static const char json[] =
        "{\"title\": \"T\", \"segments\": [{\"text_content\": \"One.\", \"image_prompt\": "
        "\"a lamp\"}, {\"text_content\": \"Two.\"}]}";
    struct world *w = *state;
    struct library *library = &w->library;
    struct document document;
    struct segment_list list;
    char id[ID_SIZE];
    struct err err = { 0 };

    check_ok(document_parse(json, sizeof json - 1, "t.json", DOCUMENT_AUTO, &document, &err), &err);
    check_ok(story_import(library->store, &document, id, &err), &err);
    document_release(&document);
    check_ok(store_segments(library->store, &library->arena, id, NULL, &list, &err), &err);
    assert_int_equal(list.count, 2);
    check_text("first", list.items[0].image_prompt, "a lamp");
    check_text("second", list.items[1].image_prompt, "");
    check_text("chapter", list.items[0].chapter, "");
}

/* --- pictures --- */

static void test_a_picture_is_copied_to_its_segment(void **state)
{
    struct world *w = *state;

    set_image(w, PICTURE("plain.png"));
    struct segment segment = first(w);
    char *url = str_format("/media/projects/%s/images/%s.png", w->project, segment.id);
    check_text("url", segment.image_file, url);
    assert_true(is_same_file(w, segment.image_file, PICTURE("plain.png")));
    free(url);
}

static void test_a_new_picture_replaces_the_old_one_of_whatever_kind(void **state)
{
    struct world *w = *state;

    set_image(w, PICTURE("plain.png"));
    const char *png = first(w).image_file;
    set_image(w, PICTURE("baseline.jpg"));
    const char *jpg = first(w).image_file;
    assert_string_not_equal(png, jpg);
    assert_false(library_has(&w->library, png));
    assert_true(is_same_file(w, jpg, PICTURE("baseline.jpg")));
    set_image(w, PICTURE("progressive.jpg"));
    check_text("same kind", first(w).image_file, jpg);
    assert_true(is_same_file(w, jpg, PICTURE("progressive.jpg")));
    set_image(w, PICTURE("plain.png"));
    assert_false(library_has(&w->library, jpg));
    assert_true(is_same_file(w, png, PICTURE("plain.png")));
}

static void test_what_is_no_picture_changes_nothing(void **state)
{
    struct world *w = *state;
    struct library *library = &w->library;
    struct err err = { 0 };

    set_image(w, PICTURE("plain.png"));
    assert_false(story_set_image(library->store, library->media, first_id(w),
                                 TEST_DATA "/pictures/README.md", &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_false(story_set_image(library->store, library->media, first_id(w),
                                 TEST_DATA "/pictures/missing.png", &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_true(is_same_file(w, first(w).image_file, PICTURE("plain.png")));
    assert_int_equal(library_staged_count(library), 0);
}

static void test_a_locked_or_missing_segment_gets_no_picture(void **state)
{
    struct world *w = *state;
    struct library *library = &w->library;
    struct err err = { 0 };

    library_lock(library, first_id(w), true);
    assert_false(
        story_set_image(library->store, library->media, first_id(w), PICTURE("plain.png"), &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_false(story_remove_image(library->store, library->media, first_id(w), &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_false(story_set_image(library->store, library->media,
                                 "0193f5c4-0000-7000-8000-000000000001", PICTURE("plain.png"),
                                 &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(library_staged_count(library), 0);
    assert_null(first(w).image_file);
}

static void test_a_removed_picture_goes_with_its_file(void **state)
{
    struct world *w = *state;
    struct library *library = &w->library;
    struct err err = { 0 };

    set_image(w, PICTURE("lossy.webp"));
    const char *url = first(w).image_file;
    check_ok(story_remove_image(library->store, library->media, first_id(w), &err), &err);
    assert_false(library_has(library, url));
    assert_null(first(w).image_file);
    assert_int_equal(library_operation_count(library), 0);
}

/* --- rows and files together --- */

static void test_deleting_a_segment_or_a_project_takes_their_files_along(void **state)
{
    struct world *w = *state;
    struct library *library = &w->library;
    struct err err = { 0 };

    set_image(w, PICTURE("plain.png"));
    const char *url = first(w).image_file;
    check_ok(store_segment_delete(library->store, first_id(w), &err), &err);
    media_settle(library->media);
    assert_false(library_has(library, url));

    check_ok(story_set_image(library->store, library->media, w->segments.items[1].id,
                             PICTURE("plain.png"), &err),
             &err);
    char *path = str_format("%s/media/projects/%s", library->folder, w->project);
    assert_true(file_is_directory(path));
    check_ok(store_project_delete(library->store, w->project, &err), &err);
    media_settle(library->media);
    assert_false(file_exists(path));
    assert_int_equal(library_operation_count(library), 0);
    free(path);
}

/* The process ended after the transaction. */
static void
test_a_picture_that_was_stored_but_not_in_its_place_is_put_there_at_the_next_start(void **state)
{
    struct world *w = *state;
    struct library *library = &w->library;
    struct err err = { 0 };
    char *path = media_image_path(&library->arena, w->project, first_id(w), "png");
    char *staged = media_staged_path(&library->arena, "png");
    const struct new_image image = { .staged_path = staged,
                                     .path = path,
                                     .url = media_url(&library->arena, path),
                                     .media_type = "image/png",
                                     .bytes = 3 };
    const char *full = media_full_path(library->media, &library->arena, staged);

    set_image(w, PICTURE("baseline.jpg"));
    const char *old = first(w).image_file;
    check_ok(file_write(full, "new", 3, &err), &err);
    check_ok(store_segment_image_set(library->store, first_id(w), &image, &err), &err);
    assert_false(library_has(library, path));
    library_close(library);
    library_open(library);
    assert_true(library_has(library, path));
    assert_false(library_has(library, old));
    assert_int_equal(library_staged_count(library), 0);
    assert_int_equal(library_operation_count(library), 0);
}

#define story_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story_test(test_a_document_becomes_a_project_with_its_segments_in_order),
        story_test(test_prompts_are_imported_with_their_segments),
        story_test(test_a_picture_is_copied_to_its_segment),
        story_test(test_a_new_picture_replaces_the_old_one_of_whatever_kind),
        story_test(test_what_is_no_picture_changes_nothing),
        story_test(test_a_locked_or_missing_segment_gets_no_picture),
        story_test(test_a_removed_picture_goes_with_its_file),
        story_test(test_deleting_a_segment_or_a_project_takes_their_files_along),
        story_test(
            test_a_picture_that_was_stored_but_not_in_its_place_is_put_there_at_the_next_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
