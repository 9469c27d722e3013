#include "api/story_preview.h"

#include <jansson.h>

#include "base/json.h"
#include "check.h"

#define PREVIEW_MAX ((size_t)64 << 20)

/* A document's preview, parsed: the caller's. */
static json_t *preview(const struct document *document)
{
    struct buf out = BUF(PREVIEW_MAX);
    struct json_writer writer = JSON_WRITER(&out);
    struct arena arena = ARENA;
    struct err err;

    story_preview_write(&writer, &arena, document);
    json_t *root = json_parse(out.data, out.len, "preview", &err);
    if (!root)
        fail_msg("%s", err.message);
    arena_release(&arena);
    buf_release(&out);
    return root;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_int_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static struct document_segment segment(const char *text)
{
    return (struct document_segment){ .text = text,
                                      .length = strlen(text),
                                      .chapter = DOCUMENT_NO_CHAPTER };
}

static void test_a_story_is_shown_with_what_it_has(void **state)
{
    const char *chapters[] = { "One" };
    struct document_segment segments[] = { segment("Größe."), segment("Two.") };
    const struct document document = { .title = "Fox",
                                       .author = "Aesop",
                                       .segments = segments,
                                       .segment_count = COUNT(segments),
                                       .chapters = chapters,
                                       .chapter_count = COUNT(chapters) };

    (void)state;
    segments[0].chapter = 0;
    segments[0].image_prompt = "a fox";
    json_t *root = preview(&document);
    const json_t *first = json_array_get(json_object_get(root, "segments"), 0);
    const json_t *second = json_array_get(json_object_get(root, "segments"), 1);

    assert_string_equal(text_of(root, "title"), "Fox");
    assert_string_equal(text_of(root, "author"), "Aesop");
    assert_int_equal(number_of(root, "segment_count"), 2);
    assert_int_equal(number_of(root, "character_count"), 10);
    assert_string_equal(text_of(first, "text_content"), "Größe.");
    assert_string_equal(text_of(first, "image_prompt"), "a fox");
    assert_string_equal(text_of(first, "chapter"), "One");
    assert_string_equal(text_of(second, "image_prompt"), "");
    assert_string_equal(text_of(second, "chapter"), "");
    json_decref(root);
}

/* count times a character, and what follows. */
static const char *repeat(struct arena *arena, const char *character, int count, const char *rest)
{
    struct buf text = BUF(1 << 20);

    for (int i = 0; i < count; i++)
        buf_append_str(&text, character);
    buf_append_str(&text, rest);
    const char *out = arena_strndup(arena, text.data, text.len);
    buf_release(&text);
    return out;
}

static void test_long_texts_are_cut_after_a_whole_character(void **state)
{
    static const char *const characters[] = { "a", "é", "灯", "🎙" };
    struct arena arena = ARENA;

    (void)state;
    for (size_t i = 0; i < COUNT(characters); i++) {
        const char *whole = repeat(&arena, characters[i], STORY_PREVIEW_CHARS, "");
        struct document_segment segments[] = {
            segment(whole),
            segment(repeat(&arena, characters[i], STORY_PREVIEW_CHARS, "z")),
            segment("Short."),
        };

        segments[2].image_prompt = segments[1].text;
        const struct document document = { .title = "Long",
                                           .segments = segments,
                                           .segment_count = COUNT(segments) };
        json_t *root = preview(&document);
        const json_t *shown = json_object_get(root, "segments");

        for (size_t n = 0; n < COUNT(segments); n++) {
            const json_t *one = json_array_get(shown, n);

            check_text(characters[i], text_of(one, n == 2 ? "image_prompt" : "text_content"),
                       whole);
            check_case(characters[i], json_is_true(json_object_get(one, "is_cut")) == (n > 0));
        }
        json_decref(root);
    }
    arena_release(&arena);
}

static void test_the_first_segments_are_shown_and_all_are_counted(void **state)
{
    static struct document_segment segments[STORY_PREVIEW_SEGMENTS + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(segments); i++)
        segments[i] = segment("Four");
    for (size_t count = STORY_PREVIEW_SEGMENTS - 1; count <= COUNT(segments); count++) {
        const struct document document = { .title = "Many",
                                           .segments = segments,
                                           .segment_count = count };
        json_t *root = preview(&document);
        size_t shown = json_array_size(json_object_get(root, "segments"));

        assert_int_equal(number_of(root, "segment_count"), count);
        assert_int_equal(number_of(root, "character_count"), 4 * count);
        assert_int_equal(shown, count < STORY_PREVIEW_SEGMENTS ? count : STORY_PREVIEW_SEGMENTS);
        json_decref(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_story_is_shown_with_what_it_has),
        cmocka_unit_test(test_long_texts_are_cut_after_a_whole_character),
        cmocka_unit_test(test_the_first_segments_are_shown_and_all_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
