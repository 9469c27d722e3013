#include "text/chunk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/espeak_ng.h"
#include "text/line.h"
#include "text/markup.h"
#include "text/normalize.h"
#include "text/origin.h"
#include "text/phonemize.h"
#include "text/sentence.h"

/* Fewer words than this sound odd alone (TTS.md 5): they join a neighbour beyond the target. */
#define SHORT_WORDS 6
/* A remainder below this many ids is not cut off for an early start. */
#define REMAINDER_MIN 12
#define CHUNK_TEXT_MAX (16u << 20)

/* A run of parts that goes into one chunk. */
struct piece {
    size_t from, to; /* parts of the line */
    enum chunk_end end;
};

/* The chunk being packed. */
struct draft {
    struct buf text, phonemes;
    int32_t *ids;
    size_t id_count, id_capacity;
    struct chunk_word *words;
    size_t word_count, word_capacity;
    uint32_t input_start, input_end;
    enum chunk_end end;
    char mark;
    size_t pieces;
};

struct planner {
    struct text_options options; /* language and espeak_voice are copies */
    char *language, *voice;
    char *input; /* the user's */
    struct markup markup;
    struct origin_text reading;
    struct phonemizer *phonemizer;

    size_t at;      /* of the reading: where the next sentence is looked for */
    size_t region;  /* where the stretch up to the next pause ends */
    double pause_s; /* asked for between the last chunk and what comes */
    bool has_pause;
    size_t chunk_count;
    struct line line;
    struct draft draft;
};

/* --- Sentences --- */

/* The end of the stretch from at on that has no pause in it. */
static size_t region_end(const struct planner *p, size_t at)
{
    const struct buf *text = &p->reading.text;

    while (at < text->len) {
        size_t next = at;
        const struct mark *mark = markup_find(&p->markup, utf8_next(text->data, text->len, &next));

        if (mark && mark->kind == MARK_PAUSE)
            break;
        at = next;
    }
    return at;
}

/* At the end of a region: takes the pause there. False at the end of the text. */
static bool pass_pause(struct planner *p)
{
    const struct buf *text = &p->reading.text;

    if (p->region >= text->len)
        return false;
    p->pause_s += markup_find(&p->markup, utf8_next(text->data, text->len, &p->at))->pause_s;
    p->has_pause = true;
    p->region = region_end(p, p->at);
    return true;
}

/* Makes sure that the line has parts left, unless the text is at its end. */
static bool load_line(struct planner *p, struct err *err)
{
    struct line *line = &p->line;
    struct sentence sentence;

    while (line->next == line->count) {
        size_t next = sentence_next(p->reading.text.data, p->region, p->at, &sentence);

        if (!next) {
            p->at = p->region;
            if (!pass_pause(p))
                return true;
            continue;
        }
        p->at = next;
        if (!phonemize(p->phonemizer, p->reading.text.data + sentence.start,
                       sentence.end - sentence.start, &line->phonemes, err))
            return false;
        line_number(line, sentence.start, sentence.how);
        if (next == p->region && line->end < CHUNK_END_SENTENCE)
            line->end = CHUNK_END_SENTENCE; /* the text, or a pause, ends it */
        if (!line_has_speech(line))
            line->next = line->count; /* marks alone make a model cough: never spoken */
    }
    return true;
}

/* --- Pieces: how a sentence is cut --- */

/* Sentences up to twice the target are left whole: a model carries them well enough, and a cut is
 * heard. */
static size_t piece_limit(const struct planner *p)
{
    size_t limit = 2 * p->options.target_tokens;

    return limit > 0 && limit < p->options.max_tokens ? limit : p->options.max_tokens;
}

/* What of the line goes next into a chunk. */
static struct piece next_piece(const struct planner *p)
{
    const struct line *line = &p->line;
    size_t left = line_ids(line, line->next, line->count);
    size_t limit = piece_limit(p);
    size_t first = p->options.first_tokens;
    struct piece piece = { .from = line->next, .to = line->count, .end = line->end };

