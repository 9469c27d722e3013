#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "corpus.h"
#include "text/normalize.h"

/* The reading of input, which the caller frees. */
static char *reading_of(const char *input, const char *language)
{
    struct origin_text in, out;
    struct err err = { 0 };

    assert_true(origin_from_input(&in, input, strlen(input), &err));
    origin_text_init(&out, in.input_len);
    if (!normalize(&in, language, &out, &err))
        fail_msg("%s", err.message);
    for (size_t i = 1; i < out.text.len; i++)
        assert_true(out.origin[i - 1] <= out.origin[i] && out.origin[i] <= in.input_len);
    char *reading = buf_take(&out.text);
    origin_text_release(&out);
    origin_text_release(&in);
    return reading;
}

static bool reads_as(const char *input, const char *language, const char *expected)
{
    char *reading = reading_of(input, language);
    bool is_same = strcmp(reading, expected) == 0;

    if (!is_same)
        print_error("  input  %s\n  wanted %s\n  got    %s\n", input, expected, reading);
    free(reading);
    return is_same;
}

static void check_corpus(const char *name, size_t least_rows)
{
    struct corpus corpus = corpus_open(name);
    size_t wrong = 0;

    assert_true(corpus.count >= least_rows);
    for (size_t i = 0; i < corpus.count; i++) {
        const struct corpus_row *row = &corpus.rows[i];
        const char *language = row->cells[2][0] ? row->cells[2] : "en-us";
        if (!reads_as(row->cells[0], language, row->cells[1])) {
            print_error("  at %s:%zu\n", name, row->line);
            wrong++;
        }
    }
    corpus_close(&corpus);
    assert_int_equal(wrong, 0);
}

static void test_every_row_of_the_corpus_is_read_as_expected(void **state)
{
    (void)state;
    check_corpus("normalization_cases.tsv", 260);
}

static void test_every_row_of_the_second_corpus_is_read_as_expected(void **state)
{
    (void)state;
    check_corpus("normalization_more.tsv", 300);
}

static void test_a_reading_is_read_again_without_a_change(void **state)
{
    struct corpus corpus = corpus_open("normalization_cases.tsv");
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < corpus.count; i++)
        wrong += !reads_as(corpus.rows[i].cells[1], "en-us", corpus.rows[i].cells[1]);
    corpus_close(&corpus);
    assert_int_equal(wrong, 0);
}

static void test_words_of_the_reading_know_where_they_come_from(void **state)
{
    /* A word of the reading, where it stems from, and whether all of its bytes do. */
    static const struct {
        const char *word;
        uint32_t origin;
        bool is_new;
    } expected[] = {
        { "It", 0, false },     { "costs", 3, false }, { "five", 9, true },
        { "dollars", 9, true }, { "and", 9, true },    { "fifty", 9, true },
        { "cents", 9, true },   { "now", 15, false },  { ".", 18, false },
    };
    const char *input = "It costs $5.50 now.";
    struct origin_text in, out;
    struct err err = { 0 };

    (void)state;
    assert_true(origin_from_input(&in, input, strlen(input), &err));
    origin_text_init(&out, in.input_len);
    assert_true(normalize(&in, "en-us", &out, &err));
    assert_string_equal(out.text.data, "It costs five dollars and fifty cents now.");
    for (size_t i = 0; i < COUNT(expected); i++) {
        const char *found = strstr(out.text.data, expected[i].word);
        assert_non_null(found);
        for (uint32_t k = 0; k < strlen(expected[i].word); k++)
            assert_int_equal(out.origin[(size_t)(found - out.text.data) + k],
                             expected[i].origin + (expected[i].is_new ? 0 : k));
    }
    origin_text_release(&in);
    origin_text_release(&out);
}

static void test_origins_survive_marks_entities_and_emoji(void **state)
{
    const char *input = "\xF0\x9F\x8E\x89 **Tom** &amp; [Jo](http://x.org) <b>ran</b> 5 km.";
    static const char *const words[] = { "Tom", "Jo", "ran" };
    struct origin_text in, out;
    struct err err = { 0 };

    (void)state;
    assert_true(origin_from_input(&in, input, strlen(input), &err));
    origin_text_init(&out, in.input_len);
    assert_true(normalize(&in, "en-us", &out, &err));
    assert_string_equal(out.text.data, "Tom and Jo ran five kilometers.");
    for (size_t i = 0; i < COUNT(words); i++) {
        size_t at = (size_t)(strstr(out.text.data, words[i]) - out.text.data);
        assert_memory_equal(input + out.origin[at], words[i], strlen(words[i]));
    }
    size_t five = (size_t)(strstr(out.text.data, "five") - out.text.data);
    assert_memory_equal(input + out.origin[five], "5 km", 4);
    origin_text_release(&in);
    origin_text_release(&out);
}

