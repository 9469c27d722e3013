#include "api/segments.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "api/lists.h"
#include "api/segment_order.h"
#include "api/uuid.h"
#include "base/id.h"
#include "store/segments.h"
#include "studio/document.h"

/* Segments of all projects that are listed at once; more are asked for in pages. */
#define UNPAGED_MAX 10000

/* A character of text is six bytes in JSON at most: \u0001. */
#define TEXT_BODY_MAX (6 * (DOCUMENT_SEGMENT_LIMIT + DOCUMENT_PROMPT_LIMIT) + 65536)

/* ---- shapes ---- */

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct field segment_fields[] = {
    { "id", FIELD_UUID, AT(segment, id) },
    { "project", FIELD_UUID, AT(segment, project_id) },
    { "sequence_index", FIELD_INTEGER, AT(segment, sequence_index),
      .about = "0, 1, … without holes within a project." },
    { "text_content", FIELD_TEXT, AT(segment, text_content) },
    { "image_prompt", FIELD_TEXT, AT(segment, image_prompt) },
    { "chapter", FIELD_TEXT, AT(segment, chapter),
      .about = "Title of its chapter; empty without one." },
    { "image_file", FIELD_TEXT, FIELD_NULLABLE, AT(segment, image_file), .about = "URL path." },
    { "audio_file", FIELD_TEXT, FIELD_NULLABLE, AT(segment, audio_file), .about = "URL path." },
    { "audio_duration", FIELD_NUMBER, FIELD_NULLABLE, AT(segment, audio_duration),
      .about = "Seconds; null without audio." },
    { "audio_engine", FIELD_TEXT, FIELD_NULLABLE, AT(segment, audio_engine),
      .about = "What spoke it." },
    { "audio_voice", FIELD_TEXT, FIELD_NULLABLE, AT(segment, audio_voice) },
    { "audio_created_at", FIELD_MOMENT, FIELD_NULLABLE, AT(segment, audio_created_at),
      .about = "Another one means another recording; null without audio." },
    { "audio_stale", FIELD_BOOLEAN, AT(segment, audio_stale),
      .about = "The text was changed after the audio was made." },
    { "audio_error", FIELD_TEXT, FIELD_NULLABLE, AT(segment, audio_error),
      .about = "Why the last try to speak it failed." },
    { "is_locked", FIELD_BOOLEAN, AT(segment, is_locked) },
    { "task_id", FIELD_TEXT, FIELD_NULLABLE, AT(segment, task_id),
      .about = "The task that is to speak it or does so now." },
    { "created_at", FIELD_MOMENT, AT(segment, created_at) },
    { "updated_at", FIELD_MOMENT, AT(segment, updated_at) },
};

const struct shape segment_shape = SHAPE("Segment", "A part of a story that becomes one recording.",
                                         SHAPE_ANSWER, segment_fields, struct segment);

struct segment_body {
    const char *project_id, *text, *image_prompt, *chapter;
    int64_t index;
    bool is_locked;
};

#define WRITTEN (FIELD_BLANK | FIELD_VERBATIM) /* as a person writes it, while writing too */

static const struct field body_fields[] = {
    { "project", FIELD_UUID, FIELD_REQUIRED, AT(segment_body, project_id) },
    { "text_content", FIELD_TEXT, WRITTEN, AT(segment_body, text),
      .bytes_max = DOCUMENT_SEGMENT_LIMIT },
    { "image_prompt", FIELD_TEXT, WRITTEN, AT(segment_body, image_prompt),
      .bytes_max = DOCUMENT_PROMPT_LIMIT },
    { "chapter", FIELD_TEXT, FIELD_BLANK, AT(segment_body, chapter),
      .chars_max = PROJECT_TITLE_MAX },
    { "sequence_index", FIELD_INTEGER, AT(segment_body, index), .least = 0,
      .most = DOCUMENT_SEGMENTS_MAX,
      .about = "Where it goes, from 0; at the end when not given or beyond it." },
};

const struct shape segment_body_shape =
    SHAPE("SegmentBody", "A new segment.", SHAPE_BODY, body_fields, struct segment_body);

enum change_field { CHANGE_TEXT, CHANGE_PROMPT, CHANGE_LOCK };

static const struct field change_fields[] = {
    [CHANGE_TEXT] = { "text_content", FIELD_TEXT, WRITTEN | FIELD_REQUIRED, AT(segment_body, text),
                      .bytes_max = DOCUMENT_SEGMENT_LIMIT },
    [CHANGE_PROMPT] = { "image_prompt", FIELD_TEXT, WRITTEN, AT(segment_body, image_prompt),
                        .bytes_max = DOCUMENT_PROMPT_LIMIT },
    [CHANGE_LOCK] = { "is_locked", FIELD_BOOLEAN, AT(segment_body, is_locked),
                      .about = "A locked segment keeps its text, picture and audio." },
};

