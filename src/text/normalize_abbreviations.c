/*
 * Abbreviations, titles and initials, and what becomes of their dots: one that
 * ends the sentence as well stays, for the splitter.
 */

#include <string.h>

#include "text/normalize_words.h"

/* What must stand beside. */
enum abbreviation_use {
    ABBREVIATION_ANY,
    ABBREVIATION_DOTTED,        /* a word without its dot ("sat", "no") */
    ABBREVIATION_BETWEEN_NAMES, /* capitals before and behind */
    ABBREVIATION_BEFORE_NUMBER, /* figures or a Roman numeral follow */
    ABBREVIATION_AFTER_NAME,    /* a capital or an ordinal stands before */
};

/* In small letters; a capital in the text gives one to the reading. */
static const struct abbreviation {
    const char *text, *reading;
    enum abbreviation_use use;
} abbreviations[] = {
    { "etc", "et cetera", ABBREVIATION_ANY },
    { "vs", "versus", ABBREVIATION_ANY },
    { "v", "versus", ABBREVIATION_BETWEEN_NAMES },
    { "approx", "approximately", ABBREVIATION_ANY },
    { "al", "al", ABBREVIATION_DOTTED },
    { "avg", "average", ABBREVIATION_ANY },
    { "blvd", "Boulevard", ABBREVIATION_ANY },
    { "cf", "compare", ABBREVIATION_DOTTED },
    { "dept", "department", ABBREVIATION_ANY },
    { "esp", "especially", ABBREVIATION_DOTTED },
    { "excl", "excluding", ABBREVIATION_DOTTED },
    { "govt", "government", ABBREVIATION_ANY },
    { "incl", "including", ABBREVIATION_DOTTED },
    { "intl", "international", ABBREVIATION_ANY },
    { "misc", "miscellaneous", ABBREVIATION_ANY },
    { "univ", "university", ABBREVIATION_DOTTED },
    { "viz", "namely", ABBREVIATION_ANY },
    { "hwy", "Highway", ABBREVIATION_ANY },
    { "pkwy", "Parkway", ABBREVIATION_ANY },
    { "assn", "association", ABBREVIATION_DOTTED },
    /* companies and names */
    { "inc", "Incorporated", ABBREVIATION_AFTER_NAME },
    { "corp", "Corporation", ABBREVIATION_AFTER_NAME },
    { "ltd", "Limited", ABBREVIATION_AFTER_NAME },
    { "bros", "Brothers", ABBREVIATION_AFTER_NAME },
    { "jr", "Junior", ABBREVIATION_AFTER_NAME },
    { "sr", "Senior", ABBREVIATION_AFTER_NAME },
    { "esq", "Esquire", ABBREVIATION_AFTER_NAME },
    /* places */
    { "ave", "Avenue", ABBREVIATION_AFTER_NAME },
    { "rd", "Road", ABBREVIATION_AFTER_NAME },
    { "ln", "Lane", ABBREVIATION_AFTER_NAME },
    { "sq", "Square", ABBREVIATION_AFTER_NAME },
    { "apt", "apartment", ABBREVIATION_BEFORE_NUMBER },
    { "ste", "suite", ABBREVIATION_BEFORE_NUMBER },
    /* parts of a book, and numbers */
    { "no", "number", ABBREVIATION_BEFORE_NUMBER },
    { "nos", "numbers", ABBREVIATION_BEFORE_NUMBER },
    { "nr", "number", ABBREVIATION_BEFORE_NUMBER },
    { "fig", "figure", ABBREVIATION_BEFORE_NUMBER },
    { "figs", "figures", ABBREVIATION_BEFORE_NUMBER },
    { "p", "page", ABBREVIATION_BEFORE_NUMBER },
    { "pp", "pages", ABBREVIATION_BEFORE_NUMBER },
    { "pg", "page", ABBREVIATION_BEFORE_NUMBER },
    { "vol", "volume", ABBREVIATION_BEFORE_NUMBER },
    { "vols", "volumes", ABBREVIATION_BEFORE_NUMBER },
    { "ch", "chapter", ABBREVIATION_BEFORE_NUMBER },
    { "chap", "chapter", ABBREVIATION_BEFORE_NUMBER },
    { "sec", "section", ABBREVIATION_BEFORE_NUMBER },
    { "sect", "section", ABBREVIATION_BEFORE_NUMBER },
    { "sc", "scene", ABBREVIATION_BEFORE_NUMBER },
    { "ll", "lines", ABBREVIATION_BEFORE_NUMBER },
    { "art", "article", ABBREVIATION_BEFORE_NUMBER },
    { "pt", "part", ABBREVIATION_BEFORE_NUMBER },
    { "eq", "equation", ABBREVIATION_BEFORE_NUMBER },
    { "ep", "episode", ABBREVIATION_BEFORE_NUMBER },
    { "op", "opus", ABBREVIATION_BEFORE_NUMBER },
    { "ver", "version", ABBREVIATION_BEFORE_NUMBER },
    { "ext", "extension", ABBREVIATION_BEFORE_NUMBER },
    { "tel", "telephone", ABBREVIATION_BEFORE_NUMBER },
    { "est", "established", ABBREVIATION_BEFORE_NUMBER },
    { "ca", "circa", ABBREVIATION_BEFORE_NUMBER },
    { "c", "circa", ABBREVIATION_BEFORE_NUMBER },
    { "min", "minimum", ABBREVIATION_BEFORE_NUMBER },
    { "max", "maximum", ABBREVIATION_BEFORE_NUMBER },
    /* days; with their dot only */
    { "mon", "Monday", ABBREVIATION_DOTTED },
    { "tue", "Tuesday", ABBREVIATION_DOTTED },
    { "tues", "Tuesday", ABBREVIATION_DOTTED },
    { "wed", "Wednesday", ABBREVIATION_DOTTED },
    { "thu", "Thursday", ABBREVIATION_DOTTED },
    { "thur", "Thursday", ABBREVIATION_DOTTED },
    { "thurs", "Thursday", ABBREVIATION_DOTTED },
    { "fri", "Friday", ABBREVIATION_DOTTED },
};

