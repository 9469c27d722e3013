#include "store/projects.h"

#include <string.h>

#include "base/id.h"
#include "store/segments.h"
#include "store/store_internal.h"

const char *const project_status_names[] = {
    [PROJECT_DRAFT] = "DRAFT",         [PROJECT_PROCESSING] = "PROCESSING",
    [PROJECT_COMPLETED] = "COMPLETED", [PROJECT_FAILED] = "FAILED",
    [PROJECT_FAILED + 1] = NULL,
};

/*
 * The counts come from triggers; what this sets needs the clock, and to happen
 * once a transaction rather than once a row, so it is the one function that every
 * change of a project, its segments or its jobs calls before it commits.
 *
 * What is done counts for more than the last try: a project all spoken stays
 * COMPLETED though speaking it again could not begin.
 */
static const char SETTLE[] =
    "UPDATE projects SET revision = revision + 1, updated_at = ?2, status = CASE"
    "  WHEN EXISTS (SELECT 1 FROM jobs WHERE project_id = ?1 AND queued + running > 0)"
    "    THEN 'PROCESSING'"
    "  WHEN segment_count > 0 AND unspoken_count = 0 THEN 'COMPLETED'"
    "  WHEN (SELECT state FROM jobs WHERE project_id = ?1 ORDER BY number DESC LIMIT 1) = 'failed'"
    "    THEN 'FAILED'"
    "  ELSE 'DRAFT' END"
    " WHERE id = ?1";

bool project_settle(struct change *change, const char *project_id, struct err *err)
{
    struct query q;

    query_begin(&q, change->db, SETTLE);
    query_bind_text(&q, 1, project_id);
    query_bind_int(&q, 2, change->now);
    return query_run(&q, err);
}

#define PROJECT_COLUMNS                                                                            \
    "id, title, author, status, created_at, updated_at, revision, segment_count, audio_count,"     \
    " locked_count, stale_count, duration_us"

static void read_project(struct query *q, struct arena *arena, void *row)
{
    struct project *out = row;

    *out = (struct project){
        .id = column_text(q, 0, arena),
        .title = column_text(q, 1, arena),
        .author = column_text(q, 2, arena),
        .status =
            (enum project_status)column_choice(q, 3, project_status_names, PROJECT_FAILED + 1),
        .created_at = column_int(q, 4),
        .updated_at = column_int(q, 5),
        .revision = column_int(q, 6),
        .segment_count = column_int(q, 7),
        .audio_count = column_int(q, 8),
        .locked_count = column_int(q, 9),
        .stale_count = column_int(q, 10),
        .duration_s = (double)column_int(q, 11) / 1e6,
    };
}

static bool get_project(struct connection *db, struct arena *arena, const char *id,
                        struct project *out, struct err *err)
{
    static const char PROJECT[] = "SELECT " PROJECT_COLUMNS " FROM projects WHERE id = ?";
    struct query q;

    query_begin(&q, db, PROJECT);
    query_bind_text(&q, 1, id);
    bool found = query_next(&q);
    if (found)
        read_project(&q, arena, out);
    if (!query_end(&q, err))
        return false;
    return found || err_set(err, ERR_NOT_FOUND, "There is no project %.60s.", id);
}

static bool read_revision_of(struct connection *db, const char *id, int64_t *out, bool *found,
                             struct err *err)
{
    static const char REVISION[] = "SELECT revision FROM projects WHERE id = ?";

    return query_number(db, REVISION, id, out, found, err);
}

bool store_project_revision(struct store *store, const char *id, int64_t *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);
    bool found;

    if (!db)
        return false;
    bool ok = read_revision_of(db, id, out, &found, err);
    snapshot_end(store, db);
    return ok && (found || err_set(err, ERR_NOT_FOUND, "There is no project %.60s.", id));
}

int64_t store_project_glance(struct store *store, const char *id)
{
    struct connection *db = glance_begin(store);
    struct err ignored = { 0 };
    int64_t revision = -1;
    bool found;

    if (!db)
        return -1;
    if (!read_revision_of(db, id, &revision, &found, &ignored))
        revision = -1;
    glance_end(store, db);
    return revision;
}

bool store_project_get(struct store *store, struct arena *arena, const char *id,
                       struct project *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    if (!db)
        return false;
    bool ok = get_project(db, arena, id, out, err);
    snapshot_end(store, db);
    return ok;
}

#define MATCHES_SEARCH " WHERE ?1 IS NULL OR instr(fold(title), fold(?1)) > 0"
#define PROJECTS_BY(order)                                                                         \
    "SELECT " PROJECT_COLUMNS " FROM projects" MATCHES_SEARCH " ORDER BY " order                   \
    " LIMIT ?2 OFFSET ?3"

/* The first is the one without an order asked for. */
static const struct {
    const char *name, *sql;
} orders[] = {
    { "-created_at", PROJECTS_BY("created_at DESC, number DESC") },
    { "created_at", PROJECTS_BY("created_at, number") },
    { "-updated_at", PROJECTS_BY("updated_at DESC, number DESC") },
    { "updated_at", PROJECTS_BY("updated_at, number") },
    { "-title", PROJECTS_BY("fold(title) DESC, number DESC") },
    { "title", PROJECTS_BY("fold(title), number") },
};

static const char *order_find(const char *name)
{
    if (!name)
        return orders[0].sql;
    for (size_t i = 0; i < COUNT(orders); i++)
        if (strcmp(orders[i].name, name) == 0)
            return orders[i].sql;
    return NULL;
}

