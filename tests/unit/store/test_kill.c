/* A process that is killed: what it was told is done is there, and nothing else by halves. */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stored.h"

#define KILLS 20
#define SEGMENTS 7

/* Runs a child that writes with a store of its own, and lets the parent kill it. */
struct child {
    pid_t pid;
    int told; /* a byte for each thing it was told is done */
};

static struct child start(struct stored *t, void (*work)(struct stored *t, int told))
{
    struct child child;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    child.pid = fork();
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        struct stored own = { .path = t->path, .now = 1000 };

        close(ends[0]);
        own.store = stored_open(&own);
        if (own.store)
            work(&own, ends[1]);
        _exit(1);
    }
    close(ends[1]);
    child.told = ends[0];
    return child;
}

static void check_killed(struct child *child)
{
    int status;

    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(child->told);
}

/* Does one thing after the other until it is killed. */
static void import_forever(struct stored *t, int told)
{
    struct new_segment segments[SEGMENTS];
    char id[ID_SIZE];

    for (int i = 0; i < SEGMENTS; i++)
        segments[i] = new_segment("A text that takes some room.");
    while (store_project_create(t->store, "Book", NULL, segments, SEGMENTS, id, &t->err) &&
           write(told, "p", 1) == 1)
        continue;
}

static void test_a_killed_import_is_there_wholly_or_not_at_all(void **state)
{
    struct stored *t = *state;
    int64_t expected = 0;

    store_close(t->store);
    for (int round = 0; round < KILLS; round++) {
        struct child child = start(t, import_forever);
        char byte;

        for (int i = 0; i < round; i++)
            assert_int_equal(read(child.told, &byte, 1), 1);
        kill(child.pid, SIGKILL);
        expected += round;
        while (read(child.told, &byte, 1) == 1)
            expected++;
        check_killed(&child);

        t->store = stored_open(t);
        assert_non_null(t->store);
        int64_t projects = stored_number(t, "SELECT count(*) FROM projects");
        assert_in_range(projects, expected, expected + 1); /* one may not have been told */
        assert_int_equal(stored_number(t, "SELECT count(*) FROM segments"), projects * SEGMENTS);
        assert_int_equal(stored_number(t, "SELECT integrity_check = 'ok' FROM"
                                          " pragma_integrity_check"),
                         1);
        check_counts(t);
        expected = projects;
        store_close(t->store);
    }
    t->store = stored_open(t);
}

/* Large enough that the log holds part of it before it is committed. */
static void die_in_the_middle(struct stored *t, int told)
{
    static const char INSERT[] = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
                                 " WHERE i < 20000)"
                                 " INSERT INTO marks SELECT 'mark ' || i, i FROM n";
    struct change change;
    struct query q;

    if (!change_begin(&change, t->store, &t->err))
        return;
    query_begin(&q, change.db, INSERT);
    if (query_run(&q, &t->err) && write(told, "m", 1) == 1)
        raise(SIGKILL);
}

static void test_a_transaction_that_was_not_committed_never_was(void **state)
{
    struct stored *t = *state;
    char byte;

    store_close(t->store);
    struct child child = start(t, die_in_the_middle);
    assert_int_equal(read(child.told, &byte, 1), 1);
    check_killed(&child);
    t->store = stored_open(t);
    assert_non_null(t->store);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM marks"), 0);
    stored_project(t, "Fox", 1);
}

static void test_other_programs_go_on_when_one_dies_in_the_middle(void **state)
{
    struct stored *t = *state;
    char byte;

    /* Opened before the child, as by a server beside a command. */
    struct child child = start(t, die_in_the_middle);
    assert_int_equal(read(child.told, &byte, 1), 1);
    check_killed(&child);
    stored_project(t, "Fox", 1);
    assert_int_equal(stored_number(t, "SELECT count(*) FROM marks"), 0);
}

/* Claims and ends units until it is killed; tells of each that ended. */
static void speak_forever(struct stored *t, int told)
{
    struct unit unit;

    while (stored_claim(t, -1, &unit) && stored_end_spoken(t, &unit) && write(told, "u", 1) == 1)
        continue;
    pause();
}

static void test_a_unit_is_done_once_however_often_its_worker_dies(void **state)
{
    struct stored *t = *state;
    const char *id = stored_project(t, "Fox", 60);
    int64_t told = 0;

    stored_job(t, "job", id, PRIORITY_BULK, stored_segments(t, id).items, 60);
    store_close(t->store);
    for (int round = 0; round < 8; round++) {
        struct child child = start(t, speak_forever);
        char byte;

        for (int i = 0; i < 2 + round % 3; i++)
            assert_int_equal(read(child.told, &byte, 1), 1);
        told += 2 + round % 3;
        kill(child.pid, SIGKILL);
        while (read(child.told, &byte, 1) == 1)
            told++;
        check_killed(&child);
        t->store = stored_open(t);
        assert_non_null(t->store);
        assert_in_range(stored_reclaim(t, true, 100, "").units, 0, 1);
        struct job job = stored_get_job(t, "job");
        assert_in_range(job.done, told, told + 1);
        assert_int_equal(job.done + job.queued, 60);
        assert_int_equal(stored_get(t, id).audio_count, job.done);
        assert_int_equal(stored_operations(t).count, job.done);
        check_counts(t);
        told = job.done;
        store_close(t->store);
    }
    t->store = stored_open(t);
    struct unit unit;
    while (stored_claim(t, -1, &unit))
        check_ok(stored_end_spoken(t, &unit), &t->err);
    assert_int_equal(stored_operations(t).count, 60);
    assert_int_equal(stored_get(t, id).status, PROJECT_COMPLETED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_a_killed_import_is_there_wholly_or_not_at_all),
        stored_test(test_a_transaction_that_was_not_committed_never_was),
        stored_test(test_other_programs_go_on_when_one_dies_in_the_middle),
        stored_test(test_a_unit_is_done_once_however_often_its_worker_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
