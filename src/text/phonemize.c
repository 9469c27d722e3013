#include "text/phonemize.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>

#include "base/utf8.h"
#include "text/align.h"
#include "text/espeak_ng.h"
#include "text/phoneme_map.h"
#include "text/pronunciation.h"
#include "text/punctuation.h"

#define PHONEMES_MAX (4u << 20) /* bytes, of one sentence */

static const char *const scheme_names[] = { "none", "ipa", "espeak", "misaki", "piper" };

struct token {
    uint32_t start, end; /* bytes of the sentence */
};

struct phonemizer {
    enum phoneme_scheme scheme;
    const char *language, *voice; /* borrowed */
    const struct markup *markup;  /* borrowed */
    bool is_english;
    struct pronunciations alone;

    /* of the sentence at hand */
    const char *text;
    size_t length;
    struct phonemes *out;

    /* scratch, kept from section to section */
    struct buf section, ipa, mapped;
    struct token *tokens;
    size_t token_count, token_capacity;
    struct sound *expected, *heard;
    size_t expected_count, expected_capacity, heard_capacity;
};

const char *phoneme_scheme_name(enum phoneme_scheme scheme)
{
    return scheme_names[scheme];
}

bool phoneme_scheme_parse(const char *name, enum phoneme_scheme *out)
{
    for (size_t i = 0; i < COUNT(scheme_names); i++)
        if (strcmp(name, scheme_names[i]) == 0) {
            *out = (enum phoneme_scheme)i;
            return true;
        }
    return false;
}

void phonemes_init(struct phonemes *phonemes)
{
    *phonemes = (struct phonemes){ .text = BUF(PHONEMES_MAX) };
}

void phonemes_clear(struct phonemes *phonemes)
{
    buf_clear(&phonemes->text);
    phonemes->count = 0;
}

void phonemes_release(struct phonemes *phonemes)
{
    buf_release(&phonemes->text);
    free(phonemes->spans);
    *phonemes = (struct phonemes){ .text = BUF(PHONEMES_MAX) };
}

struct phonemizer *phonemizer_create(enum phoneme_scheme scheme, const char *language,
                                     const char *voice, const struct markup *markup)
{
    struct phonemizer *p = xcalloc(1, sizeof *p);

    p->scheme = scheme;
    p->language = language;
    p->voice = voice;
    p->markup = markup;
    p->is_english = strncasecmp(language, "en", 2) == 0 && strchr("-", language[2]);
    p->section = BUF(PHONEMES_MAX);
    p->ipa = BUF(PHONEMES_MAX);
    p->mapped = BUF(PHONEMES_MAX);
    pronunciations_init(&p->alone, scheme, language, voice);
    return p;
}

void phonemizer_destroy(struct phonemizer *p)
{
    if (!p)
        return;
    pronunciations_release(&p->alone);
    buf_release(&p->section);
    buf_release(&p->ipa);
    buf_release(&p->mapped);
    free(p->tokens);
    free(p->expected);
    free(p->heard);
    free(p);
}

static void add_span(struct phonemizer *p, size_t text_start, size_t text_end, size_t start,
                     bool is_word)
{
    struct phonemes *out = p->out;

    ARRAY_GROW(out->spans, out->count, out->capacity);
    out->spans[out->count++] = (struct phoneme_span){ .text_start = (uint32_t)text_start,
                                                      .text_end = (uint32_t)text_end,
                                                      .start = (uint32_t)start,
                                                      .end = (uint32_t)out->text.len,
                                                      .is_word = is_word };
}

/* One space between spans, none at the beginning. */
static void add_space(struct phonemizer *p)
{
    struct buf *text = &p->out->text;

    if (text->len > 0 && text->data[text->len - 1] != ' ')
        buf_append_char(text, ' ');
}

/* --- Marks --- */

static bool is_digit_at(const struct phonemizer *p, size_t at)
{
    return at < p->length && p->text[at] >= '0' && p->text[at] <= '9';
}

static bool is_space_at(const struct phonemizer *p, size_t at)
{
    return at >= p->length || uc_is_property_white_space(utf8_next(p->text, p->length, &at));
}

/* The mark at an offset. A point, comma or colon between digits is part of a number. A dash is one
 * only in schemes that do not follow kokoro.js to the letter, which leaves it to eSpeak. */
static struct punctuation mark_at(const struct phonemizer *p, size_t at)
{
    static const struct punctuation none = { PUNCTUATION_NONE, "", 0, false };
    size_t next = at;
    uint32_t c = utf8_next(p->text, p->length, &next);

