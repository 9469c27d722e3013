#include "store/query.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

#define ROWS_FIRST 16

static void remember(struct query *q, int code)
{
    if (q->code == SQLITE_OK)
        q->code = code;
}

void query_begin(struct query *q, struct connection *connection, const char *sql)
{
    *q = (struct query){ .connection = connection };
    q->statement = connection_prepare(connection, sql, &q->code);
    assert(!q->statement || !sqlite3_stmt_busy(q->statement));
}

void query_bind_text(struct query *q, int parameter, const char *text)
{
    query_bind_text_n(q, parameter, text, text ? strlen(text) : 0);
}

void query_bind_text_n(struct query *q, int parameter, const char *text, size_t length)
{
    if (q->code == SQLITE_OK)
        remember(q, sqlite3_bind_text64(q->statement, parameter, text, length, SQLITE_STATIC,
                                        SQLITE_UTF8));
}

void query_bind_int(struct query *q, int parameter, int64_t value)
{
    if (q->code == SQLITE_OK)
        remember(q, sqlite3_bind_int64(q->statement, parameter, value));
}

void query_bind_number(struct query *q, int parameter, double value)
{
    if (q->code == SQLITE_OK)
        remember(q, sqlite3_bind_double(q->statement, parameter, value));
}

bool query_next(struct query *q)
{
    if (q->code != SQLITE_OK || q->is_done)
        return false;
    int code = sqlite3_step(q->statement);
    q->is_done = code != SQLITE_ROW; /* another step would run it anew */
    if (q->is_done && code != SQLITE_DONE)
        remember(q, code);
    return !q->is_done;
}

bool query_end(struct query *q, struct err *err)
{
    bool ok = q->code == SQLITE_OK || connection_error(q->connection, q->code, err);

    if (q->statement) {
        sqlite3_reset(q->statement);
        sqlite3_clear_bindings(q->statement);
    }
    *q = (struct query){ 0 };
    return ok;
}

bool query_run(struct query *q, struct err *err)
{
    while (query_next(q))
        continue;
    return query_end(q, err);
}

bool query_run_found(struct query *q, bool *found, struct err *err)
{
    bool is_change = q->statement && !sqlite3_stmt_readonly(q->statement);
    struct connection *connection = q->connection;
    bool has_row = query_next(q);

    while (query_next(q))
        continue;
    *found = has_row || (is_change && connection_changes(connection) > 0);
    return query_end(q, err);
}

static void *next_row(struct rows *rows)
{
    if (rows->count == rows->capacity) {
        int64_t capacity = rows->capacity ? 2 * rows->capacity : ROWS_FIRST;
        void *items = arena_alloc(rows->arena, (size_t)capacity * rows->size);

        if (rows->count > 0)
            memcpy(items, rows->items, (size_t)rows->count * rows->size);
        rows->items = items;
        rows->capacity = capacity;
    }
    return (char *)rows->items + (size_t)rows->count++ * rows->size;
}

bool query_rows(struct query *q, struct rows *rows, struct err *err)
{
    while (query_next(q))
        rows->read(q, rows->arena, next_row(rows));
    return query_end(q, err);
}

bool query_number(struct connection *connection, const char *sql, const char *key, int64_t *out,
                  bool *found, struct err *err)
{
    struct query q;

    query_begin(&q, connection, sql);
    if (key)
        query_bind_text(&q, 1, key);
    *found = query_next(&q);
    if (*found)
        *out = column_int(&q, 0);
    return query_end(&q, err);
}

const char *column_text(struct query *q, int column, struct arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(q->statement, column);

    if (!text)
        return NULL;
    return arena_strndup(arena, text, (size_t)sqlite3_column_bytes(q->statement, column));
}

int64_t column_int(struct query *q, int column)
{
    return sqlite3_column_int64(q->statement, column);
}

double column_number(struct query *q, int column)
{
    return sqlite3_column_double(q->statement, column);
}

bool column_bool(struct query *q, int column)
{
    return sqlite3_column_int(q->statement, column) != 0;
}

bool column_is_null(struct query *q, int column)
{
    return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

int column_choice(struct query *q, int column, const char *const *names, size_t count)
{
    const char *text = (const char *)sqlite3_column_text(q->statement, column);

    for (size_t i = 0; text && i < count; i++)
        if (strcmp(text, names[i]) == 0)
            return (int)i;
    remember(q, SQLITE_CORRUPT);
    return 0;
}
