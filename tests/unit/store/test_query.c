#include "store/query.h"

#include "stored.h"

static struct query begin(struct stored *t, struct change *change, const char *sql)
{
    struct query q;

    check_ok(change_begin(change, t->store, &t->err), &t->err);
    query_begin(&q, change->db, sql);
    return q;
}

static void finish(struct stored *t, struct change *change)
{
    check_ok(change_end(change, true, &t->err), &t->err);
}

static void test_values_come_back_as_they_were_bound(void **state)
{
    static const char VALUES[] = "SELECT ?1, ?2, ?3, ?4, ?5, ?6";
    struct stored *t = *state;
    struct change change;
    struct query q = begin(t, &change, VALUES);

    query_bind_text(&q, 1, "Größe");
    query_bind_text_n(&q, 2, "abcdef", 3);
    query_bind_text(&q, 3, NULL);
    query_bind_int(&q, 4, INT64_MIN);
    query_bind_number(&q, 5, 0.1);
    assert_true(query_next(&q));
    assert_string_equal(column_text(&q, 0, &t->arena), "Größe");
    assert_string_equal(column_text(&q, 1, &t->arena), "abc");
    assert_null(column_text(&q, 2, &t->arena));
    assert_true(column_int(&q, 3) == INT64_MIN);
    assert_true(column_number(&q, 4) == 0.1);
    assert_null(column_text(&q, 5, &t->arena)); /* not bound */
    assert_int_equal(column_int(&q, 5), 0);
    assert_false(query_next(&q));
    check_ok(query_end(&q, &t->err), &t->err);
    finish(t, &change);
}

static void test_what_was_bound_is_forgotten_at_the_end(void **state)
{
    static const char VALUE[] = "SELECT ?1";
    struct stored *t = *state;
    struct change change;
    struct query q = begin(t, &change, VALUE);

    query_bind_text(&q, 1, "once");
    check_ok(query_run(&q, &t->err), &t->err);
    query_begin(&q, change.db, VALUE);
    assert_true(query_next(&q));
    assert_null(column_text(&q, 0, &t->arena));
    check_ok(query_end(&q, &t->err), &t->err);
    finish(t, &change);
}

static void test_the_first_error_is_told_at_the_end(void **state)
{
    static const char NO_TABLE[] = "SELECT * FROM nothing WHERE id = ?";
    struct stored *t = *state;
    struct change change;
    struct query q = begin(t, &change, NO_TABLE);

    query_bind_text(&q, 1, "x");
    query_bind_int(&q, 99, 1);
    assert_false(query_next(&q));
    check_fails(query_end(&q, &t->err), &t->err, ERR_INTERNAL);
    finish(t, &change);
}

static void test_a_parameter_that_is_not_there_is_an_error(void **state)
{
    static const char VALUE[] = "SELECT ?1, 7";
    struct stored *t = *state;
    struct change change;
    struct query q = begin(t, &change, VALUE);

    query_bind_int(&q, 2, 1);
    query_bind_int(&q, 1, 1);
    assert_false(query_next(&q));
    check_fails(query_end(&q, &t->err), &t->err, ERR_INTERNAL);
    finish(t, &change);
}

static void test_a_statement_that_ended_is_not_run_again(void **state)
{
    static const char INSERT[] = "INSERT INTO marks (name, created_at) VALUES ('once', 1)";
    struct stored *t = *state;
    struct change change;
    struct query q = begin(t, &change, INSERT);

    assert_false(query_next(&q));
    assert_false(query_next(&q));
    check_ok(query_end(&q, &t->err), &t->err);
    finish(t, &change);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM marks"), 1);
}

static void test_found_is_a_row_or_a_change(void **state)
{
    static const char *const cases[][2] = {
        { "SELECT 1 FROM settings", "yes" },
        { "SELECT 1 FROM marks", "no" },
        { "UPDATE settings SET engine = 'auto'", "yes" },
        { "SELECT 1 FROM marks", "no" }, /* though the last one changed something */
        { "UPDATE marks SET created_at = 1", "no" },
        { "INSERT INTO marks VALUES ('a', 1) ON CONFLICT DO NOTHING", "yes" },
        { "INSERT INTO marks VALUES ('a', 1) ON CONFLICT DO NOTHING", "no" },
        { "DELETE FROM marks RETURNING name", "yes" },
    };
    struct stored *t = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct change change;
        struct query q = begin(t, &change, cases[i][0]);
        bool found;

        check_ok(query_run_found(&q, &found, &t->err), &t->err);
        finish(t, &change);
        check_text(cases[i][0], found ? "yes" : "no", cases[i][1]);
    }
}

