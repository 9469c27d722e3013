#include "text/normalize_inline.h"

#include <stdlib.h>
#include <string.h>

#include "text/normalize_internal.h"

#define LONGEST_CODE_MARK 3 /* backticks around a span */
#define LONGEST_FOOTNOTE 24 /* bytes of "[^name]" */

/* What inline_init knows while it scans. */
struct scan {
    const char *text;
    size_t length;
    uint8_t *bytes;
    size_t *open; /* places of the brackets open now; owned */
    size_t open_count, open_capacity;
    size_t code_end[LONGEST_CODE_MARK + 1]; /* the first run of so many backticks not before the
                                              scan, once looked for */
    size_t paragraph_end;
};

static size_t run_at(const struct scan *s, size_t at, char c)
{
    size_t end = at;

    while (end < s->length && s->text[end] == c)
        end++;
    return end - at;
}

static void drop(struct scan *s, size_t start, size_t end)
{
    memset(s->bytes + start, INLINE_DROPPED, end - start);
}

/* The next run of exactly count backticks at or after at; the text's length when there is none.
 * Every count walks through the text once in all. */
static size_t find_code_end(struct scan *s, size_t at, size_t count)
{
    size_t i = s->code_end[count];

    if (i >= at && i > 0)
        return i;
    for (i = at; i < s->length;) {
        size_t run = run_at(s, i, '`');
        if (run == count)
            break;
        i += run ? run : 1;
    }
    s->code_end[count] = i;
    return i;
}

static void find_paragraph_end(struct scan *s, size_t at)
{
    if (at < s->paragraph_end)
        return;
    const char *end = at < s->length ? memmem(s->text + at, s->length - at, "\n\n", 2) : NULL;
    s->paragraph_end = end ? (size_t)(end - s->text) + 2 : s->length;
    s->open_count = 0;
}

/* Returns where to go on. */
static size_t scan_code(struct scan *s, size_t at)
{
    size_t count = run_at(s, at, '`'), start = at + count;

    if (count > LONGEST_CODE_MARK)
        return start;
    size_t end = find_code_end(s, start, count);
    if (end >= s->paragraph_end)
        return start;
    drop(s, at, start);
    memset(s->bytes + start, INLINE_LITERAL, end - start);
    drop(s, end, end + count);
    return end + count;
}

/* The end of a link's title, which begins with a quote at at, and of its target; or 0. */
static size_t title_end(const struct scan *s, size_t at)
{
    char quote = s->text[at];

    if (quote != '"' && quote != '\'')
        return 0;
    for (size_t i = at + 1; i + 1 < s->paragraph_end && s->text[i] != '['; i++) {
        if (s->text[i] == quote)
            return s->text[i + 1] == ')' ? i + 2 : 0;
    }
    return 0;
}

/* The end of "(target)" or "(target "title")" at at, or 0. No bracket is looked past, so that a
 * text of nothing but "](" is still read only once. */
static size_t link_target_end(const struct scan *s, size_t at)
{
    size_t depth = 0;

    for (size_t i = at; i < s->paragraph_end; i++) {
        switch (s->text[i]) {
        case '(':
            depth++;
            break;
        case ')':
            if (--depth == 0)
                return i + 1;
            break;
        case ' ':
            return i + 1 < s->paragraph_end ? title_end(s, i + 1) : 0;
        case '[':
        case ']':
        case '\n':
            return 0;
        }
    }
    return 0;
}

static void drop_link(struct scan *s, size_t open, size_t close, size_t end)
{
    drop(s, open > 0 && s->text[open - 1] == '!' ? open - 1 : open, open + 1);
    drop(s, close, end);
}

