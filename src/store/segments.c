#include "store/segments.h"

#include "base/id.h"
#include "store/store_internal.h"

/* Where rows of a project wait that are being renumbered: past any index, since each must be unique
 * and not negative at every moment. */
#define PARKED "4294967296"

#define SEGMENTS                                                                                   \
    "SELECT id, project_id, sequence_index, text_content, image_prompt, chapter, image_file,"      \
    " audio_file, audio_duration, audio_engine, audio_voice, audio_stale, is_locked,"              \
    " (SELECT j.id FROM units AS u JOIN jobs AS j ON j.number = u.job_number"                      \
    "   WHERE u.subject = segments.id AND u.state IN ('queued', 'running') LIMIT 1),"              \
    " audio_error, created_at, updated_at,"                                                        \
    " (SELECT created_at FROM assets"                                                              \
    "   WHERE segment_id = segments.id AND kind = 'segment_audio') FROM segments"

static void read_segment(struct query *q, struct arena *arena, void *row)
{
    struct segment *out = row;

    *out = (struct segment){
        .id = column_text(q, 0, arena),
        .project_id = column_text(q, 1, arena),
        .sequence_index = column_int(q, 2),
        .text_content = column_text(q, 3, arena),
        .image_prompt = column_text(q, 4, arena),
        .chapter = column_text(q, 5, arena),
        .image_file = column_text(q, 6, arena),
        .audio_file = column_text(q, 7, arena),
        .audio_duration = column_number(q, 8),
        .audio_engine = column_text(q, 9, arena),
        .audio_voice = column_text(q, 10, arena),
        .audio_stale = column_bool(q, 11),
        .is_locked = column_bool(q, 12),
        .task_id = column_text(q, 13, arena),
        .audio_error = column_text(q, 14, arena),
        .created_at = column_int(q, 15),
        .updated_at = column_int(q, 16),
        .audio_created_at = column_int(q, 17),
    };
}

static bool segment_missing(const char *id, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "There is no segment %.60s.", id);
}

static bool get_segment(struct connection *db, struct arena *arena, const char *id,
                        struct segment *out, struct err *err)
{
    static const char SEGMENT[] = SEGMENTS " WHERE id = ?";
    struct query q;

    query_begin(&q, db, SEGMENT);
    query_bind_text(&q, 1, id);
    bool found = query_next(&q);
    if (found)
        read_segment(&q, arena, out);
    return query_end(&q, err) && (found || segment_missing(id, err));
}

bool store_segment_get(struct store *store, struct arena *arena, const char *id,
                       struct segment *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    if (!db)
        return false;
    bool ok = get_segment(db, arena, id, out, err);
    snapshot_end(store, db);
    return ok;
}

/* How many segments there are, of a project or (NULL) of all; ERR_NOT_FOUND without it. */
static bool count_segments(struct connection *db, const char *project_id, int64_t *out,
                           struct err *err)
{
    static const char OF_PROJECT[] = "SELECT segment_count FROM projects WHERE id = ?";
    static const char OF_ALL[] = "SELECT count(*) FROM segments";
    bool found;

    if (!query_number(db, project_id ? OF_PROJECT : OF_ALL, project_id, out, &found, err))
        return false;
    return found || err_set(err, ERR_NOT_FOUND, "There is no project %.60s.", project_id);
}

static bool list_segments(struct connection *db, struct arena *arena, const char *project_id,
                          const struct page *page, struct segment_list *out, struct err *err)
{
    static const char OF_PROJECT[] =
        SEGMENTS " WHERE project_id = ?3 ORDER BY sequence_index LIMIT ?1 OFFSET ?2";
    static const char OF_ALL[] = SEGMENTS " ORDER BY project_id, sequence_index LIMIT ?1 OFFSET ?2";
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_segment };
    struct query q;

    if (!count_segments(db, project_id, &out->total, err))
        return false;
    query_begin(&q, db, project_id ? OF_PROJECT : OF_ALL);
    query_bind_page(&q, 1, 2, page);
    if (project_id)
        query_bind_text(&q, 3, project_id);
    bool ok = query_rows(&q, &rows, err);
    out->items = rows.items;
    out->count = rows.count;
    return ok;
}

