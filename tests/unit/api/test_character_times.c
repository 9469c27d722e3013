#include "api/character_times.h"

#include "check.h"

#define WORDS_MAX 8

struct spoken_text {
    const char *name, *text;
    struct timed_word words[WORDS_MAX];
    size_t count;
    double seconds;
    const char *expected; /* "character start-end" a line */
};

static void tell(const struct spoken_text *spoken, struct character_times *times)
{
    character_times_init(times, spoken->text, strlen(spoken->text));
    for (size_t i = 0; i < spoken->count; i++)
        character_times_add(times, &spoken->words[i]);
    character_times_end(times, spoken->seconds);
}

static char *show(const struct character_times *times)
{
    struct buf out = BUF(65536);

    for (size_t i = 0; i < times->count; i++) {
        size_t end = i + 1 < times->count ? times->items[i + 1].start : times->length;

        buf_format(&out, "%.*s %.2f-%.2f\n", (int)(end - times->items[i].start),
                   times->text + times->items[i].start, times->items[i].start_s,
                   times->items[i].end_s);
    }
    return buf_take(&out);
}

static void test_each_character_lies_in_its_word(void **state)
{
    static const struct spoken_text cases[] = {
        { "two words and what is around them",
          "-ab cd.",
          { { 1, 3, 0.5, 1.5 }, { 4, 6, 2, 3 } },
          2,
          4,
          "- 0.00-0.50\na 0.50-1.00\nb 1.00-1.50\n  1.50-2.00\nc 2.00-2.50\nd 2.50-3.00\n"
          ". 3.00-4.00\n" },
        { "characters of several bytes",
          "é🙂",
          { { 0, 2, 0, 1 } },
          1,
          2,
          "é 0.00-1.00\n🙂 1.00-2.00\n" },
        { "a word that is several spoken ones",
          "$5 x",
          { { 0, 2, 0, 1 }, { 0, 2, 1, 2 }, { 3, 4, 3, 4 } },
          3,
          4,
          "$ 0.00-1.00\n5 1.00-2.00\n  2.00-3.00\nx 3.00-4.00\n" },
        { "words next to each other",
          "ab",
          { { 0, 1, 0, 1 }, { 1, 2, 2, 3 } },
          2,
          3,
          "a 0.00-1.00\nb 2.00-3.00\n" },
        { "no words", "ab", { { 0 } }, 0, 1, "a 0.00-0.50\nb 0.50-1.00\n" },
        { "no text", "", { { 0 } }, 0, 1, "" },
        { "times that overlap",
          "a b",
          { { 0, 1, 0, 2 }, { 2, 3, 1, 3 } },
          2,
          3,
          "a 0.00-2.00\n  2.00-2.00\nb 2.00-3.00\n" },
        { "a word behind its time",
          "a b",
          { { 2, 3, 1, 2 }, { 0, 1, 2, 3 } },
          2,
          3,
          "a 0.00-0.50\n  0.50-1.00\nb 1.00-3.00\n" },
        { "a sound that ends early",
          "a bc",
          { { 0, 1, 0, 2 } },
          1,
          1,
          "a 0.00-2.00\n  2.00-2.00\nb 2.00-2.00\nc 2.00-2.00\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct character_times times;

        tell(&cases[i], &times);
        char *got = show(&times);
        check_text(cases[i].name, got, cases[i].expected);
        free(got);
        character_times_release(&times);
    }
}

static void test_what_is_known_can_be_told_before_the_end(void **state)
{
    struct character_times times;

    (void)state;
    character_times_init(&times, "ab cd", 5);
    character_times_add(&times, &(struct timed_word){ 0, 2, 0, 1 });
    assert_int_equal(times.count, 0); /* the next may be the same word */
    character_times_add(&times, &(struct timed_word){ 3, 5, 2, 3 });
    assert_int_equal(times.count, 2);
    character_times_end(&times, 3);
    assert_int_equal(times.count, 5);
    character_times_release(&times);
}

static void test_the_lists_are_of_one_length(void **state)
{
    struct buf json = BUF(4096);
    struct json_writer w = JSON_WRITER(&json);
    struct character_times times;

    (void)state;
    character_times_init(&times, "a\"ü", 4);
    character_times_add(&times, &(struct timed_word){ 0, 4, 0, 1 });
    character_times_end(&times, 1);
    character_times_write(&times, &w, NULL, 0, 2);
    check_text("the first two", json.data,
               "{\"characters\":[\"a\",\"\\\"\"],\"character_start_times_seconds\":[0,0.333],"
               "\"character_end_times_seconds\":[0.333,0.667]}");
    buf_release(&json);

    w = JSON_WRITER(&json); /* buf_release has emptied it */
    character_times_write(&times, &w, NULL, 2, times.count);
    check_text("the rest", json.data,
               "{\"characters\":[\"ü\"],\"character_start_times_seconds\":[0.667],"
               "\"character_end_times_seconds\":[1]}");
    buf_release(&json);
    character_times_release(&times);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_character_lies_in_its_word),
        cmocka_unit_test(test_what_is_known_can_be_told_before_the_end),
        cmocka_unit_test(test_the_lists_are_of_one_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
