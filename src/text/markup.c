#include "text/markup.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>

#include "base/number.h"
#include "base/utf8.h"

#define MARK_LIMIT (MARKUP_LAST - MARKUP_FIRST + 1)
#define SLOTS 16384u    /* more than twice the marks */
#define TAG_MAX 256     /* bytes of one tag or bracket: what bounds every look ahead */
#define WORD_PARTS 8    /* "state-of-the-art" is one word of four */
#define WORD_TRAILERS 2 /* "C++" */

/* One lifting: where in the input it is and what it writes. */
struct lift {
    struct markup *markup;
    const struct origin_text *in;
    const char *text; /* in's */
    size_t length, at;
    const struct lexicon *lexicon;
    struct origin_text *out;
    double pauses_s; /* lifted so far, added up */
    struct err *err;
    bool failed;
};

void markup_init(struct markup *markup)
{
    *markup =
        (struct markup){ .slots = xcalloc(SLOTS, sizeof *markup->slots), .slot_count = SLOTS };
}

void markup_release(struct markup *markup)
{
    free(markup->marks);
    free(markup->slots);
    arena_release(&markup->arena);
    *markup = (struct markup){ 0 };
}

const struct mark *markup_find(const struct markup *markup, uint32_t code_point)
{
    size_t index = code_point - MARKUP_FIRST;

    return code_point >= MARKUP_FIRST && index < markup->count ? &markup->marks[index] : NULL;
}

/* FNV-1a, over bytes of a string and its NUL. */
static uint32_t hash_string(uint32_t hash, const char *text)
{
    do
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    while (*text++);
    return hash;
}

static uint32_t hash_mark(const struct mark *mark)
{
    uint32_t hash = 2166136261u ^ (uint32_t)(mark->pause_s * 1000.0);

    return hash_string(hash_string(hash, mark->text), mark->phonemes);
}

static bool same_mark(const struct mark *a, const struct mark *b)
{
    return a->kind == b->kind && a->pause_s == b->pause_s && strcmp(a->text, b->text) == 0 &&
           strcmp(a->phonemes, b->phonemes) == 0;
}

/* The index of this mark, which is added (its strings copied) when it is new. */
static bool intern(struct markup *markup, const struct mark *mark, size_t *index, struct err *err)
{
    size_t slot = hash_mark(mark) % markup->slot_count;

    for (; markup->slots[slot]; slot = (slot + 1) % markup->slot_count) {
        *index = markup->slots[slot] - 1;
        if (same_mark(&markup->marks[*index], mark))
            return true;
    }
    if (markup->count == MARK_LIMIT)
        return err_set(err, ERR_TOO_LARGE,
                       "The text has more than %u different pauses and pronunciations. Split it.",
                       MARK_LIMIT);
    *index = markup->count;
    ARRAY_GROW(markup->marks, markup->count, markup->capacity);
    markup->marks[markup->count++] = (struct mark){
        .kind = mark->kind,
        .pause_s = mark->pause_s,
        .text = arena_strdup(&markup->arena, mark->text),
        .phonemes = arena_strdup(&markup->arena, mark->phonemes),
    };
    markup->slots[slot] = (uint32_t)markup->count;
    return true;
}

/* Writes the mark in place of length bytes of the input. */
static void replace_with_mark(struct lift *lift, size_t length, const struct mark *mark)
{
    size_t index = 0;
    char bytes[4];

    if (!intern(lift->markup, mark, &index, lift->err)) {
        lift->failed = true;
        return;
    }
    size_t size = utf8_encode(MARKUP_FIRST + (uint32_t)index, bytes);
    origin_append(lift->out, bytes, size, lift->in->origin[lift->at]);
    lift->at += length;
}

static bool starts_with(const struct lift *lift, const char *prefix)
{
    size_t length = strlen(prefix);

    return lift->length - lift->at >= length &&
           strncasecmp(lift->text + lift->at, prefix, length) == 0;
}

/* The offset of c within the next TAG_MAX bytes of the line from at on, 0 when there is none. */
static size_t find_ahead(const struct lift *lift, size_t from, char c)
{
    size_t end = lift->length - from > TAG_MAX ? from + TAG_MAX : lift->length;

    for (size_t i = from; i < end && lift->text[i] != '\n'; i++)
        if (lift->text[i] == c)
            return i;
    return 0;
}

/* "0.5s", "500ms", " 2 s ". */
static bool parse_duration(const char *text, double *seconds, struct err *err)
{
    struct err unread = { 0 };
    char digits[32];
    size_t start = strspn(text, " ");
    size_t length = strspn(text + start, "0123456789.");
    const char *unit = text + start + length + strspn(text + start + length, " ");
    size_t unit_length = strcspn(unit, " ");
    double scale = 0;

    if (unit_length == 1 && strncasecmp(unit, "s", 1) == 0)
        scale = 1.0;
    else if (unit_length == 2 && strncasecmp(unit, "ms", 2) == 0)
        scale = 1e-3;
    if (scale > 0 && length > 0 && length < sizeof digits) {
        memcpy(digits, text + start, length);
        digits[length] = '\0';
        if (number_parse(digits, "pause", 0, PAUSE_MAX_S / scale, seconds, &unread)) {
            *seconds *= scale;
            return true;
        }
    }
    return err_set_param(err, ERR_INVALID, "pause",
                         "The pause \"%.60s\" is not a time from 0 to %d s. Write it like "
                         "[pause:0.5s] or [pause:500ms].",
                         text, PAUSE_MAX_S);
}

