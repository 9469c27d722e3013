#include "studio/narrator.h"

#include <string.h>
#include <sys/stat.h>
#include <unictype.h>

#include "base/id.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/settings.h"
#include "studio/speech.h"

#define PARAMS_MAX 8192 /* bytes of JSON: a blend of VOICE_PARTS_MAX voices and two words */
#define RESULT_MAX 1024 /* two ids and a number */

struct narrator {
    /* set once */
    struct narrator_options options;
    struct jobs *jobs; /* by narrator_attach; for starting only */
};

struct narrator *narrator_create(const struct narrator_options *options)
{
    struct narrator *narrator = xcalloc(1, sizeof *narrator);

    narrator->options = *options;
    return narrator;
}

void narrator_destroy(struct narrator *narrator)
{
    free(narrator);
}

void narrator_attach(struct narrator *narrator, struct jobs *jobs)
{
    narrator->jobs = jobs;
}

/* --- the rules --- */

static bool is_blank(const char *text)
{
    size_t length = strlen(text);

    for (size_t at = 0; at < length;)
        if (!uc_is_property_white_space(utf8_next(text, length, &at)))
            return false;
    return true;
}

static bool check_segment(const struct segment *segment, bool even_locked, struct err *err)
{
    if (is_blank(segment->text_content))
        return err_set(err, ERR_INVALID, "Segment has no text content to generate audio from.");
    if (segment->is_locked && !even_locked)
        return err_set(err, ERR_CONFLICT, "Segment is locked. Unlock before generating audio.");
    return true;
}

/* --- how a job speaks: the settings at its start, and what it was asked --- */

struct manner {
    const char *voice, *engine;
    double speed;
    bool even_locked;
};

static const char *manner_format(const struct manner *manner, struct arena *arena, struct err *err)
{
    struct buf json = BUF(PARAMS_MAX);
    struct json_writer w = JSON_WRITER(&json);
    char *out = NULL;

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "voice", manner->voice);
    json_write_number(&w, "speed", manner->speed);
    json_write_text(&w, "engine", manner->engine);
    json_write_bool(&w, "even_locked", manner->even_locked);
    json_write_object_end(&w);
    if (buf_ok(&json, "voice", err))
        out = arena_strdup(arena, json.data);
    buf_release(&json);
    return out;
}

static bool manner_parse(const char *params, struct arena *arena, struct manner *out,
                         struct err *err)
{
    json_t *json = json_parse(params, strlen(params), "The job's parameters", err);
    const char *voice, *engine;
    int even_locked;

    if (!json)
        return false;
    bool ok = json_unpack(json, "{s:s, s:F, s:s, s:b}", "voice", &voice, "speed", &out->speed,
                          "engine", &engine, "even_locked", &even_locked) == 0;
    if (ok) {
        out->even_locked = even_locked;
        out->voice = arena_strdup(arena, voice);
        out->engine = arena_strdup(arena, engine);
    } else {
        err_set(err, ERR_CORRUPT, "The job's parameters are not those of a narration.");
    }
    json_decref(json);
    return ok;
}

static const char *engine_of(const struct narrator *narrator, const struct settings *settings)
{
    const char *configured = narrator->options.engine ? narrator->options.engine : "auto";

    return strcmp(settings->engine, "auto") == 0 ? configured : settings->engine;
}

bool narrator_engine(struct narrator *narrator, struct arena *arena, const char **name,
                     struct err *err)
{
    struct settings settings;

    if (!store_settings_get(narrator->options.store, arena, &settings, err))
        return false;
    *name = engine_of(narrator, &settings);
    return true;
}

/* ERR_UNAVAILABLE when its engine cannot speak. */
static bool manner_get(struct narrator *narrator, struct arena *arena, struct manner *out,
                       struct err *err)
{
    struct settings settings;

    if (!store_settings_get(narrator->options.store, arena, &settings, err))
        return false;
    *out = (struct manner){
        .voice = settings.default_voice_id,
        .engine = engine_of(narrator, &settings),
        .speed = settings.tts_speed,
    };
    return engines_can_speak(narrator->options.engines, out->engine, err);
}

/* --- a unit --- */

static const char *result_format(const struct new_audio *audio, const char *segment_id,
                                 struct arena *arena)
{
    struct buf json = BUF(RESULT_MAX);
    struct json_writer w = JSON_WRITER(&json);

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "segment_id", segment_id);
    json_write_text(&w, "audio_url", audio->url);
    json_write_number(&w, "duration", audio->duration_s);
    json_write_object_end(&w);
    char *out = arena_strdup(arena, json.data);
    buf_release(&json);
    return out;
}

