/*
 * From a text and the times of its words to what subtitles show: the markup is
 * lifted ([pause:1s] goes, [tomato](/…/) becomes tomato) by the front end's own
 * rules, which keep each byte's origin, so that the spoken words' offsets find
 * their place.
 */
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unilbrk.h>
#include <uniwidth.h>

#include "base/utf8.h"
#include "studio/subtitle_internal.h"
#include "text/markup.h"
#include "text/origin.h"
#include "text/sentence.h"

#define ABBREVIATION_MAX 4 /* bytes of "Vol." */

/* Copies the lifted text with its marks written out, each line end within a paragraph a space. */
static void write_out(const struct markup *markup, const struct origin_text *lifted,
                      struct origin_text *out)
{
    const char *text = lifted->text.data;
    size_t length = lifted->text.len;

    for (size_t at = 0; at < length;) {
        size_t start = at;
        const struct mark *mark = markup_find(markup, utf8_next(text, length, &at));

        if (mark)
            origin_append(out, mark->text, strlen(mark->text), lifted->origin[start]);
        else if (text[start] == '\n' && (at == length || text[at] != '\n') &&
                 (start == 0 || text[start - 1] != '\n'))
            origin_append(out, " ", 1, lifted->origin[start]);
        else
            origin_append_copy(out, lifted, start, at - start);
    }
}

static bool lift(const struct subtitle_speech *speech, struct origin_text *out, struct err *err)
{
    struct origin_text input, lifted;
    struct markup markup;

    origin_text_init(&input, speech->length);
    origin_text_init(&lifted, speech->length);
    markup_init(&markup);
    bool ok = origin_from_input(&input, speech->text, speech->length, err) &&
              markup_lift(&markup, &input, NULL, &lifted, err);
    if (ok) {
        write_out(&markup, &lifted, out);
        ok = buf_ok(&out->text, "text", err);
    }
    markup_release(&markup);
    origin_text_release(&lifted);
    origin_text_release(&input);
    return ok;
}

static uint32_t origin_at(const struct origin_text *text, size_t at)
{
    return at < text->text.len ? text->origin[at] : text->input_len;
}

static void push_word(struct subtitle_words *words, const struct origin_text *text, size_t start,
                      size_t end, bool has_space)
{
    const char *bytes = words->text.data + start;

    ARRAY_GROW(words->words, words->count, words->capacity);
    words->words[words->count++] = (struct subtitle_word){
        .text = bytes,
        .length = end - start,
        .input_start = text->origin[start],
        .input_end = origin_at(text, end),
        .columns = u8_width((const uint8_t *)bytes, end - start, "UTF-8"),
        .has_space = has_space,
    };
}

