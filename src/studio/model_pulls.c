/*
 * Each entry of the catalogue has one job, which is idle, queued, running or has
 * ended; the thread takes the queued ones in the order they came. A job's fields
 * are changed under the lock only, by whoever asks and by the thread.
 */
#include "studio/model_pulls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "models/pull.h"
#include "studio/model_entries.h"

/* What a page shows moves by this share of the whole; more often nobody is told. */
#define PROGRESS_PARTS 200

struct job {
    const struct model_entry *entry; /* set once */
    struct model_pulls *pulls;       /* set once */

    /* thread only */
    bool *was_missing; /* for each file of what it needs, then its own; owned */
    uint64_t bytes_finished;

    /* protected by lock */
    bool is_known;  /* it was asked for */
    uint64_t turn;  /* later ones are larger */
    double ended_s; /* clock_seconds */
    enum pull_state state;
    char *step; /* owned, or NULL */
    uint64_t done, total;
    struct err err;
    struct cancel cancel; /* in force while it is under way */
    bool is_wanted_again; /* it was asked for after its cancel was, and before its end */
};

struct model_pulls {
    /* set once */
    struct model_pulls_options options;
    struct job *jobs; /* one for each entry */
    size_t job_count;

    pthread_mutex_t lock; /* held while a cancel is requested, else a leaf */
    pthread_cond_t work;
    pthread_t thread;

    /* protected by lock */
    bool has_thread, is_stopping;
    uint64_t turn;
};

static bool has_ended(enum pull_state state)
{
    return state >= PULL_ENDED;
}

static bool is_under_way(const struct job *job)
{
    return job->is_known && !has_ended(job->state);
}

static void tell(const struct model_pulls *pulls, bool is_step)
{
    if (pulls->options.changed)
        pulls->options.changed(pulls->options.changed_state, is_step);
}

/* ---- bytes ---- */

/* What a pull gets: the entries it needs, then the entry itself; NULL behind them. */
static const struct model_entry *wanted_at(const struct job *job, size_t index)
{
    const char *const *needs = job->entry->needs;
    size_t count = 0;

    while (needs[count])
        count++;
    if (index < count)
        return catalogue_find(job->pulls->options.catalogue, needs[index]);
    return index == count ? job->entry : NULL;
}

static size_t count_files(const struct job *job)
{
    const struct model_entry *entry;
    size_t count = 0;

    for (size_t i = 0; (entry = wanted_at(job, i)); i++)
        count += entry->file_count;
    return count;
}

/* Notes which files are missing. Their size together, or 0 when that of one is not known. */
static uint64_t begin_bytes(struct job *job)
{
    const char *models_dir = job->pulls->options.engine->models_dir;
    const struct model_entry *entry;
    uint64_t total = 0;
    bool is_known = true;
    size_t n = 0;

    job->was_missing = xcalloc(count_files(job) + 1, sizeof *job->was_missing);
    job->bytes_finished = 0;
    for (size_t i = 0; (entry = wanted_at(job, i)); i++) {
        for (size_t k = 0; k < entry->file_count; k++, n++) {
            const struct model_file *file = &entry->files[k];

            job->was_missing[n] = !model_file_is_present(file, models_dir);
            total += job->was_missing[n] ? file->size : 0;
            is_known = is_known && (file->size > 0 || !job->was_missing[n]);
        }
    }
    return is_known ? total : 0;
}

/* Of the files that were missing, those that are there by now. */
static uint64_t count_finished(const struct job *job)
{
    const char *models_dir = job->pulls->options.engine->models_dir;
    const struct model_entry *entry;
    uint64_t bytes = 0;
    size_t n = 0;

    for (size_t i = 0; (entry = wanted_at(job, i)); i++)
        for (size_t k = 0; k < entry->file_count; k++, n++)
            if (job->was_missing[n] && model_file_is_present(&entry->files[k], models_dir))
                bytes += entry->files[k].size;
    return bytes;
}

