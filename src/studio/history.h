#pragma once

/*
 * The history at work: speech is recorded while it is streamed, and what is kept
 * of it all is bounded.
 *
 *     assets/history/{entry}.{ext}      the audio of an entry, as it was sent
 *     media/staged/                     what is being recorded
 *
 * A recorder writes what it is given into a staged file. Kept, the file and its
 * row appear in one transaction (store/history.h); dropped, or when the process
 * ends before that, nothing is left of it. The speech always goes on: where the
 * disk refuses, the audio is given up, which is logged, and the entry is kept
 * without it.
 *
 * Any thread may call anything here; a recorder belongs to one thread at a time.
 */

#include "audio/format.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "store/history.h"
#include "store/settings.h"
#include "studio/media.h"

#define HISTORY_ENTRIES_MAX 10000000
#define HISTORY_MB_MAX (1 << 24)

struct history;
struct spoken_by;
struct speech_outcome;
struct timed_word;

/* What is kept. The settings' own values go before the configured ones. */
struct history_policy {
    bool is_enabled;             /* new entries are kept */
    bool keeps_audio;            /* with their audio; what is there stays */
    int64_t entries_max, mb_max; /* 0: no limit; of 2^20 bytes */
};

struct history_options {
    struct store *store;
    struct media *media;
    struct history_policy configured;
    void (*changed)(void *state); /* an entry came or went; any thread; or NULL */
    void *changed_state;
};

/* Brings what is there within the limits. options are copied, what they point to is borrowed. */
struct history *history_create(const struct history_options *options);
void history_destroy(struct history *history); /* accepts NULL; nobody may be recording */

/* In force now: as configured, where the settings say nothing else. */
struct history_policy history_policy(const struct history *history,
                                     const struct settings *settings);

/* After the settings have changed: takes away what goes over the limits. Failures are logged. */
void history_trim(struct history *history);

/* ---- speech ---- */

/* What is about to be spoken. Strings are copied. */
struct history_speech {
    const char *text; /* as the user wrote it */
    size_t length;
    const char *profile_id; /* or NULL */
    const char *language;   /* that was asked for, or NULL */
    double speed;
    enum audio_format format;
};

struct history_recorder;

/* NULL: the history is switched off. All that follows accepts NULL, and does nothing then. */
struct history_recorder *history_record_speech(struct history *history,
                                               const struct history_speech *what);

/* The entry's, once it is kept; NULL for NULL. */
const char *history_recorder_id(const struct history_recorder *recorder);

/* Encoded audio, and words, as they come. Never fails. */
void history_recorder_write(struct history_recorder *recorder, const void *bytes, size_t length);
void history_recorder_word(struct history_recorder *recorder, const struct timed_word *word);

/* It ended well: the entry is there when this returns true. Either ends the recorder. */
bool history_recorder_keep(struct history_recorder *recorder, const struct spoken_by *by,
                           const struct speech_outcome *outcome, struct err *err) MUST_CHECK;
void history_recorder_drop(struct history_recorder *recorder);

/* ---- transcripts ---- */

/* A word, or a segment, and when it is spoken. */
struct history_span {
    const char *text;
    double start_s, end_s;
};

struct history_transcript {
    const char *text;
    const char *filename;                  /* of what was heard, or NULL */
    const char *engine, *model, *language; /* or NULL */
    double duration_s;
    const struct history_span *segments, *words; /* in order */
    size_t segment_count, word_count;
    bool words_are_measured;
};

/* id becomes "" when the history is switched off, which is no failure. */
bool history_add_transcript(struct history *history, const struct history_transcript *transcript,
                            char id[ID_SIZE], struct err *err) MUST_CHECK;

/* ---- what is there ---- */

struct history_spans {
    struct history_span *items;
    size_t count;
};

/* An entry's words or segments as they are stored; none for NULL. */
bool history_spans_parse(const char *stored, struct arena *arena, struct history_spans *out,
                         struct err *err) MUST_CHECK;

enum history_subtitles { HISTORY_SRT, HISTORY_VTT };

/* Appends the entry's text as subtitles, by its words, else by its segments, else spread over its
 * duration. */
bool history_format_subtitles(const struct history_entry *entry, enum history_subtitles format,
                              struct buf *out, struct err *err) MUST_CHECK;

/* With their files. ERR_NOT_FOUND. */
bool history_delete(struct history *history, const char *id, struct err *err) MUST_CHECK;
bool history_delete_all(struct history *history, const struct history_filter *filter,
                        int64_t *deleted, struct err *err) MUST_CHECK;

/* Grows with every change of any entry; what it was when the store cannot be asked. */
int64_t history_revision(struct history *history);
