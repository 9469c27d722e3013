#pragma once

/*
 * The whole job of narrating a story: one WAV a segment with its subtitles, a
 * playlist, subtitles for the whole, and an audiobook if asked for, in one
 * folder:
 *
 *     01-the-lamp-had-burned.wav   01-the-lamp-had-burned.srt   02-…
 *     story.m3u8   story.srt   story.m4b   narration.json
 *
 * Run again, it does what is missing: segments whose text, voice, speed, engine
 * and model are as they were keep their recordings, renamed where segments
 * before them came or went; the others are spoken; recordings of segments that
 * are gone are removed, if the manifest says that they are ours. Stopped at any
 * moment, it leaves whole files and goes on from there.
 *
 * Each recording ends with a paragraph's rest, so that they sound right in a row.
 * story.srt and the chapters of story.m4b count the recordings one after the
 * other, as the playlist plays them.
 *
 * Speaking is handed in as a table, so that the job can be tested without an
 * engine. narrate() blocks and calls back on its own thread.
 */

#include "studio/document.h"
#include "studio/speech.h"

#define NARRATE_PLAYLIST "story.m3u8"
#define NARRATE_SUBTITLES "story.srt"
#define NARRATE_BOOK "story.m4b"

struct narrate_speech {
    /* As speaker_speak_to_file: the file appears whole or not at all. */
    bool (*speak_to_file)(void *state, const char *text, size_t length, const char *path,
                          const struct speech_file_options *options, struct word_list *words,
                          struct cancel *cancel, struct speech_report *report, struct err *err);
    void *state;
    const char *engine, *model, *voice; /* what speaks: part of each recording's hash */
    double speed;
    const char *settings; /* whatever else changes the sound, in any form; or NULL */
};

/* The table for a real speaker, which it borrows. speed and settings are the caller's to set. */
struct narrate_speech narrate_speech_of(struct speaker *speaker);

enum narrate_state {
    NARRATE_WAITING, /* not reached: the run was stopped */
    NARRATE_KEPT,    /* it was there already */
    NARRATE_SPOKEN,
    NARRATE_FAILED, /* its text cannot be spoken; see error */
};

const char *narrate_state_name(enum narrate_state state); /* "waiting", "kept", … */

/* One segment's recording. */
struct narrate_recording {
    char *file; /* name in the folder; owned */
    enum narrate_state state;
    double seconds;    /* of audio; 0 unless kept or spoken */
    double work_s;     /* 0 unless spoken */
    struct err *error; /* owned; NULL unless failed */
};

struct narrate_observer {
    void (*begin)(void *state, size_t index, const char *file); /* or NULL */
    void (*progress)(void *state, double fraction);             /* of all work; or NULL */
    void (*end)(void *state, size_t index, const struct narrate_recording *recording); /* or NULL */
    void *state;
};

struct narrate_options {
    const char *folder; /* made when missing */
    bool with_book;     /* write the M4B */
    bool is_forced;     /* speak everything anew */
    struct narrate_observer observer;
};

struct narrate_report {
    struct narrate_recording *recordings; /* one a segment; owned */
    size_t count;
    size_t kept, spoken, failed, removed; /* removed: stale recordings */
    double seconds, work_s;               /* sums */
    bool has_changed;                     /* anything was written or removed */
};

/* A segment that cannot be spoken is recorded in the report and does not stop the others; then the
 * result is false with the first such error. Everything else (the disk, the engine, cancelling)
 * ends the run, with what was finished kept. *report is filled in either case. */
bool narrate(const struct document *story, const struct narrate_speech *speech,
             const struct narrate_options *options, struct cancel *cancel,
             struct narrate_report *report, struct err *err) MUST_CHECK;

void narrate_report_release(struct narrate_report *report); /* safe on a zeroed struct */
