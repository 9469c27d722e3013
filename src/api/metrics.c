#include "api/metrics.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/file.h"

#define METRICS_MAX ((size_t)4 << 20)
#define MICROSECONDS 1e6

/* Those the server answers with; the last stands for any other. */
static const int statuses[] = {
    200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408, 409, 411, 413,
    414, 415, 416, 417, 421, 422, 423, 426, 429, 431, 500, 501, 503, 505, 507, 0,
};

/* Upper bounds in seconds: from a point read to a long upload. */
static const double bounds[] = { 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                 0.1,    0.25,  0.5,    1,     2.5,  10 };

struct series {
    const struct route *route; /* NULL: paths that are no route */
    const char *method;

    atomic_uint_fast64_t answers[COUNT(statuses)];
    atomic_uint_fast64_t
        buckets[COUNT(bounds) + 1]; /* not cumulative; the last is over all bounds */
    atomic_uint_fast64_t time_us;
};

struct metrics {
    /* set once */
    const struct route_table *tables;
    size_t table_count;
    struct series *series; /* two a route, the second for HEAD; then one for the rest */
    size_t series_count;
    double began_s;
    const struct unit_kind *inner;

    atomic_uint_fast64_t bytes_sent;
    atomic_uint_fast64_t audio_ms, audio_files;
    atomic_int speech_running;
    atomic_uint_fast64_t speech_ends[SPEECH_CANCELLED + 1], speech_ms;
};

struct metrics *metrics_create(const struct route_table *tables, size_t count)
{
    struct metrics *metrics = xcalloc(1, sizeof *metrics);
    size_t routes = 0;

    for (size_t i = 0; i < count; i++)
        routes += tables[i].count;
    metrics->tables = tables;
    metrics->table_count = count;
    metrics->began_s = clock_seconds();
    metrics->series_count = 2 * routes + 1;
    metrics->series = xcalloc(metrics->series_count, sizeof *metrics->series);
    struct series *next = metrics->series;
    for (size_t i = 0; i < count; i++) {
        for (size_t row = 0; row < tables[i].count; row++) {
            *next++ = (struct series){ .route = &tables[i].routes[row],
                                       .method = tables[i].routes[row].method };
            *next++ = (struct series){ .route = &tables[i].routes[row], .method = "HEAD" };
        }
    }
    *next = (struct series){ .method = "other" };
    return metrics;
}

void metrics_destroy(struct metrics *metrics)
{
    if (!metrics)
        return;
    free(metrics->series);
    free(metrics);
}

/* ---- counting ---- */

static struct series *series_of(struct metrics *metrics, const struct route *route,
                                const char *method)
{
    struct series *series = metrics->series;

    for (size_t i = 0; route && i < metrics->table_count; i++) {
        const struct route_table *table = &metrics->tables[i];

        if (route >= table->routes && route < table->routes + table->count)
            return series + 2 * (route - table->routes) +
                   (strcmp(method, "HEAD") == 0 && strcmp(route->method, "HEAD") != 0);
        series += 2 * table->count;
    }
    return &metrics->series[metrics->series_count - 1];
}

static size_t status_index(int status)
{
    size_t i = 0;

    while (i + 1 < COUNT(statuses) && statuses[i] != status)
        i++;
    return i;
}

static size_t bucket_index(double seconds)
{
    size_t i = 0;

    while (i < COUNT(bounds) && seconds > bounds[i])
        i++;
    return i;
}

