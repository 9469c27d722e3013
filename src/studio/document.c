#include "studio/document.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>
#include <unistr.h>

#include "base/file.h"
#include "base/path.h"
#include "base/utf8.h"
#include "studio/document_internal.h"

static const char *const format_names[] = {
    [DOCUMENT_AUTO] = "auto", [DOCUMENT_TEXT] = "text", [DOCUMENT_MARKDOWN] = "markdown",
    [DOCUMENT_JSON] = "json", [DOCUMENT_EPUB] = "epub",
};

static const struct {
    const char *extension;
    enum document_format format;
} extensions[] = {
    { "txt", DOCUMENT_TEXT },          { "text", DOCUMENT_TEXT }, { "md", DOCUMENT_MARKDOWN },
    { "markdown", DOCUMENT_MARKDOWN }, { "json", DOCUMENT_JSON }, { "epub", DOCUMENT_EPUB },
};

const char *document_format_name(enum document_format format)
{
    return format_names[format];
}

bool document_format_parse(const char *name, enum document_format *out)
{
    for (size_t i = 0; i < COUNT(format_names); i++)
        if (strcmp(name, format_names[i]) == 0) {
            *out = (enum document_format)i;
            return true;
        }
    return false;
}

static bool format_of_extension(const char *name, enum document_format *out)
{
    for (size_t i = 0; i < COUNT(extensions); i++)
        if (strcasecmp(path_extension(name), extensions[i].extension) == 0) {
            *out = extensions[i].format;
            return true;
        }
    return false;
}

static bool begins_with(const char *bytes, size_t length, const char *prefix, size_t prefix_length)
{
    return length >= prefix_length && memcmp(bytes, prefix, prefix_length) == 0;
}

#define BEGINS_WITH(bytes, length, prefix) begins_with(bytes, length, prefix, sizeof(prefix) - 1)

/* A story in plain text may begin with a brace, so what merely looks like JSON is JSON only when
 * the name agrees, or when there is no telling name. */
static enum document_format detect(const char *text, size_t length, const char *name)
{
    enum document_format format = DOCUMENT_TEXT;
    bool is_named = format_of_extension(name, &format);

    if (format == DOCUMENT_MARKDOWN || format == DOCUMENT_JSON)
        return format;
    trim(&text, &length);
    if (!is_named && BEGINS_WITH(text, length, "{"))
        return DOCUMENT_JSON;
    return document_looks_like_markdown(text, length) ? DOCUMENT_MARKDOWN : DOCUMENT_TEXT;
}

static size_t line_at(const char *text, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static bool check_encoding(const char *text, size_t length, const char *name, struct err *err)
{
    if (BEGINS_WITH(text, length, "\xFF\xFE") || BEGINS_WITH(text, length, "\xFE\xFF"))
        return err_set(err, ERR_UNSUPPORTED, "%s is in UTF-16. Save it as UTF-8.", name);
    if (length == 0)
        return true;
    const uint8_t *bytes = (const uint8_t *)text;
    const uint8_t *bad = memchr(bytes, 0, length);

    if (bad)
        return err_set(err, ERR_INVALID, "%s, line %zu: a zero byte. This is no text in UTF-8.",
                       name, line_at(text, (size_t)(bad - bytes)));
    bad = u8_check(bytes, length);
    if (bad)
        return err_set(err, ERR_INVALID,
                       "%s, line %zu: byte 0x%02X is not UTF-8. Save the file as UTF-8.", name,
                       line_at(text, (size_t)(bad - bytes)), *bad);
    return true;
}

size_t unify_line_ends(char *text, size_t length)
{
    size_t out = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\r')
            text[out++] = text[i];
        else if (i + 1 == length || text[i + 1] != '\n')
            text[out++] = '\n';
    }
    text[out] = '\0';
    return out;
}

static bool parse_characters(const char *bytes, size_t length, const char *name,
                             enum document_format format, struct builder *b)
{
    if (!check_encoding(bytes, length, name, b->err))
        return false;
    if (BEGINS_WITH(bytes, length, "\xEF\xBB\xBF")) {
        bytes += 3;
        length -= 3;
    }
    if (length == 0)
        return builder_finish(b);
    struct buf copy = BUF(DOCUMENT_TEXT_LIMIT);
    bool ok = false;