    if (p->chunk_count == 0 && first > 0 && left > first + REMAINDER_MIN) {
        piece.to = line_cut(line, line->next, (double)first, first + first / 2);
    } else if (left > limit) {
        size_t pieces = (left + limit - 1) / limit;
        piece.to = line_cut(line, line->next, (double)left / (double)pieces, limit);
    }
    if (piece.to < line->count)
        piece.end = line_end_of_cut(line, piece.to);
    return piece;
}

/* --- The chunk --- */

static void draft_clear(struct draft *draft)
{
    buf_clear(&draft->text);
    buf_clear(&draft->phonemes);
    draft->id_count = draft->word_count = draft->pieces = 0;
    draft->mark = 0;
}

/* Where, from at on, the reading stems from a later byte of the input than last; its end if nowhere.
 * Found in doubling steps: a megabyte of digits is one replacement of a hundred thousand words, and
 * each word asks. */
static size_t next_origin(const struct origin_text *r, size_t at, uint32_t last)
{
    size_t low = at, step = 1;

    while (step < r->text.len - low && r->origin[low + step] == last) {
        low += step;
        step *= 2;
    }
    size_t high = step < r->text.len - low ? low + step : r->text.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->origin[middle] == last)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The end of the input that reading[start..end) was made of: for a copy the byte behind its last,
 * for a replacement where the next begins. */
static uint32_t input_end_of(const struct planner *p, size_t start, size_t end)
{
    const struct origin_text *r = &p->reading;
    uint32_t last = r->origin[end - 1];
    bool is_copy = p->input[last] == r->text.data[end - 1] &&
                   (end - 1 == start || r->origin[end - 2] + 1 == last);
    uint32_t next = last + 1;

    if (is_copy)
        return next;
    end = next_origin(r, end, last);
    next = end < r->text.len ? r->origin[end] : r->input_len;
    while (next > last + 1 && strchr(" \t\r\n", p->input[next - 1]))
        next--;
    return next;
}

/* Reading[start..end) with marks as the words that were written. */
static void append_reading(const struct planner *p, size_t start, size_t end, struct buf *out)
{
    const struct buf *text = &p->reading.text;

    for (size_t at = start; at < end;) {
        size_t here = at;
        const struct mark *mark = markup_find(&p->markup, utf8_next(text->data, text->len, &at));

        if (mark)
            buf_append_str(out, mark->text);
        else
            buf_append(out, text->data + here, at - here);
    }
}

static void add_draft_id(struct draft *draft, int32_t id)
{
    ARRAY_GROW(draft->ids, draft->id_count, draft->id_capacity);
    draft->ids[draft->id_count++] = id;
}

static void add_draft_symbol(struct planner *p, char symbol)
{
    size_t count = 0;
    const int32_t *ids =
        p->options.vocab ? vocab_find(p->options.vocab, (uint8_t)symbol, &count) : NULL;

    buf_append_char(&p->draft.phonemes, symbol);
    if (p->options.scheme == PHONEMES_NONE)
        add_draft_id(&p->draft, 0);
    for (size_t i = 0; i < count; i++)
        add_draft_id(&p->draft, ids[i]);
}

/* Between two pieces: a space, and a full stop behind a heading that has no mark, so that it does
 * not run on into the next sentence. */
static void join_draft(struct planner *p)
{
    struct draft *draft = &p->draft;

    if (draft->end >= CHUNK_END_SENTENCE && !draft->mark)
        add_draft_symbol(p, '.');
    add_draft_symbol(p, ' ');
    buf_append_char(&draft->text, ' ');
}

