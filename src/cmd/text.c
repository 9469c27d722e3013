#include "cmd/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/input.h"
#include "text/chunk.h"
#include "text/origin.h"

/* As Kokoro gets it: the engine this command is about. */
#define MAX_TOKENS 510
#define TARGET_TOKENS 200

struct text_command {
    const char *language, *file;
    bool phonemes, tokens, chunks, json, is_normalized;
};

static void print_tokens(const struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->id_count; i++)
        printf("%s%d", i > 0 ? " " : "", chunk->ids[i]);
    putchar('\n');
}

static void print_pauses(const struct chunk *chunk)
{
    if (chunk->pause_before_s > 0)
        printf("[pause before: %g s]\n", chunk->pause_before_s);
    if (chunk->pause_after_s > 0)
        printf("[pause after: %g s]\n", chunk->pause_after_s);
}

static void print_chunk(const struct text_command *command, const struct chunk *chunk,
                        size_t number)
{
    static const char *const ends[] = {
        [CHUNK_END_SPACE] = "space",
        [CHUNK_END_CLAUSE] = "clause",
        [CHUNK_END_SENTENCE] = "sentence",
        [CHUNK_END_PARAGRAPH] = "paragraph",
    };

    if (command->chunks)
        printf("%zu: %zu tokens, ends at a %s\n", number, chunk->id_count, ends[chunk->end]);
    if (!chunk->is_silent && !(command->phonemes || command->tokens))
        puts(chunk->text);
    if (!chunk->is_silent && command->phonemes)
        puts(chunk->phonemes);
    if (!chunk->is_silent && command->tokens)
        print_tokens(chunk);
    print_pauses(chunk);
}

static json_t *words_json(const struct chunk *chunk)
{
    json_t *words = json_array();

    for (size_t i = 0; i < chunk->word_count; i++) {
        const struct chunk_word *word = &chunk->words[i];

        json_array_append_new(words,
                              json_pack("{sIsIsIsI}", "input_start", (json_int_t)word->input_start,
                                        "input_end", (json_int_t)word->input_end, "token_start",
                                        (json_int_t)word->id_start, "token_count",
                                        (json_int_t)word->id_count));
    }
    return words;
}

static void print_json(const struct chunk *chunk)
{
    json_t *ids = json_array();

    for (size_t i = 0; i < chunk->id_count; i++)
        json_array_append_new(ids, json_integer(chunk->ids[i]));
    json_t *row = json_pack("{sssssososfsf}", "text", chunk->text, "phonemes", chunk->phonemes,
                            "tokens", ids, "words", words_json(chunk), "pause_before",
                            chunk->pause_before_s, "pause_after", chunk->pause_after_s);
    json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(row);
}

static bool print_all(const struct text_command *command, struct planner *planner,
                      struct cancel *cancel, struct err *err)
{
    struct arena arena = ARENA;
    struct chunk chunk;

    for (size_t number = 1; planner_next(planner, &arena, &chunk, err); number++) {
        if (command->json)
            print_json(&chunk);
        else
            print_chunk(command, &chunk, number);
        arena_release(&arena);
        if (!cancel_check(cancel, err))
            return false;
    }
    arena_release(&arena);
    return err->kind == ERR_NONE;
}

static bool show(const struct text_command *command, const struct config *config,
                 const struct buf *text, struct cancel *cancel, struct err *err)
{
    enum phoneme_scheme scheme = PHONEMES_ESPEAK; /* Kokoro's own choice where none is configured */
    struct lexicon *lexicon = NULL;
    struct planner *planner = NULL;
    bool ok = false;

    if (config->phonemes && !phoneme_scheme_parse(config->phonemes, &scheme))
        return err_set_param(err, ERR_INVALID, "phoneme-mapping",
                             "There is no phoneme mapping \"%s\".", config->phonemes);
    struct vocab *vocab = vocab_builtin(VOCAB_KOKORO_V1);
    if (config->lexicon && !(lexicon = lexicon_open(config->lexicon, err)))
        goto out;
    const struct text_options options = {
        .language = command->language,
        .scheme = scheme,
        .vocab = vocab,
        .lexicon = lexicon,
        .max_tokens = MAX_TOKENS,
        .target_tokens = command->chunks ? TARGET_TOKENS : 0,
        .keeps_sentences = !command->chunks,
        .is_normalized = command->is_normalized,
    };
    planner = planner_create(text->data ? text->data : "", text->len, &options, err);
    ok = planner && print_all(command, planner, cancel, err);
out:
    planner_destroy(planner);
    lexicon_close(lexicon);
    vocab_destroy(vocab);
    return ok;
}

int cmd_text(int argc, char **argv, struct command_context *context)
{
    struct text_command command = { .language = "en-us" };
    const struct option_row rows[] = {
        { "phonemes", 'p', OPTION_FLAG, &command.phonemes, 0, 0, NULL, "show phonemes (IPA)" },
        { "tokens", 't', OPTION_FLAG, &command.tokens, 0, 0, NULL, "show Kokoro's token ids" },
        { "chunks", 'c', OPTION_FLAG, &command.chunks, 0, 0, NULL,
          "as the model gets it: sentences joined or cut to its size" },
        { "json", 'j', OPTION_FLAG, &command.json, 0, 0, NULL,
          "a JSON object a line, with all stages and the words' places" },
        { "lang", 'l', OPTION_TEXT, &command.language, 0, 0, "TAG", "en-us, en-gb, fr, es, …" },
        { "file", 0, OPTION_TEXT, &command.file, 0, 0, "FILE", "read the text from a file" },
        { "normalized", 0, OPTION_FLAG, &command.is_normalized, 0, 0, NULL,
          "the text is a reading already: leave numbers and signs alone" },
    };
    const struct usage usage = {
        .synopsis = "parlando text [options] [TEXT… | -]",
        .about =
            "Shows what the front end makes of a text, a line a sentence: its reading, or the\n"
            "phonemes and tokens a model is given. For finding out why something sounds odd.",
        .examples = "  parlando text \"It cost $5.50 on May 3rd.\"\n"
                    "  parlando text --phonemes \"Dr. Lee reads.\"\n"
                    "  parlando text --chunks --tokens --file story.txt\n"
                    "  parlando text --phonemes --lang fr \"Bonjour, le monde !\"",
        .rows = rows,
        .row_count = COUNT(rows),
    };
    struct arguments arguments;
    struct err err;
    int exit_code;

    if (!command_begin("text", &usage, argc, argv, context, &arguments, &exit_code))
        return exit_code;
    err_clear(&err);
    struct buf text = BUF(TEXT_LIMIT);
    bool ok = input_read(&arguments, command.file, &text, &err) &&
              show(&command, context->config, &text, context->cancel, &err);
    buf_release(&text);
    return ok ? 0 : command_fail("text", &err);
}