/* A run without spaces: one word, unless it is wider than a line and can be broken. */
static void push_run(struct subtitle_words *words, const struct origin_text *text, size_t start,
                     size_t end)
{
    const uint8_t *bytes = (const uint8_t *)words->text.data;
    size_t from = start;

    if (u8_width(bytes + start, end - start, "UTF-8") > SUBTITLE_LINE_COLUMNS) {
        char *breaks = xmalloc(end - start);

        u8_possible_linebreaks(bytes + start, end - start, "UTF-8", breaks);
        for (size_t i = start + 1; i < end; i++)
            if (breaks[i - start] == UC_BREAK_POSSIBLE) {
                push_word(words, text, from, i, from == start);
                from = i;
            }
        free(breaks);
    }
    push_word(words, text, from, end, from == start);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static void split(struct subtitle_words *words, const struct origin_text *text)
{
    const char *bytes = words->text.data;
    size_t at = 0;

    while (at < words->text.len) {
        size_t start = at;

        while (at < words->text.len && !is_space(bytes[at]))
            at++;
        if (at > start)
            push_run(words, text, start, at);
        else
            at++;
    }
}

static bool ends_clause(const struct subtitle_word *word)
{
    static const char *const marks[] = { ",",  ";",  ":",  "–", "—", "、",
                                         "，", "；", "：", "!", "?", "…" };
    size_t end = word->length;

    while (end > 0) { /* behind closing quotes and brackets */
        size_t before = end;
        uint32_t c = utf8_previous(word->text, &before);

        if (c != '"' && c != '\'' && !uc_is_general_category(c, UC_CATEGORY_Pe) &&
            !uc_is_general_category(c, UC_CATEGORY_Pf))
            break;
        end = before;
    }
    for (size_t i = 0; i < COUNT(marks); i++) {
        size_t length = strlen(marks[i]);

        if (end >= length && memcmp(word->text + end - length, marks[i], length) == 0)
            return true;
    }
    /* A full stop that ends no sentence to the splitter stands within a quotation, or is an
     * abbreviation's ("Mr.", "St."). */
    bool is_short = end <= ABBREVIATION_MAX && word->text[0] >= 'A' && word->text[0] <= 'Z';
    return end > 0 && word->text[end - 1] == '.' && !is_short;
}

/* "No. 17", "p. 4": the sentence splitter reads what the normaliser has written out, and does not
 * know these. */
static bool is_numbered(const struct subtitle_word *word, const struct subtitle_word *next)
{
    return word->length <= ABBREVIATION_MAX && word->text[word->length - 1] == '.' &&
           next->text[0] >= '0' && next->text[0] <= '9';
}

static void mark_breaks(struct subtitle_words *words)
{
    const char *text = words->text.data;
    size_t at = 0, i = 0;
    struct sentence sentence;

    for (size_t k = 0; k < words->count; k++)
        if (ends_clause(&words->words[k]))
            words->words[k].after = BREAK_CLAUSE;
    while (i < words->count && (at = sentence_next(text, words->text.len, at, &sentence)) > 0) {
        while (i < words->count && words->words[i].text < text + sentence.end)
            i++;
        if (i > 0 && sentence.how != SENTENCE_END_CUT)
            words->words[i - 1].after =
                sentence.how == SENTENCE_END_MARK ? BREAK_SENTENCE : BREAK_PARAGRAPH;
    }
    for (size_t k = 0; k + 1 < words->count; k++)
        if (is_numbered(&words->words[k], &words->words[k + 1]))
            words->words[k].after = BREAK_WORD;
    /* A sentence that ends with a mark may end its paragraph too. */
    for (size_t k = 0; k + 1 < words->count; k++)
        if (memchr(words->words[k].text, '\n',
                   (size_t)(words->words[k + 1].text - words->words[k].text)))
            words->words[k].after = BREAK_PARAGRAPH;
    if (words->count > 0)
        words->words[words->count - 1].after = BREAK_PARAGRAPH;
}

/* Gives each word the times of the spoken words it overlaps: "$5" is spoken as two, "3 p.m." as
 * one. Both lists are in order. */
static void take_times(struct subtitle_words *words, const struct subtitle_speech *speech)
{
    size_t first = 0;

    for (size_t i = 0; i < words->count; i++) {
        struct subtitle_word *w = &words->words[i];

        while (first < speech->word_count && speech->words[first].input_end <= w->input_start)
            first++;
        for (size_t k = first;
             k < speech->word_count && speech->words[k].input_start < w->input_end; k++) {
            const struct spoken_word *spoken = &speech->words[k];
            double start_s = (double)spoken->start_frame / speech->rate_hz;
            double end_s = (double)spoken->end_frame / speech->rate_hz;

            w->start_s = w->has_times && w->start_s < start_s ? w->start_s : start_s;
            w->end_s = w->has_times && w->end_s > end_s ? w->end_s : end_s;
            w->has_times = true;
        }
    }
}

/* Spreads words[first] to words[end - 1] over a stretch of time by their width. */
static void spread(struct subtitle_words *words, size_t first, size_t end, double start_s,
                   double end_s)
{
    double total = 0, before = 0;
    double length_s = end_s > start_s ? end_s - start_s : 0;

    for (size_t i = first; i < end; i++)
        total += words->words[i].columns + 1;
    for (size_t i = first; i < end; i++) {
        struct subtitle_word *w = &words->words[i];

        w->start_s = start_s + length_s * before / total;
        before += w->columns + 1;
        w->end_s = start_s + length_s * before / total;
    }
}

/* Words that are spoken as one share its time. */
static void share_times(struct subtitle_words *words)
{
    for (size_t i = 0, next; i < words->count; i = next) {
        const struct subtitle_word *w = &words->words[i];

        for (next = i + 1; next < words->count && w->has_times; next++)
            if (words->words[next].start_s != w->start_s || words->words[next].end_s != w->end_s)
                break;
        if (next > i + 1)
            spread(words, i, next, w->start_s, w->end_s);
    }
}

static void fill_gaps(struct subtitle_words *words, double duration_s)
{
    double end_s = 0; /* of the word before */

    for (size_t i = 0; i < words->count;) {
        size_t next = i;

        while (next < words->count && !words->words[next].has_times)
            next++;
        if (next > i) {
            spread(words, i, next, end_s,
                   next < words->count ? words->words[next].start_s : duration_s);
            i = next;
        } else {
            i++;
        }
        end_s = words->words[i - 1].end_s;
    }
}

/* Times never run back, nor past the recording's end. */
static void straighten(struct subtitle_words *words, double duration_s)
{
    double earliest = 0;

    for (size_t i = 0; i < words->count; i++) {
        struct subtitle_word *w = &words->words[i];

        w->start_s = w->start_s < earliest ? earliest : w->start_s;
        w->start_s = w->start_s > duration_s ? duration_s : w->start_s;
        w->end_s = w->end_s < w->start_s ? w->start_s : w->end_s;
        w->end_s = w->end_s > duration_s ? duration_s : w->end_s;
        earliest = w->start_s;
    }
}

bool subtitle_words_make(struct subtitle_words *out, const struct subtitle_speech *speech,
                         struct err *err)
{
    struct origin_text text;

    *out = (struct subtitle_words){ 0 };
    origin_text_init(&text, speech->length);
    bool ok = lift(speech, &text, err);
    if (ok) {
        out->text = text.text;
        split(out, &text);
        mark_breaks(out);
        take_times(out, speech);
        share_times(out);
        fill_gaps(out, speech->duration_s);
        straighten(out, speech->duration_s);
        text.text = BUF(1); /* the bytes are out's now */
    }
    origin_text_release(&text);
    return ok;
}

void subtitle_words_release(struct subtitle_words *words)
{
    buf_release(&words->text);
    free(words->words);
    *words = (struct subtitle_words){ 0 };
}
