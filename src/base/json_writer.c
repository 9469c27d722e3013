#include "base/json_writer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_string(struct buf *out, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    size_t start = 0;

    buf_append_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= ' ' && c != '"' && c != '\\')
            continue;
        buf_append(out, text + start, i - start);
        start = i + 1;
        switch (c) {
        case '"':
            buf_append(out, "\\\"", 2);
            break;
        case '\\':
            buf_append(out, "\\\\", 2);
            break;
        case '\n':
            buf_append(out, "\\n", 2);
            break;
        case '\r':
            buf_append(out, "\\r", 2);
            break;
        case '\t':
            buf_append(out, "\\t", 2);
            break;
        default:
            buf_append(out, (const char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
            break;
        }
    }
    buf_append(out, text + start, length - start);
    buf_append_char(out, '"');
}

/* The comma and the key before a value. */
static void begin_value(struct json_writer *w, const char *key)
{
    if (w->depth == 0) {
        assert(!key);
        return;
    }
    assert(w->is_array[w->depth - 1] == !key);
    if (w->has_member[w->depth - 1])
        buf_append_char(w->out, ',');
    w->has_member[w->depth - 1] = true;
    if (key) {
        write_string(w->out, key, strlen(key));
        buf_append_char(w->out, ':');
    }
}

static void open_level(struct json_writer *w, const char *key, bool is_array)
{
    begin_value(w, key);
    assert(w->depth < JSON_WRITER_DEPTH_MAX);
    w->is_array[w->depth] = is_array;
    w->has_member[w->depth] = false;
    w->depth++;
    buf_append_char(w->out, is_array ? '[' : '{');
}

static void close_level(struct json_writer *w, bool is_array)
{
    assert(w->depth > 0 && w->is_array[w->depth - 1] == is_array);
    w->depth--;
    buf_append_char(w->out, is_array ? ']' : '}');
}

void json_write_object_begin(struct json_writer *w, const char *key)
{
    open_level(w, key, false);
}

void json_write_object_end(struct json_writer *w)
{
    close_level(w, false);
}

void json_write_array_begin(struct json_writer *w, const char *key)
{
    open_level(w, key, true);
}

void json_write_array_end(struct json_writer *w)
{
    close_level(w, true);
}

void json_write_text(struct json_writer *w, const char *key, const char *text)
{
    if (text)
        json_write_text_n(w, key, text, strlen(text));
    else
        json_write_null(w, key);
}

void json_write_text_n(struct json_writer *w, const char *key, const char *text, size_t length)
{
    begin_value(w, key);
    write_string(w->out, text, length);
}

void json_write_int(struct json_writer *w, const char *key, int64_t value)
{
    char digits[24];

    begin_value(w, key);
    buf_append(w->out, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value));
}

/* The fewest digits that read back as the same double: 17 always do, 15 mostly. */
static int format_shortest(char *out, size_t size, double value)
{
    int length = 0;

    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(out, size, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return length;
}

void json_write_number(struct json_writer *w, const char *key, double value)
{
    char digits[32];

    if (!isfinite(value)) {
        json_write_null(w, key);
        return;
    }
    begin_value(w, key);
    buf_append(w->out, digits, (size_t)format_shortest(digits, sizeof digits, value));
}

void json_write_bool(struct json_writer *w, const char *key, bool value)
{
    begin_value(w, key);
    buf_append_str(w->out, value ? "true" : "false");
}

void json_write_null(struct json_writer *w, const char *key)
{
    begin_value(w, key);
    buf_append(w->out, "null", 4);
}

void json_write_raw(struct json_writer *w, const char *key, const char *json, size_t length)
{
    begin_value(w, key);
    buf_append(w->out, json, length);
}
