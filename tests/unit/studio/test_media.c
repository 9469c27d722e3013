/*
 * Media on real files, with a store of the test's own in the place of the real
 * one: it has two functions of it, which the linker finds here first.
 */
#include "../check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"
#include "store/assets.h"
#include "studio/media.h"

#define PROJECT "0193f5c4-0000-7000-8000-000000000001"
#define OTHER "0193f5c4-0000-7000-8000-000000000002"
#define SEGMENT "0193f5c4-0000-7000-8000-00000000000a"
#define AUDIO "media/projects/" PROJECT "/audio/" SEGMENT ".wav"
#define IMAGE "media/projects/" PROJECT "/images/" SEGMENT ".png"
#define OTHER_AUDIO "media/projects/" OTHER "/audio/" SEGMENT ".wav"

/* --- the store --- */

struct store {
    struct file_operation operations[16];
    size_t count;
    int64_t last_id;
    int64_t forget;    /* the operation whose end cannot be noted; 0: none */
    bool is_away;      /* nothing can be read */
    size_t done_count; /* operations that were noted */
    size_t note_count; /* calls that noted some */
};

static void ask(struct store *store, enum file_operation_kind kind, const char *source,
                const char *target)
{
    assert_true(store->count < COUNT(store->operations));
    store->operations[store->count++] =
        (struct file_operation){ ++store->last_id, kind, source, target };
}

bool store_file_operations(struct store *store, struct arena *arena,
                           struct file_operation_list *out, struct err *err)
{
    if (store->is_away)
        return err_set(err, ERR_UNAVAILABLE, "The store is away.");
    *out = (struct file_operation_list){
        arena_copy(arena, store->operations, sizeof store->operations), store->count
    };
    return true;
}

static void finish(struct store *store, int64_t id)
{
    for (size_t i = 0; i < store->count; i++)
        if (store->operations[i].id == id) {
            memmove(&store->operations[i], &store->operations[i + 1],
                    (--store->count - i) * sizeof store->operations[0]);
            store->done_count++;
            return;
        }
    fail_msg("operation %d was done twice", (int)id);
}

bool store_file_operations_done(struct store *store, const int64_t *ids, size_t count,
                                struct err *err)
{
    store->note_count++;
    for (size_t i = 0; i < count; i++)
        if (ids[i] == store->forget)
            return err_set(err, ERR_UNAVAILABLE, "The store is busy.");
    for (size_t i = 0; i < count; i++)
        finish(store, ids[i]);
    return true;
}

/* --- the folder --- */

struct world {
    struct store store;
    char *outer;  /* a folder of the test's */
    char *folder; /* the data folder in it */
    struct media *media;
};

static char *full(const struct world *w, const char *path)
{
    return str_format("%s/%s", w->folder, path);
}

static void put(const struct world *w, const char *path, const char *text)
{
    char *name = full(w, path);
    char *parent = xstrndup(name, (size_t)(strrchr(name, '/') - name));
    struct err err = { 0 };

    check_ok(directory_create(parent, &err), &err);
    check_ok(file_write(name, text, strlen(text), &err), &err);
    free(parent);
    free(name);
}

/* What a file says; "" when there is none. Links are not followed. */
static const char *get(const struct world *w, const char *path)
{
    static char text[64]; /* for one comparison */
    char *name = full(w, path);
    int fd = open(name, O_RDONLY | O_NOFOLLOW);
    ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

    text[length < 0 ? 0 : length] = '\0';
    if (fd >= 0)
        close(fd);
    free(name);
    return text;
}

static bool is_there(const struct world *w, const char *path)
{
    char *name = full(w, path);
    struct stat st;
    bool there = lstat(name, &st) == 0;

    free(name);
    return there;
}

static void link_to(const struct world *w, const char *target, const char *path)
{
    char *name = full(w, path);

    assert_int_equal(symlink(target, name), 0);
    free(name);
}

static void open_media(struct world *w)
{
    struct err err = { 0 };

    w->media = media_open(w->folder, &w->store, &err);
    if (!w->media)
        fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);

    w->outer = temp_folder();
    w->folder = str_format("%s/data", w->outer);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    media_close(w->media);
    temp_folder_remove(w->outer);
    free(w->folder);
    free(w);
    return 0;
}

