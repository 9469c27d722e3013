#pragma once

/*
 * studio.db: everything Parlando must not lose, in one SQLite file (WAL,
 * synchronous=FULL, STRICT tables, foreign keys). The only SQL of the program is
 * in this folder; migrate.c takes any older file to the present shape, step by
 * step, each in a transaction with its user_version.
 *
 * One connection writes, under a lock (one of the exceptions ARCHITECTURE.md
 * names: it is held over SQL); readers have connections of their own from a
 * pool and wait for nobody. Each call is one transaction: it happens wholly or
 * not at all. Any thread may call anything here.
 *
 * One process opens a data folder's file (cmd/data_lock.h sees to that); others may
 * read and write it while it is open, but not make it at the same time.
 *
 * Results live in the arena that is passed. Moments are milliseconds, UTC.
 *
 * Errors: ERR_NOT_FOUND for a missing row, ERR_CONFLICT where a rule of the data
 * forbids it, ERR_BUSY when another process holds the file for longer than
 * STORE_BUSY_MS, ERR_DISK_FULL, ERR_CORRUPT. Whatever the error, nothing was
 * changed.
 */

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

#define STORE_BUSY_MS 5000
#define STORE_FILE "studio.db"

struct store;

/* Opens or makes the file at path (":memory:" for tests), and migrates it. ERR_CONFLICT for a file
 * of a newer Parlando. clock is copied; its state outlives the store. */
struct store *store_open(const char *path, const struct clock *clock, struct err *err);
void store_close(struct store *store); /* accepts NULL; nobody may be calling */

/* Does it answer? For /readyz. */
bool store_check(struct store *store, struct err *err);

/* A part of a list; where one is asked for, NULL is all of it. */
struct page {
    int64_t offset, limit; /* limit 0: all */
};
