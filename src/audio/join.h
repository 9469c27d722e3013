#pragma once

/*
 * Pieces of speech, each trimmed, become one recording: with a gap after each
 * that fits how it ended, with pauses that were asked for, and without clicks.
 * Audio goes on to a sink as it comes, on the calling thread, so a book needs
 * no more memory than a sentence. Mono.
 *
 * Nothing is scaled: the whole is normalised once, later.
 */

#include <stdint.h>

#include "audio/pcm.h"

/* How a piece ends, the weakest first. */
enum join_end { JOIN_END_SPACE, JOIN_END_CLAUSE, JOIN_END_SENTENCE, JOIN_END_PARAGRAPH };

struct join_piece {
    const float *samples; /* borrowed for the call */
    size_t frames;        /* 0: a pause only */
    enum join_end end;
    double pause_before_s; /* asked for in the text; 0: none */
    double pause_after_s;
};

/* A false return stops the work. */
struct join_sink {
    bool (*audio)(void *state, const float *samples, size_t frames, struct err *err);
    void *state;
};

struct join;

/* speed scales the gaps between pieces, as it does the speech; pauses asked for are as long as they
 * say. sink is copied. Never NULL. */
struct join *join_create(int rate_hz, double speed, const struct join_sink *sink);
void join_destroy(struct join *join); /* accepts NULL */

/* The seconds between two pieces when no pause is asked for, at speed 1. */
double join_gap_s(enum join_end end);

/* The gap or pause before the piece, then the piece. *start is its first frame in the whole. */
bool join_add(struct join *join, const struct join_piece *piece, uint64_t *start,
              struct err *err) MUST_CHECK;

/* The last piece's pause. No gap follows it. */
bool join_finish(struct join *join, struct err *err) MUST_CHECK;