/* --- names --- */

static void test_paths_lie_below_the_project_and_urls_follow_them(void **state)
{
    struct world *w = *state;
    struct arena arena = ARENA;
    char *audio = media_audio_path(&arena, PROJECT, SEGMENT);

    open_media(w);
    check_text("audio", audio, AUDIO);
    check_text("image", media_image_path(&arena, PROJECT, SEGMENT, "png"), IMAGE);
    check_text("url", media_url(&arena, audio), "/" AUDIO);
    char *expected = full(w, AUDIO);
    check_text("full", media_full_path(w->media, &arena, audio), expected);
    check_text("folder", media_data_folder(w->media), w->folder);
    free(expected);
    char *one = media_staged_path(&arena, "wav"), *two = media_staged_path(&arena, "wav");
    assert_string_not_equal(one, two);
    assert_memory_equal(one, "media/staged/", 13);
    assert_string_equal(one + strlen(one) - 4, ".wav");
    assert_true(media_free_bytes(w->media) > 0);
    arena_release(&arena);
}

/* --- carrying out --- */

static void test_a_staged_file_is_put_into_its_place(void **state)
{
    struct world *w = *state;

    open_media(w);
    put(w, "media/staged/new.wav", "new");
    put(w, AUDIO, "old");
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/new.wav", AUDIO);
    ask(&w->store, FILE_OPERATION_REMOVE, NULL, IMAGE); /* which is not there */
    media_settle(w->media);
    check_text("file", get(w, AUDIO), "new");
    assert_false(is_there(w, "media/staged/new.wav"));
    assert_int_equal(w->store.count, 0);
}

static void test_operations_at_one_place_keep_their_order(void **state)
{
    struct world *w = *state;

    open_media(w);
    put(w, IMAGE, "first");
    put(w, "media/staged/a.png", "second");
    put(w, "media/staged/b.png", "third");
    put(w, "media/staged/c.wav", "sound");
    ask(&w->store, FILE_OPERATION_REMOVE, NULL, IMAGE);
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/a.png", IMAGE);
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/b.png", IMAGE);
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/c.wav", OTHER_AUDIO);
    ask(&w->store, FILE_OPERATION_REMOVE_TREE, NULL, "media/projects/" OTHER);
    media_settle(w->media);
    check_text("image", get(w, IMAGE), "third");
    assert_false(is_there(w, "media/projects/" OTHER));
    assert_int_equal(w->store.count, 0);
}

/* Removing is done again when that it was done could not be noted: not after the new file came. */
static void test_what_could_not_be_noted_holds_back_what_follows_at_its_place(void **state)
{
    struct world *w = *state;

    open_media(w);
    put(w, IMAGE, "old");
    put(w, "media/staged/new.png", "new");
    put(w, "media/staged/new.wav", "sound");
    ask(&w->store, FILE_OPERATION_REMOVE_TREE, NULL, "media/projects/" PROJECT "/images");
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/new.png", IMAGE);
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/new.wav", AUDIO);
    w->store.forget = 1;
    media_settle(w->media);
    assert_false(is_there(w, IMAGE));
    check_text("elsewhere", get(w, AUDIO), "sound");
    assert_int_equal(w->store.count, 2);
    w->store.forget = 0;
    media_settle(w->media);
    check_text("image", get(w, IMAGE), "new");
    assert_int_equal(w->store.count, 0);
}

