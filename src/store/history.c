#include "store/history.h"

#include <string.h>

#include "base/utf8.h"
#include "store/store_internal.h"

const char *const history_type_names[] = {
    [HISTORY_TTS] = "tts",
    [HISTORY_STT] = "stt",
    [HISTORY_STT + 1] = NULL,
};

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "id, type, created_at, engine, model, voice, speed, format, language, profile_id, duration_s," \
    " text_preview, input_filename, output_path, output_bytes, words_are_measured"

static void read_entry(struct query *q, struct arena *arena, void *row)
{
    struct history_entry *out = row;

    *out = (struct history_entry){
        .id = column_text(q, 0, arena),
        .type = (enum history_type)column_choice(q, 1, history_type_names, HISTORY_STT + 1),
        .created_at = column_int(q, 2),
        .engine = column_text(q, 3, arena),
        .model = column_text(q, 4, arena),
        .voice = column_text(q, 5, arena),
        .speed = column_number(q, 6),
        .format = column_text(q, 7, arena),
        .language = column_text(q, 8, arena),
        .profile_id = column_text(q, 9, arena),
        .duration_s = column_number(q, 10),
        .text_preview = column_text(q, 11, arena),
        .input_filename = column_text(q, 12, arena),
        .output_path = column_text(q, 13, arena),
        .output_bytes = column_int(q, 14),
        .words_are_measured = column_bool(q, 15),
    };
}

static bool entry_missing(const char *id, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "There is no entry %.60s in the history.", id);
}

static bool get_entry(struct connection *db, struct arena *arena, const char *id,
                      struct history_entry *out, struct err *err)
{
    static const char ENTRY[] = "SELECT " COLUMNS ", full_text, words_json, segments_json"
                                " FROM history_entries WHERE id = ?";
    struct query q;

    query_begin(&q, db, ENTRY);
    query_bind_text(&q, 1, id);
    bool found = query_next(&q);
    if (found) {
        read_entry(&q, arena, out);
        out->full_text = column_text(&q, 16, arena);
        out->words = column_text(&q, 17, arena);
        out->segments = column_text(&q, 18, arena);
    }
    return query_end(&q, err) && (found || entry_missing(id, err));
}

bool store_history_get(struct store *store, struct arena *arena, const char *id,
                       struct history_entry *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    if (!db)
        return false;
    bool ok = get_entry(db, arena, id, out, err);
    snapshot_end(store, db);
    return ok;
}

static void read_number(struct query *q, struct arena *arena, void *row)
{
    int64_t *out = row;

    (void)arena;
    *out = column_int(q, 0);
}

/* A search is for a part of the text as it stands: % and _ are themselves. */
#define MATCHES                                                                                    \
    " WHERE (?1 IS NULL OR type = ?1) AND (?2 IS NULL OR has_part(search_text, fold(?2)))"

static const char *type_of(const struct history_filter *filter)
{
    return filter->type ? history_type_names[*filter->type] : NULL;
}

static void bind_filter(struct query *q, const struct history_filter *filter)
{
    query_bind_text(q, 1, type_of(filter));
    query_bind_text(q, 2, filter->search);
}

/* The texts are read once, which is what a search costs: first for all that match, of which the page
 * is a part. */
static bool search(struct connection *db, struct arena *arena, const struct history_filter *filter,
                   const struct page *page, struct rows *entries, int64_t *total, struct err *err)
{
    static const char NUMBERS[] =
        "SELECT number FROM history_entries" MATCHES " ORDER BY number DESC";
    static const char ENTRY[] = "SELECT " COLUMNS " FROM history_entries WHERE number = ?";
    struct rows numbers = { .arena = arena, .size = sizeof(int64_t), .read = read_number };
    int64_t from = page ? page->offset : 0;
    struct query q;

    query_begin(&q, db, NUMBERS);
    bind_filter(&q, filter);
    if (!query_rows(&q, &numbers, err))
        return false;
    *total = numbers.count;
    int64_t most = page && page->limit ? page->limit : *total;
    for (int64_t i = from; i < *total && i - from < most; i++) {
        query_begin(&q, db, ENTRY);
        query_bind_int(&q, 1, ((int64_t *)numbers.items)[i]);
        if (!query_rows(&q, entries, err))
            return false;
    }
    return true;
}

