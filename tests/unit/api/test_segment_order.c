#include "api/segment_order.h"

#include "check.h"

/* Ids are single letters here. */
static char *explained(const char *order, const char *own)
{
    struct arena arena = ARENA;
    struct field_errors errors = { .arena = &arena };
    struct buf out = BUF(65536);
    struct json_writer w = JSON_WRITER(&out);
    size_t order_count = strlen(order), own_count = strlen(own);
    const char **ids = arena_alloc(&arena, (order_count + 1) * sizeof *ids);
    struct segment *segments = arena_alloc(&arena, (own_count + 1) * sizeof *segments);

    for (size_t i = 0; i < order_count; i++)
        ids[i] = arena_strndup(&arena, order + i, 1);
    for (size_t i = 0; i < own_count; i++)
        segments[i].id = arena_strndup(&arena, own + i, 1);
    segment_order_explain(&(struct text_items){ ids, order_count },
                          &(struct segment_list){ .items = segments, .count = (int64_t)own_count },
                          &errors);
    field_errors_write(&errors, &w);
    arena_release(&arena);
    return buf_take(&out);
}

static void test_each_kind_of_mistake_names_its_ids(void **state)
{
    static const struct {
        const char *name, *order, *own, *mistakes;
    } cases[] = {
        { "the same", "abc", "abc", "{}" },
        { "another order", "cab", "abc", "{}" },
        { "nothing of nothing", "", "", "{}" },
        { "one missing", "ca", "abc", "{\"order\":[\"Missing: b.\"]}" },
        { "the last missing", "ab", "abc", "{\"order\":[\"Missing: c.\"]}" },
        { "all missing", "", "ab", "{\"order\":[\"Missing: a, b.\"]}" },
        { "a foreign one", "abxc", "abc", "{\"order\":[\"Not of this project: x.\"]}" },
        { "one twice", "abcb", "abc", "{\"order\":[\"Named twice: b.\"]}" },
        { "one thrice is told once", "bbabc", "abc", "{\"order\":[\"Named twice: b.\"]}" },
        { "a foreign one twice", "xabcx", "abc",
          "{\"order\":[\"Named twice: x.\",\"Not of this project: x.\"]}" },
        { "the last twice", "abcc", "abc", "{\"order\":[\"Named twice: c.\"]}" },
        { "all kinds", "aaxb", "abc",
          "{\"order\":[\"Named twice: a.\",\"Not of this project: x.\",\"Missing: c.\"]}" },
        { "many", "", "abcdefgh", "{\"order\":[\"Missing: a, b, c, d, e and 3 more.\"]}" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *got = explained(cases[i].order, cases[i].own);

        check_text(cases[i].name, got, cases[i].mistakes);
        free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_of_mistake_names_its_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
