#include "store/profiles.h"

#include "store/store_internal.h"

#define PROFILES                                                                                   \
    "SELECT id, name, backend, model, voice, speed, format, blend, reference_audio_id,"            \
    " effects_json, is_default, created_at, updated_at FROM profiles "

static void read_profile(struct query *q, struct arena *arena, void *row)
{
    struct profile *out = row;

    *out = (struct profile){
        .id = column_text(q, 0, arena),
        .name = column_text(q, 1, arena),
        .backend = column_text(q, 2, arena),
        .model = column_text(q, 3, arena),
        .voice = column_text(q, 4, arena),
        .speed = column_number(q, 5),
        .format = column_text(q, 6, arena),
        .blend = column_text(q, 7, arena),
        .reference_audio_id = column_text(q, 8, arena),
        .effects = column_text(q, 9, arena),
        .is_default = column_bool(q, 10),
        .created_at = column_int(q, 11),
        .updated_at = column_int(q, 12),
    };
}

static bool profile_missing(const char *id, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "There is no profile %.60s.", id);
}

/* ---- reading ---- */

static bool list_profiles(struct connection *db, struct arena *arena, struct profile_list *out,
                          struct err *err)
{
    static const char ALL[] = PROFILES "ORDER BY name_folded";
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_profile };
    struct query q;

    query_begin(&q, db, ALL);
    bool ok = query_rows(&q, &rows, err);
    out->items = rows.items;
    out->count = rows.count;
    for (int64_t i = 0; i < out->count; i++)
        if (out->items[i].is_default)
            out->default_id = out->items[i].id;
    return ok;
}

bool store_profiles(struct store *store, struct arena *arena, struct profile_list *out,
                    struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct profile_list){ 0 };
    if (!db)
        return false;
    bool ok = list_profiles(db, arena, out, err);
    snapshot_end(store, db);
    return ok;
}

/* The first that a statement gives. id: its parameter, or NULL. */
static bool find_profile(struct store *store, struct arena *arena, const char *sql, const char *id,
                         struct profile *out, bool *found, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);
    struct query q;

    *found = false;
    if (!db)
        return false;
    query_begin(&q, db, sql);
    if (id)
        query_bind_text(&q, 1, id);
    *found = query_next(&q);
    if (*found)
        read_profile(&q, arena, out);
    bool ok = query_end(&q, err);
    snapshot_end(store, db);
    return ok;
}

bool store_profile(struct store *store, struct arena *arena, const char *id, struct profile *out,
                   struct err *err)
{
    static const char ONE[] = PROFILES "WHERE id = ?";
    bool found;

    return find_profile(store, arena, ONE, id, out, &found, err) &&
           (found || profile_missing(id, err));
}

bool store_profile_default(struct store *store, struct arena *arena, struct profile *out,
                           bool *found, struct err *err)
{
    static const char DEFAULT[] = PROFILES "WHERE is_default";

    return find_profile(store, arena, DEFAULT, NULL, out, found, err);
}

bool store_profiles_revision(struct store *store, int64_t *out, struct err *err)
{
    return revision_get(store, "profiles", out, err);
}

/* ---- changing ---- */

/* ERR_CONFLICT when another profile than id (NULL: any) has the name. */
static bool check_name(struct change *change, const char *name, const char *id, struct err *err)
{
    static const char SAME[] =
        "SELECT name FROM profiles WHERE name_folded = fold(?1) AND id IS NOT ?2";
    struct query q;
    bool found;

    query_begin(&q, change->db, SAME);
    query_bind_text(&q, 1, name);
    query_bind_text(&q, 2, id);
    if (!query_run_found(&q, &found, err))
        return false;
    return !found || err_set_param(err, ERR_CONFLICT, "name",
                                   "There is a profile called %.400s already.", name);
}

static bool insert_profile(struct change *change, const struct profile *profile, const char *id,
                           struct err *err)
{
    static const char INSERT[] =
        "INSERT INTO profiles (id, name, name_folded, backend, model, voice, speed, format, blend,"
        " reference_audio_id, effects_json, created_at, updated_at)"
        " VALUES (?1, ?2, fold(?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)";
    struct query q;