static void lift_pause(struct lift *lift, size_t length, double seconds)
{
    struct mark mark = { .kind = MARK_PAUSE, .pause_s = seconds, .text = "", .phonemes = "" };

    lift->pauses_s += seconds;
    if (lift->pauses_s > PAUSES_MAX_S) { /* a page of tags would fill any disk with silence */
        lift->failed = true;
        err_set_param(lift->err, ERR_TOO_LARGE, "pause",
                      "The pauses of the text are longer than %d s together. Split it.",
                      PAUSES_MAX_S);
        return;
    }
    replace_with_mark(lift, length, &mark);
}

/* [pause:…] at lift->at? */
static bool lift_bracket_pause(struct lift *lift)
{
    static const char prefix[] = "[pause:";
    char value[TAG_MAX + 1];
    double seconds;

    if (!starts_with(lift, prefix))
        return false;
    size_t start = lift->at + strlen(prefix);
    size_t end = find_ahead(lift, start, ']');
    if (!end)
        return false;
    memcpy(value, lift->text + start, end - start);
    value[end - start] = '\0';
    if (parse_duration(value, &seconds, lift->err))
        lift_pause(lift, end + 1 - lift->at, seconds);
    else
        lift->failed = true;
    return true;
}

/* [word](/ipa/) at lift->at? The phonemes have no slash in them, as a link to a folder would. */
static bool lift_override(struct lift *lift)
{
    size_t close = find_ahead(lift, lift->at + 1, ']');

    if (!close || close == lift->at + 1 || lift->length - close < 6 ||
        memcmp(lift->text + close, "](/", 3) != 0)
        return false;
    size_t start = close + 3;
    size_t slash = find_ahead(lift, start, '/');
    if (slash <= start || slash + 1 >= lift->length || lift->text[slash + 1] != ')')
        return false;
    struct arena scratch = ARENA;
    struct mark mark = {
        .kind = MARK_PHONEMES,
        .text = arena_strndup(&scratch, lift->text + lift->at + 1, close - lift->at - 1),
        .phonemes = arena_strndup(&scratch, lift->text + start, slash - start),
    };
    replace_with_mark(lift, slash + 2 - lift->at, &mark);
    arena_release(&scratch);
    return true;
}

/* The value of name="…" inside a tag, NULL without it. */
static const char *attribute(const char *tag, const char *name, char value[TAG_MAX + 1])
{
    size_t length = strlen(name);

    for (const char *at = strcasestr(tag, name); at; at = strcasestr(at + 1, name)) {
        const char *p = at + length + strspn(at + length, " ");

        if (!strchr(" \t", at[-1]) || *p != '=')
            continue;
        p += 1 + strspn(p + 1, " ");
        const char *end = *p == '"' || *p == '\'' ? strchr(p + 1, *p) : NULL;
        if (!end)
            return NULL;
        memcpy(value, p + 1, (size_t)(end - p - 1));
        value[end - p - 1] = '\0';
        return value;
    }
    return NULL;
}

/* SSML 1.1, 3.2.3: strengths; the times are Kokoro-FastAPI's. A break without attributes is
 * medium. */
static bool strength_seconds(const char *strength, double *seconds, struct err *err)
{
    static const struct {
        const char *name;
        double seconds;
    } strengths[] = { { "none", 0 },     { "x-weak", 0 }, { "weak", 0.25 },
                      { "medium", 0.5 }, { "strong", 1 }, { "x-strong", 1.5 } };

    for (size_t i = 0; i < COUNT(strengths); i++)
        if (strcasecmp(strength, strengths[i].name) == 0) {
            *seconds = strengths[i].seconds;
            return true;
        }
    return err_set_param(err, ERR_INVALID, "pause",
                         "<break> has no strength \"%.60s\". Use none, x-weak, weak, medium, "
                         "strong, x-strong or a time.",
                         strength);
}

/* A whole tag at lift->at with this name: its bytes, and a copy without the brackets. */
static size_t read_tag(const struct lift *lift, const char *name, char tag[TAG_MAX + 1])
{
    size_t length = strlen(name);

    if (!starts_with(lift, name))
        return 0;
    size_t end = find_ahead(lift, lift->at, '>');
    if (!end || !strchr(" />\t", lift->text[lift->at + length]))
        return 0;
    memcpy(tag, lift->text + lift->at + 1, end - lift->at - 1);
    tag[end - lift->at - 1] = '\0';
    return end + 1 - lift->at;
}

