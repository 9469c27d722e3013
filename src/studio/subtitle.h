#pragma once

/*
 * Subtitles of recordings, as SubRip (.srt): the words the user wrote, with the
 * times they are spoken.
 *
 * The layout keeps to what broadcasters agree on (Netflix's English Timed Text
 * Style Guide, BBC Subtitle Guidelines): two lines of 42 columns at most, 7
 * seconds at most, at least 5/6 of a second where there is room, cues that end
 * with a sentence, else with a clause, else at a pause. A word is never cut; one
 * that is wider than a line has a line to itself. Wide characters (Chinese,
 * Japanese, Korean) take two columns and break where UAX #14 allows.
 *
 * Where the engine gives no word times, they are spread over the recording by
 * the width of the words.
 *
 * A subtitle owns its cues. One thread at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/engine.h"

#define SUBTITLE_LINE_COLUMNS 42
#define SUBTITLE_LINES_MAX 2
#define SUBTITLE_SECONDS_MAX 7.0
#define SUBTITLE_SECONDS_MIN (5.0 / 6.0)
#define SUBTITLE_FILE_LIMIT (64u << 20) /* bytes */

struct subtitle_cue {
    double start_s, end_s;
    char *text; /* one line, or two with a \n between; owned */
};

struct subtitle {
    struct subtitle_cue *cues; /* in order, never overlapping */
    size_t count, capacity;
};

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
bool subtitle_add(struct subtitle *subtitle, const struct subtitle_speech *speech,
                  struct err *err) MUST_CHECK;

/* Appends the cues as SubRip: numbers from 1, 00:00:01,500 --> 00:00:03,250, LF line ends. */
void subtitle_format_srt(const struct subtitle *subtitle, struct buf *out);

void subtitle_release(struct subtitle *subtitle); /* safe on a zeroed struct and twice */
