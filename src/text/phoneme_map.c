#include "text/phoneme_map.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uninorm.h>

#include "base/utf8.h"

struct rule {
    const char *from, *to;
};

/* misaki's EspeakFallback (hexgrad/misaki, Apache-2.0, misaki/espeak.py): eSpeak's IPA with ties to
 * the shorthand Kokoro v1.0 was trained on. Of two rules that begin alike the longer stands first.
 * "ɚɹ" is the linking r of whole sentences, which the fallback, made for single words, never met.
 * A plain e would be "A" even before a tied ə, so British "e^ə" comes first. */
static const struct rule misaki_american[] = {
    { "o^ʊ", "O" }, { "ɜːɹ", "ɜɹ" }, { "ɜː", "ɜɹ" }, { "ɪ^ə", "iə" }, { "ɪə", "iə" }, { "ː", "" },
};

static const struct rule misaki_british[] = {
    { "e^ə", "ɛː" },
    { "i^ə", "ɪə" },
    { "iə", "ɪə" },
    { "ə^ʊ", "Q" },
};

static const struct rule misaki_english[] = {
    { "ʔˌn\u0329", "tn" }, { "ʔn\u0329", "tn" }, { "a^ɪ", "I" }, { "a^ʊ", "W" }, { "d^ʒ", "ʤ" },
    { "e^ɪ", "A" },        { "e", "A" },         { "t^ʃ", "ʧ" }, { "ɔ^ɪ", "Y" }, { "ə^l", "ᵊl" },
    { "ʲo", "jɔ" },        { "ʲə", "jə" },       { "ʲ", "" },    { "ɚɹ", "əɹ" }, { "ɚ", "əɹ" },
    { "r", "ɹ" },          { "x", "k" },         { "ç", "k" },   { "ɐ", "ə" },   { "ɬ", "l" },
    { "\u0303", "" },      { "o", "ɔ" },         { "ɾ", "T" },   { "ʔ", "t" },   { "^", "" },
};

/* misaki's EspeakG2P, for Spanish, French, Hindi, Italian and Portuguese. */
static const struct rule misaki_other[] = {
    { "a^ɪ", "I" }, { "a^ʊ", "W" }, { "d^z", "ʣ" }, { "d^ʒ", "ʤ" }, { "e^ɪ", "A" },
    { "o^ʊ", "O" }, { "ə^ʊ", "Q" }, { "s^s", "S" }, { "t^s", "ʦ" }, { "t^ʃ", "ʧ" },
    { "ɔ^ɪ", "Y" }, { "^", "" },    { "-", "" },
};

/* Phonemes from a person's pen have no ties, and o, e and ʔ may be meant. */
static const struct rule misaki_written[] = {
    { "aɪ", "I" }, { "aʊ", "W" }, { "dʒ", "ʤ" }, { "eɪ", "A" }, { "oʊ", "O" },
    { "əʊ", "Q" }, { "tʃ", "ʧ" }, { "ɔɪ", "Y" }, { "r", "ɹ" },
};

/* kokoro.js (hexgrad/kokoro, Apache-2.0, kokoro.js/src/phonemize.js). */
static const struct rule kokorojs[] = {
    { "kəkˈoːɹoʊ", "kˈoʊkəɹoʊ" },
    { "kəkˈɔːɹəʊ", "kˈəʊkəɹəʊ" },
    { "ʲ", "j" },
    { "r", "ɹ" },
    { "x", "k" },
    { "ɬ", "l" },
};

static const struct rule piper_brazilian[] = { { "c", "k" } };

static bool is_language(const char *language, const char *primary)
{
    size_t length = strlen(primary);

    return strncasecmp(language, primary, length) == 0 &&
           (language[length] == '\0' || language[length] == '-');
}

/* "en" alone is read with an American voice. */
static bool is_american(const char *language)
{
    return is_language(language, "en-us") || strcasecmp(language, "en") == 0;
}

uint32_t phoneme_map_tie(enum phoneme_scheme scheme)
{
    return scheme == PHONEMES_MISAKI ? '^' : 0;
}

/* Applies the first rule that matches at *at; moves over what it replaced. */
static bool apply_rule(const struct rule *rules, size_t count, const char *ipa, size_t length,
                       size_t *at, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(rules[i].from);

        if (size <= length - *at && memcmp(ipa + *at, rules[i].from, size) == 0) {
            buf_append_str(out, rules[i].to);
            *at += size;
            return true;
        }
    }
    return false;
}

static void copy_char(const char *ipa, size_t length, size_t *at, struct buf *out)
{
    size_t start = *at;

    utf8_next(ipa, length, at);
    buf_append(out, ipa + start, *at - start);
}

/* Every place where a rule of the two tables matches, the first table before the second. */
static void apply_rules(const struct rule *special, size_t special_count, const struct rule *rules,
                        size_t count, const char *ipa, size_t length, struct buf *out)
{
    for (size_t at = 0; at < length;)
        if (!apply_rule(special, special_count, ipa, length, &at, out) &&
            !apply_rule(rules, count, ipa, length, &at, out))
            copy_char(ipa, length, &at, out);
}

