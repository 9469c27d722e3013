#include "text/line.h"

#include <math.h>
#include <stdlib.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/utf8.h"
#include "text/vocab.h"

void line_init(struct line *line, const struct text_options *options, const struct buf *reading)
{
    *line = (struct line){ .options = options, .reading = reading };
    phonemes_init(&line->phonemes);
}

void line_release(struct line *line)
{
    phonemes_release(&line->phonemes);
    free(line->parts);
    free(line->ids);
}

static void add_id(struct line *line, int32_t id)
{
    ARRAY_GROW(line->ids, line->id_count, line->id_capacity);
    line->ids[line->id_count++] = id;
}

static bool add_symbol(struct line *line, uint32_t symbol)
{
    size_t count;
    const int32_t *ids = vocab_find(line->options->vocab, symbol, &count);

    for (size_t i = 0; i < count; i++)
        add_id(line, ids[i]);
    return ids != NULL;
}

/* A symbol outside the vocabulary is tried as its look-alike (IPA's ɡ, not ASCII's), then taken
 * apart (ã as a and a tilde), and dropped when no piece is known. */
static void add_symbol_or_parts(struct line *line, uint32_t symbol)
{
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];

    if (add_symbol(line, symbol) || (symbol == 'g' && add_symbol(line, 0x261)))
        return;
    int count = uc_canonical_decomposition(symbol, parts);
    for (int i = 0; i < count; i++)
        add_symbol(line, parts[i]);
}

/* The ids of a stretch of the phoneme string; with PHONEMES_NONE an id a character. */
static void add_ids(struct line *line, size_t start, size_t end)
{
    const struct buf *text = &line->phonemes.text;

    for (size_t at = start; at < end;) {
        uint32_t symbol = utf8_next(text->data, text->len, &at);

        if (line->options->scheme == PHONEMES_NONE)
            add_id(line, 0);
        else
            add_symbol_or_parts(line, symbol);
    }
}

/* The character of the span's text that is as far in it as at is in its phonemes. */
static size_t text_offset(const struct line *line, const struct phoneme_span *span, size_t offset,
                          size_t at)
{
    size_t length = span->text_end - span->text_start;
    size_t goal = length * (at - span->start) / (span->end - span->start);
    size_t text_at = offset + span->text_start, end = offset + span->text_end;

    while (text_at < end && text_at < offset + span->text_start + goal)
        utf8_next(line->reading->data, end, &text_at);
    return text_at < end ? text_at : offset + span->text_start;
}

static void add_part(struct line *line, const struct phoneme_span *span, size_t offset,
                     size_t start, size_t end, size_t id_start)
{
    const struct buf *text = &line->phonemes.text;
    size_t at = span->start;
    uint32_t symbol = utf8_next(text->data, text->len, &at);

    ARRAY_GROW(line->parts, line->count, line->capacity);
    line->parts[line->count++] = (struct part){
        .text_start = (uint32_t)text_offset(line, span, offset, start),
        .text_end = (uint32_t)(offset + span->text_end),
        .start = (uint32_t)start,
        .end = (uint32_t)end,
        .id_start = (uint32_t)id_start,
        .id_end = (uint32_t)line->id_count,
        .is_word = span->is_word,
        .mark = punctuation_find(span->is_word ? 0 : symbol),
    };
}

/* A span is a part, but for a word of more ids than any chunk may have (a megabyte of letters):
 * that is cut where the limit falls. */
static void add_parts(struct line *line, const struct phoneme_span *span, size_t offset)
{
    size_t start = span->start, id_start = line->id_count;

    for (size_t at = start; at < span->end;) {
        size_t here = at, before = line->id_count;

        utf8_next(line->phonemes.text.data, span->end, &at);
        add_ids(line, here, at);
        if (line->id_count - id_start <= line->options->max_tokens || here == start)
            continue;
        line->id_count = before;
        add_part(line, span, offset, start, here, id_start);
        start = at = here;
        id_start = before;
    }
    add_part(line, span, offset, start, span->end, id_start);
}

static enum chunk_end sentence_chunk_end(const struct line *line, enum sentence_end how)
{
    switch (how) {
    case SENTENCE_END_PARAGRAPH:
        return CHUNK_END_PARAGRAPH;
    case SENTENCE_END_LINE:
    case SENTENCE_END_MARK:
        return CHUNK_END_SENTENCE;
    case SENTENCE_END_CUT:
        break;
    }
    enum punctuation_kind kind =
        line->count ? line->parts[line->count - 1].mark.kind : PUNCTUATION_NONE;
    return kind == PUNCTUATION_SENTENCE ? CHUNK_END_SENTENCE
           : kind == PUNCTUATION_NONE   ? CHUNK_END_SPACE
                                        : CHUNK_END_CLAUSE;
}

