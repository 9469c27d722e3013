#include "studio/narration.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "text/origin.h"

#define VERSION 1
#define WORD_NUMBERS 4 /* input start and end, first and last frame */

void narration_row_release(struct narration_row *row)
{
    free(row->file);
    word_list_release(&row->words);
    *row = (struct narration_row){ 0 };
}

void narration_release(struct narration *narration)
{
    for (size_t i = 0; i < narration->count; i++)
        narration_row_release(&narration->rows[i]);
    free(narration->rows);
    free(narration->title);
    *narration = (struct narration){ 0 };
}

void narration_push(struct narration *narration, struct narration_row *row)
{
    ARRAY_GROW(narration->rows, narration->count, narration->capacity);
    narration->rows[narration->count++] = *row;
    *row = (struct narration_row){ 0 };
}

bool narration_row_is_whole(const struct narration_row *row, const char *folder)
{
    char *path = path_join(folder, row->file);
    struct stat st;
    bool is_whole =
        stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == row->bytes;

    free(path);
    return is_whole;
}

static json_t *words_to_json(const struct word_list *words)
{
    json_t *array = json_array();

    for (size_t i = 0; i < words->count; i++) {
        const struct spoken_word *word = &words->words[i];

        json_array_append_new(array, json_integer(word->input_start));
        json_array_append_new(array, json_integer(word->input_end));
        json_array_append_new(array, json_integer((json_int_t)word->start_frame));
        json_array_append_new(array, json_integer((json_int_t)word->end_frame));
    }
    return array;
}

static json_t *row_to_json(const struct narration_row *row)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:i, s:o}", "file", row->file, "hash", row->hash,
                     "bytes", (json_int_t)row->bytes, "frames", (json_int_t)row->frames, "rate_hz",
                     row->rate_hz, "words", words_to_json(&row->words));
}

bool narration_save(const struct narration *narration, const char *folder, size_t *bytes,
                    struct err *err)
{
    char *path = path_join(folder, NARRATION_FILE);
    json_t *rows = json_array();

    for (size_t i = 0; i < narration->count; i++)
        json_array_append_new(rows, row_to_json(&narration->rows[i]));
    json_t *root =
        json_pack("{s:i, s:s, s:s, s:I, s:o}", "version", VERSION, "title",
                  narration->title ? narration->title : "", "book_hash", narration->book_hash,
                  "book_bytes", (json_int_t)narration->book_bytes, "recordings", rows);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    bool ok = text ? file_write(path, text, strlen(text), err)
                   : err_set(err, ERR_INTERNAL, "Cannot write %s: out of memory.", path);

    *bytes = text ? strlen(text) : 0;
    free(text);
    json_decref(root);
    free(path);
    return ok;
}

/* A recording's name, without a folder: stale ones are removed, and the manifest of a stranger must
 * not make us remove other files. */
static bool is_recording_name(const char *name)
{
    static const char ending[] = ".wav";
    size_t length = strlen(name);

    return length >= sizeof ending && *name != '.' && !strchr(name, '/') &&
           strcmp(name + length - strlen(ending), ending) == 0;
}

static bool read_words(const json_t *array, struct word_list *words)
{
    size_t count = json_array_size(array);

    if (!json_is_array(array) || count % WORD_NUMBERS != 0)
        return false;
    for (size_t i = 0; i < count; i += WORD_NUMBERS) {
        json_int_t n[WORD_NUMBERS];

        for (size_t k = 0; k < WORD_NUMBERS; k++) {
            n[k] = json_integer_value(json_array_get(array, i + k));
            if (n[k] < 0 || n[k] > (k < 2 ? (json_int_t)TEXT_LIMIT : INT64_MAX / 2))
                return false;
        }
        ARRAY_GROW(words->words, words->count, words->capacity);
        words->words[words->count++] = (struct spoken_word){
            .input_start = (uint32_t)n[0],
            .input_end = (uint32_t)n[1],
            .start_frame = (size_t)n[2],
            .end_frame = (size_t)n[3],
        };
    }
    return true;
}

static bool read_row(json_t *object, struct narration_row *row)
{
    const char *file, *hash;
    json_int_t bytes, frames;
    json_t *words;

    if (json_unpack(object, "{s:s, s:s, s:I, s:I, s:i, s:o}", "file", &file, "hash", &hash, "bytes",
                    &bytes, "frames", &frames, "rate_hz", &row->rate_hz, "words", &words) != 0 ||
        bytes < 0 || frames < 0 || row->rate_hz <= 0 || strlen(hash) != SHA256_HEX - 1 ||
        !is_recording_name(file))
        return false;
    memcpy(row->hash, hash, SHA256_HEX);
    row->file = xstrdup(file);
    row->bytes = (uint64_t)bytes;
    row->frames = (uint64_t)frames;
    return read_words(words, &row->words);
}

static bool read_root(json_t *root, struct narration *out)
{
    const char *title, *book_hash;
    json_int_t book_bytes;
    json_t *rows;
    int version;

    if (json_unpack(root, "{s:i, s:s, s:s, s:I, s:o}", "version", &version, "title", &title,
                    "book_hash", &book_hash, "book_bytes", &book_bytes, "recordings", &rows) != 0 ||
        version != VERSION || !json_is_array(rows) || strlen(book_hash) >= SHA256_HEX)
        return false;
    out->title = xstrdup(title);
    memcpy(out->book_hash, book_hash, strlen(book_hash) + 1);
    out->book_bytes = (uint64_t)book_bytes;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct narration_row row = { 0 };

        if (!read_row(json_array_get(rows, i), &row)) {
            narration_row_release(&row);
            return false;
        }
        narration_push(out, &row);
    }
    return true;
}

bool narration_load(struct narration *out, const char *folder, struct err *err)
{
    char *path = path_join(folder, NARRATION_FILE);
    bool ok = true;

    *out = (struct narration){ 0 };
    if (file_exists(path)) {
        struct err why;
        json_t *root = json_parse_file(path, NARRATION_LIMIT, &why);

        ok = root && read_root(root, out);
        if (!ok && !root && (why.kind == ERR_IO || why.kind == ERR_NOT_FOUND))
            *err = why;
        else if (!ok)
            err_set(err, ERR_CORRUPT,
                    "%s is no manifest of this version. Take another folder, or narrate everything "
                    "anew with --force.",
                    path);
        json_decref(root);
        if (!ok)
            narration_release(out);
    }
    free(path);
    return ok;
}