    if ((c == '.' || c == ',' || c == ':') && at > 0 && is_digit_at(p, at - 1) &&
        is_digit_at(p, next))
        return none;
    if (p->scheme != PHONEMES_ESPEAK && p->scheme != PHONEMES_NONE &&
        (c == 0x2013 || (c == '-' && at > 0 && is_space_at(p, at - 1) && is_space_at(p, next))))
        return punctuation_find(0x2014);
    return punctuation_find(c);
}

/* Kokoro was trained on curly quotes; a straight one opens where a word begins. */
static const char *curl_quote(const struct phonemizer *p, size_t at)
{
    if (at == 0)
        return "“";
    uint32_t before = utf8_previous(p->text, &at);
    bool opens =
        uc_is_property_white_space(before) || before == '(' || before == '[' || before == 0x2014;
    return opens ? "“" : "”";
}

static const char *misaki_mark(const struct phonemizer *p, const struct punctuation *mark,
                               size_t at)
{
    if (strcmp(mark->symbol, "\"") == 0)
        return curl_quote(p, at);
    if (strcmp(mark->symbol, "«") == 0)
        return "“";
    if (strcmp(mark->symbol, "»") == 0)
        return "”";
    return mark->symbol;
}

/* Piper's voices know one mark a clause, as eSpeak classes it: a dash is a semicolon there. */
static const char *piper_mark(const struct phonemizer *p, const struct punctuation *mark)
{
    static const char *const symbols[] = { ".", "?", "!", ",", ";", ":" };
    const struct buf *text = &p->out->text;

    if (strcmp(mark->symbol, "—") == 0)
        return ";";
    if (!mark->plain || (text->len > 0 && strchr(".?!,;:", text->data[text->len - 1])))
        return "";
    for (size_t i = 0; i < COUNT(symbols); i++)
        if (symbols[i][0] == mark->plain)
            return symbols[i];
    return "";
}

static const char *mark_symbol(const struct phonemizer *p, const struct punctuation *mark,
                               size_t at)
{
    switch (p->scheme) {
    case PHONEMES_MISAKI:
        return misaki_mark(p, mark, at);
    case PHONEMES_PIPER:
        return piper_mark(p, mark);
    case PHONEMES_NONE:
    case PHONEMES_IPA:
    case PHONEMES_ESPEAK:
        break;
    }
    return mark->symbol;
}

static void add_mark(struct phonemizer *p, const struct punctuation *mark, size_t at, size_t end)
{
    struct buf *text = &p->out->text;
    const char *symbol = mark_symbol(p, mark, at);

    /* French sets "!" off by a space, which Piper's voices never met. */
    if (p->scheme == PHONEMES_PIPER && *symbol && text->len > 0 && text->data[text->len - 1] == ' ')
        text->len--;
    size_t start = text->len;
    if (p->scheme == PHONEMES_NONE)
        buf_append(text, p->text + at, end - at);
    else
        buf_append_str(text, symbol);
    if (text->len > start)
        add_span(p, at, end, start, false);
    if (mark->is_foreign && p->scheme != PHONEMES_NONE)
        add_space(p);
}

/* --- Words whose phonemes are given --- */

static bool ends_in_one_of(const struct buf *text, const char *sounds)
{
    for (size_t at = 0; at < strlen(sounds);) {
        size_t start = at;

        utf8_next(sounds, strlen(sounds), &at);
        if (text->len >= at - start &&
            memcmp(text->data + text->len - (at - start), sounds + start, at - start) == 0)
            return true;
    }
    return false;
}

/* English plural and possessive s: after a hiss a syllable, after a voiceless sound s, else z. */
static const char *plural_ending(const struct phonemizer *p, const struct buf *text)
{
    if (ends_in_one_of(text, "szʃʒʧʤ"))
        return strcasecmp(p->language, "en-gb") == 0 ? "ɪz" : "ᵻz";
    return ends_in_one_of(text, "ptkfθ") ? "s" : "z";
}

/* "'s" directly at an offset. */
static bool is_possessive(const struct phonemizer *p, size_t at)
{
    if (!p->is_english || p->length - at < 2 || p->text[at] != '\'' ||
        (p->text[at + 1] != 's' && p->text[at + 1] != 'S'))
        return false;
    size_t next = at + 2;
    return next == p->length || !uc_is_general_category_withtable(
                                    utf8_next(p->text, p->length, &next), UC_CATEGORY_MASK_L);
}

/* Returns where to go on. */
static size_t add_given(struct phonemizer *p, const struct mark *mark, size_t at, size_t end)
{
    struct buf *text = &p->out->text;
    size_t start = text->len;

    if (p->scheme == PHONEMES_NONE) {
        buf_append_str(text, mark->text);
    } else {
        phoneme_map_written(p->scheme, p->language, mark->phonemes, text);
        if (text->len > start && is_possessive(p, end)) {
            buf_append_str(text, plural_ending(p, text));
            end += 2;
        }
    }
    if (text->len > start)
        add_span(p, at, end, start, true);
    return end;
}