void line_number(struct line *line, size_t offset, enum sentence_end how)
{
    size_t before = 0;

    line->count = line->next = line->id_count = 0;
    for (size_t i = 0; i < line->phonemes.count; i++) {
        const struct phoneme_span *span = &line->phonemes.spans[i];

        add_ids(line, before, span->start);
        add_parts(line, span, offset);
        before = span->end;
    }
    line->end = sentence_chunk_end(line, how);
}

bool line_has_speech(const struct line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct part *part = &line->parts[i];

        if (!part->is_word || part->id_end == part->id_start)
            continue;
        if (line->options->scheme != PHONEMES_NONE)
            return true;
        for (size_t at = part->start; at < part->end;) {
            uint32_t c = utf8_next(line->phonemes.text.data, line->phonemes.text.len, &at);

            if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N |
                                                        UC_CATEGORY_MASK_Sc | UC_CATEGORY_MASK_Sm))
                return true;
        }
    }
    return false;
}

/* The marks of part i end a clause or sentence, and what follows is a new word. */
static enum punctuation_kind break_after(const struct line *line, size_t i)
{
    enum punctuation_kind kind = line->parts[i].mark.kind;

    /* A closing quote or bracket ends at least a clause; an opening one ends nothing. */
    if (kind == PUNCTUATION_ENCLOSES) {
        bool closes = i > 0 && line->parts[i - 1].end == line->parts[i].start;
        bool gap = i + 1 < line->count && line->parts[i + 1].start > line->parts[i].end;

        return closes && gap ? PUNCTUATION_CLAUSE : PUNCTUATION_NONE;
    }
    if (kind != PUNCTUATION_NONE && i + 1 < line->count && !line->parts[i + 1].is_word &&
        line->parts[i + 1].start == line->parts[i].end)
        return PUNCTUATION_NONE; /* a run of marks: behind its last */
    return kind;
}

size_t line_ids(const struct line *line, size_t from, size_t to)
{
    return to > from ? line->parts[to - 1].id_end - line->parts[from].id_start : 0;
}

/* How bad a cut behind part i is, in ids: its distance from the ideal, and more where no mark calls
 * for it. Infinity inside a word or before a mark that belongs to it. */
static double cut_cost(const struct line *line, size_t from, size_t i, double ideal)
{
    bool gap = i + 1 < line->count && line->parts[i + 1].start > line->parts[i].end;
    double distance = fabs((double)line_ids(line, from, i + 1) - ideal);

    switch (break_after(line, i)) {
    case PUNCTUATION_SENTENCE:
        return distance;
    case PUNCTUATION_CLAUSE:
    case PUNCTUATION_ENCLOSES:
        return distance + 0.1 * ideal;
    case PUNCTUATION_NONE:
        break;
    }
    return gap ? distance + 0.8 * ideal : INFINITY;
}

size_t line_cut(const struct line *line, size_t from, double ideal, size_t limit)
{
    size_t best = 0, last = from;
    double best_cost = INFINITY;

    for (size_t i = from; i < line->count && line_ids(line, from, i + 1) <= limit; i++) {
        double cost = cut_cost(line, from, i, ideal);

        last = i;
        if (cost < best_cost) {
            best_cost = cost;
            best = i + 1;
        }
    }
    /* Scripts without spaces have no gaps: cut between two words all the same. */
    return best ? best : last + 1;
}

enum chunk_end line_end_of_cut(const struct line *line, size_t to)
{
    switch (break_after(line, to - 1)) {
    case PUNCTUATION_SENTENCE:
        return CHUNK_END_SENTENCE;
    case PUNCTUATION_CLAUSE:
    case PUNCTUATION_ENCLOSES:
        return CHUNK_END_CLAUSE;
    case PUNCTUATION_NONE:
        break;
    }
    return CHUNK_END_SPACE;
}

char line_mark(const struct line *line, size_t from, size_t to)
{
    for (size_t i = to; i > from; i--) {
        if (line->parts[i - 1].is_word)
            break;
        if (line->parts[i - 1].mark.plain)
            return line->parts[i - 1].mark.plain;
    }
    return 0;
}

size_t line_words(const struct line *line, size_t from, size_t to)
{
    size_t words = 0;

    for (size_t i = from; i < to; i++)
        words += line->parts[i].is_word;
    return words;
}
