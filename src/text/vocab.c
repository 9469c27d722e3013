#include "text/vocab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "embedded.h"

struct entry {
    uint32_t symbol;
    uint32_t first, count; /* into vocab.ids */
};

struct vocab {
    struct entry *entries; /* sorted by symbol */
    size_t count, capacity;
    int32_t *ids; /* of all entries, one after the other */
    size_t id_count, id_capacity;
};

/* The one code point of a key, 0 when it holds none or several. */
static uint32_t key_symbol(const char *key)
{
    size_t length = strlen(key), at = 0;

    if (length == 0)
        return 0;
    uint32_t symbol = utf8_next(key, length, &at);
    return at == length ? symbol : 0;
}

static bool add_id(struct vocab *vocab, const char *key, const json_t *id, const char *what,
                   struct err *err)
{
    if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) > INT32_MAX)
        return err_set(err, ERR_CORRUPT, "%s: the id of the symbol \"%s\" is not a token id.", what,
                       key);
    ARRAY_GROW(vocab->ids, vocab->id_count, vocab->id_capacity);
    vocab->ids[vocab->id_count++] = (int32_t)json_integer_value(id);
    return true;
}

/* Keys of several code points (a diphthong in some tables) can never be met symbol by symbol. */
static bool add_entry(struct vocab *vocab, const char *key, const json_t *value, const char *what,
                      struct err *err)
{
    uint32_t symbol = key_symbol(key);
    uint32_t first = (uint32_t)vocab->id_count;

    if (!symbol)
        return true;
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            if (!add_id(vocab, key, json_array_get(value, i), what, err))
                return false;
    } else if (!add_id(vocab, key, value, what, err)) {
        return false;
    }
    ARRAY_GROW(vocab->entries, vocab->count, vocab->capacity);
    vocab->entries[vocab->count++] = (struct entry){ .symbol = symbol,
                                                     .first = first,
                                                     .count = (uint32_t)vocab->id_count - first };
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;

    return (first->symbol > second->symbol) - (first->symbol < second->symbol);
}

struct vocab *vocab_from_json(const char *json, size_t length, const char *what, struct err *err)
{
    struct vocab *vocab = NULL;
    const char *key;
    json_t *value;
    json_t *table = json_parse(json, length, what, err);

    if (!table)
        return NULL;
    if (!json_is_object(table) || json_object_size(table) == 0) {
        err_set(err, ERR_CORRUPT, "%s: expected an object of symbols and token ids.", what);
        goto failed;
    }
    vocab = xcalloc(1, sizeof *vocab);
    json_object_foreach(table, key,
                        value) if (!add_entry(vocab, key, value, what, err)) goto failed;
    if (vocab->count)
        qsort(vocab->entries, vocab->count, sizeof *vocab->entries, compare_entries);
    json_decref(table);
    return vocab;

failed:
    vocab_destroy(vocab);
    json_decref(table);
    return NULL;
}

struct vocab *vocab_builtin(enum vocab_builtin which)
{
    const char *json = NULL;
    size_t size = 0;
    struct err err = { 0 };

    switch (which) {
    case VOCAB_KOKORO_V1:
        json = embedded_kokoro_vocab_json;
        size = embedded_kokoro_vocab_json_size;
        break;
    case VOCAB_KOKORO_V019:
        json = embedded_kokoro_v019_vocab_json;
        size = embedded_kokoro_v019_vocab_json_size;
        break;
    case VOCAB_KITTEN:
        json = embedded_kitten_vocab_json;
        size = embedded_kitten_vocab_json_size;
        break;
    }
    struct vocab *vocab = vocab_from_json(json, size, "built-in vocabulary", &err);
    assert(vocab); /* our own data, tested */
    return vocab;
}

void vocab_destroy(struct vocab *vocab)
{
    if (!vocab)
        return;
    free(vocab->entries);
    free(vocab->ids);
    free(vocab);
}

const int32_t *vocab_find(const struct vocab *vocab, uint32_t symbol, size_t *id_count)
{
    struct entry key = { .symbol = symbol };
    const struct entry *found =
        vocab->count ? bsearch(&key, vocab->entries, vocab->count, sizeof key, compare_entries)
                     : NULL;

    *id_count = found ? found->count : 0;
    return found && found->count ? vocab->ids + found->first : NULL;
}
