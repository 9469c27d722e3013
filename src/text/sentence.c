#include "text/sentence.h"

#include <string.h>
#include <strings.h>
#include <unictype.h>

#include "base/alloc.h"
#include "base/utf8.h"

#define ENCLOSED_MAX 240 /* bytes of a quotation or bracket that is kept in one sentence */
#define RUN_MAX 64       /* bytes of marks, or of closing quotes, in a row */
/* From here on a sentence is cut; what may be skipped at once still fits. */
#define CUT_AT (SENTENCE_MAX - ENCLOSED_MAX - 2 * RUN_MAX)

struct scan {
    const char *text;
    size_t length;
    size_t start; /* of the sentence */
};

static bool is_space(uint32_t c)
{
    return c == '\n' || uc_is_property_white_space(c);
}

/* The code point at an offset, 0 at the end. */
static uint32_t peek(const struct scan *s, size_t at)
{
    return at < s->length ? utf8_next(s->text, s->length, &at) : 0;
}

/* The marks that end a sentence. Those of scripts without spaces end it at once. */
enum terminator { TERMINATOR_NONE, TERMINATOR_DOT, TERMINATOR_SPACED, TERMINATOR_ALONE };

static enum terminator terminator_of(uint32_t c)
{
    switch (c) {
    case '.':
        return TERMINATOR_DOT;
    case '!':
    case '?':
    case 0x2026: /* … */
    case 0x203C: /* ‼ */
    case 0x203D: /* ‽ */
    case 0x0589: /* Armenian */
    case 0x061F: /* Arabic ؟ */
    case 0x06D4: /* Urdu ۔ */
    case 0x0964: /* Devanagari danda, double danda */
    case 0x0965:
    case 0x1362: /* Ethiopic */
    case 0x17D4: /* Khmer */
        return TERMINATOR_SPACED;
    case 0x3002: /* 。 */
    case 0xFF01: /* ！ */
    case 0xFF1F: /* ？ */
    case 0xFF0E: /* ． */
    case 0xFF61: /* ｡ */
    case 0x104A: /* Myanmar */
    case 0x104B:
        return TERMINATOR_ALONE;
    default:
        return TERMINATOR_NONE;
    }
}

/* What closes this opening quote or bracket, 0 for anything else. Single quotes are left out: they
 * are apostrophes as often. */
static uint32_t closer_of(uint32_t c)
{
    static const uint32_t pairs[][2] = {
        { '"', '"' },       { '(', ')' },       { '[', ']' },       { '{', '}' },
        { 0xAB, 0xBB },     { 0x201C, 0x201D }, { 0x201E, 0x201C }, { 0x300A, 0x300B },
        { 0x300C, 0x300D }, { 0x300E, 0x300F }, { 0x3010, 0x3011 }, { 0xFF08, 0xFF09 },
    };

    for (size_t i = 0; i < COUNT(pairs); i++)
        if (pairs[i][0] == c)
            return pairs[i][1];
    return 0;
}

static bool is_closer(uint32_t c)
{
    return c == '"' || c == '\'' || c == ')' || c == ']' || c == '}' || c == 0xBB || c == 0x2019 ||
           c == 0x201D || (c >= 0x3009 && c <= 0x3011 && (c & 1)) || c == 0xFF09;
}

/* The offset behind the closing mark of what opens before at, 0 when it is too far away, on another
 * line, or never comes. */
static size_t skip_enclosed(const struct scan *s, size_t at, uint32_t open)
{
    uint32_t close = closer_of(open);
    size_t limit = s->length - at > ENCLOSED_MAX ? at + ENCLOSED_MAX : s->length;
    int depth = 1;

    while (at < limit) {
        uint32_t c = utf8_next(s->text, s->length, &at);

        if (c == '\n')
            return 0;
        if (c == close && --depth == 0)
            return at;
        if (c == open)
            depth++;
    }
    return 0;
}

/* Where the word that ends at end begins. */
static size_t word_start(const struct scan *s, size_t end)
{
    while (end > s->start) {
        size_t before = end;
        uint32_t c = utf8_previous(s->text, &before);

        if (is_space(c) || closer_of(c))
            break;
        end = before;
    }
    return end;
}

