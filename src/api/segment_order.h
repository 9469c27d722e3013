#pragma once

/* What is wrong with an order of a project's segments. Pure; any thread. */

#include "api/shape.h"
#include "store/segments.h"

/* Adds one mistake of "order" for each kind: ids that stand twice, that are not the project's, and
 * segments that are not named. The first few ids of each are named. */
void segment_order_explain(const struct text_items *order, const struct segment_list *segments,
                           struct field_errors *errors);
