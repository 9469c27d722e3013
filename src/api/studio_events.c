#include "api/studio_events.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/models.h"
#include "api/tasks.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/profiles.h"
#include "store/projects.h"

/* The only topic besides tasks, whose ids begin otherwise. */
#define TOPIC "studio"

/* A batch of short segments changes hundreds of times a second, which nobody can see. */
#define INTERVAL_S 0.1

#define PROJECTS_MAX 50
#define STATE_MAX ((size_t)4 << 20) /* bytes of JSON */

/* Versions begin at the moment of the start, a thousand a millisecond: more than there are changes,
 * so that no process begins below what an earlier one has reached. */
#define VERSIONS_PER_MS 1000

struct studio_events {
    const struct api *api; /* set once */
    atomic_uint_fast64_t changes;

    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    struct buf state; /* the newest one that was rendered, as JSON */
    uint64_t version; /* changes when its rendering began; 0: there is none yet */
};

/* ---- shapes ---- */

struct studio_view {
    struct list_items tasks, projects, pulls;
    int64_t project_count, history_revision, profiles_revision, models_revision;
    const char *queue_error; /* or NULL */
};

static const struct field revision_fields[] = {
    { "id", FIELD_UUID, .offset = offsetof(struct project_revision, id) },
    { "revision", FIELD_INTEGER, .offset = offsetof(struct project_revision, revision),
      .about = "As the project has it." },
};

const struct shape project_revision_shape =
    SHAPE("ProjectRevision", "Which state a project is in.", SHAPE_ANSWER, revision_fields,
          struct project_revision);

static const struct field state_fields[] = {
    { "tasks", FIELD_LIST, .offset = offsetof(struct studio_view, tasks),
      .shape = &task_summary_shape, .about = "As GET /api/tasks/ lists them." },
    { "projects", FIELD_LIST, .offset = offsetof(struct studio_view, projects),
      .shape = &project_revision_shape, .about = "The 50 changed last, the last one first." },
    { "project_count", FIELD_INTEGER, .offset = offsetof(struct studio_view, project_count),
      .about = "Of all there are." },
    { "pulls", FIELD_LIST, .offset = offsetof(struct studio_view, pulls),
      .shape = &model_pull_shape,
      .about = "Models on their way, or there for less than a minute." },
    { "history_revision", FIELD_INTEGER, .offset = offsetof(struct studio_view, history_revision),
      .about = "Another number when anything of the history is different; so the next two." },
    { "profiles_revision", FIELD_INTEGER,
      .offset = offsetof(struct studio_view, profiles_revision) },
    { "models_revision", FIELD_INTEGER, .offset = offsetof(struct studio_view, models_revision),
      .about = "The bytes of a pull are left out of account." },
    { "queue_error", FIELD_TEXT, FIELD_NULLABLE,
      .offset = offsetof(struct studio_view, queue_error),
      .about = "Why no task goes on at present; null while they do." },
};

const struct shape studio_state_shape =
    SHAPE("StudioState", "What the data of an event on /api/events/ is.", SHAPE_ANSWER,
          state_fields, struct studio_view);

/* ---- the state ---- */

struct studio_events *studio_events_create(const struct api *api)
{
    struct studio_events *studio = xcalloc(1, sizeof *studio);

    studio->api = api;
    studio->changes = (uint64_t)clock_now_ms() * VERSIONS_PER_MS;
    studio->state = BUF(STATE_MAX);
    pthread_mutex_init(&studio->lock, NULL);
    return studio;
}

void studio_events_destroy(struct studio_events *studio)
{
    if (!studio)
        return;
    pthread_mutex_destroy(&studio->lock);
    buf_release(&studio->state);
    free(studio);
}

void studio_events_changed(struct studio_events *studio)
{
    atomic_fetch_add(&studio->changes, 1);
    events_notify(server_events(studio->api->server), TOPIC);
}

bool studio_events_is_change(const struct route *route, const char *method, int status)
{
    return route && !(route->flags & ROUTE_READS) && strcmp(method, "GET") != 0 &&
           strcmp(method, "HEAD") != 0 && status >= 200 && status < 300;
}

static struct list_items list_pulls(const struct api *api, struct arena *arena)
{
    const struct pull_report *pulls;
    size_t count = model_shelf_pulls(api->shelf, arena, &pulls);

    return (struct list_items){ pulls, count };
}

static bool write_state(const struct api *api, struct buf *out, struct err *err)
{
    struct json_writer writer = JSON_WRITER(out);
    struct project_changes projects;
    struct arena arena = ARENA;
    struct studio_view view;
    struct err stuck;
    bool ok = task_list(api, &arena, &view.tasks, err) &&
              store_projects_changed(api->store, &arena, PROJECTS_MAX, &projects, err) &&
              store_profiles_revision(api->store, &view.profiles_revision, err);

    if (ok) {
        view.models_revision = model_shelf_revision(api->shelf);
        view.pulls = list_pulls(api, &arena);
        view.history_revision = history_revision(api->history);
        view.projects = (struct list_items){ projects.items, (size_t)projects.count };
        view.project_count = projects.total;
        view.queue_error = jobs_is_stuck(api->jobs, &stuck) ? stuck.message : NULL;
        shape_write(&writer, NULL, &studio_state_shape, &view);
    }
    arena_release(&arena);
    return ok && buf_ok(out, "state of the studio", err);
}

/* Keeps what was rendered, unless another thread has rendered a newer one meanwhile. */
static void keep(struct studio_events *studio, struct buf *state, uint64_t version)
{
    pthread_mutex_lock(&studio->lock);
    if (version >= studio->version) {
        struct buf old = studio->state;

        studio->state = *state;
        studio->version = version;
        *state = old;
    }
    pthread_mutex_unlock(&studio->lock);
}

static bool is_current(struct studio_events *studio)
{
    pthread_mutex_lock(&studio->lock);
    bool is_current = studio->version == atomic_load(&studio->changes);
    pthread_mutex_unlock(&studio->lock);
    return is_current;
}

/* Has a new state. The version is read before the store is: a change that comes in between makes
 * another version, whether the state shows it already or not. */
static bool renew(struct studio_events *studio, struct err *err)
{
    struct buf state = BUF(STATE_MAX);
    uint64_t version = atomic_load(&studio->changes);
    bool ok = write_state(studio->api, &state, err);
    if (ok)
        keep(studio, &state, version);
    buf_release(&state);
    return ok;
}

static bool render_event(void *context, const char *topic, struct buf *out, uint64_t *version,
                         bool *is_last)
{
    struct studio_events *studio = context;
    struct err err = { 0 };

    *version = 0;
    *is_last = false;
    if (is_current(studio) || renew(studio, &err)) {
        pthread_mutex_lock(&studio->lock);
        *version = studio->version;
        buf_append(out, studio->state.data, studio->state.len);
        pthread_mutex_unlock(&studio->lock);
    } else {
        log_warning("api", "Who watches the %s waits: %s", topic, err.message);
    }
    return true;
}

/* ---- the route ---- */

static bool get_events(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const struct event_source source = { .render = render_event,
                                         .context = api->studio,
                                         .interval_s = INTERVAL_S };

    /* Ended tasks leave the list as time goes by, which is no change: who comes gets a new state. */
    return renew(api->studio, err) && response_events(response, request, TOPIC, &source, err);
}

const struct route studio_event_routes[] = {
    { "GET", "/api/events/", get_events, NULL, 0, .operation = "watchStudio",
      .about = "Server-Sent Events: a StudioState at once, then each time a task changes or a "
               "request has changed something.",
      .statuses = "200 Events, 503 Detail" },
};
