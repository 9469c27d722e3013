/* Jobs: making them, and what is done to one as a whole. */

#include "store/queue.h"
#include "store/store_internal.h"

static const char *const state_names[] = {
    [JOB_QUEUED] = "queued", [JOB_RUNNING] = "running", [JOB_PAUSED] = "paused",
    [JOB_DONE] = "done",     [JOB_FAILED] = "failed",   [JOB_CANCELLED] = "cancelled",
};

const char *job_state_name(enum job_state state)
{
    return state_names[state];
}

/* The state of a job that has not ended follows from its units, which triggers count; a paused one
 * stays so as long as something is left to do. */
static const char SETTLE[] =
    "UPDATE jobs SET version = version + 1,"
    " state = CASE WHEN finished_at IS NOT NULL THEN state"
    "  WHEN queued + running = 0 AND is_cancelled THEN 'cancelled'"
    "  WHEN queued + running = 0 THEN 'done'"
    "  WHEN state = 'queued' AND running > 0 THEN 'running'"
    "  ELSE state END,"
    " started_at = CASE WHEN running > 0 THEN coalesce(started_at, ?2) ELSE started_at END,"
    " finished_at = CASE WHEN queued + running = 0 THEN coalesce(finished_at, ?2)"
    "  ELSE finished_at END"
    " WHERE number = ?1";

bool job_settle(struct change *change, int64_t job_number, struct err *err)
{
    static const char PROJECT[] = "SELECT project_id FROM jobs WHERE number = ?";
    struct arena arena = ARENA;
    const char *project_id = NULL;
    struct query q;

    query_begin(&q, change->db, SETTLE);
    query_bind_int(&q, 1, job_number);
    query_bind_int(&q, 2, change->now);
    bool ok = query_run(&q, err);
    if (ok) {
        query_begin(&q, change->db, PROJECT);
        query_bind_int(&q, 1, job_number);
        if (query_next(&q))
            project_id = column_text(&q, 0, &arena);
        ok = query_end(&q, err);
    }
    ok = ok && (!project_id || project_settle(change, project_id, err));
    arena_release(&arena);
    return ok;
}

#define JOBS                                                                                       \
    "SELECT id, kind, project_id, priority, state, params, error, created_at, started_at,"         \
    " finished_at, version, queued, running, done, failed, cancelled,"                             \
    " (SELECT subject FROM units WHERE job_number = jobs.number AND units.state = 'running'"       \
    "   ORDER BY units.started_at DESC, position DESC LIMIT 1) FROM jobs "

static void read_job(struct query *q, struct arena *arena, void *row)
{
    struct job *out = row;

    *out = (struct job){
        .id = column_text(q, 0, arena),
        .kind = column_text(q, 1, arena),
        .project_id = column_text(q, 2, arena),
        .priority = (enum job_priority)column_int(q, 3),
        .state = (enum job_state)column_choice(q, 4, state_names, COUNT(state_names)),
        .params = column_text(q, 5, arena),
        .error = column_text(q, 6, arena),
        .created_at = column_int(q, 7),
        .started_at = column_int(q, 8),
        .finished_at = column_int(q, 9),
        .version = column_int(q, 10),
        .queued = column_int(q, 11),
        .running = column_int(q, 12),
        .done = column_int(q, 13),
        .failed = column_int(q, 14),
        .cancelled = column_int(q, 15),
        .current_subject = column_text(q, 16, arena),
    };
    out->total = out->queued + out->running + out->done + out->failed + out->cancelled;
}

static bool job_missing(const char *id, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "There is no job %.100s.", id);
}

static bool get_job(struct connection *db, struct arena *arena, const char *id, struct job *out,
                    struct err *err)
{
    static const char JOB[] = JOBS "WHERE id = ?";
    struct query q;

    query_begin(&q, db, JOB);
    query_bind_text(&q, 1, id);
    bool found = query_next(&q);
    if (found)
        read_job(&q, arena, out);
    return query_end(&q, err) && (found || job_missing(id, err));
}

