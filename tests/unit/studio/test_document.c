#include "studio/document.h"

#include "base/buf.h"
#include "check.h"

#define NONE SIZE_MAX

struct expected {
    const char *text, *prompt;
    size_t chapter;
};

struct good {
    const char *name, *file, *input;
    enum document_format format;
    const char *title;
    size_t count;
    struct expected segments[5];
};

static const struct good good[] = {
    { "blank lines separate",
      "a/my story.txt",
      "One.\n\n\nTwo\nlines.\n \t\nThree.\n",
      0,
      "my story",
      3,
      { { "One.", NULL, NONE }, { "Two\nlines.", NULL, NONE }, { "Three.", NULL, NONE } } },
    { "BOM and CRLF",
      "x.txt",
      "\xEF\xBB\xBFOne.\r\n\r\nTwo\r\nlines.\r\n",
      0,
      "x",
      2,
      { { "One.", NULL, NONE }, { "Two\nlines.", NULL, NONE } } },
    { "old Mac line ends",
      "x.txt",
      "One.\r\rTwo.",
      0,
      "x",
      2,
      { { "One.", NULL, NONE }, { "Two.", NULL, NONE } } },
    { "a title line is not spoken",
      "x.txt",
      "\ntitle:  The  Lamp \n\nOne.",
      0,
      "The Lamp",
      1,
      { { "One.", NULL, NONE } } },
    { "a title further on is text",
      "x.txt",
      "One.\n\nTitle: no.",
      0,
      "x",
      2,
      { { "One.", NULL, NONE }, { "Title: no.", NULL, NONE } } },
    { "scene breaks are no segments",
      "x.txt",
      "One.\n\n* * *\n\nTwo.\n\n---",
      0,
      "x",
      2,
      { { "One.", NULL, NONE }, { "Two.", NULL, NONE } } },
    { "labelled blocks",
      "x.txt",
      "Title: Sea\n\nText: One.\nMore.\nPrompt: a lamp\nat dusk\n\nText: Two.\n\nStill two.\n",
      0,
      "Sea",
      2,
      { { "One.\nMore.", "a lamp\nat dusk", NONE }, { "Two.\n\nStill two.", NULL, NONE } } },
    { "prompt before text",
      "x.txt",
      "PROMPT: p1\ntext: One.\n\nprompt: p2\nTEXT: Two.",
      0,
      "x",
      2,
      { { "One.", "p1", NONE }, { "Two.", "p2", NONE } } },
    { "a label in the middle is text",
      "x.txt",
      "She said\nText: him later.",
      0,
      "x",
      1,
      { { "She said\nText: him later.", NULL, NONE } } },
    { "text may begin with a brace",
      "x.txt",
      "{not JSON}",
      0,
      "x",
      1,
      { { "{not JSON}", NULL, NONE } } },
    { "markdown title and chapters",
      "x.md",
      "# The Sea\n\n## One\n\nA *soft* [wind](http://x.y).\n\n```\ncode\n```\n\n## Two\n\nB "
      "`b`\nb.\n",
      0,
      "The Sea",
      2,
      { { "The Sea\n\nOne\n\nA soft wind.", NULL, 0 }, { "Two\n\nB b b.", NULL, 1 } } },
    { "markdown by content",
      "standard input",
      "Intro.\n\n# Part\n\nBody &amp; soul.",
      0,
      "standard input",
      2,
      { { "Intro.", NULL, NONE }, { "Part\n\nBody & soul.", NULL, 0 } } },
    { "markdown lists are one segment",
      "x.md",
      "3. mix\n4. bake\n   - hot\n   - long\n\nEat.",
      0,
      "x",
      2,
      { { "3. mix\n\n4. bake\n\nhot\n\nlong", NULL, NONE }, { "Eat.", NULL, NONE } } },
    { "markdown quotes, pictures, HTML and breaks",
      "x.md",
      "> Said a.\n>\n> Said b.\n\n![A cat](c.png)\n\n<div>no</div>\n\nx<br>y  \nz\n\n***\n",
      0,
      "x",
      4,
      { { "Said a.", NULL, NONE },
        { "Said b.", NULL, NONE },
        { "A cat", NULL, NONE },
        { "xy\nz", NULL, NONE } } },
    { "a heading at the end is spoken",
      "x.md",
      "Body.\n\nThe end\n=======\n",
      0,
      "x",
      2,
      { { "Body.", NULL, NONE }, { "The end", NULL, 0 } } },
    { "deeper headings begin no chapter",
      "x.md",
      "# A\n\na\n\n### B\n\nb",
      0,
      "A",
      2,
      { { "A\n\na", NULL, 0 }, { "B\n\nb", NULL, 0 } } },
    { "labelled blocks in markdown",
      "x.md",
      "# The Sea\n\nText: *One*.\nMore.\nPrompt: a lamp\nat dusk\n\n**Prompt:** fog\n\n**Text:** "
      "Two.\n\nStill two.\n\n## Next\n\nText: Three.\n",
      0,
      "The Sea",
      3,
      { { "The Sea\n\nOne.\nMore.", "a lamp\nat dusk", 0 },
        { "Two.\n\nStill two.", "fog", 0 },
        { "Next\n\nThree.", NULL, 1 } } },
    { "labelled blocks with headings, by content",
      "standard input",
      "Title: Sea\n\nText: One.\nPrompt: a lamp\n\n## Next\n\nText: Two.\n",
      0,
      "Sea",
      2,
      { { "One.", "a lamp", NONE }, { "Next\n\nTwo.", NULL, 0 } } },
    { "a label further on in markdown is text",
      "x.md",
      "She wrote.\n\nText: him\nlater.",
      0,
      "x",
      2,
      { { "She wrote.", NULL, NONE }, { "Text: him later.", NULL, NONE } } },
    { "json",
      "x.json",
      "{\"title\":\"T\",\"segments\":[{\"text_content\":\" A\\r\\nb \",\"image_prompt\":\"p\"},"
      "{\"text_content\":\"C\",\"image_prompt\":null,\"chapter\":\"Two\"},{\"text_content\":\"D\","
      "\"chapter\":\"Two\"}]}",
      0,
      "T",
      3,
      { { "A\nb", "p", NONE }, { "C", NULL, 0 }, { "D", NULL, 0 } } },
    { "json by content",
      "standard input",
      " \n{\"segments\":[{\"text_content\":\"A\"}]}",
      0,
      "standard input",
      1,
      { { "A", NULL, NONE } } },
    { "a format given wins",
      "x.txt",
      "# A\n\nb",
      DOCUMENT_TEXT,
      "x",
      2,
      { { "# A", NULL, NONE }, { "b", NULL, NONE } } },
};

