#pragma once

/* What a reader of forms sees, as text: "name|filename|type|content\n" for each part. */

#include "base/buf.h"
#include "http/multipart.h"

static inline bool form_text_begin(void *state, const struct multipart_part *part, struct err *err)
{
    (void)err;
    buf_format(state, "%s|%s|%s|", part->name, part->filename ? part->filename : "-",
               part->media_type ? part->media_type : "-");
    return true;
}

static inline bool form_text_data(void *state, const void *bytes, size_t length, struct err *err)
{
    (void)err;
    buf_append(state, bytes, length);
    return true;
}

static inline bool form_text_end(void *state, struct err *err)
{
    (void)err;
    buf_append_char(state, '\n');
    return true;
}

/* Pushes a body of this content type in pieces of step bytes. */
static inline bool form_text(const char *type, const void *body, size_t length, size_t step,
                             struct buf *out, struct err *err)
{
    const struct multipart_sink sink = { form_text_begin, form_text_data, form_text_end, out };
    struct multipart *multipart = multipart_create(type, &sink, err);
    bool ok = multipart != NULL;

    for (size_t at = 0; ok && at < length; at += step)
        ok = multipart_push(multipart, (const char *)body + at,
                            length - at < step ? length - at : step, err);
    ok = ok && multipart_finish(multipart, err);
    multipart_destroy(multipart);
    return ok;
}
