#pragma once

/*
 * A model's table of symbols and token ids.
 *
 * A symbol is one code point; its value one or more ids (Piper's tables may give
 * several). Symbols that are missing are dropped from the token string, as
 * every published front end does. Immutable once made, so any thread may read.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct vocab;

enum vocab_builtin {
    VOCAB_KOKORO_V1,   /* data/kokoro_vocab.json: 114 symbols */
    VOCAB_KOKORO_V019, /* data/kokoro_v019_vocab.json: 177 symbols */
    VOCAB_KITTEN,      /* data/kitten_vocab.json */
};

struct vocab *vocab_builtin(enum vocab_builtin which); /* the caller destroys it */

/* From a JSON object {symbol: id} or {symbol: [id, …]} (a Piper phoneme_id_map, a config.json's
 * "vocab"). NULL on failure. */
struct vocab *vocab_from_json(const char *json, size_t length, const char *what, struct err *err);
void vocab_destroy(struct vocab *vocab);

/* The symbol's ids, NULL when it has none. */
const int32_t *vocab_find(const struct vocab *vocab, uint32_t symbol, size_t *id_count);
