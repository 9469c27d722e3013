#pragma once

/* What several measurements of the same thing say. */

#include <stddef.h>

struct spread {
    double median, least, most;
};

/* Of at least one value. */
struct spread spread_of(const double *values, size_t count);

/* How often a goes into b: the ratio of their medians, and the least and the most of what was measured
 * side by side. */
struct spread spread_ratio(const double *b, const double *a, size_t count);