const struct shape segment_replacement_shape = SHAPE(
    "SegmentReplacement", "A segment's new text.", SHAPE_BODY, change_fields, struct segment_body);
const struct shape segment_patch_shape = SHAPE("SegmentPatch", "What changes of a segment.",
                                               SHAPE_PATCH, change_fields, struct segment_body);

struct order_body {
    const char *project_id;
    struct text_items order;
};

static const struct field order_fields[] = {
    { "project", FIELD_UUID, FIELD_REQUIRED, AT(order_body, project_id) },
    { "order", FIELD_UUID_LIST, FIELD_REQUIRED, AT(order_body, order),
      .items_max = DOCUMENT_SEGMENTS_MAX, .about = "Every segment of the project, each once." },
};

const struct shape segment_order_shape =
    SHAPE("SegmentOrder", "A project's segments in a new order.", SHAPE_BODY, order_fields,
          struct order_body);

/* ---- one segment ---- */

bool segment_answer(struct request *request, struct response *response, const char *id,
                    struct err *err)
{
    const struct api *api = request_context(request);
    struct segment segment;

    if (!store_segment_get(api->store, request_arena(request), id, &segment, err))
        return false;
    shape_write(response_json(response), NULL, &segment_shape, &segment);
    return true;
}

static bool get_segment(struct request *request, struct response *response, struct err *err)
{
    return segment_answer(request, response, request_uuid(request), err);
}

static bool change_segment(struct request *request, struct response *response,
                           const struct shape *shape, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct segment_body body = { 0 };
    struct segment before;
    uint64_t given;

    if (!body_read(request, shape, &body, &given, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    const struct segment_change change = {
        .text_content = body.text,
        .image_prompt = body.image_prompt,
        .is_locked = given & UINT64_C(1) << CHANGE_LOCK ? &body.is_locked : NULL,
    };

    if (body.is_locked && !store_segment_get(api->store, errors.arena, id, &before, err))
        return false;
    if (given && !store_segment_update(api->store, id, &change, err))
        return false;
    /* What speaks a segment that was locked already was told to. Were it unlocked in between, its
     * recording would still not be taken. */
    if (body.is_locked && !before.is_locked)
        jobs_interrupt(api->jobs, id);
    return segment_answer(request, response, id, err);
}

static bool patch_segment(struct request *request, struct response *response, struct err *err)
{
    return change_segment(request, response, &segment_patch_shape, err);
}

static bool put_segment(struct request *request, struct response *response, struct err *err)
{
    return change_segment(request, response, &segment_replacement_shape, err);
}

static bool delete_segment(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);

    if (!store_segment_delete(api->store, id, err))
        return false;
    jobs_interrupt(api->jobs, id);
    /* A task that was to speak it has a segment less, and may have ended with it. Which one, only
     * the deletion itself has seen. */
    events_notify(server_events(api->server), NULL);
    media_settle(api->media);
    response_status(response, 204);
    return true;
}

/* ---- many ---- */

static bool list_segments(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *project = request_query(request, "project");
    struct segment_list segments;
    struct list list;

    if (project && !(project = uuid_parse(request_arena(request), project)))
        return body_refuse_field(response, request, "project", "Must be a valid UUID.");
    if (!list_begin(&list, request, "project", err))
        return false;
    struct page page = list.page;

    if (!project && !list.is_paged)
        page.limit = UNPAGED_MAX;
    if (!store_segments(api->store, request_arena(request), project, &page, &segments, err))
        return false;
    if (!list.is_paged && segments.total > segments.count)
        return body_refuse_field(response, request, "project",
                                 "There are too many segments for one answer: name a project or a "
                                 "page.");
    return list_answer(&list, response, &segment_shape,
                       &(struct list_items){ segments.items, (size_t)segments.count },
                       segments.total, err);
}

/* The project must be there and have room: errors says so. An index beyond its end becomes the end.
 * False when it cannot be read. */
static bool check_place(const struct api *api, struct segment_body *body,
                        struct field_errors *errors, struct err *err)
{
    struct project project;

    if (!store_project_get(api->store, errors->arena, body->project_id, &project, err)) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        field_errors_add(errors, "project", "Invalid pk \"%s\" - object does not exist.",
                         body->project_id);
    } else if (project.segment_count >= DOCUMENT_SEGMENTS_MAX) {
        field_errors_add(errors, "project", "A project has no more than %d segments.",
                         DOCUMENT_SEGMENTS_MAX);
    } else if (body->index > project.segment_count) {
        body->index = -1;
    }
    return true;
}

