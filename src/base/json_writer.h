#pragma once

/*
 * JSON written straight into a buffer: no tree in between, so that a long answer
 * costs its bytes and no more. Reading is jansson's (base/json.h); its printer
 * is some fifty times slower than this (docs/dependencies.md), which would be
 * most of an answer's time.
 *
 *     struct json_writer w = JSON_WRITER(&buf);
 *     json_write_object_begin(&w, NULL);
 *     json_write_text(&w, "title", title);
 *     json_write_array_begin(&w, "segments"); … json_write_array_end(&w);
 *     json_write_object_end(&w);
 *
 * key is the member's name inside an object and NULL inside an array or at the
 * top. Wrong nesting is a bug and asserts. Text is valid UTF-8. Failures are the
 * buffer's own (buf_ok). One thread at a time.
 */

#include <stdint.h>

#include "base/buf.h"

#define JSON_WRITER_DEPTH_MAX 32

struct json_writer {
    struct buf *out; /* borrowed */
    int depth;
    bool has_member[JSON_WRITER_DEPTH_MAX];
    bool is_array[JSON_WRITER_DEPTH_MAX];
};

#define JSON_WRITER(buffer) ((struct json_writer){ .out = (buffer) })

void json_write_object_begin(struct json_writer *w, const char *key);
void json_write_object_end(struct json_writer *w);
void json_write_array_begin(struct json_writer *w, const char *key);
void json_write_array_end(struct json_writer *w);

void json_write_text(struct json_writer *w, const char *key,
                     const char *text); /* NULL gives null */
void json_write_text_n(struct json_writer *w, const char *key, const char *text, size_t length);
void json_write_int(struct json_writer *w, const char *key, int64_t value);
void json_write_number(struct json_writer *w, const char *key,
                       double value); /* shortest; NaN: null */
void json_write_bool(struct json_writer *w, const char *key, bool value);
void json_write_null(struct json_writer *w, const char *key);

/* A value that is JSON already. */
void json_write_raw(struct json_writer *w, const char *key, const char *json, size_t length);
