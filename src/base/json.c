#include "base/json.h"

#include "base/file.h"

/* Recursion ends at the limit. */
static bool is_deeper(const json_t *value, int limit)
{
    const json_t *item;
    const char *key;
    size_t i;

    if (!json_is_object(value) && !json_is_array(value))
        return false;
    if (limit == 0)
        return true;
    json_array_foreach(value, i, item)
    {
        if (is_deeper(item, limit - 1))
            return true;
    }
    json_object_foreach((json_t *)value, key, item)
    {
        if (is_deeper(item, limit - 1))
            return true;
    }
    return false;
}

/* The library's sentence, but where it names one of its own flags. */
static const char *reason_of(const json_error_t *error)
{
    if (json_error_code(error) == json_error_null_character)
        return "a NUL character in a string";
    return error->text;
}

json_t *json_parse(const char *text, size_t length, const char *what, struct err *err)
{
    json_error_t error;
    json_t *root = json_loadb(text ? text : "", length, JSON_REJECT_DUPLICATES, &error);

    if (!root) {
        err_set(err, ERR_INVALID, "%s, line %d: %s.", what, error.line, reason_of(&error));
    } else if (is_deeper(root, JSON_DEPTH_MAX)) {
        err_set(err, ERR_INVALID, "%s: objects and arrays nested more than %d deep.", what,
                JSON_DEPTH_MAX);
        json_decref(root);
        root = NULL;
    }
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
