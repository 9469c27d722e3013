/*
 * What has no spaces and is spelled out: URLs, mail addresses, host and file
 * names, paths. A chunk of such characters is looked at once, where it begins.
 */

#include <string.h>

#include "text/normalize_words.h"
#include "text/number_words.h"

struct chunk_shape {
    size_t start, end;            /* tokens; closing punctuation is not of it */
    size_t at_sign;               /* the only '@', or 0 */
    size_t last_dot, first_slash; /* or 0 */
    bool has_backslash;
    size_t at_signs;
};

static const struct {
    const char *mark, *reading;
} marks[] = {
    { ".", "dot" },   { "/", "slash" },         { "-", "dash" },   { "_", "underscore" },
    { ":", "colon" }, { "?", "question mark" }, { "=", "equals" }, { "&", "and" },
    { "#", "hash" },  { "%", "percent" },       { "+", "plus" },   { "~", "tilde" },
    { "@", "at" },    { "\\", "backslash" },
};

static const char *find_mark(const struct words *w, size_t at)
{
    for (size_t i = 0; i < COUNT(marks); i++) {
        if (token_is(w, at, marks[i].mark))
            return marks[i].reading;
    }
    return NULL;
}

static bool is_chunk_token(const struct words *w, size_t at)
{
    enum token_kind kind = token_kind(w, at);

    return kind == TOKEN_WORD || kind == TOKEN_DIGITS || (kind == TOKEN_MARK && find_mark(w, at));
}

static struct chunk_shape read_shape(const struct words *w, size_t at)
{
    struct chunk_shape c = { .start = at, .end = at };

    while (is_chunk_token(w, c.end))
        c.end++;
    while (c.end > at && token_kind(w, c.end - 1) == TOKEN_MARK && !token_is(w, c.end - 1, "/"))
        c.end--;
    for (size_t i = at; i < c.end; i++) {
        if (token_kind(w, i) != TOKEN_MARK)
            continue;
        switch (token_text(w, i)[0]) {
        case '@':
            c.at_sign = i;
            c.at_signs++;
            break;
        case '.':
            c.last_dot = i;
            break;
        case '/':
            c.first_slash = c.first_slash ? c.first_slash : i;
            break;
        case '\\':
            c.has_backslash = true;
            break;
        default:
            break;
        }
    }
    return c;
}

/* Whether tokens are words, digits and these marks only. */
static bool consists_of(const struct words *w, size_t start, size_t end, const char *allowed)
{
    for (size_t i = start; i < end; i++) {
        if (token_kind(w, i) == TOKEN_MARK && !strchr(allowed, token_text(w, i)[0]))
            return false;
    }
    return start < end;
}

static void say_spelled(struct words *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        bool is_digits = token_kind(w, i) == TOKEN_DIGITS;
        if (is_digits || token_kind(w, i) == TOKEN_MARK || i == start ||
            token_kind(w, i - 1) != TOKEN_WORD)
            say(w, i > start ? " " : "");
        if (is_digits && token_length(w, i) <= 2)
            say_cardinal(w, i, i + 1);
        else if (is_digits)
            say_digits(w, i, i + 1);
        else if (token_kind(w, i) == TOKEN_MARK)
            say(w, find_mark(w, i));
        else
            say_tokens(w, i, i + 1);
    }
}

/* ---- kinds of chunks ---- */

static bool is_top_level_domain(const struct words *w, size_t at)
{
    /* Those that are English words ("it", "me", "is") are left out: a space is more often
     * missing after a full stop than such a host is named without "www" or a path. */
    static const char *const domains[] = {
        "com",  "org",   "net", "edu", "gov",  "mil",  "int",  "io",     "dev",  "app",  "ai",
        "co",   "info",  "biz", "tv",  "uk",   "ca",   "au",   "de",     "fr",   "es",   "nl",
        "eu",   "jp",    "cn",  "br",  "ru",   "ch",   "se",   "dk",     "fi",   "pl",   "xyz",
        "tech", "cloud", "gg",  "fm",  "blog", "shop", "site", "online", "page", "wiki", "news",
    };

    if (!token_is_lower(w, at) && !token_is_upper(w, at))
        return false;
    for (size_t i = 0; i < COUNT(domains); i++) {
        if (token_is_any_case(w, at, domains[i]))
            return true;
    }
    return false;
}

static bool is_extension(const struct words *w, size_t at)
{
    static const char *const extensions[] = {
        "txt",  "md",   "pdf", "doc",  "docx", "xls", "xlsx", "ppt",  "pptx", "odt",  "rtf",
        "epub", "csv",  "tsv", "json", "xml",  "yml", "yaml", "toml", "ini",  "cfg",  "conf",
        "html", "htm",  "css", "js",   "ts",   "jsx", "tsx",  "py",   "c",    "h",    "cpp",
        "hpp",  "cc",   "rs",  "go",   "java", "kt",  "rb",   "php",  "sh",   "bat",  "exe",
        "dll",  "lua",  "sql", "db",   "zip",  "gz",  "tar",  "xz",   "rar",  "iso",  "png",
        "jpg",  "jpeg", "gif", "svg",  "webp", "bmp", "mp",   "wav",  "flac", "ogg",  "opus",
        "aac",  "webm", "mkv", "mov",  "avi",  "log", "bak",  "tmp",  "lock", "onnx", "bin",
        "srt",  "vtt",  "ttf", "apk",  "deb",  "rpm", "ico",  "psd",  "tex",  "bib",  "ipynb",
        "env",  "pem",  "key",
    };

    /* "D.C" */
    if (!token_is_lower(w, at) && token_length(w, at) < 2)
        return false;
    for (size_t i = 0; i < COUNT(extensions); i++) {
        if (token_is_any_case(w, at, extensions[i]))
            return true;
    }
    return false;
}

