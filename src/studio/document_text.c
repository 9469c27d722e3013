/*
 * Plain text. Two forms: paragraphs separated by blank lines, and labelled
 * blocks, for stories written for pictures:
 *
 *     Title: The Lighthouse
 *
 *     Text: The lamp had burned for a hundred years.
 *     Prompt: a lighthouse at dusk, oil painting
 *
 * A label begins a line, in any case. Its value goes on to the next label; a
 * prompt ends at a blank line too. Text and prompt may come in either order.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "studio/document_internal.h"

enum label { LABEL_NONE, LABEL_TITLE, LABEL_TEXT, LABEL_PROMPT };

static const struct {
    const char *word;
    enum label label;
} labels[] = {
    { "Title:", LABEL_TITLE },
    { "Text:", LABEL_TEXT },
    { "Prompt:", LABEL_PROMPT },
};

struct line {
    const char *whole; /* where it begins */
    const char *start; /* after the label */
    size_t length;     /* from start, without the \n */
    size_t number;     /* from 1 */
    enum label label;
    bool is_blank;
};

struct lines {
    const char *at, *end;
    size_t number;
};

static bool is_blank(const char *text, size_t length)
{
    trim(&text, &length);
    return length == 0;
}

static bool next_line(struct lines *lines, struct line *line)
{
    if (lines->at == lines->end)
        return false;
    const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    const char *stop = newline ? newline : lines->end;

    *line = (struct line){
        .whole = lines->at,
        .start = lines->at,
        .length = (size_t)(stop - lines->at),
        .number = ++lines->number,
    };
    line->is_blank = is_blank(line->start, line->length);
    lines->at = newline ? newline + 1 : lines->end;
    for (size_t i = 0; i < COUNT(labels); i++) {
        size_t length = strlen(labels[i].word);

        if (line->length >= length && strncasecmp(line->start, labels[i].word, length) == 0) {
            line->label = labels[i].label;
            line->start += length;
            line->length -= length;
            break;
        }
    }
    return true;
}

static struct lines lines_of(const char *text, size_t length)
{
    return (struct lines){ .at = text, .end = text + length };
}

/* Labels count when the first line that is neither blank nor the title has one: a story may say
 * "Text: him later." further on. */
bool document_looks_labelled(const char *text, size_t length)
{
    struct lines lines = lines_of(text, length);
    struct line line;

    while (next_line(&lines, &line))
        if (!line.is_blank && line.label != LABEL_TITLE)
            return line.label != LABEL_NONE;
    return false;
}

/* A labelled block while its lines come in. */
struct block {
    struct buf text, prompt;
    enum label open; /* where plain lines go; LABEL_NONE: nowhere */
    bool has_text, has_prompt;
    size_t line; /* where it began */
};

static bool block_close(struct block *block, struct builder *b)
{
    const char *text = block->text.data ? block->text.data : "";
    const char *prompt = block->prompt.data ? block->prompt.data : "";
    size_t length = strlen(prompt);

    if (!block->has_text && !block->has_prompt)
        return true;
    if (!block->has_text || is_blank(text, block->text.len)) {
        b->failed = true;
        return err_set(b->err, ERR_INVALID,
                       "Line %zu: this block has no words after Text:, so nothing can be spoken.",
                       block->line);
    }
    trim(&prompt, &length);
    char *prompt_copy = length > 0 ? xstrndup(prompt, length) : NULL;
    builder_segment(b, text, block->text.len, prompt_copy);
    free(prompt_copy);
    buf_clear(&block->text);
    buf_clear(&block->prompt);
    block->has_text = block->has_prompt = false;
    return builder_ok(b);
}

static bool block_open(struct block *block, const struct line *line, struct builder *b)
{
    bool *has = line->label == LABEL_TEXT ? &block->has_text : &block->has_prompt;

    if (*has && !block_close(block, b))
        return false;
    if (!block->has_text && !block->has_prompt)
        block->line = line->number;
    *has = true;
    block->open = line->label;
    return true;
}

static bool take_labelled_line(struct block *block, const struct line *line, struct builder *b)
{
    if (line->label == LABEL_TITLE) {
        builder_title(b, line->start, line->length);
        block->open = LABEL_NONE;
        return true;
    }
    if (line->label != LABEL_NONE && !block_open(block, line, b))
        return false;
    if (line->is_blank && block->open == LABEL_PROMPT)
        block->open = LABEL_NONE;
    if (block->open == LABEL_NONE) {
        if (line->is_blank)
            return true;
        b->failed = true;
        return err_set(b->err, ERR_INVALID,
                       "Line %zu belongs to no block: it should begin with Text: or Prompt:.",
                       line->number);
    }
    struct buf *target = block->open == LABEL_TEXT ? &block->text : &block->prompt;
    buf_append(target, line->start, line->length);
    buf_append_char(target, '\n');
    return true;
}

static bool parse_labelled(const char *text, size_t length, struct builder *b)
{
    struct lines lines = lines_of(text, length);
    struct block block = { .text = BUF(DOCUMENT_TEXT_LIMIT), .prompt = BUF(DOCUMENT_TEXT_LIMIT) };
    struct line line;
    bool ok = true;

    while (ok && next_line(&lines, &line))
        ok = take_labelled_line(&block, &line, b);
    ok = ok && block_close(&block, b);
    buf_release(&block.text);
    buf_release(&block.prompt);
    return ok;
}

static bool parse_paragraphs(const char *text, size_t length, struct builder *b)
{
    struct lines lines = lines_of(text, length);
    struct line line;
    const char *start = NULL; /* of the paragraph */
    bool is_first = true;

    while (next_line(&lines, &line)) {
        if (is_first && line.label == LABEL_TITLE) {
            builder_title(b, line.start, line.length);
        } else if (line.is_blank && start) {
            builder_segment(b, start, (size_t)(line.whole - start), NULL);
            start = NULL;
        } else if (!line.is_blank && !start) {
            start = line.whole;
        }
        is_first = is_first && line.is_blank;
    }
    if (start)
        builder_segment(b, start, (size_t)(text + length - start), NULL);
    return builder_ok(b);
}

bool document_parse_text(const char *text, size_t length, struct builder *b)
{
    bool ok = document_looks_labelled(text, length) ? parse_labelled(text, length, b)
                                                    : parse_paragraphs(text, length, b);
    return ok && builder_finish(b);
}