static bool is_listed(const char *word, size_t length, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == length && strncasecmp(word, list[i], length) == 0)
            return true;
    return false;
}

/* A dot behind one of these belongs to it, whatever follows. */
static bool is_title(const char *word, size_t length)
{
    static const char *const titles[] = {
        "mr",  "mrs",  "ms",     "dr",  "prof", "st",  "mt",  "gen",  "col", "sgt", "lt",  "capt",
        "maj", "cmdr", "rep",    "sen", "gov",  "rev", "hon", "vs",   "fig", "vol", "pp",  "cf",
        "e.g", "i.e",  "approx", "mme", "mlle", "sr",  "sra", "srta", "nr",  "bzw", "z.b",
    };

    return is_listed(word, length, titles, COUNT(titles));
}

/* "J." before a name, "1." before a list item: no end. "So am I." is one. */
static bool is_initial_or_number(const struct scan *s, size_t word, size_t end)
{
    bool at_start = word == s->start;

    if (end - word == 1 && s->text[word] >= 'A' && s->text[word] <= 'Z')
        return s->text[word] != 'I' || at_start;
    if (at_start && strspn(s->text + word, "0123456789") >= end - word)
        return end - word <= 3;
    /* "J.R." of "J.R. Tolkien": letters with dots between. */
    for (size_t i = word; i < end; i++)
        if ((i - word) % 2 ? s->text[i] != '.' : !(s->text[i] >= 'A' && s->text[i] <= 'Z'))
            return false;
    return end > word && (end - word) % 2 == 1;
}

static bool is_upper_case(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lt);
}

static bool is_lower_case(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Ll);
}

/* True when the author begins this sentence small: then small letters tell nothing of the next. */
static bool begins_in_lower_case(const struct scan *s)
{
    for (size_t at = s->start; at < s->length;) {
        uint32_t c = utf8_next(s->text, s->length, &at);

        if (is_space(c))
            return false;
        if (is_upper_case(c))
            return false;
        if (is_lower_case(c))
            return true;
    }
    return false;
}

/* The first letter, digit or other sign of meaning behind at, over spaces and opening marks; a
 * newline counts. */
static uint32_t next_sign(const struct scan *s, size_t at)
{
    while (at < s->length) {
        uint32_t c = utf8_next(s->text, s->length, &at);

        if (c == '\n' || !(is_space(c) || closer_of(c) || c == '\'' || c == 0xA1 || c == 0xBF))
            return c;
    }
    return 0;
}

/* Does the sentence end with the run of marks from at to after? before is the end of the word the
 * marks follow; is_quoted says that a closing quote follows them. */
static bool ends_here(const struct scan *s, size_t at, size_t marks_end, size_t after)
{
    size_t next = at;
    uint32_t first = utf8_next(s->text, s->length, &next);
    bool is_single_dot = first == '.' && next == marks_end;
    bool is_quoted = after > marks_end;

    /* 「はい。」と言った goes on behind its quotation. */
    if (terminator_of(first) == TERMINATOR_ALONE && !is_quoted)
        return true;
    if (after < s->length && !is_space(peek(s, after)))
        return false;
    uint32_t sign = next_sign(s, after);
    if (sign == 0 || sign == '\n')
        return true;
    if (is_single_dot && !is_quoted) {
        size_t word = word_start(s, at);

        if (is_title(s->text + word, at - word) || is_initial_or_number(s, word, at))
            return false;
    }
    if (is_lower_case(sign) && (is_quoted || first == '.' || first == 0x2026))
        return begins_in_lower_case(s);
    return true;
}

/* Behind the marks that begin at at, and behind the closing quotes that follow them. */
static size_t marks_end(const struct scan *s, size_t at)
{
    size_t limit = s->length - at > RUN_MAX ? at + RUN_MAX : s->length;

    for (size_t next = at; next < limit; at = next)
        if (!terminator_of(utf8_next(s->text, s->length, &next)))
            break;
    return at;
}

static size_t closers_end(const struct scan *s, size_t at)
{
    size_t limit = s->length - at > RUN_MAX ? at + RUN_MAX : s->length;

    for (size_t next = at; next < limit; at = next)
        if (!is_closer(utf8_next(s->text, s->length, &next)))
            break;
    return at;
}

