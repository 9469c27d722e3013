#pragma once

/*
 * The outline of a recording, for drawing its waveform: the greatest magnitude of
 * each of so many equal parts, over all channels. Memory does not grow with the
 * length. Pure; one thread a reader.
 */

#include "audio/wav.h"

/* Reads a file that was just opened to its end. *count is how many parts are wanted (1 or more),
 * and then how many there are: none is shorter than a frame, so a recording without sound has none.
 * peaks has room for the wanted ones. What is not finite counts as in audio/sample.h. */
bool peaks_read(struct wav_reader *reader, float *peaks, size_t *count, struct err *err) MUST_CHECK;