static bool create_segment(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct segment_body body = { .text = "", .index = -1 };
    char id[ID_SIZE];

    if (!body_read(request, &segment_body_shape, &body, NULL, &errors, err))
        return false;
    if (body.project_id && !check_place(api, &body, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    const struct new_segment segment = { .text = body.text,
                                         .length = strlen(body.text),
                                         .image_prompt = body.image_prompt,
                                         .chapter = body.chapter };

    if (!store_segment_create(api->store, body.project_id, body.index, &segment, id, err))
        return false;
    response_status(response, 201);
    return segment_answer(request, response, id, err);
}

/* The store decides; what is wrong with an order it refuses is looked up only then. */
static bool refuse_order(struct request *request, struct response *response,
                         const struct order_body *body, struct field_errors *errors,
                         struct err *err)
{
    const struct api *api = request_context(request);
    struct err why = *err;
    struct segment_list segments;

    if (!store_segments(api->store, request_arena(request), body->project_id, &(struct page){ 0 },
                        &segments, err))
        return false;
    segment_order_explain(&body->order, &segments, errors);
    if (errors->count == 0)
        field_errors_add(errors, "order", "%s", why.message);
    return body_refuse(response, errors);
}

static bool reorder_segments(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct field_errors errors = { .arena = arena };
    struct segment_list segments;
    struct order_body body = { 0 };

    if (!body_read(request, &segment_order_shape, &body, NULL, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    if (!store_segments_reorder(api->store, body.project_id, body.order.items, body.order.count,
                                err))
        return err->kind == ERR_INVALID && refuse_order(request, response, &body, &errors, err);
    if (!store_segments(api->store, arena, body.project_id, &(struct page){ 0 }, &segments, err))
        return false;
    shape_write_items(response_json(response), NULL, &segment_shape,
                      &(struct list_items){ segments.items, (size_t)segments.count });
    return true;
}

/* ---- routes ---- */

static const struct route_query list_query[] = {
    { "project", "string", "Only this project's segments, in order." },
    LIST_QUERY_PAGE,
    LIST_QUERY_PAGE_SIZE,
    { NULL, NULL, NULL },
};

#define SEGMENTS "/api/segments/"
#define SEGMENT "/api/segments/{id}/"

const struct route segment_routes[] = {
    { "GET", SEGMENTS, list_segments, NULL, 0, .operation = "listSegments",
      .about = "A project's segments in order, or all projects'.",
      .statuses = "200 Segment[], 400 FieldErrors, 404 Detail", .query = list_query },
    { "POST", SEGMENTS, create_segment, NULL, ROUTE_JSON, TEXT_BODY_MAX,
      .operation = "createSegment", .about = "Adds a segment to a project.", .takes = "SegmentBody",
      .statuses = "201 Segment, 400 FieldErrors" },
    { "POST", SEGMENTS "reorder/", reorder_segments, NULL, ROUTE_JSON, 64 * DOCUMENT_SEGMENTS_MAX,
      .operation = "reorderSegments",
      .about = "Puts a project's segments in a new order, which names each of them once.",
      .takes = "SegmentOrder", .statuses = "200 Segment[], 400 FieldErrors, 404 Detail" },
    { "GET", SEGMENT, get_segment, NULL, 0, .operation = "getSegment", .about = "A segment.",
      .statuses = "200 Segment, 404 Detail" },
    { "PATCH", SEGMENT, patch_segment, NULL, ROUTE_JSON, TEXT_BODY_MAX,
      .operation = "updateSegment",
      .about = "Changes text, image prompt or lock. What is locked must be unlocked by the same "
               "change or before it.",
      .takes = "SegmentPatch", .statuses = "200 Segment, 400 FieldErrors, 404 Detail, 409 Detail" },
    { "PUT", SEGMENT, put_segment, NULL, ROUTE_JSON, TEXT_BODY_MAX, .operation = "replaceSegment",
      .about = "The same; the text must be given.", .takes = "SegmentReplacement",
      .statuses = "200 Segment, 400 FieldErrors, 404 Detail, 409 Detail" },
    { "DELETE", SEGMENT, delete_segment, NULL, 0, .operation = "deleteSegment",
      .about = "Removes the segment with its recording and picture; the others close up.",
      .statuses = "204, 404 Detail" },
};
