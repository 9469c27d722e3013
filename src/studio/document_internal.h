#pragma once

/*
 * What the readers of the formats share: a builder that collects segments,
 * checks their limits and puts waiting headings above them. A builder remembers
 * its first error; builder_ok() is true until then.
 */

#include "base/buf.h"
#include "studio/document.h"

struct builder {
    struct document *document; /* borrowed */
    struct err *err;           /* borrowed; holds the first failure */
    struct buf headings;       /* waiting for the paragraph they stand above */
    const char *chapter;       /* title of the chapter the next segment begins, or NULL */
    bool failed;
};

void builder_init(struct builder *b, struct document *document, struct err *err);

/* Turns a heading nothing came after into a segment. True when all went well. */
bool builder_finish(struct builder *b) MUST_CHECK;
void builder_release(struct builder *b);
bool builder_ok(const struct builder *b);

/* Spaces at both ends go; a text without a letter or a digit is left out. image_prompt may be
 * NULL. The texts need not be NUL-terminated but where they are const char * alone. */
void builder_segment(struct builder *b, const char *text, size_t length, const char *image_prompt);

/* A heading to be spoken above the next segment. */
void builder_heading(struct builder *b, const char *text, size_t length);

/* The next segment begins a chapter. One without segments gives way to the next. */
void builder_chapter(struct builder *b, const char *title);

/* The story's title or author: spaces at the ends go, line ends become spaces, what is too long is
 * cut. An empty one changes nothing. */
void builder_title(struct builder *b, const char *title, size_t length);
void builder_author(struct builder *b, const char *author, size_t length);

/* Narrows a text to what is between the white space at its ends. */
void trim(const char **text, size_t *length);

/* CR LF and lone CR become LF, in place. Returns the new length. */
size_t unify_line_ends(char *text, size_t length);

/* text is checked UTF-8 without a byte order mark, its lines end in \n; name is for messages. */
bool document_parse_text(const char *text, size_t length, struct builder *b);
bool document_parse_markdown(const char *text, size_t length, struct builder *b);
bool document_parse_json(const char *text, size_t length, const char *name, struct builder *b);
bool document_parse_epub(const char *bytes, size_t length, struct builder *b);

enum label { LABEL_NONE, LABEL_TITLE, LABEL_TEXT, LABEL_PROMPT };

struct line {
    const char *whole; /* where it begins */
    const char *start; /* after the label */
    size_t length;     /* from start, without the \n */
    size_t number;     /* for messages */
    enum label label;
    bool is_blank;
};

struct lines {
    const char *at, *end;
    size_t number; /* of the next one */
};

/* The lines of a text whose first one has this number. False after the last. */
struct lines lines_of(const char *text, size_t length, size_t number);
bool next_line(struct lines *lines, struct line *line);

/* A labelled block while its lines come in. */
struct block {
    struct buf text, prompt;
    enum label open; /* where plain lines go; LABEL_NONE: nowhere */
    bool has_text, has_prompt;
    size_t line; /* where it began */
};

void block_init(struct block *block);
void block_release(struct block *block);
bool block_take(struct block *block, const struct line *line, struct builder *b) MUST_CHECK;

/* Makes the block a segment; lines without a label belong nowhere then. */
bool block_close(struct block *block, struct builder *b) MUST_CHECK;

/* Does it have `Text:` or `Prompt:` labels, or `# headings`? */
bool document_looks_labelled(const char *text, size_t length);
bool document_looks_like_markdown(const char *text, size_t length);