/* Without a search no text is looked at. */
static bool browse(struct connection *db, const char *type, const struct page *page,
                   struct rows *entries, int64_t *total, struct err *err)
{
    static const char COUNT_ALL[] = "SELECT entries FROM history_totals";
    static const char COUNT_TYPE[] = "SELECT count(*) FROM history_entries WHERE type = ?";
    static const char ALL[] =
        "SELECT " COLUMNS " FROM history_entries ORDER BY number DESC LIMIT ?2 OFFSET ?3";
    static const char OF_TYPE[] = "SELECT " COLUMNS " FROM history_entries WHERE type = ?1"
                                  " ORDER BY number DESC LIMIT ?2 OFFSET ?3";
    struct query q;
    bool found; /* always: one row */

    if (!query_number(db, type ? COUNT_TYPE : COUNT_ALL, type, total, &found, err))
        return false;
    query_begin(&q, db, type ? OF_TYPE : ALL);
    if (type)
        query_bind_text(&q, 1, type);
    query_bind_page(&q, 2, 3, page);
    return query_rows(&q, entries, err);
}

static bool list_entries(struct connection *db, struct arena *arena,
                         const struct history_filter *filter, const struct page *page,
                         struct history_list *out, struct err *err)
{
    static const char BYTES[] = "SELECT bytes FROM history_totals";
    struct rows entries = { .arena = arena, .size = sizeof *out->items, .read = read_entry };
    bool found; /* always: it has one row */
    bool ok = query_number(db, BYTES, NULL, &out->bytes, &found, err) &&
              (filter->search ? search(db, arena, filter, page, &entries, &out->total, err)
                              : browse(db, type_of(filter), page, &entries, &out->total, err));

    out->items = entries.items;
    out->count = entries.count;
    return ok;
}

bool store_history(struct store *store, struct arena *arena, const struct history_filter *filter,
                   const struct page *page, struct history_list *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct history_list){ 0 };
    if (!db)
        return false;
    bool ok = list_entries(db, arena, filter, page, out, err);
    snapshot_end(store, db);
    return ok;
}

bool store_history_revision(struct store *store, int64_t *out, struct err *err)
{
    return revision_get(store, "history", out, err);
}

/* ---- limits ---- */

static bool run_limit(struct change *change, const char *sql, int64_t most, struct err *err)
{
    struct query q;

    if (most == 0)
        return true;
    query_begin(&q, change->db, sql);
    query_bind_int(&q, 1, most);
    return query_run(&q, err);
}

/* The totals are asked first: a history within its limits costs the reading of one row. Entries
 * without audio have no part in its size, and stay. */
static bool trim(struct change *change, const struct history_limits *limits, struct err *err)
{
    static const char OVER_ENTRIES[] =
        "DELETE FROM history_entries WHERE (SELECT entries FROM history_totals) > ?1"
        " AND number <= (SELECT number FROM history_entries ORDER BY number DESC"
        "  LIMIT 1 OFFSET ?1)";
    static const char OVER_BYTES[] =
        "DELETE FROM history_entries WHERE (SELECT bytes FROM history_totals) > ?1"
        " AND number IN (SELECT number FROM (SELECT number, sum(output_bytes)"
        "   OVER (ORDER BY number DESC) AS bytes FROM history_entries INDEXED BY history_audio"
        "   WHERE output_path IS NOT NULL) WHERE bytes > ?1)";

    return run_limit(change, OVER_ENTRIES, limits->entries_max, err) &&
           run_limit(change, OVER_BYTES, limits->bytes_max, err);
}

