#include "api/tasks.h"

#include <stddef.h>
#include <string.h>

/* How many of the newest tasks the list shows when they have ended, besides all that have not. */
#define LIST_ENDED_MAX 100

/* Units that must have ended before their mean time says anything. */
#define ETA_UNITS_LEAST 3

/* ---- shapes ---- */

const char *const task_status_names[] = {
    [TASK_PENDING] = "PENDING", [TASK_PROCESSING] = "PROCESSING", [TASK_COMPLETED] = "COMPLETED",
    [TASK_FAILED] = "FAILED",   [TASK_FAILED + 1] = NULL,
};

struct progress_view {
    int64_t current, total, percentage;
    const char *current_segment_id; /* or NULL */
    int64_t completed, failed;
};

struct error_view {
    const char *segment_id; /* or NULL */
    const char *error;
};

struct task_view {
    const char *task_id, *project_id;
    enum task_status status;
    bool is_paused, is_cancelled;
    struct progress_view *progress;
    double eta_s; /* 0: unknown */
    int64_t created_at, started_at, finished_at;
    struct text_items completed; /* units' results */
    struct list_items errors;    /* struct error_view */
    uint64_t version;            /* not shown: another for each state of a task */
};

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct field progress_fields[] = {
    { "current", FIELD_INTEGER, AT(progress_view, current),
      .about = "Segments that ended, and those being spoken." },
    { "total", FIELD_INTEGER, AT(progress_view, total) },
    { "percentage", FIELD_INTEGER, AT(progress_view, percentage), .least = 0, .most = 100,
      .about = "Of current in total." },
    { "current_segment_id", FIELD_UUID, FIELD_NULLABLE, AT(progress_view, current_segment_id) },
    { "completed", FIELD_INTEGER, AT(progress_view, completed),
      .about = "Segments that ended, well or not." },
    { "failed", FIELD_INTEGER, AT(progress_view, failed), .about = "Of these, those not spoken." },
};

const struct shape task_progress_shape = SHAPE("TaskProgress", "How far a task is.", SHAPE_ANSWER,
                                               progress_fields, struct progress_view);

/* A segment unit's result is this object, written by studio/narrator.c. */
static const struct field segment_fields[] = {
    { "segment_id", FIELD_UUID, .offset = 0 },
    { "audio_url", FIELD_TEXT, .offset = 0 },
    { "duration", FIELD_NUMBER, .about = "Seconds." },
};

const struct shape task_segment_shape = {
    "TaskSegment",         "A segment that a task has spoken.",
    SHAPE_ANSWER,          segment_fields,
    COUNT(segment_fields), 0,
};

static const struct field error_fields[] = {
    { "segment_id", FIELD_UUID, FIELD_NULLABLE, AT(error_view, segment_id),
      .about = "Null when the task as a whole could not run, or waits." },
    { "error", FIELD_TEXT, AT(error_view, error) },
};

const struct shape task_error_shape = SHAPE("TaskError", "Why a segment was not spoken.",
                                            SHAPE_ANSWER, error_fields, struct error_view);

/* The last two are the status's alone. */
static const struct field task_fields[] = {
    { "task_id", FIELD_TEXT, AT(task_view, task_id) },
    { "project_id", FIELD_UUID, FIELD_NULLABLE, AT(task_view, project_id) },
    { "status", FIELD_CHOICE, AT(task_view, status), .choices = task_status_names },
    { "paused", FIELD_BOOLEAN, AT(task_view, is_paused), .about = "Then status is PROCESSING." },
    { "cancelled", FIELD_BOOLEAN, AT(task_view, is_cancelled),
      .about = "Then status is COMPLETED." },
    { "progress", FIELD_OBJECT, AT(task_view, progress), .shape = &task_progress_shape },
    { "eta_s", FIELD_NUMBER, FIELD_NULLABLE, AT(task_view, eta_s),
      .about = "Seconds left, by the mean time of the segments spoken since the server started; "
               "null when there were too few, or nothing is being spoken." },
    { "created_at", FIELD_MOMENT, AT(task_view, created_at) },
    { "started_at", FIELD_MOMENT, FIELD_NULLABLE, AT(task_view, started_at) },
    { "finished_at", FIELD_MOMENT, FIELD_NULLABLE, AT(task_view, finished_at) },
    { "completed_segments", FIELD_JSON_LIST, AT(task_view, completed),
      .shape = &task_segment_shape },
    { "errors", FIELD_LIST, AT(task_view, errors), .shape = &task_error_shape },
};

const struct shape task_shape =
    SHAPE("Task", "A task and what it has done.", SHAPE_ANSWER, task_fields, struct task_view);
const struct shape task_summary_shape =
    SHAPE_FIRST(COUNT(task_fields) - 2, "TaskSummary", "A task in the list.", SHAPE_ANSWER,
                task_fields, struct task_view);

/* ---- how a job looks as a task ---- */

