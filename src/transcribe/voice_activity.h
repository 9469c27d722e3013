#pragma once

/*
 * Where somebody speaks: Silero VAD, a small recurrent model that looks at 32 ms
 * at a time and remembers what came before. Versions 5 and 6, at 16 kHz.
 *
 * A model is shared by any number of threads; a stream belongs to one thread at
 * a time.
 */

#include "base/cancel.h"
#include "engine/ort.h"

#define VOICE_RATE_HZ 16000
#define VOICE_FRAME 512 /* samples looked at together */

struct voice_activity_model;

/* NULL on failure; ERR_CORRUPT for another model. ort outlives it. */
struct voice_activity_model *voice_activity_model_open(struct ort *ort, const char *path,
                                                       struct err *err);
void voice_activity_model_close(struct voice_activity_model *model); /* accepts NULL */

struct voice_activity; /* one stream */

struct voice_activity *voice_activity_create(struct voice_activity_model *model, struct err *err);
void voice_activity_destroy(struct voice_activity *stream); /* accepts NULL */

/* How likely it is that somebody speaks in the next VOICE_FRAME samples, 0 to 1. */
bool voice_activity_step(struct voice_activity *stream, const float *samples, float *probability,
                         struct cancel *cancel, struct err *err) MUST_CHECK;