bool store_job_get(struct store *store, struct arena *arena, const char *id, struct job *out,
                   struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    if (!db)
        return false;
    bool ok = get_job(db, arena, id, out, err);
    snapshot_end(store, db);
    return ok;
}

static bool list_jobs(struct connection *db, struct arena *arena, int64_t ended_since,
                      int64_t ended_max, struct job_list *out, struct err *err)
{
    static const char ACTIVE[] =
        JOBS "INDEXED BY jobs_active WHERE finished_at IS NULL ORDER BY number DESC";
    static const char ENDED[] =
        JOBS "WHERE number > (SELECT max(number) FROM jobs) - ? AND finished_at >= ?"
             " ORDER BY number DESC";
    struct rows rows = { .arena = arena, .size = sizeof *out->items, .read = read_job };
    struct query q;

    query_begin(&q, db, ACTIVE);
    if (!query_rows(&q, &rows, err))
        return false;
    query_begin(&q, db, ENDED);
    query_bind_int(&q, 1, ended_max);
    query_bind_int(&q, 2, ended_since);
    if (!query_rows(&q, &rows, err))
        return false;
    out->items = rows.items;
    out->count = rows.count;
    return true;
}

bool store_jobs(struct store *store, struct arena *arena, int64_t ended_since, int64_t ended_max,
                struct job_list *out, struct err *err)
{
    struct connection *db = snapshot_begin(store, err);

    *out = (struct job_list){ 0 };
    if (!db)
        return false;
    bool ok = list_jobs(db, arena, ended_since, ended_max, out, err);
    snapshot_end(store, db);
    return ok;
}

/* A job may have ten thousands of units, and writers wait for a transaction. */
#define FORGET_MAX 10

static bool forget_jobs(struct change *change, int64_t ended_before, int64_t *count,
                        struct err *err)
{
    static const char FORGET[] =
        "DELETE FROM jobs WHERE number IN (SELECT number FROM jobs AS j WHERE finished_at < ?1"
        "  AND (project_id IS NULL"
        "   OR NOT EXISTS (SELECT 1 FROM projects WHERE id = j.project_id)"
        "   OR EXISTS (SELECT 1 FROM jobs WHERE project_id = j.project_id AND number > j.number))"
        "  ORDER BY number LIMIT ?2)";
    struct query q;
    bool found;

    query_begin(&q, change->db, FORGET);
    query_bind_int(&q, 1, ended_before);
    query_bind_int(&q, 2, FORGET_MAX);
    if (!query_run_found(&q, &found, err))
        return false;
    *count = found ? connection_changes(change->db) : 0;
    return true;
}

bool store_jobs_forget(struct store *store, int64_t ended_before, int64_t *count, struct err *err)
{
    struct change change;

    *count = 0;
    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, forget_jobs(&change, ended_before, count, err), err);
}

static bool find_under_way(struct change *change, struct arena *arena, const struct new_job *job,
                           const char **id, struct err *err)
{
    static const char UNDER_WAY[] =
        "SELECT j.id FROM units AS u JOIN jobs AS j ON j.number = u.job_number"
        " WHERE u.subject = ? AND u.kind = ? AND u.state IN ('queued', 'running')";
    struct query q;

    query_begin(&q, change->db, UNDER_WAY);
    query_bind_text(&q, 1, job->subjects[0]);
    query_bind_text(&q, 2, job->kind);
    if (query_next(&q))
        *id = column_text(&q, 0, arena);
    return query_end(&q, err);
}

static bool insert_job(struct change *change, const struct new_job *job, int64_t *number,
                       struct err *err)
{
    static const char INSERT[] =
        "INSERT INTO jobs (id, kind, project_id, priority, params, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING number";
    struct query q;
    bool found = false;

