#include "check.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "text/sentence.h"

#define MAX_SENTENCES 8

static void check(const char *text, const char *const *expected, size_t count)
{
    struct sentence s;
    size_t at = 0, i = 0;

    while ((at = sentence_next(text, strlen(text), at, &s)) != 0) {
        assert_true(i < count);
        char *got = xstrndup(text + s.start, s.end - s.start);
        check_text(text, got, expected[i]);
        free(got);
        i++;
    }
    assert_int_equal(i, count);
}

static void test_sentences_end_where_a_reader_would_end_them(void **state)
{
    static const struct {
        const char *text;
        const char *expected[MAX_SENTENCES];
    } cases[] = {
        { "One. Two! Three? Four", { "One.", "Two!", "Three?", "Four" } },
        { "  padded.  ", { "padded." } },
        { "It is 3.14 wide. Yes.", { "It is 3.14 wide.", "Yes." } },
        { "Visit example.com now. Go.", { "Visit example.com now.", "Go." } },
        { "Mr. Stone left. He ran.", { "Mr. Stone left.", "He ran." } },
        { "J. R. R. Tolkien wrote. I read.", { "J. R. R. Tolkien wrote.", "I read." } },
        { "J.R. Tolkien wrote.", { "J.R. Tolkien wrote." } },
        { "So am I. We know.", { "So am I.", "We know." } },
        { "We met at five p.m. and left.", { "We met at five p.m. and left." } },
        { "Wait… what? Well… Yes.", { "Wait… what?", "Well…", "Yes." } },
        { "Wait... what now. Go.", { "Wait... what now.", "Go." } },
        { "What?! No!!! Why?", { "What?!", "No!!!", "Why?" } },
        { "\"Stop!\" he said. He ran.", { "\"Stop!\" he said.", "He ran." } },
        { "\"Stop. Go now.\" Then he ran.", { "\"Stop. Go now.\"", "Then he ran." } },
        { "He left (it was late. Very late.) and slept. Good.",
          { "He left (it was late. Very late.) and slept.", "Good." } },
        { "He said \"no. And left. Then came back.",
          { "He said \"no.", "And left.", "Then came back." } },
        { "“Oh.” She rose. ‘Ah.’ He sat.", { "“Oh.”", "She rose.", "‘Ah.’", "He sat." } },
        { "1. Mix it. 2. Bake it.", { "1. Mix it.", "2. Bake it." } },
        { "hello there. how are you. fine.", { "hello there.", "how are you.", "fine." } },
        { "A title\nThe text. More", { "A title", "The text.", "More" } },
        { "今日は雨。明日は？晴れ！", { "今日は雨。", "明日は？", "晴れ！" } },
        { "彼は「はい。」と言った。", { "彼は「はい。」と言った。" } },
        { "यह एक वाक्य है। यह दूसरा है।", { "यह एक वाक्य है।", "यह दूसरा है।" } },
        { "ما اسمك؟ أنا هنا.", { "ما اسمك؟", "أنا هنا." } },
        { "¿Qué tal? ¡Muy bien!", { "¿Qué tal?", "¡Muy bien!" } },
        { "...", { "..." } },
        { "", { NULL } },
        { " \n\n ", { NULL } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t count = 0;

        while (count < MAX_SENTENCES && cases[i].expected[count])
            count++;
        check(cases[i].text, cases[i].expected, count);
    }
}

static void test_lines_and_paragraphs_are_told_apart(void **state)
{
    static const enum sentence_end expected[] = { SENTENCE_END_LINE,      SENTENCE_END_MARK,
                                                  SENTENCE_END_LINE,      SENTENCE_END_PARAGRAPH,
                                                  SENTENCE_END_PARAGRAPH, SENTENCE_END_CUT };
    const char *text = "Head\nOne. Two.\nThree.\n\nList \n \nend";
    struct sentence s;
    size_t at = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(expected); i++) {
        at = sentence_next(text, strlen(text), at, &s);
        assert_int_not_equal(at, 0);
        assert_int_equal(s.how, expected[i]);
    }
    assert_int_equal(sentence_next(text, strlen(text), at, &s), 0);
}

/* Every byte that is no space is in exactly one sentence, and none is too long. */
static void check_cover(const char *text, size_t length)
{
    struct sentence s;
    size_t at = 0, before = 0;

    while ((at = sentence_next(text, length, at, &s)) != 0) {
        assert_true(s.end > s.start && s.end - s.start <= SENTENCE_MAX);
        for (size_t i = before; i < s.start; i++)
            assert_non_null(strchr(" \n", text[i]));
        assert_true(((unsigned char)text[s.end] & 0xC0) != 0x80);
        before = s.end;
    }
    for (size_t i = before; i < length; i++)
        assert_non_null(strchr(" \n", text[i]));
}

static void test_endless_text_is_cut_into_bounded_pieces(void **state)
{
    static const char *const units[] = { "word ",  "a",     "é",   "漢字", "!",   "\"(", "a.",
                                         "x, y; ", "\"a. ", "…”)", ". ",   "\n ", "Mr. " };
    enum { LENGTH = 200000 };

    (void)state;
    for (size_t i = 0; i < COUNT(units); i++) {
        size_t unit = strlen(units[i]), length = 0;
        char *text = xmalloc(LENGTH + 1);

        for (; length + unit <= LENGTH; length += unit)
            memcpy(text + length, units[i], unit);
        text[length] = '\0';
        check_cover(text, length);
        free(text);
    }
}

static void test_a_long_sentence_is_cut_behind_a_clause(void **state)
{
    struct sentence s;
    char text[4001];

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 9; i < 4000; i += 10)
        text[i] = ' ';
    text[1208] = ',';
    assert_int_not_equal(sentence_next(text, strlen(text), 0, &s), 0);
    assert_int_equal(s.how, SENTENCE_END_CUT);
    assert_int_equal(s.end, 1209);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences_end_where_a_reader_would_end_them),
        cmocka_unit_test(test_lines_and_paragraphs_are_told_apart),
        cmocka_unit_test(test_endless_text_is_cut_into_bounded_pieces),
        cmocka_unit_test(test_a_long_sentence_is_cut_behind_a_clause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