bool store_history_trim(struct store *store, const struct history_limits *limits, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, trim(&change, limits, err), err);
}

/* ---- changing ---- */

/* Bytes of the first HISTORY_PREVIEW_CHARS characters. */
static size_t preview_length(const char *text)
{
    size_t length = strlen(text), at = 0;

    for (int i = 0; i < HISTORY_PREVIEW_CHARS && at < length; i++)
        utf8_next(text, length, &at);
    return at;
}

/* A profile that went while its speech was streamed is NULL, as if it had gone afterwards. */
static bool insert_entry(struct change *change, const struct history_entry *entry, struct err *err)
{
    static const char INSERT[] =
        "INSERT INTO history_entries (id, type, created_at, engine, model, voice, speed, format,"
        " language, profile_id, duration_s, text_preview, input_filename, output_path,"
        " output_bytes, words_are_measured, search_text, full_text, words_json, segments_json)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0.0), ?8, ?9,"
        " (SELECT id FROM profiles WHERE id = ?10), ?11, ?12, ?13, ?14, ?15, ?16,"
        " fold(?17 || char(10) || coalesce(?6, '') || char(10) || coalesce(?13, '')), ?17, ?18,"
        " ?19)";
    struct query q;

    query_begin(&q, change->db, INSERT);
    query_bind_text(&q, 1, entry->id);
    query_bind_text(&q, 2, history_type_names[entry->type]);
    query_bind_int(&q, 3, change->now);
    query_bind_text(&q, 4, entry->engine);
    query_bind_text(&q, 5, entry->model);
    query_bind_text(&q, 6, entry->voice);
    query_bind_number(&q, 7, entry->speed);
    query_bind_text(&q, 8, entry->format);
    query_bind_text(&q, 9, entry->language);
    query_bind_text(&q, 10, entry->profile_id);
    query_bind_number(&q, 11, entry->duration_s);
    query_bind_text_n(&q, 12, entry->full_text, preview_length(entry->full_text));
    query_bind_text(&q, 13, entry->input_filename);
    query_bind_text(&q, 14, entry->output_path);
    if (entry->output_path)
        query_bind_int(&q, 15, entry->output_bytes);
    query_bind_int(&q, 16, entry->words_are_measured);
    query_bind_text(&q, 17, entry->full_text);
    query_bind_text(&q, 18, entry->words);
    query_bind_text(&q, 19, entry->segments);
    return query_run(&q, err);
}

bool store_history_add(struct store *store, const struct history_entry *entry,
                       const char *staged_path, const struct history_limits *limits,
                       struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = insert_entry(&change, entry, err) &&
              (!entry->output_path || file_operation_add(&change, FILE_OPERATION_RENAME,
                                                         staged_path, entry->output_path, err)) &&
              trim(&change, limits, err);
    return change_end(&change, ok, err);
}

static bool delete_entry(struct change *change, const char *id, struct err *err)
{
    static const char DELETE[] = "DELETE FROM history_entries WHERE id = ?";
    struct query q;
    bool found;

    query_begin(&q, change->db, DELETE);
    query_bind_text(&q, 1, id);
    return query_run_found(&q, &found, err) && (found || entry_missing(id, err));
}

bool store_history_delete(struct store *store, const char *id, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, delete_entry(&change, id, err), err);
}

static bool delete_entries(struct change *change, const struct history_filter *filter,
                           int64_t *deleted, struct err *err)
{
    static const char DELETE[] = "DELETE FROM history_entries" MATCHES;
    struct query q;
    bool found;

    query_begin(&q, change->db, DELETE);
    bind_filter(&q, filter);
    if (!query_run_found(&q, &found, err))
        return false;
    *deleted = found ? connection_changes(change->db) : 0;
    return true;
}

bool store_history_delete_all(struct store *store, const struct history_filter *filter,
                              int64_t *deleted, struct err *err)
{
    struct change change;

    *deleted = 0;
    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, delete_entries(&change, filter, deleted, err), err);
}