    query_begin(&q, change->db, INSERT);
    query_bind_text(&q, 1, job->id);
    query_bind_text(&q, 2, job->kind);
    query_bind_text(&q, 3, job->project_id);
    query_bind_int(&q, 4, job->priority);
    query_bind_text(&q, 5, job->params ? job->params : "{}");
    query_bind_int(&q, 6, change->now);
    while (query_next(&q)) {
        *number = column_int(&q, 0);
        found = true;
    }
    if (!query_end(&q, err))
        return false;
    return found || err_set(err, ERR_CONFLICT, "There is a job %.100s already.", job->id);
}

/* The index units_active turns away what is under way. */
static bool insert_units(struct change *change, int64_t job_number, const struct new_job *job,
                         struct err *err)
{
    static const char INSERT[] = "INSERT INTO units (job_number, kind, subject, position)"
                                 " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    int64_t position = 0;
    struct query q;
    bool is_new;

    for (size_t i = 0; i < job->count; i++) {
        query_begin(&q, change->db, INSERT);
        query_bind_int(&q, 1, job_number);
        query_bind_text(&q, 2, job->kind);
        query_bind_text(&q, 3, job->subjects[i]);
        query_bind_int(&q, 4, position);
        if (!query_run_found(&q, &is_new, err))
            return false;
        position += is_new;
    }
    return position > 0 ||
           err_set(err, ERR_CONFLICT, "All that this job would do is queued or running already.");
}

static bool create_job(struct change *change, struct arena *arena, const struct new_job *job,
                       const char **existing, struct err *err)
{
    int64_t number = 0;

    *existing = NULL;
    if (job->count == 1 && !find_under_way(change, arena, job, existing, err))
        return false;
    if (*existing)
        return true;
    return insert_job(change, job, &number, err) && insert_units(change, number, job, err) &&
           job_settle(change, number, err);
}

bool store_job_create(struct store *store, struct arena *arena, const struct new_job *job,
                      const char **existing, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, create_job(&change, arena, job, existing, err), err);
}

/* What the changes of a whole job look at first. */
struct job_head {
    int64_t number, done;
    enum job_state state;
    bool is_ended, is_cancelled;
};

static bool read_head(struct change *change, const char *id, struct job_head *out, struct err *err)
{
    static const char HEAD[] = "SELECT number, done, state, finished_at IS NOT NULL, is_cancelled"
                               " FROM jobs WHERE id = ?";
    struct query q;

    query_begin(&q, change->db, HEAD);
    query_bind_text(&q, 1, id);
    bool found = query_next(&q);
    if (found)
        *out = (struct job_head){
            .number = column_int(&q, 0),
            .done = column_int(&q, 1),
            .state = (enum job_state)column_choice(&q, 2, state_names, COUNT(state_names)),
            .is_ended = column_bool(&q, 3),
            .is_cancelled = column_bool(&q, 4),
        };
    return query_end(&q, err) && (found || job_missing(id, err));
}

static bool cancel_queued(struct change *change, int64_t job_number, struct err *err)
{
    static const char CANCEL[] = "UPDATE units SET state = 'cancelled', ended_at = ?2"
                                 " WHERE job_number = ?1 AND state = 'queued'";
    struct query q;

    query_begin(&q, change->db, CANCEL);
    query_bind_int(&q, 1, job_number);
    query_bind_int(&q, 2, change->now);
    return query_run(&q, err);
}

/* A job that ended, but did nothing, could not run either. */
static bool fail_job(struct change *change, const char *id, const char *error, struct err *err)
{
    static const char FAIL[] = "UPDATE jobs SET state = 'failed', error = ?2,"
                               " finished_at = coalesce(finished_at, ?3) WHERE number = ?1";
    struct job_head head;
    struct query q;

    if (!read_head(change, id, &head, err))
        return false;
    if (head.is_ended && !(head.state == JOB_DONE && head.done == 0))
        return true;
    if (!cancel_queued(change, head.number, err))
        return false;
    query_begin(&q, change->db, FAIL);
    query_bind_int(&q, 1, head.number);
    query_bind_text(&q, 2, error);
    query_bind_int(&q, 3, change->now);
    return query_run(&q, err) && job_settle(change, head.number, err);
}

