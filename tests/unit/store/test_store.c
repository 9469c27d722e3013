#include "store/store.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/file.h"
#include "store/history.h"
#include "store/profiles.h"
#include "store/settings.h"
#include "stored.h"

#define NO_PAGE_LIMIT "PRAGMA max_page_count = 1073741823"

static void test_a_store_keeps_what_it_was_given(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 3);

    stored_reopen(t);
    assert_string_equal(stored_get(t, id).title, "Fox");
    assert_int_equal(stored_segments(t, id).count, 3);
    check_ok(store_check(t->store, &t->err), &t->err);
}

static void test_what_was_committed_survives_a_power_cut(void **state)
{
    struct stored *t = *state;

    stored_reopen(t); /* a new file is set up by its migration too */
    assert_int_equal(stored_number(t, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(stored_number(t, "PRAGMA foreign_keys"), 1);
    assert_int_equal(stored_number(t, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    assert_true(stored_number(t, "PRAGMA journal_size_limit") > 0);
}

static void test_a_store_can_be_in_memory(void **state)
{
    struct stored *t = *state;

    store_close(t->store);
    t->store = store_open(":memory:", &clock_system, &t->err);
    assert_non_null(t->store);
    const char *id = stored_project(t, "Fox", 2);
    stored_speak(t, "job", stored_segments(t, id).items, 2);
    assert_int_equal(stored_get(t, id).status, PROJECT_COMPLETED);
    assert_true(stored_revision(t, id) > 0);
    assert_int_equal(store_project_glance(t->store, id), stored_revision(t, id));
    check_ok(store_check(t->store, &t->err), &t->err);
}

static void check_cannot_open(struct stored *t, const char *name, enum err_kind kind)
{
    char *path = path_join(t->folder, name);

    check_fails(store_open(path, &clock_system, &t->err), &t->err, kind);
    assert_non_null(strstr(t->err.message, name));
    free(path);
}

static void test_what_cannot_be_opened_says_why(void **state)
{
    static const char text[] = "This is a text of more than a few bytes, and no database at all.\n";
    struct stored *t = *state;
    char *path = path_join(t->folder, "text.db");

    check_ok(file_write(path, text, sizeof text, &t->err), &t->err);
    free(path);
    check_cannot_open(t, "text.db", ERR_CORRUPT);
    check_cannot_open(t, "no/such/folder.db", ERR_IO);
    path = path_join(t->folder, "folder.db");
    check_ok(directory_create(path, &t->err), &t->err);
    free(path);
    check_cannot_open(t, "folder.db", ERR_IO);
    store_close(NULL);
}

static void test_a_file_that_may_not_be_written_is_refused(void **state)
{
    struct stored *t = *state;

    if (geteuid() == 0)
        skip(); /* who may write anything */
    store_close(t->store);
    t->store = NULL;
    assert_int_equal(chmod(t->path, 0400), 0);
    check_cannot_open(t, STORE_FILE, ERR_IO);
}

/* Damages all pages but the first, which open looks at. */
static void damage(const char *path)
{
    static const char garbage[4096] = { 1, 2, 3 };
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    off_t size = lseek(fd, 0, SEEK_END);

    assert_true(fd >= 0);
    for (off_t at = sizeof garbage; at < size; at += (off_t)sizeof garbage)
        assert_int_equal(pwrite(fd, garbage, sizeof garbage, at), sizeof garbage);
    close(fd);
}

static void test_a_damaged_file_is_said_to_be_one(void **state)
{
    struct stored *t = *state;
    struct project_list list;

    stored_project(t, "Fox", 100);
    store_close(t->store);
    damage(t->path);
    t->store = stored_open(t);
    if (t->store)
        check_fails(store_projects(t->store, &t->arena, NULL, NULL, NULL, &list, &t->err), &t->err,
                    ERR_CORRUPT);
    assert_int_equal(t->err.kind, ERR_CORRUPT);
}

/* Every way of writing, on a store that has a project, a job with a claimed unit, and a segment. */
static bool write_something(struct stored *t, int which, const struct segment *segment,
                            const struct unit *unit)
{
    const struct new_image image = { "staged/9.png", "9.png", "/9.png", "image/png", 1 };
    const struct new_audio audio = stored_audio(t, segment);
    const struct unit_end end = { .state = UNIT_DONE, .audio = &audio };
    const struct new_job job = {
        .id = "new", .kind = "take", .subjects = (const char *const[]){ "x" }, .count = 1
    };
    const struct new_segment more = new_segment("More.");
    const struct segment_change change = { .text_content = "Other." };
    const struct profile profile = {
        .name = "New", .backend = "auto", .voice = "v", .speed = 1, .format = "mp3", .effects = "[]"
    };
    const struct profile_change renamed = { .name = "Newer" };
    const struct history_entry entry = { .id = "entry", .full_text = "Text." };
    const struct history_limits limits = { .entries_max = 1 };
    struct store *store = t->store;
    struct err *err = &t->err;
    const char *project = segment->project_id;
    const char *existing;
    char id[ID_SIZE];
    struct unit claimed;
    struct reclaimed reclaimed;
    int64_t count;
    bool found;

    switch (which) {
    case 0:
        return store_project_create(store, "New", NULL, &more, 1, id, err);
    case 1:
        return store_project_rename(store, project, "New", err);
    case 2:
        return store_segment_update(store, segment->id, &change, err);
    case 3:
        return store_segment_create(store, project, 0, &more, id, err);
    case 4:
        return store_segments_reorder(store, project, &segment->id, 1, err);
    case 5:
        return store_segment_image_set(store, segment->id, &image, err);
    case 6:
        return store_segment_image_remove(store, segment->id, err);
    case 7:
        return store_file_operations_done(store, &(int64_t){ 1 }, 1, err);
    case 8:
        return store_settings_update(store, &(struct settings_change){ .engine = "kitten" }, err);
    case 9:
        return store_mark_set(store, "new", err);
    case 10:
        return store_job_create(store, &t->arena, &job, &existing, err);
    case 11:
        return store_unit_claim(store, &t->arena, "other", 100, -1, &claimed, &found, err);
    case 12:
        return store_unit_extend(store, unit->id, "worker", 100, err);
    case 13:
        return store_unit_end(store, unit->id, "worker", &end, err);
    case 14:
        return store_job_pause(store, unit->job_id, err);
    case 15:
        return store_job_resume(store, unit->job_id, err);
    case 16:
        return store_job_cancel(store, unit->job_id, err);
    case 17:
        return store_job_fail(store, unit->job_id, "No.", err);
    case 18:
        return store_units_reclaim(store, &t->arena, true, 3, "", &reclaimed, err);
    case 19:
        return store_job_retry(store, unit->job_id, &count, err);
    case 20:
        return store_segment_delete(store, segment->id, err);
    case 21:
        return store_project_delete(store, project, err);
    case 22:
        return store_jobs_forget(store, 9000, &count, err);
    case 23:
        return store_profile_create(store, &profile, id, err);
    case 24:
        return store_profile_update(store, "profile", &renamed, err);
    case 25:
        return store_profile_set_default(store, "profile", true, err);
    case 26:
        return store_profile_delete(store, "profile", err);
    case 27:
        return store_history_add(store, &entry, NULL, &limits, err);
    case 28:
        return store_history_trim(store, &limits, err);
    case 29:
        return store_history_delete(store, "entry", err);
    case 30:
        return store_history_delete_all(store, &(struct history_filter){ 0 }, &count, err);
    default:
        return false;
    }
}
#define WAYS_TO_WRITE 31

/* What the store holds, as one text. */
static const char *contents_of(struct stored *t)
{
    static const char CONTENTS[] =
        "SELECT group_concat(id || revision || status || title || updated_at)"
        " || (SELECT group_concat(id || sequence_index || text_content || updated_at) FROM "
        "segments)"
        " || (SELECT group_concat(id || version || state) FROM jobs)"
        " || (SELECT group_concat(id || state || coalesce(lease_until, '')) FROM units)"
        " || (SELECT engine FROM settings) || (SELECT count(*) FROM marks)"
        " || (SELECT count(*) FROM assets) || (SELECT count(*) FROM file_operations) FROM projects";
    struct change change;
    struct query q;
    const char *out = NULL;

    check_ok(change_begin(&change, t->store, &t->err), &t->err);
    query_begin(&q, change.db, CONTENTS);
    if (query_next(&q))
        out = column_text(&q, 0, &t->arena);
    check_ok(change_end(&change, query_end(&q, &t->err), &t->err), &t->err);
    assert_non_null(out);
    return out;
}

static struct unit some_work(struct stored *t, struct segment *segment)
{
    const char *id = stored_project(t, "Fox", 1);

    *segment = stored_segments(t, id).items[0];
    stored_job(t, "job", id, PRIORITY_BULK, segment, 1);
    return stored_claim_one(t);
}

static void test_a_file_that_another_program_holds_is_said_to_be_in_use(void **state)
{
    struct stored *t = *state;
    struct segment segment;
    struct unit unit = some_work(t, &segment);
    const char *before = contents_of(t);
    struct store *other = stored_open(t);
    struct change change;

    check_ok(change_begin(&change, other, &t->err), &t->err);
    for (int i = 0; i < WAYS_TO_WRITE; i++) {
        check_fails(write_something(t, i, &segment, &unit), &t->err, ERR_BUSY);
        assert_non_null(strstr(t->err.message, "in use by another program"));
    }
    assert_int_equal(stored_segments(t, segment.project_id).count, 1); /* readers do not wait */
    assert_false(change_end(&change, false, &t->err));
    store_close(other);
    assert_string_equal(contents_of(t), before);
    check_ok(store_project_rename(t->store, segment.project_id, "Wolf", &t->err), &t->err);
}

static void test_a_file_that_another_program_has_for_itself_cannot_be_opened(void **state)
{
    struct stored *t = *state;
    struct connection other;

    store_close(t->store);
    check_ok(connection_open(&other, t->path, CONNECTION_WRITES, 0, &t->err), &t->err);
    check_ok(connection_run(&other,
                            "PRAGMA locking_mode = EXCLUSIVE; UPDATE settings SET engine = 'auto'",
                            &t->err),
             &t->err);
    check_fails(stored_open(t), &t->err, ERR_BUSY);
    connection_close(&other);
    t->store = stored_open(t);
    assert_non_null(t->store);
}

static void limit_pages(struct stored *t, const char *sql)
{
    struct change change;

    check_ok(change_begin(&change, t->store, &t->err), &t->err);
    bool ok = connection_run(change.db, sql, &t->err);
    check_ok(change_end(&change, ok, &t->err), &t->err);
}

/* The disk is full at every page that an import needs, one after the other. */
static void test_a_full_disk_leaves_all_as_it_was(void **state)
{
    struct stored *t = *state;
    struct segment segment;
    struct new_segment segments[200];
    char id[ID_SIZE];
    int refused = 0;

    some_work(t, &segment);
    const char *before = contents_of(t);
    int64_t pages = stored_number(t, "PRAGMA page_count");
    for (size_t i = 0; i < COUNT(segments); i++)
        segments[i] = new_segment("A text of some length, so that many pages are needed for all.");
    for (;; pages++) {
        limit_pages(t, arena_format(&t->arena, "PRAGMA max_page_count = %lld", (long long)pages));
        bool ok =
            store_project_create(t->store, "Book", NULL, segments, COUNT(segments), id, &t->err);
        limit_pages(t, NO_PAGE_LIMIT);
        if (ok)
            break;
        assert_int_equal(t->err.kind, ERR_DISK_FULL);
        assert_string_equal(contents_of(t), before);
        refused++;
    }
    assert_true(refused > 5);
    assert_int_equal(stored_get(t, id).segment_count, COUNT(segments));
    check_counts(t);
}

/* A file system of 1 MB, where root may mount one. */
static void test_a_file_system_without_room_leaves_all_as_it_was(void **state)
{
    struct stored *t = *state;
    struct segment segment;

    char *small = path_join(t->folder, "small");
    check_ok(directory_create(small, &t->err), &t->err);
    if (mount("tmpfs", small, "tmpfs", 0, "size=1m") != 0) {
        free(small);
        skip();
    }
    store_close(t->store);
    free(t->path);
    t->path = path_join(small, STORE_FILE);
    t->store = stored_open(t);
    assert_non_null(t->store);

    struct unit unit = some_work(t, &segment);
    struct new_segment *segments = arena_alloc(&t->arena, 20000 * sizeof *segments);
    char id[ID_SIZE];
    for (int i = 0; i < 20000; i++)
        segments[i] = new_segment("A text of some length, so that many pages are needed for all.");
    const char *before = contents_of(t);
    check_fails(store_project_create(t->store, "Book", NULL, segments, 20000, id, &t->err), &t->err,
                ERR_DISK_FULL);
    assert_string_equal(contents_of(t), before);
    check_ok(stored_end_spoken(t, &unit), &t->err);
    stored_reopen(t);
    assert_int_equal(stored_get(t, segment.project_id).status, PROJECT_COMPLETED);
    check_counts(t);

    store_close(t->store);
    t->store = NULL;
    umount2(small, MNT_DETACH);
    free(small);
}

static void test_a_change_that_failed_does_not_stand_in_the_way_of_the_next(void **state)
{
    struct stored *t = *state;
    struct change change;

    check_ok(change_begin(&change, t->store, &t->err), &t->err);
    check_fails(
        connection_run(change.db, "INSERT INTO marks VALUES ('a', 1); SELECT nothing", &t->err),
        &t->err, ERR_INTERNAL);
    assert_false(change_end(&change, false, &t->err));
    assert_false(store_mark_has(t->store, "a"));
    check_ok(store_mark_set(t->store, "a", &t->err), &t->err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_a_store_keeps_what_it_was_given),
        stored_test(test_what_was_committed_survives_a_power_cut),
        stored_test(test_a_store_can_be_in_memory),
        stored_test(test_what_cannot_be_opened_says_why),
        stored_test(test_a_file_that_may_not_be_written_is_refused),
        stored_test(test_a_damaged_file_is_said_to_be_one),
        stored_test(test_a_file_that_another_program_holds_is_said_to_be_in_use),
        stored_test(test_a_file_that_another_program_has_for_itself_cannot_be_opened),
        stored_test(test_a_full_disk_leaves_all_as_it_was),
        stored_test(test_a_file_system_without_room_leaves_all_as_it_was),
        stored_test(test_a_change_that_failed_does_not_stand_in_the_way_of_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
