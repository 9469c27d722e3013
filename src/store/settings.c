#include "store/settings.h"

#include "store/store_internal.h"

/* A value that may not be set. */
static const int64_t *column_int_or_null(struct query *q, int column, struct arena *arena)
{
    int64_t value = column_int(q, column);

    return column_is_null(q, column) ? NULL : arena_copy(arena, &value, sizeof value);
}

static const bool *column_bool_or_null(struct query *q, int column, struct arena *arena)
{
    bool value = column_bool(q, column);

    return column_is_null(q, column) ? NULL : arena_copy(arena, &value, sizeof value);
}

static bool get_settings(struct connection *db, struct arena *arena, struct settings *out,
                         struct err *err)
{
    static const char SETTINGS[] =
        "SELECT default_voice_id, tts_speed, engine, updated_at, history_enabled,"
        " history_retain_audio, history_max_entries, history_max_mb FROM settings";
    struct query q;

    query_begin(&q, db, SETTINGS);
    bool found = query_next(&q);
    if (found)
        *out = (struct settings){
            .default_voice_id = column_text(&q, 0, arena),
            .tts_speed = column_number(&q, 1),
            .engine = column_text(&q, 2, arena),
            .updated_at = column_int(&q, 3),
            .history_enabled = column_bool_or_null(&q, 4, arena),
            .history_retain_audio = column_bool_or_null(&q, 5, arena),
            .history_max_entries = column_int_or_null(&q, 6, arena),
            .history_max_mb = column_int_or_null(&q, 7, arena),
        };
    if (!query_end(&q, err))
        return false;
    return found ||
           err_set(err, ERR_CORRUPT,
                   "The database %s has lost its settings. Put a copy of it back.", db->path);
}

bool store_settings_get(struct store *store, struct arena *arena, struct settings *out,
                        struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    if (!db)
        return false;
    bool ok = get_settings(db, arena, out, err);
    snapshot_end(store, db);
    return ok;
}

static bool update_settings(struct change *db_change, const struct settings_change *change,
                            struct err *err)
{
    static const char UPDATE[] =
        "UPDATE settings SET default_voice_id = coalesce(?1, default_voice_id),"
        " tts_speed = coalesce(?2, tts_speed), engine = coalesce(?3, engine), updated_at = ?4,"
        " history_enabled = coalesce(?5, history_enabled),"
        " history_retain_audio = coalesce(?6, history_retain_audio),"
        " history_max_entries = coalesce(?7, history_max_entries),"
        " history_max_mb = coalesce(?8, history_max_mb)";
    struct query q;

    query_begin(&q, db_change->db, UPDATE);
    query_bind_text(&q, 1, change->default_voice_id);
    if (change->tts_speed)
        query_bind_number(&q, 2, *change->tts_speed);
    query_bind_text(&q, 3, change->engine);
    query_bind_int(&q, 4, db_change->now);
    if (change->history_enabled)
        query_bind_int(&q, 5, *change->history_enabled);
    if (change->history_retain_audio)
        query_bind_int(&q, 6, *change->history_retain_audio);
    if (change->history_max_entries)
        query_bind_int(&q, 7, *change->history_max_entries);
    if (change->history_max_mb)
        query_bind_int(&q, 8, *change->history_max_mb);
    return query_run(&q, err);
}

bool store_settings_update(struct store *store, const struct settings_change *settings,
                           struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, update_settings(&change, settings, err), err);
}

bool store_mark_has(struct store *store, const char *name)
{
    static const char MARK[] = "SELECT 1 FROM marks WHERE name = ?";
    struct err err = { 0 };
    struct query q;
    bool found = false;
    struct connection *db = snapshot_begin(store, &err);

    if (!db)
        return false;
    query_begin(&q, db, MARK);
    query_bind_text(&q, 1, name);
    bool ok = query_run_found(&q, &found, &err);
    snapshot_end(store, db);
    return ok && found;
}

static bool set_mark(struct change *change, const char *name, struct err *err)
{
    static const char SET[] =
        "INSERT INTO marks (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING";
    struct query q;

    query_begin(&q, change->db, SET);
    query_bind_text(&q, 1, name);
    query_bind_int(&q, 2, change->now);
    return query_run(&q, err);
}

bool store_mark_set(struct store *store, const char *name, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, set_mark(&change, name, err), err);
}