    buf_append(&copy, bytes, length);
    if (!buf_ok(&copy, name, b->err))
        goto out;
    copy.len = unify_line_ends(copy.data, copy.len);
    if (format == DOCUMENT_AUTO)
        format = detect(copy.data, copy.len, name);
    if (format == DOCUMENT_JSON)
        ok = document_parse_json(copy.data, copy.len, name, b);
    else if (format == DOCUMENT_MARKDOWN)
        ok = document_parse_markdown(copy.data, copy.len, b);
    else
        ok = document_parse_text(copy.data, copy.len, b);
out:
    buf_release(&copy);
    return ok;
}

/* "my_story.txt" is called "my_story" when nothing better is known. */
static void title_from_name(struct builder *b, const char *name)
{
    const char *base = path_base(name);
    const char *extension = path_extension(base);
    size_t length = strlen(base);

    if (*extension)
        length -= strlen(extension) + 1;
    builder_title(b, base, length);
    if (!b->document->title)
        builder_title(b, "untitled", strlen("untitled"));
}

/* Whether it is to be read as a book: that was said, or its content or its name says so. */
static bool is_epub(enum document_format format, bool is_zip, const char *name)
{
    if (format == DOCUMENT_AUTO && !is_zip)
        return format_of_extension(name, &format) && format == DOCUMENT_EPUB;
    return format == DOCUMENT_AUTO || format == DOCUMENT_EPUB;
}

bool document_parse(const char *bytes, size_t length, const char *name, enum document_format format,
                    struct document *out, struct err *err)
{
    struct builder b;
    bool is_zip = BEGINS_WITH(bytes, length, "PK\x03\x04");
    bool ok;

    *out = (struct document){ 0 };
    builder_init(&b, out, err);
    if (!is_epub(format, is_zip, name))
        ok = parse_characters(bytes, length, name, format, &b);
    else if (!is_zip)
        ok = err_set(err, ERR_CORRUPT, "%s is not an EPUB (no ZIP file).", name);
    else
        ok = document_parse_epub(bytes, length, &b);
    if (ok && out->segment_count == 0)
        ok = err_set(err, ERR_INVALID, "%s: there is no text to speak in it.", name);
    if (ok && !out->title)
        title_from_name(&b, name);
    builder_release(&b);
    if (!ok)
        document_release(out);
    return ok;
}

bool document_load(const char *path, enum document_format format, struct document *out,
                   struct err *err)
{
    struct buf bytes = BUF(DOCUMENT_EPUB_LIMIT);
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;

    *out = (struct document){ 0 };
    bool ok = file_read(path, &bytes, err);
    if (ok && !document_parse(bytes.data ? bytes.data : "", bytes.len, name, format, out, err)) {
        ok = false;
        if (!strstr(err->message, name))
            err_context(err, "%s", name);
    }
    buf_release(&bytes);
    return ok;
}

void document_release(struct document *document)
{
    free(document->segments);
    free(document->chapters);
    arena_release(&document->arena);
    *document = (struct document){ 0 };
}

void builder_init(struct builder *b, struct document *document, struct err *err)
{
    *b = (struct builder){
        .document = document,
        .err = err,
        .headings = BUF(DOCUMENT_SEGMENT_LIMIT),
    };
}

void builder_release(struct builder *b)
{
    buf_release(&b->headings);
}

bool builder_ok(const struct builder *b)
{
    return !b->failed;
}

void trim(const char **text, size_t *length)
{
    static const char white[] = " \t\n\r\f\v";

    while (*length > 0 && strchr(white, **text)) {
        ++*text;
        --*length;
    }
    while (*length > 0 && strchr(white, (*text)[*length - 1]))
        --*length;
}

static bool is_speakable(const char *text, size_t length)
{
    for (size_t at = 0; at < length;)
        if (uc_is_general_category_withtable(utf8_next(text, length, &at),
                                             UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N))
            return true;
    return false;
}

