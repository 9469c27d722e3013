/*
 * How errors look, by path. Each of the APIs that Parlando speaks has clients who
 * read its errors, so whatever layer finds a mistake (the listener, the guard,
 * the router or a handler), it is written here in the dialect of its path.
 *
 * The texts of Django REST Framework are that project's own for each status; what
 * we know beyond them goes into a further member, "reason".
 */

#include "api/api.h"

#include <stdio.h>
#include <string.h>

#include "api/elevenlabs_error.h"
#include "api/openai_error.h"
#include "base/utf8.h"

static void write_error(struct json_writer *w, const char *message)
{
    json_write_object_begin(w, NULL);
    json_write_text(w, "error", message);
    json_write_object_end(w);
}

static void write_detail(struct json_writer *w, const char *detail, const char *reason)
{
    json_write_object_begin(w, NULL);
    json_write_text(w, "detail", detail);
    if (reason && *reason && strcmp(reason, detail) != 0)
        json_write_text(w, "reason", reason);
    json_write_object_end(w);
}

static void write_field_error(struct json_writer *w, const struct err *err)
{
    json_write_object_begin(w, NULL);
    json_write_array_begin(w, err->param);
    json_write_text(w, NULL, err->message);
    json_write_array_end(w);
    json_write_object_end(w);
}

static void write_throttled(struct json_writer *w, const struct problem *problem)
{
    char text[96] = "Request was throttled.";

    if (problem->retry_after_s > 0)
        snprintf(text, sizeof text, "Request was throttled. Expected available in %d second%s.",
                 problem->retry_after_s, problem->retry_after_s == 1 ? "" : "s");
    write_detail(w, text, NULL);
}

/* Django REST Framework's. */
static void write_django(struct json_writer *w, const struct problem *problem)
{
    const char *message = problem->err->message;
    char text[256];

    switch (problem->status) {
    case 400:
        if (problem->err->param[0])
            write_field_error(w, problem->err);
        else
            write_detail(w, *message ? message : "Malformed request.", NULL);
        break;
    case 403:
        write_detail(w, "You do not have permission to perform this action.", message);
        break;
    case 404: /* one that names a parameter ("page") has a sentence of its own */
        write_detail(w, problem->err->param[0] ? message : "Not found.", NULL);
        break;
    case 405:
        snprintf(text, sizeof text, "Method \"%.32s\" not allowed.", problem->method);
        write_detail(w, text, NULL);
        break;
    case 406:
        write_detail(w, "Could not satisfy the request Accept header.", message);
        break;
    case 415:
        snprintf(text, sizeof text, "Unsupported media type \"%.128s\" in request.",
                 problem->media_type ? problem->media_type : "");
        utf8_drop_broken(text);
        write_detail(w, text, message);
        break;
    case 429:
        write_throttled(w, problem);
        break;
    default:
        write_detail(w, message, NULL);
    }
}

/* Starting to generate: the original answers its own refusals as {"error"}. */
static void write_generation(struct json_writer *w, const struct problem *problem)
{
    bool is_own = problem->status == 409 || problem->status == 503 ||
                  (problem->status == 400 && !problem->err->param[0]);

    if (is_own)
        write_error(w, problem->err->message);
    else
        write_django(w, problem);
}

/* The original's status view is no part of its framework's resources: a missing task is an
 * {"error"}, and so are our additions' refusals. */
static void write_task(struct json_writer *w, const struct problem *problem)
{
    if (problem->status == 404)
        write_error(w, problem->err->message);
    else
        write_generation(w, problem);
}

static void write_takes(struct json_writer *w, const struct problem *problem)
{
    write_error(w, problem->err->message);
}

static void write_openai(struct json_writer *w, const struct problem *problem)
{
    const struct openai_error error = openai_error_of(problem->status, problem->err);

    openai_error_write(w, &error);
}

static void write_elevenlabs(struct json_writer *w, const struct problem *problem)
{
    const struct elevenlabs_error error =
        elevenlabs_error_of(problem->status, problem->err, problem->request_id);

    elevenlabs_error_write(w, &error);
}

/* Addresses that OpenAI and ElevenLabs share (/v1/models, /v1/voices) answer errors as OpenAI does.
 * What only ElevenLabs has is refused in its words also where nothing of ours is there. */
const struct face api_faces[] = {
    { "/v1/history/", write_elevenlabs },
    { "/v1/speech-to-text/", write_elevenlabs },
    { "/v1/text-to-speech/", write_elevenlabs },
    { "/v1/user/", write_elevenlabs },
    { "/v1/voices", write_openai },
    { "/v1/voices/", write_elevenlabs },
    { "/v2/", write_elevenlabs },
    { "/v1/", write_openai },
    { "/api/tasks/", write_task },
    { "/api/segments/*/generate-audio/", write_generation },
    { "/api/projects/*/generate-all-audio/", write_generation },
    { "/api/generate/", write_takes },
    { "/api/voices/", write_generation },
    { "/api/batches/", write_takes },
    { "/api/batch/", write_takes },
    { "/audio/", write_takes },
    { "/", write_django },
};
const size_t api_face_count = COUNT(api_faces);
