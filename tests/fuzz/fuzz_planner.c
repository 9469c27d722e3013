/* Any bytes as a text to speak: planned with the plain-text scheme and a phoneme scheme, whose ids
 * must stay within the limit and the vocabulary. */

#include <stdint.h>

#include "base/arena.h"
#include "text/chunk.h"

#define VOCABULARY_SIZE 178 /* of Kokoro */
#define INPUT_MAX 4096      /* bytes: eSpeak is what takes the time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct chunk *chunk, const struct text_options *options)
{
    if (chunk->id_count > options->max_tokens)
        abort();
    for (size_t i = 0; i < chunk->id_count; i++)
        if (chunk->ids[i] <= 0 || chunk->ids[i] >= VOCABULARY_SIZE)
            abort();
    for (size_t i = 0; i < chunk->word_count; i++)
        if (chunk->words[i].input_end > INPUT_MAX ||
            chunk->words[i].input_start >= chunk->words[i].input_end)
            abort();
}

static void plan(const char *text, size_t size, const struct text_options *options)
{
    struct arena arena = ARENA;
    struct chunk chunk;
    struct err err = { 0 };
    struct planner *planner = planner_create(text, size, options, &err);

    while (planner && planner_next(planner, &arena, &chunk, &err))
        check(&chunk, options);
    planner_destroy(planner);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vocab *vocab = vocab_builtin(VOCAB_KOKORO_V1);
    struct text_options options = { .language = "en-us",
                                    .scheme = PHONEMES_MISAKI,
                                    .vocab = vocab,
                                    .max_tokens = 40,
                                    .target_tokens = 20,
                                    .first_tokens = 10 };

    if (size <= INPUT_MAX) {
        plan((const char *)data, size, &options);
        options.scheme = PHONEMES_NONE;
        options.is_normalized = true;
        plan((const char *)data, size, &options);
    }
    vocab_destroy(vocab);
    return 0;
}
