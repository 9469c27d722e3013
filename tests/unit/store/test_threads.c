/* Threads that read and write at once. cmocka's checks are for the main thread only: the others say
 * what went wrong in their struct party. */

#include <pthread.h>

#include "stored.h"

#define UNITS 60
#define ROUNDS 40

struct party {
    struct stored *t;
    const char *project_id, *owner;
    int done;
    struct err wrong; /* the first that went wrong, if any */
    pthread_t thread;
};

static void say_wrong(struct party *party, const char *what, const struct err *err)
{
    if (!party->wrong.kind)
        err_set(&party->wrong, ERR_INTERNAL, "%s: %s", what, err->message);
}

static bool speak_one(struct party *party, struct arena *arena, struct err *err)
{
    struct store *store = party->t->store;
    struct segment segment;
    struct unit unit;
    bool found;

    if (!store_unit_claim(store, arena, party->owner, 60000, -1, &unit, &found, err) || !found)
        return false;
    if (!store_unit_extend(store, unit.id, party->owner, 60000, err) ||
        !store_segment_get(store, arena, unit.subject, &segment, err))
        return false;
    const struct new_audio audio = {
        .staged_path = segment.id,
        .path = arena_format(arena, "%s.wav", segment.id),
        .url = "/x.wav",
        .duration_s = 0.5,
        .rate_hz = 24000,
        .text = segment.text_content,
    };
    const struct unit_end end = { .state = UNIT_DONE, .audio = &audio };
    return store_unit_end(store, unit.id, party->owner, &end, err);
}

static void *work(void *argument)
{
    struct party *party = argument;
    struct err err = { 0 };
    bool is_more = true;

    while (is_more) {
        struct arena arena = ARENA;

        is_more = speak_one(party, &arena, &err);
        party->done += is_more;
        arena_release(&arena);
    }
    if (err.kind)
        say_wrong(party, "worker", &err);
    return NULL;
}

/* Sees whole transactions only: a revision never goes back, counts fit each other. */
static void *look(void *argument)
{
    struct party *party = argument;
    struct store *store = party->t->store;
    int64_t last = 0;
    struct err err = { 0 };

    for (int i = 0; i < ROUNDS; i++) {
        struct arena arena = ARENA;
        struct segment_list list;
        struct project project;
        int64_t audio = 0;
        int64_t revision = 0;

        if (!store_project_revision(store, party->project_id, &revision, &err))
            say_wrong(party, "revision", &err);
        int64_t glance = store_project_glance(store, party->project_id);
        if (revision < last || (glance >= 0 && glance < revision))
            say_wrong(party, "the revision went back", &err);
        last = revision;
        if (!store_project_get(store, &arena, party->project_id, &project, &err) ||
            !store_segments(store, &arena, party->project_id, NULL, &list, &err))
            say_wrong(party, "reader", &err);
        for (int64_t n = 0; n < list.count; n++)
            audio += list.items[n].audio_file != NULL;
        if (list.count != UNITS || project.revision < revision || audio < project.audio_count)
            say_wrong(party, "halves of a transaction", &err);
        arena_release(&arena);
    }
    return NULL;
}

static void *import(void *argument)
{
    struct party *party = argument;
    const struct new_segment segments[] = { new_segment("One."), new_segment("Two.") };
    struct err err = { 0 };
    char id[ID_SIZE];

    for (int i = 0; i < ROUNDS; i++)
        if (!store_project_create(party->t->store, "Other", NULL, segments, 2, id, &err) ||
            !store_project_rename(party->t->store, id, "Renamed", &err))
            say_wrong(party, "import", &err);
    return NULL;
}

static void run_all(struct party *parties, void *(*const *works)(void *), size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&parties[i].thread, NULL, works[i], &parties[i]), 0);
    for (size_t i = 0; i < count; i++)
        pthread_join(parties[i].thread, NULL);
    for (size_t i = 0; i < count; i++)
        if (parties[i].wrong.kind)
            fail_msg("thread %zu: %s", i, parties[i].wrong.message);
}

static void check_many_at_once(struct stored *t)
{
    void *(*const works[])(void *) = { work, work, work, look, look, import };
    static const char *const owners[] = { "1", "2", "3", "", "", "" };
    struct party parties[COUNT(works)] = { 0 };
    const char *id = stored_project(t, "Fox", UNITS);

    stored_job(t, "job", id, PRIORITY_BULK, stored_segments(t, id).items, UNITS);
    for (size_t i = 0; i < COUNT(works); i++)
        parties[i] = (struct party){ .t = t, .project_id = id, .owner = owners[i] };
    run_all(parties, works, COUNT(works));

    assert_int_equal(parties[0].done + parties[1].done + parties[2].done, UNITS);
    assert_int_equal(stored_get_job(t, "job").done, UNITS);
    assert_int_equal(stored_get(t, id).status, PROJECT_COMPLETED);
    assert_int_equal(stored_operations(t).count, UNITS);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM projects"), ROUNDS + 1);
    check_counts(t);
}

static void test_readers_and_writers_do_not_disturb_each_other(void **state)
{
    check_many_at_once(*state);
}

static void test_a_store_in_memory_serves_threads_too(void **state)
{
    struct stored *t = *state;

    store_close(t->store);
    t->store = store_open(":memory:", &clock_system, &t->err);
    assert_non_null(t->store);
    check_many_at_once(t);
}

/* More readers at once than connections are kept. */
static void test_any_number_of_threads_may_read(void **state)
{
    struct stored *t = *state;
    void *(*works[12])(void *);
    struct party parties[COUNT(works)] = { 0 };
    const char *id = stored_project(t, "Fox", UNITS);

    for (size_t i = 0; i < COUNT(works); i++) {
        works[i] = look;
        parties[i] = (struct party){ .t = t, .project_id = id };
    }
    run_all(parties, works, COUNT(works));
}

/* A writer that is in the middle of something holds nobody up who reads. */
static void test_a_reader_does_not_wait_for_a_writer(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", UNITS);
    struct party party = { .t = t, .project_id = id };
    struct change change;

    check_ok(change_begin(&change, t->store, &t->err), &t->err);
    check_ok(project_settle(&change, id, &t->err), &t->err);
    look(&party);
    check_ok(change_end(&change, true, &t->err), &t->err);
    check_text("reader", party.wrong.message, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_readers_and_writers_do_not_disturb_each_other),
        stored_test(test_a_store_in_memory_serves_threads_too),
        stored_test(test_any_number_of_threads_may_read),
        stored_test(test_a_reader_does_not_wait_for_a_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
