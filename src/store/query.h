#pragma once

/*
 * One run of a statement. It remembers the first error, after which it does
 * nothing more, and is checked once at the end:
 *
 *     static const char TITLE[] = "SELECT title FROM projects WHERE id = ?";
 *
 *     query_begin(&q, connection, TITLE);
 *     query_bind_text(&q, 1, id);
 *     if (query_next(&q))
 *         title = column_text(&q, 0, arena);
 *     return query_end(&q, err);
 *
 * The SQL is constant and has static storage (connection.h). What is bound is
 * borrowed until query_end. A statement runs once at a time in a connection.
 * Parameters count from 1, columns from 0.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/connection.h"

struct query {
    struct connection *connection;
    struct sqlite3_stmt *statement;
    int code;     /* SQLite's; the first that was an error stays */
    bool is_done; /* no more rows */
};

void query_begin(struct query *q, struct connection *connection, const char *sql);
void query_bind_text(struct query *q, int parameter, const char *text); /* NULL: NULL */
void query_bind_text_n(struct query *q, int parameter, const char *text, size_t length);
void query_bind_int(struct query *q, int parameter, int64_t value);
void query_bind_number(struct query *q, int parameter, double value);

/* True with a row to read; false when there are no more, or after an error. */
bool query_next(struct query *q);

/* True when nothing failed. */
bool query_end(struct query *q, struct err *err) MUST_CHECK;

/* Runs to the end what gives no rows, or whose rows nobody reads. */
bool query_run(struct query *q, struct err *err) MUST_CHECK;

/* The same; *found tells whether it changed or gave a row at all. */
bool query_run_found(struct query *q, bool *found, struct err *err) MUST_CHECK;

/* Rows as an array of structs in an arena. Several queries may fill one. */
struct rows {
    struct arena *arena;
    size_t size; /* of a struct */
    void (*read)(struct query *q, struct arena *arena, void *row);
    void *items;
    int64_t count, capacity;
};

/* Runs to the end and appends what it gives. */
bool query_rows(struct query *q, struct rows *rows, struct err *err) MUST_CHECK;

/* A run of a statement that gives one number. key: its only parameter, if it has one; or NULL. *found
 * is whether there was a row. */
bool query_number(struct connection *connection, const char *sql, const char *key, int64_t *out,
                  bool *found, struct err *err) MUST_CHECK;

/* Of the row that query_next found. Text is copied into the arena; NULL for NULL. */
const char *column_text(struct query *q, int column, struct arena *arena);
int64_t column_int(struct query *q, int column); /* 0 for NULL */
double column_number(struct query *q, int column);
bool column_bool(struct query *q, int column);
bool column_is_null(struct query *q, int column);

/* The index of the name that a column holds. The schema's CHECK lets no other in, so that another
 * means a damaged file: an error of the query. */
int column_choice(struct query *q, int column, const char *const *names, size_t count);
