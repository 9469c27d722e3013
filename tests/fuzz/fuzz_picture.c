/* Any bytes as a picture: what is accepted has a size, and is refused once its end is missing. */

#include <stdint.h>
#include <stdlib.h>

#include "studio/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct picture picture;
    struct err err = { 0 };

    if (!picture_parse(data, size, &picture, &err)) {
        if (err.kind == ERR_NONE || !err.message[0])
            abort();
        return 0;
    }
    if (picture.width < 1 || picture.width > PICTURE_SIDE_MAX || picture.height < 1 ||
        picture.height > PICTURE_SIDE_MAX)
        abort();
    /* No end of any of the formats lies within its first bytes. */
    if (picture_parse(data, size < 20 ? size / 2 : 20, &picture, &err))
        abort();
    return 0;
}