static bool lift_break(struct lift *lift)
{
    char tag[TAG_MAX + 1], value[TAG_MAX + 1];
    double seconds = 0;
    size_t length = read_tag(lift, "<break", tag);

    if (!length)
        return false;
    const char *time = attribute(tag, "time", value);
    const char *strength = time ? NULL : attribute(tag, "strength", value);
    bool ok = time ? parse_duration(time, &seconds, lift->err)
                   : strength_seconds(strength ? strength : "medium", &seconds, lift->err);
    if (!ok)
        lift->failed = true;
    else if (seconds > 0)
        lift_pause(lift, length, seconds);
    else
        lift->at += length;
    return true;
}

/* </break>, <speak …>, </speak>: dropped. */
static bool drop_tag(struct lift *lift)
{
    static const char *const names[] = { "</break", "<speak", "</speak" };
    char tag[TAG_MAX + 1];

    for (size_t i = 0; i < COUNT(names); i++) {
        size_t length = read_tag(lift, names[i], tag);

        if (length) {
            lift->at += length;
            return true;
        }
    }
    return false;
}

static bool is_word_char(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M |
                                                   UC_CATEGORY_MASK_N);
}

static bool joins_parts(uint32_t c)
{
    return c == '\'' || c == 0x2019 || c == '-' || c == '.' || c == '_' || c == '&' || c == '+';
}

/* Where the letters and digits from at on end. */
static size_t part_end(const struct lift *lift, size_t at)
{
    for (size_t next = at; next < lift->length; at = next)
        if (!is_word_char(utf8_next(lift->text, lift->length, &next)))
            break;
    return at;
}

/* Every end a word of the lexicon that begins here may have, shortest first. */
static size_t word_ends(const struct lift *lift, size_t ends[WORD_PARTS * (1 + WORD_TRAILERS)])
{
    size_t count = 0;
    size_t end = part_end(lift, lift->at);

    for (int part = 0; part < WORD_PARTS; part++) {
        ends[count++] = end;
        for (size_t i = 1; i <= WORD_TRAILERS && end + i <= lift->length; i++) {
            if (!strchr("+#.!", lift->text[end + i - 1]))
                break;
            if (end + i == lift->length || part_end(lift, end + i) == end + i)
                ends[count++] = end + i;
        }
        size_t next = end;
        if (end >= lift->length || !joins_parts(utf8_next(lift->text, lift->length, &next)))
            break;
        size_t next_end = part_end(lift, next);
        if (next_end == next)
            break;
        end = next_end;
    }
    return count;
}

static void replace_word(struct lift *lift, size_t length, const struct lexicon_entry *entry)
{
    if (!entry->is_phonemes) {
        origin_append(lift->out, entry->replacement, strlen(entry->replacement),
                      lift->in->origin[lift->at]);
        lift->at += length;
        return;
    }
    char *written = xstrndup(lift->text + lift->at, length);
    struct mark mark = { .kind = MARK_PHONEMES, .text = written, .phonemes = entry->replacement };
    replace_with_mark(lift, length, &mark);
    free(written);
}

/* "s" of "it's" is no word of its own. */
static bool is_after_apostrophe(const struct lift *lift)
{
    size_t at = lift->at;

    if (at == 0)
        return false;
    uint32_t mark = utf8_previous(lift->text, &at);
    return (mark == '\'' || mark == 0x2019) && at > 0 &&
           is_word_char(utf8_previous(lift->text, &at));
}

/* At the start of a word: the longest entry that begins here, else the word's first part as it is. */
static void lift_word(struct lift *lift)
{
    size_t ends[WORD_PARTS * (1 + WORD_TRAILERS)];
    size_t count = lift->lexicon && !is_after_apostrophe(lift) ? word_ends(lift, ends) : 0;

    while (count-- > 0) {
        const struct lexicon_entry *entry =
            lexicon_find(lift->lexicon, lift->text + lift->at, ends[count] - lift->at);

        if (entry) {
            replace_word(lift, ends[count] - lift->at, entry);
            return;
        }
    }
    size_t end = part_end(lift, lift->at);
    origin_append_copy(lift->out, lift->in, lift->at, end - lift->at);
    lift->at = end;
}

static void lift_next(struct lift *lift)
{
    size_t next = lift->at;
    char c = lift->text[lift->at];

    if (c == '[' && (lift_bracket_pause(lift) || lift_override(lift)))
        return;
    if (c == '<' && (lift_break(lift) || drop_tag(lift)))
        return;
    uint32_t code_point = utf8_next(lift->text, lift->length, &next);
    if (is_word_char(code_point)) {
        lift_word(lift);
        return;
    }
    if (code_point < MARKUP_FIRST || code_point > MARKUP_LAST)
        origin_append_copy(lift->out, lift->in, lift->at, next - lift->at);
    lift->at = next;
}

bool markup_lift(struct markup *markup, const struct origin_text *in, const struct lexicon *lexicon,
                 struct origin_text *out, struct err *err)
{
    struct lift lift = { .markup = markup,
                         .in = in,
                         .text = in->text.data,
                         .length = in->text.len,
                         .lexicon = lexicon,
                         .out = out,
                         .err = err };

    while (lift.at < lift.length && !lift.failed)
        lift_next(&lift);
    return !lift.failed && buf_ok(&out->text, "text", err);
}
