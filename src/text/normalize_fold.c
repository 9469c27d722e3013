/*
 * Folding: one look at each character and the few beside it.
 *
 * A cluster (a character and the marks that combine with it) goes through NFC,
 * compatibility characters whose meaning is that of plain ones (ligatures,
 * full-width and styled letters, circled digits) through NFKC. Fractions and
 * superscripts are left alone: the rules read them.
 */

#include <assert.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <libxml/HTMLparser.h>

#include "base/utf8.h"
#include "text/normalize_internal.h"

/* More marks on one letter are decoration ("zalgo") and are dropped. */
#define CLUSTER_MARKS 8

#define VARIATION_EMOJI 0xFE0F
#define KEYCAP 0x20E3

struct folder {
    const struct origin_text *in;
    struct origin_text *out;
    uint32_t last;   /* the last code point appended; '\n' at the start */
    bool after_gap;  /* nothing but spaces since an emoji was dropped */
    bool skip_space; /* after an opening guillemet */
};

/* One character of the input, entities decoded. */
struct character {
    uint32_t code_point;
    size_t length; /* bytes of input */
};

/* What a character is replaced by, where Unicode's own mappings do not serve speech. */
struct replacement {
    uint32_t code_point;
    const char *text;
};

static const struct replacement replacements[] = {
    { 0x00AB, "\"" },     { 0x00B4, "'" },      { 0x00BB, "\"" },      { 0x02B9, "'" },
    { 0x02BB, "'" },      { 0x02BC, "'" },      { 0x02BD, "'" },       { 0x02DA, "\u00B0" },
    { 0x02DC, "~" },      { 0x2010, "-" },      { 0x2011, "-" },       { 0x2012, "\u2013" },
    { 0x2015, "\u2014" }, { 0x2018, "'" },      { 0x2019, "'" },       { 0x201A, "'" },
    { 0x201B, "'" },      { 0x201C, "\"" },     { 0x201D, "\"" },      { 0x201E, "\"" },
    { 0x201F, "\"" },     { 0x2023, "\u2022" }, { 0x2025, "\u2026" },  { 0x2026, "\u2026" },
    { 0x2028, "\n" },     { 0x2029, "\n\n" },   { 0x2032, "'" },       { 0x2033, "\"" },
    { 0x2035, "'" },      { 0x2036, "\"" },     { 0x2039, "'" },       { 0x203A, "'" },
    { 0x203C, "!!" },     { 0x2043, "\u2022" }, { 0x2044, "/" },       { 0x2047, "??" },
    { 0x2048, "?!" },     { 0x2049, "!?" },     { 0x2103, "\u00B0C" }, { 0x2109, "\u00B0F" },
    { 0x2116, "No. " },   { 0x2117, "" },       { 0x2120, "" },        { 0x2122, "" },
    { 0x2190, "\u2192" }, { 0x2194, "\u2192" }, { 0x21D0, "\u2192" },  { 0x21D2, "\u2192" },
    { 0x21D4, "\u2192" }, { 0x2212, "\u2212" }, { 0x2215, "/" },       { 0x2217, "*" },
    { 0x2219, "\u00B7" }, { 0x2236, ":" },      { 0x223C, "~" },       { 0x22EF, "\u2026" },
    { 0x2500, "\u2014" }, { 0x25A0, "\u2022" }, { 0x25AA, "\u2022" },  { 0x25CB, "\u2022" },
    { 0x25CF, "\u2022" }, { 0x25E6, "\u2022" }, { 0x27A1, "\u2192" },  { 0x27F6, "\u2192" },
    { 0x3001, "," },      { 0x3002, "." },      { 0x3003, "\"" },      { 0x3008, "\"" },
    { 0x3009, "\"" },     { 0x300A, "\"" },     { 0x300B, "\"" },      { 0x300C, "\"" },
    { 0x300D, "\"" },     { 0x300E, "\"" },     { 0x300F, "\"" },      { 0x3010, "[" },
    { 0x3011, "]" },      { 0x3014, "[" },      { 0x3015, "]" },       { 0x301C, "\u2013" },
    { 0x301D, "\"" },     { 0x301E, "\"" },     { 0x301F, "\"" },      { 0xFE63, "-" },
    { 0xFF02, "\"" },     { 0xFF07, "'" },      { 0xFF0D, "-" },       { 0xFF40, "'" },
    { 0xFF5E, "\u2013" }, { 0xFF61, "." },      { 0xFF62, "\"" },      { 0xFF63, "\"" },
    { 0xFF64, "," },
};

