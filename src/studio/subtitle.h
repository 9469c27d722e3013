#pragma once

/*
 * Subtitles of recordings: the words the user wrote, with the times they are
 * spoken, set as text/cue.h does.
 *
 * Where the engine gives no word times, they are spread over the recording by
 * the width of the words. One thread at a time.
 */

#include "engine/engine.h"
#include "text/cue.h"

/* A recording of a text. */
struct subtitle_speech {
    const char *text; /* what was spoken, as the user wrote it, valid UTF-8 */
    size_t length;
    const struct spoken_word *words; /* in order, offsets into text; may be NULL */
    size_t word_count;
    int rate_hz;       /* of the words' frames */
    double start_s;    /* where the recording begins on the subtitles' time line */
    double duration_s; /* of the recording */
};

/* Appends the cues of one recording. Fails only for markup that could not have been spoken, or a
 * text over TEXT_LIMIT. */
bool subtitle_add(struct cue_list *cues, const struct subtitle_speech *speech,
                  struct err *err) MUST_CHECK;