static void append_words(struct planner *p, const struct piece *piece, size_t id_base,
                         size_t phoneme_base)
{
    const struct line *line = &p->line;
    struct draft *draft = &p->draft;
    const struct part *first = &line->parts[piece->from];

    for (size_t i = piece->from; i < piece->to; i++) {
        const struct part *part = &line->parts[i];
        bool is_text = p->options.scheme == PHONEMES_NONE;

        if (!part->is_word || part->id_end == part->id_start)
            continue;
        ARRAY_GROW(draft->words, draft->word_count, draft->word_capacity);
        draft->words[draft->word_count++] = (struct chunk_word){
            .input_start = p->reading.origin[part->text_start],
            .input_end = input_end_of(p, part->text_start, part->text_end),
            .id_start = (uint32_t)(is_text ? phoneme_base + part->start - first->start
                                           : id_base + part->id_start - first->id_start),
            .id_count = is_text ? part->end - part->start : part->id_end - part->id_start,
        };
    }
}

static void append_piece(struct planner *p, const struct piece *piece)
{
    struct line *line = &p->line;
    struct draft *draft = &p->draft;
    const struct part *first = &line->parts[piece->from], *last = &line->parts[piece->to - 1];

    if (draft->pieces++ > 0)
        join_draft(p);
    else
        draft->input_start = p->reading.origin[first->text_start];
    size_t id_base = draft->id_count, phoneme_base = draft->phonemes.len;
    append_reading(p, first->text_start, last->text_end, &draft->text);
    buf_append(&draft->phonemes, line->phonemes.text.data + first->start, last->end - first->start);
    for (size_t i = first->id_start; i < last->id_end; i++)
        add_draft_id(draft, line->ids[i]);
    append_words(p, piece, id_base, phoneme_base);
    draft->input_end = input_end_of(p, last->text_start, last->text_end);
    draft->end = piece->end;
    draft->mark = line_mark(line, piece->from, piece->to);
    line->next = piece->to;
}

/* Does the next piece go into this chunk too? */
static bool joins(const struct planner *p, const struct piece *piece)
{
    const struct draft *draft = &p->draft;
    bool is_first = p->chunk_count == 0 && p->options.first_tokens > 0;
    size_t target = is_first ? p->options.first_tokens : p->options.target_tokens;
    bool is_short = draft->word_count < SHORT_WORDS ||
                    (!is_first && line_words(&p->line, piece->from, piece->to) < SHORT_WORDS);
    /* A space, and a full stop perhaps. */
    size_t total = draft->id_count + 2 + line_ids(&p->line, piece->from, piece->to);

    if (draft->end == CHUNK_END_PARAGRAPH || p->has_pause || total > p->options.max_tokens ||
        p->options.keeps_sentences)
        return false;
    if (draft->end < CHUNK_END_SENTENCE && piece->from > 0)
        return false; /* it was cut there on purpose */
    if (is_first)
        return is_short && total <= target;
    return total <= target || (is_short && total <= piece_limit(p));
}

static bool find_voice(struct planner *p, struct err *err)
{
    const char *voice = p->options.espeak_voice;

    if (!voice)
        voice = espeak_ng_voice_for(p->language, err);
    if (!voice)
        return false;
    p->voice = xstrdup(voice);
    return true;
}

/* Input to reading: markup lifted, then normalised. */
static bool read_input(struct planner *p, const char *text, size_t length, struct err *err)
{
    struct origin_text input, lifted;
    bool ok = false;

    origin_text_init(&lifted, length <= TEXT_LIMIT ? length : 0);
    origin_text_init(&p->reading, lifted.input_len);
    if (!origin_from_input(&input, text, length, err))
        goto out;
    p->input = xstrndup(length ? text : "", length);
    if (!markup_lift(&p->markup, &input, p->options.lexicon, &lifted, err))
        goto out;
    if (p->options.is_normalized)
        origin_append_copy(&p->reading, &lifted, 0, lifted.text.len);
    else if (!normalize(&lifted, p->language, &p->reading, err))
        goto out;
    ok = buf_ok(&p->reading.text, "reading of the text", err);

out:
    origin_text_release(&input);
    origin_text_release(&lifted);
    return ok;
}

