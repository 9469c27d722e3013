#include <pthread.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "check.h"

/* The log of one call, at a level. */
static char *logged(enum log_level level, void (*call)(void))
{
    struct buf lines = BUF(65536);
    char *folder = temp_folder();
    char *file = path_join(folder, "log");
    struct err err;

    check_ok(log_open(level, file, &err), &err);
    call();
    log_close();
    check_ok(file_read(file, &lines, &err), &err);
    free(file);
    temp_folder_remove(folder);
    return buf_take(&lines);
}

static void log_a_strange_name(void)
{
    log_warning("engine", "there is no voice \"%s\"",
                "a\n[2000-01-01] [ERROR] [x] forged\r\x1b[2J");
}

static void test_a_message_stays_on_its_line_whatever_is_in_it(void **state)
{
    char *lines = logged(LOG_WARNING, log_a_strange_name);

    (void)state;
    assert_ptr_equal(strchr(lines, '\n'), lines + strlen(lines) - 1);
    assert_null(strchr(lines, '\r'));
    assert_null(strchr(lines, '\x1b'));
    assert_non_null(strstr(lines, "[WARNING] [engine] there is no voice \"a [2000"));
    free(lines);
}

static void log_at_every_level(void)
{
    log_error("test", "one");
    log_warning("test", "two");
    log_info("test", "three");
    log_debug("test", "four");
}

static void test_lines_above_the_level_are_dropped(void **state)
{
    char *lines = logged(LOG_INFO, log_at_every_level);

    (void)state;
    assert_non_null(strstr(lines, "[ERROR] [test] one\n"));
    assert_non_null(strstr(lines, "[INFO] [test] three\n"));
    assert_null(strstr(lines, "four"));
    free(lines);
}

static void test_levels_are_known_by_their_names(void **state)
{
    (void)state;
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        enum log_level level = LOG_ERROR;

        assert_true(log_level_parse(log_level_name((enum log_level)i), &level));
        assert_int_equal(level, i);
    }
    enum log_level level;
    assert_true(log_level_parse("debug", &level));
    assert_false(log_level_parse("loud", &level));
}

static void *log_from_another_thread(void *unused)
{
    log_info("other", "elsewhere");
    return unused;
}

static void log_for_a_request_and_its_task(void)
{
    struct log_context request, task;
    pthread_t other;

    log_context_begin(&request, "req_1");
    log_info("http", "asked");
    log_context_begin(&task, "tts_2");
    log_info("jobs", "spoken");
    assert_int_equal(pthread_create(&other, NULL, log_from_another_thread, NULL), 0);
    pthread_join(other, NULL);
    log_context_end(&task);
    log_info("http", "answered");
    log_context_end(&request);
    log_info("cmd", "idle");
}

static void test_a_line_ends_in_the_id_its_thread_works_for(void **state)
{
    char *lines = logged(LOG_INFO, log_for_a_request_and_its_task);

    (void)state;
    assert_non_null(strstr(lines, "[http] asked [req_1]\n"));
    assert_non_null(strstr(lines, "[jobs] spoken [tts_2]\n"));
    assert_non_null(strstr(lines, "[other] elsewhere\n"));
    assert_non_null(strstr(lines, "[http] answered [req_1]\n"));
    assert_non_null(strstr(lines, "[cmd] idle\n"));
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_stays_on_its_line_whatever_is_in_it),
        cmocka_unit_test(test_lines_above_the_level_are_dropped),
        cmocka_unit_test(test_levels_are_known_by_their_names),
        cmocka_unit_test(test_a_line_ends_in_the_id_its_thread_works_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
