#include "http/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/utf8.h"
#include "http/parameter.h"

#define BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */
#define DELIMITER_MAX (4 + BOUNDARY_MAX)
#define PADDING_MAX 64 /* blanks after a boundary; the RFC has no limit */
#define STEP 16384     /* bytes taken from the caller at a time */

/* What may be left undecided between two pushes: headers, or a delimiter and its line's end. */
#define REST_MAX (MULTIPART_HEADERS_MAX + DELIMITER_MAX + PADDING_MAX)

enum state {
    PREAMBLE, /* before the first boundary; ignored */
    HEADERS,  /* from the line's end after a boundary to the empty line */
    CONTENT,
    EPILOGUE, /* after the last boundary; ignored */
};

struct multipart {
    struct multipart_sink sink;
    enum state state;

    char delimiter[DELIMITER_MAX + 1]; /* "\r\n--" and the boundary */
    size_t delimiter_length;

    size_t length; /* of what is in bytes */
    char bytes[REST_MAX + STEP];
};

/* bchars of RFC 2046, 5.1.1. */
static bool is_boundary(const char *text)
{
    size_t length = strlen(text);

    return length > 0 && length <= BOUNDARY_MAX && text[length - 1] != ' ' &&
           strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "'()+_,-./:=? ") == length;
}

struct multipart *multipart_create(const char *content_type, const struct multipart_sink *sink,
                                   struct err *err)
{
    struct buf boundary = BUF(BOUNDARY_MAX + 1);
    struct multipart *multipart = NULL;

    if (header_parameter(content_type, "boundary", &boundary) && boundary.data &&
        is_boundary(boundary.data)) {
        multipart = xcalloc(1, sizeof *multipart);
        multipart->sink = *sink;
        multipart->delimiter_length = (size_t)snprintf(
            multipart->delimiter, sizeof multipart->delimiter, "\r\n--%s", boundary.data);
        /* The first boundary may stand at the very beginning, without a line before it. */
        memcpy(multipart->bytes, "\r\n", 2);
        multipart->length = 2;
    } else {
        err_set(err, ERR_INVALID,
                "The form cannot be read: its Content-Type has no boundary of 1 to %d characters.",
                BOUNDARY_MAX);
    }
    buf_release(&boundary);
    return multipart;
}

void multipart_destroy(struct multipart *multipart)
{
    free(multipart);
}

/* The value of the header line, or NULL when it is another header's. */
static const char *value_of(const char *line, const char *name)
{
    size_t length = strlen(name);

    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    line += length + 1;
    return line + strspn(line, " \t");
}

/* Text for a name: UTF-8, no control characters, at most max bytes. */
static bool check_name(const struct buf *name, const char *what, size_t max, struct err *err)
{
    if (name->failed)
        return err_set(err, ERR_INVALID, "A %s in the form is longer than %zu bytes.", what, max);
    if (name->len > 0 && !utf8_check(name->data, name->len, what, err))
        return false;
    for (size_t i = 0; i < name->len; i++)
        if ((unsigned char)name->data[i] < ' ' || name->data[i] == 0x7f)
            return err_set(err, ERR_INVALID, "A %s in the form has a control character.", what);
    return true;
}

/* Some clients send the whole path. */
static const char *base_name(const char *filename)
{
    const char *base = path_base(filename);
    const char *backslash = strrchr(base, '\\');

    return backslash ? backslash + 1 : base;
}

/* Tells the sink of the part that a Content-Disposition and a Content-Type describe. */
static bool begin_part(struct multipart *multipart, const char *disposition, const char *type,
                       struct err *err)
{
    struct buf name = BUF(MULTIPART_NAME_MAX), filename = BUF(MULTIPART_FILENAME_MAX);
    struct buf media_type = BUF(MULTIPART_HEADERS_MAX);
    struct multipart_part part = { 0 };
    bool ok = false;

    if (!header_value_is(disposition, "form-data") ||
        !(header_parameter(disposition, "name", &name) ||
          header_parameter_extended(disposition, "name", &name))) {
        err_set(err, ERR_INVALID,
                "A part of the form has no header Content-Disposition: form-data with a name.");
        goto out;
    }
    bool is_file = header_parameter_extended(disposition, "filename", &filename);
    if (!is_file) {
        buf_clear(&filename);
        is_file = header_parameter(disposition, "filename", &filename);
    }
    if (!check_name(&name, "field name", MULTIPART_NAME_MAX, err) ||
        !check_name(&filename, "file name", MULTIPART_FILENAME_MAX, err))
        goto out;
    if (type)
        buf_append(&media_type, type, strcspn(type, "; \t"));
    part.name = name.data ? name.data : "";
    if (is_file)
        part.filename = filename.data ? base_name(filename.data) : "";
    part.media_type = media_type.len > 0 ? media_type.data : NULL;
    ok = multipart->sink.begin(multipart->sink.state, &part, err);
out:
    buf_release(&name);
    buf_release(&filename);
    buf_release(&media_type);
    return ok;
}