static void test_stories_of_each_form_become_segments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        const struct good *g = &good[i];
        struct document d;
        struct err err;

        if (!document_parse(g->input, strlen(g->input), g->file, g->format, &d, &err))
            fail_msg("%s: %s", g->name, err.message);
        if (strcmp(d.title, g->title) != 0 || d.segment_count != g->count)
            fail_msg("%s: \"%s\", %zu segments", g->name, d.title, d.segment_count);
        for (size_t k = 0; k < g->count; k++) {
            const struct document_segment *s = &d.segments[k];

            if (strcmp(s->text, g->segments[k].text) != 0 || s->length != strlen(s->text) ||
                s->chapter != g->segments[k].chapter)
                fail_msg("%s: segment %zu is \"%s\", chapter %zu", g->name, k, s->text, s->chapter);
            if (strcmp(s->image_prompt ? s->image_prompt : "-",
                       g->segments[k].prompt ? g->segments[k].prompt : "-") != 0)
                fail_msg("%s: the prompt of %zu is %s", g->name, k, s->image_prompt);
        }
        document_release(&d);
    }
}

struct bad {
    const char *name, *file, *input;
    size_t length; /* 0: strlen */
    enum document_format format;
    enum err_kind kind;
    const char *says;
};

static const struct bad bad[] = {
    { "nothing", "x.txt", "", 0, 0, ERR_INVALID, "no text to speak" },
    { "blanks", "x.txt", " \n\t\n", 0, 0, ERR_INVALID, "no text to speak" },
    { "only marks", "x.md", "***\n", 0, 0, ERR_INVALID, "no text to speak" },
    { "UTF-16", "x.txt", "\xFF\xFEH\0i\0", 6, 0, ERR_UNSUPPORTED, "UTF-16" },
    { "UTF-16 big-endian", "x.txt", "\xFE\xFF\0H", 4, 0, ERR_UNSUPPORTED, "UTF-16" },
    { "Latin-1 names its line", "x.txt", "One\n\nCaf\xE9 noir", 0, 0, ERR_INVALID, "line 3" },
    { "a zero byte", "x.txt", "One\nT\0wo", 8, 0, ERR_INVALID, "line 2" },
    { "prompt without text", "x.txt", "Text: a\nPrompt: b\n\nPrompt: c\n\nPrompt: d", 0, 0,
      ERR_INVALID, "Line 4" },
    { "empty text", "x.txt", "Text: a\n\nText:\nPrompt: b", 0, 0, ERR_INVALID, "Line 3" },
    { "stray line", "x.txt", "Text: a\nPrompt: b\n\nstray", 0, 0, ERR_INVALID, "Line 4" },
    { "prompt without text in markdown", "x.md", "# A\n\nText: a\nPrompt: b\n\nPrompt: c\n\n# B", 0,
      0, ERR_INVALID, "Line 6" },
    { "stray paragraph in markdown", "x.md", "Text: a\nPrompt: b\n\n# B\n\nstray", 0, 0,
      ERR_INVALID, "Line 6" },
    { "broken json", "x.json", "{\n\"title\": }", 0, 0, ERR_INVALID, "line 2" },
    { "json array", "x.json", "[]", 0, 0, ERR_INVALID, "not a JSON object" },
    { "json without segments", "x.json", "{\"title\":\"a\"}", 0, 0, ERR_INVALID, "\"segments\"" },
    { "json title", "x.json", "{\"title\":1,\"segments\":[]}", 0, 0, ERR_INVALID, "\"title\"" },
    { "json blank title", "x.json", "{\"title\":\" \",\"segments\":[]}", 0, 0, ERR_INVALID,
      "\"title\" is blank" },
    { "json segment", "x.json", "{\"segments\":[{\"text_content\":\"a\"},{}]}", 0, 0, ERR_INVALID,
      "segment 2" },
    { "json empty segment", "x.json", "{\"segments\":[{\"text_content\":\" \"}]}", 0, 0,
      ERR_INVALID, "segment 1" },
    { "json prompt", "x.json", "{\"segments\":[{\"text_content\":\"a\",\"image_prompt\":1}]}", 0, 0,
      ERR_INVALID, "image_prompt" },
    { "no EPUB", "x.epub", "PK\x03\x04 nonsense", 0, 0, ERR_CORRUPT, "book" },
    { "no ZIP by its name", "x.epub", "hello", 0, 0, ERR_CORRUPT,
      "x.epub is not an EPUB (no ZIP file)" },
    { "no ZIP by its format", "x.txt", "hello", 0, DOCUMENT_EPUB, ERR_CORRUPT,
      "x.txt is not an EPUB (no ZIP file)" },
    { "no byte of an EPUB", "x.epub", "", 0, 0, ERR_CORRUPT, "no ZIP file" },
};

