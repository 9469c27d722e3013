#pragma once

/*
 * Where in a model's output the speech is. Voice models put a third of a second
 * of near-silence before it and half a second behind; joined sentences need
 * gaps of our own instead. Losing an onset or a tail is far worse than keeping
 * 50 ms too much, so every doubt is decided for keeping.
 *
 * Mono. Pure functions.
 */

#include "audio/pcm.h"

/* Frames start to end, end not included. */
struct frame_range {
    size_t start, end;
};

/* What is known to be spoken, from a model's durations; never trimmed inside. start == end: nothing
 * is known. */
struct frame_range silence_find_speech(const float *samples, size_t frames, int rate_hz,
                                       struct frame_range known);

/* Keeps this range only and fades its cut edges (5 ms in, 10 ms out). */
void silence_trim(struct pcm *pcm, struct frame_range keep);
