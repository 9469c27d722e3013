/*
 * The narrator on a real store, real files and a real engine. The lanes are in
 * the test's hands: it has the two functions of jobs.h that the narrator
 * calls, and a worker that can be stopped wherever a process may end.
 */
#include "library.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/peak.h"
#include "audio/wav.h"
#include "base/id.h"
#include "base/json.h"
#include "base/turnstile.h"
#include "store/settings.h"
#include "studio/narrator.h"
#include "studio/speech.h"

#define OWNER "the test"
#define LEASE_MS 60000

struct jobs {
    struct store *store;
};

bool jobs_start_job(struct jobs *jobs, struct arena *arena, const struct new_job *job,
                    const char **existing, struct err *err)
{
    return store_job_create(jobs->store, arena, job, existing, err);
}

bool jobs_get(struct jobs *jobs, struct arena *arena, const char *id, struct job *out,
              struct err *err)
{
    return store_job_get(jobs->store, arena, id, out, err);
}

struct world {
    struct library library;
    struct jobs jobs;
    struct engines *engines;
    struct turnstile *turnstile;
    struct narrator *narrator;
    struct cancel cancel;
    char project[ID_SIZE];
    struct segment_list segments;
};

static void open_narrator(struct world *w)
{
    static const struct engine_config config = { .models_dir = "/nonexistent", .threads = 1 };

    w->engines = engines_create(&config, 0, 0);
    w->turnstile = turnstile_create(1);
    const struct narrator_options options = { .store = w->library.store,
                                              .media = w->library.media,
                                              .engines = w->engines,
                                              .turnstile = w->turnstile,
                                              .engine = "espeak" };
    w->narrator = narrator_create(&options);
    w->jobs.store = w->library.store;
    narrator_attach(w->narrator, &w->jobs);
}

static void close_narrator(struct world *w)
{
    narrator_destroy(w->narrator);
    turnstile_destroy(w->turnstile);
    engines_destroy(w->engines);
    w->narrator = NULL;
    w->engines = NULL;
}