static const char *find_replacement(uint32_t code_point)
{
    size_t low = 0, high = COUNT(replacements);

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (replacements[middle].code_point == code_point)
            return replacements[middle].text;
        if (replacements[middle].code_point < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- reading ---- */

#define LONGEST_ENTITY 12 /* "&thetasym;" is the longest of HTML 4 that matters */

static bool may_be_entity_value(uint32_t value)
{
    return value > 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF) &&
           !is_private_use(value);
}

/* The value of a name between '&' and ';', 0 when it has none. */
static uint32_t entity_value(const char *name)
{
    if (name[0] != '#') {
        const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
        if (entity)
            return entity->value;
        return strcmp(name, "apos") == 0 ? '\'' : 0;
    }
    bool is_hex = name[1] == 'x' || name[1] == 'X';
    const char *digits = name + (is_hex ? 2 : 1);
    char *end;
    if (!is_ascii_digit((uint8_t)*digits) && !(is_hex && strspn(digits, "0123456789abcdefABCDEF")))
        return 0;
    unsigned long value = strtoul(digits, &end, is_hex ? 16 : 10);
    return *end || value > 0x10FFFF ? 0 : (uint32_t)value;
}

static bool read_entity(const char *text, size_t left, struct character *out)
{
    char name[LONGEST_ENTITY + 1];
    size_t length = 0;

    if (left < 4 || text[0] != '&' || !(text[1] == '#' || is_ascii_letter((uint8_t)text[1])))
        return false;
    while (length < LONGEST_ENTITY && 1 + length < left && text[1 + length] != ';') {
        name[length] = text[1 + length];
        if (!name[length] || strchr(" \n&<", name[length]))
            return false;
        length++;
    }
    if (1 + length >= left || text[1 + length] != ';')
        return false;
    name[length] = '\0';
    uint32_t value = entity_value(name);
    if (!may_be_entity_value(value))
        return false;
    *out = (struct character){ value, length + 2 };
    return true;
}

/* False at the end of the text. */
static bool read_character(const struct folder *f, size_t at, struct character *out)
{
    size_t end = at;

    if (at >= f->in->text.len)
        return false;
    if (f->in->text.data[at] == '&' &&
        read_entity(f->in->text.data + at, f->in->text.len - at, out))
        return true;
    out->code_point = utf8_next(f->in->text.data, f->in->text.len, &end);
    out->length = end - at;
    return true;
}

static uint32_t peek(const struct folder *f, size_t at)
{
    struct character c;

    return read_character(f, at, &c) ? c.code_point : 0;
}

/* ---- writing ---- */

static void trim_spaces(struct folder *f)
{
    size_t length = f->out->text.len;

    while (length > 0 && f->out->text.data[length - 1] == ' ')
        length--;
    origin_truncate(f->out, length);
}

static bool closes(uint32_t c)
{
    return c && c < 0x80 && strchr(".,!?;:)]", (int)c);
}

static void append(struct folder *f, const char *bytes, size_t length, size_t at)
{
    if (length == 0)
        return;
    if (f->after_gap && bytes[0] != ' ') {
        if (closes((uint8_t)bytes[0]))
            trim_spaces(f);
        f->after_gap = false;
    }
    origin_append(f->out, bytes, length, f->in->origin[at]);
    size_t last = length;
    f->last = utf8_previous(bytes, &last);
}

static void append_str(struct folder *f, const char *text, size_t at)
{
    append(f, text, strlen(text), at);
}

static bool is_at_line_start(const struct folder *f)
{
    size_t i = f->out->text.len;

    /* Indentation is short; deeper than this is no list. */
    for (size_t seen = 0; i > 0 && seen < 16 && f->out->text.data[i - 1] == ' '; seen++)
        i--;
    return i == 0 || f->out->text.data[i - 1] == '\n';
}

/* ---- kinds of characters ---- */

static bool is_emoji(uint32_t c, uint32_t next)
{
    if (c < 0x80)
        return next == VARIATION_EMOJI && (c == '#' || c == '*');
    if (c == 0xA9 || c == 0xAE || (c >= 0x2000 && c < 0x2300 && c != 0x231A && c != 0x231B))
        return false; /* ©, ®, ‼, arrows: pictographic by name only */
    if (c >= 0x266D && c <= 0x266F)
        return false; /* flat, natural, sharp */
    return uc_is_property_extended_pictographic(c) || uc_is_property_emoji_modifier(c) ||
           (c >= 0x1F1E6 && c <= 0x1F1FF);
}

/* Joins, selects or colours an emoji, or says nothing at all. */
static bool is_invisible(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cc |
                                                   UC_CATEGORY_MASK_Cn | UC_CATEGORY_MASK_Cs) ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0000 && c <= 0xE0FFF) || c == KEYCAP ||
           c == 0xFFFC || c == 0xFFFD || (c >= 0xF0000);
}