/* ---- what a pull tells ---- */

/* text may be NULL. */
static void set_step(struct job *job, enum pull_state state, const char *text)
{
    struct model_pulls *pulls = job->pulls;

    pthread_mutex_lock(&pulls->lock);
    bool is_step = job->state != state;
    job->state = state;
    free(job->step);
    job->step = text && *text ? xstrdup(text) : NULL;
    pthread_mutex_unlock(&pulls->lock);
    tell(pulls, is_step);
}

/* Where the whole is not known, the bytes are those of the file in transfer. */
static void set_bytes(struct job *job, const struct pull_event *event)
{
    struct model_pulls *pulls = job->pulls;

    pthread_mutex_lock(&pulls->lock);
    bool is_whole = job->total > 0;
    uint64_t done = is_whole ? job->bytes_finished + event->done : event->done;
    bool is_news =
        done < job->done || done - job->done >= job->total / PROGRESS_PARTS || done == job->total;
    if (is_news)
        job->done = is_whole && done > job->total ? job->total : done;
    pthread_mutex_unlock(&pulls->lock);
    if (is_news)
        tell(pulls, false);
}

static void on_event(void *context, const struct pull_event *event)
{
    struct job *job = context;

    switch (event->kind) {
    case PULL_WAITING:
        set_step(job, PULL_DOWNLOADING, "another process is getting it");
        return;
    case PULL_STEP:
        job->bytes_finished = count_finished(job);
        set_step(job, PULL_DOWNLOADING, event->text);
        return;
    case PULL_BYTES:
        set_bytes(job, event);
        return;
    case PULL_SOURCE_FAILED:
        log_info("models", "%s: a source failed: %s", event->entry->id, event->text);
        return;
    case PULL_DONE:
        log_info("models", "%s is installed", event->entry->id);
        tell(job->pulls, true);
        return;
    case PULL_PRESENT:
        return;
    }
}

/* ---- the thread ---- */

/* Without its prepared copy a model speaks as well, so only cancelling is a failure here. */
static bool prepare(struct job *job, struct err *err)
{
    const struct model_pulls_options *options = &job->pulls->options;
    struct installed_model model;

    if (!model_entry_find_preparable(options->engine, job->entry, &model))
        return true;
    set_step(job, PULL_PREPARING, NULL);
    bool ok = options->prepare(options->prepare_state, &model, &job->cancel, err);
    installed_model_release(&model);
    if (ok || err->kind == ERR_CANCELLED)
        return ok;
    log_warning("models", "%s is installed but not prepared: %s", job->entry->id, err->message);
    return true;
}

static bool pull(struct job *job, struct err *err)
{
    const struct pull_progress progress = { .context = job, .event = on_event };
    const struct pull what = { .catalogue = job->pulls->options.catalogue,
                               .models_dir = job->pulls->options.engine->models_dir,
                               .progress = &progress,
                               .cancel = &job->cancel };
    uint64_t total = begin_bytes(job);

    pthread_mutex_lock(&job->pulls->lock);
    job->total = total;
    pthread_mutex_unlock(&job->pulls->lock);
    bool ok = model_pull(&what, job->entry, err);
    free(job->was_missing);
    job->was_missing = NULL;
    return ok && prepare(job, err);
}

static void queue_locked(struct model_pulls *pulls, struct job *job)
{
    job->is_known = true;
    job->is_wanted_again = false;
    job->turn = ++pulls->turn;
    job->state = PULL_QUEUED;
    job->done = job->total = 0;
    err_clear(&job->err);
    cancel_init(&job->cancel);
    pthread_cond_signal(&pulls->work);
}