/* Before a name, with the dot or without it. */
static const struct title {
    const char *text, *reading;
    bool needs_dot;
} titles[] = {
    { "Dr", "Doctor", false },
    { "Mr", "Mister", false },
    { "Mrs", "Missus", false },
    { "Ms", "Miz", false },
    { "Mx", "Mix", false },
    { "Prof", "Professor", false },
    { "St", "Saint", false },
    { "Ste", "Sainte", true },
    { "Mt", "Mount", false },
    { "Ft", "Fort", false },
    { "Sgt", "Sergeant", false },
    { "Capt", "Captain", false },
    { "Cpt", "Captain", true },
    { "Gen", "General", true },
    { "Lt", "Lieutenant", false },
    { "Col", "Colonel", true },
    { "Maj", "Major", true },
    { "Cmdr", "Commander", true },
    { "Adm", "Admiral", true },
    { "Cpl", "Corporal", false },
    { "Pvt", "Private", false },
    { "Rev", "Reverend", true },
    { "Fr", "Father", true },
    { "Hon", "Honorable", true },
    { "Sen", "Senator", true },
    { "Rep", "Representative", true },
    { "Gov", "Governor", true },
    { "Pres", "President", true },
    { "Supt", "Superintendent", true },
    { "Insp", "Inspector", true },
    { "Det", "Detective", true },
    { "Messrs", "Messieurs", false },
    { "Mme", "Madame", false },
    { "Mlle", "Mademoiselle", false },
};

/* ---- initials ---- */

/* Dotted letters that are not spelled. */
static const struct {
    const char *letters; /* without their dots, in small letters */
    const char *reading;
} phrases[] = {
    { "eg", "for example" },      { "ie", "that is" }, { "aka", "also known as" },
    { "wrt", "with respect to" }, { "nb", "note" },
};

#define LONGEST_INITIALISM 8 /* letter groups */

/* The groups of "U.S.", "Ph.D", "e.g." at at; *end is after the last dot. */
static size_t initial_groups(const struct words *w, size_t at, size_t *end, bool *has_last_dot)
{
    size_t groups = 0, i = at;

    for (; groups <= LONGEST_INITIALISM && token_kind(w, i) == TOKEN_WORD; groups++) {
        size_t length = token_length(w, i);
        if (length > 3 || (length > 1 && !token_is_capitalized(w, i)) ||
            (length > 1 && token_is_upper(w, i)))
            return 0;
        *has_last_dot = token_is(w, i + 1, ".");
        *end = i + 1 + *has_last_dot;
        if (!*has_last_dot || token_kind(w, i + 2) != TOKEN_WORD)
            return groups + 1;
        /* "M.D.s" */
        if (groups > 0 && token_is(w, i + 2, "s"))
            return groups + 1;
        i += 2;
    }
    return 0;
}

