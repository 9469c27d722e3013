#include "base/json.h"

#include "base/file.h"

json_t *json_parse(const char *text, size_t length, const char *what, struct err *err)
{
    json_error_t error;
    json_t *root = json_loadb(text ? text : "", length, JSON_REJECT_DUPLICATES, &error);

    if (!root)
        err_set(err, ERR_INVALID, "%s, line %d: %s.", what, error.line, error.text);
    return root;
}

json_t *json_parse_file(const char *path, size_t max, struct err *err)
{
    struct buf bytes = BUF(max);
    json_t *root = NULL;

    if (file_read(path, &bytes, err))
        root = json_parse(bytes.data, bytes.len, path, err);
    buf_release(&bytes);
    return root;
}
