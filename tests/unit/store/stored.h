#pragma once

/* A store in a folder of its own with a clock that a test sets, and short ways to fill it. */

#include <stdatomic.h>

#include "base/id.h"
#include "base/path.h"
#include "check.h"
#include "store/queue.h"
#include "store/segments.h"
#include "store/store_internal.h"

#define STORED_BUSY_MS 20

struct stored {
    char *folder, *path; /* owned */
    struct store *store;
    struct arena arena;
    struct err err; /* of the last call */
    atomic_llong now;
};

static inline int64_t stored_now(void *state)
{
    return ((struct stored *)state)->now;
}

static inline struct store *stored_open(struct stored *t)
{
    return store_open_busy(t->path, &(struct clock){ stored_now, t }, STORED_BUSY_MS, &t->err);
}

static inline int stored_set_up(void **state)
{
    struct stored *t = xcalloc(1, sizeof *t);

    t->folder = temp_folder();
    t->path = path_join(t->folder, STORE_FILE);
    t->now = 1000;
    t->store = stored_open(t);
    if (!t->store)
        fail_msg("%s", t->err.message);
    *state = t;
    return 0;
}

static inline int stored_tear_down(void **state)
{
    struct stored *t = *state;

    store_close(t->store);
    arena_release(&t->arena);
    temp_folder_remove(t->folder);
    free(t->path);
    free(t);
    return 0;
}

static inline void stored_reopen(struct stored *t)
{
    store_close(t->store);
    t->store = stored_open(t);
    if (!t->store)
        fail_msg("%s", t->err.message);
}

#define stored_test(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, stored_set_up, stored_tear_down)

