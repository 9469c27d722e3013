#include "text/pronunciation.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/espeak_ng.h"
#include "text/phoneme_map.h"

#define SLOTS 8192u
#define WORDS_MAX (SLOTS / 2)
#define IPA_MAX (1u << 20)

struct pronunciation {
    const char *word; /* NULL: free */
    size_t length;
    const char *phonemes;
};

void pronunciations_init(struct pronunciations *known, enum phoneme_scheme scheme,
                         const char *language, const char *voice)
{
    *known = (struct pronunciations){ .scheme = scheme,
                                      .language = language,
                                      .voice = voice,
                                      .slots = xcalloc(SLOTS, sizeof *known->slots),
                                      .scratch = BUF(IPA_MAX) };
}

void pronunciations_release(struct pronunciations *known)
{
    free(known->slots);
    arena_release(&known->arena);
    buf_release(&known->scratch);
}

static void forget_all(struct pronunciations *known)
{
    memset(known->slots, 0, SLOTS * sizeof *known->slots);
    known->count = 0;
    arena_release(&known->arena);
}

/* FNV-1a. */
static size_t hash_word(const char *word, size_t length)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)word[i]) * 16777619u;
    return hash % SLOTS;
}

/* The word's slot, or the free one where it belongs. */
static struct pronunciation *find_slot(struct pronunciations *known, const char *word,
                                       size_t length)
{
    size_t i = hash_word(word, length);

    while (known->slots[i].word &&
           (known->slots[i].length != length || memcmp(known->slots[i].word, word, length) != 0))
        i = (i + 1) % SLOTS;
    return &known->slots[i];
}

static bool speak_alone(struct pronunciations *known, const char *word, struct err *err)
{
    struct buf ipa = BUF(IPA_MAX);
    bool ok = espeak_ng_phonemes(known->voice, word, phoneme_map_tie(known->scheme), &ipa, err);

    buf_clear(&known->scratch);
    if (ok)
        phoneme_map(known->scheme, known->language, ipa.data ? ipa.data : "", ipa.len,
                    &known->scratch);
    buf_release(&ipa);
    return ok && buf_ok(&known->scratch, "phoneme string", err);
}

const char *pronunciation_of(struct pronunciations *known, const char *word, size_t length,
                             struct err *err)
{
    struct pronunciation *slot = find_slot(known, word, length);

    if (slot->word)
        return slot->phonemes;
    if (known->count == WORDS_MAX) {
        forget_all(known);
        slot = find_slot(known, word, length);
    }
    const char *copy = arena_strndup(&known->arena, word, length);
    if (!speak_alone(known, copy, err))
        return NULL;
    *slot = (struct pronunciation){
        .word = copy,
        .length = length,
        .phonemes = arena_strdup(&known->arena, known->scratch.data ? known->scratch.data : ""),
    };
    known->count++;
    return slot->phonemes;
}