enum task_status task_status_of_state(enum job_state state)
{
    switch (state) {
    case JOB_QUEUED:
        return TASK_PENDING;
    case JOB_RUNNING:
    case JOB_PAUSED:
        return TASK_PROCESSING;
    case JOB_DONE:
    case JOB_CANCELLED:
        return TASK_COMPLETED;
    case JOB_FAILED:
        return TASK_FAILED;
    }
    return TASK_FAILED;
}

enum task_status task_status_of(const struct job *job)
{
    bool has_failed = job->state == JOB_DONE && job->total == 1 && job->failed == 1;

    return has_failed ? TASK_FAILED : task_status_of_state(job->state);
}

static bool has_ended(const struct job *job)
{
    return job->state == JOB_DONE || job->state == JOB_CANCELLED || job->state == JOB_FAILED;
}

static struct progress_view progress_of(const struct job *job)
{
    struct progress_view progress = {
        .current = job->done + job->failed + job->running,
        .total = job->total,
        .current_segment_id = job->current_subject,
        .completed = job->done + job->failed,
        .failed = job->failed,
    };

    progress.percentage = job->total > 0 ? progress.current * 100 / job->total : 0;
    return progress;
}

/* What a unit has cost since the server started. Segments differ in length, so it is a mean and no
 * promise; 0 when too few have ended. */
static double mean_unit_s(const struct api *api)
{
    struct jobs_load load;
    struct err why = { 0 };

    if (!jobs_load(api->jobs, &load, &why) || load.done + load.failed < ETA_UNITS_LEAST)
        return 0;
    return load.busy_s / (double)(load.done + load.failed);
}

/* That for each unit left, over those that run side by side. */
static double eta_of(const struct job *job, double unit_s)
{
    int64_t at_once = job->running > 0 ? job->running : 1;

    if (job->state != JOB_RUNNING)
        return 0;
    return unit_s * (double)(job->queued + job->running) / (double)at_once;
}

static struct task_view view_of(struct arena *arena, const struct job *job, double unit_s)
{
    struct progress_view *progress = arena_alloc(arena, sizeof *progress);

    *progress = progress_of(job);
    return (struct task_view){
        .task_id = job->id,
        .project_id = job->project_id,
        .status = task_status_of(job),
        .is_paused = job->state == JOB_PAUSED,
        .is_cancelled = job->state == JOB_CANCELLED,
        .progress = progress,
        .eta_s = eta_of(job, unit_s),
        .created_at = job->created_at,
        .started_at = job->started_at,
        .finished_at = job->finished_at,
    };
}

/* Thousands of results are passed on as they are, not parsed. */
static void add_completed(struct task_view *view, struct arena *arena,
                          const struct unit_list *units)
{
    const char **items = arena_alloc(arena, (size_t)units->count * sizeof *items);

    view->completed.items = items;
    for (int64_t i = 0; i < units->count; i++)
        if (units->items[i].result)
            items[view->completed.count++] = units->items[i].result;
}

/* Those of units, and the job's own unless it is a unit's too. */
static void add_errors(struct task_view *view, struct arena *arena, const struct unit_list *units,
                       const char *job_error)
{
    struct error_view *items = arena_alloc(arena, (size_t)(units->count + 1) * sizeof *items);
    size_t count = 0;

    for (int64_t i = 0; i < units->count; i++) {
        const char *error = units->items[i].error ? units->items[i].error : "";

        items[count++] = (struct error_view){ units->items[i].subject, error };
        if (job_error && strcmp(job_error, error) == 0)
            job_error = NULL;
    }
    if (job_error)
        items[count++] = (struct error_view){ NULL, job_error };
    view->errors = (struct list_items){ items, count };
}

static bool add_units(const struct api *api, struct arena *arena, const struct job *job,
                      struct task_view *view, struct err *err)
{
    struct unit_list done, failed;

    if (!store_units(api->store, arena, job->id, UNIT_DONE, &done, err) ||
        !store_units(api->store, arena, job->id, UNIT_FAILED, &failed, err))
        return false;
    struct err why = { 0 };
    bool is_stuck = !has_ended(job) && jobs_is_stuck(api->jobs, &why);

    view->version = (uint64_t)job->version << 1 | is_stuck;
    add_completed(view, arena, &done);
    add_errors(view, arena, &failed, is_stuck ? arena_strdup(arena, why.message) : job->error);
    return true;
}

/* The original's words for a task that is not there, or not any more. */
static bool find_job(const struct api *api, struct arena *arena, const char *id, struct job *out,
                     struct err *err)
{
    if (jobs_get(api->jobs, arena, id, out, err))
        return true;
    return err->kind == ERR_NOT_FOUND ? err_set(err, ERR_NOT_FOUND, "Task not found") : false;
}

static bool read_task(const struct api *api, struct arena *arena, const char *id, struct job *job,
                      struct task_view *view, struct err *err)
{
    if (!find_job(api, arena, id, job, err))
        return false;
    *view = view_of(arena, job, job->state == JOB_RUNNING ? mean_unit_s(api) : 0);
    return add_units(api, arena, job, view, err);
}

