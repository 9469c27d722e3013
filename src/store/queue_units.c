/* Units: claiming them, keeping their leases, and how they end. */

#include <string.h>

#include "store/queue.h"
#include "store/store_internal.h"

static const char *const state_names[] = {
    [UNIT_QUEUED] = "queued", [UNIT_RUNNING] = "running",     [UNIT_DONE] = "done",
    [UNIT_FAILED] = "failed", [UNIT_CANCELLED] = "cancelled",
};

const char *unit_state_name(enum unit_state state)
{
    return state_names[state];
}

#define UNITS                                                                                      \
    "SELECT u.id, j.id, u.kind, j.params, u.subject, u.position, u.state, u.attempt, u.deaths,"    \
    " j.priority, u.error, u.result FROM units AS u JOIN jobs AS j ON j.number = u.job_number"

static void read_unit(struct query *q, struct arena *arena, void *row)
{
    struct unit *out = row;

    *out = (struct unit){
        .id = column_int(q, 0),
        .job_id = column_text(q, 1, arena),
        .kind = column_text(q, 2, arena),
        .params = column_text(q, 3, arena),
        .subject = column_text(q, 4, arena),
        .position = column_int(q, 5),
        .state = (enum unit_state)column_choice(q, 6, state_names, COUNT(state_names)),
        .attempt = column_int(q, 7),
        .deaths = column_int(q, 8),
        .priority = (enum job_priority)column_int(q, 9),
        .error = column_text(q, 10, arena),
        .result = column_text(q, 11, arena),
    };
}

static bool check_job(struct connection *db, const char *id, struct err *err)
{
    static const char NUMBER[] = "SELECT number FROM jobs WHERE id = ?";
    int64_t number;
    bool found;

    return query_number(db, NUMBER, id, &number, &found, err) &&
           (found || err_set(err, ERR_NOT_FOUND, "There is no job %.100s.", id));
}

static bool list_units(struct connection *db, struct arena *arena, const char *job_id,
                       const char *state, struct unit_list *out, struct err *err)
{
    static const char LIST[] =
        UNITS " WHERE j.id = ?1 AND (?2 IS NULL OR u.state = ?2) ORDER BY u.position";
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_unit };
    struct query q;

    if (!check_job(db, job_id, err))
        return false;
    query_begin(&q, db, LIST);
    query_bind_text(&q, 1, job_id);
    query_bind_text(&q, 2, state);
    bool ok = query_rows(&q, &rows, err);
    out->items = rows.items;
    out->count = rows.count;
    return ok;
}

bool store_units(struct store *store, struct arena *arena, const char *job_id, int state,
                 struct unit_list *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct unit_list){ 0 };
    if (!db)
        return false;
    bool ok = list_units(db, arena, job_id, state < 0 ? NULL : state_names[state], out, err);
    snapshot_end(store, db);
    return ok;
}

/* Goes through the active jobs in their order (jobs_active) and takes the first unit that waits
 * (units_waiting), so that a long queue costs no more than a short one. */
static const char NEXT_UNIT[] =
    "SELECT u.id, u.job_number FROM jobs AS j CROSS JOIN units AS u ON u.job_number = j.number"
    " WHERE j.finished_at IS NULL AND j.state <> 'paused' AND j.queued > 0"
    "   AND (?1 < 0 OR j.priority = ?1) AND u.state = 'queued' AND u.not_before <= ?2"
    " ORDER BY j.priority, j.number, u.position LIMIT 1";

static bool find_next(struct change *change, int priority, int64_t *id, int64_t *job_number,
                      bool *found, struct err *err)
{
    struct query q;

    query_begin(&q, change->db, NEXT_UNIT);
    query_bind_int(&q, 1, priority);
    query_bind_int(&q, 2, change->now);
    *found = query_next(&q);
    if (*found) {
        *id = column_int(&q, 0);
        *job_number = column_int(&q, 1);
    }
    return query_end(&q, err);
}

static bool lease_unit(struct change *change, int64_t id, const char *owner, int64_t lease_ms,
                       struct err *err)
{
    static const char LEASE[] = "UPDATE units SET state = 'running', attempt = attempt + 1,"
                                " owner = ?2, lease_until = ?3, started_at = ?4 WHERE id = ?1";
    struct query q;

