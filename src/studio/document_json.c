#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "studio/document_internal.h"

static bool refuse(struct builder *b, const char *name, size_t number, const char *what)
{
    b->failed = true;
    if (number == 0)
        return err_set(b->err, ERR_INVALID, "%s: %s", name, what);
    return err_set(b->err, ERR_INVALID, "%s, segment %zu: %s", name, number, what);
}

/* False when the member is there and is no string. *out is NULL when it is absent or null. */
static bool get_text(const json_t *object, const char *key, const char **out)
{
    const json_t *value = json_object_get(object, key);

    *out = json_string_value(value);
    return *out || !value || json_is_null(value);
}

/* A chapter's name on each of its segments begins it once. */
static void take_chapter(struct builder *b, const char *chapter, const char **current)
{
    if (!chapter || (*current && strcmp(chapter, *current) == 0))
        return;
    builder_chapter(b, chapter);
    *current = chapter;
}

static bool take_segment(struct builder *b, const json_t *segment, const char *name, size_t number,
                         const char **current_chapter)
{
    const char *text, *prompt, *chapter;

    if (!json_is_object(segment))
        return refuse(b, name, number, "it is not an object.");
    if (!get_text(segment, "text_content", &text) || !text)
        return refuse(b, name, number, "it has no \"text_content\" that is a string.");
    if (!get_text(segment, "image_prompt", &prompt))
        return refuse(b, name, number, "its \"image_prompt\" is not a string.");
    if (!get_text(segment, "chapter", &chapter))
        return refuse(b, name, number, "its \"chapter\" is not a string.");

    char *copy = xstrdup(text);
    const char *trimmed = copy;
    size_t length = unify_line_ends(copy, strlen(copy));

    trim(&trimmed, &length);
    bool ok = length > 0 || refuse(b, name, number, "its \"text_content\" is empty.");
    if (ok) {
        take_chapter(b, chapter, current_chapter);
        builder_segment(b, trimmed, length, prompt && *prompt ? prompt : NULL);
    }
    free(copy);
    return ok && builder_ok(b);
}

/* A title is what someone wrote into a form, so that one that cannot stay is told, not cut. */
static bool check_title(struct builder *b, const char *title, const char *name)
{
    size_t length = title ? strlen(title) : 0;

    if (!title)
        return true;
    if (utf8_chars(title, length) > DOCUMENT_TITLE_MAX)
        return refuse(b, name, 0, "\"title\" is longer than 500 characters.");
    trim(&title, &length);
    return length > 0 || refuse(b, name, 0, "\"title\" is blank.");
}

static bool take_story(struct builder *b, const json_t *root, const char *name)
{
    const char *title, *author, *chapter = NULL;
    const json_t *segments = json_object_get(root, "segments");

    if (!json_is_object(root))
        return refuse(b, name, 0, "the story is not a JSON object.");
    if (!get_text(root, "title", &title))
        return refuse(b, name, 0, "\"title\" is not a string.");
    if (!check_title(b, title, name))
        return false;
    if (!get_text(root, "author", &author))
        return refuse(b, name, 0, "\"author\" is not a string.");
    if (!json_is_array(segments))
        return refuse(b, name, 0, "there is no array \"segments\".");
    if (title)
        builder_title(b, title, strlen(title));
    if (author)
        builder_author(b, author, strlen(author));
    for (size_t i = 0; i < json_array_size(segments); i++)
        if (!take_segment(b, json_array_get(segments, i), name, i + 1, &chapter))
            return false;
    return true;
}

bool document_parse_json(const char *text, size_t length, const char *name, struct builder *b)
{
    json_t *root = json_parse(text, length, name, b->err);

    if (!root)
        return false;
    bool ok = take_story(b, root, name) && builder_finish(b);
    json_decref(root);
    return ok;
}
