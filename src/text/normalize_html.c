/*
 * HTML among the words: tags go, and those of blocks leave what Markdown writes
 * for them, for the next pass to see. Only names that HTML has are tags, so
 * "x < y" and "a <b and c> d" survive; of other names between angle brackets
 * ("<https://…>", "<your name>") the brackets go.
 *
 * What is quoted in backticks stays. A tag ends before the next '<', a comment
 * is looked for once: that keeps it linear.
 */

#include <string.h>
#include <strings.h>

#include "text/normalize_internal.h"

#define LONGEST_NAME 15

enum tag_kind {
    TAG_INLINE,
    TAG_PARAGRAPH, /* stands alone */
    TAG_ITEM,
    TAG_ROW,
    TAG_CELL,
    TAG_HIDDEN, /* its content is not for readers */
};

static const struct tag {
    const char *name;
    enum tag_kind kind;
} tags[] = {
    { "a", TAG_INLINE },
    { "abbr", TAG_INLINE },
    { "article", TAG_PARAGRAPH },
    { "aside", TAG_PARAGRAPH },
    { "audio", TAG_INLINE },
    { "b", TAG_INLINE },
    { "bdi", TAG_INLINE },
    { "big", TAG_INLINE },
    { "blockquote", TAG_PARAGRAPH },
    { "body", TAG_PARAGRAPH },
    { "br", TAG_PARAGRAPH },
    { "button", TAG_INLINE },
    { "caption", TAG_PARAGRAPH },
    { "center", TAG_PARAGRAPH },
    { "cite", TAG_INLINE },
    { "code", TAG_INLINE },
    { "dd", TAG_PARAGRAPH },
    { "del", TAG_INLINE },
    { "details", TAG_PARAGRAPH },
    { "dfn", TAG_INLINE },
    { "div", TAG_PARAGRAPH },
    { "dl", TAG_PARAGRAPH },
    { "dt", TAG_PARAGRAPH },
    { "em", TAG_INLINE },
    { "figcaption", TAG_PARAGRAPH },
    { "figure", TAG_PARAGRAPH },
    { "font", TAG_INLINE },
    { "footer", TAG_PARAGRAPH },
    { "h1", TAG_PARAGRAPH },
    { "h2", TAG_PARAGRAPH },
    { "h3", TAG_PARAGRAPH },
    { "h4", TAG_PARAGRAPH },
    { "h5", TAG_PARAGRAPH },
    { "h6", TAG_PARAGRAPH },
    { "head", TAG_PARAGRAPH },
    { "header", TAG_PARAGRAPH },
    { "hr", TAG_PARAGRAPH },
    { "html", TAG_PARAGRAPH },
    { "i", TAG_INLINE },
    { "iframe", TAG_INLINE },
    { "img", TAG_INLINE },
    { "input", TAG_INLINE },
    { "ins", TAG_INLINE },
    { "kbd", TAG_INLINE },
    { "li", TAG_ITEM },
    { "link", TAG_INLINE },
    { "main", TAG_PARAGRAPH },
    { "mark", TAG_INLINE },
    { "meta", TAG_INLINE },
    { "nav", TAG_PARAGRAPH },
    { "nobr", TAG_INLINE },
    { "ol", TAG_PARAGRAPH },
    { "p", TAG_PARAGRAPH },
    { "picture", TAG_INLINE },
    { "pre", TAG_PARAGRAPH },
    { "q", TAG_INLINE },
    { "rp", TAG_INLINE },
    { "rt", TAG_INLINE },
    { "ruby", TAG_INLINE },
    { "s", TAG_INLINE },
    { "samp", TAG_INLINE },
    { "script", TAG_HIDDEN },
    { "section", TAG_PARAGRAPH },
    { "small", TAG_INLINE },
    { "source", TAG_INLINE },
    { "span", TAG_INLINE },
    { "strike", TAG_INLINE },
    { "strong", TAG_INLINE },
    { "style", TAG_HIDDEN },
    { "sub", TAG_INLINE },
    { "summary", TAG_PARAGRAPH },
    { "sup", TAG_INLINE },
    { "table", TAG_PARAGRAPH },
    { "tbody", TAG_INLINE },
    { "td", TAG_CELL },
    { "tfoot", TAG_INLINE },
    { "th", TAG_CELL },
    { "thead", TAG_INLINE },
    { "time", TAG_INLINE },
    { "title", TAG_PARAGRAPH },
    { "tr", TAG_ROW },
    { "tt", TAG_INLINE },
    { "u", TAG_INLINE },
    { "ul", TAG_PARAGRAPH },
    { "var", TAG_INLINE },
    { "video", TAG_INLINE },
    { "wbr", TAG_INLINE },
};

struct html {
    const struct origin_text *in;
    struct origin_text *out;
    bool comment_is_open;   /* no "-->" follows any more */
    bool hidden_is_open[2]; /* the same for </script> and </style> */
};

static const struct tag *find_tag(const char *name, size_t length)
{
    char lower[LONGEST_NAME + 1];

    if (length == 0 || length > LONGEST_NAME)
        return NULL;
    memcpy(lower, name, length);
    lower[length] = '\0';
    for (size_t i = 0; i < COUNT(tags); i++) {
        if (strcasecmp(tags[i].name, lower) == 0)
            return &tags[i];
    }
    return NULL;
}