static void add(atomic_uint_fast64_t *counter, uint64_t count)
{
    atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

static uint64_t get(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void count_answer(void *state, const struct route *route, const char *method, int status,
                         double seconds, uint64_t bytes_sent)
{
    struct metrics *metrics = state;
    struct series *series = series_of(metrics, route, method);

    add(&series->answers[status_index(status)], 1);
    add(&series->buckets[bucket_index(seconds)], 1);
    add(&series->time_us, (uint64_t)(seconds * MICROSECONDS));
    add(&metrics->bytes_sent, bytes_sent);
}

struct server_watch metrics_watch(struct metrics *metrics)
{
    return (struct server_watch){ .answered = count_answer, .state = metrics };
}

static bool run_counted(void *state, const struct unit *unit, struct arena *arena,
                        struct cancel *cancel, struct unit_end *end, struct err *err)
{
    const struct unit_kind *inner = ((struct metrics *)state)->inner;

    return inner->run(inner->state, unit, arena, cancel, end, err);
}

static void end_counted(void *state, const struct unit *unit, const struct unit_end *end)
{
    struct metrics *metrics = state;

    if (end->state == UNIT_DONE && end->audio) {
        add(&metrics->audio_ms, (uint64_t)(end->audio->duration_s * 1000));
        add(&metrics->audio_files, 1);
    }
    if (metrics->inner->ended)
        metrics->inner->ended(metrics->inner->state, unit, end);
}

struct unit_kind metrics_counted_kind(struct metrics *metrics, const struct unit_kind *inner)
{
    struct unit_kind counted = *inner;

    metrics->inner = inner;
    counted.run = run_counted;
    counted.ended = end_counted;
    counted.state = metrics;
    return counted;
}

void metrics_speech_began(struct metrics *metrics)
{
    atomic_fetch_add(&metrics->speech_running, 1);
}

void metrics_speech_ended(struct metrics *metrics, enum speech_end end, double seconds)
{
    atomic_fetch_sub(&metrics->speech_running, 1);
    add(&metrics->speech_ends[end], 1);
    add(&metrics->speech_ms, (uint64_t)(seconds * 1000));
}

/* ---- writing ---- */

static void write_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_value(struct buf *out, const char *name, const char *type, const char *help,
                        double value)
{
    write_head(out, name, type, help);
    buf_format(out, "%s %.15g\n", name, value);
}

static const char *path_of(const struct series *series)
{
    return series->route ? series->route->path : "";
}

static void write_requests(const struct metrics *metrics, struct buf *out)
{
    write_head(out, "parlando_http_requests_total", "counter",
               "Answers by method, route and status (0: any other).");
    for (size_t i = 0; i < metrics->series_count; i++) {
        const struct series *series = &metrics->series[i];

        for (size_t s = 0; s < COUNT(statuses); s++)
            if (get(&series->answers[s]) > 0)
                buf_format(out,
                           "parlando_http_requests_total{method=\"%s\",route=\"%s\",status=\"%d\"}"
                           " %llu\n",
                           series->method, path_of(series), statuses[s],
                           (unsigned long long)get(&series->answers[s]));
    }
}

/* Count and sum belong to the buckets as they were read just now, so that they agree. */
static void write_histogram(const struct series *series, struct buf *out)
{
    const char *name = "parlando_http_request_duration_seconds";
    uint64_t counts[COUNT(bounds) + 1], total = 0;

    for (size_t b = 0; b <= COUNT(bounds); b++)
        total += counts[b] = get(&series->buckets[b]);
    if (total == 0)
        return;
    uint64_t below = 0;
    for (size_t b = 0; b < COUNT(bounds); b++) {
        below += counts[b];
        buf_format(out, "%s_bucket{method=\"%s\",route=\"%s\",le=\"%g\"} %llu\n", name,
                   series->method, path_of(series), bounds[b], (unsigned long long)below);
    }
    buf_format(out, "%s_bucket{method=\"%s\",route=\"%s\",le=\"+Inf\"} %llu\n", name,
               series->method, path_of(series), (unsigned long long)total);
    buf_format(out, "%s_sum{method=\"%s\",route=\"%s\"} %.6f\n", name, series->method,
               path_of(series), (double)get(&series->time_us) / MICROSECONDS);
    buf_format(out, "%s_count{method=\"%s\",route=\"%s\"} %llu\n", name, series->method,
               path_of(series), (unsigned long long)total);
}

static void write_speech(const struct metrics *metrics, struct buf *out)
{
    static const char *const ends[] = {
        [SPEECH_DONE] = "done", [SPEECH_FAILED] = "failed", [SPEECH_CANCELLED] = "cancelled"
    };

    write_value(out, "parlando_speech_running", "gauge", "Answers that are being spoken.",
                atomic_load(&metrics->speech_running));
    write_head(out, "parlando_speech_total", "counter",
               "Spoken answers that ended; cancelled: the client had left.");
    for (size_t i = 0; i < COUNT(ends); i++)
        buf_format(out, "parlando_speech_total{state=\"%s\"} %llu\n", ends[i],
                   (unsigned long long)get(&metrics->speech_ends[i]));
    write_value(out, "parlando_speech_seconds_total", "counter", "Speech in whole answers.",
                (double)get(&metrics->speech_ms) / 1000);
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
    write_head(out, "parlando_build_info", "gauge", "Always 1.");
    buf_format(out, "parlando_build_info{version=\"" PARLANDO_VERSION "\"} 1\n");
    write_value(out, "parlando_uptime_seconds", "gauge", "Since the server started.",
                clock_seconds() - metrics->began_s);
    write_requests(metrics, out);
    write_head(out, "parlando_http_request_duration_seconds", "histogram",
               "From the first header to the last byte.");
    for (size_t i = 0; i < metrics->series_count; i++)
        write_histogram(&metrics->series[i], out);
    write_value(out, "parlando_http_sent_bytes_total", "counter", "Bytes of bodies.",
                (double)get(&metrics->bytes_sent));
    write_value(out, "parlando_audio_seconds_total", "counter", "Speech made.",
                (double)get(&metrics->audio_ms) / 1000);
    write_value(out, "parlando_audio_files_total", "counter", "Recordings made.",
                (double)get(&metrics->audio_files));
    write_speech(metrics, out);
}

static void write_server(const struct server *server, struct buf *out)
{
    struct server_load load = server_load(server);

    write_value(out, "parlando_http_connections", "gauge", "Open connections.", load.connections);
    write_value(out, "parlando_http_requests_running", "gauge", "On a request thread.",
                load.running);
    write_value(out, "parlando_http_requests_queued", "gauge", "Waiting for a request thread.",
                load.queued);
    write_value(out, "parlando_http_long_requests_running", "gauge",
                "Of those that take long: speech, hearing.", load.long_running);
    write_value(out, "parlando_http_long_requests_queued", "gauge",
                "Waiting for one of those to end; more are answered 429.", load.long_queued);
    write_value(out, "parlando_http_streams", "gauge", "Open streams and event streams.",
                load.streams);
}

/* A store that does not answer leaves these lines out; /readyz says why. */
static void write_jobs(struct jobs *jobs, struct buf *out)
{
    struct jobs_load load;
    struct err err = { 0 };

    if (!jobs_load(jobs, &load, &err))
        return;
    write_head(out, "parlando_queue_units", "gauge", "Units waiting, by priority.");
    buf_format(out,
               "parlando_queue_units{priority=\"live\"} %lld\n"
               "parlando_queue_units{priority=\"bulk\"} %lld\n",
               (long long)load.queue.queued_live, (long long)load.queue.queued_bulk);
    write_head(out, "parlando_units_running", "gauge", "Units being worked on, by lane.");
    buf_format(out,
               "parlando_units_running{lane=\"live\"} %d\nparlando_units_running{lane=\"bulk\"} "
               "%d\n",
               load.running_live, load.running_bulk);
    write_head(out, "parlando_units_total", "counter", "Units that ended since the start.");
    buf_format(out,
               "parlando_units_total{state=\"done\"} %llu\n"
               "parlando_units_total{state=\"failed\"} %llu\n"
               "parlando_units_total{state=\"cancelled\"} %llu\n",
               (unsigned long long)load.done, (unsigned long long)load.failed,
               (unsigned long long)load.cancelled);
    write_value(out, "parlando_workers", "gauge", "Bulk workers.", load.workers);
    write_value(out, "parlando_busy_seconds_total", "counter", "Work of all lanes.", load.busy_s);
}

/* /proc/self/statm, proc(5): sizes in pages, the second is what is resident. */
static double resident_bytes(void)
{
    struct buf text = BUF(256);
    struct err err = { 0 };
    double pages = 0;

    if (file_read("/proc/self/statm", &text, &err)) {
        const char *second = strchr(text.data, ' ');

        pages = second ? strtod(second, NULL) : 0;
    }
    buf_release(&text);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = -3; /* ".", ".." and the folder's own */

    if (!folder)
        return 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void write_process(const struct api *api, struct buf *out)
{
    write_value(out, "process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes());
    write_value(out, "process_open_fds", "gauge", "Open files and sockets.", open_descriptors());
    write_value(out, "parlando_engines_loaded", "gauge", "Models in memory.",
                (double)engines_loaded_count(api->engines));
    write_value(out, "parlando_data_free_bytes", "gauge", "Free where the data folder is.",
                (double)media_free_bytes(api->media));
}

static bool get_metrics(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct buf out = BUF(METRICS_MAX);

    metrics_write(api->metrics, &out);
    write_server(api->server, &out);
    write_jobs(api->jobs, &out);
    write_process(api, &out);
    bool ok = buf_ok(&out, "metrics", err);
    if (ok)
        response_bytes(response, "text/plain; version=0.0.4; charset=utf-8", out.data, out.len);
    buf_release(&out);
    return ok;
}

const struct route metrics_routes[] = {
    { "GET", "/metrics", get_metrics, NULL, ROUTE_UNLOGGED, .operation = "getMetrics",
      .about = "Counters and gauges for Prometheus.", .statuses = "200 Text" },
};
