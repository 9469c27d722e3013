#include "api/projects.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "api/lists.h"
#include "api/project_cache.h"
#include "api/segments.h"
#include "api/uuid.h"
#include "base/id.h"
#include "base/log.h"
#include "store/segments.h"

#define ANSWER_MAX ((size_t)256 << 20) /* bytes of a project with all its text */

/* A project may change while it is read. It is read again, this often. */
#define RENDER_TRIES 3

/* Jobs, of all projects, that may be started while one is deleted. */
#define STARTED_MEANWHILE_MAX 64

/* ---- shapes ---- */

struct project_view {
    struct project project;
    struct list_items segments;
};

#define AT(member) .offset = offsetof(struct project_view, member)

/* The last field is the detail's alone. */
static const struct field project_fields[] = {
    { "id", FIELD_UUID, AT(project.id) },
    { "title", FIELD_TEXT, AT(project.title), .chars_max = PROJECT_TITLE_MAX },
    { "author", FIELD_TEXT, AT(project.author), .about = "Empty when unknown." },
    { "status", FIELD_CHOICE, AT(project.status), .choices = project_status_names },
    { "created_at", FIELD_MOMENT, AT(project.created_at) },
    { "updated_at", FIELD_MOMENT, AT(project.updated_at) },
    { "segment_count", FIELD_INTEGER, AT(project.segment_count) },
    { "audio_count", FIELD_INTEGER, AT(project.audio_count), .about = "Segments with audio." },
    { "locked_count", FIELD_INTEGER, AT(project.locked_count) },
    { "stale_count", FIELD_INTEGER, AT(project.stale_count),
      .about = "Segments whose text was changed after their audio was made." },
    { "duration", FIELD_NUMBER, AT(project.duration_s), .about = "Seconds of audio in all." },
    { "revision", FIELD_INTEGER, AT(project.revision),
      .about = "Grows with every change of the project, its segments and their tasks." },
    { "segments", FIELD_LIST, AT(segments), .shape = &segment_shape, .about = "In order." },
};

static_assert(offsetof(struct project_view, project) == 0,
              "a struct project is read by the offsets of its view");

const struct shape project_shape = SHAPE_FIRST(COUNT(project_fields) - 1, "Project", "A story.",
                                               SHAPE_ANSWER, project_fields, struct project);
const struct shape project_detail_shape = SHAPE("ProjectDetail", "A story with its segments.",
                                                SHAPE_ANSWER, project_fields, struct project_view);

struct project_body {
    const char *title, *author;
};

/* The author is given with a new project only. */
static const struct field body_fields[] = {
    { "title", FIELD_TEXT, FIELD_REQUIRED, .offset = offsetof(struct project_body, title),
      .chars_max = PROJECT_TITLE_MAX },
    { "author", FIELD_TEXT, FIELD_BLANK, .offset = offsetof(struct project_body, author),
      .chars_max = PROJECT_TITLE_MAX },
};

const struct shape project_body_shape =
    SHAPE("ProjectBody", "A new story.", SHAPE_BODY, body_fields, struct project_body);
const struct shape project_patch_shape = SHAPE_FIRST(1, "ProjectPatch", "What changes of a story.",
                                                     SHAPE_PATCH, body_fields, struct project_body);
const struct shape project_replacement_shape = SHAPE_FIRST(
    1, "ProjectReplacement", "A story's new title.", SHAPE_BODY, body_fields, struct project_body);

/* ---- one project ---- */

static const char *tag_of(struct arena *arena, int64_t revision)
{
    return arena_format(arena, "%" PRId64 "-" PARLANDO_VERSION, revision);
}

/* The project and its segments are two reads; *revision is the first one's. */
static bool render(const struct api *api, struct arena *arena, const char *id, struct buf *out,
                   int64_t *revision, struct err *err)
{
    struct json_writer writer = JSON_WRITER(out);
    struct segment_list segments;
    struct project_view view;

    if (!store_project_get(api->store, arena, id, &view.project, err) ||
        !store_segments(api->store, arena, id, &(struct page){ 0 }, &segments, err))
        return false;
    view.segments = (struct list_items){ segments.items, (size_t)segments.count };
    *revision = view.project.revision;
    shape_write(&writer, NULL, &project_detail_shape, &view);
    return buf_ok(out, "project", err);
}

/* Renders until nothing changed in between, which only writers on end could prevent: then what was
 * read last is answered, but not kept. */
static bool render_settled(const struct api *api, struct arena *arena, const char *id,
                           struct buf *out, int64_t *revision, bool *is_settled, struct err *err)
{
    int64_t after;

    *is_settled = false;
    for (int i = 0; i < RENDER_TRIES && !*is_settled; i++) {
        buf_clear(out);
        if (!render(api, arena, id, out, revision, err))
            return false;
        if (!store_project_revision(api->store, id, &after, err))
            return false;
        *is_settled = after == *revision;
    }
    return true;
}

bool project_answer(struct request *request, struct response *response, const char *id,
                    struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct buf json = BUF(ANSWER_MAX);
    int64_t revision;
    bool is_settled;
    bool ok = render_settled(api, arena, id, &json, &revision, &is_settled, err);

    if (ok) {
        struct shared_bytes *bytes = shared_bytes_create(json.data, json.len);

        response_shared(response, "application/json", bytes);
        if (is_settled) {
            response_etag(response, tag_of(arena, revision));
            project_cache_put(api->projects, id, revision, bytes, json.len);
        }
        shared_bytes_drop(bytes);
    }
    buf_release(&json);
    return ok;
}

