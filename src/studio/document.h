#pragma once

/*
 * A story as it is imported: a title, segments in order, and the chapters they
 * belong to. Text, Markdown, JSON and EPUB all become this.
 *
 * A segment is what becomes one recording: a paragraph, however long. Headings
 * are spoken: they stand above the first paragraph that follows, set off by a
 * blank line, so that no recording is only a few words long. Paragraphs without
 * a letter or a digit ("* * *") are scene breaks and no segments.
 *
 *   text      segments are separated by blank lines; or each begins with
 *             `Text:`, with its picture's `Prompt:` beside it. A first line
 *             `Title: …` names the story and is not spoken.
 *   Markdown  headings of level 1 and 2 begin chapters; a first heading is the
 *             title too. A list is one segment. Code blocks and HTML are left
 *             out; inline code, links and pictures are read as their text.
 *   JSON      {"title": "…", "segments": [{"text_content": "…",
 *             "image_prompt": "…"}]}; a segment may name its "chapter".
 *   EPUB      the spine in order; chapters from the book's table of contents,
 *             else from headings. Books with DRM are refused.
 *
 * A document owns all its strings. One thread at a time; nothing is shared
 * between two documents. Errors name the line or the entry.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "text/origin.h"

#define DOCUMENT_TEXT_LIMIT (16u << 20)  /* bytes of a text, Markdown or JSON file */
#define DOCUMENT_EPUB_LIMIT (256u << 20) /* bytes of an EPUB, pictures and all */
#define DOCUMENT_SEGMENTS_MAX 50000
#define DOCUMENT_TITLE_MAX 500            /* characters; longer titles are cut, but in JSON */
#define DOCUMENT_SEGMENT_LIMIT TEXT_LIMIT /* bytes of one segment */
#define DOCUMENT_PROMPT_LIMIT 65536       /* bytes of an image prompt */

enum document_format {
    DOCUMENT_AUTO, /* by content, then by the name's extension */
    DOCUMENT_TEXT,
    DOCUMENT_MARKDOWN,
    DOCUMENT_JSON,
    DOCUMENT_EPUB,
};

const char *document_format_name(enum document_format format); /* "auto", "text", … */
bool document_format_parse(const char *name, enum document_format *out);

#define DOCUMENT_NO_CHAPTER SIZE_MAX

struct document_segment {
    const char *text; /* valid UTF-8, lines end in \n, never empty */
    size_t length;
    const char *image_prompt; /* or NULL */
    size_t chapter;           /* index into chapters, or DOCUMENT_NO_CHAPTER */
};

struct document {
    struct arena arena; /* owns every string */
    const char *title;  /* never empty */
    const char *author; /* or NULL */
    struct document_segment *segments;
    size_t segment_count, segment_capacity;
    const char **chapters; /* titles, in order; none in plain text */
    size_t chapter_count, chapter_capacity;
};

/* Reads a file, or standard input for "-". ERR_INVALID when there is nothing to speak. On failure
 * *out is empty. */
bool document_load(const char *path, enum document_format format, struct document *out,
                   struct err *err) MUST_CHECK;

/* The same from memory. name gives the extension and the title of what has none of its own. */
bool document_parse(const char *bytes, size_t length, const char *name, enum document_format format,
                    struct document *out, struct err *err) MUST_CHECK;

void document_release(struct document *document); /* safe on a zeroed struct and twice */