/* One segment being spoken. */
struct narration_unit {
    struct narrator *narrator;
    const struct segment *segment;
    const struct manner *manner;
    struct arena *arena;
    struct cancel *cancel;
};

/* Into a staged file, which is gone again when this fails. */
static struct new_audio *speak_to_staged(const struct narration_unit *unit, struct speaker *speaker,
                                         struct err *err)
{
    const struct speech_file_options options = { .format = AUDIO_WAV, .peak = SPEECH_PEAK };
    const struct media *media = unit->narrator->options.media;
    const struct segment *segment = unit->segment;
    const char *staged = media_staged_path(unit->arena, "wav");
    const char *file = media_full_path(media, unit->arena, staged);
    const char *path = media_audio_path(unit->arena, segment->project_id, segment->id);
    struct speech_report report;
    struct stat st;

    if (!speaker_speak_to_file(speaker, segment->text_content, strlen(segment->text_content), file,
                               &options, NULL, unit->cancel, &report, err))
        return NULL;
    if (stat(file, &st) != 0) {
        err_system(err, "find the recording", file);
        return NULL;
    }
    struct new_audio *audio = arena_alloc(unit->arena, sizeof *audio);

    *audio = (struct new_audio){
        .staged_path = staged,
        .path = path,
        .url = media_url(unit->arena, path),
        .bytes = st.st_size,
        .duration_s = report.seconds,
        .rate_hz = report.rate_hz,
        .engine = arena_strdup(unit->arena, engine_name(speaker_engine(speaker))),
        .voice = arena_strdup(unit->arena, speaker_voice(speaker)->id),
        .text = segment->text_content,
        .even_locked = unit->manner->even_locked,
    };
    log_info("narrator", "segment %s: %.1f s of speech by %s, %s, in %.1f s", segment->id,
             report.seconds, audio->engine, audio->voice, report.work_s);
    return audio;
}

static struct new_audio *speak_with(const struct narration_unit *unit, struct engine *engine,
                                    bool is_urgent, struct err *err)
{
    const struct narrator_options *narrator = &unit->narrator->options;
    const struct speaker_options options = {
        .shared = engine,
        .turnstile = narrator->turnstile,
        .is_urgent = is_urgent,
        .voice = unit->manner->voice,
        .speed = unit->manner->speed,
        .lexicon = narrator->lexicon,
    };
    struct speaker *speaker = speaker_create(&options, err);
    struct new_audio *audio = speaker ? speak_to_staged(unit, speaker, err) : NULL;

    speaker_destroy(speaker);
    return audio;
}

static bool run_unit(void *state, const struct unit *unit, struct arena *arena,
                     struct cancel *cancel, struct unit_end *end, struct err *err)
{
    struct narrator *narrator = state;
    struct segment segment;
    struct manner manner;

    if (!manner_parse(unit->params, arena, &manner, err) ||
        !store_segment_get(narrator->options.store, arena, unit->subject, &segment, err) ||
        !check_segment(&segment, manner.even_locked, err))
        return false;
    struct engine *engine = engines_borrow(narrator->options.engines, manner.engine, NULL, err);
    if (!engine)
        return false;

    const struct narration_unit work = { narrator, &segment, &manner, arena, cancel };
    const struct new_audio *audio = speak_with(&work, engine, unit->priority == PRIORITY_LIVE, err);
    engines_return(narrator->options.engines, engine);
    if (!audio)
        return false;
    end->audio = audio;
    end->result = result_format(audio, segment.id, arena);
    return true;
}

static void unit_ended(void *state, const struct unit *unit, const struct unit_end *end)
{
    struct narrator *narrator = state;

    (void)unit;
    if (end->state == UNIT_DONE)
        media_settle(narrator->options.media);
    else if (end->audio)
        media_discard(narrator->options.media, end->audio->staged_path);
}

struct unit_kind narrator_unit_kind(struct narrator *narrator)
{
    static const char *const job_params[] = { "engine", "voice", "speed", "lexicon", NULL };

    return (struct unit_kind){
        .name = NARRATOR_UNIT,
        .job_params = job_params,
        .run = run_unit,
        .ended = unit_ended,
        .state = narrator,
    };
}

