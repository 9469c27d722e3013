/* Any bytes as a form, read whole and cut in pieces: both see the same parts. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/http/form_text.h"

#define TYPE "multipart/form-data; boundary=B"
#define SEEN_MAX (1 << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_form(const uint8_t *data, size_t size, size_t step, struct buf *seen)
{
    struct err err = { 0 };
    bool ok = form_text(TYPE, data, size, step, seen, &err);

    if (!ok && err.kind != ERR_INVALID)
        abort();
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF(SEEN_MAX), cut = BUF(SEEN_MAX);

    if (size < 2)
        return 0;
    size_t step = data[0] % 64 + 1u;
    bool ok = read_form(data + 1, size - 1, size, &whole);
    if (read_form(data + 1, size - 1, step, &cut) != ok)
        abort();
    if (ok && (whole.len != cut.len || (whole.len > 0 && memcmp(whole.data, cut.data, cut.len))))
        abort();
    buf_release(&whole);
    buf_release(&cut);
    return 0;
}