/* Persian and Indic words need their joiners; Latin ones have none. */
static bool is_needed_joiner(const struct folder *f, uint32_t c)
{
    return (c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER) && f->last >= 0x0600 &&
           f->last < 0x2000 &&
           uc_is_general_category_withtable(f->last, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M);
}

static bool is_wide_punctuation(uint32_t c)
{
    return c == 0x3001 || c == 0x3002 || c == 0xFF61 || c == 0xFF64 || c == 0xFF01 || c == 0xFF0C ||
           c == 0xFF0E || c == 0xFF1A || c == 0xFF1B || c == 0xFF1F;
}

static bool is_folded_by_nfkc(uint32_t c)
{
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
    int tag;

    if (uc_decomposition(c, &tag, parts) < 0)
        return false;
    switch (tag) {
    case UC_DECOMP_FONT:
    case UC_DECOMP_INITIAL:
    case UC_DECOMP_MEDIAL:
    case UC_DECOMP_FINAL:
    case UC_DECOMP_ISOLATED:
    case UC_DECOMP_CIRCLE:
    case UC_DECOMP_SUB:
    case UC_DECOMP_VERTICAL:
    case UC_DECOMP_WIDE:
    case UC_DECOMP_NARROW:
    case UC_DECOMP_SMALL:
    case UC_DECOMP_SQUARE:
        return true;
    case UC_DECOMP_COMPAT:
        return parts[0] != ' '; /* a spacing accent (¨, ¸) stays one */
    default:
        return false;
    }
}

/* ---- folding ---- */

static void fold_emoji(struct folder *f, size_t at)
{
    if (is_at_line_start(f))
        append_str(f, "\u2022 ", at); /* it serves as a bullet */
    else if (f->last != ' ')
        append_str(f, " ", at);
    f->after_gap = true;
}

/* "Bonjour !" and "« Oui »": French sets spaces there that no reading needs. */
static void fold_space(struct folder *f, uint32_t c, uint32_t next, size_t at)
{
    bool is_narrow = c == 0xA0 || c == 0x202F;

    if (f->skip_space || (is_narrow && next && next < 0x80 && strchr("!?;:", (int)next)))
        return;
    append_str(f, " ", at);
}

static void fold_guillemet(struct folder *f, uint32_t c, size_t at, size_t end)
{
    uint32_t next = peek(f, end);
    bool is_closing = c == 0xBB && f->last == ' ' && !uc_is_alpha(next) && !is_ascii_digit(next);

    if (is_closing)
        trim_spaces(f);
    append_str(f, "\"", at);
    f->skip_space = c == 0xAB;
}

/* Chinese and Japanese set no space after a mark, since the mark is wide itself. */
static void fold_wide_punctuation(struct folder *f, uint32_t c, size_t at, size_t end)
{
    uint32_t next = peek(f, end);
    bool in_number =
        is_ascii_digit(f->last) && (is_ascii_digit(next) || (next >= 0xFF10 && next <= 0xFF19));
    const char *mark = find_replacement(c);
    char ascii[2] = { (char)(c - 0xFEE0), '\0' };

    append_str(f, mark ? mark : ascii, at);
    bool is_closed = uc_is_general_category_withtable(
        next, UC_CATEGORY_MASK_Pe | UC_CATEGORY_MASK_Pf | UC_CATEGORY_MASK_Po);
    if (!in_number && next && !uc_is_space(next) && !is_closed)
        append_str(f, " ", at);
}