static bool list_projects(struct connection *db, struct arena *arena, const struct page *page,
                          const char *search, const char *sql, struct project_list *out,
                          struct err *err)
{
    static const char TOTAL[] = "SELECT count(*) FROM projects" MATCHES_SEARCH;
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_project };
    struct query q;
    bool found;

    if (!query_number(db, TOTAL, search, &out->total, &found, err))
        return false;
    query_begin(&q, db, sql);
    query_bind_text(&q, 1, search);
    query_bind_page(&q, 2, 3, page);
    bool ok = query_rows(&q, &rows, err);
    out->items = rows.items;
    out->count = rows.count;
    return ok;
}

bool store_projects(struct store *store, struct arena *arena, const struct page *page,
                    const char *search, const char *order, struct project_list *out,
                    struct err *err)
{
    const char *sql = order_find(order);

    *out = (struct project_list){ 0 };
    if (!sql)
        return err_set_param(err, ERR_INVALID, "ordering", "Projects have no order \"%.60s\".",
                             order);
    struct connection *db = snapshot_begin(store, err);
    if (!db)
        return false;
    bool ok = list_projects(db, arena, page, search, sql, out, err);
    snapshot_end(store, db);
    return ok;
}

static void read_revision(struct query *q, struct arena *arena, void *row)
{
    struct project_revision *out = row;

    *out = (struct project_revision){
        .id = column_text(q, 0, arena),
        .revision = column_int(q, 1),
    };
}

/* Without an index: sorting a thousand projects takes less than a fifth of a millisecond, and each
 * change of any would pay for it. */
static bool list_changed(struct connection *db, struct arena *arena, int64_t limit,
                         struct project_changes *out, struct err *err)
{
    static const char TOTAL[] = "SELECT count(*) FROM projects";
    static const char CHANGED[] =
        "SELECT id, revision FROM projects ORDER BY updated_at DESC, number DESC LIMIT ?";
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_revision };
    struct query q;
    bool found;

    if (!query_number(db, TOTAL, NULL, &out->total, &found, err))
        return false;
    query_begin(&q, db, CHANGED);
    query_bind_int(&q, 1, limit);
    bool ok = query_rows(&q, &rows, err);
    out->items = rows.items;
    out->count = rows.count;
    return ok;
}

bool store_projects_changed(struct store *store, struct arena *arena, int64_t limit,
                            struct project_changes *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct project_changes){ 0 };
    if (!db)
        return false;
    bool ok = list_changed(db, arena, limit, out, err);
    snapshot_end(store, db);
    return ok;
}

static bool insert_project(struct change *change, const char *id, const char *title,
                           const char *author, struct err *err)
{
    static const char INSERT[] = "INSERT INTO projects (id, title, author, created_at, updated_at) "
                                 "VALUES (?1, ?2, ?3, ?4, ?4)";
    struct query q;

    query_begin(&q, change->db, INSERT);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, title);
    query_bind_text(&q, 3, author ? author : "");
    query_bind_int(&q, 4, change->now);
    return query_run(&q, err);
}

static bool create_project(struct change *change, const char *id, const char *title,
                           const char *author, const struct new_segment *segments, size_t count,
                           struct err *err)
{
    char segment_id[ID_SIZE];

    if (!insert_project(change, id, title, author, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        id_make(segment_id);
        if (!segment_insert(change, segment_id, id, (int64_t)i, &segments[i], err))
            return false;
    }
    return project_settle(change, id, err);
}

bool store_project_create(struct store *store, const char *title, const char *author,
                          const struct new_segment *segments, size_t count, char *id,
                          struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    id_make(id);
    return change_end(&change, create_project(&change, id, title, author, segments, count, err),
                      err);
}

static bool rename_project(struct change *change, const char *id, const char *title,
                           struct err *err)
{
    static const char RENAME[] = "UPDATE projects SET title = ?2 WHERE id = ?1";
    struct query q;
    bool found;

    query_begin(&q, change->db, RENAME);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, title);
    if (!query_run_found(&q, &found, err))
        return false;
    if (!found)
        return err_set(err, ERR_NOT_FOUND, "There is no project %.60s.", id);
    return project_settle(change, id, err);
}

bool store_project_rename(struct store *store, const char *id, const char *title, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, rename_project(&change, id, title, err), err);
}

/* Segments and assets go with it by their foreign keys. */
static bool delete_project(struct change *change, struct arena *arena, const char *id,
                           struct err *err)
{
    static const char DELETE[] = "DELETE FROM projects WHERE id = ?";
    struct query q;
    bool found;

    if (!units_cancel_of_project(change, id, err))
        return false;
    query_begin(&q, change->db, DELETE);
    query_bind_text(&q, 1, id);
    if (!query_run_found(&q, &found, err))
        return false;
    if (!found)
        return err_set(err, ERR_NOT_FOUND, "There is no project %.60s.", id);
    return file_operation_add(change, FILE_OPERATION_REMOVE_TREE, NULL,
                              arena_format(arena, PROJECT_FOLDER "%s", id), err);
}

bool store_project_delete(struct store *store, const char *id, struct err *err)
{
    struct change change;
    struct arena arena = ARENA;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(&change, delete_project(&change, &arena, id, err), err);
    arena_release(&arena);
    return ok;
}
