/*
 * Labelled blocks, for stories written for pictures, in plain text and in Markdown:
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

static const struct {
    const char *word;
    enum label label;
} labels[] = {
    { "Title:", LABEL_TITLE },
    { "Text:", LABEL_TEXT },
    { "Prompt:", LABEL_PROMPT },
};

struct lines lines_of(const char *text, size_t length, size_t number)
{
    return (struct lines){ .at = text, .end = text + length, .number = number };
}

static bool is_blank(const char *text, size_t length)
{
    trim(&text, &length);
    return length == 0;
}

bool next_line(struct lines *lines, struct line *line)
{
    if (lines->at == lines->end)
        return false;
    const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    const char *stop = newline ? newline : lines->end;

    *line = (struct line){
        .whole = lines->at,
        .start = lines->at,
        .length = (size_t)(stop - lines->at),
        .number = lines->number++,
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

/* Labels count when the first line that is neither blank nor the title has one: a story may say
 * "Text: him later." further on. */
bool document_looks_labelled(const char *text, size_t length)
{
    struct lines lines = lines_of(text, length, 1);
    struct line line;

    while (next_line(&lines, &line))
        if (!line.is_blank && line.label != LABEL_TITLE)
            return line.label != LABEL_NONE;
    return false;
}

void block_init(struct block *block)
{
    *block = (struct block){ .text = BUF(DOCUMENT_TEXT_LIMIT), .prompt = BUF(DOCUMENT_TEXT_LIMIT) };
}

void block_release(struct block *block)
{
    buf_release(&block->text);
    buf_release(&block->prompt);
}

bool block_close(struct block *block, struct builder *b)
{
    const char *text = block->text.data ? block->text.data : "";
    const char *prompt = block->prompt.data ? block->prompt.data : "";
    size_t length = strlen(prompt);

    block->open = LABEL_NONE;
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

bool block_take(struct block *block, const struct line *line, struct builder *b)
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