static void test_what_cannot_be_done_stays_and_does_not_stop_the_others(void **state)
{
    struct world *w = *state;

    open_media(w);
    put(w, "media/staged/a.wav", "a");
    put(w, "media/staged/b.wav", "b");
    put(w, AUDIO "/in the way", "");
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/a.wav", AUDIO);
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/b.wav", OTHER_AUDIO);
    media_settle(w->media);
    check_text("other", get(w, OTHER_AUDIO), "b");
    assert_int_equal(w->store.count, 1);

    /* A new start keeps its file, and the place becomes free. */
    media_close(w->media);
    open_media(w);
    check_text("staged", get(w, "media/staged/a.wav"), "a");
    ask(&w->store, FILE_OPERATION_REMOVE_TREE, NULL, AUDIO);
    media_settle(w->media); /* it comes after the stuck one */
    assert_int_equal(w->store.count, 2);
    char *way = full(w, AUDIO "/in the way"), *folder = full(w, AUDIO);
    unlink(way);
    rmdir(folder);
    w->store.count = 1;
    media_settle(w->media);
    check_text("file", get(w, AUDIO), "a");
    assert_int_equal(w->store.count, 0);
    free(folder);
    free(way);
}

static void test_paths_outside_the_media_folder_are_refused(void **state)
{
    static const char *const paths[] = { "studio.db",          "/etc/passwd", "../secret",
                                         "media/../studio.db", "media",       "media/",
                                         "media//a",           "media/./a",   "media/projects/.." };
    struct world *w = *state;

    open_media(w);
    put(w, "studio.db", "truth");
    put(w, "../secret", "mine");
    for (size_t i = 0; i < COUNT(paths); i++) {
        w->store.count = 0;
        put(w, "media/staged/a", "a");
        ask(&w->store, FILE_OPERATION_REMOVE, NULL, paths[i]);
        ask(&w->store, FILE_OPERATION_REMOVE_TREE, NULL, paths[i]);
        ask(&w->store, FILE_OPERATION_RENAME, paths[i], "media/projects/x");
        media_settle(w->media);
        check_case(paths[i], w->store.count == 3);
        check_case(paths[i], !is_there(w, "media/projects/x"));
    }
    check_text("store", get(w, "studio.db"), "truth");
    check_text("secret", get(w, "../secret"), "mine");
}

static void test_a_tree_that_is_too_deep_is_left(void **state)
{
    struct world *w = *state;

    open_media(w);
    put(w, "media/projects/x/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/deep", "");
    ask(&w->store, FILE_OPERATION_REMOVE_TREE, NULL, "media/projects/x");
    media_settle(w->media);
    assert_int_equal(w->store.count, 1);
}

/* --- links --- */

static void test_a_tree_is_removed_without_what_its_links_lead_to(void **state)
{
    struct world *w = *state;

    open_media(w);
    put(w, "../outside/file", "mine");
    put(w, AUDIO, "sound");
    char *outside = str_format("%s/outside", w->outer);
    link_to(w, outside, "media/projects/" PROJECT "/images");
    link_to(w, outside, "media/projects/" PROJECT "/audio/link");
    link_to(w, outside, "media/projects/" OTHER);
    link_to(w, "/nowhere", "media/projects/" PROJECT "/dangling");
    ask(&w->store, FILE_OPERATION_REMOVE_TREE, NULL, "media/projects/" PROJECT);
    ask(&w->store, FILE_OPERATION_REMOVE_TREE, NULL, "media/projects/" OTHER);
    media_settle(w->media);
    assert_int_equal(w->store.count, 0);
    assert_false(is_there(w, "media/projects/" PROJECT));
    assert_false(is_there(w, "media/projects/" OTHER));
    check_text("outside", get(w, "../outside/file"), "mine");
    free(outside);
}

static void test_a_link_instead_of_a_folder_leads_nowhere(void **state)
{
    struct world *w = *state;
    char *outside = str_format("%s/outside", w->outer);

    open_media(w);
    put(w, "../outside/" SEGMENT ".wav", "mine");
    put(w, "media/staged/a.wav", "a");
    put(w, IMAGE, "");
    link_to(w, outside, "media/projects/" PROJECT "/audio");
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/a.wav", AUDIO);
    ask(&w->store, FILE_OPERATION_REMOVE, NULL, "media/projects/" PROJECT "/audio/x/y");
    media_settle(w->media);
    assert_int_equal(w->store.count, 2);
    check_text("outside", get(w, "../outside/" SEGMENT ".wav"), "mine");
    char *link = full(w, "media/projects/" PROJECT "/audio");
    unlink(link);
    media_settle(w->media);
    check_text("file", get(w, AUDIO), "a");
    assert_int_equal(w->store.count, 0);
    free(link);
    free(outside);
}