static size_t skip_www(const struct words *w, size_t at)
{
    return token_is_any_case(w, at, "www") && token_is(w, at + 1, ".") ? at + 2 : at;
}

/* The first token after the scheme of "https://…", or start when there is none. */
static size_t skip_scheme(const struct words *w, const struct chunk_shape *c)
{
    size_t at = c->start;

    if (token_is_any_case(w, at, "mailto") && token_is(w, at + 1, ":"))
        return at + 2;
    if (token_kind(w, at) == TOKEN_WORD && token_is(w, at + 1, ":") && token_is(w, at + 2, "/") &&
        token_is(w, at + 3, "/") && at + 4 < c->end)
        return at + 4;
    return at;
}

static bool is_mail(const struct words *w, const struct chunk_shape *c)
{
    return c->at_signs == 1 && c->at_sign > c->start && c->at_sign + 1 < c->end &&
           c->last_dot > c->at_sign + 1 && token_kind(w, c->end - 1) == TOKEN_WORD &&
           consists_of(w, c->start, c->at_sign, "._-+%") &&
           consists_of(w, c->at_sign + 1, c->end, ".-");
}

static bool is_host(const struct words *w, const struct chunk_shape *c)
{
    size_t end = c->start, dot = 0;

    while (end < c->end &&
           (token_kind(w, end) != TOKEN_MARK || token_is(w, end, ".") || token_is(w, end, "-"))) {
        if (token_is(w, end, "."))
            dot = end;
        end++;
    }
    if (!dot || dot == c->start || dot + 2 != end || !is_top_level_domain(w, dot + 1) ||
        token_kind(w, c->start) != TOKEN_WORD || token_kind(w, dot - 1) == TOKEN_MARK)
        return false;
    return end == c->end || strchr("/:?#", token_text(w, end)[0]);
}

static bool is_file(const struct words *w, const struct chunk_shape *c)
{
    size_t extension = c->last_dot + 1;

    if (!c->last_dot || c->last_dot == c->start || token_kind(w, extension) != TOKEN_WORD ||
        !is_extension(w, extension) || token_kind(w, c->start) == TOKEN_NONE)
        return false;
    if (token_is(w, extension, "mp") && token_kind(w, extension + 1) != TOKEN_DIGITS)
        return false;
    if (c->end > extension + 1 && token_kind(w, extension + 1) == TOKEN_MARK &&
        !token_is(w, extension + 1, ":"))
        return false;
    /* "3.c" is a point of an agenda. */
    return token_kind(w, c->last_dot - 1) == TOKEN_WORD ||
           (token_kind(w, c->last_dot - 1) == TOKEN_DIGITS && token_length(w, extension) > 1) ||
           token_is(w, c->last_dot - 1, "_") || token_is(w, c->last_dot - 1, "-");
}

/* "/usr/bin", "~/x", "./x", "../x", "C:\x", "src/x.c". */
static bool is_path(const struct words *w, const struct chunk_shape *c)
{
    size_t at = c->start;

    if (token_kind(w, at) == TOKEN_WORD && token_length(w, at) == 1 && token_is(w, at + 1, ":") &&
        (token_is(w, at + 2, "\\") || token_is(w, at + 2, "/")))
        return c->end > at + 3;
    if (c->has_backslash && token_is(w, at, "\\") && token_is(w, at + 1, "\\"))
        return true;
    while (token_is(w, at, "."))
        at++;
    if (token_is(w, at, "~"))
        at++;
    return at - c->start <= 2 && token_is(w, at, "/") && token_kind(w, at + 1) == TOKEN_WORD &&
           c->first_slash == at;
}

size_t rule_address(struct words *w, size_t at)
{
    if (!is_chunk_token(w, at) || is_chunk_token(w, at - 1) ||
        token_kind(w, at - 1) == TOKEN_MARKER)
        return 0;
    struct chunk_shape c = read_shape(w, at);
    if (c.end < at + 2 || token_kind(w, c.end) == TOKEN_MARKER)
        return 0;
    size_t start = skip_scheme(w, &c);
    bool is_url = start > at || skip_www(w, start) > start;
    if (!is_url && !is_mail(w, &c) && !is_host(w, &c) && !is_file(w, &c) && !is_path(w, &c))
        return 0;
    start = skip_www(w, start);
    bool is_named = is_url || is_host(w, &c);
    size_t said_end = is_named && token_is(w, c.end - 1, "/") ? c.end - 1 : c.end;
    if (start >= said_end)
        return 0;
    say_spelled(w, start, said_end);
    return c.end;
}
