#pragma once

/*
 * One connection to the database, with the statements it has prepared, and the
 * one place that turns SQLite's errors into ours.
 *
 * A connection belongs to one thread at a time; store.c sees to that. Statements
 * are known by the address of their SQL, which therefore is constant and has
 * static storage; they are prepared when first used and kept until the end.
 */

#include "base/clock.h"
#include "base/err.h"

struct sqlite3;
struct sqlite3_stmt;

struct statement {
    const char *sql; /* borrowed, for good */
    struct sqlite3_stmt *prepared;
};

struct connection {
    struct sqlite3 *db;
    const char *path; /* borrowed */
    struct statement *statements;
    size_t count, capacity;
};

enum connection_mode { CONNECTION_WRITES, CONNECTION_READS };

/* On failure the connection is closed. busy_ms: how long each call waits for another program. */
bool connection_open(struct connection *connection, const char *path, enum connection_mode mode,
                     int busy_ms, struct err *err) MUST_CHECK;
void connection_close(struct connection *connection); /* safe on a zeroed struct and twice */

/* How long each call waits for another program from here on. */
void connection_set_patience(struct connection *connection, int busy_ms);

/* Runs SQL of one or more statements that give no rows, without keeping it. */
bool connection_run(struct connection *connection, const char *sql, struct err *err) MUST_CHECK;

/* Lets SQL that is run here ask clock, which outlives the connection, by now_ms(). */
bool connection_add_clock(struct connection *connection, const struct clock *clock,
                          struct err *err) MUST_CHECK;

/* The statement, or NULL with SQLite's error code. */
struct sqlite3_stmt *connection_prepare(struct connection *connection, const char *sql, int *code);

/* Rows changed by the last INSERT, UPDATE or DELETE, without what its triggers changed. */
int64_t connection_changes(const struct connection *connection);

/* Ends a transaction that is still open after a failure. */
void connection_roll_back(struct connection *connection);

/* Fills err from SQLite's error code; returns false. */
bool connection_error(const struct connection *connection, int code, struct err *err);
