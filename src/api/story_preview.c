#include "api/story_preview.h"

#include <stddef.h>
#include <string.h>

#include "base/utf8.h"

/* ---- shapes ---- */

struct segment_preview {
    const char *text, *image_prompt, *chapter;
    bool is_cut;
};

struct story_preview {
    const char *title, *author;
    int64_t segment_count, character_count;
    struct list_items segments; /* struct segment_preview */
};

static const struct field segment_fields[] = {
    { "text_content", FIELD_TEXT, .offset = offsetof(struct segment_preview, text),
      .about = "Its first 2,000 characters." },
    { "image_prompt", FIELD_TEXT, .offset = offsetof(struct segment_preview, image_prompt),
      .about = "The same of the prompt; empty without one." },
    { "chapter", FIELD_TEXT, .offset = offsetof(struct segment_preview, chapter),
      .about = "Title of its chapter; empty without one." },
    { "is_cut", FIELD_BOOLEAN, .offset = offsetof(struct segment_preview, is_cut),
      .about = "The text or the prompt has more characters than are shown." },
};

const struct shape segment_preview_shape =
    SHAPE("SegmentPreview", "A segment that an import would make.", SHAPE_ANSWER, segment_fields,
          struct segment_preview);

static const struct field story_fields[] = {
    { "title", FIELD_TEXT, .offset = offsetof(struct story_preview, title) },
    { "author", FIELD_TEXT, .offset = offsetof(struct story_preview, author),
      .about = "Empty when unknown." },
    { "segment_count", FIELD_INTEGER, .offset = offsetof(struct story_preview, segment_count),
      .about = "Of the whole story." },
    { "character_count", FIELD_INTEGER, .offset = offsetof(struct story_preview, character_count),
      .about = "Of all its texts." },
    { "segments", FIELD_LIST, .offset = offsetof(struct story_preview, segments),
      .shape = &segment_preview_shape, .about = "The first 200." },
};

const struct shape story_preview_shape = SHAPE("StoryPreview", "What an import would make.",
                                               SHAPE_ANSWER, story_fields, struct story_preview);

/* ---- showing ---- */

/* Bytes of the first characters. */
static size_t shown_length(const char *text, size_t length)
{
    size_t at = 0;

    for (int chars = 0; chars < STORY_PREVIEW_CHARS && at < length; chars++)
        utf8_next(text, length, &at);
    return at;
}

static const char *show(struct arena *arena, const char *text, size_t length, bool *is_cut)
{
    size_t shown = shown_length(text, length);

    *is_cut = *is_cut || shown < length;
    return arena_strndup(arena, text, shown);
}

static struct segment_preview preview_of(struct arena *arena, const struct document *document,
                                         const struct document_segment *segment)
{
    const char *prompt = segment->image_prompt ? segment->image_prompt : "";
    struct segment_preview preview = { .chapter = "" };

    preview.text = show(arena, segment->text, segment->length, &preview.is_cut);
    preview.image_prompt = show(arena, prompt, strlen(prompt), &preview.is_cut);
    if (segment->chapter != DOCUMENT_NO_CHAPTER)
        preview.chapter = document->chapters[segment->chapter];
    return preview;
}

void story_preview_write(struct json_writer *writer, struct arena *arena,
                         const struct document *document)
{
    size_t count = document->segment_count < STORY_PREVIEW_SEGMENTS ? document->segment_count
                                                                    : STORY_PREVIEW_SEGMENTS;
    struct segment_preview *segments = arena_alloc(arena, count * sizeof *segments);
    struct story_preview story = {
        .title = document->title,
        .author = document->author ? document->author : "",
        .segment_count = (int64_t)document->segment_count,
        .segments = { segments, count },
    };

    for (size_t i = 0; i < count; i++)
        segments[i] = preview_of(arena, document, &document->segments[i]);
    for (size_t i = 0; i < document->segment_count; i++)
        story.character_count +=
            (int64_t)utf8_chars(document->segments[i].text, document->segments[i].length);
    shape_write(writer, NULL, &story_preview_shape, &story);
}
