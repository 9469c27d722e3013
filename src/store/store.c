/*
 * One writer, many readers. SQLite lets one transaction write at a time, so that
 * a second writer of ours would only wait in its busy handler, which sleeps;
 * waiting for a mutex is fair and wakes at once. In WAL mode readers see the last
 * commit and never wait; each has a connection of its own while it reads, from a
 * stack of idle ones, so that the warmest is taken first and connections exist
 * for as many threads as ever read at once.
 *
 * There is no PRAGMA optimize: the statistics it takes would be those of the hour
 * it ran in. Taken with one job in the table, they make SQLite read all jobs for
 * each segment once there are thousands. Without any, it takes the indexes that
 * the schema was made with, whatever the data.
 *
 * A database in memory exists in its one connection only: there, readers take
 * turns with writers.
 */

#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "store/migrate.h"
#include "store/store_internal.h"

#define READERS_KEPT 8

struct store {
    /* set once */
    char *path;
    struct clock clock;
    int busy_ms;
    bool is_in_memory;

    pthread_mutex_t writer_lock;
    struct connection writer; /* protected by writer_lock */

    pthread_mutex_t readers_lock; /* leaf */

    /* protected by readers_lock */
    struct connection *idle[READERS_KEPT]; /* owned */
    size_t idle_count;
};

/* synchronous=FULL syncs the log at each commit: what was answered as done survives a power cut. The
 * log is cut back to 16 MB after a checkpoint that an import had made it outgrow. */
static bool set_up_writer(struct store *store, struct err *err)
{
    struct connection *writer = &store->writer;

    return migrate_check(writer, store_migration_count, err) &&
           connection_run(writer,
                          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "PRAGMA journal_size_limit = 16777216",
                          err) &&
           connection_add_clock(writer, &store->clock, err) &&
           migrate(writer, store_migrations, store_migration_count, err);
}

struct store *store_open_busy(const char *path, const struct clock *clock, int busy_ms,
                              struct err *err)
{
    struct store *store = xcalloc(1, sizeof *store);

    store->path = xstrdup(path);
    store->clock = *clock;
    store->busy_ms = busy_ms;
    store->is_in_memory = strcmp(path, ":memory:") == 0;
    pthread_mutex_init(&store->writer_lock, NULL);
    pthread_mutex_init(&store->readers_lock, NULL);
    if (!connection_open(&store->writer, store->path, CONNECTION_WRITES, busy_ms, err) ||
        !set_up_writer(store, err)) {
        store_close(store);
        return NULL;
    }
    return store;
}

struct store *store_open(const char *path, const struct clock *clock, struct err *err)
{
    return store_open_busy(path, clock, STORE_BUSY_MS, err);
}

static void reader_destroy(struct connection *reader)
{
    connection_close(reader);
    free(reader);
}

/* The writer goes last: it alone may carry the log over into the database and remove it. */
void store_close(struct store *store)
{
    if (!store)
        return;
    while (store->idle_count)
        reader_destroy(store->idle[--store->idle_count]);
    connection_close(&store->writer);
    pthread_mutex_destroy(&store->readers_lock);
    pthread_mutex_destroy(&store->writer_lock);
    free(store->path);
    free(store);
}

static struct connection *reader_open(struct store *store, struct err *err)
{
    struct connection *reader = xcalloc(1, sizeof *reader);

    if (connection_open(reader, store->path, CONNECTION_READS, store->busy_ms, err))
        return reader;
    free(reader);
    return NULL;
}

/* The warmest one that is free; or NULL. */
static struct connection *idle_take(struct store *store)
{
    struct connection *reader = NULL;

    pthread_mutex_lock(&store->readers_lock);
    if (store->idle_count)
        reader = store->idle[--store->idle_count];
    pthread_mutex_unlock(&store->readers_lock);
    return reader;
}

static struct connection *reader_take(struct store *store, struct err *err)
{
    if (store->is_in_memory) {
        pthread_mutex_lock(&store->writer_lock);
        return &store->writer;
    }
    struct connection *reader = idle_take(store);
    return reader ? reader : reader_open(store, err);
}

static void reader_return(struct store *store, struct connection *reader)
{
    if (store->is_in_memory) {
        pthread_mutex_unlock(&store->writer_lock);
        return;
    }
    pthread_mutex_lock(&store->readers_lock);
    bool is_kept = store->idle_count < READERS_KEPT;
    if (is_kept)
        store->idle[store->idle_count++] = reader;
    pthread_mutex_unlock(&store->readers_lock);
    if (!is_kept)
        reader_destroy(reader);
}

static bool run(struct connection *db, const char *sql, struct err *err)
{
    struct query q;

    query_begin(&q, db, sql);
    return query_run(&q, err);
}

static const char COMMIT[] = "COMMIT";

bool change_begin(struct change *change, struct store *store, struct err *err)
{
    static const char BEGIN_IMMEDIATE[] = "BEGIN IMMEDIATE";

    pthread_mutex_lock(&store->writer_lock);
    *change = (struct change){
        .store = store,
        .db = &store->writer,
        .now = store->clock.now_ms(store->clock.state),
    };
    if (run(change->db, BEGIN_IMMEDIATE, err))
        return true;
    pthread_mutex_unlock(&store->writer_lock);
    return false;
}

bool change_end(struct change *change, bool ok, struct err *err)
{
    ok = ok && run(change->db, COMMIT, err);
    connection_roll_back(change->db);
    pthread_mutex_unlock(&change->store->writer_lock);
    return ok;
}

struct connection *snapshot_begin(struct store *store, struct err *err)
{
    static const char BEGIN[] = "BEGIN";
    struct connection *reader = reader_take(store, err);

    if (!reader || run(reader, BEGIN, err))
        return reader;
    reader_return(store, reader);
    return NULL;
}

/* A transaction that only read has nothing to commit, and so nothing to fail. */
void snapshot_end(struct store *store, struct connection *db)
{
    connection_roll_back(db);
    reader_return(store, db);
}

struct connection *glance_begin(struct store *store)
{
    struct connection *db = idle_take(store);

    if (store->is_in_memory && pthread_mutex_trylock(&store->writer_lock) == 0)
        db = &store->writer;
    if (db)
        connection_set_patience(db, 0);
    return db;
}

void glance_end(struct store *store, struct connection *db)
{
    connection_set_patience(db, store->busy_ms);
    reader_return(store, db);
}

bool store_check(struct store *store, struct err *err)
{
    static const char ANSWER[] = "SELECT count(*) FROM settings";
    struct connection *reader = reader_take(store, err);

    if (!reader)
        return false;
    bool ok = run(reader, ANSWER, err);
    reader_return(store, reader);
    return ok;
}

void query_bind_page(struct query *q, int limit_parameter, int offset_parameter,
                     const struct page *page)
{
    query_bind_int(q, limit_parameter, page && page->limit ? page->limit : -1);
    query_bind_int(q, offset_parameter, page ? page->offset : 0);
}

bool revision_get(struct store *store, const char *name, int64_t *out, struct err *err)
{
    static const char REVISION[] = "SELECT revision FROM revisions WHERE name = ?";
    struct connection *db = snapshot_begin(store, err);
    bool found;

    if (!db)
        return false;
    bool ok = query_number(db, REVISION, name, out, &found, err);
    snapshot_end(store, db);
    return ok && (found || err_set(err, ERR_CORRUPT, "The database %s has lost its revisions.",
                                   store->path));
}
