/*
 * The parts of a running server are opened from the bottom up, each with what it
 * needs of those before, and closed the other way round. It listens once all are
 * there, and works on what is queued once it listens: where the port is taken,
 * nothing was claimed and no model was loaded.
 *
 * Ending has an order too. First the HTTP server stops accepting and lets running
 * requests end, then the queue gives back what it is working on; only then may
 * the server go, since handlers use the queue and the queue wakes event streams.
 */

#include "cmd/serve.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/page.h"
#include "api/project_cache.h"
#include "api/studio_events.h"
#include "api/tasks.h"
#include "base/file.h"
#include "base/id.h"
#include "base/path.h"
#include "base/turnstile.h"
#include "cmd/data_lock.h"
#include "cmd/models_prepare_apart.h"
#include "store/queue.h"
#include "store/settings.h"
#include "studio/document.h"
#include "studio/speech.h"
#include "studio/story.h"
#include "transcribe/transcriber.h"

/* Requests, then units in flight: together less than the ten seconds that container runtimes give
 * between SIGTERM and SIGKILL. */
#define DRAIN_REQUESTS_S 5.0
#define DRAIN_UNITS_S 3.0

#define HOUSEKEEPING_S 30.0
#define FORGET_JOBS_S 3600.0

/* Speech takes what answers leave: nice(2). */
#define SPEECH_NICENESS 10

/* Descriptors besides connections: the store's, files being sent, models. */
#define DESCRIPTORS_SPARE 512

#define SAMPLE_MARK "sample_imported"
#define MEGABYTE ((size_t)1 << 20)
#define HEAPS_MAX 4

/* Everything of a running server; a zeroed one is closed. */
struct serving {
    const struct config *config;
    struct data_lock lock;
    struct store *store;
    struct media *media;
    struct engines *engines;
    struct turnstile *turnstile; /* for each chunk computed at once a place */
    struct narrator *narrator;
    struct live_speech *live;
    struct transcriber *transcriber;
    struct model_shelf *shelf;
    int64_t models_revision; /* the shelf's, at the last housekeeping */
    struct history *history;
    struct unit_kind narration, counted;
    struct project_cache *projects;
    struct metrics *metrics;
    struct studio_events *studio;
    struct jobs *jobs;
    struct server *server;
    char *upload_folder;
    double jobs_forgotten_s; /* clock_seconds() of the last time */
    struct api api;          /* borrows all of these */
};

/* ---- who may come ---- */

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool check_exposure(const struct config *config, struct err *err)
{
    if (is_loopback(config->host) || config->api_key)
        return true;
    if (!config->is_insecure)
        return err_set_param(
            err, ERR_INVALID, "host",
            "Listening on %.200s lets other machines in. Set an API key that they "
            "must send (PARLANDO_API_KEY), or say --insecure if everyone may come.",
            config->host);
    log_warning("serve", "everyone who can reach %s may use this server: --insecure", config->host);
    return true;
}

/* Apps of OpenAI's and ElevenLabs' services ask for voices and models before they know a key. On
 * loopback that tells nobody anything new. */
static bool opens_listings(const struct config *config)
{
    bool is_auto = strcmp(config->open_listings, "auto") == 0;

    return is_auto ? is_loopback(config->host) : strcmp(config->open_listings, "yes") == 0;
}

/* ---- the parts ---- */

/* A connection is a descriptor, and the usual limit is 1024. Best effort: the server says so itself
 * when there are none left. */
