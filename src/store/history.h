#pragma once

/*
 * The history: what was spoken and heard, an entry each, the newest first. See
 * store.h for threads, memory and errors.
 *
 * An entry that has audio owns one file. The transaction that makes the row asks
 * for the file to be put in its place, and whatever takes the row away, or its
 * audio, asks for the file's removal (store/assets.h): triggers see to that.
 */

#include "store/store.h"

#define HISTORY_FOLDER "assets/history/" /* and an entry's id with the format's extension */
#define HISTORY_PREVIEW_CHARS 200

enum history_type { HISTORY_TTS, HISTORY_STT };

extern const char *const history_type_names[]; /* as stored and shown; NULL ends them */

struct history_entry {
    const char *id;
    enum history_type type;
    int64_t created_at;
    const char *engine, *model; /* or NULL */
    const char *voice;          /* or NULL */
    double speed;               /* 0: does not apply */
    const char *format;         /* of the audio, as audio_format_name; or NULL */
    const char *language;       /* BCP 47, or NULL */
    const char *profile_id;     /* or NULL, also once the profile is gone */
    const char *text_preview;   /* the first HISTORY_PREVIEW_CHARS characters */
    const char *input_filename; /* what was heard, or NULL */
    const char *output_path;    /* relative to the data folder; NULL without audio */
    int64_t output_bytes;       /* 0 without audio */
    double duration_s;

    /* Of a single entry only. */
    const char *full_text;
    const char *words, *segments; /* as the studio wrote them (studio/history.h); or NULL */
    bool words_are_measured;
};

struct history_list {
    struct history_entry *items;
    int64_t count; /* in items */
    int64_t total; /* that match, without the page's limits */
    int64_t bytes; /* of all audio there is */
};

struct history_filter {
    const enum history_type *type; /* NULL: both */
    const char *search; /* part of the text, the voice or the file's name, any case; or NULL */
};

bool store_history(struct store *store, struct arena *arena, const struct history_filter *filter,
                   const struct page *page, struct history_list *out, struct err *err);
bool store_history_get(struct store *store, struct arena *arena, const char *id,
                       struct history_entry *out, struct err *err);

/* What is kept at most. */
struct history_limits {
    int64_t entries_max, bytes_max; /* 0: no limit */
};

/* Adds an entry and takes away what goes over the limits then. With output_path, staged_path is where
 * its file lies, whole. created_at and text_preview are the store's own. */
bool store_history_add(struct store *store, const struct history_entry *entry,
                       const char *staged_path, const struct history_limits *limits,
                       struct err *err);

/* Takes away what goes over the limits, the oldest entries first. */
bool store_history_trim(struct store *store, const struct history_limits *limits, struct err *err);

bool store_history_delete(struct store *store, const char *id, struct err *err);
bool store_history_delete_all(struct store *store, const struct history_filter *filter,
                              int64_t *deleted, struct err *err);

/* Grows with every change of any entry. */
bool store_history_revision(struct store *store, int64_t *out, struct err *err);
