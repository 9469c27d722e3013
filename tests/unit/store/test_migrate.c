#include "store/migrate.h"

#include "base/file.h"
#include "store/history.h"
#include "store/profiles.h"
#include "store/settings.h"
#include "stored.h"

/* A list of steps as a release would add them: a table, a column, and a table made anew. */
static const struct migration steps[] = {
    { "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT;"
      "CREATE TABLE b (a_id INTEGER NOT NULL REFERENCES a (id) ON DELETE CASCADE) STRICT;"
      "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)" },
    { "ALTER TABLE b ADD COLUMN name TEXT NOT NULL DEFAULT 'x'" },
    { "CREATE TABLE c (id INTEGER PRIMARY KEY, size INTEGER NOT NULL) STRICT;"
      "INSERT INTO c SELECT id, 10 * id FROM a; DROP TABLE a; ALTER TABLE c RENAME TO a" },
};

static void open_connection(struct stored *t, struct connection *connection, const char *name)
{
    check_ok(
        connection_open(connection, path_join(t->folder, name), CONNECTION_WRITES, 1000, &t->err),
        &t->err);
}

static void close_connection(struct connection *connection)
{
    char *path = (char *)connection->path;

    connection_close(connection);
    free(path);
}

static int64_t number(struct stored *t, struct connection *connection, const char *sql)
{
    int64_t out = -1;
    struct query q;

    query_begin(&q, connection, sql);
    if (query_next(&q))
        out = column_int(&q, 0);
    check_ok(query_end(&q, &t->err), &t->err);
    return out;
}

static int64_t version(struct stored *t, struct connection *connection)
{
    return number(t, connection, "PRAGMA user_version");
}

static void test_a_file_of_any_version_takes_the_steps_it_lacks(void **state)
{
    struct stored *t = *state;

    for (size_t from = 0; from <= COUNT(steps); from++) {
        struct connection connection;

        open_connection(t, &connection, arena_format(&t->arena, "%zu.db", from));
        if (from)
            check_ok(migrate(&connection, steps, from, &t->err), &t->err);
        assert_int_equal(version(t, &connection), from);
        check_ok(migrate(&connection, steps, COUNT(steps), &t->err), &t->err);
        check_ok(migrate(&connection, steps, COUNT(steps), &t->err), &t->err);
        assert_int_equal(version(t, &connection), COUNT(steps));
        assert_int_equal(number(t, &connection, "SELECT size FROM a"), 10);
        assert_int_equal(number(t, &connection, "SELECT count(*) FROM b WHERE name = 'x'"), 1);
        assert_int_equal(number(t, &connection, "PRAGMA application_id"), STORE_APPLICATION_ID);
        assert_int_equal(number(t, &connection, "PRAGMA foreign_keys"), 1);
        close_connection(&connection);
    }
}

static void test_a_step_that_fails_is_as_if_it_had_not_begun(void **state)
{
    static const struct {
        const char *name, *sql;
        enum err_kind kind;
    } cases[] = {
        { "an error in its second statement", "CREATE TABLE d (x); INSERT INTO nothing VALUES (1)",
          ERR_INTERNAL },
        { "rows left without what they refer to", "CREATE TABLE d (x); DELETE FROM a",
          ERR_CORRUPT },
        { "a commit of its own", "CREATE TABLE d (x); BEGIN", ERR_INTERNAL },
    };
    struct stored *t = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct migration bad[] = { steps[0], steps[1], { cases[i].sql }, steps[2] };
        struct connection connection;

        open_connection(t, &connection, arena_format(&t->arena, "%zu.db", i));
        check_fails(migrate(&connection, bad, COUNT(bad), &t->err), &t->err, cases[i].kind);
        check_case(cases[i].name, version(t, &connection) == 2);
        check_case(cases[i].name, number(t, &connection,
                                         "SELECT count(*) FROM sqlite_schema"
                                         " WHERE name = 'd'") == 0);
        check_case(cases[i].name, number(t, &connection, "SELECT count(*) FROM a") == 1);
        check_case(cases[i].name, number(t, &connection, "PRAGMA foreign_keys") == 1);
        check_ok(migrate(&connection, steps, COUNT(steps), &t->err), &t->err);
        close_connection(&connection);
    }
}