static void test_it_appends_to_what_is_there(void **state)
{
    struct origin_text in, out;
    struct err err = { 0 };

    (void)state;
    assert_true(origin_from_input(&in, " 5 ", 3, &err));
    origin_text_init(&out, in.input_len);
    origin_append(&out, "A ", 2, 0);
    assert_true(normalize(&in, "en-us", &out, &err));
    assert_true(normalize(&in, "fr", &out, &err));
    assert_string_equal(out.text.data, "A five5");
    origin_text_release(&in);
    origin_text_release(&out);
}

static void test_markers_are_copied_and_no_rule_crosses_them(void **state)
{
    static const char *const rows[][2] = {
        { "\uE000 5 km \uE001.", "\uE000 five kilometers \uE001." },
        { "$\uE000 5", "$\uE000 five" },
        { "March \uE000 5", "March \uE000 five" },
        { "5 \uE000 km", "five \uE000 km" },
        { "5\uE000km", "five \uE000km" },
        { "Dr. \uE000 Smith", "Doctor \uE000 Smith" },
        { "a\uE123b.com", "a\uE123b.com" },
        { "**\uF8FF**", "\uF8FF" },
        { "\uE000", "\uE000" },
    };
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        wrong += !reads_as(rows[i][0], "en-us", rows[i][1]);
    assert_int_equal(wrong, 0);
}

static void test_an_entity_cannot_forge_a_marker(void **state)
{
    char *reading = reading_of("a &#xE000; b &#57344; c", "fr");

    (void)state;
    assert_null(strstr(reading, "\uE000"));
    free(reading);
}

static void test_empty_and_blank_texts_have_an_empty_reading(void **state)
{
    static const char *const inputs[] = { "", " ", "\n\n \t\n", "\uFEFF", "***", "\u200B", "---" };
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++)
        wrong += !reads_as(inputs[i], "en-us", "") + !reads_as(inputs[i], "de", "");
    assert_int_equal(wrong, 0);
}

static void test_numbers_of_any_length_are_read(void **state)
{
    enum { LENGTH = 100000 };
    char *digits = malloc(LENGTH + 1);
    size_t words = 1;

    (void)state;
    assert_non_null(digits);
    memset(digits, '7', LENGTH);
    digits[LENGTH] = '\0';
    char *reading = reading_of(digits, "en-us");
    for (const char *c = reading; *c; c++)
        words += *c == ' ';
    assert_int_equal(words, LENGTH);
    assert_int_equal(strlen(reading), LENGTH * strlen("seven ") - 1);
    free(reading);
    free(digits);
}

static void test_a_reading_that_outgrows_its_buffer_is_refused(void **state)
{
    struct origin_text in, out;
    struct err err = { 0 };

    (void)state;
    assert_true(origin_from_input(&in, "777 777", 7, &err));
    origin_text_init(&out, in.input_len);
    out.text.max = 20;
    assert_false(normalize(&in, "en-us", &out, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    origin_text_release(&in);
    origin_text_release(&out);
}

/* ---- time ---- */

#define MAX_SECONDS 2.0 /* for 1 MiB; the worst took 0.6 where this was written */

#ifdef __has_feature
#define HAS_FEATURE(feature) __has_feature(feature)
#else
#define HAS_FEATURE(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
#define SLOWNESS 8 /* such builds get less to read, so that the test takes as long */
#else
#define SLOWNESS 1
#endif

/* Of this thread's own work, so that a busy machine changes nothing. */
static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds for length bytes of part again and again. */
static double seconds_for(const char *part, size_t length)
{
    struct origin_text in, out;
    struct err err = { 0 };
    size_t part_length = strlen(part), count = length / part_length;
    char *text = malloc(count * part_length + 1);

    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * part_length, part, part_length);
    assert_true(origin_from_input(&in, text, count * part_length, &err));
    origin_text_init(&out, in.input_len);
    double start = cpu_seconds();
    bool is_done = normalize(&in, "en-us", &out, &err);
    double seconds = cpu_seconds() - start;
    assert_true(is_done);
    origin_text_release(&out);
    origin_text_release(&in);
    free(text);
    return seconds;
}

static void test_a_megabyte_of_the_worst_takes_no_time(void **state)
{
    static const char *const parts[] = { "7",  "1.",  "1/1/", "$1,", "[", "*",  "<",
                                         "\"", "5\"", "](",   "a.",  "`", "7,", "- a\n" };
    enum { LENGTH = (1 << 20) / SLOWNESS };

    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        double seconds = seconds_for(parts[i], LENGTH);
        if (seconds > MAX_SECONDS)
            fail_msg("\"%s\": %.3f s for 1 MiB", parts[i], seconds);
    }
}

