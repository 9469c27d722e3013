#include "engine/durations.h"

#include <stdint.h>

#define STEPS_MAX 100000 /* of one id: a sanity limit; Kokoro's own is 50 at speed 1 */

size_t *durations_starts(const struct tensor *durations, size_t id_count, size_t samples)
{
    struct err why = { 0 };
    int64_t total = 0;

    if (durations->count != id_count || id_count == 0 || samples == 0)
        return NULL;
    int64_t *steps = xcalloc(id_count, sizeof *steps);
    bool ok = tensor_to_int64(durations, "durations", 0, STEPS_MAX, steps, &why);
    for (size_t i = 0; ok && i < id_count; i++)
        total += steps[i];
    size_t *starts = NULL;
    if (ok && total > 0 && samples % (size_t)total == 0) {
        size_t step = samples / (size_t)total;

        starts = xcalloc(id_count + 1, sizeof *starts);
        for (size_t i = 0; i < id_count; i++)
            starts[i + 1] = starts[i] + (size_t)steps[i] * step;
    }
    free(steps);
    return starts;
}