static void end(struct job *job, enum pull_state state, const struct err *err)
{
    struct model_pulls *pulls = job->pulls;

    pthread_mutex_lock(&pulls->lock);
    job->state = state;
    job->err = *err;
    if (state == PULL_ENDED)
        job->done = job->total;
    free(job->step);
    job->step = NULL;
    job->ended_s = clock_seconds();
    cancel_release(&job->cancel);
    if (job->is_wanted_again && state == PULL_CANCELLED && !pulls->is_stopping)
        queue_locked(pulls, job);
    pthread_mutex_unlock(&pulls->lock);
    tell(pulls, true);
}

static void run(struct job *job)
{
    struct err err = { 0 };

    tell(job->pulls, true);
    if (pull(job, &err)) {
        end(job, PULL_ENDED, &err);
    } else if (err.kind == ERR_CANCELLED) {
        end(job, PULL_CANCELLED, &err);
    } else {
        log_warning("models", "%s was not pulled: %s", job->entry->id, err.message);
        end(job, PULL_FAILED, &err);
    }
}

static struct job *next_queued(const struct model_pulls *pulls)
{
    struct job *next = NULL;

    for (size_t i = 0; i < pulls->job_count; i++) {
        struct job *job = &pulls->jobs[i];

        if (job->is_known && job->state == PULL_QUEUED && (!next || job->turn < next->turn))
            next = job;
    }
    return next;
}

/* The next one, which is running from then on; NULL when it is time to stop. */
static struct job *take_next(struct model_pulls *pulls)
{
    struct job *job = NULL;

    pthread_mutex_lock(&pulls->lock);
    while (!pulls->is_stopping && !(job = next_queued(pulls)))
        pthread_cond_wait(&pulls->work, &pulls->lock);
    if (pulls->is_stopping)
        job = NULL;
    if (job)
        job->state = PULL_DOWNLOADING;
    pthread_mutex_unlock(&pulls->lock);
    return job;
}

static void *work(void *arg)
{
    struct model_pulls *pulls = arg;
    struct job *job;

    thread_lower_priority(pulls->options.niceness);
    while ((job = take_next(pulls)))
        run(job);
    return NULL;
}

/* ---- from outside ---- */

struct model_pulls *model_pulls_create(const struct model_pulls_options *options)
{
    struct model_pulls *pulls = xcalloc(1, sizeof *pulls);

    pulls->options = *options;
    pulls->job_count = catalogue_count(options->catalogue);
    pulls->jobs = xcalloc(pulls->job_count + 1, sizeof *pulls->jobs);
    for (size_t i = 0; i < pulls->job_count; i++) {
        pulls->jobs[i].entry = catalogue_at(options->catalogue, i);
        pulls->jobs[i].pulls = pulls;
    }
    pthread_mutex_init(&pulls->lock, NULL);
    pthread_cond_init(&pulls->work, NULL);
    return pulls;
}

void model_pulls_cancel_all(struct model_pulls *pulls)
{
    pthread_mutex_lock(&pulls->lock);
    pulls->is_stopping = true;
    for (size_t i = 0; i < pulls->job_count; i++)
        if (is_under_way(&pulls->jobs[i]))
            cancel_request(&pulls->jobs[i].cancel);
    pthread_cond_broadcast(&pulls->work);
    pthread_mutex_unlock(&pulls->lock);
}

void model_pulls_stop(struct model_pulls *pulls)
{
    model_pulls_cancel_all(pulls);
    pthread_mutex_lock(&pulls->lock);
    bool has_thread = pulls->has_thread;
    pulls->has_thread = false;
    pthread_mutex_unlock(&pulls->lock);
    if (has_thread)
        pthread_join(pulls->thread, NULL);
}

void model_pulls_destroy(struct model_pulls *pulls)
{
    if (!pulls)
        return;
    model_pulls_stop(pulls);
    for (size_t i = 0; i < pulls->job_count; i++) {
        if (is_under_way(&pulls->jobs[i]))
            cancel_release(&pulls->jobs[i].cancel);
        free(pulls->jobs[i].step);
    }
    pthread_cond_destroy(&pulls->work);
    pthread_mutex_destroy(&pulls->lock);
    free(pulls->jobs);
    free(pulls);
}

