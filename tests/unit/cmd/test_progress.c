#include "check.h"

#include "cmd/progress.h"

/* What a display wrote, with a clock that the test turns. */
static double now_s = 100;

static double fake_clock(void)
{
    return now_s;
}

struct screen {
    FILE *file;
    char *text;
    size_t length;
    struct progress *progress;
};

static void screen_begin(struct screen *screen, bool is_terminal, int columns, const char *label)
{
    screen->file = open_memstream(&screen->text, &screen->length);
    const struct progress_output output = {
        .file = screen->file, .is_terminal = is_terminal, .columns = columns, .now = fake_clock
    };
    now_s = 100;
    screen->progress = progress_create_on(&output, label);
}

/* Ends the display; the text is the caller's. */
static char *screen_end(struct screen *screen)
{
    progress_destroy(screen->progress);
    fclose(screen->file);
    return screen->text;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *p = text; (p = strstr(p, what)); p++)
        n++;
    return n;
}

static void test_a_log_gets_a_line_only_after_time_and_distance(void **state)
{
    struct screen screen;

    (void)state;
    screen_begin(&screen, false, 80, "speaking");
    for (int i = 0; i <= 1000; i++) { /* 100 s, 0.1 % each step */
        progress_fraction(screen.progress, i / 1000.0);
        now_s += 0.1;
    }
    char *text = screen_end(&screen);
    assert_in_range(count(text, "\n"), 8, 10);
    assert_int_equal(count(text, "\033"), 0);
    assert_non_null(strstr(text, "speaking:  50 %, 0:50 left\n"));
    free(text);
}

static void test_something_short_says_nothing_in_a_log(void **state)
{
    struct screen screen;

    (void)state;
    screen_begin(&screen, false, 80, "speaking");
    for (int i = 0; i <= 10; i++) {
        progress_fraction(screen.progress, i / 10.0);
        now_s += 0.4;
    }
    char *text = screen_end(&screen);
    check_text("log", text, "");
    free(text);
}

static void test_a_terminal_line_never_wraps(void **state)
{
    static const int widths[] = { 20, 40, 80, 200 };

    (void)state;
    for (size_t i = 0; i < COUNT(widths); i++) {
        struct screen screen;

        screen_begin(&screen, true, widths[i], "kokoro: vøices of many länguages");
        progress_bytes(screen.progress, 0, 325532232);
        now_s += 10;
        progress_bytes(screen.progress, 100000000, 325532232);
        char *text = screen_end(&screen);
        const char *line = strstr(text, "\033[K");
        while (line) {
            int columns = 0;

            line += 3;
            for (; *line && *line != '\r'; line++)
                columns += ((unsigned char)*line & 0xC0) != 0x80;
            check_case(text, columns < widths[i]);
            line = strstr(line, "\033[K");
        }
        free(text);
    }
}

static void test_a_terminal_shows_amount_rate_and_time_left(void **state)
{
    struct screen screen;

    (void)state;
    screen_begin(&screen, true, 120, "kokoro");
    progress_bytes(screen.progress, 100000000, 300000000); /* resumed: no part of the rate */
    now_s += 10;
    progress_bytes(screen.progress, 200000000, 300000000);
    char *text = screen_end(&screen);
    check_case(text, strstr(text, " 67 %, 200.0 of 300.0 MB, 10.0 MB/s, 0:10 left"));
    check_case(text, strstr(text, "[================        ]"));
    free(text);
}

static void test_a_terminal_is_not_redrawn_for_each_step(void **state)
{
    struct screen screen;

    (void)state;
    screen_begin(&screen, true, 80, "speaking");
    for (int i = 0; i < 10000; i++) { /* one second */
        progress_fraction(screen.progress, i / 10000.0);
        now_s += 0.0001;
    }
    char *text = screen_end(&screen);
    assert_in_range(count(text, "speaking"), 5, 12);
    free(text);
}

static void test_a_note_stands_on_a_line_of_its_own(void **state)
{
    struct screen screen;

    (void)state;
    screen_begin(&screen, true, 80, "pulling");
    progress_fraction(screen.progress, 0.5);
    progress_note(screen.progress, "%s is there", "kokoro");
    char *text = screen_end(&screen);
    check_case(text, strstr(text, "\r\033[Kkokoro is there\n"));
    free(text);
}

static void test_a_size_that_is_not_known_has_no_percentage(void **state)
{
    struct screen screen;

    (void)state;
    screen_begin(&screen, true, 80, "pulling");
    progress_bytes(screen.progress, 1000000, 0);
    now_s += 2;
    progress_bytes(screen.progress, 5000000, 0);
    char *text = screen_end(&screen);
    check_case(text, strstr(text, "pulling 5.0 MB, 2.0 MB/s"));
    check_case(text, !strchr(text, '%'));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_log_gets_a_line_only_after_time_and_distance),
        cmocka_unit_test(test_something_short_says_nothing_in_a_log),
        cmocka_unit_test(test_a_terminal_line_never_wraps),
        cmocka_unit_test(test_a_terminal_shows_amount_rate_and_time_left),
        cmocka_unit_test(test_a_terminal_is_not_redrawn_for_each_step),
        cmocka_unit_test(test_a_note_stands_on_a_line_of_its_own),
        cmocka_unit_test(test_a_size_that_is_not_known_has_no_percentage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
