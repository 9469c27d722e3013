#include "check.h"

#include <unistd.h>

#include "base/file.h"
#include "text/lexicon.h"

/* A lexicon of these lines in a file of its own, which is gone again. */
static struct lexicon *open_lines(const char *lines, struct err *err)
{
    char path[] = "/tmp/lexicon-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    assert_true(file_write(path, lines, strlen(lines), err));
    struct lexicon *lexicon = lexicon_open(path, err);
    unlink(path);
    return lexicon;
}

static const char *replacement(const struct lexicon *lexicon, const char *word)
{
    const struct lexicon_entry *entry = lexicon_find(lexicon, word, strlen(word));

    return entry ? entry->replacement : NULL;
}

static void test_entries_are_words_or_phonemes(void **state)
{
    struct err err = { 0 };
    struct lexicon *lexicon = open_lines("# names\n\nSQL\tsequel\r\nnginx\t/ˈɛndʒɪn ˈɛks/\n", &err);

    (void)state;
    assert_non_null(lexicon);
    const struct lexicon_entry *sql = lexicon_find(lexicon, "SQL", 3);
    assert_string_equal(sql->replacement, "sequel");
    assert_false(sql->is_phonemes);
    const struct lexicon_entry *nginx = lexicon_find(lexicon, "nginx", 5);
    assert_string_equal(nginx->replacement, "ˈɛndʒɪn ˈɛks");
    assert_true(nginx->is_phonemes);
    lexicon_close(lexicon);
}

static void test_case_counts_only_for_words_with_a_capital(void **state)
{
    struct err err = { 0 };
    struct lexicon *lexicon = open_lines("Polish\t/pˈoʊlɪʃ/\nécole\tacole\nread\treed\n", &err);

    (void)state;
    assert_non_null(lexicon);
    assert_non_null(replacement(lexicon, "Polish"));
    assert_null(replacement(lexicon, "polish"));
    assert_null(replacement(lexicon, "POLISH"));
    assert_string_equal(replacement(lexicon, "READ"), "reed");
    assert_string_equal(replacement(lexicon, "École"), "acole");
    assert_null(replacement(lexicon, "reads"));
    assert_null(replacement(lexicon, ""));
    lexicon_close(lexicon);
}

static void test_a_wrong_line_is_named(void **state)
{
    static const struct {
        const char *lines, *told;
    } cases[] = {
        { "good\tyes\nnothing\n", "line 2" }, { "\tword\n", "line 1" },    { "word\t\n", "line 1" },
        { "two words\tx\n", "line 1" },       { "a\tb\na\tc\n", "twice" }, { "a\t\xFF\n", "UTF-8" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };

        assert_null(open_lines(cases[i].lines, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err.message, cases[i].told));
    }
}

static void test_a_byte_order_mark_is_no_part_of_the_first_word(void **state)
{
    struct err err = { 0 };
    struct lexicon *lexicon = open_lines("\xEF\xBB\xBFSQL\tsequel\n", &err);

    (void)state;
    assert_non_null(lexicon);
    assert_string_equal(replacement(lexicon, "SQL"), "sequel");
    lexicon_close(lexicon);
}

static void test_an_empty_file_knows_no_word_and_a_missing_one_fails(void **state)
{
    struct err err = { 0 };
    struct lexicon *lexicon = open_lines("", &err);

    (void)state;
    assert_non_null(lexicon);
    assert_null(replacement(lexicon, "word"));
    lexicon_close(lexicon);
    assert_null(lexicon_open("/nonexistent/words.tsv", &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_are_words_or_phonemes),
        cmocka_unit_test(test_case_counts_only_for_words_with_a_capital),
        cmocka_unit_test(test_a_wrong_line_is_named),
        cmocka_unit_test(test_a_byte_order_mark_is_no_part_of_the_first_word),
        cmocka_unit_test(test_an_empty_file_knows_no_word_and_a_missing_one_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