static void append_normal(struct folder *f, uninorm_t form, const uint32_t *cluster, size_t count,
                          size_t at)
{
    uint8_t bytes[64];
    uint32_t points[64];
    size_t point_count = COUNT(points), byte_count = sizeof bytes;

    /* Neither buffer is outgrown: the longest of NFKC has 18 points and no mark beside it. */
    if (u32_normalize(form, cluster, count, points, &point_count) == points &&
        u32_to_u8(points, point_count, bytes, &byte_count) == bytes)
        append(f, (const char *)bytes, byte_count, at);
}

/* A character and the marks on it. Returns the end of its bytes. */
static size_t fold_cluster(struct folder *f, uint32_t c, size_t at, size_t end)
{
    uint32_t cluster[1 + CLUSTER_MARKS] = { c };
    size_t count = 1;
    struct character mark;

    while (read_character(f, end, &mark) && mark.code_point >= 0x300 &&
           uc_combining_class(mark.code_point) != 0) {
        if (count < COUNT(cluster))
            cluster[count++] = mark.code_point;
        end += mark.length;
    }
    append_normal(f, is_folded_by_nfkc(c) ? UNINORM_NFKC : UNINORM_NFC, cluster, count, at);
    return end;
}

/* Returns where the next character begins. */
static size_t fold_character(struct folder *f, size_t at)
{
    struct character c;

    if (!read_character(f, at, &c))
        return at;
    size_t end = at + c.length;
    uint32_t next = peek(f, end);
    if (c.code_point != ' ' && c.code_point != 0xA0 && c.code_point != 0x202F)
        f->skip_space = false;

    if (c.code_point == '\r') {
        if (next != '\n')
            append_str(f, "\n", at);
    } else if (c.code_point == '\n' || c.code_point == '\v' || c.code_point == '\f' ||
               c.code_point == 0x85) {
        append_str(f, "\n", at);
    } else if (is_private_use(c.code_point)) {
        append(f, f->in->text.data + at, c.length, at);
    } else if (is_emoji(c.code_point, next)) {
        fold_emoji(f, at);
    } else if (c.code_point == '\t' ||
               uc_is_general_category_withtable(c.code_point, UC_CATEGORY_MASK_Zs)) {
        fold_space(f, c.code_point, next, at);
    } else if (c.code_point > 0x2500 && c.code_point < 0x25A0) {
        append_str(f, " ", at); /* boxes and blocks: drawings */
    } else if (c.code_point == 0xAB || c.code_point == 0xBB) {
        fold_guillemet(f, c.code_point, at, end);
    } else if (is_wide_punctuation(c.code_point)) {
        fold_wide_punctuation(f, c.code_point, at, end);
    } else if (find_replacement(c.code_point)) {
        append_str(f, find_replacement(c.code_point), at);
    } else if (is_needed_joiner(f, c.code_point)) {
        append(f, f->in->text.data + at, c.length, at);
    } else if (c.code_point < 0x80 && c.code_point >= ' ' && c.code_point != 0x7F && next < 0x300) {
        char ascii = (char)c.code_point;
        append(f, &ascii, 1, at);
    } else if (!is_invisible(c.code_point)) {
        return fold_cluster(f, c.code_point, at, end);
    }
    return end;
}

/* The end of the bytes from at on that fold to themselves whatever stands around: most of English.
 * What a mark or an emoji's selector may follow is not of them. */
static size_t plain_end(const struct folder *f, size_t at)
{
    const uint8_t *text = (const uint8_t *)f->in->text.data;
    size_t end = at;

    while (end < f->in->text.len && text[end] >= ' ' && text[end] < 0x7F && text[end] != '&')
        end++;
    if (end > at && end < f->in->text.len && text[end] >= 0x80)
        end--;
    return end;
}

void normalize_fold(const struct origin_text *in, struct origin_text *out)
{
    struct folder f = { .in = in, .out = out, .last = '\n' };

    for (size_t at = 0; at < in->text.len && !out->text.failed;) {
        size_t end = f.after_gap || f.skip_space ? at : plain_end(&f, at);
        origin_append_copy(out, in, at, end - at);
        if (end > at)
            f.last = (uint8_t)in->text.data[end - 1];
        at = end < in->text.len ? fold_character(&f, end) : end;
    }
}