static size_t chapter_of_next(struct builder *b)
{
    struct document *d = b->document;

    if (b->chapter) {
        ARRAY_GROW(d->chapters, d->chapter_count, d->chapter_capacity);
        d->chapters[d->chapter_count++] = b->chapter;
        b->chapter = NULL;
    }
    return d->chapter_count > 0 ? d->chapter_count - 1 : DOCUMENT_NO_CHAPTER;
}

static void push(struct builder *b, const char *text, size_t length, const char *image_prompt)
{
    struct document *d = b->document;

    if (d->segment_count == DOCUMENT_SEGMENTS_MAX || length > DOCUMENT_SEGMENT_LIMIT) {
        b->failed = true;
        if (length > DOCUMENT_SEGMENT_LIMIT)
            err_set(b->err, ERR_TOO_LARGE,
                    "Segment %zu has %zu bytes; the limit is %u. Put blank lines into it.",
                    d->segment_count + 1, length, DOCUMENT_SEGMENT_LIMIT);
        else
            err_set(b->err, ERR_TOO_LARGE,
                    "There are more than %d segments. Split the story into several files.",
                    DOCUMENT_SEGMENTS_MAX);
        return;
    }
    if (image_prompt && strlen(image_prompt) > DOCUMENT_PROMPT_LIMIT) {
        b->failed = true;
        err_set(b->err, ERR_TOO_LARGE, "The image prompt of segment %zu is over %d bytes.",
                d->segment_count + 1, DOCUMENT_PROMPT_LIMIT);
        return;
    }
    ARRAY_GROW(d->segments, d->segment_count, d->segment_capacity);
    d->segments[d->segment_count++] = (struct document_segment){
        .text = arena_strndup(&d->arena, text, length),
        .length = length,
        .image_prompt = image_prompt ? arena_strdup(&d->arena, image_prompt) : NULL,
        .chapter = chapter_of_next(b),
    };
}

void builder_segment(struct builder *b, const char *text, size_t length, const char *image_prompt)
{
    trim(&text, &length);
    if (b->failed || !is_speakable(text, length))
        return;
    if (b->headings.len == 0) {
        push(b, text, length, image_prompt);
        return;
    }
    buf_append_str(&b->headings, "\n\n");
    buf_append(&b->headings, text, length);
    if (buf_ok(&b->headings, "segment", b->err))
        push(b, b->headings.data, b->headings.len, image_prompt);
    else
        b->failed = true;
    buf_clear(&b->headings);
}

void builder_heading(struct builder *b, const char *text, size_t length)
{
    trim(&text, &length);
    if (b->failed || !is_speakable(text, length))
        return;
    if (b->headings.len > 0)
        buf_append_str(&b->headings, "\n\n");
    buf_append(&b->headings, text, length);
}

/* One line, without spaces at its ends, of at most DOCUMENT_TITLE_MAX characters; NULL when empty. */
static const char *one_line(struct builder *b, const char *text, size_t length)
{
    size_t end = 0;

    trim(&text, &length);
    for (int i = 0; i < DOCUMENT_TITLE_MAX && end < length; i++)
        utf8_next(text, length, &end);
    length = end;
    if (length == 0)
        return NULL;
    char *line = arena_strndup(&b->document->arena, text, length);
    size_t out = 0;

    for (const char *p = line; *p; p++) {
        char c = (unsigned char)*p < ' ' ? ' ' : *p;

        if (c != ' ' || (out > 0 && line[out - 1] != ' '))
            line[out++] = c;
    }
    line[out] = '\0';
    return line;
}

void builder_chapter(struct builder *b, const char *title)
{
    const char *line = one_line(b, title, strlen(title));

    if (line)
        b->chapter = line;
}

void builder_title(struct builder *b, const char *title, size_t length)
{
    const char *line = one_line(b, title, length);

    if (line)
        b->document->title = line;
}

void builder_author(struct builder *b, const char *author, size_t length)
{
    const char *line = one_line(b, author, length);

    if (line)
        b->document->author = line;
}

bool builder_finish(struct builder *b)
{
    if (!b->failed && b->headings.len > 0)
        push(b, b->headings.data, b->headings.len, NULL);
    return !b->failed;
}
