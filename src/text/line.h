#pragma once

/*
 * A sentence ready to be packed: its phonemes as numbered parts, and where it
 * may be cut. The planner keeps one, for the sentence at hand. One thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "text/chunk.h"
#include "text/phonemize.h"
#include "text/punctuation.h"
#include "text/sentence.h"

/* A span of the sentence with its ids. */
struct part {
    uint32_t text_start, text_end; /* bytes of the reading */
    uint32_t start, end;           /* bytes of the phoneme string */
    uint32_t id_start, id_end;     /* ids of the sentence; those between two parts are spaces' */
    bool is_word;
    struct punctuation mark; /* of what is no word */
};

/* The sentence at hand, phonemised. */
struct line {
    struct phonemes phonemes;
    struct part *parts;
    size_t count, capacity;
    size_t next; /* the first part not yet in a chunk */
    int32_t *ids;
    size_t id_count, id_capacity;
    enum chunk_end end; /* of the whole */

    const struct text_options *options; /* borrowed */
    const struct buf *reading;          /* borrowed: what text offsets point into */
};

void line_init(struct line *line, const struct text_options *options, const struct buf *reading);
void line_release(struct line *line);

/* Makes parts of line->phonemes, the phonemes of a sentence that stands at offset in the reading. */
void line_number(struct line *line, size_t offset, enum sentence_end how);

/* Is there anything to speak: a word with ids? */
bool line_has_speech(const struct line *line);

/* The ids of parts [from, to), with the spaces between them. */
size_t line_ids(const struct line *line, size_t from, size_t to);
size_t line_words(const struct line *line, size_t from, size_t to);

/* The part before which to cut, for a piece that begins at from, has about ideal ids and at most
 * limit; at least one part. */
size_t line_cut(const struct line *line, size_t from, double ideal, size_t limit);

/* What ends a piece that goes up to part to, and its last mark as chunk.mark. */
enum chunk_end line_end_of_cut(const struct line *line, size_t to);
char line_mark(const struct line *line, size_t from, size_t to);