static const char *find_phrase(const struct words *w, size_t at, size_t groups)
{
    for (size_t i = 0; i < COUNT(phrases); i++) {
        bool is_same = strlen(phrases[i].letters) == groups;
        for (size_t k = 0; is_same && k < groups; k++)
            is_same = token_length(w, at + 2 * k) == 1 &&
                      (token_text(w, at + 2 * k)[0] | 0x20) == phrases[i].letters[k];
        if (is_same && token_is_lower(w, at + 2 * groups - 2))
            return phrases[i].reading;
    }
    return NULL;
}

static void say_initials(struct words *w, size_t at, size_t groups)
{
    for (size_t k = 0; k < groups; k++) {
        char letter = token_text(w, at + 2 * k)[0];
        if (token_length(w, at + 2 * k) == 1 && letter >= 'a' && letter <= 'z')
            buf_append_char(&w->reading, (char)(letter - 'a' + 'A'));
        else
            say_tokens(w, at + 2 * k, at + 2 * k + 1);
    }
}

/* "J. K. Rowling", "George W. Bush": the dot would end a sentence. */
static size_t say_initial_of_name(struct words *w, size_t at)
{
    static const char *const kinds[] = {
        "Vitamin",   "Plan",  "Type",    "Group",   "Class",  "Grade",   "Section",  "Part",
        "Option",    "Team",  "Channel", "Chapter", "Figure", "Table",   "Appendix", "Exhibit",
        "Hepatitis", "Model", "Phase",   "Point",   "Side",   "Variant", "Schedule", "And",
    };

    if (token_length(w, at) != 1 || !token_is_upper(w, at) || !token_is(w, at + 1, ".") ||
        !token_is_space(w, at + 2) || !token_is_capitalized(w, at + 3))
        return 0;
    bool is_before_initial = token_length(w, at + 3) == 1 && token_is(w, at + 4, ".");
    bool is_after_initial = token_is_space(w, at - 1) && token_is(w, at - 2, ".") &&
                            token_length(w, at - 3) == 1 && token_is_upper(w, at - 3);
    if (!is_before_initial && is_sentence_start(w, at + 3))
        return 0;
    bool is_after_name = token_is_space(w, at - 1) && token_is_capitalized(w, at - 2) &&
                         !token_is_one_of(w, at - 2, kinds, COUNT(kinds));
    bool is_first = !token_is_wordlike(w, at - 2) || token_is_lower(w, at - 2);
    if (token_is(w, at, "I")
            ? !is_before_initial && !is_after_initial
            : !(is_before_initial || is_after_initial || is_after_name || is_first))
        return 0;
    say_tokens(w, at, at + 1);
    return at + 2;
}

size_t rule_initialism(struct words *w, size_t at)
{
    size_t end = 0;
    bool has_last_dot = false;

    if (token_is_wordlike(w, at - 1) || token_is(w, at - 1, ".") || token_is(w, at - 1, "'"))
        return 0;
    size_t groups = initial_groups(w, at, &end, &has_last_dot);
    if (groups == 1)
        return say_initial_of_name(w, at);
    if (groups < 2 || token_kind(w, end) == TOKEN_DIGITS ||
        (!has_last_dot && token_is(w, end, "'") == false && token_is_wordlike(w, end)))
        return 0;
    const char *phrase = find_phrase(w, at, groups);
    if (phrase) {
        say(w, phrase);
        return end;
    }
    say_initials(w, at, groups);
    if (has_last_dot && sentence_ends(w, end))
        say(w, ".");
    return end;
}

/* ---- titles ---- */

static bool is_street(const struct words *w, size_t at, size_t end)
{
    static const char *const ordinals[] = { "st", "nd", "rd", "th" };
    bool is_after_name = token_is_space(w, at - 1) &&
                         (token_is_capitalized(w, at - 2) ||
                          token_is_one_of(w, at - 2, ordinals, COUNT(ordinals))) &&
                         !is_sentence_start(w, at - 2);
    bool is_before_name = token_is_space(w, end) && token_is_capitalized(w, end + 1) &&
                          !is_sentence_start(w, end + 1);

    return is_after_name && !is_before_name;
}

