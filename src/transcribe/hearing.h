#pragma once

/*
 * One file being heard: a thread reads it and finds the speech, others write the
 * pieces down, and the calling thread hands the segments on in their order.
 * Between them lies a ring of pieces, so that what is kept is bounded.
 */

#include "transcribe/moonshine.h"
#include "transcribe/transcriber.h"
#include "transcribe/vocabulary.h"
#include "transcribe/voice_activity.h"

/* What is loaded. */
struct hearing_models {
    struct ort *ort;
    struct voice_activity_model *voice_activity;
    struct moonshine *moonshine;
    struct vocabulary *vocabulary;
};

struct hearing_order {
    const struct hearing_models *models;
    const char *path, *name; /* of the file, and in messages */
    double max_seconds;
    int threads; /* that write down, 1 or more */
    int niceness;
    struct turnstile *turnstile; /* for each computing thread a place */
};

/* Blocks. *seconds is the file's length when all of it was heard. */
bool hear(const struct hearing_order *order, const struct transcript_sink *sink,
          struct cancel *cancel, double *seconds, struct err *err) MUST_CHECK;
