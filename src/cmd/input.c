#include "cmd/input.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"

static bool join_arguments(const struct arguments *arguments, struct buf *out, struct err *err)
{
    for (int i = 0; i < arguments->count; i++) {
        if (i > 0)
            buf_append_char(out, ' ');
        buf_append_str(out, arguments->values[i]);
    }
    return buf_ok(out, "text", err);
}

bool input_read(const struct arguments *arguments, const char *file, struct buf *out,
                struct err *err)
{
    bool is_dash = arguments->count == 1 && strcmp(arguments->values[0], "-") == 0;

    if (file && arguments->count > 0)
        return err_set(err, ERR_INVALID, "Give a text or --file, not both.");
    if (file)
        return file_read(file, out, err);
    if (is_dash || (arguments->count == 0 && !isatty(STDIN_FILENO)))
        return file_read("-", out, err);
    if (arguments->count == 0)
        return err_set(err, ERR_INVALID, "Give a text, --file, or - for standard input.");
    return join_arguments(arguments, out, err);
}