    query_begin(&q, change->db, LEASE);
    query_bind_int(&q, 1, id);
    query_bind_text(&q, 2, owner);
    query_bind_int(&q, 3, change->now + lease_ms);
    query_bind_int(&q, 4, change->now);
    return query_run(&q, err);
}

static bool get_unit(struct change *change, struct arena *arena, int64_t id, struct unit *out,
                     struct err *err)
{
    static const char UNIT[] = UNITS " WHERE u.id = ?";
    struct query q;

    query_begin(&q, change->db, UNIT);
    query_bind_int(&q, 1, id);
    if (query_next(&q))
        read_unit(&q, arena, out);
    return query_end(&q, err);
}

static bool claim_unit(struct change *change, struct arena *arena, const char *owner,
                       int64_t lease_ms, int priority, struct unit *out, bool *found,
                       struct err *err)
{
    int64_t id = 0;
    int64_t job_number = 0;

    if (!find_next(change, priority, &id, &job_number, found, err))
        return false;
    if (!*found)
        return true;
    return lease_unit(change, id, owner, lease_ms, err) && job_settle(change, job_number, err) &&
           get_unit(change, arena, id, out, err);
}

bool store_unit_claim(struct store *store, struct arena *arena, const char *owner, int64_t lease_ms,
                      int priority, struct unit *out, bool *found, struct err *err)
{
    struct change change;

    *found = false;
    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(
        &change, claim_unit(&change, arena, owner, lease_ms, priority, out, found, err), err);
    *found = *found && ok;
    return ok;
}

static bool lease_lost(int64_t id, struct err *err)
{
    return err_set(err, ERR_CONFLICT, "Unit %lld is not this worker's any more.", (long long)id);
}

static bool extend_lease(struct change *change, int64_t id, const char *owner, int64_t lease_ms,
                         struct err *err)
{
    static const char EXTEND[] =
        "UPDATE units SET lease_until = ?3 WHERE id = ?1 AND state = 'running' AND owner = ?2";
    struct query q;
    bool found;

    query_begin(&q, change->db, EXTEND);
    query_bind_int(&q, 1, id);
    query_bind_text(&q, 2, owner);
    query_bind_int(&q, 3, change->now + lease_ms);
    return query_run_found(&q, &found, err) && (found || lease_lost(id, err));
}

bool store_unit_extend(struct store *store, int64_t id, const char *owner, int64_t lease_ms,
                       struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, extend_lease(&change, id, owner, lease_ms, err), err);
}

/* A unit under a lease. Running units are few, so that looking through them is the quickest way to
 * any of them, which SQLite would not guess. */
struct leased {
    int64_t id, job_number, attempt, deaths;
    const char *job_id, *subject;
    bool is_job_over; /* ended or cancelled: nothing of it goes back to the queue */
};

#define LEASED                                                                                     \
    "SELECT u.id, u.job_number, u.attempt, u.deaths, j.id, u.subject, j.finished_at IS NOT NULL "  \
    "OR "                                                                                          \
    "j.is_cancelled"                                                                               \
    " FROM units AS u INDEXED BY units_running JOIN jobs AS j ON j.number = u.job_number"          \
    " WHERE u.state = 'running'"

static void read_leased(struct query *q, struct arena *arena, void *row)
{
    struct leased *out = row;

    *out = (struct leased){
        .id = column_int(q, 0),
        .job_number = column_int(q, 1),
        .attempt = column_int(q, 2),
        .deaths = column_int(q, 3),
        .job_id = column_text(q, 4, arena),
        .subject = column_text(q, 5, arena),
        .is_job_over = column_bool(q, 6),
    };
}

static bool write_end(struct change *change, const struct leased *unit, enum unit_state state,
                      const struct unit_end *end, struct err *err)
{
    static const char END[] =
        "UPDATE units SET state = ?2, error = ?3, result = ?4, not_before = ?5,"
        " attempt = attempt - ?6, ended_at = ?7, owner = NULL, lease_until = NULL WHERE id = ?1";
    bool is_queued = state == UNIT_QUEUED;
    struct query q;

    query_begin(&q, change->db, END);
    query_bind_int(&q, 1, unit->id);
    query_bind_text(&q, 2, state_names[state]);
    query_bind_text(&q, 3, end->error);
    query_bind_text(&q, 4, end->result);
    query_bind_int(&q, 5, is_queued ? end->not_before : 0);
    query_bind_int(&q, 6, is_queued && end->is_attempt_free);
    if (!is_queued)
        query_bind_int(&q, 7, change->now);
    return query_run(&q, err);
}

