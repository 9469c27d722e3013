/*
 * Markdown, through libcmark's tree. Blocks become segments, headings chapters;
 * what marks up a word is left to cmark and never guessed from characters. The
 * paragraphs may be labelled blocks (document_labelled.c); a heading ends one.
 */
#include <cmark.h>
#include <stdint.h>
#include <string.h>

#include "studio/document_internal.h"

#define CHAPTER_LEVEL_MAX 2
#define HEADING_LEVEL_MAX 6
#define INDENT_MAX 3 /* spaces before a heading; four make it code (CommonMark 4.2) */

/* An ATX heading: one to six '#' and a space. */
static bool is_heading_line(const char *line, const char *end)
{
    const char *p = line;

    while (p < end && *p == ' ')
        p++;
    const char *marks = p;
    while (p < end && *p == '#')
        p++;
    return marks - line <= INDENT_MAX && p > marks && p - marks <= HEADING_LEVEL_MAX && p < end &&
           *p == ' ';
}

bool document_looks_like_markdown(const char *text, size_t length)
{
    const char *end = text + length;
    bool after_blank = true;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;

        if (after_blank && is_heading_line(text, stop))
            return true;
        after_blank = stop == text;
        text = newline ? newline + 1 : end;
    }
    return false;
}

struct markdown {
    struct builder *b;   /* borrowed */
    struct block *block; /* borrowed; NULL when the story has no labels */
};

/* The words inside a block: its text, code spans and picture descriptions; HTML is left out. Where
 * a line ends in the source but not in what is shown, line_end stands. */
