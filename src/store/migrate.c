#include "store/migrate.h"

#include <stdlib.h>

#include "schema.h"
#include "store/query.h"

const struct migration store_migrations[] = {
    { embedded_step_1_sql },
    { embedded_step_2_sql },
};
const size_t store_migration_count = COUNT(store_migrations);

struct identity {
    int64_t application_id, version, table_count;
};

static bool read_identity(struct connection *connection, struct identity *out, struct err *err)
{
    static const char APPLICATION_ID[] = "PRAGMA application_id";
    static const char VERSION[] = "PRAGMA user_version";
    static const char TABLES[] = "SELECT count(*) FROM sqlite_schema";

    bool found; /* always: these have one row */

    *out = (struct identity){ 0 };
    return query_number(connection, APPLICATION_ID, NULL, &out->application_id, &found, err) &&
           query_number(connection, VERSION, NULL, &out->version, &found, err) &&
           query_number(connection, TABLES, NULL, &out->table_count, &found, err);
}

bool migrate_check(struct connection *connection, size_t count, struct err *err)
{
    struct identity identity;

    if (!read_identity(connection, &identity, err))
        return false;
    bool is_new = !identity.application_id && !identity.version && !identity.table_count;
    if (!is_new && identity.application_id != STORE_APPLICATION_ID)
        return err_set(err, ERR_CORRUPT,
                       "%s is the database of another program. Move it away, or choose another "
                       "data folder.",
                       connection->path);
    if (identity.version > (int64_t)count)
        return err_set(err, ERR_CONFLICT,
                       "%s was written by a newer Parlando (version %lld of the data; this one "
                       "knows %zu). Use that one, or another data folder.",
                       connection->path, (long long)identity.version, count);
    return true;
}

/* foreign_keys can be switched outside of a transaction only, and is off here, since rebuilding a
 * table must not cascade; what a step leaves is checked instead. */
static bool check_references(struct connection *connection, int64_t version, struct err *err)
{
    static const char CHECK[] = "PRAGMA foreign_key_check";
    struct query q;
    bool found;

    query_begin(&q, connection, CHECK);
    if (!query_run_found(&q, &found, err))
        return false;
    if (found)
        return err_set(err, ERR_CORRUPT,
                       "%s cannot be brought to version %lld: rows refer to others that are not "
                       "there. Put a copy of it back.",
                       connection->path, (long long)version);
    return true;
}

static bool take_step(struct connection *connection, const struct migration *step, int64_t version,
                      struct err *err)
{
    char *mark = str_format("PRAGMA user_version = %lld; PRAGMA application_id = %d",
                            (long long)version, STORE_APPLICATION_ID);
    bool ok = connection_run(connection, step->sql, err) &&
              check_references(connection, version, err) && connection_run(connection, mark, err);

    free(mark);
    return ok;
}

/* Looks at the version under the file's lock: another process may have taken the step meanwhile. */
static bool step_once(struct connection *connection, const struct migration *steps, size_t count,
                      bool *is_current, struct err *err)
{
    struct identity identity;
    bool ok = connection_run(connection, "BEGIN IMMEDIATE", err) &&
              migrate_check(connection, count, err) && read_identity(connection, &identity, err);

    *is_current = ok && identity.version == (int64_t)count;
    if (ok && !*is_current)
        ok = take_step(connection, &steps[identity.version], identity.version + 1, err);
    ok = ok && connection_run(connection, "COMMIT", err);
    connection_roll_back(connection);
    return ok;
}

static bool take_steps(struct connection *connection, const struct migration *steps, size_t count,
                       struct err *err)
{
    bool is_current = false;

    while (!is_current)
        if (!step_once(connection, steps, count, &is_current, err))
            return false;
    return true;
}

bool migrate(struct connection *connection, const struct migration *steps, size_t count,
             struct err *err)
{
    struct identity identity;

    if (!read_identity(connection, &identity, err))
        return false;
    if (identity.version == (int64_t)count)
        return true;
    bool ok = connection_run(connection, "PRAGMA foreign_keys = OFF", err) &&
              take_steps(connection, steps, count, err);
    return connection_run(connection, "PRAGMA foreign_keys = ON", ok ? err : &(struct err){ 0 }) &&
           ok;
}