/* ---- status ---- */

static const char *task_id_of(const struct request *request)
{
    return request_path_param(request, "task_id");
}

static bool get_status(struct request *request, struct response *response, struct err *err)
{
    struct task_view view;
    struct job job;

    if (!read_task(request_context(request), request_arena(request), task_id_of(request), &job,
                   &view, err))
        return false;
    shape_write(response_json(response), NULL, &task_shape, &view);
    return true;
}

static bool render_event(void *context, const char *topic, struct buf *out, uint64_t *version,
                         bool *is_last)
{
    const struct api *api = context;
    struct json_writer writer = JSON_WRITER(out);
    struct arena arena = ARENA;
    struct task_view view;
    struct err err = { 0 };
    struct job job;

    if (read_task(api, &arena, topic, &job, &view, &err)) {
        shape_write(&writer, NULL, &task_shape, &view);
        *version = view.version;
        *is_last = has_ended(&job);
    }
    arena_release(&arena);
    return err.kind != ERR_NOT_FOUND;
}

struct event_source task_event_source(struct api *api)
{
    return (struct event_source){ .render = render_event, .context = api };
}

static bool get_events(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = task_id_of(request);
    struct job job;

    return find_job(api, request_arena(request), id, &job, err) &&
           response_events(response, request, id, &api->task_events, err);
}

/* ---- the list ---- */

bool task_list(const struct api *api, struct arena *arena, struct list_items *out, struct err *err)
{
    struct job_list jobs;

    if (!jobs_list(api->jobs, arena, LIST_ENDED_MAX, &jobs, err))
        return false;
    struct task_view *views = arena_alloc(arena, (size_t)jobs.count * sizeof *views);
    double unit_s = mean_unit_s(api);

    for (int64_t i = 0; i < jobs.count; i++)
        views[i] = view_of(arena, &jobs.items[i], unit_s);
    *out = (struct list_items){ views, (size_t)jobs.count };
    return true;
}

static bool list_tasks(struct request *request, struct response *response, struct err *err)
{
    struct list_items tasks;

    if (!task_list(request_context(request), request_arena(request), &tasks, err))
        return false;
    shape_write_items(response_json(response), NULL, &task_summary_shape, &tasks);
    return true;
}

/* ---- changes ---- */

static bool cancel_task(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct job job;

    return find_job(api, request_arena(request), task_id_of(request), &job, err) &&
           jobs_cancel(api->jobs, job.id, err) && get_status(request, response, err);
}

static bool pause_task(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct job job;

    return find_job(api, request_arena(request), task_id_of(request), &job, err) &&
           jobs_pause(api->jobs, job.id, err) && get_status(request, response, err);
}

static bool resume_task(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct job job;

    return find_job(api, request_arena(request), task_id_of(request), &job, err) &&
           jobs_resume(api->jobs, job.id, err) && get_status(request, response, err);
}

static bool retry_task(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    int64_t count;
    struct job job;

    if (!find_job(api, request_arena(request), task_id_of(request), &job, err) ||
        !jobs_retry(api->jobs, job.id, &count, err))
        return false;
    if (count == 0)
        return err_set(err, ERR_CONFLICT, "No segment of this task has failed.");
    response_status(response, 202);
    return get_status(request, response, err);
}

/* ---- routes ---- */

#define TASK "/api/tasks/{task_id}/"

const struct route task_routes[] = {
    { "GET", "/api/tasks/", list_tasks, NULL, 0, .operation = "listTasks",
      .about = "Tasks that have not ended, then those that have, newest first.",
      .statuses = "200 TaskSummary[]" },
    { "GET", TASK "status/", get_status, NULL, ROUTE_UNLOGGED, .operation = "getTaskStatus",
      .about = "How far a task is; an ended one is shown for an hour (keep-tasks).",
      .statuses = "200 Task, 404 Error" },
    { "GET", TASK "events/", get_events, NULL, 0, .operation = "watchTask",
      .about = "Server-Sent Events: the status each time it changes, until the task has ended.",
      .statuses = "200 Events, 404 Error, 503 Error" },
    { "POST", TASK "cancel/", cancel_task, NULL, ROUTE_JSON, .operation = "cancelTask",
      .about = "Stops a task; what it has spoken stays. Without effect on an ended one.",
      .statuses = "200 Task, 404 Error" },
    { "POST", TASK "pause/", pause_task, NULL, ROUTE_JSON, .operation = "pauseTask",
      .about = "Lets a task rest; the segment being spoken is begun anew later.",
      .statuses = "200 Task, 404 Error, 409 Error" },
    { "POST", TASK "resume/", resume_task, NULL, ROUTE_JSON, .operation = "resumeTask",
      .about = "Goes on with a paused task.", .statuses = "200 Task, 404 Error, 409 Error" },
    { "POST", TASK "retry/", retry_task, NULL, ROUTE_JSON, .operation = "retryTask",
      .about = "Speaks the failed segments of an ended task again.",
      .statuses = "202 Task, 404 Error, 409 Error" },
};