static void append_inlines(cmark_node *block, char line_end, struct buf *out)
{
    cmark_iter *walk = cmark_iter_new(block);
    cmark_event_type event;

    while ((event = cmark_iter_next(walk)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(walk);
        cmark_node_type type = cmark_node_get_type(node);

        if (event != CMARK_EVENT_ENTER)
            continue;
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
            buf_append_str(out, cmark_node_get_literal(node));
        else if (type == CMARK_NODE_SOFTBREAK)
            buf_append_char(out, line_end);
        else if (type == CMARK_NODE_LINEBREAK)
            buf_append_char(out, '\n');
    }
    cmark_iter_free(walk);
}

static bool is_text_block(cmark_node *node)
{
    cmark_node_type type = cmark_node_get_type(node);

    return type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING;
}

/* The number shown before an item of an ordered list, left on the item for the next one: looking
 * back to the first each time would be quadratic. */
static void number_item(cmark_node *item)
{
    cmark_node *before = cmark_node_previous(item);
    intptr_t number = before ? (intptr_t)cmark_node_get_user_data(before) + 1
                             : cmark_node_get_list_start(cmark_node_parent(item));

    cmark_node_set_user_data(item, (void *)number);
}

static void append_item_number(cmark_node *item, struct buf *out)
{
    if (cmark_node_get_list_type(cmark_node_parent(item)) == CMARK_ORDERED_LIST)
        buf_format(out, "%d. ", (int)(intptr_t)cmark_node_get_user_data(item));
}

/* A list's blocks, nested ones too, are set off by blank lines; ordered items keep their number. */
static void append_list(cmark_node *list, char line_end, struct buf *out)
{
    cmark_iter *walk = cmark_iter_new(list);
    cmark_event_type event;

    while ((event = cmark_iter_next(walk)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(walk);
        cmark_node *parent = cmark_node_parent(node);

        if (event != CMARK_EVENT_ENTER)
            continue;
        if (cmark_node_get_type(node) == CMARK_NODE_ITEM)
            number_item(node);
        if (!is_text_block(node))
            continue;
        if (out->len > 0)
            buf_append_str(out, "\n\n");
        if (cmark_node_get_type(parent) == CMARK_NODE_ITEM && !cmark_node_previous(node))
            append_item_number(parent, out);
        append_inlines(node, line_end, out);
    }
    cmark_iter_free(walk);
}

/* The first heading of level 1, when it opens the document, is the story's title too. */
static bool take_heading(cmark_node *heading, const struct buf *text, struct markdown *m)
{
    struct builder *b = m->b;
    bool is_first = cmark_node_get_type(cmark_node_parent(heading)) == CMARK_NODE_DOCUMENT &&
                    !cmark_node_previous(heading);

    if (text->len == 0)
        return true;
    if (m->block && !block_close(m->block, b))
        return false;
    if (is_first && cmark_node_get_heading_level(heading) == 1)
        builder_title(b, text->data, text->len);
    if (cmark_node_get_heading_level(heading) <= CHAPTER_LEVEL_MAX)
        builder_chapter(b, text->data);
    builder_heading(b, text->data, text->len);
    return true;
}

/* Labels are at the beginnings of lines; the blank line after them ends a prompt. */
static bool take_lines(cmark_node *node, const struct buf *text, struct markdown *m)
{
    struct lines lines = lines_of(text->data, text->len, (size_t)cmark_node_get_start_line(node));
    struct line line, blank = { .start = "", .is_blank = true };
    bool ok = true;

    while (ok && next_line(&lines, &line))
        ok = block_take(m->block, &line, m->b);
    return ok && block_take(m->block, &blank, m->b);
}

static bool take_block(cmark_node *node, struct markdown *m)
{
    struct builder *b = m->b;
    struct buf text = BUF(DOCUMENT_SEGMENT_LIMIT);
    cmark_node_type type = cmark_node_get_type(node);
    char line_end = m->block && type != CMARK_NODE_HEADING ? '\n' : ' ';

    if (type == CMARK_NODE_LIST)
        append_list(node, line_end, &text);
    else
        append_inlines(node, line_end, &text);
    bool ok = buf_ok(&text, "segment", b->err);
    if (!ok)
        b->failed = true;
    else if (type == CMARK_NODE_HEADING)
        ok = take_heading(node, &text, m);
    else if (text.len > 0 && m->block)
        ok = take_lines(node, &text, m);
    else if (text.len > 0)
        builder_segment(b, text.data, text.len, NULL);
    buf_release(&text);
    return ok && builder_ok(b);
}

/* Walks the blocks, into block quotes too; a list is taken whole. */
static bool take_blocks(cmark_node *document, struct markdown *m)
{
    cmark_iter *walk = cmark_iter_new(document);
    cmark_event_type event;
    bool ok = true;

    while (ok && (event = cmark_iter_next(walk)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(walk);

        if (event != CMARK_EVENT_ENTER)
            continue;
        if (is_text_block(node) || cmark_node_get_type(node) == CMARK_NODE_LIST) {
            ok = take_block(node, m);
            cmark_iter_reset(walk, node, CMARK_EVENT_EXIT);
        }
    }
    cmark_iter_free(walk);
    return ok && (!m->block || block_close(m->block, m->b));
}

/* As in plain text, the first paragraph decides; it may be the second, after a title. */
static bool is_labelled(cmark_node *document)
{
    struct buf text = BUF(DOCUMENT_TEXT_LIMIT);
    int paragraphs = 0;

    for (cmark_node *node = cmark_node_first_child(document); node && paragraphs < 2;
         node = cmark_node_next(node)) {
        if (cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH)
            continue;
        append_inlines(node, '\n', &text);
        buf_append_char(&text, '\n');
        paragraphs++;
    }
    bool is = text.data && document_looks_labelled(text.data, text.len);

    buf_release(&text);
    return is;
}

bool document_parse_markdown(const char *text, size_t length, struct builder *b)
{
    /* CMARK_OPT_SAFE is the renderer's; nothing is rendered here. */
    cmark_node *document = cmark_parse_document(text, length, CMARK_OPT_DEFAULT);

    if (!document) {
        b->failed = true;
        return err_set(b->err, ERR_INTERNAL, "The Markdown could not be read: out of memory.");
    }
    struct block block;
    struct markdown m = { .b = b, .block = is_labelled(document) ? &block : NULL };

    block_init(&block);
    bool ok = take_blocks(document, &m) && builder_finish(b);
    block_release(&block);
    cmark_node_free(document);
    return ok;
}
