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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_stays_on_its_line_whatever_is_in_it),
        cmocka_unit_test(test_lines_above_the_level_are_dropped),
        cmocka_unit_test(test_levels_are_known_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