bool store_segments(struct store *store, struct arena *arena, const char *project_id,
                    const struct page *page, struct segment_list *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct segment_list){ 0 };
    if (!db)
        return false;
    bool ok = list_segments(db, arena, project_id, page, out, err);
    snapshot_end(store, db);
    return ok;
}

/* audio_text is what the audio says once that is not the text any more, so that going back to it
 * makes the audio fresh again. */
static bool write_segment(struct change *db_change, const char *id,
                          const struct segment_change *change, struct err *err)
{
    static const char UPDATE[] =
        "UPDATE segments SET text_content = coalesce(?2, text_content),"
        " audio_text = CASE WHEN audio_file IS NULL THEN NULL ELSE"
        "   nullif(coalesce(audio_text, text_content), coalesce(?2, text_content)) END,"
        " audio_error = CASE WHEN coalesce(?2, text_content) = text_content THEN audio_error END,"
        " image_prompt = coalesce(?3, image_prompt), is_locked = coalesce(?4, is_locked),"
        " updated_at = ?5 WHERE id = ?1";
    struct query q;

    query_begin(&q, db_change->db, UPDATE);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, change->text_content);
    query_bind_text(&q, 3, change->image_prompt);
    if (change->is_locked)
        query_bind_int(&q, 4, *change->is_locked);
    query_bind_int(&q, 5, db_change->now);
    return query_run(&q, err);
}

struct segment_lock {
    const char *project_id;
    bool is_locked;
    bool is_other; /* the change gives it another text or prompt */
};

static bool read_lock(struct change *db_change, struct arena *arena, const char *id,
                      const struct segment_change *change, struct segment_lock *out,
                      struct err *err)
{
    static const char LOCK[] =
        "SELECT project_id, is_locked, text_content IS NOT coalesce(?2, text_content)"
        " OR image_prompt IS NOT coalesce(?3, image_prompt) FROM segments WHERE id = ?1";
    struct query q;

    query_begin(&q, db_change->db, LOCK);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, change->text_content);
    query_bind_text(&q, 3, change->image_prompt);
    bool found = query_next(&q);
    if (found)
        *out = (struct segment_lock){
            .project_id = column_text(&q, 0, arena),
            .is_locked = column_bool(&q, 1),
            .is_other = column_bool(&q, 2),
        };
    return query_end(&q, err) && (found || segment_missing(id, err));
}

static bool segment_locked(const char *doing, struct err *err)
{
    return err_set(err, ERR_CONFLICT, "Segment is locked. Unlock it before %s.", doing);
}

static bool update_segment(struct change *db_change, struct arena *arena, const char *id,
                           const struct segment_change *change, struct err *err)
{
    struct segment_lock lock;

    if (!read_lock(db_change, arena, id, change, &lock, err))
        return false;
    if (lock.is_locked && lock.is_other && !(change->is_locked && !*change->is_locked))
        return segment_locked("changing it", err);
    return write_segment(db_change, id, change, err) &&
           project_settle(db_change, lock.project_id, err);
}

bool store_segment_update(struct store *store, const char *id,
                          const struct segment_change *segment_change, struct err *err)
{
    struct change change;
    struct arena arena = ARENA;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(&change, update_segment(&change, &arena, id, segment_change, err), err);
    arena_release(&arena);
    return ok;
}

bool segment_check_unlocked(struct change *change, struct arena *arena, const char *id,
                            const char *doing, const char **project_id, struct err *err)
{
    struct segment_lock lock;

    if (!read_lock(change, arena, id, &(struct segment_change){ 0 }, &lock, err))
        return false;
    *project_id = lock.project_id;
    return !lock.is_locked || !doing || segment_locked(doing, err);
}

bool segment_insert(struct change *change, const char *id, const char *project_id, int64_t index,
                    const struct new_segment *segment, struct err *err)
{
    static const char INSERT[] =
        "INSERT INTO segments (id, project_id, sequence_index, text_content, image_prompt, chapter,"
        " created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
    struct query q;

    query_begin(&q, change->db, INSERT);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, project_id);
    query_bind_int(&q, 3, index);
    query_bind_text_n(&q, 4, segment->text, segment->length);
    query_bind_text(&q, 5, segment->image_prompt ? segment->image_prompt : "");
    query_bind_text(&q, 6, segment->chapter ? segment->chapter : "");
    query_bind_int(&q, 7, change->now);
    return query_run(&q, err);
}

