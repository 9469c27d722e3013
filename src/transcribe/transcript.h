#pragma once

/*
 * A whole transcript, kept, and its formats: plain text, subtitles as SubRip and
 * WebVTT, JSON.
 *
 *     struct transcript transcript = TRANSCRIPT;
 *     const struct transcript_sink sink = transcript_sink(&transcript);
 *     … transcriber_hear_file(…, &sink, …, &transcript.outcome, err) …
 *     transcript_format(&transcript, TRANSCRIPT_SRT, NULL, &out);
 *
 * A transcript owns what it keeps. One thread at a time.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "transcribe/transcriber.h"

#define TRANSCRIPT_BYTES_MAX                                                                       \
    (64u << 20) /* of text, words and tokens; a day of speech has some 30 MB */

struct transcript {
    struct transcript_segment *segments; /* in order */
    size_t count, capacity;
    struct transcript_outcome outcome; /* set by who hears */

    struct arena arena; /* owns texts, words and tokens */
    size_t bytes;       /* kept in it */
};

#define TRANSCRIPT ((struct transcript){ 0 })

void transcript_release(struct transcript *transcript); /* safe on a zeroed struct and twice */

/* Keeps a copy. ERR_TOO_LARGE beyond TRANSCRIPT_BYTES_MAX. */
bool transcript_add(struct transcript *transcript, const struct transcript_segment *segment,
                    struct err *err) MUST_CHECK;

/* A sink that keeps all segments and has no progress. */
struct transcript_sink transcript_sink(struct transcript *transcript);

enum transcript_format {
    TRANSCRIPT_TEXT,         /* one line, LF at its end where there is any text */
    TRANSCRIPT_JSON,         /* {"text": …} */
    TRANSCRIPT_SRT,          /* cues of two lines of 42 columns and 7 s at most */
    TRANSCRIPT_VTT,          /* the same cues */
    TRANSCRIPT_VERBOSE_JSON, /* segments and words too */
};

/* "text", "json", "srt", "vtt", "verbose_json". */
const char *transcript_format_name(enum transcript_format format);
bool transcript_format_parse(const char *name, enum transcript_format *out);
const char *
transcript_format_ending(enum transcript_format format); /* "txt", "json", "srt", "vtt" */

/* By the ending, in any case: talk.srt. False where there is none, or another. */
bool transcript_format_from_path(const char *path, enum transcript_format *out);

/* What verbose_json tells: OpenAI's timestamp_granularities. */
struct transcript_detail {
    bool has_segments, has_words;
};

/* Appends the transcript. detail is for TRANSCRIPT_VERBOSE_JSON only; NULL: segments and words.
 * Failures are the buffer's own (buf_ok). */
void transcript_format(const struct transcript *transcript, enum transcript_format format,
                       const struct transcript_detail *detail, struct buf *out);

/* Appends the text alone, segments joined by spaces, without a line end. */
void transcript_format_text(const struct transcript *transcript, struct buf *out);
