#include "check.h"

#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "text/markup.h"

/* Lifts the input and writes it readably: {p:0.5} for a pause, {word|ipa} for phonemes. */
static bool lift(const char *input, const struct lexicon *lexicon, struct buf *out, struct err *err)
{
    struct origin_text in, lifted;
    struct markup markup;

    markup_init(&markup);
    assert_true(origin_from_input(&in, input, strlen(input), err));
    origin_text_init(&lifted, in.input_len);
    bool ok = markup_lift(&markup, &in, lexicon, &lifted, err);
    for (size_t at = 0; ok && at < lifted.text.len;) {
        size_t here = at;
        const struct mark *mark =
            markup_find(&markup, utf8_next(lifted.text.data, lifted.text.len, &at));

        if (!mark)
            buf_append(out, lifted.text.data + here, at - here);
        else if (mark->kind == MARK_PAUSE)
            buf_format(out, "{p:%g}", mark->pause_s);
        else
            buf_format(out, "{%s|%s}", mark->text, mark->phonemes);
    }
    origin_text_release(&in);
    origin_text_release(&lifted);
    markup_release(&markup);
    return ok;
}

static void check(const char *input, const struct lexicon *lexicon, const char *expected)
{
    struct buf out = BUF(1u << 20);
    struct err err = { 0 };

    assert_true(lift(input, lexicon, &out, &err));
    check_text(input, out.data ? out.data : "", expected);
    buf_release(&out);
}

static void test_marks_are_lifted_and_the_rest_stays(void **state)
{
    static const struct {
        const char *input, *expected;
    } cases[] = {
        { "a [pause:0.5s] b", "a {p:0.5} b" },
        { "[PAUSE:500ms]b", "{p:0.5}b" },
        { "[pause: 2 s]", "{p:2}" },
        { "[pause:60s][pause:0s]", "{p:60}{p:0}" },
        { "[pause 1s]", "[pause 1s]" },
        { "[tomato](/təmˈɑːtoʊ/)s", "{tomato|təmˈɑːtoʊ}s" },
        { "[New York](/nˈuː jˈɔːɹk/)", "{New York|nˈuː jˈɔːɹk}" },
        { "[text](https://example.com/a/)", "[text](https://example.com/a/)" },
        { "[docs](/docs/intro/)", "[docs](/docs/intro/)" },
        { "[a](//)", "[a](//)" },
        { "[](/a/)", "[](/a/)" },
        { "[open", "[open" },
        { "<break time=\"500ms\"/>", "{p:0.5}" },
        { "a<break time='1s' />b", "a{p:1}b" },
        { "<break/>", "{p:0.5}" },
        { "<break strength=\"x-strong\"></break>", "{p:1.5}" },
        { "a<break strength='none'/>b", "ab" },
        { "<speak>Hi</speak>", "Hi" },
        { "<speak version=\"1.1\">Hi", "Hi" },
        { "<breakfast> < 3 <b>x</b>", "<breakfast> < 3 <b>x</b>" },
        { "private \xEE\x80\x80\xEF\xA3\xBFuse", "private use" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].input, NULL, cases[i].expected);
}

static void test_a_pause_that_cannot_be_is_named(void **state)
{
    static const char *const cases[] = { "[pause:61s]",
                                         "[pause:-1s]",
                                         "[pause:s]",
                                         "[pause:1]",
                                         "[pause:]",
                                         "[pause:1.2.3s]",
                                         "[pause:1min]",
                                         "[pause:1e1s]",
                                         "<break time=\"9999s\"/>",
                                         "<break strength=\"loud\"/>",
                                         "[pause:60001ms]" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF(1u << 20);
        struct err err = { 0 };

        assert_false(lift(cases[i], NULL, &out, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err.param, "pause");
        buf_release(&out);
    }
}

static void test_pauses_that_are_too_long_together_are_refused(void **state)
{
    struct buf text = BUF(1u << 20), out = BUF(1u << 20);
    struct err err = { 0 };

    (void)state;
    for (int i = 0; i < PAUSES_MAX_S / PAUSE_MAX_S; i++)
        buf_append_str(&text, "a [pause:60s] ");
    assert_true(lift(text.data, NULL, &out, &err));
    buf_append_str(&text, "<break time=\"1ms\"/>");
    assert_false(lift(text.data, NULL, &out, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_string_equal(err.param, "pause");
    buf_release(&text);
    buf_release(&out);
}

static void test_words_of_the_lexicon_are_replaced_whole(void **state)
{
    static const char lines[] = "SQL\tsequel\nnginx\t/ɛnʤɪn/\nC++\tsee plus plus\n"
                                "Node.js\tnode jay ess\ns\twrong\nstate-of-the-art\tmodern\n";
    static const struct {
        const char *input, *expected;
    } cases[] = {
        { "SQL, sql; MySQL", "sequel, sql; MySQL" },
        { "Nginx's nginx-based", "{Nginx|ɛnʤɪn}'s {nginx|ɛnʤɪn}-based" },
        { "C++ is C. C++!", "see plus plus is C. see plus plus!" },
        { "Use Node.js.", "Use node jay ess." },
        { "it's SQL’s", "it's sequel’s" },
        { "a state-of-the-art thing", "a modern thing" },
        { "[pause:1s]SQL", "{p:1}sequel" },
    };
    char path[] = "/tmp/markup-XXXXXX";
    struct err err = { 0 };

    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_true(file_write(path, lines, strlen(lines), &err));
    struct lexicon *lexicon = lexicon_open(path, &err);
    unlink(path);
    assert_non_null(lexicon);
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].input, lexicon, cases[i].expected);
    lexicon_close(lexicon);
}

/* Appends count marks that differ, or are the same, and lifts them. */
static bool lift_many(size_t count, bool same, struct err *err)
{
    struct buf input = BUF(TEXT_LIMIT), out = BUF(TEXT_LIMIT);

    for (size_t i = 0; i < count; i++)
        buf_format(&input, "[w%zu](/a/) ", same ? 0 : i);
    bool ok = lift(input.data, NULL, &out, err);
    buf_release(&input);
    buf_release(&out);
    return ok;
}

static void test_equal_marks_share_a_code_point_and_too_many_are_refused(void **state)
{
    struct err err = { 0 };

    (void)state;
    assert_true(lift_many(20000, true, &err));
    assert_true(lift_many(6400, false, &err));
    assert_false(lift_many(6401, false, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_are_lifted_and_the_rest_stays),
        cmocka_unit_test(test_a_pause_that_cannot_be_is_named),
        cmocka_unit_test(test_pauses_that_are_too_long_together_are_refused),
        cmocka_unit_test(test_words_of_the_lexicon_are_replaced_whole),
        cmocka_unit_test(test_equal_marks_share_a_code_point_and_too_many_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
