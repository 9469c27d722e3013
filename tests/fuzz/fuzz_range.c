/* Any bytes as a Range header for a file of any size: ranges are in the file and apart. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ranges ranges;
    uint64_t file_size;

    if (size < sizeof file_size)
        return 0;
    memcpy(&file_size, data, sizeof file_size);
    char *header = calloc(1, size - sizeof file_size + 1);
    memcpy(header, data + sizeof file_size, size - sizeof file_size);
    enum range_answer answer = range_parse(header, file_size, &ranges);
    free(header);
    if ((answer == RANGE_PARTIAL) != (ranges.count > 0) && answer != RANGE_WHOLE)
        abort();
    if (answer != RANGE_PARTIAL)
        return 0;
    for (size_t i = 0; i < ranges.count; i++) {
        const struct range *a = &ranges.items[i];

        if (a->first > a->last || a->last >= file_size)
            abort();
        for (size_t k = 0; k < i; k++)
            if (ranges.items[k].first <= a->last && a->first <= ranges.items[k].last)
                abort();
    }
    return 0;
}
