#pragma once

/*
 * Subtitles: words with the times they are spoken, set into cues, and written as
 * SubRip (.srt) or WebVTT (.vtt).
 *
 * The layout keeps to what broadcasters agree on (Netflix's English Timed Text
 * Style Guide, BBC Subtitle Guidelines): two lines of 42 columns at most, 7
 * seconds at most, at least 5/6 of a second where there is room, cues that end
 * with a sentence, else with a clause, else at a pause. A word is never cut; one
 * that is wider than a line has a line to itself. Wide characters (Chinese,
 * Japanese, Korean) take two columns and break where UAX #14 allows.
 *
 * Lists own what is in them, but for the text of words, which is borrowed. One
 * thread at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CUE_LINE_COLUMNS 42
#define CUE_LINES_MAX 2
#define CUE_SECONDS_MAX 7.0
#define CUE_SECONDS_MIN (5.0 / 6.0)
#define CUE_FILE_LIMIT (64u << 20) /* bytes */

/* ---- words ---- */

/* What a cue that ends after a word would interrupt: the most first. */
enum break_kind { BREAK_WORD, BREAK_CLAUSE, BREAK_SENTENCE, BREAK_PARAGRAPH };

/* What is never cut: a word with its punctuation, or a character where no spaces are written. */
struct cue_word {
    const char *text; /* borrowed */
    size_t length;
    int columns;
    bool has_space; /* before it */
    enum break_kind after;
    double start_s, end_s; /* in order, from where cue_list_add says */
};

struct cue_words {
    struct cue_word *items;
    size_t count, capacity;
};

/* Appends the words of a text, valid UTF-8, whose last one ends a paragraph. They have no times yet. */
void cue_words_split(struct cue_words *words, const char *text, size_t length);

/* Spreads words over a stretch of time by their width. */
void cue_words_spread(struct cue_word *words, size_t count, double start_s, double end_s);
void cue_words_release(struct cue_words *words); /* safe on a zeroed struct and twice */

/* ---- cues ---- */

struct cue {
    double start_s, end_s;
    char *text; /* one line, or two with a \n between; owned */
};

struct cue_list {
    struct cue *cues; /* in order, never overlapping */
    size_t count, capacity;
};

/* Appends the cues of words whose times count from start_s; none lasts beyond duration_s after it. */
void cue_list_add(struct cue_list *list, const struct cue_words *words, double start_s,
                  double duration_s);
void cue_list_release(struct cue_list *list); /* safe on a zeroed struct and twice */

/* SubRip: numbers from 1, 00:00:01,500 --> 00:00:03,250, LF line ends. */
void cue_list_format_srt(const struct cue_list *list, struct buf *out);

/* WebVTT (W3C): 00:00:01.500 --> 00:00:03.250, with &, < and > escaped. */
void cue_list_format_vtt(const struct cue_list *list, struct buf *out);