/* --- Sections: what eSpeak reads at once --- */

/* Scripts that write without spaces: each sign counts as a word. */
static bool is_ideograph(uint32_t c)
{
    return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

static void add_token(struct phonemizer *p, size_t start, size_t end)
{
    if (end == start)
        return;
    ARRAY_GROW(p->tokens, p->token_count, p->token_capacity);
    p->tokens[p->token_count++] = (struct token){ (uint32_t)start, (uint32_t)end };
}

static void split_tokens(struct phonemizer *p, size_t start, size_t end)
{
    size_t word = start;

    p->token_count = 0;
    for (size_t at = start; at < end;) {
        size_t here = at;
        uint32_t c = utf8_next(p->text, end, &at);

        if (is_ideograph(c)) {
            add_token(p, word, here);
            add_token(p, here, at);
            word = at;
        } else if (uc_is_property_white_space(c)) {
            add_token(p, word, here);
            word = at;
        }
    }
    add_token(p, word, end);
}

static bool has_digit(const char *text, size_t length)
{
    return strcspn(text, "0123456789") < length;
}

/* Do eSpeak's groups and the words correspond one to one? Numbers are spoken as several groups, so
 * that equal counts would tell nothing. */
static bool groups_are_words(const struct phonemizer *p)
{
    size_t groups = 1;

    for (size_t i = 0; i < p->mapped.len; i++)
        groups += p->mapped.data[i] == ' ';
    return groups == p->token_count && !has_digit(p->section.data, p->section.len);
}

static void *grow(void *items, size_t *capacity, size_t wanted, size_t size)
{
    if (wanted <= *capacity)
        return items;
    *capacity = wanted * 2;
    return xrealloc(items, *capacity, size);
}

/* The sounds of each token spoken alone, one after the other. */
static bool expect_sounds(struct phonemizer *p, struct err *err)
{
    p->expected_count = 0;
    for (size_t i = 0; i < p->token_count; i++) {
        const struct token *token = &p->tokens[i];
        const char *alone =
            pronunciation_of(&p->alone, p->text + token->start, token->end - token->start, err);

        if (!alone)
            return false;
        size_t length = strlen(alone);
        p->expected = grow(p->expected, &p->expected_capacity, p->expected_count + length + 1,
                           sizeof *p->expected);
        if (p->expected_count > 0 && length > 0)
            p->expected[p->expected_count++] =
                (struct sound){ .symbol = ' ', .word = (uint32_t)i - 1 };
        struct sound *first = p->expected + p->expected_count;
        size_t count = sounds_split(alone, length, first);
        for (size_t k = 0; k < count; k++)
            first[k].word = (uint32_t)i;
        p->expected_count += count;
    }
    return true;
}

/* Gives each sound of the section its token. */
static bool assign_sounds(struct phonemizer *p, struct sound *heard, size_t count, struct err *err)
{
    if (!groups_are_words(p)) {
        if (!expect_sounds(p, err))
            return false;
        sounds_align(p->expected, p->expected_count, heard, count);
        return true;
    }
    uint32_t word = 0;
    for (size_t i = 0; i < count; i++) {
        heard[i].word = word;
        word += heard[i].symbol == ' ';
    }
    return true;
}

/* [A-Z]{2,}'?s: eSpeak 1.51 loses the s of "GPUs" and "LLM's", though not of "URLs". */
static bool is_plural_acronym(const struct phonemizer *p, const struct token *token)
{
    const char *word = p->text + token->start;
    size_t length = token->end - token->start;
    size_t capitals = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (!p->is_english || capitals < 2 || capitals >= length)
        return false;
    if (word[capitals] == '\'' && capitals + 1 < length)
        capitals++;
    return capitals + 1 == length && word[capitals] == 's';
}

/* Appends the token's sounds, from first to last, as a span. */
static void add_word(struct phonemizer *p, const struct token *token, const struct sound *first,
                     const struct sound *last)
{
    struct buf *text = &p->out->text;
    size_t start = text->len;

    buf_append(text, p->mapped.data + first->start, last->end - first->start);
    if (is_plural_acronym(p, token) && !ends_in_one_of(text, "sz"))
        buf_append_str(text, plural_ending(p, text));
    add_span(p, token->start, token->end, start, true);
}

/* Cuts the section's phonemes at the edges of words, keeping eSpeak's spaces and joins. */
static void add_words(struct phonemizer *p, const struct sound *heard, size_t count)
{
    for (size_t from = 0; from < count;) {
        if (heard[from].symbol == ' ') {
            add_space(p);
            from++;
            continue;
        }
        size_t to = from + 1, end = to;
        for (; to < count && heard[to].word == heard[from].word; to++)
            if (heard[to].symbol != ' ')
                end = to + 1;
        add_word(p, &p->tokens[heard[from].word], &heard[from], &heard[end - 1]);
        from = end;
    }
}

static bool speak_section(struct phonemizer *p, size_t start, size_t end, struct err *err)
{
    buf_clear(&p->section);
    buf_clear(&p->ipa);
    buf_clear(&p->mapped);
    buf_append(&p->section, p->text + start, end - start);
    if (!buf_ok(&p->section, "sentence", err) ||
        !espeak_ng_phonemes(p->voice, p->section.data, phoneme_map_tie(p->scheme), &p->ipa, err))
        return false;
    if (p->ipa.len == 0)
        return true;
    phoneme_map(p->scheme, p->language, p->ipa.data, p->ipa.len, &p->mapped);
    if (!buf_ok(&p->mapped, "phoneme string", err))
        return false;
    split_tokens(p, start, end);
    p->heard = grow(p->heard, &p->heard_capacity, p->mapped.len + 1, sizeof *p->heard);
    size_t count = sounds_split(p->mapped.data, p->mapped.len, p->heard);
    if (!assign_sounds(p, p->heard, count, err))
        return false;
    add_words(p, p->heard, count);
    return true;
}

/* PHONEMES_NONE: the words as they are written. */
static void copy_section(struct phonemizer *p, size_t start, size_t end)
{
    split_tokens(p, start, end);
    for (size_t i = 0; i < p->token_count; i++) {
        const struct token *token = &p->tokens[i];

        if (i > 0 && token->start > p->tokens[i - 1].end)
            add_space(p);
        size_t at = p->out->text.len;
        buf_append(&p->out->text, p->text + token->start, token->end - token->start);
        add_span(p, token->start, token->end, at, true);
    }
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* A capital A amid a sentence is the letter ("vitamin A is"), which eSpeak reads as the article but
 * at the end of a clause. Between capitals it is a title's article ("Once Upon A Time"). */
static bool is_letter_a(const struct phonemizer *p, size_t at)
{
    if (!p->is_english || p->scheme == PHONEMES_NONE || p->text[at] != 'A' || at < 2 ||
        p->text[at - 1] != ' ' || at + 2 >= p->length || p->text[at + 1] != ' ')
        return false;
    size_t before = at - 1;
    size_t end = before;
    if (!uc_is_general_category_withtable(utf8_previous(p->text, &end), UC_CATEGORY_MASK_L))
        return false;
    while (before > 0 && p->text[before - 1] != ' ')
        before--;
    return !(is_capital(p->text[before]) && is_capital(p->text[at + 2]));
}

static const struct mark letter_a = { .kind = MARK_PHONEMES, .text = "A", .phonemes = "ˈeɪ" };

/* Where the section that begins at start ends: before a mark, a given word, or a letter A, and
 * before the spaces in front of those. */
static size_t section_end(const struct phonemizer *p, size_t start)
{
    size_t end = start;

    for (size_t at = start; at < p->length;) {
        size_t here = at;
        uint32_t c = utf8_next(p->text, p->length, &at);

        if (mark_at(p, here).kind != PUNCTUATION_NONE || markup_find(p->markup, c) ||
            is_letter_a(p, here))
            break;
        if (!uc_is_property_white_space(c))
            end = at;
    }
    return end;
}

/* What stands at *at: a space, a mark, a given word, a letter A or a section. */
static bool add_next(struct phonemizer *p, size_t *at, struct err *err)
{
    size_t next = *at;
    uint32_t c = utf8_next(p->text, p->length, &next);
    struct punctuation mark = mark_at(p, *at);
    const struct mark *given = markup_find(p->markup, c);

    if (uc_is_property_white_space(c)) {
        add_space(p);
    } else if (given) {
        next = add_given(p, given, *at, next);
    } else if (mark.kind != PUNCTUATION_NONE) {
        add_mark(p, &mark, *at, next);
    } else if (is_letter_a(p, *at)) {
        next = add_given(p, &letter_a, *at, next);
    } else {
        next = section_end(p, *at);
        if (p->scheme == PHONEMES_NONE)
            copy_section(p, *at, next);
        else if (!speak_section(p, *at, next, err))
            return false;
    }
    *at = next;
    return true;
}

bool phonemize(struct phonemizer *p, const char *text, size_t length, struct phonemes *out,
               struct err *err)
{
    phonemes_clear(out);
    p->text = text;
    p->length = length;
    p->out = out;
    for (size_t at = 0; at < length;)
        if (!add_next(p, &at, err))
            return false;
    while (out->text.len > 0 && out->text.data[out->text.len - 1] == ' ')
        out->text.data[--out->text.len] = '\0';
    return buf_ok(&out->text, "phoneme string", err);
}