/* Moves a project's segments from index on by some places. */
static bool shift_segments(struct change *change, const char *project_id, int64_t index,
                           int64_t places, struct err *err)
{
    static const char PARK[] = "UPDATE segments SET sequence_index = sequence_index + " PARKED
                               " WHERE project_id = ? AND sequence_index >= ?";
    static const char PLACE[] = "UPDATE segments SET sequence_index = sequence_index - " PARKED
                                " + ?2 WHERE project_id = ?1 AND sequence_index >= " PARKED;
    struct query q;

    query_begin(&q, change->db, PARK);
    query_bind_text(&q, 1, project_id);
    query_bind_int(&q, 2, index);
    if (!query_run(&q, err))
        return false;
    query_begin(&q, change->db, PLACE);
    query_bind_text(&q, 1, project_id);
    query_bind_int(&q, 2, places);
    return query_run(&q, err);
}

static bool create_segment(struct change *change, const char *project_id, int64_t index,
                           const struct new_segment *segment, const char *id, struct err *err)
{
    int64_t count;

    if (!count_segments(change->db, project_id, &count, err))
        return false;
    if (index < -1 || index > count)
        return err_set_param(err, ERR_INVALID, "sequence_index",
                             "A place among %lld segments is 0 to %lld.", (long long)count,
                             (long long)count);
    if (index >= 0 && index < count && !shift_segments(change, project_id, index, 1, err))
        return false;
    return segment_insert(change, id, project_id, index < 0 ? count : index, segment, err) &&
           project_settle(change, project_id, err);
}

bool store_segment_create(struct store *store, const char *project_id, int64_t index,
                          const struct new_segment *segment, char *id, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    id_make(id);
    return change_end(&change, create_segment(&change, project_id, index, segment, id, err), err);
}

static bool delete_segment(struct change *change, struct arena *arena, const char *id,
                           struct err *err)
{
    static const char DELETE[] =
        "DELETE FROM segments WHERE id = ? RETURNING project_id, sequence_index";
    const char *project_id = NULL;
    int64_t index = 0;
    struct query q;

    if (!units_cancel_of_segment(change, id, err) || !assets_remove(change, id, NULL, err))
        return false;
    query_begin(&q, change->db, DELETE);
    query_bind_text(&q, 1, id);
    while (query_next(&q)) {
        project_id = column_text(&q, 0, arena);
        index = column_int(&q, 1);
    }
    if (!query_end(&q, err))
        return false;
    if (!project_id)
        return segment_missing(id, err);
    return shift_segments(change, project_id, index, -1, err) &&
           project_settle(change, project_id, err);
}

bool store_segment_delete(struct store *store, const char *id, struct err *err)
{
    struct change change;
    struct arena arena = ARENA;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(&change, delete_segment(&change, &arena, id, err), err);
    arena_release(&arena);
    return ok;
}

static bool order_invalid(struct err *err)
{
    return err_set_param(err, ERR_INVALID, "order",
                         "The order must name each segment of the project exactly once.");
}

/* With as many ids as segments, each of which takes one out of the parked, all have their place. */
static bool reorder_segments(struct change *change, const char *project_id, const char *const *ids,
                             size_t count, struct err *err)
{
    static const char PARK[] =
        "UPDATE segments SET sequence_index = sequence_index + " PARKED " WHERE project_id = ?";
    static const char PLACE[] = "UPDATE segments SET sequence_index = ?3"
                                " WHERE id = ?1 AND project_id = ?2 AND sequence_index >= " PARKED;
    struct query q;
    int64_t expected;
    bool found;

    if (!count_segments(change->db, project_id, &expected, err))
        return false;
    if ((uint64_t)expected != count)
        return order_invalid(err);
    query_begin(&q, change->db, PARK);
    query_bind_text(&q, 1, project_id);
    if (!query_run(&q, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        query_begin(&q, change->db, PLACE);
        query_bind_text(&q, 1, ids[i]);
        query_bind_text(&q, 2, project_id);
        query_bind_int(&q, 3, (int64_t)i);
        if (!query_run_found(&q, &found, err))
            return false;
        if (!found)
            return order_invalid(err);
    }
    return project_settle(change, project_id, err);
}

bool store_segments_reorder(struct store *store, const char *project_id, const char *const *ids,
                            size_t count, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, reorder_segments(&change, project_id, ids, count, err), err);
}
