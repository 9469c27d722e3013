/*
 * Markdown's blocks, line by line; normalize_inline.c does what stands inside a
 * line. A line's kind is seen from its first characters, and from the next line
 * only where that is a table's rule.
 *
 * The aim is not to render but not to read marks aloud, in text that may as well
 * be a novel: "* * *" and "#" alone are scene breaks, an indented line is a
 * paragraph, and what looks like a mark but closes nothing is left for the rules.
 */

#include <string.h>

#include "text/normalize_inline.h"
#include "text/normalize_internal.h"

struct line {
    size_t start, end; /* without the newline, and without spaces at both ends */
};

enum line_kind {
    LINE_BLANK,
    LINE_BREAK, /* a rule or a scene break */
    LINE_FENCE,
    LINE_HEADING,
    LINE_ITEM,
    LINE_ROW,
    LINE_ROW_RULE,
    LINE_DEFINITION, /* where a link goes: never read */
    LINE_TEXT,
};

struct blocks {
    const struct origin_text *in;
    struct origin_text *out;
    struct inline_scanner inline_scanner;
    size_t next;              /* where the next line begins */
    enum line_kind last_kind; /* of the line before */
    char fence;               /* the mark that closes the code block we are in, or 0 */
    size_t fence_length;
};

static const char *text_of(const struct blocks *b)
{
    return b->in->text.data;
}

static struct line read_line(const struct blocks *b, size_t start, size_t *next)
{
    const char *text = text_of(b);
    const char *newline = memchr(text + start, '\n', b->in->text.len - start);
    struct line line = { start, newline ? (size_t)(newline - text) : b->in->text.len };

    *next = newline ? line.end + 1 : line.end;
    while (line.start < line.end && text[line.start] == ' ')
        line.start++;
    while (line.end > line.start && text[line.end - 1] == ' ')
        line.end--;
    return line;
}

static size_t run_length(const struct blocks *b, struct line line, char c)
{
    size_t i = line.start;

    while (i < line.end && text_of(b)[i] == c)
        i++;
    return i - line.start;
}

static void skip_spaces(const struct blocks *b, struct line *line)
{
    while (line->start < line->end && text_of(b)[line->start] == ' ')
        line->start++;
}

static bool has_prefix(const struct blocks *b, struct line line, const char *prefix)
{
    size_t length = strlen(prefix);

    return line.end - line.start >= length && memcmp(text_of(b) + line.start, prefix, length) == 0;
}

/* "---", "* * *", "===", "⁂", "#": nothing but such marks. */
static bool is_break(const struct blocks *b, struct line line)
{
    char mark = text_of(b)[line.start];
    size_t count = 0;

    if (has_prefix(b, line, "\u2042") || has_prefix(b, line, "\u2022"))
        return line.end - line.start == 3;
    if (!strchr("-*_=#~+", mark))
        return false;
    for (size_t i = line.start; i < line.end; i++) {
        if (text_of(b)[i] == mark)
            count++;
        else if (text_of(b)[i] != ' ')
            return false;
    }
    return count >= 3 || (count > 0 && strchr("*#~=", mark));
}

static size_t heading_marks(const struct blocks *b, struct line line)
{
    size_t count = run_length(b, line, '#');

    return count >= 1 && count <= 6 && line.start + count < line.end &&
                   text_of(b)[line.start + count] == ' '
               ? count
               : 0;
}

/* The bytes of "- ", "* ", "+ " or "• " in front of an item, else 0. */
static size_t bullet_length(const struct blocks *b, struct line line)
{
    const char *text = text_of(b) + line.start;
    size_t length = line.end - line.start;

    if (length >= 2 && strchr("-*+", text[0]) && text[1] == ' ')
        return 2;
    if (has_prefix(b, line, "\u2022"))
        return 3;
    if (has_prefix(b, line, "\u2192 ") || has_prefix(b, line, "\u00B7 "))
        return strcspn(text, " ") + 1;
    return 0;
}

/* The digits of "1." or "1)" in front of an item, else 0. Any number may follow an item, only 1
 * may follow other text: a wrapped line of prose can begin with "5. " as well. */
