#include "store/connection.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>

/* What a person is told, by SQLite's primary result codes (sqlite.org/rescode.html), after "The
 * database <file> ". */
static const struct {
    int code;
    enum err_kind kind;
    const char *message;
} causes[] = {
    { SQLITE_BUSY, ERR_BUSY,
      "is in use by another program. Try again when that one is done, or end it." },
    { SQLITE_LOCKED, ERR_BUSY,
      "is in use by another program. Try again when that one is done, or end it." },
    { SQLITE_FULL, ERR_DISK_FULL, "has no room left on its disk. Free some space and try again." },
    { SQLITE_CORRUPT, ERR_CORRUPT,
      "is damaged. Put a copy of it back, or move it away to begin with a new one." },
    { SQLITE_NOTADB, ERR_CORRUPT,
      "is a file of another kind. Move it away, or choose another data folder." },
    { SQLITE_READONLY, ERR_IO,
      "cannot be written to. Check who may write to it and to its folder." },
    { SQLITE_PERM, ERR_IO, "cannot be opened. Check who may read and write it and its folder." },
    { SQLITE_CANTOPEN, ERR_IO,
      "cannot be opened. Check that its folder is there and that you may write to both." },
    { SQLITE_TOOBIG, ERR_TOO_LARGE, "cannot hold anything this large." },
    { SQLITE_NOMEM, ERR_INTERNAL, "needs more memory than there is." },
};

/* Where a full disk shows while SQLite grows its shared memory or syncs, it says only "I/O error". */
static bool is_disk_full(const struct connection *connection, int code)
{
    int number = sqlite3_system_errno(connection->db);

    return (code & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT);
}

static bool input_output_error(const struct connection *connection, struct err *err)
{
    int number = sqlite3_system_errno(connection->db);

    return err_set(err, ERR_IO, "The database %s cannot be read or written: %s.", connection->path,
                   number ? strerror(number) : sqlite3_errmsg(connection->db));
}

bool connection_error(const struct connection *connection, int code, struct err *err)
{
    int primary = is_disk_full(connection, code) ? SQLITE_FULL : code & 0xff;

    for (size_t i = 0; i < COUNT(causes); i++)
        if (causes[i].code == primary)
            return err_set(err, causes[i].kind, "The database %s %s", connection->path,
                           causes[i].message);
    if (primary == SQLITE_IOERR)
        return input_output_error(connection, err);
    return err_set(err, ERR_INTERNAL, "The database %s refuses what should be right: %s (%d).",
                   connection->path, sqlite3_errmsg(connection->db), code);
}

/* fold(text): the same for what differs only in case, in every script (Unicode's full case folding,
 * in NFC). SQLite's own lower() knows ASCII only. */
static void fold(sqlite3_context *context, int count, sqlite3_value **values)
{
    const uint8_t *text = sqlite3_value_text(values[0]);
    size_t length = (size_t)sqlite3_value_bytes(values[0]);
    size_t folded_length;

    (void)count;
    if (!text)
        return;
    uint8_t *folded = u8_casefold(text, length, NULL, UNINORM_NFC, NULL, &folded_length);
    if (folded)
        sqlite3_result_text64(context, (char *)folded, folded_length, free, SQLITE_UTF8);
    else
        sqlite3_result_value(context, values[0]); /* no UTF-8 */
}

/* has_part(text, part): instr() > 0, as quick as the machine can compare. What is looked through may
 * be all that was ever spoken. */
static void has_part(sqlite3_context *context, int count, sqlite3_value **values)
{
    const void *text = sqlite3_value_text(values[0]);
    const void *part = sqlite3_value_text(values[1]);

    (void)count;
    if (text && part)
        sqlite3_result_int(context, memmem(text, (size_t)sqlite3_value_bytes(values[0]), part,
                                           (size_t)sqlite3_value_bytes(values[1])) != NULL);
}

static int add_function(const struct connection *connection, const char *name, int count,
                        void (*call)(sqlite3_context *, int, sqlite3_value **))
{
    return sqlite3_create_function_v2(connection->db, name, count,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                      call, NULL, NULL, NULL);
}

/* Pages are cached per connection; 1 MB is enough for what is read again and again, and bounds what
 * the pool of readers holds. */
static bool set_up(struct connection *connection, int busy_ms, struct err *err)
{
    int code = sqlite3_busy_timeout(connection->db, busy_ms);

    if (code == SQLITE_OK)
        code = add_function(connection, "fold", 1, fold);
    if (code == SQLITE_OK)
        code = add_function(connection, "has_part", 2, has_part);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (code != SQLITE_OK)
        return connection_error(connection, code, err);
    return connection_run(connection,
                          "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                          "PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY",
                          err);
}

bool connection_open(struct connection *connection, const char *path, enum connection_mode mode,
                     int busy_ms, struct err *err)
{
    int flags = mode == CONNECTION_WRITES ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                          : SQLITE_OPEN_READONLY;

    *connection = (struct connection){ .path = path };
    int code = sqlite3_open_v2(path, &connection->db,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK && mode == CONNECTION_WRITES &&
        sqlite3_db_readonly(connection->db, "main"))
        code = SQLITE_READONLY; /* what may not be written is opened for reading, without a word */
    bool ok = code == SQLITE_OK ? set_up(connection, busy_ms, err)
                                : connection_error(connection, code, err);

    if (!ok)
        connection_close(connection);
    return ok;
}

void connection_close(struct connection *connection)
{
    for (size_t i = 0; i < connection->count; i++)
        sqlite3_finalize(connection->statements[i].prepared);
    free(connection->statements);
    sqlite3_close(connection->db);
    *connection = (struct connection){ 0 };
}

void connection_set_patience(struct connection *connection, int busy_ms)
{
    sqlite3_busy_timeout(connection->db, busy_ms); /* fails for a closed one only */
}

bool connection_run(struct connection *connection, const char *sql, struct err *err)
{
    int code = sqlite3_exec(connection->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK || connection_error(connection, code, err);
}

static void now_ms(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct clock *clock = sqlite3_user_data(context);

    (void)count, (void)values;
    sqlite3_result_int64(context, clock->now_ms(clock->state));
}

/* SQLITE_DIRECTONLY: not for the schema, which programs without this function read too. */
bool connection_add_clock(struct connection *connection, const struct clock *clock, struct err *err)
{
    int code =
        sqlite3_create_function_v2(connection->db, "now_ms", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                   (void *)(uintptr_t)clock, now_ms, NULL, NULL, NULL);

    return code == SQLITE_OK || connection_error(connection, code, err);
}

/* There are fewer than a hundred statements, and comparing addresses is quick. */
struct sqlite3_stmt *connection_prepare(struct connection *connection, const char *sql, int *code)
{
    struct statement statement = { .sql = sql };

    *code = SQLITE_OK;
    for (size_t i = 0; i < connection->count; i++)
        if (connection->statements[i].sql == sql)
            return connection->statements[i].prepared;

    *code = sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                               &statement.prepared, NULL);
    if (*code != SQLITE_OK)
        return NULL;
    ARRAY_GROW(connection->statements, connection->count, connection->capacity);
    connection->statements[connection->count++] = statement;
    return statement.prepared;
}

int64_t connection_changes(const struct connection *connection)
{
    return sqlite3_changes64(connection->db);
}

void connection_roll_back(struct connection *connection)
{
    if (!sqlite3_get_autocommit(connection->db))
        sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
}
