#include "studio/narrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/join.h"
#include "base/file.h"
#include "base/path.h"
#include "studio/audiobook.h"
#include "studio/narrate_plan.h"
#include "studio/playlist.h"
#include "studio/subtitle.h"

/* An M4B's share of the work, as a part of the speaking it follows. */
#define BOOK_WORK 0.05

/* How the M4B is made; raise it when it is made otherwise. */
#define BOOK_VERSION "1"

struct job {
    const struct document *story;
    const struct narrate_speech *speech;
    const struct narrate_options *options;
    struct cancel *cancel;
    struct narrate_report *report;
    struct narration old; /* recordings of segments that are gone, the title, the book */
    struct plan plan;
    int lock;               /* the folder's descriptor, or -1 */
    double total, done;     /* bytes of text to speak, and spoken; the book counts as text too */
    double current;         /* bytes of what is being spoken */
    size_t manifest_bytes;  /* its size when last saved */
    uint64_t unsaved_bytes; /* recorded since */
};

const char *narrate_state_name(enum narrate_state state)
{
    static const char *const names[] = {
        [NARRATE_WAITING] = "waiting",
        [NARRATE_KEPT] = "kept",
        [NARRATE_SPOKEN] = "spoken",
        [NARRATE_FAILED] = "failed",
    };

    return names[state];
}

void narrate_report_release(struct narrate_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->recordings[i].file);
        free(report->recordings[i].error);
    }
    free(report->recordings);
    *report = (struct narrate_report){ 0 };
}

static const char *folder_of(const struct job *job)
{
    return job->options->folder;
}

static double seconds_of(const struct narration_row *row)
{
    return (double)row->frames / row->rate_hz;
}

