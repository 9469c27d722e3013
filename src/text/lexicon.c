#include "text/lexicon.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/utf8.h"

#define FILE_MAX (8u << 20)
#define WORD_MAX 128 /* bytes */

struct lexicon {
    struct arena arena;            /* the entries' strings */
    struct lexicon_entry *entries; /* sorted by word, each word once */
    size_t count, capacity;
};

static int compare_entries(const void *a, const void *b)
{
    const struct lexicon_entry *first = a, *second = b;

    return strcmp(first->word, second->word);
}

static bool has_space(const char *text, size_t length)
{
    for (size_t at = 0; at < length;)
        if (uc_is_property_white_space(utf8_next(text, length, &at)))
            return true;
    return false;
}

static bool parse_line(struct lexicon *lexicon, const char *line, size_t length, struct err *err)
{
    const char *tab = memchr(line, '\t', length);
    size_t word_length = tab ? (size_t)(tab - line) : 0;
    const char *replacement = tab ? tab + 1 : NULL;
    size_t rest = tab ? length - word_length - 1 : 0;

    if (!tab || word_length == 0 || rest == 0)
        return err_set(err, ERR_INVALID, "expected a word, a tab and its replacement.");
    if (word_length > WORD_MAX || has_space(line, word_length))
        return err_set(err, ERR_INVALID, "the word has a space or is longer than %d bytes.",
                       WORD_MAX);
    bool is_phonemes = rest > 2 && replacement[0] == '/' && replacement[rest - 1] == '/';
    ARRAY_GROW(lexicon->entries, lexicon->count, lexicon->capacity);
    lexicon->entries[lexicon->count++] = (struct lexicon_entry){
        .word = arena_strndup(&lexicon->arena, line, word_length),
        .replacement =
            arena_strndup(&lexicon->arena, replacement + is_phonemes, rest - 2u * is_phonemes),
        .is_phonemes = is_phonemes,
    };
    return true;
}

static bool parse(struct lexicon *lexicon, const char *path, const struct buf *file,
                  struct err *err)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF"; /* Windows' editors write one */
    size_t number = 0, start = 0;

    if (file->len >= 3 && memcmp(file->data, byte_order_mark, 3) == 0)
        start = 3;
    for (size_t at = start; at < file->len;) {
        const char *line = file->data + at;
        const char *end = memchr(line, '\n', file->len - at);
        size_t length = end ? (size_t)(end - line) : file->len - at;

        at += length + 1;
        number++;
        while (length > 0 && strchr(" \t\r", line[length - 1]))
            length--;
        if (length > 0 && *line != '#' && !parse_line(lexicon, line, length, err))
            return err_context(err, "%s, line %zu", path, number);
    }
    return true;
}

/* A word may be given once, so that nobody wonders which line counts. */
static bool check_unique(const struct lexicon *lexicon, const char *path, struct err *err)
{
    for (size_t i = 1; i < lexicon->count; i++)
        if (strcmp(lexicon->entries[i - 1].word, lexicon->entries[i].word) == 0)
            return err_set(err, ERR_INVALID, "%s has the word \"%s\" twice. Keep one of the lines.",
                           path, lexicon->entries[i].word);
    return true;
}

struct lexicon *lexicon_open(const char *path, struct err *err)
{
    struct buf file = BUF(FILE_MAX);
    struct lexicon *lexicon = xcalloc(1, sizeof *lexicon);
    bool ok = file_read(path, &file, err) && utf8_check(file.data, file.len, path, err) &&
              parse(lexicon, path, &file, err);

    if (ok && lexicon->count)
        qsort(lexicon->entries, lexicon->count, sizeof *lexicon->entries, compare_entries);
    ok = ok && check_unique(lexicon, path, err);
    buf_release(&file);
    if (ok)
        return lexicon;
    lexicon_close(lexicon);
    return NULL;
}

void lexicon_close(struct lexicon *lexicon)
{
    if (!lexicon)
        return;
    arena_release(&lexicon->arena);
    free(lexicon->entries);
    free(lexicon);
}

static const struct lexicon_entry *find_exactly(const struct lexicon *lexicon, const char *word)
{
    struct lexicon_entry key = { .word = word };

    return bsearch(&key, lexicon->entries, lexicon->count, sizeof key, compare_entries);
}

/* An entry with a capital is met by its own spelling only, one without by any: so the word is
 * looked up as it stands, then in lower case. */
const struct lexicon_entry *lexicon_find(const struct lexicon *lexicon, const char *word,
                                         size_t length)
{
    char exact[WORD_MAX + 1];
    uint8_t lower[4 * WORD_MAX];
    size_t lower_length = sizeof lower - 1;

    if (lexicon->count == 0 || length == 0 || length > WORD_MAX)
        return NULL;
    memcpy(exact, word, length);
    exact[length] = '\0';
    const struct lexicon_entry *found = find_exactly(lexicon, exact);
    if (found)
        return found;
    uint8_t *result = u8_tolower((const uint8_t *)word, length, NULL, NULL, lower, &lower_length);
    if (result == lower) {
        lower[lower_length] = '\0';
        found = find_exactly(lexicon, (const char *)lower);
    } else {
        free(result);
    }
    return found;
}