static size_t scan_close(struct scan *s, size_t at)
{
    if (s->open_count == 0)
        return at + 1;
    size_t open = s->open[--s->open_count], end = at + 1;
    char next = end < s->length ? s->text[end] : '\0';
    bool is_footnote = s->text[open + 1] == '^' && end - open <= LONGEST_FOOTNOTE;

    if (is_footnote && next != ':') {
        drop(s, open, end);
    } else if (next == '(') {
        size_t target_end = link_target_end(s, end);
        if (target_end) {
            drop_link(s, open, at, target_end);
            return target_end;
        }
    } else if (next == '[') {
        const char *close = memchr(s->text + end, ']', s->paragraph_end - end);
        const char *inner = memchr(s->text + end + 1, '[', s->paragraph_end - end - 1);
        if (close && at > open + 1 && (!inner || inner > close)) {
            size_t reference_end = (size_t)(close - s->text) + 1;
            drop_link(s, open, at, reference_end);
            return reference_end;
        }
    }
    return end;
}

static size_t scan_one(struct scan *s, size_t at)
{
    char c = s->text[at], next = at + 1 < s->length ? s->text[at + 1] : '\0';

    find_paragraph_end(s, at);
    switch (c) {
    case '\\':
        if (!next || !strchr("*_`#~[]<>|!", next))
            return at + 1;
        s->bytes[at] = INLINE_DROPPED;
        s->bytes[at + 1] = INLINE_LITERAL;
        return at + 2;
    case '`':
        return scan_code(s, at);
    case '[':
        ARRAY_GROW(s->open, s->open_count, s->open_capacity);
        s->open[s->open_count++] = at;
        return at + 1;
    case ']':
        return scan_close(s, at);
    default:
        return at + 1;
    }
}

bool inline_init(struct inline_scanner *s, const struct origin_text *in)
{
    *s = (struct inline_scanner){ .in = in, .bytes = try_alloc(in->text.len, 1) };
    if (!s->bytes)
        return false;
    struct scan scan = { .text = in->text.data, .length = in->text.len, .bytes = s->bytes };
    for (size_t at = 0; at < scan.length;)
        at = scan_one(&scan, at);
    free(scan.open);
    return true;
}

void inline_release(struct inline_scanner *s)
{
    free(s->bytes);
    s->bytes = NULL;
}

/* ---- emphasis ---- */

static bool is_word_byte(char c)
{
    return is_ascii_letter((uint8_t)c) || is_ascii_digit((uint8_t)c) || (uint8_t)c >= 0x80;
}

/*
 * Whether a run of '*', '_' or '~~' is emphasis: it stands at one side of a word
 * only, as in CommonMark's flanking rules, without looking for its partner: a
 * star that has none is a footnote's, and is no more to be read than the others.
 * "5 * 3", "snake_case", "*.txt" and "~50" keep theirs.
 */
static bool is_emphasis(char mark, size_t run, char before, char after)
{
    bool opens = after != ' ' && !is_word_byte(before);
    bool closes = before != ' ' && !is_word_byte(after);

    if (mark == '~')
        return run == 2 && (before != ' ' || after != ' ');
    bool is_glob = mark == '*' && after == '.' && strchr(" /(", before);
    if (run > 3 || is_glob)
        return false;
    return opens || closes;
}

static size_t append_emphasis(const struct inline_scanner *s, size_t at, size_t start, size_t end,
                              struct origin_text *out)
{
    const char *text = s->in->text.data;
    size_t stop = at;

    while (stop < end && text[stop] == text[at] && s->bytes[stop] == INLINE_PLAIN)
        stop++;
    char before = at > start ? text[at - 1] : ' ', after = stop < end ? text[stop] : ' ';
    if (!is_emphasis(text[at], stop - at, before, after))
        origin_append_copy(out, s->in, at, stop - at);
    return stop;
}

/* The end of the bytes from at on that are copied as they are. */
static size_t plain_end(const struct inline_scanner *s, size_t at, size_t end)
{
    while (at < end && s->bytes[at] != INLINE_DROPPED &&
           (s->bytes[at] == INLINE_LITERAL || !strchr("*_~", s->in->text.data[at])))
        at++;
    return at;
}

void inline_append(const struct inline_scanner *s, size_t start, size_t end,
                   struct origin_text *out)
{
    for (size_t at = start; at < end;) {
        size_t plain = plain_end(s, at, end);
        origin_append_copy(out, s->in, at, plain - at);
        at = plain;
        if (at < end && s->bytes[at] == INLINE_DROPPED)
            at++;
        else if (at < end)
            at = append_emphasis(s, at, start, end, out);
    }
}