/* --- starting --- */

static bool start(struct narrator *narrator, struct arena *arena, const struct new_job *job,
                  struct narrator_task *out, struct err *err)
{
    const char *existing = NULL;
    struct err why = { 0 };
    struct job found;

    if (!jobs_start_job(narrator->jobs, arena, job, &existing, err))
        return false;
    out->id = existing ? existing : job->id;
    out->state = JOB_QUEUED;
    if (existing && jobs_get(narrator->jobs, arena, existing, &found, &why))
        out->state = found.state;
    return true;
}

static const char *task_id(struct arena *arena, const char *prefix, const char *id)
{
    char hex[ID_HEX_SIZE];

    id_make_hex(hex);
    return arena_format(arena, "%s_%s_%s", prefix, id, hex);
}

bool narrator_start_segment(struct narrator *narrator, struct arena *arena, const char *segment_id,
                            struct narrator_task *out, struct err *err)
{
    struct segment segment;
    struct manner manner;

    *out = (struct narrator_task){ .total_segments = 1, .segments_to_process = 1 };
    if (!store_segment_get(narrator->options.store, arena, segment_id, &segment, err) ||
        !check_segment(&segment, false, err) || !manner_get(narrator, arena, &manner, err))
        return false;
    const struct new_job job = {
        .id = task_id(arena, "tts", segment.id),
        .kind = NARRATOR_UNIT,
        .project_id = segment.project_id,
        .params = manner_format(&manner, arena, err),
        .priority = PRIORITY_LIVE,
        .subjects = &segment.id,
        .count = 1,
    };
    return job.params && start(narrator, arena, &job, out, err);
}

/* The count that a segment belongs to when it is left out; NULL when it is to be spoken. */
static int64_t *reason_to_skip(struct narrator_task *task, const struct segment *segment,
                               bool skip_locked, bool is_forced)
{
    if (segment->is_locked && skip_locked)
        return &task->skipped_locked;
    if (is_blank(segment->text_content))
        return &task->skipped_empty;
    if (segment->task_id)
        return &task->skipped_running;
    if (segment->audio_file && !segment->audio_stale && !is_forced)
        return &task->skipped_ready;
    return NULL;
}

/* Segments that another call has queued in the meantime are its own. */
static bool start_batch(struct narrator *narrator, struct arena *arena, const struct new_job *job,
                        struct narrator_task *out, struct err *err)
{
    struct err why = { 0 };
    struct job made;

    if (!start(narrator, arena, job, out, &why)) {
        if (why.kind != ERR_CONFLICT) {
            *err = why;
            return false;
        }
        made.total = 0;
    } else if (out->id != job->id) { /* the only one that was left is another's now */
        made.total = 0;
    } else if (!jobs_get(narrator->jobs, arena, out->id, &made, &why)) {
        made.total = out->segments_to_process;
    }
    if (made.total == 0)
        out->id = NULL;
    out->skipped_running += out->segments_to_process - made.total;
    out->segments_to_process = made.total;
    return true;
}

bool narrator_start_project(struct narrator *narrator, struct arena *arena, const char *project_id,
                            bool skip_locked, bool is_forced, struct narrator_task *out,
                            struct err *err)
{
    struct segment_list list;
    struct manner manner;

    *out = (struct narrator_task){ 0 };
    if (!store_segments(narrator->options.store, arena, project_id, &(struct page){ 0 }, &list,
                        err) ||
        !manner_get(narrator, arena, &manner, err))
        return false;
    manner.even_locked = !skip_locked;
    const char **subjects = arena_alloc(arena, (size_t)list.count * sizeof *subjects);

    out->total_segments = list.count;
    for (int64_t i = 0; i < list.count; i++) {
        int64_t *skipped = reason_to_skip(out, &list.items[i], skip_locked, is_forced);

        if (skipped)
            ++*skipped;
        else
            subjects[out->segments_to_process++] = list.items[i].id;
    }
    if (out->segments_to_process == 0)
        return true;
    const struct new_job job = {
        .id = task_id(arena, "tts_batch", project_id),
        .kind = NARRATOR_UNIT,
        .project_id = project_id,
        .params = manner_format(&manner, arena, err),
        .priority = PRIORITY_BULK,
        .subjects = subjects,
        .count = (size_t)out->segments_to_process,
    };
    return job.params && start_batch(narrator, arena, &job, out, err);
}
