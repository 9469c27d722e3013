#include "api/health.h"

#include <stddef.h>
#include <unistd.h>

#include "api/api.h"
#include "base/log.h"

/* Below this the next recordings will fail: an hour of speech is 170 MB as WAV. */
#define FREE_BYTES_LEAST ((int64_t)64 << 20)

/* ---- shapes ---- */

struct health {
    const char *status, *version;
};

struct check {
    const char *name;
    bool is_ok;
    const char *reason; /* NULL when it is */
};

struct readiness {
    bool is_ready;
    struct list_items checks;
};

struct program {
    const char *name, *version, *api, *openapi, *health, *metrics;
    int64_t speech_input_max;
};

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct field health_fields[] = {
    { "status", FIELD_TEXT, AT(health, status), .about = "Always ok: it has answered." },
    { "version", FIELD_TEXT, AT(health, version) },
};
const struct shape health_shape =
    SHAPE("Health", "The server is alive.", SHAPE_ANSWER, health_fields, struct health);

static const struct field check_fields[] = {
    { "name", FIELD_TEXT, AT(check, name), .about = "store, data_folder or queue." },
    { "ok", FIELD_BOOLEAN, AT(check, is_ok) },
    { "reason", FIELD_TEXT, FIELD_NULLABLE, AT(check, reason),
      .about = "What does not work; the log says why." },
};
const struct shape check_shape =
    SHAPE("Check", "A part that must work.", SHAPE_ANSWER, check_fields, struct check);

static const struct field readiness_fields[] = {
    { "ready", FIELD_BOOLEAN, AT(readiness, is_ready) },
    { "checks", FIELD_LIST, AT(readiness, checks), .shape = &check_shape },
};
const struct shape readiness_shape =
    SHAPE("Readiness", "Can it work?", SHAPE_ANSWER, readiness_fields, struct readiness);

static const struct field program_fields[] = {
    { "name", FIELD_TEXT, AT(program, name) },
    { "version", FIELD_TEXT, AT(program, version) },
    { "projects", FIELD_TEXT, AT(program, api) },
    { "openapi", FIELD_TEXT, AT(program, openapi) },
    { "health", FIELD_TEXT, AT(program, health) },
    { "metrics", FIELD_TEXT, AT(program, metrics) },
    { "speech_input_max", FIELD_INTEGER, AT(program, speech_input_max),
      .about = "Characters that one request may have spoken." },
};
const struct shape program_shape = SHAPE("Program", "What answers here, and where to go on.",
                                         SHAPE_ANSWER, program_fields, struct program);

/* ---- handlers ---- */

static bool get_health_quick(struct request *request, struct response *response)
{
    const struct health health = { "ok", PARLANDO_VERSION };

    (void)request;
    shape_write(response_json(response), NULL, &health_shape, &health);
    return true;
}

static bool get_health(struct request *request, struct response *response, struct err *err)
{
    (void)err;
    return get_health_quick(request, response);
}

static bool check_store(const struct api *api, struct err *err)
{
    return store_check(api->store, err);
}

static bool check_data_folder(const struct api *api, struct err *err)
{
    const char *folder = media_data_folder(api->media);
    int64_t free_bytes = media_free_bytes(api->media);

    if (access(folder, W_OK | X_OK) != 0)
        return err_system(err, "write to", folder);
    if (free_bytes >= 0 && free_bytes < FREE_BYTES_LEAST)
        return err_set(err, ERR_DISK_FULL, "Only %lld MB are free where %s is.",
                       (long long)(free_bytes >> 20), folder);
    return true;
}

/* Lanes run as long as the process does; what can fail is reading what waits for them. */
static bool check_queue(const struct api *api, struct err *err)
{
    struct jobs_load load;

    return jobs_load(api->jobs, &load, err);
}

/* Everyone may ask, also where there is a key: the errors, which have paths, are the log's alone. */
static const struct {
    const char *name;
    bool (*check)(const struct api *api, struct err *err);
    const char *reason;
} parts[] = {
    { "store", check_store, "The database does not answer." },
    { "data_folder", check_data_folder, "The data folder takes no more files." },
    { "queue", check_queue, "The queue does not answer." },
};

static bool get_readiness(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct check checks[COUNT(parts)];
    struct readiness readiness = { true, { checks, COUNT(parts) } };

    for (size_t i = 0; i < COUNT(parts); i++) {
        checks[i] = (struct check){ .name = parts[i].name, .is_ok = parts[i].check(api, err) };
        if (!checks[i].is_ok) {
            log_warning("api", "not ready: %s", err->message);
            checks[i].reason = parts[i].reason;
            readiness.is_ready = false;
        }
    }
    response_status(response, readiness.is_ready ? 200 : 503);
    shape_write(response_json(response), NULL, &readiness_shape, &readiness);
    return true;
}

static bool get_program(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const struct program program = {
        "Parlando",
        PARLANDO_VERSION,
        "/api/projects/",
        "/openapi.json",
        "/healthz",
        "/metrics",
        .speech_input_max = api->speech.input_max,
    };

    (void)err;
    shape_write(response_json(response), NULL, &program_shape, &program);
    return true;
}

const struct route health_routes[] = {
    { "GET", "/healthz", get_health, get_health_quick, ROUTE_PUBLIC | ROUTE_UNLOGGED,
      .operation = "getHealth", .about = "Is the server alive?", .statuses = "200 Health" },
    { "GET", "/readyz", get_readiness, NULL, ROUTE_PUBLIC | ROUTE_UNLOGGED,
      .operation = "getReadiness", .about = "Can the server work?",
      .statuses = "200 Readiness, 503 Readiness" },
    { "GET", "/api/", get_program, NULL, ROUTE_PUBLIC, .operation = "getProgram",
      .about = "What answers here.", .statuses = "200 Program" },
};