    query_begin(&q, change->db, INSERT);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, profile->name);
    query_bind_text(&q, 3, profile->backend);
    query_bind_text(&q, 4, profile->model);
    query_bind_text(&q, 5, profile->voice);
    query_bind_number(&q, 6, profile->speed);
    query_bind_text(&q, 7, profile->format);
    query_bind_text(&q, 8, profile->blend);
    query_bind_text(&q, 9, profile->reference_audio_id);
    query_bind_text(&q, 10, profile->effects);
    query_bind_int(&q, 11, change->now);
    return query_run(&q, err);
}

bool store_profile_create(struct store *store, const struct profile *profile, char id[ID_SIZE],
                          struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    id_make(id);
    bool ok =
        check_name(&change, profile->name, NULL, err) && insert_profile(&change, profile, id, err);
    return change_end(&change, ok, err);
}

/* A column that may be NULL: whether it is given, and what it becomes. */
static void bind_given(struct query *q, int parameter, const char *const *value)
{
    query_bind_int(q, parameter, value != NULL);
    query_bind_text(q, parameter + 1, value ? *value : NULL);
}

static bool update_profile(struct change *change, const char *id,
                           const struct profile_change *profile, struct err *err)
{
    static const char UPDATE[] =
        "UPDATE profiles SET name = coalesce(?2, name), name_folded = coalesce(fold(?2),"
        " name_folded), backend = coalesce(?3, backend), voice = coalesce(?4, voice),"
        " speed = coalesce(?5, speed), format = coalesce(?6, format),"
        " effects_json = coalesce(?7, effects_json), model = iif(?8, ?9, model),"
        " blend = iif(?10, ?11, blend), reference_audio_id = iif(?12, ?13, reference_audio_id),"
        " updated_at = ?14 WHERE id = ?1";
    struct query q;
    bool found;

    query_begin(&q, change->db, UPDATE);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, profile->name);
    query_bind_text(&q, 3, profile->backend);
    query_bind_text(&q, 4, profile->voice);
    if (profile->speed)
        query_bind_number(&q, 5, *profile->speed);
    query_bind_text(&q, 6, profile->format);
    query_bind_text(&q, 7, profile->effects);
    bind_given(&q, 8, profile->model);
    bind_given(&q, 10, profile->blend);
    bind_given(&q, 12, profile->reference_audio_id);
    query_bind_int(&q, 14, change->now);
    return query_run_found(&q, &found, err) && (found || profile_missing(id, err));
}

bool store_profile_update(struct store *store, const char *id, const struct profile_change *profile,
                          struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = (!profile->name || check_name(&change, profile->name, id, err)) &&
              update_profile(&change, id, profile, err);
    return change_end(&change, ok, err);
}

/* A statement on one profile. */
static bool change_profile(struct change *change, const char *sql, const char *id, struct err *err)
{
    struct query q;
    bool found;

    query_begin(&q, change->db, sql);
    query_bind_text(&q, 1, id);
    return query_run_found(&q, &found, err) && (found || profile_missing(id, err));
}

bool store_profile_delete(struct store *store, const char *id, struct err *err)
{
    static const char DELETE[] = "DELETE FROM profiles WHERE id = ?";
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, change_profile(&change, DELETE, id, err), err);
}

static bool set_default(struct change *change, const char *id, bool is_default, struct err *err)
{
    static const char CLEAR_OTHERS[] =
        "UPDATE profiles SET is_default = 0 WHERE is_default AND id <> ?";
    static const char SET[] = "UPDATE profiles SET is_default = 1 WHERE id = ?";
    static const char CLEAR[] = "UPDATE profiles SET is_default = 0 WHERE id = ?";
    struct query q;

    if (!is_default)
        return change_profile(change, CLEAR, id, err);
    query_begin(&q, change->db, CLEAR_OTHERS);
    query_bind_text(&q, 1, id);
    return query_run(&q, err) && change_profile(change, SET, id, err);
}

bool store_profile_set_default(struct store *store, const char *id, bool is_default,
                               struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, set_default(&change, id, is_default, err), err);
}