/* What follows a name inside of a tag: nothing, or attributes, which have '=' or stand alone. */
static bool are_attributes(const char *text, size_t length)
{
    return length == 0 || text[0] == '/' ||
           (strchr(" \n", text[0]) && (memchr(text, '=', length) || memchr(text, '/', length)));
}

static size_t search(const struct html *h, size_t at, const char *what)
{
    size_t length = strlen(what);

    for (size_t i = at; i + length <= h->in->text.len; i++) {
        const char *first = memchr(h->in->text.data + i, what[0], h->in->text.len - i);
        if (!first)
            break;
        i = (size_t)(first - h->in->text.data);
        if (i + length <= h->in->text.len && strncasecmp(first, what, length) == 0)
            return i + length;
    }
    return 0;
}

/* The end of a comment at at, or 0. */
static size_t comment_end(struct html *h, size_t at)
{
    if (h->comment_is_open || h->in->text.len - at < 7 ||
        memcmp(h->in->text.data + at, "<!--", 4) != 0)
        return 0;
    size_t end = search(h, at + 4, "-->");
    h->comment_is_open = end == 0;
    return end;
}

static size_t hidden_end(struct html *h, const struct tag *tag, size_t at)
{
    size_t which = tag->name[1] == 'c' ? 0 : 1;

    if (h->hidden_is_open[which])
        return at;
    size_t end = search(h, at, which == 0 ? "</script>" : "</style>");
    h->hidden_is_open[which] = end == 0;
    return end ? end : at;
}

static void append(struct html *h, const char *text, size_t at)
{
    origin_append(h->out, text, strlen(text), h->in->origin[at]);
}

static void append_for_tag(struct html *h, enum tag_kind kind, bool is_closing, size_t at)
{
    switch (kind) {
    case TAG_PARAGRAPH:
        append(h, "\n\n", at);
        break;
    case TAG_ITEM:
        append(h, is_closing ? "" : "\n\u2022 ", at);
        break;
    case TAG_ROW:
        append(h, is_closing ? "" : "\n| ", at);
        break;
    case TAG_CELL:
        append(h, is_closing ? "" : " | ", at);
        break;
    case TAG_INLINE:
    case TAG_HIDDEN:
        break;
    }
}

/* "<name>" where HTML has no such name: the brackets go, as do those of "vector<int>". Returns the
 * end, or 0. */
static size_t append_bracketed(struct html *h, size_t at, size_t close)
{
    const char *text = h->in->text.data;
    bool is_glued = at > 0 && is_ascii_letter((uint8_t)text[at - 1]);
    size_t spaces = is_glued ? 3 : 0;

    for (size_t i = at + 1; i < close; i++) {
        if (strchr("=\"\n;", text[i]) || (text[i] == ' ' && ++spaces > 3))
            return 0;
    }
    if (text[at + 1] == '/')
        return 0;
    append(h, is_glued ? " " : "", at);
    origin_append_copy(h->out, h->in, at + 1, close - at - 1);
    return close + 1;
}

/* What begins with '<' at at. Returns where to go on, or 0 when it is just that character. */
static size_t append_markup(struct html *h, size_t at)
{
    const char *text = h->in->text.data;
    size_t end = comment_end(h, at), name = at + 1, name_end, close;

    if (end)
        return end;
    if (at > 0 && text[at - 1] == '`')
        return 0;
    bool is_closing = name < h->in->text.len && text[name] == '/';
    name += is_closing;
    if (name >= h->in->text.len || !is_ascii_letter((uint8_t)text[name]))
        return 0;
    for (name_end = name; name_end < h->in->text.len && (is_ascii_letter((uint8_t)text[name_end]) ||
                                                         is_ascii_digit((uint8_t)text[name_end]));)
        name_end++;
    for (close = name_end; close < h->in->text.len && !strchr("<>`", text[close]);)
        close++;
    if (close >= h->in->text.len || text[close] != '>')
        return 0;
    const struct tag *tag = find_tag(text + name, name_end - name);
    if (!tag || !are_attributes(text + name_end, close - name_end))
        return append_bracketed(h, at, close);
    append_for_tag(h, tag->kind, is_closing, at);
    return tag->kind == TAG_HIDDEN && !is_closing ? hidden_end(h, tag, close + 1) : close + 1;
}

void normalize_html(const struct origin_text *in, struct origin_text *out)
{
    struct html h = { .in = in, .out = out };

    for (size_t at = 0; at < in->text.len && !out->text.failed;) {
        const char *mark = memchr(in->text.data + at, '<', in->text.len - at);
        size_t plain = mark ? (size_t)(mark - in->text.data) - at : in->text.len - at;
        origin_append_copy(out, in, at, plain);
        at += plain;
        if (!mark)
            break;
        size_t end = append_markup(&h, at);
        if (!end) {
            origin_append_copy(out, in, at, 1);
            end = at + 1;
        }
        at = end;
    }
}
