#pragma once

/* The words of subtitles on their way: subtitle_words.c makes them, text/cue.h lays them out. */

#include "base/arena.h"
#include "studio/subtitle.h"

/* Where a word stems from. */
struct subtitle_origin {
    uint32_t input_start, input_end; /* in the user's text */
    bool has_times;                  /* the engine's; else they are spread */
};

struct subtitle_words {
    struct buf text; /* the user's text without markup */
    struct cue_words words;
    struct subtitle_origin *origins; /* of each word; owned */
};

bool subtitle_words_make(struct subtitle_words *out, const struct subtitle_speech *speech,
                         struct err *err) MUST_CHECK;
void subtitle_words_release(struct subtitle_words *words);