static size_t item_digits(const struct blocks *b, struct line line)
{
    const char *text = text_of(b);
    size_t i = line.start;

    while (i < line.end && is_ascii_digit((uint8_t)text[i]) && i - line.start < 4)
        i++;
    size_t digits = i - line.start;
    if (digits == 0 || digits > 3 || i + 1 >= line.end || !strchr(".)", text[i]) ||
        text[i + 1] != ' ')
        return 0;
    if (b->last_kind == LINE_TEXT && !(digits == 1 && text[line.start] == '1'))
        return 0;
    return digits;
}

/* "|---|:-:|": of these marks only, and both of them. */
static bool is_row_rule(const struct blocks *b, struct line line)
{
    bool has_bar = false, has_dash = false;

    for (size_t i = line.start; i < line.end; i++) {
        char c = text_of(b)[i];
        if (!strchr("|-: +", c))
            return false;
        has_bar |= c == '|' || c == '+';
        has_dash |= c == '-';
    }
    return has_bar && has_dash;
}

static bool has_bar(const struct blocks *b, struct line line)
{
    return line.end > line.start &&
           memchr(text_of(b) + line.start, '|', line.end - line.start) != NULL;
}

static bool is_row(const struct blocks *b, struct line line)
{
    size_t after;

    if (!has_bar(b, line))
        return false;
    if (b->last_kind == LINE_ROW || b->last_kind == LINE_ROW_RULE || text_of(b)[line.start] == '|')
        return true;
    struct line next = read_line(b, b->next, &after);
    return next.start < next.end && is_row_rule(b, next);
}

/* "[name]: https://…"; a footnote's "[^1]: words" is read. */
static bool is_definition(const struct blocks *b, struct line line)
{
    const char *text = text_of(b);

    if (text[line.start] != '[' || line.end - line.start < 5 || text[line.start + 1] == '^')
        return false;
    const char *close = memchr(text + line.start, ']', line.end - line.start);
    size_t after = close ? (size_t)(close - text) + 1 : line.end;
    if (after + 1 >= line.end || text[after] != ':' || text[after + 1] != ' ')
        return false;
    struct line target = { after + 2, line.end };
    return has_prefix(b, target, "http") || has_prefix(b, target, "/") ||
           has_prefix(b, target, "#") || has_prefix(b, target, "./") || has_prefix(b, target, "<");
}

static bool is_fence(const struct blocks *b, struct line line)
{
    return run_length(b, line, '`') >= 3 || run_length(b, line, '~') >= 3;
}

static enum line_kind line_kind(const struct blocks *b, struct line line)
{
    if (line.start == line.end)
        return LINE_BLANK;
    if (is_fence(b, line))
        return LINE_FENCE;
    if (is_break(b, line))
        return LINE_BREAK;
    if (is_row_rule(b, line))
        return LINE_ROW_RULE;
    if (heading_marks(b, line))
        return LINE_HEADING;
    if (bullet_length(b, line) || item_digits(b, line))
        return LINE_ITEM;
    if (is_row(b, line))
        return LINE_ROW;
    if (is_definition(b, line))
        return LINE_DEFINITION;
    return LINE_TEXT;
}

/* ---- output ---- */

static void append_mark(struct blocks *b, const char *mark, size_t at)
{
    uint32_t origin = at < b->in->text.len ? b->in->origin[at] : b->in->input_len;

    origin_append(b->out, mark, strlen(mark), origin);
}

/* Ends the line before, if that has not been done. */
static void break_line(struct blocks *b, size_t at)
{
    size_t length = b->out->text.len;

    while (length > 0 && b->out->text.data[length - 1] == ' ')
        length--;
    if (length > 0 && b->out->text.data[length - 1] != '\n')
        append_mark(b, "\n", at);
}

static void append_inline(struct blocks *b, struct line line)
{
    inline_append(&b->inline_scanner, line.start, line.end, b->out);
}

static void append_heading(struct blocks *b, struct line line)
{
    line.start += heading_marks(b, line);
    skip_spaces(b, &line);
    size_t end = line.end;
    while (end > line.start && text_of(b)[end - 1] == '#')
        end--;
    if (end < line.end && end > line.start && text_of(b)[end - 1] == ' ')
        line.end = end;
    break_line(b, line.start);
    append_inline(b, line);
    append_mark(b, "\n", line.end);
}

