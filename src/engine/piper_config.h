#pragma once

/*
 * A Piper voice's configuration, the <voice>.onnx.json beside its model: what
 * the front end must do, the ids of the symbols, and how the model likes its
 * inputs. Read with jansson, bounded and checked; unknown keys are ignored.
 *
 * Plain data, immutable once loaded; any thread may read.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "text/vocab.h"

#define PIPER_SPEAKERS_MAX 4096

enum piper_input {
    PIPER_ESPEAK, /* eSpeak's phonemes */
    PIPER_TEXT,   /* the letters themselves */
};

struct piper_speaker {
    char *name; /* owned */
    int number; /* the model's `sid` */
};

/* Ids of one of the three marks that frame a sentence. */
struct piper_mark {
    int32_t ids[4];
    size_t count;
};

struct piper_config {
    enum piper_input input;
    int rate_hz;
    char *language;     /* "en-us"; owned */
    char *espeak_voice; /* as the file names it: "en-us", "cmn"; owned */
    double noise_scale, length_scale, noise_w;

    /* A symbol's ids with the pad's behind them, as the model was trained: a chunk's ids need only
     * the begin, its pad, and the end. Owned. */
    struct vocab *vocab;
    struct piper_mark pad, begin, end;

    struct piper_speaker *speakers; /* owned; at least one, its name "" when there is no choice */
    size_t speaker_count;
    int default_speaker; /* a number of one of them */
};

/* Reads the file beside an .onnx. ERR_UNAVAILABLE when it is missing, ERR_CORRUPT when it is not
 * what it should be, ERR_UNSUPPORTED for a kind of phonemes that Parlando has no front end for. */
bool piper_config_load(struct piper_config *out, const char *model_path,
                       struct err *err) MUST_CHECK;
void piper_config_release(struct piper_config *config); /* accepts a zeroed struct */
