#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "base/thread.h"
#include "check.h"

/* What its standard error gets comes out of the pipe. */
struct shell {
    int pipe[2];
    char *argv[4];
    struct process process;
    struct cancel cancel;
    int exit_code;
    struct err err;
};

static void open_shell(struct shell *shell, char *script)
{
    *shell = (struct shell){ .argv = { "sh", "-c", script, NULL } };
    assert_int_equal(pipe2(shell->pipe, O_CLOEXEC), 0);
    cancel_init(&shell->cancel);
    shell->process = (struct process){ .argv = shell->argv,
                                       .complaints_fd = shell->pipe[1],
                                       .end_signal = SIGTERM };
}

static bool run(struct shell *shell)
{
    bool ok = process_run(&shell->process, &shell->exit_code, &shell->cancel, &shell->err);

    close(shell->pipe[1]);
    return ok;
}

/* Up to the end of the pipe, which comes when nobody can write into it any more. */
static void check_complaint(struct shell *shell, const char *expected)
{
    char text[256] = "";
    ssize_t length = 0, n;

    while ((n = read(shell->pipe[0], text + length, sizeof text - 1 - (size_t)length)) > 0)
        length += n;
    assert_string_equal(text, expected);
}

static void close_shell(struct shell *shell)
{
    close(shell->pipe[0]);
    cancel_release(&shell->cancel);
}

static void test_a_program_runs_in_its_folder_and_ends_with_a_code(void **state)
{
    struct shell shell;

    (void)state;
    open_shell(&shell, "pwd >&2; echo unheard; exit 3");
    shell.process.folder = "/";
    assert_true(run(&shell));
    assert_int_equal(shell.exit_code, 3);
    check_complaint(&shell, "/\n");
    close_shell(&shell);
}

static void test_a_signal_is_no_code(void **state)
{
    struct shell shell;

    (void)state;
    open_shell(&shell, "kill -KILL $$");
    assert_true(run(&shell));
    assert_int_equal(shell.exit_code, -1);
    close_shell(&shell);
}

static void test_our_files_and_blocked_signals_stay_ours(void **state)
{
    struct shell shell;
    sigset_t set, old;

    (void)state;
    open_shell(&shell, "[ ! -e /proc/self/fd/99 ] && kill -TERM $$");
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    assert_int_equal(dup2(shell.pipe[0], 99), 99);
    assert_true(run(&shell));
    close(99);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    assert_int_equal(shell.exit_code, -1);
    close_shell(&shell);
}

/* Requests the cancel once the program says that it runs. */
static void *cancel_when_it_runs(void *arg)
{
    struct shell *shell = arg;
    char byte;

    if (read(shell->pipe[0], &byte, 1) == 1)
        cancel_request(&shell->cancel);
    return NULL;
}

static void test_a_request_ends_it_and_what_it_has_started(void **state)
{
    struct shell shell;
    pthread_t thread;

    (void)state;
    open_shell(&shell, "sleep 1000 & printf r >&2; wait");
    assert_int_equal(thread_start(&thread, cancel_when_it_runs, &shell), 0);
    assert_false(run(&shell));
    pthread_join(thread, NULL);
    assert_int_equal(shell.err.kind, ERR_CANCELLED);
    check_complaint(&shell, ""); /* the end comes: nobody is left */
    close_shell(&shell);
}

static void test_nothing_is_started_after_a_request(void **state)
{
    struct shell shell;

    (void)state;
    open_shell(&shell, "printf r >&2");
    cancel_request(&shell.cancel);
    assert_false(run(&shell));
    assert_int_equal(shell.err.kind, ERR_CANCELLED);
    check_complaint(&shell, "");
    close_shell(&shell);
}

static void test_a_program_that_is_not_there_is_told(void **state)
{
    struct shell shell;

    (void)state;
    open_shell(&shell, "");
    shell.argv[0] = "no-such-program";
    assert_false(run(&shell));
    assert_int_equal(shell.err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(shell.err.message, "no-such-program"));
    close_shell(&shell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_runs_in_its_folder_and_ends_with_a_code),
        cmocka_unit_test(test_a_signal_is_no_code),
        cmocka_unit_test(test_our_files_and_blocked_signals_stay_ours),
        cmocka_unit_test(test_a_request_ends_it_and_what_it_has_started),
        cmocka_unit_test(test_nothing_is_started_after_a_request),
        cmocka_unit_test(test_a_program_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
