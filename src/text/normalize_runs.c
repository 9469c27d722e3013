/*
 * Runs of one kind of character: what is written more than once is read once.
 */

#include <string.h>

#include "base/utf8.h"
#include "text/normalize_internal.h"

struct runs {
    const struct origin_text *in;
    struct origin_text *out;
    size_t start; /* of what is ours in out */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

static const char *text_of(const struct runs *r)
{
    return r->in->text.data;
}

static char byte_at(const struct runs *r, size_t at)
{
    return at < r->in->text.len ? text_of(r)[at] : '\0';
}

static size_t run_end(const struct runs *r, size_t at, const char *of)
{
    while (at < r->in->text.len && strchr(of, text_of(r)[at]))
        at++;
    return at;
}

static void append(struct runs *r, const char *text, size_t at)
{
    origin_append(r->out, text, strlen(text), r->in->origin[at]);
}

static bool starts_with(const struct runs *r, size_t at, const char *what)
{
    size_t length = strlen(what);

    return r->in->text.len - at >= length && memcmp(text_of(r) + at, what, length) == 0;
}

/* The end of an ellipsis at at, written "...", "…", ". . ." or with more of these; 0 if none. */
static size_t ellipsis_end(const struct runs *r, size_t at)
{
    size_t dots = 0, i = at;

    for (;;) {
        if (byte_at(r, i) == '.') {
            dots++;
            i++;
        } else if (starts_with(r, i, "\u2026")) {
            dots += 3;
            i += strlen("\u2026");
        } else if (byte_at(r, i) == ' ' && byte_at(r, i + 1) == '.' && byte_at(r, i + 2) != '.' &&
                   i > at && byte_at(r, i - 1) == '.' &&
                   !is_ascii_digit((uint8_t)byte_at(r, i + 2)) &&
                   !is_ascii_letter((uint8_t)byte_at(r, i + 2))) {
            i++;
        } else {
            break;
        }
    }
    bool is_end = i >= r->in->text.len || strchr(" \n\"')", text_of(r)[i]);
    return dots >= 3 || (dots == 2 && is_end) ? i : 0;
}

/* "!!!" is "!", "?!?!" is "?!": each once, in the order they come. */
static size_t append_marks(struct runs *r, size_t at)
{
    size_t end = run_end(r, at, "!?");
    char first = text_of(r)[at], other = first == '!' ? '?' : '!';

    origin_append_copy(r->out, r->in, at, 1);
    if (memchr(text_of(r) + at, other, end - at))
        append(r, other == '!' ? "!" : "?", at);
    return end;
}

/* A space, unless there is one, or nothing it could part from what follows. */
static void append_gap(struct runs *r, size_t at)
{
    size_t length = r->out->text.len;

    if (length > r->start && !is_blank(r->out->text.data[length - 1]))
        append(r, " ", at);
}

static void trim_spaces(struct runs *r)
{
    size_t length = r->out->text.len;

    while (length > r->start && r->out->text.data[length - 1] == ' ')
        length--;
    origin_truncate(r->out, length);
}

/* An arrow between words, from at to end, is a pause. */
static size_t append_arrow(struct runs *r, size_t at, size_t end)
{
    trim_spaces(r);
    size_t length = r->out->text.len;
    if (length > r->start && !strchr("\n,.;:!?(", r->out->text.data[length - 1]))
        append(r, ",", at);
    append_gap(r, at);
    return end;
}

/* Two or more are a dash, but an option's: "run it with --help". */
static size_t append_hyphens(struct runs *r, size_t at)
{
    size_t end = run_end(r, at, "-");
    bool is_option = end - at == 2 && (at == 0 || strchr(" \n(", text_of(r)[at - 1])) &&
                     byte_at(r, end) >= 'a' && byte_at(r, end) <= 'z';

    if (end - at <= 2 && byte_at(r, end) == '>')
        return append_arrow(r, at, end + 1);
    if (end - at == 1 || is_option)
        origin_append_copy(r->out, r->in, at, end - at);
    else
        append(r, "\u2014", at);
    return end;
}

static size_t append_spaces(struct runs *r, size_t at)
{
    size_t end = at, newlines = 0;

    for (; end < r->in->text.len && is_blank(text_of(r)[end]); end++)
        newlines += text_of(r)[end] == '\n';
    size_t length = r->out->text.len;
    while (length > r->start && is_blank(r->out->text.data[length - 1]))
        newlines += r->out->text.data[--length] == '\n';
    origin_truncate(r->out, length);
    if (length > r->start && end < r->in->text.len)
        append(r, newlines > 1 ? "\n\n" : newlines == 1 ? "\n" : " ", at);
    return end;
}

/* "====", "####": drawn, not written. */
static size_t append_drawn(struct runs *r, size_t at)
{
    char mark[2] = { text_of(r)[at], '\0' };
    size_t end = run_end(r, at, mark);

    if (mark[0] == '=' && end - at <= 2 && byte_at(r, end) == '>')
        return append_arrow(r, at, end + 1);
    if (end - at >= 4)
        append_gap(r, at);
    else
        origin_append_copy(r->out, r->in, at, end - at);
    return end;
}

static size_t append_one(struct runs *r, size_t at)
{
    char c = text_of(r)[at];
    size_t end;

    if (is_blank(c))
        return append_spaces(r, at);
    if (c == '!' || c == '?')
        return append_marks(r, at);
    if (c == '-')
        return append_hyphens(r, at);
    if (c == '=' || c == '#' || c == '*' || c == '~' || c == '+')
        return append_drawn(r, at);
    if (starts_with(r, at, "\u2192"))
        return append_arrow(r, at, at + strlen("\u2192"));
    if ((c == '.' || starts_with(r, at, "\u2026")) && (end = ellipsis_end(r, at)) > 0) {
        if (byte_at(r, at + 1) == ' ')
            trim_spaces(r); /* "wait . . . what" */
        append(r, "\u2026", at);
        return end;
    }
    if (c == '.')
        end = run_end(r, at, ".");
    else
        utf8_next(text_of(r), r->in->text.len, (end = at, &end));
    origin_append_copy(r->out, r->in, at, end - at);
    return end;
}

void normalize_runs(const struct origin_text *in, struct origin_text *out)
{
    struct runs r = { .in = in, .out = out, .start = out->text.len };

    for (size_t at = 0; at < in->text.len && !out->text.failed;)
        at = append_one(&r, at);
    size_t length = out->text.len;
    while (length > r.start && is_blank(out->text.data[length - 1]))
        length--;
    if (!out->text.failed)
        origin_truncate(out, length);
}
