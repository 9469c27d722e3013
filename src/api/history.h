#pragma once

/* The history: what was spoken and heard, its audio, and speaking an entry again. */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape history_entry_shape, history_detail_shape, history_list_shape;
extern const struct shape history_word_shape, history_segment_shape, history_deletion_shape;

extern const struct route history_routes[7];
