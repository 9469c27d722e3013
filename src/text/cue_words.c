/* From a text to the words that subtitles show, and what a cue that ends after each would interrupt. */
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unilbrk.h>
#include <uniwidth.h>

#include "base/utf8.h"
#include "text/cue.h"
#include "text/sentence.h"

#define ABBREVIATION_MAX 4 /* bytes of "Vol." */

static void push_word(struct cue_words *words, const char *text, size_t start, size_t end,
                      bool has_space)
{
    ARRAY_GROW(words->items, words->count, words->capacity);
    words->items[words->count++] = (struct cue_word){
        .text = text + start,
        .length = end - start,
        .columns = u8_width((const uint8_t *)text + start, end - start, "UTF-8"),
        .has_space = has_space,
    };
}

/* A run without spaces: one word, unless it is wider than a line and can be broken. */
static void push_run(struct cue_words *words, const char *text, size_t start, size_t end)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t from = start;

    if (u8_width(bytes + start, end - start, "UTF-8") > CUE_LINE_COLUMNS) {
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

static void split(struct cue_words *words, const char *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        size_t start = at;

        while (at < length && !is_space(text[at]))
            at++;
        if (at > start)
            push_run(words, text, start, at);
        else
            at++;
    }
}

static bool ends_clause(const struct cue_word *word)
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
static bool is_numbered(const struct cue_word *word, const struct cue_word *next)
{
    return word->length <= ABBREVIATION_MAX && word->text[word->length - 1] == '.' &&
           next->text[0] >= '0' && next->text[0] <= '9';
}

static void mark_breaks(struct cue_word *words, size_t count, const char *text, size_t length)
{
    size_t at = 0, i = 0;
    struct sentence sentence;

    for (size_t k = 0; k < count; k++)
        if (ends_clause(&words[k]))
            words[k].after = BREAK_CLAUSE;
    while (i < count && (at = sentence_next(text, length, at, &sentence)) > 0) {
        while (i < count && words[i].text < text + sentence.end)
            i++;
        if (i > 0 && sentence.how != SENTENCE_END_CUT)
            words[i - 1].after =
                sentence.how == SENTENCE_END_MARK ? BREAK_SENTENCE : BREAK_PARAGRAPH;
    }
    for (size_t k = 0; k + 1 < count; k++)
        if (is_numbered(&words[k], &words[k + 1]))
            words[k].after = BREAK_WORD;
    /* A sentence that ends with a mark may end its paragraph too. */
    for (size_t k = 0; k + 1 < count; k++)
        if (memchr(words[k].text, '\n', (size_t)(words[k + 1].text - words[k].text)))
            words[k].after = BREAK_PARAGRAPH;
    if (count > 0)
        words[count - 1].after = BREAK_PARAGRAPH;
}

void cue_words_split(struct cue_words *words, const char *text, size_t length)
{
    size_t from = words->count;

    split(words, text, length);
    if (words->count > from)
        mark_breaks(words->items + from, words->count - from, text, length);
}

void cue_words_spread(struct cue_word *words, size_t count, double start_s, double end_s)
{
    double total = 0, before = 0;
    double length_s = end_s > start_s ? end_s - start_s : 0;

    for (size_t i = 0; i < count; i++)
        total += words[i].columns + 1;
    for (size_t i = 0; i < count; i++) {
        words[i].start_s = start_s + length_s * before / total;
        before += words[i].columns + 1;
        words[i].end_s = start_s + length_s * before / total;
    }
}

void cue_words_release(struct cue_words *words)
{
    free(words->items);
    *words = (struct cue_words){ 0 };
}