size_t rule_title(struct words *w, size_t at)
{
    if (token_is_wordlike(w, at - 1) || token_is(w, at - 1, "'"))
        return 0;
    for (size_t i = 0; i < COUNT(titles); i++) {
        if (!token_is(w, at, titles[i].text))
            continue;
        bool has_dot = token_is(w, at + 1, "."), is_st = token_is(w, at, "St");
        size_t end = at + 1 + has_dot;
        if ((is_st || token_is(w, at, "Dr")) && is_street(w, at, end)) {
            say(w, is_st ? "Street" : "Drive");
        } else {
            bool is_before_name = token_is_space(w, end) && token_is_capitalized(w, end + 1);
            if (!is_before_name && (!has_dot || is_st || titles[i].needs_dot))
                return 0;
            say(w, titles[i].reading);
            if (is_before_name)
                return end;
        }
        if (has_dot && sentence_ends(w, end))
            say(w, ".");
        return end;
    }
    return 0;
}

/* ---- the others ---- */

static bool is_roman_letter_word(const struct words *w, size_t at)
{
    if (!token_is_upper(w, at))
        return false;
    for (size_t i = 0; i < token_length(w, at); i++) {
        if (!strchr("IVXLC", token_text(w, at)[i]))
            return false;
    }
    return true;
}

static bool applies(const struct words *w, const struct abbreviation *a, size_t at)
{
    static const char *const ordinals[] = { "st", "nd", "rd", "th" };
    bool has_dot = token_is(w, at + 1, ".");
    size_t next = token_skip_space(w, at + 1 + has_dot);

    switch (a->use) {
    case ABBREVIATION_ANY:
        return true;
    case ABBREVIATION_DOTTED:
        return has_dot && (strlen(a->text) > 4 || a->reading[0] > 'Z' || token_is(w, at + 2, ",") ||
                           token_is_space(w, at + 2));
    case ABBREVIATION_BETWEEN_NAMES:
        return has_dot && token_is_space(w, at - 1) && token_is_capitalized(w, at - 2) &&
               token_is_space(w, at + 2) && token_is_capitalized(w, at + 3);
    case ABBREVIATION_BEFORE_NUMBER:
        return has_dot &&
               (token_kind(w, next) == TOKEN_DIGITS ||
                (strlen(a->text) > 1 && is_roman_letter_word(w, next) && !token_is(w, next, "I")));
    case ABBREVIATION_AFTER_NAME:
        return token_is_capitalized(w, at) &&
               (token_is_space(w, at - 1) ||
                (token_is(w, at - 1, ",") && token_is_capitalized(w, at - 2))) &&
               (token_is_capitalized(w, at - 2) || token_is(w, at - 2, ",") ||
                token_is_one_of(w, at - 2, ordinals, COUNT(ordinals)));
    }
    return false;
}

/* A capital in the text is kept, but for "No. 1" and its like. */
static void say_in_case(struct words *w, const struct abbreviation *a, size_t at)
{
    bool is_number = strncmp(a->reading, "number", 6) == 0;
    char first = a->reading[0];

    if (token_is_capitalized(w, at) && !is_number && first >= 'a' && first <= 'z') {
        buf_append_char(&w->reading, (char)(first - 'a' + 'A'));
        say(w, a->reading + 1);
    } else {
        say(w, a->reading);
    }
}

size_t rule_abbreviation(struct words *w, size_t at)
{
    static const struct abbreviation company = { "co", "Company", ABBREVIATION_AFTER_NAME };
    const struct abbreviation *found = NULL;

    if (token_length(w, at) > 7 || token_is_wordlike(w, at - 1) || token_is(w, at - 1, "'") ||
        (token_is_upper(w, at) && token_length(w, at) > 1))
        return 0;
    for (size_t i = 0; i < COUNT(abbreviations) && !found; i++) {
        if (token_is_any_case(w, at, abbreviations[i].text))
            found = &abbreviations[i];
    }
    bool has_dot = token_is(w, at + 1, ".");
    size_t end = at + 1 + has_dot;
    bool is_company = !found && token_is(w, at, "Co") && has_dot &&
                      (applies(w, &company, at) || token_is(w, at - 2, "&"));
    if (is_company)
        found = &company;
    bool is_before_digits = found && found->use == ABBREVIATION_BEFORE_NUMBER && has_dot &&
                            token_kind(w, end) == TOKEN_DIGITS;
    if (!found || (token_is_wordlike(w, end) && !is_before_digits) ||
        (!is_company && !applies(w, found, at)))
        return 0;
    say_in_case(w, found, at);
    bool is_etc = found == &abbreviations[0];
    if (found->use == ABBREVIATION_BEFORE_NUMBER && !token_is_space(w, end))
        say(w, " ");
    else if (has_dot && (sentence_ends(w, end) ||
                         (is_etc && token_is_space(w, end) && token_is_capitalized(w, end + 1))))
        say(w, ".");
    return end;
}