/* The article "a" is a group of its own; misaki keeps its ɐ. */
static bool is_article(const char *ipa, size_t length, size_t at)
{
    size_t end = at + strlen("ɐ");

    return memcmp(ipa + at, "ɐ", end - at) == 0 && (at == 0 || ipa[at - 1] == ' ') &&
           (end == length || ipa[end] == ' ');
}

/* A syllabic consonant: U+0329 stands behind it, misaki's ᵊ before. */
static bool is_syllabic(const char *ipa, size_t length, size_t at)
{
    if (ipa[at] == ' ')
        return false;
    utf8_next(ipa, length, &at);
    return length - at >= 2 && memcmp(ipa + at, "\u0329", 2) == 0;
}

static void map_misaki_english(const char *language, const char *ipa, size_t length,
                               struct buf *out)
{
    bool american = is_american(language);
    const struct rule *accent = american ? misaki_american : misaki_british;
    size_t accent_count = american ? COUNT(misaki_american) : COUNT(misaki_british);

    for (size_t at = 0; at < length;) {
        if (length - at >= 2 && memcmp(ipa + at, "\u0329", 2) == 0) {
            at += 2;
            continue;
        }
        if (length - at >= 2 && is_article(ipa, length, at)) {
            copy_char(ipa, length, &at, out);
            continue;
        }
        /* "ʔn̩" has a rule of its own. */
        if (is_syllabic(ipa, length, at))
            buf_append_str(out, "ᵊ");
        if (!apply_rule(accent, accent_count, ipa, length, &at, out) &&
            !apply_rule(misaki_english, COUNT(misaki_english), ipa, length, &at, out))
            copy_char(ipa, length, &at, out);
    }
}

static bool ends_with(const struct buf *out, const char *suffix)
{
    size_t length = strlen(suffix);

    return out->len >= length && memcmp(out->data + out->len - length, suffix, length) == 0;
}

/* [a-zɹː], after which kokoro.js opens a gap before "hundred". */
static bool ends_in_plain_letter(const struct buf *out)
{
    return out->len > 0 && ((out->data[out->len - 1] >= 'a' && out->data[out->len - 1] <= 'z') ||
                            ends_with(out, "ɹ") || ends_with(out, "ː"));
}

static bool starts_with(const char *ipa, size_t length, const char *prefix)
{
    return strlen(prefix) <= length && memcmp(ipa, prefix, strlen(prefix)) == 0;
}

/* kokoro.js's replacements, in one pass. They are anchored in what has been written already, as its
 * successive replacements are. */
static void map_kokorojs(const char *language, const char *ipa, size_t length, struct buf *out)
{
    bool american = is_american(language);

    for (size_t at = 0; at < length;) {
        const char *rest = ipa + at;
        size_t left = length - at;

        if (starts_with(rest, left, "hˈʌndɹɪd") && ends_in_plain_letter(out))
            buf_append_char(out, ' ');
        if (starts_with(rest, left, " z") && (left == 2 || rest[2] == ' ')) {
            buf_append_char(out, 'z');
            at += 2;
        } else if (american && starts_with(rest, left, "ti") && !starts_with(rest, left, "tiː") &&
                   ends_with(out, "nˈaɪn")) {
            buf_append_str(out, "di");
            at += 2;
        } else if (!apply_rule(kokorojs, COUNT(kokorojs), ipa, length, &at, out)) {
            copy_char(ipa, length, &at, out);
        }
    }
}

/* Piper's voices were trained on decomposed code points. */
static void append_decomposed(const char *ipa, size_t length, struct buf *out)
{
    size_t size = 0;
    uint8_t *decomposed =
        length ? u8_normalize(UNINORM_NFD, (const uint8_t *)ipa, length, NULL, &size) : NULL;

    buf_append(out, decomposed, size);
    free(decomposed);
}

static void map_piper(const char *language, const char *ipa, size_t length, struct buf *out)
{
    struct buf plain = BUF(out->max);

    apply_rules(piper_brazilian, is_language(language, "pt-br") ? COUNT(piper_brazilian) : 0, NULL,
                0, ipa, length, &plain);
    append_decomposed(plain.data, plain.len, out);
    out->failed |= plain.failed;
    buf_release(&plain);
}

void phoneme_map(enum phoneme_scheme scheme, const char *language, const char *ipa, size_t length,
                 struct buf *out)
{
    switch (scheme) {
    case PHONEMES_NONE:
    case PHONEMES_IPA:
        buf_append(out, ipa, length);
        break;
    case PHONEMES_ESPEAK:
        map_kokorojs(language, ipa, length, out);
        break;
    case PHONEMES_MISAKI:
        if (is_language(language, "en"))
            map_misaki_english(language, ipa, length, out);
        else
            apply_rules(misaki_other, COUNT(misaki_other), NULL, 0, ipa, length, out);
        break;
    case PHONEMES_PIPER:
        map_piper(language, ipa, length, out);
        break;
    }
}

void phoneme_map_written(enum phoneme_scheme scheme, const char *language, const char *phonemes,
                         struct buf *out)
{
    size_t length = strlen(phonemes);

    if (scheme == PHONEMES_MISAKI && is_language(language, "en"))
        apply_rules(misaki_written, COUNT(misaki_written), NULL, 0, phonemes, length, out);
    else if (scheme == PHONEMES_MISAKI)
        buf_append(out, phonemes, length);
    else
        phoneme_map(scheme, language, phonemes, length, out);
}
