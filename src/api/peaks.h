#pragma once

/* The outline of a segment's recording, for a waveform. */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape segment_peaks_shape;

extern const struct route peaks_routes[1];