static void check_untouched(struct stored *t, const char *name, const char *sql, enum err_kind kind)
{
    struct connection connection;
    struct buf before = BUF(1 << 20);
    struct buf after = BUF(1 << 20);

    open_connection(t, &connection, name);
    check_ok(connection_run(&connection, sql, &t->err), &t->err);
    close_connection(&connection);
    const char *path = path_join(t->folder, name);
    check_ok(file_read(path, &before, &t->err), &t->err);
    check_fails(store_open(path, &clock_system, &t->err), &t->err, kind);
    assert_non_null(strstr(t->err.message, name));
    check_ok(file_read(path, &after, &t->err), &t->err);
    check_case(name, before.len == after.len && memcmp(before.data, after.data, after.len) == 0);
    buf_release(&before);
    buf_release(&after);
    free((char *)path);
}

static void test_the_files_of_others_are_refused_and_left_alone(void **state)
{
    struct stored *t = *state;

    check_untouched(t, "tables.db", "CREATE TABLE projects (id)", ERR_CORRUPT);
    check_untouched(t, "id.db", "PRAGMA application_id = 252006674", ERR_CORRUPT);
    check_untouched(t, "version.db", "PRAGMA user_version = 1", ERR_CORRUPT);
}

static void test_a_newer_file_is_refused_and_left_alone(void **state)
{
    struct stored *t = *state;
    const char *sql = arena_format(&t->arena,
                                   "CREATE TABLE x (y); PRAGMA application_id = %d;"
                                   "PRAGMA user_version = %zu",
                                   STORE_APPLICATION_ID, store_migration_count + 1);

    check_untouched(t, "newer.db", sql, ERR_CONFLICT);
    assert_non_null(strstr(t->err.message, "newer Parlando"));
}

static void test_an_empty_file_becomes_a_store(void **state)
{
    struct stored *t = *state;
    char *path = path_join(t->folder, "empty.db");

    check_ok(file_write(path, "", 0, &t->err), &t->err);
    struct store *store = store_open(path, &clock_system, &t->err);
    assert_non_null(store);
    store_close(store);
    free(path);
}

/* The schema as one text. */
static const char *schema_of(struct stored *t, const char *path)
{
    static const char SCHEMA[] = "SELECT group_concat(type || ' ' || name || char(10) || sql, ';')"
                                 " FROM (SELECT * FROM sqlite_schema WHERE sql IS NOT NULL"
                                 "  AND name NOT LIKE 'sqlite_%' ORDER BY type, name)";
    struct connection connection;
    const char *schema = NULL;
    struct query q;

    check_ok(connection_open(&connection, path, CONNECTION_READS, 1000, &t->err), &t->err);
    query_begin(&q, &connection, SCHEMA);
    if (query_next(&q))
        schema = column_text(&q, 0, &t->arena);
    check_ok(query_end(&q, &t->err), &t->err);
    connection_close(&connection);
    return schema;
}

/* Fills a new file with what versions/<n>.sql says, and opens it as a store. */
static void open_version(struct stored *t, size_t n)
{
    char *sql_path = str_format("%s/%zu.sql", STORE_VERSIONS, n);
    struct buf sql = BUF(1 << 20);
    struct connection connection;

    check_ok(file_read(sql_path, &sql, &t->err), &t->err);
    open_connection(t, &connection, "old.db");
    check_ok(connection_run(&connection, sql.data, &t->err), &t->err);
    assert_int_equal(version(t, &connection), n);
    close_connection(&connection);
    buf_release(&sql);
    free(sql_path);
    store_close(t->store);
    free(t->path);
    t->path = path_join(t->folder, "old.db");
    t->store = stored_open(t);
    if (!t->store)
        fail_msg("version %zu: %s", n, t->err.message);
}

/* What every file in versions/ holds: a project of four segments, one spoken, one stale, one locked
 * with its unit running, one with a picture and its unit queued. */
