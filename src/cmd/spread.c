#include "cmd/spread.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct spread spread_of(const double *values, size_t count)
{
    double *sorted = xcalloc(count, sizeof *sorted);

    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    struct spread out = { (sorted[(count - 1) / 2] + sorted[count / 2]) / 2, sorted[0],
                          sorted[count - 1] };
    free(sorted);
    return out;
}

struct spread spread_ratio(const double *b, const double *a, size_t count)
{
    double *pairs = xcalloc(count, sizeof *pairs);

    for (size_t i = 0; i < count; i++)
        pairs[i] = b[i] / a[i];
    struct spread out = spread_of(pairs, count);
    out.median = spread_of(b, count).median / spread_of(a, count).median;
    free(pairs);
    return out;
}