struct row {
    int64_t number;
    const char *text;
};

static void read_row(struct query *q, struct arena *arena, void *row)
{
    *(struct row *)row = (struct row){ column_int(q, 0), column_text(q, 1, arena) };
}

#define UP_TO_1000 "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"

static void test_rows_of_several_queries_become_one_array(void **state)
{
    static const char MANY[] = UP_TO_1000 " SELECT i, 'row ' || i FROM n";
    static const char ONE_MORE[] = "SELECT 1001, 'row 1001'";
    static const char NONE[] = "SELECT 1, 'none' WHERE 0";
    static const char *const statements[] = { NONE, MANY, NONE, ONE_MORE };
    struct stored *t = *state;
    struct rows rows = { .arena = &t->arena, .size = sizeof(struct row), .read = read_row };
    struct change change;
    struct query q = begin(t, &change, NONE);

    check_ok(query_run(&q, &t->err), &t->err);
    for (size_t i = 0; i < COUNT(statements); i++) {
        query_begin(&q, change.db, statements[i]);
        check_ok(query_rows(&q, &rows, &t->err), &t->err);
    }
    finish(t, &change);
    assert_int_equal(rows.count, 1001);
    for (int64_t i = 0; i < rows.count; i++) {
        const struct row *row = (const struct row *)rows.items + i;

        assert_int_equal(row->number, i + 1);
        check_text("row", row->text, arena_format(&t->arena, "row %lld", (long long)i + 1));
    }
}

static void test_an_error_among_rows_is_told(void **state)
{
    static const char BAD[] =
        UP_TO_1000 " SELECT iif(i < 900, i, abs(-9223372036854775807 - 1)), '' FROM n";
    struct stored *t = *state;
    struct rows rows = { .arena = &t->arena, .size = sizeof(struct row), .read = read_row };
    struct change change;
    struct query q = begin(t, &change, BAD);

    check_fails(query_rows(&q, &rows, &t->err), &t->err, ERR_INTERNAL);
    finish(t, &change);
}

static void test_a_number_is_found_or_not(void **state)
{
    static const char OF_KEY[] = "SELECT 7 WHERE ?1 = 'key'";
    static const char PLAIN[] = "SELECT 8";
    struct stored *t = *state;
    struct change change;
    struct query q = begin(t, &change, PLAIN);
    int64_t number = 0;
    bool found;

    check_ok(query_run(&q, &t->err), &t->err);
    check_ok(query_number(change.db, OF_KEY, "key", &number, &found, &t->err), &t->err);
    assert_true(found && number == 7);
    check_ok(query_number(change.db, OF_KEY, "other", &number, &found, &t->err), &t->err);
    assert_true(!found && number == 7);
    check_ok(query_number(change.db, OF_KEY, NULL, &number, &found, &t->err), &t->err);
    assert_false(found);
    check_ok(query_number(change.db, PLAIN, NULL, &number, &found, &t->err), &t->err);
    assert_true(found && number == 8);
    finish(t, &change);
}

static void test_a_name_that_is_none_is_damage(void **state)
{
    static const char NAME[] = "SELECT ?1";
    static const char *const names[] = { "a", "b" };
    struct stored *t = *state;
    struct change change;
    struct query q = begin(t, &change, NAME);

    query_bind_text(&q, 1, "b");
    assert_true(query_next(&q));
    assert_int_equal(column_choice(&q, 0, names, 2), 1);
    check_ok(query_end(&q, &t->err), &t->err);
    query_begin(&q, change.db, NAME);
    query_bind_text(&q, 1, "c");
    assert_true(query_next(&q));
    assert_int_equal(column_choice(&q, 0, names, 2), 0);
    check_fails(query_end(&q, &t->err), &t->err, ERR_CORRUPT);
    finish(t, &change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_values_come_back_as_they_were_bound),
        stored_test(test_what_was_bound_is_forgotten_at_the_end),
        stored_test(test_the_first_error_is_told_at_the_end),
        stored_test(test_a_parameter_that_is_not_there_is_an_error),
        stored_test(test_a_statement_that_ended_is_not_run_again),
        stored_test(test_found_is_a_row_or_a_change),
        stored_test(test_rows_of_several_queries_become_one_array),
        stored_test(test_an_error_among_rows_is_told),
        stored_test(test_a_number_is_found_or_not),
        stored_test(test_a_name_that_is_none_is_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
