#include "api/lists.h"

#include "check.h"

struct word {
    const char *text;
};

static const struct field word_fields[] = {
    { "text", FIELD_TEXT, .offset = offsetof(struct word, text) },
};

static const struct shape word_shape = { "Word",      "A word.",          SHAPE_ANSWER,
                                         word_fields, COUNT(word_fields), sizeof(struct word) };

static const struct word words[] = { { "a" }, { "b" } };
static const struct list_items both = { words, COUNT(words) };

static void test_the_query_decides_the_page(void **state)
{
    static const struct {
        const char *name, *page, *page_size;
        bool is_good, is_paged;
        int64_t offset, limit;
    } cases[] = {
        { "neither", NULL, NULL, true, false, 0, 0 },
        { "the first", "1", NULL, true, true, 0, 50 },
        { "the third", "3", NULL, true, true, 100, 50 },
        { "a size", NULL, "7", true, true, 0, 7 },
        { "both", "2", "7", true, true, 7, 7 },
        { "a size cut", "2", "100000", true, true, 1000, 1000 },
        { "no size", NULL, "0", true, true, 0, 50 },
        { "a negative size", NULL, "-3", true, true, 0, 50 },
        { "a wordy size", NULL, "many", true, true, 0, 50 },
        { "page 0", "0", NULL, false, true, 0, 0 },
        { "a negative page", "-1", NULL, false, true, 0, 0 },
        { "a wordy page", "two", NULL, false, true, 0, 0 },
        { "an empty page", "", NULL, false, true, 0, 0 },
        { "a huge page", "9223372036854775807", "1000", false, true, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct list list = { 0 };
        struct err err = { 0 };

        check_case(cases[i].name, list_parse_page(&list, cases[i].page, cases[i].page_size, &err) ==
                                      cases[i].is_good);
        check_case(cases[i].name, list.is_paged == cases[i].is_paged);
        check_case(cases[i].name, list.page.offset == cases[i].offset);
        check_case(cases[i].name, list.page.limit == cases[i].limit);
        if (!cases[i].is_good) {
            check_case(cases[i].name, err.kind == ERR_NOT_FOUND);
            check_text(cases[i].name, err.message, "Invalid page.");
        }
    }
}

static void test_a_page_behind_the_last_is_refused(void **state)
{
    static const struct {
        const char *page;
        int64_t total;
        bool is_good;
    } cases[] = {
        { "1", 0, true },    { "2", 50, false }, { "2", 51, true },
        { "3", 100, false }, { NULL, 0, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct list list = { 0 };
        struct err err = { 0 };

        check_ok(list_parse_page(&list, cases[i].page, NULL, &err), &err);
        check_case(cases[i].page ? cases[i].page : "all",
                   list_check_page(&list, cases[i].total, &err) == cases[i].is_good);
    }
}

static char *written(const char *page, const char *page_size, int64_t total)
{
    struct arena arena = ARENA;
    struct buf out = BUF(4096);
    struct json_writer w = JSON_WRITER(&out);
    struct list list = { .address = "http://127.0.0.1:8100/api/words/", .kept = "" };
    struct err err;

    list_keep(&list, &arena, "search", "a b&c=ä");
    if (page_size)
        list_keep(&list, &arena, "page_size", page_size);
    assert_true(list_parse_page(&list, page, page_size, &err));
    list_write(&list, &w, &word_shape, &both, total);
    arena_release(&arena);
    return buf_take(&out);
}

#define LINK(number, rest)                                                                         \
    "\"http://127.0.0.1:8100/api/words/?page=" number "&search=a%20b%26c%3D%C3%A4" rest "\""

static void test_links_keep_the_query(void **state)
{
    static const struct {
        const char *name, *page, *page_size;
        int64_t total;
        const char *expected;
    } cases[] = {
        { "all", NULL, NULL, 2, "[{\"text\":\"a\"},{\"text\":\"b\"}]" },
        { "the only", "1", NULL, 2,
          "{\"count\":2,\"next\":null,\"previous\":null,"
          "\"results\":[{\"text\":\"a\"},{\"text\":\"b\"}]}" },
        { "a middle one", "2", "2", 6,
          "{\"count\":6,\"next\":" LINK("3", "&page_size=2") ",\"previous\":" LINK(
              "1", "&page_size=2") ",\"results\":[{\"text\":\"a\"},{\"text\":\"b\"}]}" },
        { "the last", "2", NULL, 52,
          "{\"count\":52,\"next\":null,\"previous\":" LINK(
              "1", "") ",\"results\":[{\"text\":\"a\"},{\"text\":\"b\"}]}" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *got = written(cases[i].page, cases[i].page_size, cases[i].total);

        check_text(cases[i].name, got, cases[i].expected);
        free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_query_decides_the_page),
        cmocka_unit_test(test_a_page_behind_the_last_is_refused),
        cmocka_unit_test(test_links_keep_the_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
