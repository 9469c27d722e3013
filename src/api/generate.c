#include "api/generate.h"

#include <stddef.h>

#include "api/api.h"
#include "api/body.h"
#include "api/tasks.h"
#include "api/uuid.h"

/* ---- shapes ---- */

struct segment_task {
    const char *task_id, *segment_id;
    enum task_status status;
    const char *message;
};

struct project_task {
    const char *task_id, *project_id;
    enum task_status status;
    int64_t total_segments, segments_to_process;
    const char *message;
};

struct generate_all_body {
    bool skip_locked, force_regenerate;
};

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct field segment_task_fields[] = {
    { "task_id", FIELD_TEXT, AT(segment_task, task_id), .about = "tts_{segment}_{8 hex digits}" },
    { "segment_id", FIELD_UUID, AT(segment_task, segment_id) },
    { "status", FIELD_CHOICE, AT(segment_task, status), .choices = task_status_names },
    { "message", FIELD_TEXT, AT(segment_task, message) },
};

const struct shape segment_task_shape =
    SHAPE("SegmentTask", "The task that speaks a segment.", SHAPE_ANSWER, segment_task_fields,
          struct segment_task);

static const struct field project_task_fields[] = {
    { "task_id", FIELD_TEXT, AT(project_task, task_id),
      .about = "tts_batch_{project}_{8 hex digits}" },
    { "project_id", FIELD_UUID, AT(project_task, project_id) },
    { "status", FIELD_CHOICE, AT(project_task, status), .choices = task_status_names },
    { "total_segments", FIELD_INTEGER, AT(project_task, total_segments) },
    { "segments_to_process", FIELD_INTEGER, AT(project_task, segments_to_process) },
    { "message", FIELD_TEXT, AT(project_task, message) },
};

const struct shape project_task_shape =
    SHAPE("ProjectTask", "The task that speaks a project's segments.", SHAPE_ANSWER,
          project_task_fields, struct project_task);

static const struct field nothing_to_do_fields[] = {
    { "message", FIELD_TEXT, AT(project_task, message) },
    { "total_segments", FIELD_INTEGER, AT(project_task, total_segments) },
    { "segments_to_process", FIELD_INTEGER, AT(project_task, segments_to_process) },
};

const struct shape nothing_to_do_shape =
    SHAPE("NothingToDo", "Every segment is spoken, locked or empty already.", SHAPE_ANSWER,
          nothing_to_do_fields, struct project_task);

static const struct field generate_all_fields[] = {
    { "skip_locked", FIELD_BOOLEAN, AT(generate_all_body, skip_locked),
      .about = "Leave locked segments as they are; true when not given." },
    { "force_regenerate", FIELD_BOOLEAN, AT(generate_all_body, force_regenerate),
      .about = "Speak those that have audio too; false when not given." },
};

const struct shape generate_all_body_shape =
    SHAPE("GenerateAllBody", "Which segments to speak.", SHAPE_BODY, generate_all_fields,
          struct generate_all_body);

/* ---- handlers ---- */

static bool generate_segment(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);
    struct narrator_task task;

    if (!narrator_start_segment(api->narrator, request_arena(request), id, &task, err))
        return false;
    const struct segment_task answer = {
        .task_id = task.id,
        .segment_id = id,
        .status = task_status_of_state(task.state),
        .message = "Audio generation started",
    };
    response_status(response, 202);
    shape_write(response_json(response), NULL, &segment_task_shape, &answer);
    return true;
}

/* The reasons with their numbers, the one alone without. */
static void append_reasons(struct buf *out, const struct narrator_task *task)
{
    const struct {
        int64_t count;
        const char *reason;
    } reasons[] = {
        { task->skipped_locked, "locked" },
        { task->skipped_ready, "already with audio" },
        { task->skipped_empty, "without text" },
        { task->skipped_running, "being generated" },
    };
    int64_t total = 0;
    const char *between = "";

    for (size_t i = 0; i < COUNT(reasons); i++)
        total += reasons[i].count;
    if (total == 0)
        return;
    buf_format(out, " (%lld segment%s skipped: ", (long long)total, total == 1 ? "" : "s");
    for (size_t i = 0; i < COUNT(reasons); i++) {
        if (reasons[i].count == 0)
            continue;
        buf_append_str(out, between);
        if (reasons[i].count < total)
            buf_format(out, "%lld ", (long long)reasons[i].count);
        buf_append_str(out, reasons[i].reason);
        between = ", ";
    }
    buf_append_char(out, ')');
}

const char *generate_all_message(struct arena *arena, const struct narrator_task *task)
{
    struct buf text = BUF(512);

    buf_append_str(&text, "Bulk audio generation started");
    append_reasons(&text, task);
    const char *out = arena_strndup(arena, text.data, text.len);
    buf_release(&text);
    return out;
}

static bool generate_all(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    const char *id = request_uuid(request);
    struct field_errors errors = { .arena = arena };
    struct generate_all_body body = { .skip_locked = true };
    struct narrator_task task;

    if (!body_read(request, &generate_all_body_shape, &body, NULL, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    if (!narrator_start_project(api->narrator, arena, id, body.skip_locked, body.force_regenerate,
                                &task, err))
        return false;

    bool is_started = task.segments_to_process > 0;
    const struct project_task answer = {
        .task_id = task.id,
        .project_id = id,
        .status = task_status_of_state(task.state),
        .total_segments = task.total_segments,
        .segments_to_process = task.segments_to_process,
        .message = is_started ? generate_all_message(arena, &task) : "No segments to process",
    };
    response_status(response, is_started ? 202 : 200);
    shape_write(response_json(response), NULL,
                is_started ? &project_task_shape : &nothing_to_do_shape, &answer);
    return true;
}

const struct route generate_routes[] = {
    { "POST", "/api/segments/{id}/generate-audio/", generate_segment, NULL, ROUTE_JSON,
      .operation = "generateSegmentAudio",
      .about = "Speaks a segment; the task that does so already is answered again.",
      .statuses = "202 SegmentTask, 400 Error, 404 Detail, 409 Error, 503 Error" },
    { "POST", "/api/projects/{id}/generate-all-audio/", generate_all, NULL, ROUTE_JSON,
      .operation = "generateProjectAudio",
      .about = "Speaks the segments of a project that have no audio, or an outdated one, in order.",
      .takes = "GenerateAllBody",
      .statuses = "202 ProjectTask, 200 NothingToDo, 400 FieldErrors, 404 Detail, 503 Error" },
};
