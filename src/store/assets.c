#include "store/assets.h"

#include "base/id.h"
#include "store/store_internal.h"

static const char *const operation_names[] = {
    [FILE_OPERATION_RENAME] = "rename",
    [FILE_OPERATION_REMOVE] = "remove",
    [FILE_OPERATION_REMOVE_TREE] = "remove_tree",
};

bool file_operation_add(struct change *change, enum file_operation_kind kind, const char *source,
                        const char *target, struct err *err)
{
    static const char ADD[] = "INSERT INTO file_operations (kind, source, target) VALUES (?, ?, ?)";
    struct query q;

    query_begin(&q, change->db, ADD);
    query_bind_text(&q, 1, operation_names[kind]);
    query_bind_text(&q, 2, source);
    query_bind_text(&q, 3, target);
    return query_run(&q, err);
}

/* Removes a segment's files but the one at kept_path: of one kind or (NULL) of all. */
static bool remove_files(struct change *change, const char *segment_id, const char *kind,
                         const char *kept_path, struct err *err)
{
    static const char REMOVE[] = "INSERT INTO file_operations (kind, target)"
                                 " SELECT 'remove', path FROM assets WHERE segment_id = ?1"
                                 " AND (?2 IS NULL OR kind = ?2) AND path IS NOT ?3";
    struct query q;

    query_begin(&q, change->db, REMOVE);
    query_bind_text(&q, 1, segment_id);
    query_bind_text(&q, 2, kind);
    query_bind_text(&q, 3, kept_path);
    return query_run(&q, err);
}

static bool upsert_asset(struct change *change, const char *project_id, const char *segment_id,
                         const struct new_asset *asset, struct err *err)
{
    static const char UPSERT[] =
        "INSERT INTO assets (id, project_id, segment_id, kind, path, media_type, bytes, rate_hz,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?)"
        " ON CONFLICT (segment_id, kind) DO UPDATE SET id = excluded.id, path = excluded.path,"
        " media_type = excluded.media_type, bytes = excluded.bytes, rate_hz = excluded.rate_hz,"
        " created_at = excluded.created_at";
    char id[ID_SIZE];
    struct query q;

    id_make(id);
    query_begin(&q, change->db, UPSERT);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, project_id);
    query_bind_text(&q, 3, segment_id);
    query_bind_text(&q, 4, asset->kind);
    query_bind_text(&q, 5, asset->path);
    query_bind_text(&q, 6, asset->media_type);
    query_bind_int(&q, 7, asset->bytes);
    query_bind_int(&q, 8, asset->rate_hz);
    query_bind_int(&q, 9, change->now);
    return query_run(&q, err);
}

bool asset_put(struct change *change, const char *project_id, const char *segment_id,
               const struct new_asset *asset, struct err *err)
{
    return file_operation_add(change, FILE_OPERATION_RENAME, asset->staged_path, asset->path,
                              err) &&
           remove_files(change, segment_id, asset->kind, asset->path, err) &&
           upsert_asset(change, project_id, segment_id, asset, err);
}

bool assets_remove(struct change *change, const char *segment_id, const char *kind, struct err *err)
{
    static const char DELETE[] =
        "DELETE FROM assets WHERE segment_id = ?1 AND (?2 IS NULL OR kind = ?2)";
    struct query q;

    if (!remove_files(change, segment_id, kind, NULL, err))
        return false;
    query_begin(&q, change->db, DELETE);
    query_bind_text(&q, 1, segment_id);
    query_bind_text(&q, 2, kind);
    return query_run(&q, err);
}

static void read_operation(struct query *q, struct arena *arena, void *row)
{
    struct file_operation *out = row;

    *out = (struct file_operation){
        .id = column_int(q, 0),
        .kind =
            (enum file_operation_kind)column_choice(q, 1, operation_names, COUNT(operation_names)),
        .source = column_text(q, 2, arena),
        .target = column_text(q, 3, arena),
    };
}

static bool list_operations(struct connection *db, struct arena *arena,
                            struct file_operation_list *out, struct err *err)
{
    static const char OPERATIONS[] =
        "SELECT id, kind, source, target FROM file_operations ORDER BY id LIMIT ?";
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_operation };
    struct query q;

    query_begin(&q, db, OPERATIONS);
    query_bind_int(&q, 1, STORE_FILE_OPERATIONS_MAX);
    bool ok = query_rows(&q, &rows, err);
    out->items = rows.items;
    out->count = (size_t)rows.count;
    return ok;
}

bool store_file_operations(struct store *store, struct arena *arena,
                           struct file_operation_list *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct file_operation_list){ 0 };
    if (!db)
        return false;
    bool ok = list_operations(db, arena, out, err);
    snapshot_end(store, db);
    return ok;
}

static bool finish_operations(struct change *change, const int64_t *ids, size_t count,
                              struct err *err)
{
    static const char DONE[] = "DELETE FROM file_operations WHERE id = ?";
    struct query q;

    for (size_t i = 0; i < count; i++) {
        query_begin(&q, change->db, DONE);
        query_bind_int(&q, 1, ids[i]);
        if (!query_run(&q, err))
            return false;
    }
    return true;
}

bool store_file_operations_done(struct store *store, const int64_t *ids, size_t count,
                                struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, finish_operations(&change, ids, count, err), err);
}

static void read_asset(struct query *q, struct arena *arena, void *row)
{
    struct asset *out = row;

    *out = (struct asset){
        .id = column_text(q, 0, arena),
        .project_id = column_text(q, 1, arena),
        .kind = column_text(q, 2, arena),
        .path = column_text(q, 3, arena),
        .media_type = column_text(q, 4, arena),
        .bytes = column_int(q, 5),
        .created_at = column_int(q, 6),
    };
}

static bool list_assets(struct connection *db, struct arena *arena, const char *project_id,
                        const struct page *page, struct asset_list *out, struct err *err)
{
    static const char TOTAL[] = "SELECT count(*) FROM assets WHERE project_id = ?";
    static const char ASSETS[] =
        "SELECT id, project_id, kind, path, media_type, bytes, created_at FROM assets"
        " WHERE project_id = ? ORDER BY number LIMIT ? OFFSET ?";
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_asset };
    struct query q;
    bool found;

    if (!query_number(db, TOTAL, project_id, &out->total, &found, err))
        return false;
    query_begin(&q, db, ASSETS);
    query_bind_text(&q, 1, project_id);
    query_bind_page(&q, 2, 3, page);
    bool ok = query_rows(&q, &rows, err);
    out->items = rows.items;
    out->count = rows.count;
    return ok;
}

bool store_assets(struct store *store, struct arena *arena, const char *project_id,
                  const struct page *page, struct asset_list *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct asset_list){ 0 };
    if (!db)
        return false;
    bool ok = list_assets(db, arena, project_id, page, out, err);
    snapshot_end(store, db);
    return ok;
}