static void test_a_link_in_the_place_of_a_file_is_replaced_or_removed_itself(void **state)
{
    struct world *w = *state;
    char *outside = str_format("%s/mine", w->outer);

    open_media(w);
    put(w, "../mine", "mine");
    put(w, "media/staged/a.wav", "a");
    put(w, "media/projects/" PROJECT "/audio/x", "");
    put(w, "media/projects/" PROJECT "/images/x", "");
    link_to(w, outside, AUDIO);
    link_to(w, outside, IMAGE);
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/a.wav", AUDIO);
    ask(&w->store, FILE_OPERATION_REMOVE, NULL, IMAGE);
    media_settle(w->media);
    assert_int_equal(w->store.count, 0);
    check_text("audio", get(w, AUDIO), "a");
    assert_false(is_there(w, IMAGE));
    check_text("outside", get(w, "../mine"), "mine");
    free(outside);
}

static void test_a_staged_link_is_never_put_into_a_place(void **state)
{
    struct world *w = *state;

    open_media(w);
    link_to(w, "/etc/passwd", "media/staged/a.wav");
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/a.wav", AUDIO);
    media_settle(w->media);
    assert_int_equal(w->store.count, 1);
    assert_false(is_there(w, AUDIO));
}

/* --- opening --- */

/* A process was killed after the commit of each of these, and after the second's rename. */
static void test_opening_carries_out_what_a_killed_process_left(void **state)
{
    struct world *w = *state;

    put(w, "media/staged/a.wav", "new");
    put(w, AUDIO, "old");
    put(w, OTHER_AUDIO, "renamed already");
    put(w, IMAGE, "to go");
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/a.wav", AUDIO);
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/b.wav", OTHER_AUDIO);
    ask(&w->store, FILE_OPERATION_REMOVE, NULL, IMAGE);
    open_media(w);
    check_text("renamed", get(w, AUDIO), "new");
    check_text("other", get(w, OTHER_AUDIO), "renamed already");
    assert_false(is_there(w, IMAGE));
    assert_int_equal(w->store.count, 0);
}

static void test_opening_removes_staged_files_that_belong_to_nothing(void **state)
{
    struct world *w = *state;
    char *outside = str_format("%s/outside", w->outer);

    put(w, "../outside/file", "mine");
    put(w, "media/staged/half.wav", "");
    put(w, "media/staged/half.wav.0a1b2c3d.part", "");
    put(w, "media/staged/.hidden", "");
    put(w, "media/staged/folder/file", "");
    link_to(w, outside, "media/staged/link");
    put(w, AUDIO, "kept");
    open_media(w);
    char *staged = full(w, "media/staged");
    assert_int_equal(rmdir(staged), 0); /* empty */
    check_text("outside", get(w, "../outside/file"), "mine");
    check_text("audio", get(w, AUDIO), "kept");
    free(staged);
    free(outside);
}

