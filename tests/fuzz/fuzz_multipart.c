/* Any bytes as a form, read whole and cut in pieces: both see the same parts. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/multipart.h"

#define TYPE "multipart/form-data; boundary=B"
#define SEEN_MAX (1 << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_begin(void *state, const struct multipart_part *part, struct err *err)
{
    (void)err;
    buf_format(state, "%s|%s|%s|", part->name, part->filename ? part->filename : "",
               part->media_type ? part->media_type : "");
    return true;
}

static bool on_data(void *state, const void *bytes, size_t length, struct err *err)
{
    (void)err;
    buf_append(state, bytes, length);
    return true;
}

static bool on_end(void *state, struct err *err)
{
    (void)err;
    buf_append_char(state, '\n');
    return true;
}

static bool read_form(const uint8_t *data, size_t size, size_t step, struct buf *seen)
{
    const struct multipart_sink sink = { on_begin, on_data, on_end, seen };
    struct err err = { 0 };
    struct multipart *multipart = multipart_create(TYPE, &sink, &err);
    bool ok = true;

    for (size_t at = 0; ok && at < size; at += step)
        ok = multipart_push(multipart, data + at, size - at < step ? size - at : step, &err);
    ok = ok && multipart_finish(multipart, &err);
    if (!ok && err.kind != ERR_INVALID)
        abort();
    multipart_destroy(multipart);
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
