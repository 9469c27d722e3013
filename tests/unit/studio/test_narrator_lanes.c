/* The narrator with the lanes of src/jobs: it is told when jobs change, and never sleeps. */
#include "library.h"

#include <pthread.h>

#include "base/id.h"
#include "studio/narrator.h"

struct world {
    struct library library;
    struct engines *engines;
    struct narrator *narrator;
    struct unit_kind kind;
    struct jobs *jobs;
    char project[ID_SIZE];
    struct segment_list segments;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t changes; /* protected by lock */
};

static void note_change(void *state, const char *job_id)
{
    struct world *w = state;

    (void)job_id;
    pthread_mutex_lock(&w->lock);
    w->changes++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void open_lanes(struct world *w)
{
    static const struct engine_config config = { .models_dir = "/nonexistent", .threads = 1 };
    struct err err = { 0 };

    w->engines = engines_create(&config, 0, 0);
    w->narrator = narrator_create(&(struct narrator_options){ .store = w->library.store,
                                                              .media = w->library.media,
                                                              .engines = w->engines,
                                                              .engine = "espeak" });
    w->kind = narrator_unit_kind(w->narrator);
    const struct jobs_options options = { .store = w->library.store,
                                          .kinds = &w->kind,
                                          .kind_count = 1,
                                          .workers = 1,
                                          .clock = clock_system,
                                          .changed = note_change,
                                          .changed_state = w };
    w->jobs = jobs_create(&options, &err);
    if (!w->jobs || !jobs_start(w->jobs, &err))
        fail_msg("%s", err.message);
}

static void close_lanes(struct world *w)
{
    jobs_destroy(w->jobs);
    narrator_destroy(w->narrator);
    engines_destroy(w->engines);
}

static int set_up(void **state)
{
    static const char *const texts[] = { "Once there was a lamp.", "It went out.", "Dark.", NULL };
    struct world *w = xcalloc(1, sizeof *w);

    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    library_init(&w->library);
    w->segments = library_story(&w->library, texts, w->project);
    open_lanes(w);
    narrator_attach(w->narrator, w->jobs);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    close_lanes(w);
    library_release(&w->library);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

static bool is_ended(const struct job *job)
{
    return job->queued + job->running == 0;
}

static bool is_running(const struct job *job)
{
    return job->running > 0;
}

static struct job wait_until(struct world *w, const char *id, bool (*has_come)(const struct job *))
{
    struct err err = { 0 };
    struct job job;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        uint64_t seen = w->changes;

        pthread_mutex_unlock(&w->lock);
        check_ok(jobs_get(w->jobs, &w->library.arena, id, &job, &err), &err);
        pthread_mutex_lock(&w->lock);
        while (!has_come(&job) && w->changes == seen)
            pthread_cond_wait(&w->changed, &w->lock);
        if (has_come(&job))
            break;
    }
    pthread_mutex_unlock(&w->lock);
    return job;
}

static struct narrator_task start_project(struct world *w)
{
    struct narrator_task task;
    struct err err = { 0 };

    check_ok(
        narrator_start_project(w->narrator, &w->library.arena, w->project, true, true, &task, &err),
        &err);
    return task;
}

/* A segment that takes minutes. */
static struct narrator_task start_long_segment(struct world *w)
{
    const char *id = w->segments.items[0].id;
    struct buf text = BUF(1 << 20);
    struct narrator_task task;
    struct err err = { 0 };

    while (text.len < 1000000)
        buf_append_str(&text, "The lamp burned on and on, all night. ");
    library_edit(&w->library, id, text.data);
    buf_release(&text);
    check_ok(narrator_start_segment(w->narrator, &w->library.arena, id, &task, &err), &err);
    wait_until(w, task.id, is_running);
    return task;
}

static void check_all_spoken(struct world *w)
{
    for (int64_t i = 0; i < w->segments.count; i++) {
        struct segment segment = library_segment(&w->library, w->segments.items[i].id);

        assert_non_null(segment.audio_file);
        assert_true(library_has(&w->library, segment.audio_file));
    }
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_int_equal(library_operation_count(&w->library), 0);
}

static void test_a_batch_runs_through_and_its_files_are_in_their_places(void **state)
{
    struct world *w = *state;
    struct narrator_task task = start_project(w);
    struct job job = wait_until(w, task.id, is_ended);

    assert_int_equal(job.state, JOB_DONE);
    assert_int_equal(job.done, 3);
    jobs_stop(w->jobs, 10);
    check_all_spoken(w);
}

static void test_a_cancelled_segment_stops_and_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct narrator_task task = start_long_segment(w);
    struct err err = { 0 };

    check_ok(jobs_cancel(w->jobs, task.id, &err), &err);
    assert_int_equal(wait_until(w, task.id, is_ended).cancelled, 1);
    jobs_stop(w->jobs, 10);
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_null(library_segment(&w->library, w->segments.items[0].id).audio_file);
}

static void test_a_deleted_segment_is_not_spoken_to_its_end(void **state)
{
    struct world *w = *state;
    const char *id = w->segments.items[0].id;
    struct narrator_task task = start_long_segment(w);
    struct err err = { 0 };

    check_ok(store_segment_delete(w->library.store, id, &err), &err);
    jobs_interrupt(w->jobs, id);
    media_settle(w->library.media);
    assert_int_equal(wait_until(w, task.id, is_ended).done, 0);
    jobs_stop(w->jobs, 10);
    assert_int_equal(library_staged_count(&w->library), 0);
    assert_int_equal(library_operation_count(&w->library), 0);
}

/* What a process left to do begins before the next one's narrator has its jobs, which units do
 * without. */
static void test_what_was_queued_goes_on_after_a_restart(void **state)
{
    struct world *w = *state;
    const char *id;

    jobs_stop(w->jobs, 0); /* it claims nothing any more */
    id = start_project(w).id;
    close_lanes(w);
    library_close(&w->library);
    library_open(&w->library);
    open_lanes(w);
    assert_int_equal(wait_until(w, id, is_ended).done, 3);
    jobs_stop(w->jobs, 10);
    check_all_spoken(w);
}

#define lanes_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        lanes_test(test_a_batch_runs_through_and_its_files_are_in_their_places),
        lanes_test(test_a_cancelled_segment_stops_and_leaves_nothing),
        lanes_test(test_a_deleted_segment_is_not_spoken_to_its_end),
        lanes_test(test_what_was_queued_goes_on_after_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
