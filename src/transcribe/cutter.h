#pragma once

/*
 * Cuts a recording, as it comes, into the pieces that are written down one by
 * one: stretches of speech of CUTTER_SECONDS_MAX at most, between rests, with a
 * little of what is around them, since a model mishears what begins at once.
 * Short rests do not end a piece: the words around help each other. Where
 * somebody speaks on and on, the cut is at the longest rest or, when there is
 * none, at the quietest moment of the last seconds.
 *
 * Memory is bounded by the longest piece. One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transcribe/voice_activity.h"

#define CUTTER_SECONDS_MAX 25

struct piece {
    int64_t start;   /* the recording's sample that samples begin with */
    float *samples;  /* owned */
    size_t count;    /* VOICE_FRAME * frame_count */
    bool *is_speech; /* of each frame; owned */
    size_t frame_count;
    size_t speech_frames; /* above 0 */
    double voice;         /* mean probability of voice over these, 0 to 1 */
};

void piece_release(struct piece *piece); /* safe on a zeroed struct and twice */

struct cutter;

struct cutter *cutter_create(void);
void cutter_destroy(struct cutter *cutter); /* accepts NULL */

/* Takes the next VOICE_FRAME samples and how likely they are voice. True when a piece ends here: it
 * is moved to *out. */
bool cutter_push(struct cutter *cutter, const float *samples, float probability, struct piece *out);

/* The recording ends: true when there was a piece still open. */
bool cutter_end(struct cutter *cutter, struct piece *out);