static void check_story(struct stored *t)
{
    struct project_list projects;
    struct settings settings;

    check_ok(store_projects(t->store, &t->arena, NULL, "fox", NULL, &projects, &t->err), &t->err);
    assert_int_equal(projects.count, 1);
    assert_string_equal(projects.items[0].author, "Aesop");
    assert_int_equal(projects.items[0].status, PROJECT_PROCESSING);
    struct segment_list list = stored_segments(t, projects.items[0].id);
    assert_int_equal(list.count, 4);
    assert_string_equal(list.items[0].text_content, "Once upon a time.");
    assert_string_equal(list.items[0].chapter, "I");
    assert_string_equal(list.items[0].audio_engine, "espeak");
    assert_false(list.items[0].audio_stale);
    assert_true(list.items[1].audio_stale);
    assert_string_equal(list.items[1].audio_error, "There is no voice fox.");
    assert_true(list.items[2].is_locked);
    assert_string_equal(list.items[2].task_id, "tts_batch_2");
    assert_non_null(list.items[3].image_file);
    assert_int_equal(stored_operations(t).count, 3);
    assert_int_equal(stored_get_job(t, "tts_batch_1").done, 2);
    check_ok(store_settings_get(t->store, &t->arena, &settings, &t->err), &t->err);
    assert_true(settings.tts_speed == 1.5);
    assert_true(store_mark_has(t->store, "sample"));

    assert_int_equal(stored_reclaim(t, true, 3, "").units, 1);
    assert_string_equal(stored_claim_one(t).subject, list.items[2].id);
    check_counts(t);
}

/* Since version 2: two profiles, one of them the default, and two entries of the history, one of them
 * spoken with that profile and with audio. */
static void check_profiles_and_history(struct stored *t)
{
    const struct history_filter filter = { .search = "FOX" };
    struct profile_list profiles;
    struct history_list history;
    struct history_entry entry;
    struct settings settings;

    check_ok(store_profiles(t->store, &t->arena, &profiles, &t->err), &t->err);
    assert_int_equal(profiles.count, 2);
    assert_string_equal(profiles.items[1].name, "Évening");
    assert_string_equal(profiles.items[1].blend, "af_bella(2)+af_sky(1)");
    assert_string_equal(profiles.default_id, profiles.items[1].id);
    check_ok(store_history(t->store, &t->arena, &filter, NULL, &history, &t->err), &t->err);
    assert_int_equal(history.count, 2);
    assert_int_equal(history.bytes, 6000);
    assert_string_equal(history.items[0].input_filename, "Fox.wav");
    assert_string_equal(history.items[1].profile_id, profiles.default_id);
    check_ok(store_history_get(t->store, &t->arena, history.items[0].id, &entry, &t->err), &t->err);
    assert_string_equal(entry.segments, "[0,2000,\"It was heard.\"]");
    check_ok(store_settings_get(t->store, &t->arena, &settings, &t->err), &t->err);
    assert_int_equal(*settings.history_max_entries, 500);
    assert_null(settings.history_enabled);
}

static void check_none_of_them(struct stored *t)
{
    struct profile_list profiles;
    struct history_list history;

    check_ok(store_profiles(t->store, &t->arena, &profiles, &t->err), &t->err);
    assert_int_equal(profiles.count, 0);
    check_ok(
        store_history(t->store, &t->arena, &(struct history_filter){ 0 }, NULL, &history, &t->err),
        &t->err);
    assert_int_equal(history.total, 0);
}

static void test_a_file_of_every_old_version_opens_with_all_it_holds(void **state)
{
    struct stored *t = *state;
    const char *schema = schema_of(t, t->path);

    for (size_t n = 1; n <= store_migration_count; n++) {
        open_version(t, n);
        check_text(t->path, schema_of(t, t->path), schema);
        check_story(t);
        if (n >= 2)
            check_profiles_and_history(t);
        else
            check_none_of_them(t);
        remove(t->path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_a_file_of_any_version_takes_the_steps_it_lacks),
        stored_test(test_a_step_that_fails_is_as_if_it_had_not_begun),
        stored_test(test_the_files_of_others_are_refused_and_left_alone),
        stored_test(test_a_newer_file_is_refused_and_left_alone),
        stored_test(test_an_empty_file_becomes_a_store),
        stored_test(test_a_file_of_every_old_version_opens_with_all_it_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