static struct job *find_job(const struct model_pulls *pulls, const struct model_entry *entry)
{
    struct job *job = pulls->jobs;

    while (job->entry != entry)
        job++;
    return job;
}

static struct pull_report report(const struct job *job, struct arena *arena)
{
    return (struct pull_report){
        .model = job->entry->id,
        .state = job->state,
        .step = job->step ? arena_strdup(arena, job->step) : NULL,
        .bytes_done = (int64_t)job->done,
        .bytes_total = (int64_t)job->total,
        .error = job->state == PULL_FAILED ? arena_strdup(arena, job->err.message) : NULL,
    };
}

static bool ensure_thread_locked(struct model_pulls *pulls, struct err *err)
{
    if (pulls->is_stopping)
        return err_set(err, ERR_CANCELLED, "The server is stopping; ask again when it is back.");
    if (!pulls->has_thread)
        pulls->has_thread = thread_start(&pulls->thread, work, pulls) == 0;
    return pulls->has_thread ||
           err_set(err, ERR_INTERNAL, "Cannot start a thread to pull models in.");
}

bool model_pulls_begin(struct model_pulls *pulls, const struct model_entry *entry,
                       struct arena *arena, struct pull_report *out, struct err *err)
{
    struct job *job = find_job(pulls, entry);

    pthread_mutex_lock(&pulls->lock);
    bool ok = ensure_thread_locked(pulls, err);
    if (ok && !is_under_way(job))
        queue_locked(pulls, job);
    else if (ok)
        job->is_wanted_again = cancel_is_requested(&job->cancel);
    if (ok)
        *out = report(job, arena);
    pthread_mutex_unlock(&pulls->lock);
    if (ok)
        tell(pulls, true);
    return ok;
}

bool model_pulls_cancel(struct model_pulls *pulls, const struct model_entry *entry)
{
    struct job *job = find_job(pulls, entry);

    pthread_mutex_lock(&pulls->lock);
    bool is_found = is_under_way(job);
    if (is_found && job->state == PULL_QUEUED) {
        job->state = PULL_CANCELLED;
        job->ended_s = clock_seconds();
        cancel_release(&job->cancel);
    } else if (is_found) {
        cancel_request(&job->cancel);
        job->is_wanted_again = false;
    }
    pthread_mutex_unlock(&pulls->lock);
    if (is_found)
        tell(pulls, true);
    return is_found;
}

static bool gets(const struct job *job, const struct model_entry *entry)
{
    const struct model_entry *wanted;

    for (size_t i = 0; (wanted = wanted_at(job, i)); i++)
        if (wanted == entry)
            return true;
    return false;
}

bool model_pulls_has(struct model_pulls *pulls, const struct model_entry *entry)
{
    bool has = false;

    pthread_mutex_lock(&pulls->lock);
    for (size_t i = 0; i < pulls->job_count; i++)
        has = has || (is_under_way(&pulls->jobs[i]) && gets(&pulls->jobs[i], entry));
    pthread_mutex_unlock(&pulls->lock);
    return has;
}

size_t model_pulls_list(struct model_pulls *pulls, struct arena *arena,
                        const struct pull_report **out)
{
    struct pull_report *items = arena_alloc(arena, (pulls->job_count + 1) * sizeof *items);
    double now_s = clock_seconds();
    size_t count = 0;

    pthread_mutex_lock(&pulls->lock);
    for (size_t i = 0; i < pulls->job_count; i++) {
        const struct job *job = &pulls->jobs[i];

        if (is_under_way(job) || (job->is_known && now_s - job->ended_s < PULL_KEPT_S))
            items[count++] = report(job, arena);
    }
    pthread_mutex_unlock(&pulls->lock);
    *out = items;
    return count;
}