static void test_time_grows_with_the_length_only(void **state)
{
    static const char *const parts[] = {
        "7",
        "7,",
        "777,",
        "1.",
        "1/",
        "1/1/",
        "1-",
        "1:",
        "1:11",
        "$1,",
        "$1-",
        "$",
        "[",
        "]",
        "](",
        "[a](",
        "[](\"",
        "![",
        "[^",
        "(",
        "(555) ",
        "+1 ",
        "*",
        "* ",
        "**a",
        "_",
        "_a",
        "`",
        "``a`",
        "~",
        "~~",
        "<",
        "<a ",
        "<!--",
        "<script>",
        "</",
        "&",
        "&#",
        "&amp;",
        "\\",
        "\"",
        "'",
        "'9",
        ".",
        ". ",
        "!",
        "?!",
        "-",
        "--a",
        "- ",
        "=",
        "#",
        "# ",
        ">",
        "> ",
        "|",
        "|-|\n",
        "a|b\n",
        "```\n",
        "a.",
        "a.b@",
        "a@a.a",
        "http://",
        "www.",
        "/a",
        "C:\\",
        "U.S.",
        "J. ",
        "e.g. ",
        "St. ",
        "XIV ",
        "IIII",
        "MMMM",
        "King X ",
        "May 5 ",
        "5 May ",
        "Dr. ",
        "No. ",
        "5x",
        "5 x ",
        "5'",
        "5\"",
        "1e",
        "1e1",
        "10^",
        "1\xC2\xBD",
        "\xC2\xB2",
        "\xF0\x9F\x8E\x89",
        "\xF0\x9F\x91\xA8\xE2\x80\x8D",
        "e\xCC\x81",
        "\xCC\x81",
        "\xE2\x80\x8B",
        "\xEF\xBC\x8C",
        "\xC2\xAB ",
        "\xEE\x80\x80",
        "\n",
        "a\n",
        "a\n\n",
        "\r",
        "1. a\n",
        "- a\n",
        "x",
        "1 1/",
        "2024-01-",
        "ISBN 1-",
        "call ",
        "9am-",
        "5 km-",
        "5 km/h/",
        "1980s-",
    };
    enum { SMALL = (32 << 10) / SLOWNESS, LARGE = 4 * SMALL, TRIES = 3 };

    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        double small = 0, large = 0;
        bool is_linear = false;
        for (int try = 0; try < TRIES && !is_linear; try++) {
            small = seconds_for(parts[i], SMALL);
            large = seconds_for(parts[i], LARGE);
            /* Quadratic growth takes sixteen times as long. The sum lets what is too short to be
             * measured pass. */
            is_linear = large < 8 * small + 0.02;
        }
        if (!is_linear)
            fail_msg("\"%s\": %.3f s for a length, %.3f s for four times that", parts[i], small,
                     large);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_of_the_corpus_is_read_as_expected),
        cmocka_unit_test(test_every_row_of_the_second_corpus_is_read_as_expected),
        cmocka_unit_test(test_a_reading_is_read_again_without_a_change),
        cmocka_unit_test(test_words_of_the_reading_know_where_they_come_from),
        cmocka_unit_test(test_origins_survive_marks_entities_and_emoji),
        cmocka_unit_test(test_it_appends_to_what_is_there),
        cmocka_unit_test(test_markers_are_copied_and_no_rule_crosses_them),
        cmocka_unit_test(test_an_entity_cannot_forge_a_marker),
        cmocka_unit_test(test_empty_and_blank_texts_have_an_empty_reading),
        cmocka_unit_test(test_numbers_of_any_length_are_read),
        cmocka_unit_test(test_a_reading_that_outgrows_its_buffer_is_refused),
        cmocka_unit_test(test_a_megabyte_of_the_worst_takes_no_time),
        cmocka_unit_test(test_time_grows_with_the_length_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