static void test_opening_without_the_store_removes_nothing(void **state)
{
    struct world *w = *state;
    struct err err = { 0 };

    put(w, "media/staged/a.wav", "a");
    w->store.is_away = true;
    assert_null(media_open(w->folder, &w->store, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    check_text("staged", get(w, "media/staged/a.wav"), "a");
}

static void test_the_data_folder_may_be_a_link_but_not_what_is_in_it(void **state)
{
    struct world *w = *state;
    struct err err = { 0 };

    put(w, "../disk/media/staged/half", "");
    char *disk = str_format("%s/disk", w->outer);
    assert_int_equal(rmdir(w->folder), 0);
    assert_int_equal(symlink(disk, w->folder), 0);
    open_media(w);
    assert_false(is_there(w, "media/staged/half"));
    media_close(w->media);
    w->media = NULL;

    char *media = str_format("%s/media", disk), *moved = str_format("%s/moved", disk);
    assert_int_equal(rename(media, moved), 0);
    assert_int_equal(symlink(moved, media), 0);
    assert_null(media_open(w->folder, &w->store, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.message, w->folder));
    assert_non_null(strstr(err.message, "link"));
    free(moved);
    free(media);
    free(disk);
}

static void test_a_file_in_the_place_of_the_data_folder_is_an_error(void **state)
{
    struct world *w = *state;
    struct err err = { 0 };

    assert_int_equal(symlink("/etc/passwd", w->folder), 0);
    assert_null(media_open(w->folder, &w->store, &err));
    assert_int_equal(err.kind, ERR_IO);
}

static void test_a_staged_file_is_discarded_unless_it_was_committed_after_all(void **state)
{
    struct world *w = *state;

    open_media(w);
    put(w, "media/staged/a.wav", "a");
    w->store.is_away = true;
    media_discard(w->media, "media/staged/a.wav");
    check_text("nobody can tell", get(w, "media/staged/a.wav"), "a");
    w->store.is_away = false;
    ask(&w->store, FILE_OPERATION_RENAME, "media/staged/a.wav", AUDIO);
    media_discard(w->media, "media/staged/a.wav");
    check_text("committed", get(w, "media/staged/a.wav"), "a");
    w->store.count = 0;
    media_discard(w->media, "media/staged/a.wav");
    assert_false(is_there(w, "media/staged/a.wav"));
    media_discard(w->media, "media/staged/a.wav"); /* nor does it matter that it is gone */
}

static void *settle(void *media)
{
    media_settle(media);
    return NULL;
}

/* The store fails the test when an operation is done twice. */
static void test_each_operation_is_carried_out_once_by_many_threads(void **state)
{
    struct world *w = *state;
    pthread_t threads[8];

    open_media(w);
    for (int i = 0; i < 8; i++)
        ask(&w->store, FILE_OPERATION_REMOVE, NULL, IMAGE);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, settle, w->media), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(w->store.count, 0);
    assert_int_equal(w->store.done_count, 8);
}

/* One note, which is a sync of the database, is enough for all that do not touch one another. */
static void test_what_was_removed_is_noted_together(void **state)
{
    struct world *w = *state;
    char paths[COUNT(w->store.operations)][64];

    open_media(w);
    for (size_t i = 0; i < COUNT(paths); i++) {
        snprintf(paths[i], sizeof paths[i], "assets/history/%zu.mp3", i);
        put(w, paths[i], "audio");
        ask(&w->store, FILE_OPERATION_REMOVE, NULL, paths[i]);
    }
    media_settle(w->media);
    assert_int_equal(w->store.done_count, COUNT(paths));
    assert_int_equal(w->store.note_count, 1);
    for (size_t i = 0; i < COUNT(paths); i++)
        assert_false(is_there(w, paths[i]));
}

#define media_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        media_test(test_paths_lie_below_the_project_and_urls_follow_them),
        media_test(test_a_staged_file_is_put_into_its_place),
        media_test(test_operations_at_one_place_keep_their_order),
        media_test(test_what_could_not_be_noted_holds_back_what_follows_at_its_place),
        media_test(test_what_cannot_be_done_stays_and_does_not_stop_the_others),
        media_test(test_paths_outside_the_media_folder_are_refused),
        media_test(test_a_tree_that_is_too_deep_is_left),
        media_test(test_a_tree_is_removed_without_what_its_links_lead_to),
        media_test(test_a_link_instead_of_a_folder_leads_nowhere),
        media_test(test_a_link_in_the_place_of_a_file_is_replaced_or_removed_itself),
        media_test(test_a_staged_link_is_never_put_into_a_place),
        media_test(test_opening_carries_out_what_a_killed_process_left),
        media_test(test_opening_removes_staged_files_that_belong_to_nothing),
        media_test(test_opening_without_the_store_removes_nothing),
        media_test(test_the_data_folder_may_be_a_link_but_not_what_is_in_it),
        media_test(test_a_file_in_the_place_of_the_data_folder_is_an_error),
        media_test(test_a_staged_file_is_discarded_unless_it_was_committed_after_all),
        media_test(test_each_operation_is_carried_out_once_by_many_threads),
        media_test(test_what_was_removed_is_noted_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