static void raise_descriptor_limit(int64_t connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + DESCRIPTORS_SPARE;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool open_data(struct serving *serving, struct err *err)
{
    const char *folder = serving->config->data;

    umask(umask(0) | 077); /* what people write is theirs alone */
    if (!directory_create(folder, err) || !data_lock_begin(&serving->lock, folder, err))
        return false;
    char *path = path_join(folder, STORE_FILE);
    serving->store = store_open(path, &clock_system, err);
    free(path);
    serving->media = serving->store ? media_open(folder, serving->store, err) : NULL;
    return serving->media;
}

static void open_speech(struct serving *serving)
{
    const struct config *config = serving->config;
    struct engine_config engine = config_engine(config, 0);

    engine.callers = speech_places(&engine);
    if (engine.callers < (int)config->workers)
        engine.callers = (int)config->workers;
    serving->turnstile = turnstile_create(engine.callers);
    serving->engines = engines_create(&engine, config->model_idle_s, SPEECH_NICENESS);
    serving->narrator = narrator_create(&(struct narrator_options){
        .store = serving->store,
        .media = serving->media,
        .engines = serving->engines,
        .turnstile = serving->turnstile,
        .engine = config->engine,
        .lexicon = config->lexicon,
    });
    serving->live = live_speech_create(&(struct live_speech_options){
        .engines = serving->engines,
        .turnstile = serving->turnstile,
        .lexicon = config->lexicon,
        .niceness = SPEECH_NICENESS,
    });
    serving->transcriber = transcriber_create(&(struct transcriber_options){
        .models_dir = config->models,
        .onnxruntime = config->onnxruntime,
        .threads = (int)config->threads,
        .turnstile = serving->turnstile,
        .niceness = SPEECH_NICENESS,
        .idle_s = config->model_idle_s,
    });
}

static void studio_changed(void *state)
{
    struct api *api = state;

    if (api->server) /* else nobody can be watching yet */
        api_studio_changed(api);
}

static void open_history(struct serving *serving)
{
    const struct config *config = serving->config;

    serving->history = history_create(&(struct history_options){
        .store = serving->store,
        .media = serving->media,
        .configured = { .is_enabled = config->history_enabled,
                        .keeps_audio = config->history_retain_audio,
                        .entries_max = config->history_max_entries,
                        .mb_max = config->history_max_mb },
        .changed = studio_changed,
        .changed_state = &serving->api,
    });
}

static bool prepare_apart(void *state, const struct installed_model *model, struct cancel *cancel,
                          struct err *err)
{
    const struct serving *serving = state;

    return models_prepare_apart(serving->config, model, cancel, err);
}

static bool open_shelf(struct serving *serving, struct err *err)
{
    const struct engine_config engine = config_engine(serving->config, 0);

    serving->shelf = model_shelf_create(
        &(struct model_shelf_options){
            .engine = &engine,
            .engines = serving->engines,
            .transcriber = serving->transcriber,
            .niceness = SPEECH_NICENESS,
            .prepare = prepare_apart,
            .prepare_state = serving,
            .changed = studio_changed,
            .changed_state = &serving->api,
        },
        err);
    return serving->shelf;
}

/* The format was checked when it was configured. */
static struct speech_settings speech_settings(const struct config *config)
{
    struct speech_settings settings = { .input_max = config->tts_max_input, .format = AUDIO_MP3 };

    (void)audio_format_parse(config->tts_default_format, &settings.format);
    return settings;
}

static void fill_api(struct serving *serving)
{
    serving->metrics = metrics_create(api_tables, api_table_count);
    serving->projects = project_cache_create(PROJECT_CACHE_BYTES);
    serving->studio = studio_events_create(&serving->api);
    serving->api = (struct api){
        .store = serving->store,
        .media = serving->media,
        .engines = serving->engines,
        .narrator = serving->narrator,
        .live = serving->live,
        .speech = speech_settings(serving->config),
        .transcriber = serving->transcriber,
        .shelf = serving->shelf,
        .history = serving->history,
        .projects = serving->projects,
        .metrics = serving->metrics,
        .page = &page_built,
        .studio = serving->studio,
        .openapi = openapi_create(api_tables, api_table_count),
    };
    serving->api.task_events = task_event_source(&serving->api);
}

static bool create_server(struct serving *serving, struct err *err)
{
    const struct config *config = serving->config;

    raise_descriptor_limit(config->connections_max);
    serving->upload_folder = path_join(config->data, "uploads");
    const struct server_options options = {
        .host = config->host,
        .port = (uint16_t)config->port,
        .upload_folder = serving->upload_folder,
        .tables = api_tables,
        .table_count = api_table_count,
        .faces = api_faces,
        .face_count = api_face_count,
        .context = &serving->api,
        .watch = api_watch(&serving->api),
        .api_key = config->api_key,
        .listings_are_public = opens_listings(config),
        .allowed_hosts = config->allowed_hosts,
        .allowed_origins = config->allowed_origins,
        .json_max = (size_t)config->json_max_mb * MEGABYTE,
        .upload_max = (size_t)config->upload_max_mb * MEGABYTE,
        .connections_max = (int)config->connections_max,
    };

    serving->server = serving->api.server = server_create(&options, err);
    return serving->server;
}

static void job_changed(void *state, const char *job_id)
{
    api_job_changed(state, job_id);
}

static bool create_jobs(struct serving *serving, struct err *err)
{
    const struct config *config = serving->config;

    serving->narration = narrator_unit_kind(serving->narrator);
    serving->counted = metrics_counted_kind(serving->metrics, &serving->narration);
    serving->jobs = serving->api.jobs = jobs_create(
        &(struct jobs_options){
            .store = serving->store,
            .kinds = &serving->counted,
            .kind_count = 1,
            .workers = (int)config->workers,
            .clock = clock_system,
            .keep_ended_ms = (int64_t)(config->keep_tasks_s * 1000),
            .niceness = SPEECH_NICENESS,
            .changed = job_changed,
            .changed_state = &serving->api,
        },
        err);
    if (!serving->jobs)
        return false;
    narrator_attach(serving->narrator, serving->jobs);
    return true;
}

static bool open_serving(struct serving *serving, const struct config *config, struct err *err)
{
    *serving = (struct serving){ .config = config, .lock = DATA_LOCK };
    if (!open_data(serving, err))
        return false;
    open_speech(serving);
    open_history(serving);
    if (!open_shelf(serving, err))
        return false;
    fill_api(serving);
    return create_server(serving, err) && create_jobs(serving, err);
}

/* What is being done may end, within bounds. */
static void drain(struct serving *serving)
{
    log_info("serve", "stopping: requests and segments in flight may end");
    model_shelf_cancel(serving->shelf);
    if (!server_drain(serving->server, DRAIN_REQUESTS_S))
        log_info("serve", "some requests were cut: they had not ended in %.0f s", DRAIN_REQUESTS_S);
    jobs_stop(serving->jobs, DRAIN_UNITS_S);
}

static void close_serving(struct serving *serving)
{
    if (serving->jobs)
        jobs_stop(serving->jobs, 0);
    model_shelf_stop(serving->shelf);
    server_destroy(serving->server);
    jobs_destroy(serving->jobs);
    shared_bytes_drop(serving->api.openapi);
    studio_events_destroy(serving->studio);
    metrics_destroy(serving->metrics);
    project_cache_destroy(serving->projects);
    history_destroy(serving->history);
    model_shelf_destroy(serving->shelf);
    transcriber_destroy(serving->transcriber);
    live_speech_destroy(serving->live);
    narrator_destroy(serving->narrator);
    engines_destroy(serving->engines);
    turnstile_destroy(serving->turnstile);
    media_close(serving->media);
    store_close(serving->store);
    data_lock_end(&serving->lock);
    free(serving->upload_folder);
}

/* ---- the sample ---- */

static bool has_projects(struct store *store, bool *out, struct err *err)
{
    const struct page page = { .limit = 1 };
    struct project_list projects;
    struct arena arena = ARENA;
    bool ok = store_projects(store, &arena, &page, NULL, NULL, &projects, err);

    *out = ok && projects.total > 0;
    arena_release(&arena);
    return ok;
}

static bool import_story(struct store *store, const char *file, struct err *err)
{
    struct document document = { 0 };
    char id[ID_SIZE];
    bool ok = document_load(file, DOCUMENT_AUTO, &document, err) &&
              story_import(store, &document, id, err);

    document_release(&document);
    if (ok)
        log_info("serve", "imported %s as project %s", file, id);
    return ok;
}

/* Once in the life of a data folder: who has deleted the sample does not get it again. */
static bool import_sample(struct store *store, const char *file, struct err *err)
{
    bool is_in_use;

    if (!file || store_mark_has(store, SAMPLE_MARK))
        return true;
    if (!has_projects(store, &is_in_use, err))
        return false;
    if (!is_in_use && !import_story(store, file, err))
        return err_context(err, "The sample");
    return store_mark_set(store, SAMPLE_MARK, err);
}

/* ---- serving ---- */

/* What an earlier run has left to do is begun with; the log says how much it is. */
static bool start_jobs(struct serving *serving, struct err *err)
{
    struct jobs_load load;

    if (!jobs_load(serving->jobs, &load, err))
        return false;
    int64_t left = load.queue.queued_live + load.queue.queued_bulk;

    if (left > 0)
        log_info("serve", "going on with %lld segment%s of the last run", (long long)left,
                 left == 1 ? "" : "s");
    return jobs_start(serving->jobs, err);
}

/* Ended jobs pile up; now and then those of old go. */
static void forget_jobs(struct serving *serving)
{
    int64_t ended_before = clock_now_ms() - (int64_t)(serving->config->keep_jobs_s * 1000);
    struct err err = { 0 };
    int64_t count = 1;

    if (serving->jobs_forgotten_s != 0 &&
        clock_seconds() - serving->jobs_forgotten_s < FORGET_JOBS_S)
        return;
    serving->jobs_forgotten_s = clock_seconds();
    while (count > 0)
        if (!store_jobs_forget(serving->store, ended_before, &count, &err)) {
            log_warning("serve", "%s Old tasks are forgotten later.", err.message);
            return;
        }
}

static void announce(const struct config *config, const struct server *server)
{
    bool is_v6 = strchr(config->host, ':');

    printf("Parlando listens on http://%s%s%s:%u/\n", is_v6 ? "[" : "", config->host,
           is_v6 ? "]" : "", server_port(server));
    fflush(stdout);
}

static void close_idle_models(struct serving *serving)
{
    engines_close_idle(serving->engines);
    transcriber_close_idle(serving->transcriber);
    int64_t revision = model_shelf_revision(serving->shelf);

    if (revision != serving->models_revision)
        api_studio_changed(&serving->api);
    serving->models_revision = revision;
}

/* Each request that takes long has threads of its own. glibc would give each of them a heap of its own
 * too, and after the first large block put these into the heaps, where they stay: 16 speakers at once
 * took 480 MB instead of 90. */
static void bound_heaps(void)
{
    mallopt(M_ARENA_MAX, HEAPS_MAX);
    mallopt(M_MMAP_THRESHOLD, (int)MEGABYTE);
}

static bool serve(const struct config *config, const char *sample, struct cancel *cancel,
                  struct err *err)
{
    struct serving serving;

    bound_heaps();
    bool ok = open_serving(&serving, config, err) && import_sample(serving.store, sample, err) &&
              server_listen(serving.server, err) && start_jobs(&serving, err);

    if (ok) {
        announce(config, serving.server);
        forget_jobs(&serving);
        while (!cancel_wait(cancel, HOUSEKEEPING_S)) {
            close_idle_models(&serving);
            media_settle(serving.media);
            forget_jobs(&serving);
            malloc_trim(0); /* what a large answer or import has left */
        }
        drain(&serving);
    }
    close_serving(&serving);
    if (ok)
        log_info("serve", "stopped");
    return ok;
}

static bool print_openapi(struct err *err)
{
    struct buf json = BUF(OPENAPI_MAX);

    openapi_write(&json, api_tables, api_table_count);
    bool ok = buf_ok(&json, "description of the API", err);
    if (ok)
        puts(json.data);
    buf_release(&json);
    return ok;
}

int cmd_serve(int argc, char **argv, struct command_context *context)
{
    const char *sample = NULL;
    bool wants_config = false, wants_openapi = false;
    const struct option_row rows[] = {
        { "print-config", 0, OPTION_FLAG, &wants_config,
          .help = "show each setting and where it came from, then end" },
        { "print-openapi", 0, OPTION_FLAG, &wants_openapi,
          .help = "show the API's description (OpenAPI 3.1), then end" },
        { "sample", 0, OPTION_TEXT, &sample, .argument = "FILE",
          .help = "a story for a data folder that is new" },
    };
    const struct usage usage = {
        .synopsis = "parlando serve [options]",
        .about = "Serves the HTTP API and works on what it is asked for, until Ctrl-C or SIGTERM.\n"
                 "It listens on this machine only; any other address needs an API key. What was\n"
                 "queued when it ended goes on at the next start.",
        .examples = "  parlando serve\n"
                    "  parlando serve --port 0 --data /tmp/studio\n"
                    "  PARLANDO_API_KEY=… parlando serve --host 0.0.0.0\n"
                    "  parlando serve --print-config",
        .rows = rows,
        .row_count = COUNT(rows),
        .takes_no_arguments = true,
        .is_server = true,
    };
    struct arguments arguments;
    int exit_code;
    struct err err;

    err_clear(&err);
    config_set_default(context->config, "log-level", "info");
    if (!command_begin("serve", &usage, argc, argv, context, &arguments, &exit_code))
        return exit_code;
    if (wants_config) {
        config_print(context->config, stdout);
        return 0;
    }
    if (wants_openapi)
        return print_openapi(&err) ? 0 : command_fail("serve", &err);
    bool ok = check_exposure(context->config, &err) &&
              serve(context->config, sample, context->cancel, &err);
    return ok ? 0 : command_fail("serve", &err);
}