static bool get_project(struct request *request, struct response *response, struct err *err)
{
    return project_answer(request, response, request_uuid(request), err);
}

static bool get_project_quick(struct request *request, struct response *response)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);
    int64_t revision = store_project_glance(api->store, id);
    struct shared_bytes *bytes =
        revision < 0 ? NULL : project_cache_find(api->projects, id, revision);

    if (!bytes)
        return false;
    response_etag(response, tag_of(request_arena(request), revision));
    response_shared(response, "application/json", bytes);
    shared_bytes_drop(bytes);
    return true;
}

static bool rename_project(struct request *request, struct response *response,
                           const struct shape *shape, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct project_body body = { 0 };

    if (!body_read(request, shape, &body, NULL, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    if (body.title && !store_project_rename(api->store, id, body.title, err))
        return false;
    return project_answer(request, response, id, err);
}

static bool patch_project(struct request *request, struct response *response, struct err *err)
{
    return rename_project(request, response, &project_patch_shape, err);
}

static bool put_project(struct request *request, struct response *response, struct err *err)
{
    return rename_project(request, response, &project_replacement_shape, err);
}

/* The project's rows are gone, and its jobs with nothing to do: what still speaks for it is stopped,
 * and who watches one of them is told. */
static bool stop_jobs(const struct api *api, const struct job_list *jobs, const char *project_id,
                      struct err *err)
{
    for (int64_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];

        if (!job->project_id || strcmp(job->project_id, project_id) != 0)
            continue;
        if (job->finished_at != 0)
            events_notify(server_events(api->server), job->id);
        else if (!jobs_cancel(api->jobs, job->id, err) && err->kind != ERR_NOT_FOUND)
            return false;
    }
    return true;
}

static bool delete_project(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    const char *id = request_uuid(request);
    struct job_list before, after;
    struct err why = { 0 };

    /* Jobs of which nothing runs end with the project; those started meanwhile are among the newest. */
    if (!jobs_list(api->jobs, arena, 0, &before, err) || !store_project_delete(api->store, id, err))
        return false;
    if (!stop_jobs(api, &before, id, &why) ||
        !jobs_list(api->jobs, arena, STARTED_MEANWHILE_MAX, &after, &why) ||
        !stop_jobs(api, &after, id, &why))
        log_warning("api", "Project %s is deleted, but its jobs go on: %s", id, why.message);
    media_settle(api->media);
    response_status(response, 204);
    return true;
}

/* ---- all projects ---- */

static bool list_projects(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct project_list projects;
    struct list list;

    if (!list_begin(&list, request, NULL, err))
        return false;
    if (!store_projects(api->store, request_arena(request), &list.page, list.search, list.ordering,
                        &projects, err)) {
        if (err->kind == ERR_INVALID)
            return body_refuse_field(response, request, "ordering", err->message);
        return false;
    }
    return list_answer(&list, response, &project_shape,
                       &(struct list_items){ projects.items, (size_t)projects.count },
                       projects.total, err);
}

static bool create_project(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct project_body body = { 0 };
    char id[ID_SIZE];

    if (!body_read(request, &project_body_shape, &body, NULL, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    if (!store_project_create(api->store, body.title, body.author, NULL, 0, id, err))
        return false;
    response_status(response, 201);
    return project_answer(request, response, id, err);
}

/* ---- routes ---- */

static const struct route_query list_query[] = {
    LIST_QUERY_PAGE,
    LIST_QUERY_PAGE_SIZE,
    { "search", "string", "A part of the title, in any case." },
    { "ordering", "string",
      "created_at, updated_at or title; with - in front descending. Newest first when not given." },
    { NULL, NULL, NULL },
};

#define PROJECTS "/api/projects/"
#define PROJECT "/api/projects/{id}/"

const struct route project_routes[] = {
    { "GET", PROJECTS, list_projects, NULL, 0, .operation = "listProjects",
      .about = "All projects with their counts.",
      .statuses = "200 Project[], 400 FieldErrors, 404 Detail", .query = list_query },
    { "POST", PROJECTS, create_project, NULL, ROUTE_JSON, .operation = "createProject",
      .about = "Makes a project without segments.", .takes = "ProjectBody",
      .statuses = "201 ProjectDetail, 400 FieldErrors" },
    { "GET", PROJECT, get_project, get_project_quick, 0, .operation = "getProject",
      .about = "A project with its segments in order, and their audio.",
      .statuses = "200 ProjectDetail, 304, 404 Detail" },
    { "PATCH", PROJECT, patch_project, NULL, ROUTE_JSON, .operation = "updateProject",
      .about = "Changes the title.", .takes = "ProjectPatch",
      .statuses = "200 ProjectDetail, 400 FieldErrors, 404 Detail" },
    { "PUT", PROJECT, put_project, NULL, ROUTE_JSON, .operation = "replaceProject",
      .about = "Changes the title.", .takes = "ProjectReplacement",
      .statuses = "200 ProjectDetail, 400 FieldErrors, 404 Detail" },
    { "DELETE", PROJECT, delete_project, NULL, 0, .operation = "deleteProject",
      .about = "Removes the project with its segments, recordings and pictures.",
      .statuses = "204, 404 Detail" },
};
