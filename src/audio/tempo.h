#pragma once

/*
 * Faster or slower without another pitch, piece by piece, through libsonic,
 * which leaves out or repeats periods of a voice. Mono.
 *
 * The library works with 16 bits; so does what is made of it in the end.
 * A tempo belongs to one thread at a time.
 */

#include "audio/pcm.h"

#define TEMPO_MIN 0.05
#define TEMPO_MAX 20.0

struct tempo;

/* ratio: TEMPO_MIN to TEMPO_MAX; 2 is twice as fast. NULL (ERR_INTERNAL) when memory is gone. */
struct tempo *tempo_create(int rate_hz, double ratio, struct err *err);
void tempo_destroy(struct tempo *tempo); /* accepts NULL */

/* Appends to out what these samples gave; it lags some 50 ms behind until finish, which is called
 * once. Samples beyond ±1 are clipped. */
bool tempo_write(struct tempo *tempo, const float *samples, size_t frames, struct pcm *out,
                 struct err *err) MUST_CHECK;
bool tempo_finish(struct tempo *tempo, struct pcm *out, struct err *err) MUST_CHECK;
