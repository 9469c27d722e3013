/*
 * Plain text: paragraphs separated by blank lines, or labelled blocks.
 */
#include <string.h>

#include "studio/document_internal.h"

static bool parse_labelled(const char *text, size_t length, struct builder *b)
{
    struct lines lines = lines_of(text, length, 1);
    struct block block;
    struct line line;
    bool ok = true;

    block_init(&block);
    while (ok && next_line(&lines, &line))
        ok = block_take(&block, &line, b);
    ok = ok && block_close(&block, b);
    block_release(&block);
    return ok;
}

static bool parse_paragraphs(const char *text, size_t length, struct builder *b)
{
    struct lines lines = lines_of(text, length, 1);
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