/* The segment goes first: it may refuse, and then the unit has not ended. */
static bool end_unit(struct change *change, struct arena *arena, const struct leased *unit,
                     const struct unit_end *end, struct err *err)
{
    bool is_dropped = end->state == UNIT_QUEUED && unit->is_job_over;
    enum unit_state state = is_dropped ? UNIT_CANCELLED : end->state;

    if (state == UNIT_DONE && end->audio &&
        !segment_audio_set(change, arena, unit->subject, end->audio, err))
        return false;
    if (state == UNIT_FAILED && end->error &&
        !segment_audio_failed(change, unit->subject, end->error, err))
        return false;
    return write_end(change, unit, state, end, err) && job_settle(change, unit->job_number, err);
}

static bool end_leased(struct change *change, struct arena *arena, int64_t id, const char *owner,
                       const struct unit_end *end, struct err *err)
{
    static const char HELD[] = LEASED " AND u.id = ? AND u.owner = ?";
    struct leased unit;
    struct query q;

    query_begin(&q, change->db, HELD);
    query_bind_int(&q, 1, id);
    query_bind_text(&q, 2, owner);
    bool found = query_next(&q);
    if (found)
        read_leased(&q, arena, &unit);
    if (!query_end(&q, err))
        return false;
    return found ? end_unit(change, arena, &unit, end, err) : lease_lost(id, err);
}

bool store_unit_end(struct store *store, int64_t id, const char *owner, const struct unit_end *end,
                    struct err *err)
{
    struct change change;
    struct arena arena = ARENA;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(&change, end_leased(&change, &arena, id, owner, end, err), err);
    arena_release(&arena);
    return ok;
}

/* Units whose lease ran out, in an array from the arena; there are about as many as workers. */
static bool find_expired(struct change *change, struct arena *arena, bool is_start,
                         struct leased **out, int64_t *count, struct err *err)
{
    static const char EXPIRED[] = LEASED " AND (?1 OR u.lease_until <= ?2) ORDER BY u.id";
    struct rows rows = { .arena = arena, .size = sizeof **out, .read = read_leased };
    struct query q;

    query_begin(&q, change->db, EXPIRED);
    query_bind_int(&q, 1, is_start);
    query_bind_int(&q, 2, change->now);
    bool ok = query_rows(&q, &rows, err);
    *out = rows.items;
    *count = rows.count;
    return ok;
}

/* The end of the process was no try: whether the unit would have succeeded, nobody knows. */
static bool count_deaths(struct change *change, struct err *err)
{
    static const char COUNT_DEATHS[] =
        "UPDATE units SET deaths = deaths + 1, attempt = attempt - 1 WHERE state = 'running'";
    struct query q;

    query_begin(&q, change->db, COUNT_DEATHS);
    return query_run(&q, err);
}

static void name_job(const char *id, struct reclaimed *out)
{
    for (int64_t i = 0; i < out->job_count; i++)
        if (strcmp(out->jobs[i], id) == 0)
            return;
    out->jobs[out->job_count++] = id;
}

static bool reclaim_units(struct change *change, struct arena *arena, bool is_start,
                          int64_t times_max, const char *error, struct reclaimed *out,
                          struct err *err)
{
    const struct unit_end give_back = { .state = UNIT_QUEUED };
    const struct unit_end give_up = { .state = UNIT_FAILED, .error = error };
    struct leased *units;

    if (is_start && !count_deaths(change, err))
        return false;
    if (!find_expired(change, arena, is_start, &units, &out->units, err))
        return false;
    out->jobs = arena_alloc(arena, (size_t)out->units * sizeof *out->jobs);
    for (int64_t i = 0; i < out->units; i++) {
        int64_t times = is_start ? units[i].deaths : units[i].attempt;
        bool is_last = times >= times_max && !units[i].is_job_over;

        if (!end_unit(change, arena, &units[i], is_last ? &give_up : &give_back, err))
            return false;
        name_job(units[i].job_id, out);
    }
    return true;
}

