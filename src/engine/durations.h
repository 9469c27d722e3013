#pragma once

/*
 * How long a model made each of its ids, from the output in which it says so.
 * A pure function; any thread may call.
 */

#include <stddef.h>

#include "engine/tensor.h"

/* The frame at which each id starts, and behind them the end: id_count + 1 values, the caller's.
 * durations holds a number of steps an id, in the model's own step (600 samples for Kokoro and
 * Kitten, the hop for Piper). They have to make up the samples exactly, or they are not what we take
 * them for: NULL. */
size_t *durations_starts(const struct tensor *durations, size_t id_count, size_t samples);