static void append_item(struct blocks *b, struct line line)
{
    size_t digits = item_digits(b, line);

    break_line(b, line.start);
    if (digits) {
        origin_append_copy(b->out, b->in, line.start, digits);
        append_mark(b, ". ", line.start + digits);
        line.start += digits + 2;
    }
    for (size_t bullet; !digits && (bullet = bullet_length(b, line)) > 0;) {
        line.start += bullet;
        skip_spaces(b, &line);
    }
    if (has_prefix(b, line, "[ ] ") || has_prefix(b, line, "[x] ") || has_prefix(b, line, "[X] "))
        line.start += 4;
    append_inline(b, line);
    append_mark(b, " ", line.end);
}

/* Cells become clauses. */
static void append_row(struct blocks *b, struct line line)
{
    bool is_first = true;

    break_line(b, line.start);
    for (size_t i = line.start; i < line.end;) {
        const char *bar = memchr(text_of(b) + i, '|', line.end - i);
        struct line cell = { i, bar ? (size_t)(bar - text_of(b)) : line.end };
        i = cell.end + 1;
        skip_spaces(b, &cell);
        while (cell.end > cell.start && text_of(b)[cell.end - 1] == ' ')
            cell.end--;
        if (cell.start == cell.end)
            continue;
        if (!is_first)
            append_mark(b, ", ", cell.start);
        append_inline(b, cell);
        is_first = false;
    }
    append_mark(b, "\n", line.end);
}

static void append_text(struct blocks *b, struct line line)
{
    const char *text = text_of(b);

    if (has_prefix(b, line, "[^")) {
        const char *close = memchr(text + line.start, ']', line.end - line.start);
        if (close && close + 1 < text + line.end && close[1] == ':') {
            break_line(b, line.start);
            line.start = (size_t)(close - text) + 2;
        }
    }
    append_inline(b, line);
    append_mark(b, " ", line.end);
}

static void append_code(struct blocks *b, struct line line)
{
    size_t marks = run_length(b, line, b->fence);

    if (marks >= b->fence_length && line.start + marks == line.end) {
        b->fence = 0;
        append_mark(b, "\n\n", line.end);
        return;
    }
    origin_append_copy(b->out, b->in, line.start, line.end - line.start);
    append_mark(b, "\n", line.end);
}

static void begin_code(struct blocks *b, struct line line)
{
    b->fence = text_of(b)[line.start];
    b->fence_length = run_length(b, line, b->fence);
    append_mark(b, "\n\n", line.start);
}

/* ">90%" is none. */
static bool is_quote(const struct blocks *b, struct line line)
{
    return line.start < line.end && text_of(b)[line.start] == '>' &&
           !(line.start + 1 < line.end && (text_of(b)[line.start + 1] == '=' ||
                                           is_ascii_digit((uint8_t)text_of(b)[line.start + 1])));
}

static void append_line(struct blocks *b, struct line line)
{
    enum line_kind kind;

    while (is_quote(b, line)) {
        line.start++;
        skip_spaces(b, &line);
    }
    kind = line_kind(b, line);
    switch (kind) {
    case LINE_BLANK:
    case LINE_BREAK:
        append_mark(b, "\n\n", line.start);
        break;
    case LINE_FENCE:
        /* ```one line``` is a span. */
        if (memchr(text_of(b) + line.start + run_length(b, line, text_of(b)[line.start]),
                   text_of(b)[line.start],
                   line.end - line.start - run_length(b, line, text_of(b)[line.start])))
            append_text(b, line);
        else
            begin_code(b, line);
        break;
    case LINE_HEADING:
        append_heading(b, line);
        break;
    case LINE_ITEM:
        append_item(b, line);
        break;
    case LINE_ROW:
        append_row(b, line);
        break;
    case LINE_ROW_RULE:
    case LINE_DEFINITION:
        break;
    case LINE_TEXT:
        append_text(b, line);
        break;
    }
    /* The second line of an item belongs to it, and so may the next item follow it. */
    if (kind != LINE_TEXT || b->last_kind != LINE_ITEM)
        b->last_kind = kind;
}

void normalize_marks(const struct origin_text *in, struct origin_text *out)
{
    struct blocks b = { .in = in, .out = out, .last_kind = LINE_BLANK };

    if (!inline_init(&b.inline_scanner, in)) {
        out->text.failed = true;
        return;
    }
    while (b.next < in->text.len && !out->text.failed) {
        struct line line = read_line(&b, b.next, &b.next);
        if (b.fence)
            append_code(&b, line);
        else
            append_line(&b, line);
    }
    inline_release(&b.inline_scanner);
}