bool store_units_reclaim(struct store *store, struct arena *arena, bool is_start, int64_t times_max,
                         const char *error, struct reclaimed *out, struct err *err)
{
    struct change change;

    *out = (struct reclaimed){ 0 };
    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(&change,
                         reclaim_units(&change, arena, is_start, times_max, error, out, err), err);
    if (!ok)
        *out = (struct reclaimed){ 0 };
    return ok;
}

static bool read_counts(struct connection *db, struct queue_load *out, struct err *err)
{
    static const char COUNTS[] =
        "SELECT coalesce(sum(queued) FILTER (WHERE priority = 0 AND state <> 'paused'), 0),"
        " coalesce(sum(queued) FILTER (WHERE priority = 1 AND state <> 'paused'), 0),"
        " (SELECT count(*) FROM units WHERE state = 'running')"
        " FROM jobs WHERE finished_at IS NULL";
    struct query q;

    query_begin(&q, db, COUNTS);
    if (query_next(&q)) {
        out->queued_live = column_int(&q, 0);
        out->queued_bulk = column_int(&q, 1);
        out->running = column_int(&q, 2);
    }
    return query_end(&q, err);
}

/* Where every unit that waits is delayed, the first of them says when there is something to claim. */
static bool read_delays(struct connection *db, struct queue_load *out, struct err *err)
{
    static const char DELAYED[] =
        "SELECT count(*) FILTER (WHERE j.priority = 0), count(*) FILTER (WHERE j.priority = 1),"
        " min(u.not_before) FILTER (WHERE j.priority = 0),"
        " min(u.not_before) FILTER (WHERE j.priority = 1)"
        " FROM units AS u INDEXED BY units_delayed CROSS JOIN jobs AS j ON j.number = u.job_number"
        " WHERE u.state = 'queued' AND u.not_before > 0 AND j.state <> 'paused'";
    struct query q;

    query_begin(&q, db, DELAYED);
    if (query_next(&q)) {
        if (out->queued_live == column_int(&q, 0))
            out->next_live_at = column_int(&q, 2);
        if (out->queued_bulk == column_int(&q, 1))
            out->next_bulk_at = column_int(&q, 3);
    }
    return query_end(&q, err);
}

/* 0 is now, so that it is also the earlier one, unless nothing waits in that lane. */
static int64_t earlier(const struct queue_load *load)
{
    if (!load->queued_live)
        return load->next_bulk_at;
    if (!load->queued_bulk || load->next_live_at < load->next_bulk_at)
        return load->next_live_at;
    return load->next_bulk_at;
}

bool store_queue_load(struct store *store, struct queue_load *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct queue_load){ 0 };
    if (!db)
        return false;
    bool ok = read_counts(db, out, err) && read_delays(db, out, err);
    snapshot_end(store, db);
    out->next_at = earlier(out);
    return ok;
}

/* One unit of each kind at most may wait for a segment. */
bool units_cancel_of_segment(struct change *change, const char *segment_id, struct err *err)
{
    static const char CANCEL[] =
        "UPDATE units SET state = 'cancelled', ended_at = ?2 WHERE id = (SELECT id FROM units"
        "   WHERE subject = ?1 AND state IN ('queued', 'running') AND state = 'queued' LIMIT 1)"
        " RETURNING job_number";
    bool found = true;
    struct query q;

    while (found) {
        int64_t job_number = 0;

        query_begin(&q, change->db, CANCEL);
        query_bind_text(&q, 1, segment_id);
        query_bind_int(&q, 2, change->now);
        found = query_next(&q);
        if (found)
            job_number = column_int(&q, 0);
        if (!query_run(&q, err) || (found && !job_settle(change, job_number, err)))
            return false;
    }
    return true;
}

/* Ends what waits in a project's jobs and lets what runs in them end as cancelled. */
bool units_cancel_of_project(struct change *change, const char *project_id, struct err *err)
{
    static const char BUSY[] = "SELECT number FROM jobs WHERE project_id = ?"
                               " AND queued + running > 0 AND NOT is_cancelled LIMIT 1";
    struct query q;

    for (;;) {
        query_begin(&q, change->db, BUSY);
        query_bind_text(&q, 1, project_id);
        bool found = query_next(&q);
        int64_t number = found ? column_int(&q, 0) : 0;
        if (!query_end(&q, err))
            return false;
        if (!found)
            return true;
        if (!job_cancel(change, number, err))
            return false;
    }
}