/* Two runs in one folder would overwrite each other's manifest. */
static bool lock_folder(struct job *job, struct err *err)
{
    job->lock = open(folder_of(job), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (job->lock < 0)
        return err_system(err, "open the folder", folder_of(job));
    if (flock(job->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return true; /* a file system without locks is no reason to stop */
    return err_set(err, ERR_CONFLICT, "Another narration is at work in %s.", folder_of(job));
}

/* With force, a manifest that cannot be read is as good as none. */
static bool load_manifest(struct job *job, struct err *err)
{
    struct err why;

    if (narration_load(&job->old, folder_of(job), &why))
        return true;
    if (job->options->is_forced && why.kind == ERR_CORRUPT)
        return true;
    *err = why;
    return false;
}

/* Another story's recordings would be removed as stale: that is hardly meant. */
static bool check_story(const struct job *job, struct err *err)
{
    const char *title = job->old.title;

    if (!title || strcmp(title, job->story->title) == 0 || job->plan.kept > 0 ||
        job->old.count == 0 || job->options->is_forced)
        return true;
    return err_set(err, ERR_CONFLICT,
                   "%s holds the narration of another story, \"%.100s\". Take another folder, or "
                   "replace it with --force.",
                   folder_of(job), title);
}

static bool write_if_changed(struct job *job, const char *name, const struct buf *bytes,
                             struct err *err)
{
    char *path = path_join(folder_of(job), name);
    struct buf present = BUF(bytes->len + 1);
    struct err ignored;
    bool ok = buf_ok(bytes, name, err);

    if (ok && !(file_is_regular(path) && file_read(path, &present, &ignored) &&
                present.len == bytes->len && memcmp(present.data, bytes->data, bytes->len) == 0)) {
        job->report->has_changed = true;
        ok = file_write(path, bytes->data, bytes->len, err);
    }
    buf_release(&present);
    free(path);
    return ok;
}

static bool add_subtitles(const struct job *job, size_t index, double start_s,
                          struct cue_list *subtitle, struct err *err)
{
    const struct document_segment *segment = &job->story->segments[index];
    const struct narration_row *row = &job->plan.items[index].row;
    const struct subtitle_speech speech = {
        .text = segment->text,
        .length = segment->length,
        .words = row->words.words,
        .word_count = row->words.count,
        .rate_hz = row->rate_hz,
        .start_s = start_s,
        .duration_s = seconds_of(row),
    };

    return subtitle_add(subtitle, &speech, err) || err_context(err, "Segment %zu", index + 1);
}

static bool write_subtitles(struct job *job, size_t index, struct err *err)
{
    struct cue_list subtitle = { 0 };
    struct buf text = BUF(CUE_FILE_LIMIT);
    char *name = plan_subtitle_name(job->plan.items[index].file);

    bool ok = add_subtitles(job, index, 0, &subtitle, err);
    if (ok) {
        cue_list_format_srt(&subtitle, &text);
        ok = write_if_changed(job, name, &text, err);
    }
    free(name);
    buf_release(&text);
    cue_list_release(&subtitle);
    return ok;
}

static bool save(struct job *job, struct err *err)
{
    job->unsaved_bytes = 0;
    return plan_save(&job->plan, &job->old, folder_of(job), &job->manifest_bytes, err);
}

/* Saving after each segment would write a long book's manifest thousands of times; so it waits
 * until the new recordings outweigh it. A kill then costs those few. */
static bool save_when_due(struct job *job, struct err *err)
{
    return job->unsaved_bytes < job->manifest_bytes || save(job, err);
}

static void tell_progress(void *state, double fraction)
{
    const struct job *job = state;
    const struct narrate_observer *observer = &job->options->observer;

    if (observer->progress && job->total > 0)
        observer->progress(observer->state, (job->done + fraction * job->current) / job->total);
}

static bool take_row(struct job *job, size_t index, struct word_list *words,
                     const struct speech_report *spoken, struct err *err)
{
    struct plan_item *item = &job->plan.items[index];
    char *path = path_join(folder_of(job), item->file);
    struct stat st;
    bool ok = stat(path, &st) == 0 || err_system(err, "find", path);

    if (ok) {
        item->row = (struct narration_row){
            .file = xstrdup(item->file),
            .bytes = (uint64_t)st.st_size,
            .frames = spoken->frames,
            .rate_hz = spoken->rate_hz,
            .words = *words,
        };
        memcpy(item->row.hash, item->hash, SHA256_HEX);
        *words = (struct word_list){ 0 };
        job->unsaved_bytes += item->row.bytes;
    }
    free(path);
    return ok;
}

static bool speak_segment(struct job *job, size_t index, struct speech_report *spoken,
                          struct err *err)
{
    const struct document_segment *segment = &job->story->segments[index];
    const struct speech_file_options options = {
        .format = AUDIO_WAV,
        .peak = SPEECH_PEAK,
        .tail_s = join_gap_s(JOIN_END_PARAGRAPH), /* segments are paragraphs, played in a row */
        .progress = tell_progress,
        .state = job,
    };
    char *path = path_join(folder_of(job), job->plan.items[index].file);
    struct word_list words = { 0 };

    job->current = (double)segment->length;
    bool ok = job->speech->speak_to_file(job->speech->state, segment->text, segment->length, path,
                                         &options, &words, job->cancel, spoken, err) &&
              take_row(job, index, &words, spoken, err);
    job->done += job->current;
    word_list_release(&words);
    free(path);
    return ok;
}

/* The text's own fault, which other segments do not share: no reading, too long, or sounds that the
 * model has no usable numbers for (ERR_CORRUPT). */
static bool is_of_the_text(const struct err *err)
{
    return err->kind == ERR_INVALID || err->kind == ERR_UNSUPPORTED || err->kind == ERR_TOO_LARGE ||
           err->kind == ERR_CORRUPT;
}

static void take_failure(struct job *job, size_t index, struct err *err)
{
    struct narrate_recording *recording = &job->report->recordings[index];

    err_context(err, "Segment %zu (\"%s\")", index + 1, job->plan.items[index].label);
    recording->state = NARRATE_FAILED;
    recording->error = xmalloc(sizeof *err);
    *recording->error = *err;
    job->report->failed++;
    err_clear(err);
}

static bool narrate_segment(struct job *job, size_t index, struct err *err)
{
    struct narrate_recording *recording = &job->report->recordings[index];
    struct speech_report spoken = { 0 };

    if (speak_segment(job, index, &spoken, err)) {
        recording->state = NARRATE_SPOKEN;
        recording->seconds = seconds_of(&job->plan.items[index].row);
        recording->work_s = spoken.work_s;
        job->report->spoken++;
        job->report->has_changed = true;
        return write_subtitles(job, index, err) && save_when_due(job, err);
    }
    if (!is_of_the_text(err))
        return false;
    take_failure(job, index, err);
    return true;
}

static bool narrate_segments(struct job *job, struct err *err)
{
    const struct narrate_observer *observer = &job->options->observer;

    for (size_t i = 0; i < job->plan.count; i++) {
        const struct narrate_recording *recording = &job->report->recordings[i];

        if (recording->state == NARRATE_KEPT)
            continue;
        if (!cancel_check(job->cancel, err))
            return false;
        if (observer->begin)
            observer->begin(observer->state, i, recording->file);
        if (!narrate_segment(job, i, err))
            return false;
        if (observer->end)
            observer->end(observer->state, i, recording);
    }
    return true;
}

static bool write_playlist(struct job *job, struct err *err)
{
    struct playlist_entry *entries = xcalloc(job->plan.count, sizeof *entries);
    struct buf text = BUF(CUE_FILE_LIMIT);
    size_t count = 0;

    for (size_t i = 0; i < job->plan.count; i++) {
        const struct plan_item *item = &job->plan.items[i];

        if (item->row.file)
            entries[count++] =
                (struct playlist_entry){ item->file, item->label, seconds_of(&item->row) };
    }
    playlist_format(job->story->title, entries, count, &text);
    bool ok = write_if_changed(job, NARRATE_PLAYLIST, &text, err);
    buf_release(&text);
    free(entries);
    return ok;
}

static bool write_whole_subtitles(struct job *job, struct err *err)
{
    struct cue_list subtitle = { 0 };
    struct buf text = BUF(CUE_FILE_LIMIT);
    double start_s = 0;
    bool ok = true;

    for (size_t i = 0; ok && i < job->plan.count; i++) {
        if (!job->plan.items[i].row.file)
            continue;
        ok = add_subtitles(job, i, start_s, &subtitle, err);
        start_s += seconds_of(&job->plan.items[i].row);
    }
    if (ok) {
        cue_list_format_srt(&subtitle, &text);
        ok = write_if_changed(job, NARRATE_SUBTITLES, &text, err);
    }
    buf_release(&text);
    cue_list_release(&subtitle);
    return ok;
}

/* The chapter that begins with a segment, or NULL. A story without chapters has one a segment. */
static const char *chapter_at(const struct job *job, size_t index)
{
    const struct document *story = job->story;
    size_t chapter = story->segments[index].chapter;

    if (story->chapter_count == 0)
        return job->plan.items[index].label;
    if (chapter == DOCUMENT_NO_CHAPTER)
        return index == 0 ? story->title : NULL;
    return index == 0 || story->segments[index - 1].chapter != chapter ? story->chapters[chapter]
                                                                       : NULL;
}

static void hash_book(const struct job *job, char out[SHA256_HEX])
{
    struct buf fields = BUF(CUE_FILE_LIMIT);

    buf_format(&fields, "%s\n%s\n%s\n", BOOK_VERSION, job->story->title, job->speech->voice);
    for (size_t i = 0; i < job->plan.count; i++) {
        const char *chapter = chapter_at(job, i);

        buf_format(&fields, "%s %s\n", job->plan.items[i].hash, chapter ? chapter : "");
    }
    sha256_bytes(fields.data, fields.len, out);
    buf_release(&fields);
}

static bool bind_book(struct job *job, const char *path, struct err *err)
{
    struct audiobook_part *parts = xcalloc(job->plan.count, sizeof *parts);
    const struct audiobook book = {
        .title = job->story->title,
        .artist = job->speech->voice,
        .parts = parts,
        .part_count = job->plan.count,
        .progress = tell_progress,
        .state = job,
    };

    for (size_t i = 0; i < job->plan.count; i++)
        parts[i] = (struct audiobook_part){
            .path = path_join(folder_of(job), job->plan.items[i].file),
            .chapter = chapter_at(job, i),
        };
    job->current = job->total - job->done;
    bool ok = audiobook_write(&book, path, job->cancel, err);
    for (size_t i = 0; i < job->plan.count; i++)
        free((char *)(uintptr_t)parts[i].path);
    free(parts);
    return ok;
}

static bool write_book(struct job *job, struct err *err)
{
    char hash[SHA256_HEX];
    struct stat st;
    char *path = path_join(folder_of(job), NARRATE_BOOK);
    bool ok = true;

    hash_book(job, hash);
    bool is_there = strcmp(hash, job->old.book_hash) == 0 && stat(path, &st) == 0 &&
                    (uint64_t)st.st_size == job->old.book_bytes;
    if (!is_there || job->options->is_forced) {
        job->report->has_changed = true;
        ok = bind_book(job, path, err) && (stat(path, &st) == 0 || err_system(err, "find", path));
        if (ok) {
            memcpy(job->old.book_hash, hash, SHA256_HEX);
            job->old.book_bytes = (uint64_t)st.st_size;
        }
    }
    free(path);
    return ok;
}

static bool remove_file(const char *folder, const char *name, struct err *err)
{
    char *path = path_join(folder, name);
    bool ok = unlink(path) == 0 || errno == ENOENT || err_system(err, "remove", path);

    free(path);
    return ok;
}

/* Recordings of segments that are gone. Only the manifest's own: other files stay. */
static bool remove_stale(struct job *job, struct err *err)
{
    while (job->old.count > 0) {
        struct narration_row *row = &job->old.rows[job->old.count - 1];
        char *subtitles = plan_subtitle_name(row->file);
        bool ok = remove_file(folder_of(job), row->file, err) &&
                  remove_file(folder_of(job), subtitles, err);

        free(subtitles);
        if (!ok)
            return false;
        narration_row_release(row);
        job->old.count--;
        job->report->removed++;
        job->report->has_changed = true;
    }
    return true;
}

/* What is written once all segments were tried. */
static bool finish(struct job *job, struct err *err)
{
    if (!write_playlist(job, err) || !write_whole_subtitles(job, err) || !remove_stale(job, err))
        return false;
    if (job->options->with_book && job->report->failed == 0 && !write_book(job, err))
        return false;
    return !job->report->has_changed || save(job, err);
}

static void begin_report(struct job *job)
{
    struct narrate_report *report = job->report;

    report->recordings = xcalloc(job->plan.count, sizeof *report->recordings);
    report->count = job->plan.count;
    report->kept = job->plan.kept;
    for (size_t i = 0; i < job->plan.count; i++) {
        const struct plan_item *item = &job->plan.items[i];

        report->recordings[i].file = xstrdup(item->file);
        if (item->row.file) {
            report->recordings[i].state = NARRATE_KEPT;
            report->recordings[i].seconds = seconds_of(&item->row);
        } else {
            job->total += (double)job->story->segments[i].length;
        }
    }
    if (job->options->with_book)
        job->total += 1 + BOOK_WORK * job->total;
}

static void sum_report(struct narrate_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        report->seconds += report->recordings[i].seconds;
        report->work_s += report->recordings[i].work_s;
    }
}

static void set_title(struct job *job)
{
    if (job->old.title && strcmp(job->old.title, job->story->title) == 0)
        return;
    free(job->old.title);
    job->old.title = xstrdup(job->story->title);
}

static bool write_kept_subtitles(struct job *job, struct err *err)
{
    for (size_t i = 0; i < job->plan.count; i++)
        if (job->plan.items[i].row.file && !write_subtitles(job, i, err))
            return false;
    return true;
}

/* Prepares the folder, speaks, finishes. A run that is stopped records what it has. */
static bool run(struct job *job, struct err *err)
{
    struct err ignored;

    plan_make(&job->plan, job->story, job->speech, &job->old, folder_of(job),
              job->options->is_forced);
    if (!check_story(job, err))
        return false;
    begin_report(job);
    set_title(job);
    if (!plan_move_files(&job->plan, &job->old, folder_of(job), &job->report->has_changed, err))
        return false;
    if (write_kept_subtitles(job, err) && narrate_segments(job, err) && finish(job, err))
        return true;
    if (job->unsaved_bytes > 0)
        save(job, &ignored); /* the reason for stopping is what the user needs */
    return false;
}

static bool first_failure(const struct narrate_report *report, struct err *err)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->recordings[i].error) {
            *err = *report->recordings[i].error;
            return false;
        }
    return true;
}

bool narrate(const struct document *story, const struct narrate_speech *speech,
             const struct narrate_options *options, struct cancel *cancel,
             struct narrate_report *report, struct err *err)
{
    struct job job = {
        .story = story,
        .speech = speech,
        .options = options,
        .cancel = cancel,
        .report = report,
        .lock = -1,
    };

    *report = (struct narrate_report){ 0 };
    bool ok = directory_create(options->folder, err) && lock_folder(&job, err) &&
              load_manifest(&job, err) && run(&job, err);
    sum_report(report);
    if (job.lock >= 0)
        close(job.lock);
    plan_release(&job.plan);
    narration_release(&job.old);
    return ok && first_failure(report, err);
}
