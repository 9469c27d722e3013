#pragma once

/*
 * The shape of studio.db, and how an older one becomes the present one: a list of
 * steps, each SQL that is run in one transaction together with the new
 * user_version. A step is never edited once it was released; the file of an old
 * version goes through all that follow its own.
 *
 * The file's application_id says that it is ours, so that no other program's
 * database is ever changed.
 */

#include "store/connection.h"

#define STORE_APPLICATION_ID 0x5061726c /* "Parl" */

struct migration {
    const char *sql; /* user_version n - 1 to n, for the n-th of a list */
};

extern const struct migration store_migrations[];
extern const size_t store_migration_count;

/* Is it ours or still empty, and not of a newer Parlando? Reads only. ERR_CORRUPT for another
 * program's, ERR_CONFLICT for a newer one. */
bool migrate_check(struct connection *connection, size_t count, struct err *err) MUST_CHECK;

/* Takes the steps that it lacks; they may ask now_ms() (connection_add_clock). Processes that open a file at once do so one after the other. */
bool migrate(struct connection *connection, const struct migration *steps, size_t count,
             struct err *err) MUST_CHECK;