/* headers: lines, each after its CRLF, with room for a NUL behind. Changed here. */
static bool read_headers(struct multipart *multipart, char *headers, size_t length, struct err *err)
{
    const char *disposition = NULL, *type = NULL;
    char *line = length > 0 ? headers + 2 : NULL;

    if (memchr(headers, '\0', length))
        return err_set(err, ERR_INVALID, "A part of the form has a NUL byte in its headers.");
    headers[length] = '\0';
    while (line) {
        char *end = strstr(line, "\r\n");

        while (end && (end[2] == ' ' || end[2] == '\t')) { /* a folded line goes on */
            end[0] = end[1] = ' ';
            end = strstr(end, "\r\n");
        }
        if (end)
            *end = '\0';
        const char *value = value_of(line, "Content-Disposition");
        disposition = value ? value : disposition;
        value = value_of(line, "Content-Type");
        type = value ? value : type;
        line = end ? end + 2 : NULL;
    }
    return begin_part(multipart, disposition, type, err);
}

/* Both of these look at the bytes from *at, move it past what they could decide, and set *is_done
 * when the rest has to wait for more. */

static bool take_headers(struct multipart *multipart, size_t *at, bool *is_done, struct err *err)
{
    char *start = multipart->bytes + *at;
    size_t left = multipart->length - *at;
    char *end = memmem(start, left, "\r\n\r\n", 4);

    if ((end ? (size_t)(end - start) : left) > MULTIPART_HEADERS_MAX)
        return err_set(err, ERR_INVALID, "A part of the form has headers of more than %d bytes.",
                       MULTIPART_HEADERS_MAX);
    *is_done = !end;
    if (!end)
        return true;
    *at += (size_t)(end - start) + 4;
    multipart->state = CONTENT;
    return read_headers(multipart, start, (size_t)(end - start), err);
}

/* What the bytes behind a delimiter make of it. */
enum delimiter { UNDECIDED, NO_DELIMITER, NEXT_PART, LAST };

/* *padding: the blanks before the line's end. */
static enum delimiter judge(const char *behind, size_t left, size_t *padding)
{
    size_t i = 0;

    *padding = 0;
    if (left > 0 && behind[0] == '-')
        return left == 1 ? UNDECIDED : behind[1] == '-' ? LAST : NO_DELIMITER;
    while (i < left && i < PADDING_MAX && (behind[i] == ' ' || behind[i] == '\t'))
        i++;
    *padding = i;
    if (i == left || (i + 1 == left && behind[i] == '\r'))
        return UNDECIDED;
    return behind[i] == '\r' && behind[i + 1] == '\n' ? NEXT_PART : NO_DELIMITER;
}

static bool emit(struct multipart *multipart, const char *bytes, size_t length, struct err *err)
{
    if (multipart->state == PREAMBLE || length == 0)
        return true;
    return multipart->sink.data(multipart->sink.state, bytes, length, err);
}

static bool take_content(struct multipart *multipart, size_t *at, bool *is_done, struct err *err)
{
    const char *start = multipart->bytes + *at, *end = multipart->bytes + multipart->length;
    const char *hit =
        memmem(start, (size_t)(end - start), multipart->delimiter, multipart->delimiter_length);
    size_t padding;

    *is_done = true;
    if (!hit) { /* all but what may be a delimiter's beginning */
        size_t left = (size_t)(end - start), kept = multipart->delimiter_length - 1;

        *at += left > kept ? left - kept : 0;
        return emit(multipart, start, left > kept ? left - kept : 0, err);
    }
    *at += (size_t)(hit - start);
    if (!emit(multipart, start, (size_t)(hit - start), err))
        return false;
    const char *behind = hit + multipart->delimiter_length;
    enum delimiter kind = judge(behind, (size_t)(end - behind), &padding);
    if (kind == UNDECIDED)
        return true;
    *is_done = false;
    *at += multipart->delimiter_length;
    if (kind == NO_DELIMITER) /* content that begins like one */
        return emit(multipart, hit, multipart->delimiter_length, err);
    bool ended = multipart->state == PREAMBLE || multipart->sink.end(multipart->sink.state, err);
    multipart->state = kind == LAST ? EPILOGUE : HEADERS;
    *at += padding; /* the headers begin with the line's end */
    return ended;
}

static bool process(struct multipart *multipart, struct err *err)
{
    bool ok = true, is_done = false;
    size_t at = 0;

    while (ok && !is_done) {
        switch (multipart->state) {
        case PREAMBLE:
        case CONTENT:
            ok = take_content(multipart, &at, &is_done, err);
            break;
        case HEADERS:
            ok = take_headers(multipart, &at, &is_done, err);
            break;
        case EPILOGUE:
            at = multipart->length;
            is_done = true;
            break;
        }
    }
    multipart->length -= at;
    memmove(multipart->bytes, multipart->bytes + at, multipart->length);
    return ok;
}

bool multipart_push(struct multipart *multipart, const void *bytes, size_t length, struct err *err)
{
    const char *from = bytes;

    while (length > 0) {
        size_t step = length < STEP ? length : STEP;

        memcpy(multipart->bytes + multipart->length, from, step);
        multipart->length += step;
        from += step;
        length -= step;
        if (!process(multipart, err))
            return false;
    }
    return true;
}

bool multipart_finish(const struct multipart *multipart, struct err *err)
{
    switch (multipart->state) {
    case EPILOGUE:
        return true;
    case PREAMBLE:
        return err_set(err, ERR_INVALID,
                       "The body is not a form: the boundary its Content-Type names is not in it.");
    case HEADERS:
    case CONTENT:
        break;
    }
    return err_set(err, ERR_INVALID, "The form is cut off: its closing boundary is missing.");
}