/* A quotation was skipped and ends before after: the marks inside it may end the sentence. */
static size_t inner_marks(const struct scan *s, size_t after)
{
    size_t at = after;

    while (at > s->start) {
        size_t before = at;
        uint32_t c = utf8_previous(s->text, &before);

        if (!is_closer(c))
            break;
        at = before;
    }
    while (at > s->start) {
        size_t before = at;

        if (!terminator_of(utf8_previous(s->text, &before)))
            break;
        at = before;
    }
    return at;
}

static bool is_clause_mark(uint32_t c)
{
    return c == ',' || c == ';' || c == ':' || c == ')' || c == 0x2014 || c == 0x2026 || c == '!' ||
           c == '?' || c == 0x3001 || c == 0xFF0C || c == 0xFF1B || c == 0x060C;
}

/* Where to cut a sentence that goes on beyond limit: behind the last clause mark of its second half,
 * else behind its last space, else right there. */
static size_t cut_point(const struct scan *s, size_t limit)
{
    size_t half = s->start + (limit - s->start) / 2;
    size_t clause = 0, space = 0;
    uint32_t previous = 0;

    for (size_t at = s->start; at < limit;) {
        size_t here = at;
        uint32_t c = utf8_next(s->text, s->length, &at);

        if (is_space(c))
            space = at;
        if (here > half && is_clause_mark(previous) && (is_space(c) || previous > 0x7F))
            clause = here;
        previous = c;
    }
    return clause ? clause : space > half ? space : limit;
}

/* The end of the sentence that begins at s->start, and how it ends. */
static size_t find_end(const struct scan *s, enum sentence_end *how)
{
    size_t at = s->start;

    while (at < s->length) {
        size_t here = at;
        uint32_t c = utf8_next(s->text, s->length, &at);

        if (here - s->start >= CUT_AT) {
            *how = SENTENCE_END_CUT;
            return cut_point(s, here);
        }
        if (c == '\n') {
            *how = peek(s, at) == '\n' ? SENTENCE_END_PARAGRAPH : SENTENCE_END_LINE;
            return here;
        }
        size_t marks = here, marks_stop = 0, after = 0;
        if (terminator_of(c)) {
            marks_stop = marks_end(s, here);
            after = closers_end(s, marks_stop);
        } else if (closer_of(c)) {
            after = skip_enclosed(s, at, c);
            if (after) {
                at = after;
                after = closers_end(s, after);
                marks = inner_marks(s, after);
                marks_stop = marks_end(s, marks);
            }
        }
        if (marks_stop > marks && ends_here(s, marks, marks_stop, after)) {
            *how = SENTENCE_END_MARK;
            return after;
        }
        if (terminator_of(c))
            at = marks_stop;
    }
    *how = SENTENCE_END_CUT;
    return s->length;
}

/* A sentence at the end of its line or paragraph ends that too. */
static size_t skip_line_end(const struct scan *s, size_t at, enum sentence_end *how)
{
    size_t newlines = 0;

    for (size_t next = at; next < s->length; at = next) {
        uint32_t c = utf8_next(s->text, s->length, &next);

        if (!is_space(c))
            break;
        newlines += c == '\n';
    }
    if (newlines >= 2)
        *how = SENTENCE_END_PARAGRAPH;
    else if (newlines == 1 && *how < SENTENCE_END_LINE)
        *how = SENTENCE_END_LINE;
    return at;
}

size_t sentence_next(const char *text, size_t length, size_t from, struct sentence *out)
{
    struct scan s = { .text = text, .length = length };
    enum sentence_end ignored = SENTENCE_END_CUT;

    s.start = skip_line_end(&s, from, &ignored);
    if (s.start >= length)
        return 0;
    *out = (struct sentence){ .start = s.start };
    size_t end = find_end(&s, &out->how);
    size_t next = skip_line_end(&s, end, &out->how);
    while (end > s.start) {
        size_t before = end;

        if (!is_space(utf8_previous(text, &before)))
            break;
        end = before;
    }
    out->end = end;
    return next;
}