static void test_what_cannot_be_read_is_refused_with_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct bad *b = &bad[i];
        struct document d;
        struct err err = { 0 };

        if (document_parse(b->input, b->length ? b->length : strlen(b->input), b->file, b->format,
                           &d, &err))
            fail_msg("%s was taken", b->name);
        if (err.kind != b->kind || !strstr(err.message, b->says))
            fail_msg("%s: %s: %s", b->name, err_kind_name(err.kind), err.message);
        assert_null(d.segments);
    }
}

static void test_json_deeper_than_any_story_is_refused(void **state)
{
    struct buf text = BUF(1 << 20);
    struct document d;
    struct err err;

    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_append_char(&text, '[');
    assert_false(document_parse(text.data, text.len, "x.json", DOCUMENT_JSON, &d, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    buf_release(&text);
}

/* count times text, separated by blank lines. */
static void repeat(struct buf *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_append_str(out, text);
}

static void test_a_segment_over_the_limit_is_refused_and_one_at_it_is_not(void **state)
{
    struct buf text = BUF(DOCUMENT_TEXT_LIMIT);
    struct document d;
    struct err err;

    (void)state;
    repeat(&text, "abcdefg ", DOCUMENT_SEGMENT_LIMIT / 8);
    text.data[text.len - 1] = '.';
    assert_true(document_parse(text.data, text.len, "x.txt", 0, &d, &err));
    assert_int_equal(d.segment_count, 1);
    document_release(&d);
    buf_append_str(&text, "x");
    assert_false(document_parse(text.data, text.len, "x.txt", 0, &d, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_non_null(strstr(err.message, "Segment 1"));
    buf_release(&text);
}

static void test_more_segments_than_the_limit_are_refused(void **state)
{
    struct buf text = BUF(DOCUMENT_TEXT_LIMIT);
    struct document d;
    struct err err;

    (void)state;
    repeat(&text, "a\n\n", DOCUMENT_SEGMENTS_MAX);
    assert_true(document_parse(text.data, text.len, "x.txt", 0, &d, &err));
    assert_int_equal(d.segment_count, DOCUMENT_SEGMENTS_MAX);
    document_release(&d);
    buf_append_str(&text, "a");
    assert_false(document_parse(text.data, text.len, "x.txt", 0, &d, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    buf_release(&text);
}

static void test_a_file_over_the_limit_is_refused(void **state)
{
    struct buf text = BUF(DOCUMENT_TEXT_LIMIT + 100);
    struct document d;
    struct err err;

    (void)state;
    repeat(&text, "abcdefg\n", DOCUMENT_TEXT_LIMIT / 8 + 1);
    assert_false(document_parse(text.data, text.len, "x.txt", 0, &d, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    buf_release(&text);
}

static void test_hostile_markdown_takes_linear_time(void **state)
{
    static const char *const pieces[] = { "> ", "- a\n", "[a](", "*a_ ", "1. x\n", "# a\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct buf text = BUF(1 << 20);
        struct document d;
        struct err err;

        repeat(&text, pieces[i], 60000);
        buf_append_str(&text, "end");
        assert_true(document_parse(text.data, text.len, "x.md", 0, &d, &err));
        document_release(&d);
        buf_release(&text);
    }
}

static void test_a_long_title_is_cut_at_a_character(void **state)
{
    struct buf text = BUF(1 << 16);
    struct document d;
    struct err err;

    (void)state;
    buf_append_str(&text, "Title: x");
    repeat(&text, "é", 1000);
    buf_append_str(&text, "\n\nBody.");
    assert_true(document_parse(text.data, text.len, "x.txt", 0, &d, &err));
    assert_int_equal(strlen(d.title), 2 * DOCUMENT_TITLE_MAX - 1);
    document_release(&d);
    buf_release(&text);
}

static void test_a_long_title_in_json_is_refused(void **state)
{
    struct buf text = BUF(1 << 16);
    struct document d;
    struct err err;

    (void)state;
    buf_append_str(&text, "{\"title\":\"");
    repeat(&text, "é", DOCUMENT_TITLE_MAX);
    buf_append_str(&text, "\",\"segments\":[{\"text_content\":\"a\"}]}");
    assert_true(document_parse(text.data, text.len, "x.json", 0, &d, &err));
    assert_int_equal(strlen(d.title), 2 * DOCUMENT_TITLE_MAX);
    document_release(&d);
    buf_clear(&text);
    buf_append_str(&text, "{\"title\":\"x");
    repeat(&text, "é", DOCUMENT_TITLE_MAX);
    buf_append_str(&text, "\",\"segments\":[{\"text_content\":\"a\"}]}");
    assert_false(document_parse(text.data, text.len, "x.json", 0, &d, &err));
    assert_non_null(strstr(err.message, "\"title\" is longer"));
    buf_release(&text);
}

static void test_a_missing_file_is_not_found(void **state)
{
    struct document d;
    struct err err;

    (void)state;
    assert_false(document_load("/nonexistent/story.txt", DOCUMENT_AUTO, &d, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void test_format_names_are_parsed_back(void **state)
{
    (void)state;
    for (int i = DOCUMENT_AUTO; i <= DOCUMENT_EPUB; i++) {
        enum document_format format;

        assert_true(document_format_parse(document_format_name((enum document_format)i), &format));
        assert_int_equal(format, i);
    }
    enum document_format format;
    assert_false(document_format_parse("docx", &format));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories_of_each_form_become_segments),
        cmocka_unit_test(test_what_cannot_be_read_is_refused_with_the_place),
        cmocka_unit_test(test_json_deeper_than_any_story_is_refused),
        cmocka_unit_test(test_a_segment_over_the_limit_is_refused_and_one_at_it_is_not),
        cmocka_unit_test(test_more_segments_than_the_limit_are_refused),
        cmocka_unit_test(test_a_file_over_the_limit_is_refused),
        cmocka_unit_test(test_hostile_markdown_takes_linear_time),
        cmocka_unit_test(test_a_long_title_is_cut_at_a_character),
        cmocka_unit_test(test_a_long_title_in_json_is_refused),
        cmocka_unit_test(test_a_missing_file_is_not_found),
        cmocka_unit_test(test_format_names_are_parsed_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
