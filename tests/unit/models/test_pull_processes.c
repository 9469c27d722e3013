#include "pull_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 150000

/* A process that pulls; the first letter of each event comes through *events. */
static pid_t start_pull(struct fixture *fixture, const char *source, int *events)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char *sha256 = fixture_sha256(SIZE);
        struct catalogue *catalogue = fixture_catalogue(fixture, SIZE, sha256, source, NULL);
        struct err err;

        close(ends[0]);
        fixture->event_pipe = ends[1];
        bool ok = fixture_pull(fixture, catalogue, &err);
        catalogue_close(catalogue);
        free(sha256);
        _exit(ok ? 0 : 1);
    }
    assert_true(pid > 0);
    close(ends[1]);
    *events = ends[0];
    return pid;
}

/* Reads events until this one comes; false when the process ended without it. */
static bool wait_for(int events, char letter)
{
    char c;

    while (read(events, &c, 1) == 1)
        if (c == letter)
            return true;
    return false;
}

static int status_of(pid_t pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return status;
}

static void test_the_second_process_waits_and_finds_it_done(void **state)
{
    struct fixture *fixture = *state;
    int first_events;
    int second_events;

    pid_t first = start_pull(fixture, "/held/150000", &first_events);
    assert_true(wait_for(first_events, 's')); /* it holds the lock and asks the server */
    pid_t second = start_pull(fixture, "/held/150000", &second_events);
    assert_true(wait_for(second_events, 'w'));
    free(fixture_get(fixture, "/release"));
    assert_true(wait_for(second_events, 'p')); /* present: it downloaded nothing */
    assert_int_equal(status_of(first), 0);
    assert_int_equal(status_of(second), 0);
    fixture_check_tree(fixture, "model/a.bin 150000\n");
    fixture_check_content(fixture, "model/a.bin", SIZE);
    char *log = fixture_get(fixture, "/log");
    check_text("requests", log, "/held/150000 \n");
    free(log);
    close(first_events);
    close(second_events);
}

static void test_many_processes_at_once_do_no_harm(void **state)
{
    enum { PROCESSES = 6 };
    pid_t pids[PROCESSES];
    int events[PROCESSES];

    for (int i = 0; i < PROCESSES; i++)
        pids[i] = start_pull(*state, "/ok/150000", &events[i]);
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(status_of(pids[i]), 0);
        close(events[i]);
    }
    fixture_check_tree(*state, "model/a.bin 150000\n");
    fixture_check_content(*state, "model/a.bin", SIZE);
    char *log = fixture_get(*state, "/log");
    check_text("requests", log, "/ok/150000 \n");
    free(log);
}

static bool pull_here(struct fixture *fixture, const char *source, struct err *err)
{
    char *sha256 = fixture_sha256(SIZE);
    struct catalogue *catalogue = fixture_catalogue(fixture, SIZE, sha256, source, NULL);
    bool ok = fixture_pull(fixture, catalogue, err);

    catalogue_close(catalogue);
    free(sha256);
    return ok;
}

static void test_a_killed_process_blocks_nobody_and_is_continued(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    int events;

    pid_t pid = start_pull(fixture, "/stall/150000", &events);
    assert_true(wait_for(events, 'b'));
    kill(pid, SIGKILL);
    status_of(pid);
    close(events);
    check_ok(pull_here(fixture, "/ok/150000", &err), &err);
    fixture_check_tree(fixture, "model/a.bin 150000\n");
    char *log = fixture_get(fixture, "/log");
    check_case(log, strstr(log, "/ok/150000 bytes="));
    free(log);
}

static void test_waiting_can_be_cancelled(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    int events;

    pid_t pid = start_pull(fixture, "/held/150000", &events);
    assert_true(wait_for(events, 's'));
    fixture->cancels_on_waiting = true;
    assert_false(pull_here(fixture, "/held/150000", &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    check_text("events", fixture->events, "waiting model \n");
    free(fixture_get(fixture, "/release"));
    assert_int_equal(status_of(pid), 0); /* the other one is not disturbed */
    fixture_check_tree(fixture, "model/a.bin 150000\n");
    close(events);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_second_process_waits_and_finds_it_done),
        TEST(test_many_processes_at_once_do_no_harm),
        TEST(test_a_killed_process_blocks_nobody_and_is_continued),
        TEST(test_waiting_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