static int set_up(void **state)
{
    static const char *const texts[] = { "Once there was a lamp.", "It went out.", "Dark.", NULL };
    struct world *w = xcalloc(1, sizeof *w);

    cancel_init(&w->cancel);
    library_init(&w->library);
    w->segments = library_story(&w->library, texts, w->project);
    open_narrator(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    close_narrator(w);
    library_release(&w->library);
    cancel_release(&w->cancel);
    free(w);
    return 0;
}

static struct segment segment_at(struct world *w, int index)
{
    return library_segment(&w->library, w->segments.items[index].id);
}

static struct narrator_task start_segment(struct world *w, int index)
{
    struct narrator_task task;
    struct err err = { 0 };

    check_ok(narrator_start_segment(w->narrator, &w->library.arena, w->segments.items[index].id,
                                    &task, &err),
             &err);
    return task;
}

static struct narrator_task start_project(struct world *w, bool skip_locked, bool is_forced)
{
    struct narrator_task task;
    struct err err = { 0 };

    check_ok(narrator_start_project(w->narrator, &w->library.arena, w->project, skip_locked,
                                    is_forced, &task, &err),
             &err);
    return task;
}

static struct job job_of(struct world *w, const char *id)
{
    struct job job;
    struct err err = { 0 };

    check_ok(store_job_get(w->library.store, &w->library.arena, id, &job, &err), &err);
    return job;
}

/* --- the worker --- */

struct worked {
    struct unit unit;
    struct err err; /* ERR_NONE: done */
};

enum stop { STOP_NOWHERE, STOP_AFTER_RUN, STOP_AFTER_COMMIT };

/* Runs the next unit as src/jobs does; between comes before its end is stored. The process ends at
 * stop, if anywhere. */
static struct worked work_until(struct world *w, void (*between)(struct world *w), enum stop stop)
{
    const struct unit_kind kind = narrator_unit_kind(w->narrator);
    struct library *library = &w->library;
    struct unit_end end = { .state = UNIT_DONE };
    struct worked out = { 0 };
    struct err err = { 0 };
    bool found;

    check_ok(store_unit_claim(library->store, &library->arena, OWNER, LEASE_MS, -1, &out.unit,
                              &found, &err),
             &err);
    assert_true(found);
    bool ok = kind.run(kind.state, &out.unit, &library->arena, &w->cancel, &end, &out.err);
    if (ok && between)
        between(w);
    if (stop == STOP_AFTER_RUN)
        raise(SIGKILL);
    if (ok && !store_unit_end(library->store, out.unit.id, OWNER, &end, &out.err))
        ok = false;
    if (!ok) {
        const struct unit_end failed = { .state = UNIT_FAILED, .error = out.err.message };

        store_unit_end(library->store, out.unit.id, OWNER, &failed, &err); /* it may be gone */
        end.state = UNIT_FAILED;
    }
    if (stop == STOP_AFTER_COMMIT)
        raise(SIGKILL);
    kind.ended(kind.state, &out.unit, &end);
    return out;
}

static struct worked work(struct world *w)
{
    return work_until(w, NULL, STOP_NOWHERE);
}

static void work_well(struct world *w)
{
    struct worked worked = work(w);

    if (worked.err.kind != ERR_NONE)
        fail_msg("%s", worked.err.message);
}

static bool has_work(struct world *w)
{
    struct queue_load load;
    struct err err = { 0 };

    check_ok(store_queue_load(w->library.store, &load, &err), &err);
    return load.queued_live + load.queued_bulk > 0;
}

/* --- speaking --- */

static void test_a_segment_becomes_a_recording(void **state)
{
    struct world *w = *state;
    struct narrator_task task = start_segment(w, 0);
    struct segment segment;
    struct wav_info info;
    struct pcm pcm;
    struct err err = { 0 };

    assert_int_equal(task.total_segments, 1);
    assert_int_equal(task.segments_to_process, 1);
    check_text("under way", segment_at(w, 0).task_id, task.id);
    work_well(w);
    segment = segment_at(w, 0);
    char *url = str_format("/media/projects/%s/audio/%s.wav", w->project, segment.id);
    check_text("url", segment.audio_file, url);
    check_text("engine", segment.audio_engine, "espeak");
    assert_true(strlen(segment.audio_voice) > 0);
    assert_false(segment.audio_stale);
    assert_null(segment.task_id);

    char *file = library_path(&w->library, url);
    check_ok(wav_info(file, &info, &err), &err);
    assert_int_equal(info.sample, WAV_S16);
    assert_int_equal(info.channels, 1);
    assert_true(fabs((double)info.frames / info.rate_hz - segment.audio_duration) < 1e-6);
    assert_true(segment.audio_duration > 0.5);
    check_ok(wav_read(file, 1 << 24, &pcm, &err), &err);
    assert_true(fabs(peak_find(pcm.samples, pcm.frames) - SPEECH_PEAK) < 1e-3);
    pcm_release(&pcm);
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_int_equal(library_operation_count(&w->library), 0);
    free(file);
    free(url);
}

static void test_the_result_of_a_unit_says_where_the_audio_is(void **state)
{
    struct world *w = *state;
    struct narrator_task task = start_segment(w, 0);
    struct unit_list units;
    const char *id, *url;
    double duration;
    struct err err = { 0 };

    work_well(w);
    check_ok(store_units(w->library.store, &w->library.arena, task.id, UNIT_DONE, &units, &err),
             &err);
    assert_int_equal(units.count, 1);
    json_t *json = json_parse(units.items[0].result, strlen(units.items[0].result), "it", &err);
    assert_non_null(json);
    assert_int_equal(json_unpack(json, "{s:s, s:s, s:F!}", "segment_id", &id, "audio_url", &url,
                                 "duration", &duration),
                     0);
    check_text("segment", id, w->segments.items[0].id);
    check_text("url", url, segment_at(w, 0).audio_file);
    assert_true(duration == segment_at(w, 0).audio_duration);
    json_decref(json);
}

static void test_a_job_speaks_as_the_settings_were_at_its_start(void **state)
{
    struct world *w = *state;
    const double fast = 2.0, slow = 0.5;
    struct settings_change change = { .tts_speed = &slow, .default_voice_id = "de" };
    struct err err = { 0 };

    check_ok(store_settings_update(w->library.store, &change, &err), &err);
    start_segment(w, 0);
    change.tts_speed = &fast;
    check_ok(store_settings_update(w->library.store, &change, &err), &err);
    work_well(w);
    double slow_s = segment_at(w, 0).audio_duration;
    check_text("voice", segment_at(w, 0).audio_voice, "de");
    start_segment(w, 0);
    work_well(w);
    assert_true(segment_at(w, 0).audio_duration < slow_s / 2);
}

/* --- the rules of starting --- */

static void refuse_segment(struct world *w, const char *id, enum err_kind kind, const char *message)
{
    struct narrator_task task;
    struct err err = { 0 };

    assert_false(narrator_start_segment(w->narrator, &w->library.arena, id, &task, &err));
    if (err.kind != kind || (message && strcmp(err.message, message) != 0))
        fail_msg("%s: %s", err_kind_name(err.kind), err.message);
    assert_false(has_work(w));
}

static void test_a_segment_without_text_or_under_lock_is_refused(void **state)
{
    static const char *const blanks[] = { "", " \n\t", "\xc2\xa0\xe3\x80\x80" };
    struct world *w = *state;
    const char *id = w->segments.items[0].id;

    for (size_t i = 0; i < COUNT(blanks); i++) {
        library_edit(&w->library, id, blanks[i]);
        refuse_segment(w, id, ERR_INVALID, "Segment has no text content to generate audio from.");
    }
    library_edit(&w->library, id, "Words.");
    library_lock(&w->library, id, true);
    refuse_segment(w, id, ERR_CONFLICT, "Segment is locked. Unlock before generating audio.");
    refuse_segment(w, w->project, ERR_NOT_FOUND, NULL);
}

static void test_an_engine_that_is_not_there_says_how_to_get_it(void **state)
{
    const struct settings_change change = { .engine = "kokoro" };
    struct world *w = *state;
    struct narrator_task task;
    struct err err = { 0 };

    check_ok(store_settings_update(w->library.store, &change, &err), &err);
    refuse_segment(w, w->segments.items[0].id, ERR_UNAVAILABLE, NULL);
    assert_false(narrator_start_project(w->narrator, &w->library.arena, w->project, true, false,
                                        &task, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(
        strstr(err.message, "TTS model not available. Please install kokoro-v0_19.onnx."));
    assert_non_null(strstr(err.message, "parlando models pull kokoro"));
}

static void test_a_second_start_of_a_segment_gives_the_same_task(void **state)
{
    struct world *w = *state;
    struct narrator_task one = start_segment(w, 0), two = start_segment(w, 0);
    char *prefix = str_format("tts_%s_", w->segments.items[0].id);

    check_text("task", two.id, one.id);
    assert_memory_equal(one.id, prefix, strlen(prefix));
    assert_int_equal(strlen(one.id), strlen(prefix) + 8);
    assert_int_equal(two.state, JOB_QUEUED);
    assert_int_equal(job_of(w, one.id).priority, PRIORITY_LIVE);
    work_well(w);
    assert_false(has_work(w));
    assert_string_not_equal(start_segment(w, 0).id, one.id);
    free(prefix);
}

/* --- batches --- */

static void test_a_batch_speaks_what_has_no_fresh_audio_in_order(void **state)
{
    struct world *w = *state;
    char *prefix = str_format("tts_batch_%s_", w->project);

    start_segment(w, 0);
    work_well(w);
    start_segment(w, 1);
    work_well(w);
    library_edit(&w->library, w->segments.items[1].id, "It went out again.");
    struct narrator_task task = start_project(w, true, false);
    assert_memory_equal(task.id, prefix, strlen(prefix));
    assert_int_equal(strlen(task.id), strlen(prefix) + 8);
    assert_int_equal(task.total_segments, 3);
    assert_int_equal(task.segments_to_process, 2);
    assert_int_equal(task.skipped_ready, 1);
    assert_int_equal(job_of(w, task.id).priority, PRIORITY_BULK);
    for (int i = 1; i < 3; i++) {
        struct worked worked = work(w);

        assert_int_equal(worked.err.kind, ERR_NONE);
        check_text("order", worked.unit.subject, w->segments.items[i].id);
    }
    assert_int_equal(job_of(w, task.id).state, JOB_DONE);
    assert_false(segment_at(w, 1).audio_stale);

    task = start_project(w, true, false);
    assert_null(task.id);
    assert_int_equal(task.skipped_ready, 3);
    task = start_project(w, true, true);
    assert_int_equal(task.segments_to_process, 3);
    free(prefix);
}

static void test_a_batch_leaves_out_locked_blank_and_running_segments(void **state)
{
    struct world *w = *state;

    library_lock(&w->library, w->segments.items[0].id, true);
    library_edit(&w->library, w->segments.items[1].id, " ");
    start_segment(w, 2);
    struct narrator_task task = start_project(w, true, true);
    assert_null(task.id);
    assert_int_equal(task.total_segments, 3);
    assert_int_equal(task.segments_to_process, 0);
    assert_int_equal(task.skipped_locked, 1);
    assert_int_equal(task.skipped_empty, 1);
    assert_int_equal(task.skipped_running, 1);
    work_well(w);
    assert_false(has_work(w));
}

static void test_a_batch_that_skips_no_locked_segments_speaks_them(void **state)
{
    struct world *w = *state;

    library_lock(&w->library, w->segments.items[0].id, true);
    struct narrator_task task = start_project(w, false, false);
    assert_int_equal(task.segments_to_process, 3);
    for (int i = 0; i < 3; i++)
        work_well(w);
    assert_int_equal(job_of(w, task.id).done, 3);
    assert_true(segment_at(w, 0).is_locked);
    assert_true(library_has(&w->library, segment_at(w, 0).audio_file));
}

static void test_a_text_with_nothing_to_speak_fails_alone(void **state)
{
    struct world *w = *state;

    library_edit(&w->library, w->segments.items[0].id, "* * *");
    struct narrator_task task = start_project(w, true, false);
    struct worked worked = work(w);
    assert_int_equal(worked.err.kind, ERR_INVALID);
    assert_non_null(strstr(worked.err.message, "nothing to speak"));
    assert_non_null(strstr(segment_at(w, 0).audio_error, "nothing to speak"));
    work_well(w);
    work_well(w);
    assert_int_equal(job_of(w, task.id).state, JOB_DONE);
    assert_int_equal(library_staged_count(&w->library), 0);
}

static void test_a_project_that_is_not_there_is_not_found(void **state)
{
    struct world *w = *state;
    struct narrator_task task;
    struct err err = { 0 };

    assert_false(narrator_start_project(w->narrator, &w->library.arena, w->segments.items[0].id,
                                        true, false, &task, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

/* --- what happens while a unit runs --- */

static void edit_first(struct world *w)
{
    library_edit(&w->library, w->segments.items[0].id, "Something else.");
}

static void lock_first(struct world *w)
{
    library_lock(&w->library, w->segments.items[0].id, true);
}

static void delete_first(struct world *w)
{
    struct err err = { 0 };

    check_ok(store_segment_delete(w->library.store, w->segments.items[0].id, &err), &err);
    media_settle(w->library.media);
}

static void delete_all(struct world *w)
{
    struct err err = { 0 };

    check_ok(store_project_delete(w->library.store, w->project, &err), &err);
    media_settle(w->library.media);
}

static void test_a_text_edited_meanwhile_makes_the_recording_stale(void **state)
{
    struct world *w = *state;

    start_segment(w, 0);
    assert_int_equal(work_until(w, edit_first, STOP_NOWHERE).err.kind, ERR_NONE);
    assert_true(segment_at(w, 0).audio_stale);
    assert_true(library_has(&w->library, segment_at(w, 0).audio_file));
}

static void test_a_segment_locked_meanwhile_keeps_its_recording(void **state)
{
    struct world *w = *state;

    start_segment(w, 0);
    work_well(w);
    double before_s = segment_at(w, 0).audio_duration;
    library_edit(&w->library, w->segments.items[0].id, "A text of quite another length than it.");
    start_segment(w, 0);
    assert_int_equal(work_until(w, lock_first, STOP_NOWHERE).err.kind, ERR_CONFLICT);
    assert_true(segment_at(w, 0).audio_duration == before_s);
    assert_true(segment_at(w, 0).audio_stale);
    assert_int_equal(library_staged_count(&w->library), 0);
}

static void test_a_segment_or_project_deleted_meanwhile_leaves_no_file(void **state)
{
    struct world *w = *state;
    char *folder = str_format("%s/media/projects/%s", w->library.folder, w->project);
    char *file = str_format("%s/audio/%s.wav", folder, w->segments.items[0].id);

    start_segment(w, 0);
    assert_int_not_equal(work_until(w, delete_first, STOP_NOWHERE).err.kind, ERR_NONE);
    assert_false(file_exists(file));
    start_segment(w, 1);
    assert_int_not_equal(work_until(w, delete_all, STOP_NOWHERE).err.kind, ERR_NONE);
    assert_false(file_exists(folder));
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_int_equal(library_operation_count(&w->library), 0);
    free(file);
    free(folder);
}

static void *work_thread(void *state)
{
    struct world *w = state;
    struct worked *worked = xmalloc(sizeof *worked);

    *worked = work(w);
    return worked;
}

/* A megabyte is most of a day of speech. The test gets its turn between two chunks. */
static void test_a_very_long_segment_is_cancelled_between_chunks(void **state)
{
    static const char sentence[] = "The lamp burned on and on, all night. ";
    struct world *w = *state;
    struct buf text = BUF(1 << 20);
    struct worked *worked;
    pthread_t thread;
    struct err err = { 0 };

    while (text.len + sizeof sentence < text.max)
        buf_append_str(&text, sentence);
    library_edit(&w->library, w->segments.items[0].id, text.data);
    buf_release(&text);
    start_segment(w, 0);
    assert_int_equal(pthread_create(&thread, NULL, work_thread, w), 0);
    check_ok(turnstile_enter(w->turnstile, false, NULL, &err), &err);
    turnstile_leave(w->turnstile);
    check_ok(turnstile_enter(w->turnstile, false, NULL, &err), &err);
    cancel_request(&w->cancel);
    turnstile_leave(w->turnstile);
    pthread_join(thread, (void **)&worked);
    assert_int_equal(worked->err.kind, ERR_CANCELLED);
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_null(segment_at(w, 0).audio_file);
    free(worked);
}

/* The nearest thing to a full disk that every machine has: no file may pass a megabyte. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_recording_that_cannot_be_written_leaves_nothing_behind(void **state)
{
    struct world *w = *state;
    struct buf text = BUF(1 << 16);

    while (text.len < 1000) /* a minute; a second takes 88 kB on the way */
        buf_append_str(&text, "The lamp burned on and on, all night. ");
    library_edit(&w->library, w->segments.items[0].id, text.data);
    buf_release(&text);
    start_segment(w, 0);
    limit_files(1 << 20);
    struct worked worked = work(w);
    limit_files(RLIM_INFINITY);
    assert_int_equal(worked.err.kind, ERR_IO);
    assert_non_null(strstr(worked.err.message, "media/staged/"));
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_null(segment_at(w, 0).audio_file);
    start_segment(w, 0);
    work_well(w);
    assert_true(segment_at(w, 0).audio_duration > 12);
}

/* --- a process that is killed --- */

/* Starts the first segment in a process of its own, which is killed at stop. */
static void be_killed(struct world *w, enum stop stop)
{
    int status;

    close_narrator(w);
    library_close(&w->library);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        library_open(&w->library);
        open_narrator(w);
        start_segment(w, 0);
        work_until(w, NULL, stop);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
test_a_recording_committed_by_a_killed_process_is_in_its_place_after_the_start(void **state)
{
    struct world *w = *state;

    be_killed(w, STOP_AFTER_COMMIT);
    assert_int_equal(library_staged_count(&w->library), 1);
    library_open(&w->library);
    open_narrator(w);
    struct segment segment = segment_at(w, 0);
    char *file = library_path(&w->library, segment.audio_file);
    struct wav_info info;
    struct err err = { 0 };
    check_ok(wav_info(file, &info, &err), &err);
    assert_true(fabs((double)info.frames / info.rate_hz - segment.audio_duration) < 1e-6);
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_int_equal(library_operation_count(&w->library), 0);
    assert_false(has_work(w));
    free(file);
}

static void test_a_unit_of_a_killed_process_is_done_again_after_the_start(void **state)
{
    struct world *w = *state;
    struct err err = { 0 };
    struct arena arena = ARENA;
    struct reclaimed reclaimed;

    be_killed(w, STOP_AFTER_RUN);
    assert_int_equal(library_staged_count(&w->library), 1);
    library_open(&w->library);
    open_narrator(w);
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_null(segment_at(w, 0).audio_file);
    check_ok(store_units_reclaim(w->library.store, &arena, true, JOB_DEATHS_MAX, "Too often.",
                                 &reclaimed, &err),
             &err);
    assert_int_equal(reclaimed.units, 1);
    arena_release(&arena);
    struct worked worked = work(w);
    assert_int_equal(worked.err.kind, ERR_NONE);
    assert_int_equal(worked.unit.deaths, 1);
    assert_true(library_has(&w->library, segment_at(w, 0).audio_file));
}

#define narrator_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        narrator_test(
            test_a_recording_committed_by_a_killed_process_is_in_its_place_after_the_start),
        narrator_test(test_a_unit_of_a_killed_process_is_done_again_after_the_start),
        narrator_test(test_a_segment_becomes_a_recording),
        narrator_test(test_the_result_of_a_unit_says_where_the_audio_is),
        narrator_test(test_a_job_speaks_as_the_settings_were_at_its_start),
        narrator_test(test_a_segment_without_text_or_under_lock_is_refused),
        narrator_test(test_an_engine_that_is_not_there_says_how_to_get_it),
        narrator_test(test_a_second_start_of_a_segment_gives_the_same_task),
        narrator_test(test_a_batch_speaks_what_has_no_fresh_audio_in_order),
        narrator_test(test_a_batch_leaves_out_locked_blank_and_running_segments),
        narrator_test(test_a_batch_that_skips_no_locked_segments_speaks_them),
        narrator_test(test_a_text_with_nothing_to_speak_fails_alone),
        narrator_test(test_a_project_that_is_not_there_is_not_found),
        narrator_test(test_a_text_edited_meanwhile_makes_the_recording_stale),
        narrator_test(test_a_segment_locked_meanwhile_keeps_its_recording),
        narrator_test(test_a_segment_or_project_deleted_meanwhile_leaves_no_file),
        narrator_test(test_a_very_long_segment_is_cancelled_between_chunks),
        narrator_test(test_a_recording_that_cannot_be_written_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