struct planner *planner_create(const char *text, size_t length, const struct text_options *options,
                               struct err *err)
{
    struct planner *p = xcalloc(1, sizeof *p);

    assert(options->max_tokens > 0);
    assert(options->vocab || options->scheme == PHONEMES_NONE);
    p->options = *options;
    p->language = xstrdup(options->language);
    markup_init(&p->markup);
    line_init(&p->line, &p->options, &p->reading.text);
    p->draft.text = BUF(CHUNK_TEXT_MAX);
    p->draft.phonemes = BUF(CHUNK_TEXT_MAX);
    if (!find_voice(p, err) || !read_input(p, text, length, err)) {
        planner_destroy(p);
        return NULL;
    }
    p->phonemizer = phonemizer_create(options->scheme, p->language, p->voice, &p->markup);
    p->region = region_end(p, 0);
    return p;
}

void planner_destroy(struct planner *p)
{
    if (!p)
        return;
    phonemizer_destroy(p->phonemizer);
    line_release(&p->line);
    markup_release(&p->markup);
    origin_text_release(&p->reading);
    buf_release(&p->draft.text);
    buf_release(&p->draft.phonemes);
    free(p->draft.ids);
    free(p->draft.words);
    free(p->input);
    free(p->language);
    free(p->voice);
    free(p);
}

static double take_pause(struct planner *p)
{
    double pause_s = p->pause_s;

    p->pause_s = 0;
    p->has_pause = false;
    return pause_s;
}

/* The draft as a chunk of the arena. */
static void finish_chunk(struct planner *p, struct arena *arena, struct chunk *out)
{
    const struct draft *draft = &p->draft;
    bool is_text = p->options.scheme == PHONEMES_NONE;
    const struct buf *text = is_text ? &draft->phonemes : &draft->text;

    *out = (struct chunk){
        .text = arena_strndup(arena, text->data, text->len),
        .phonemes = is_text ? "" : arena_strndup(arena, draft->phonemes.data, draft->phonemes.len),
        .words = arena_copy(arena, draft->words, draft->word_count * sizeof *draft->words),
        .word_count = draft->word_count,
        .input_start = draft->input_start,
        .input_end = draft->input_end,
        .end = draft->end,
        .mark = draft->mark,
    };
    if (!is_text) {
        out->ids = arena_copy(arena, draft->ids, draft->id_count * sizeof *draft->ids);
        out->id_count = draft->id_count;
    }
}

/* Pauses with nothing to speak: in a text of pauses only. */
static bool silent_chunk(struct planner *p, struct chunk *out)
{
    uint32_t end = p->reading.input_len;

    if (!p->has_pause)
        return false;
    *out = (struct chunk){ .text = "",
                           .phonemes = "",
                           .input_start = 0,
                           .input_end = end,
                           .end = CHUNK_END_SENTENCE,
                           .pause_before_s = take_pause(p),
                           .is_silent = true };
    return true;
}

/* Fills the draft with pieces while they fit; the line is left at what comes behind it. */
static bool pack(struct planner *p, struct err *err)
{
    struct piece piece = next_piece(p);

    draft_clear(&p->draft);
    do {
        append_piece(p, &piece);
        if (!load_line(p, err))
            return false;
        if (p->line.next == p->line.count)
            break;
        piece = next_piece(p);
    } while (joins(p, &piece));
    return buf_ok(&p->draft.text, "chunk", err) && buf_ok(&p->draft.phonemes, "chunk", err);
}

bool planner_next(struct planner *p, struct arena *arena, struct chunk *out, struct err *err)
{
    err_clear(err);
    if (!load_line(p, err))
        return false;
    double before_s = 0;
    if (p->line.next == p->line.count)
        return silent_chunk(p, out);
    if (p->chunk_count == 0)
        before_s = take_pause(p);
    if (!pack(p, err))
        return false;
    finish_chunk(p, arena, out);
    out->pause_before_s = before_s;
    out->pause_after_s = take_pause(p);
    p->chunk_count++;
    return true;
}