bool store_job_fail(struct store *store, const char *id, const char *error, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, fail_job(&change, id, error, err), err);
}

bool job_cancel(struct change *change, int64_t job_number, struct err *err)
{
    static const char CANCEL[] = "UPDATE jobs SET is_cancelled = 1 WHERE number = ?";
    struct query q;

    query_begin(&q, change->db, CANCEL);
    query_bind_int(&q, 1, job_number);
    return query_run(&q, err) && cancel_queued(change, job_number, err) &&
           job_settle(change, job_number, err);
}

static bool cancel_job(struct change *change, const char *id, struct err *err)
{
    struct job_head head;

    return read_head(change, id, &head, err) &&
           (head.is_ended || job_cancel(change, head.number, err));
}

bool store_job_cancel(struct store *store, const char *id, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, cancel_job(&change, id, err), err);
}

static bool pause_job(struct change *change, const char *id, bool is_paused, struct err *err)
{
    static const char PAUSE[] = "UPDATE jobs SET state = 'paused' WHERE number = ?";
    static const char RESUME[] = "UPDATE jobs SET state = iif(started_at IS NULL, 'queued',"
                                 " 'running') WHERE number = ?";
    struct job_head head;
    struct query q;

    if (!read_head(change, id, &head, err))
        return false;
    if (head.is_ended || head.is_cancelled)
        return err_set(err, ERR_CONFLICT, "The job %.100s has %s.", id,
                       head.is_cancelled ? "been cancelled" : "ended");
    if ((head.state == JOB_PAUSED) == is_paused)
        return true;
    query_begin(&q, change->db, is_paused ? PAUSE : RESUME);
    query_bind_int(&q, 1, head.number);
    return query_run(&q, err) && job_settle(change, head.number, err);
}

bool store_job_pause(struct store *store, const char *id, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, pause_job(&change, id, true, err), err);
}

bool store_job_resume(struct store *store, const char *id, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, pause_job(&change, id, false, err), err);
}

static bool requeue(struct change *change, const struct job_head *head, int64_t *count,
                    struct err *err)
{
    /* OR IGNORE: what another job is doing meanwhile stays as it is. */
    static const char REQUEUE[] =
        "UPDATE OR IGNORE units SET state = 'queued', attempt = 0, deaths = 0, not_before = 0,"
        " error = NULL, started_at = NULL, ended_at = NULL"
        " WHERE job_number = ?1 AND (state = 'failed' OR (state = 'cancelled' AND ?2))";
    struct query q;
    bool found;

    query_begin(&q, change->db, REQUEUE);
    query_bind_int(&q, 1, head->number);
    query_bind_int(&q, 2, head->state == JOB_FAILED);
    if (!query_run_found(&q, &found, err))
        return false;
    *count = found ? connection_changes(change->db) : 0;
    return true;
}

static bool retry_job(struct change *change, const char *id, int64_t *count, struct err *err)
{
    static const char REOPEN[] = "UPDATE jobs SET state = 'queued', is_cancelled = 0, error = NULL,"
                                 " started_at = NULL, finished_at = NULL WHERE number = ?";
    struct job_head head;
    struct query q;

    *count = 0;
    if (!read_head(change, id, &head, err))
        return false;
    if (!head.is_ended)
        return err_set(err, ERR_CONFLICT, "The job %.100s has not ended yet.", id);
    if (!requeue(change, &head, count, err))
        return false;
    if (*count == 0)
        return true;
    query_begin(&q, change->db, REOPEN);
    query_bind_int(&q, 1, head.number);
    return query_run(&q, err) && job_settle(change, head.number, err);
}

bool store_job_retry(struct store *store, const char *id, int64_t *count, struct err *err)
{
    struct change change;

    if (!change_begin(&change, store, err))
        return false;
    return change_end(&change, retry_job(&change, id, count, err), err);
}
