#pragma once

/*
 * The manifest of a narration, narration.json: which recordings of a folder are
 * ours, what each was made of and how long it is. It is what lets a second run
 * go on where the first was stopped, keep what has not changed, and remove what
 * is no longer part of the story without touching anyone else's files.
 *
 * It is replaced atomically. One thread at a time, and one process a folder
 * (narrate.c locks it).
 */

#include <stdint.h>

#include "base/sha256.h"
#include "studio/speech.h"

#define NARRATION_FILE "narration.json"
#define NARRATION_LIMIT (512u << 20) /* bytes of the manifest of a very long book */

/* A recording we made. */
struct narration_row {
    char hash[SHA256_HEX]; /* of the text and everything that decides how it sounds */
    char *file;            /* name in the folder; owned */
    uint64_t bytes;        /* the file's size */
    uint64_t frames;
    int rate_hz;
    struct word_list words; /* owned; empty when the engine gives no times */
};

struct narration {
    char *title; /* owned; NULL in a new one */
    struct narration_row *rows;
    size_t count, capacity;
    char book_hash[SHA256_HEX]; /* of the parts of the M4B, "" for none */
    uint64_t book_bytes;
};

/* Reads a folder's manifest; an absent one is an empty narration. ERR_CORRUPT for what is none. */
bool narration_load(struct narration *out, const char *folder, struct err *err) MUST_CHECK;

/* *bytes gets the manifest's size. */
bool narration_save(const struct narration *narration, const char *folder, size_t *bytes,
                    struct err *err) MUST_CHECK;

/* Takes the row, strings and words with it. */
void narration_push(struct narration *narration, struct narration_row *row);
void narration_row_release(struct narration_row *row);
void narration_release(struct narration *narration); /* safe on a zeroed struct and twice */

/* Is the row's file there, with the size it had? */
bool narration_row_is_whole(const struct narration_row *row, const char *folder);