/* The call fails with that kind and a message. */
#define check_fails(call, error, expected)                                                         \
    do {                                                                                           \
        err_clear(error);                                                                          \
        if (call)                                                                                  \
            fail_msg("%s succeeded", #call);                                                       \
        if ((error)->kind != (expected))                                                           \
            fail_msg("%s: %s (%s)", #call, err_kind_name((error)->kind), (error)->message);        \
        assert_true((error)->message[0]);                                                          \
    } while (0)

static inline struct new_segment new_segment(const char *text)
{
    return (struct new_segment){ .text = text, .length = strlen(text) };
}

/* A project with the segments "Text 0.", "Text 1.", … */
static inline const char *stored_project(struct stored *t, const char *title, int count)
{
    struct new_segment *segments = arena_alloc(&t->arena, (size_t)(count + 1) * sizeof *segments);
    char id[ID_SIZE];

    for (int i = 0; i < count; i++)
        segments[i] = new_segment(arena_format(&t->arena, "Text %d.", i));
    check_ok(store_project_create(t->store, title, NULL, segments, (size_t)count, id, &t->err),
             &t->err);
    return arena_strdup(&t->arena, id);
}

static inline struct project stored_get(struct stored *t, const char *id)
{
    struct project project;

    check_ok(store_project_get(t->store, &t->arena, id, &project, &t->err), &t->err);
    return project;
}

static inline int64_t stored_revision(struct stored *t, const char *id)
{
    int64_t revision = -1;

    check_ok(store_project_revision(t->store, id, &revision, &t->err), &t->err);
    return revision;
}

static inline struct segment_list stored_segments(struct stored *t, const char *project_id)
{
    struct segment_list list;

    check_ok(store_segments(t->store, &t->arena, project_id, NULL, &list, &t->err), &t->err);
    return list;
}

static inline struct segment stored_segment(struct stored *t, const char *id)
{
    struct segment segment;

    check_ok(store_segment_get(t->store, &t->arena, id, &segment, &t->err), &t->err);
    return segment;
}

static inline void stored_set_text(struct stored *t, const char *id, const char *text)
{
    const struct segment_change change = { .text_content = text };

    check_ok(store_segment_update(t->store, id, &change, &t->err), &t->err);
}

static inline void stored_lock(struct stored *t, const char *id, bool is_locked)
{
    const struct segment_change change = { .is_locked = &is_locked };

    check_ok(store_segment_update(t->store, id, &change, &t->err), &t->err);
}

/* Queues a job of all segments of a list. */
static inline void stored_job(struct stored *t, const char *job_id, const char *project_id,
                              enum job_priority priority, const struct segment *segments,
                              int64_t count)
{
    const char **subjects = arena_alloc(&t->arena, (size_t)count * sizeof *subjects);
    const struct new_job job = {
        .id = job_id,
        .kind = "segment",
        .project_id = project_id,
        .params = "{\"speed\":1}",
        .priority = priority,
        .subjects = subjects,
        .count = (size_t)count,
    };
    const char *existing;

    for (int64_t i = 0; i < count; i++)
        subjects[i] = segments[i].id;
    check_ok(store_job_create(t->store, &t->arena, &job, &existing, &t->err), &t->err);
    assert_null(existing);
}

static inline struct job stored_get_job(struct stored *t, const char *id)
{
    struct job job;

    check_ok(store_job_get(t->store, &t->arena, id, &job, &t->err), &t->err);
    return job;
}

/* Claims as "worker" for 100 ms. False when there is nothing. */
static inline bool stored_claim(struct stored *t, int priority, struct unit *unit)
{
    bool found;

    check_ok(store_unit_claim(t->store, &t->arena, "worker", 100, priority, unit, &found, &t->err),
             &t->err);
    return found;
}

static inline struct unit stored_claim_one(struct stored *t)
{
    struct unit unit;

    assert_true(stored_claim(t, -1, &unit));
    return unit;
}

static inline struct reclaimed stored_reclaim(struct stored *t, bool is_start, int64_t times_max,
                                              const char *error)
{
    struct reclaimed reclaimed;

    check_ok(
        store_units_reclaim(t->store, &t->arena, is_start, times_max, error, &reclaimed, &t->err),
        &t->err);
    return reclaimed;
}

static inline struct new_audio stored_audio(struct stored *t, const struct segment *segment)
{
    return (struct new_audio){
        .staged_path = arena_format(&t->arena, "media/staged/%s.wav", segment->id),
        .path = arena_format(&t->arena, PROJECT_FOLDER "%s/audio/%s.wav", segment->project_id,
                             segment->id),
        .url = arena_format(&t->arena, "/" PROJECT_FOLDER "%s/audio/%s.wav", segment->project_id,
                            segment->id),
        .bytes = 48044,
        .duration_s = 1.0 / 3,
        .rate_hz = 24000,
        .engine = "espeak",
        .voice = "en-us",
        .text = segment->text_content,
    };
}

static inline bool stored_end(struct stored *t, const struct unit *unit, enum unit_state state,
                              const char *error)
{
    const struct unit_end end = { .state = state, .error = error };

    return store_unit_end(t->store, unit->id, "worker", &end, &t->err);
}

/* Ends a unit with audio of its segment's present text. */
static inline bool stored_end_spoken(struct stored *t, const struct unit *unit)
{
    struct segment segment = stored_segment(t, unit->subject);
    struct new_audio audio = stored_audio(t, &segment);
    const struct unit_end end = { .state = UNIT_DONE, .result = "{}", .audio = &audio };

    return store_unit_end(t->store, unit->id, "worker", &end, &t->err);
}

/* Speaks the segments by a job of that id, and does the file operations that come of it. */
static inline void stored_speak(struct stored *t, const char *job_id,
                                const struct segment *segments, int64_t count)
{
    stored_job(t, job_id, segments[0].project_id, PRIORITY_BULK, segments, count);
    for (int64_t i = 0; i < count; i++) {
        struct unit unit = stored_claim_one(t);
        check_ok(stored_end_spoken(t, &unit), &t->err);
    }
}

static inline struct file_operation_list stored_operations(struct stored *t)
{
    struct file_operation_list list;

    check_ok(store_file_operations(t->store, &t->arena, &list, &t->err), &t->err);
    return list;
}

static inline void stored_settle_files(struct stored *t)
{
    struct file_operation_list list = stored_operations(t);

    for (size_t i = 0; i < list.count; i++)
        check_ok(store_file_operations_done(t->store, &list.items[i].id, 1, &t->err), &t->err);
}

/* One number that SQL gives. */
static inline int64_t stored_number(struct stored *t, const char *sql)
{
    struct change change;
    struct query q;
    int64_t out = -1;

    check_ok(change_begin(&change, t->store, &t->err), &t->err);
    query_begin(&q, change.db, sql);
    if (query_next(&q))
        out = column_int(&q, 0);
    check_ok(change_end(&change, query_end(&q, &t->err), &t->err), &t->err);
    return out;
}

/* The sums that triggers keep are those that counting gives. */
static inline void check_counts(struct stored *t)
{
    static const char WRONG_PROJECTS[] =
        "SELECT count(*) FROM projects AS p WHERE"
        " (segment_count, audio_count, locked_count, stale_count, unspoken_count, duration_us) <>"
        " (SELECT count(*), count(audio_file), coalesce(sum(is_locked), 0),"
        "   coalesce(sum(audio_stale), 0), coalesce(sum(is_unspoken), 0),"
        "   coalesce(sum(CAST(round(audio_duration * 1e6) AS INTEGER)), 0)"
        "  FROM segments WHERE project_id = p.id)";
    static const char WRONG_JOBS[] =
        "SELECT count(*) FROM jobs AS j WHERE (queued, running, done, failed, cancelled) <>"
        " (SELECT count(*) FILTER (WHERE state = 'queued'),"
        "   count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'done'),"
        "   count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'cancelled')"
        "  FROM units WHERE job_number = j.number)";
    static const char WRONG_PLACES[] =
        "SELECT count(*) FROM (SELECT sequence_index - row_number() OVER"
        "  (PARTITION BY project_id ORDER BY sequence_index) + 1 AS hole FROM segments)"
        " WHERE hole <> 0";

    assert_int_equal(stored_number(t, WRONG_PROJECTS), 0);
    assert_int_equal(stored_number(t, WRONG_JOBS), 0);
    assert_int_equal(stored_number(t, WRONG_PLACES), 0);
}
