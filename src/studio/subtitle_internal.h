#pragma once

/* The words of subtitles on their way: subtitle_words.c makes them, subtitle.c lays them out. */

#include "base/arena.h"
#include "studio/subtitle.h"

/* What a cue that ends after a word would interrupt: the most first. */
enum break_kind { BREAK_WORD, BREAK_CLAUSE, BREAK_SENTENCE, BREAK_PARAGRAPH };

/* What is never cut: a word with its punctuation, or a character where no spaces are written. */
struct subtitle_word {
    const char *text; /* in the list's own text */
    size_t length;
    uint32_t input_start, input_end; /* in the user's text */
    int columns;
    bool has_space; /* before it */
    bool has_times; /* the engine's; else they are spread */
    enum break_kind after;
    double start_s, end_s; /* from the recording's beginning */
};

struct subtitle_words {
    struct buf text; /* the user's text without markup */
    struct subtitle_word *words;
    size_t count, capacity;
};

bool subtitle_words_make(struct subtitle_words *out, const struct subtitle_speech *speech,
                         struct err *err) MUST_CHECK;
void subtitle_words_release(struct subtitle_words *words);
