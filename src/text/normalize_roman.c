/* Roman numerals, where a word before says that they are some. */

#include <string.h>

#include "text/normalize_words.h"
#include "text/number_words.h"

#define LONGEST_ROMAN 15 /* MMMDCCCLXXXVIII */

static unsigned roman_digit(char c)
{
    switch (c) {
    case 'I':
        return 1;
    case 'V':
        return 5;
    case 'X':
        return 10;
    case 'L':
        return 50;
    case 'C':
        return 100;
    case 'D':
        return 500;
    case 'M':
        return 1000;
    default:
        return 0;
    }
}

static void append_roman(struct buf *out, unsigned value)
{
    static const struct {
        unsigned value;
        const char *letters;
    } parts[] = {
        { 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" }, { 100, "C" },
        { 90, "XC" },  { 50, "L" },   { 40, "XL" }, { 10, "X" },   { 9, "IX" },
        { 5, "V" },    { 4, "IV" },   { 1, "I" },
    };

    for (size_t i = 0; i < COUNT(parts); i++) {
        for (; value >= parts[i].value; value -= parts[i].value)
            buf_append_str(out, parts[i].letters);
    }
}

/* The value of a numeral as the Romans of today write it, 0 when it is none ("IIX", "CIVIC"). */
static unsigned roman_value(const struct words *w, size_t at)
{
    const char *text = token_text(w, at);
    size_t length = token_length(w, at);
    unsigned value = 0;

    if (!token_is_upper(w, at) || length > LONGEST_ROMAN)
        return 0;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = roman_digit(text[i]), next = i + 1 < length ? roman_digit(text[i + 1]) : 0;
        if (!digit)
            return 0;
        value = digit < next ? value - digit : value + digit;
    }
    if (value == 0 || value > 3999)
        return 0;
    struct buf canonical = BUF(64);
    append_roman(&canonical, value);
    bool is_same = canonical.len == length && memcmp(canonical.data, text, length) == 0;
    buf_release(&canonical);
    return is_same ? value : 0;
}

static bool follows_counted_word(const struct words *w, size_t at)
{
    static const char *const counted[] = {
        "Chapter",  "Act",     "Scene",       "Part",    "Volume",    "Book",     "War",
        "Bowl",     "Section", "Article",     "Phase",   "Stage",     "Type",     "Level",
        "Episode",  "Season",  "Rocky",       "Fantasy", "Title",     "Canto",    "Psalm",
        "Figure",   "Table",   "Unit",        "Mark",    "Class",     "Appendix", "Sonata",
        "Symphony", "Lesson",  "Verse",       "CHAPTER", "ACT",       "SCENE",    "PART",
        "VOLUME",   "BOOK",    "Vol",         "Ch",      "Pt",        "vol",      "ch",
        "chapter",  "volume",  "Wars",        "Saturn",  "Amendment", "Tier",     "Olympiad",
        "Quest",    "Souls",   "Elizabethan",
    };
    size_t word = at - 2;

    if (!token_is_space(w, at - 1))
        return false;
    /* "World Wars I and II" */
    if ((token_is(w, word, "and") || token_is(w, word, "or")) && roman_value(w, word - 2))
        word -= 4;
    if (token_is(w, word, "."))
        word--;
    return token_is_one_of(w, word, counted, COUNT(counted));
}

static bool follows_ruler(const struct words *w, size_t at)
{
    static const char *const names[] = {
        "Henry",     "Louis",     "Elizabeth", "George",    "Edward",   "Charles",    "James",
        "William",   "Richard",   "Paul",      "Pius",      "Benedict", "Francis",    "Philip",
        "Frederick", "Nicholas",  "Alexander", "Catherine", "Peter",    "Napoleon",   "Leopold",
        "Gustav",    "Christian", "Mary",      "Ramesses",  "Ramses",   "Ptolemy",    "Leo",
        "Gregory",   "Innocent",  "Clement",   "Urban",     "Wilhelm",  "Joseph",     "Harald",
        "Haakon",    "Olav",      "Ivan",      "Darius",    "Xerxes",   "Thutmose",   "Amenhotep",
        "Carlos",    "Juan",      "Alfonso",   "Ferdinand", "Otto",     "Maximilian", "Victor",
        "Umberto",   "Mehmed",    "Suleiman",  "Sixtus",    "Boniface", "Julius",     "Constantine",
    };
    static const char *const titles[] = { "King",    "Queen", "Pope",   "Emperor", "Empress",
                                          "Tsar",    "Czar",  "Prince", "Sultan",  "Kaiser",
                                          "Pharaoh", "Shah",  "Duke" };

    if (!token_is_space(w, at - 1))
        return false;
    return token_is_one_of(w, at - 2, names, COUNT(names)) ||
           (token_is_capitalized(w, at - 2) && token_is_space(w, at - 3) &&
            token_is_one_of(w, at - 4, titles, COUNT(titles)));
}

/* "I" is rather the pronoun when a verb may follow: "Chapter I begins" against "the Act I saw". */
static bool is_pronoun(const struct words *w, size_t at)
{
    static const char *const others[] = {
        "of",   "is",    "was",   "and",    "to",      "in",     "has",  "begins",
        "ends", "opens", "deals", "covers", "or",      "by",     "for",  "on",
        "with", "at",    "ruled", "died",   "reigned", "became", "from", "tells"
    };

    return token_is(w, at, "I") &&
           (token_is(w, at + 1, "'") || (token_is_space(w, at + 1) && token_is_lower(w, at + 2) &&
                                         !token_is_one_of(w, at + 2, others, COUNT(others))));
}

/* "IV" or "I." that is a heading all by itself, or stands in front of one. */
static bool is_heading(const struct words *w, size_t at)
{
    bool is_at_start = token_kind(w, at - 1) == TOKEN_NONE || token_kind(w, at - 1) == TOKEN_BREAK;
    bool has_dot = token_is(w, at + 1, ".");
    enum token_kind next = token_kind(w, at + 1 + has_dot);
    bool is_alone = next == TOKEN_BREAK || (next == TOKEN_NONE && has_dot);

    if (!is_at_start || !strchr("IVX", token_text(w, at)[0]))
        return false;
    return is_alone ? at > 0 || has_dot || next == TOKEN_BREAK
                    : has_dot && token_length(w, at) > 1 && next == TOKEN_SPACE;
}

size_t rule_roman(struct words *w, size_t at)
{
    unsigned value = roman_value(w, at);

    if (!value || token_is_wordlike(w, at - 1) || token_is_wordlike(w, at + 1))
        return 0;
    if (follows_ruler(w, at) && !is_pronoun(w, at) && value < 40) {
        say(w, "the ");
        number_words(&w->reading, value);
        number_words_make_ordinal(&w->reading);
        return at + 1;
    }
    bool is_counted = follows_counted_word(w, at) && !is_pronoun(w, at);
    if (!is_counted && !is_heading(w, at))
        return 0;
    number_words(&w->reading, value);
    return at + 1;
}
