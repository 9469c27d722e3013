#include "check.h"

#include "base/alloc.h"
#include "text/vocab.h"

static void test_built_in_tables_hold_the_published_ids(void **state)
{
    static const struct {
        enum vocab_builtin which;
        uint32_t symbol;
        int32_t id; /* -1: not there */
    } cases[] = {
        { VOCAB_KOKORO_V1, ' ', 16 },      { VOCAB_KOKORO_V1, 0x261, 92 },
        { VOCAB_KOKORO_V1, 'g', -1 },      { VOCAB_KOKORO_V1, 0x303, 17 },
        { VOCAB_KOKORO_V1, 'A', 24 },      { VOCAB_KOKORO_V1, 0x2C8, 156 },
        { VOCAB_KOKORO_V019, 'A', 17 },    { VOCAB_KOKORO_V019, '$', 0 },
        { VOCAB_KITTEN, '"', 15 },         { VOCAB_KITTEN, 0x329, 175 },
        { VOCAB_KOKORO_V1, 0x10FFFF, -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct vocab *vocab = vocab_builtin(cases[i].which);
        size_t count;
        const int32_t *ids = vocab_find(vocab, cases[i].symbol, &count);

        assert_int_equal(count, cases[i].id >= 0);
        if (cases[i].id >= 0)
            assert_int_equal(*ids, cases[i].id);
        else
            assert_null(ids);
        vocab_destroy(vocab);
    }
}

static void test_a_symbol_may_have_several_ids(void **state)
{
    const char json[] = "{\"a\": [3, 4], \"\\u0283\": [5], \"ts\": [9], \"b\": 6, \"\": 1}";
    struct err err = { 0 };
    size_t count;

    (void)state;
    struct vocab *vocab = vocab_from_json(json, strlen(json), "phoneme_id_map", &err);
    assert_non_null(vocab);
    const int32_t *ids = vocab_find(vocab, 'a', &count);
    assert_int_equal(count, 2);
    assert_int_equal(ids[0], 3);
    assert_int_equal(ids[1], 4);
    assert_int_equal(*vocab_find(vocab, 0x283, &count), 5);
    assert_int_equal(*vocab_find(vocab, 'b', &count), 6);
    assert_null(vocab_find(vocab, 't', &count));
    assert_int_equal(count, 0);
    vocab_destroy(vocab);
}

static void test_what_is_no_table_is_refused(void **state)
{
    static const char *const cases[] = { "",
                                         "[]",
                                         "{}",
                                         "{\"a\": 1",
                                         "{\"a\": \"x\"}",
                                         "{\"a\": [1, null]}",
                                         "{\"a\": -1}",
                                         "{\"a\": 1.5}",
                                         "{\"a\": 3000000000}" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };

        assert_null(vocab_from_json(cases[i], strlen(cases[i]), "voice.json", &err));
        assert_int_not_equal(err.kind, ERR_NONE);
        assert_non_null(strstr(err.message, "voice.json"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_in_tables_hold_the_published_ids),
        cmocka_unit_test(test_a_symbol_may_have_several_ids),
        cmocka_unit_test(test_what_is_no_table_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
