#include "engine/style.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "engine/npy.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "style files are little-endian floats");

#define ROW_BYTES (STYLE_COLUMNS * sizeof(float))
#define TABLE_BYTES_MAX (STYLE_ROWS_MAX * ROW_BYTES)
#define NPY_BYTES_MAX (TABLE_BYTES_MAX + 8192)
#define JSON_BYTES_MAX (128U << 20) /* v0.19's voices.json has about 50 MB */
#define ARCHIVE_BLOCK 65536
#define TEXT_PROBE 64
#define KVO1_HEADER 12

void style_table_destroy(struct style_table *table)
{
    if (!table)
        return;
    free(table->values);
    free(table);
}

const float *style_table_row(const struct style_table *table, size_t tokens)
{
    size_t row = tokens < table->rows ? tokens : table->rows - 1;

    return table->values + row * STYLE_COLUMNS;
}

void style_names_release(struct style_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct style_names){ 0 };
}

/* An empty table for this many floats; NULL when they are not whole rows, or too many. */
static struct style_table *table_create(size_t count, const char *what, struct err *err)
{
    size_t rows = count / STYLE_COLUMNS;

    if (count % STYLE_COLUMNS != 0 || rows == 0 || rows > STYLE_ROWS_MAX) {
        err_set(err, ERR_CORRUPT,
                "%s is no voice: a voice is a table of 1 to %d rows of %d numbers.", what,
                STYLE_ROWS_MAX, STYLE_COLUMNS);
        return NULL;
    }
    struct style_table *table = xcalloc(1, sizeof *table);
    table->rows = rows;
    table->values = xcalloc(count, sizeof *table->values);
    return table;
}

/* Takes the table; NULL when a value is not finite, which would make noise of every sentence. */
static struct style_table *table_checked(struct style_table *table, const char *what,
                                         struct err *err)
{
    for (size_t i = 0; table && i < table->rows * STYLE_COLUMNS; i++) {
        if (isfinite(table->values[i]))
            continue;
        err_set(err, ERR_CORRUPT, "%s is no voice: not all of its numbers are finite.", what);
        style_table_destroy(table);
        return NULL;
    }
    return table;
}

static struct style_table *table_from_floats(const uint8_t *bytes, size_t count, const char *what,
                                             struct err *err)
{
    struct style_table *table = table_create(count, what, err);

    if (table)
        memcpy(table->values, bytes, count * sizeof(float));
    return table_checked(table, what, err);
}

/* --- which form a file has --- */

enum style_form { FORM_NPZ, FORM_JSON, FORM_KVO1, FORM_BARE };

/* Bare floats can begin with any byte, '{' too, so JSON has to look like text for a while. */
static bool looks_like_json(const uint8_t *bytes, size_t length)
{
    if (length == 0 || bytes[0] != '{')
        return false;
    for (size_t i = 0; i < length && i < TEXT_PROBE; i++)
        if (!isprint(bytes[i]) && !isspace(bytes[i]))
            return false;
    return true;
}

static enum style_form form_of(const struct file_map *map)
{
    if (map->length >= 4 && memcmp(map->bytes, "PK\3\4", 4) == 0)
        return FORM_NPZ;
    if (map->length >= 4 && memcmp(map->bytes, "KVO1", 4) == 0)
        return FORM_KVO1;
    return looks_like_json(map->bytes, map->length) ? FORM_JSON : FORM_BARE;
}

static bool add_name(struct style_names *names, const char *name, size_t length, const char *path,
                     struct err *err)
{
    if (names->count == STYLE_VOICES_MAX)
        return err_set(err, ERR_TOO_LARGE, "%s holds more than %d voices.", path, STYLE_VOICES_MAX);
    ARRAY_GROW(names->items, names->count, names->capacity);
    names->items[names->count++] = xstrndup(name, length);
    return true;
}

/* --- NPZ: a ZIP of <voice>.npy --- */

static struct archive *npz_open(const struct file_map *map, const char *path, struct err *err)
{
    struct archive *archive = archive_read_new();

    if (archive && archive_read_support_format_zip(archive) == ARCHIVE_OK &&
        archive_read_open_memory(archive, map->bytes, map->length) == ARCHIVE_OK)
        return archive;
    err_set(err, ERR_CORRUPT, "%s cannot be opened as an NPZ archive.", path);
    archive_read_free(archive);
    return NULL;
}

/* The next array: 1, its name in *name with *length; 0 at the end; -1 on failure. */
static int npz_next(struct archive *archive, const char *path, const char **name, size_t *length,
                    struct err *err)
{
    struct archive_entry *entry;

    for (;;) {
        int result = archive_read_next_header(archive, &entry);

        if (result == ARCHIVE_EOF)
            return 0;
        if (result < ARCHIVE_WARN) {
            err_set(err, ERR_CORRUPT, "%s is damaged: %s.", path, archive_error_string(archive));
            return -1;
        }
        *name = archive_entry_pathname(entry);
        *length = *name ? strlen(*name) : 0;
        if (*length > 4 && strcmp(*name + *length - 4, ".npy") == 0) {
            *length -= 4;
            return 1;
        }
    }
}

static bool npz_list(const struct file_map *map, const char *path, struct style_names *names,
                     struct err *err)
{
    struct archive *archive = npz_open(map, path, err);
    const char *name;
    size_t length;
    int more;

    if (!archive)
        return false;
    while ((more = npz_next(archive, path, &name, &length, err)) > 0) {
        if (!add_name(names, name, length, path, err)) {
            more = -1;
            break;
        }
    }
    archive_read_free(archive);
    return more == 0;
}

static struct style_table *npz_read_table(struct archive *archive, const char *what,
                                          struct err *err)
{
    struct buf bytes = BUF(NPY_BYTES_MAX);
    struct style_table *table = NULL;
    struct npy npy;
    char *block = xmalloc(ARCHIVE_BLOCK);
    la_ssize_t n;

    while ((n = archive_read_data(archive, block, ARCHIVE_BLOCK)) > 0)
        buf_append(&bytes, block, (size_t)n);
    if (n < 0)
        err_set(err, ERR_CORRUPT, "%s is damaged: %s.", what, archive_error_string(archive));
    else if (buf_ok(&bytes, what, err) &&
             npy_read((const uint8_t *)bytes.data, bytes.len, what, &npy, err)) {
        if (npy.last == STYLE_COLUMNS)
            table = table_from_floats(npy.elements, npy.count, what, err);
        else
            err_set(err, ERR_CORRUPT, "%s is no voice: its rows have %zu numbers, not %d.", what,
                    npy.last, STYLE_COLUMNS);
    }
    free(block);
    buf_release(&bytes);
    return table;
}

static struct style_table *npz_load(const struct file_map *map, const char *path, const char *name,
                                    struct err *err)
{
    struct archive *archive = npz_open(map, path, err);
    struct style_table *table = NULL;
    const char *found;
    size_t length;
    int more = -1;

    if (!archive)
        return NULL;
    while ((more = npz_next(archive, path, &found, &length, err)) > 0)
        if (strlen(name) == length && memcmp(found, name, length) == 0)
            break;
    if (more > 0) {
        char *what = str_format("%s in %s", name, path);

        table = npz_read_table(archive, what, err);
        free(what);
    } else if (more == 0) {
        err_set(err, ERR_NOT_FOUND, "There is no voice %s in %s.", name, path);
    }
    archive_read_free(archive);
    return table;
}

/* --- JSON: {"af": [[[…256 numbers…]], … 511 of them]} --- */

static bool json_list(const struct file_map *map, const char *path, struct style_names *names,
                      struct err *err)
{
    json_t *root = json_parse((const char *)map->bytes, map->length, path, err);
    const char *name;
    json_t *value;
    bool ok = root != NULL;

    json_object_foreach(root, name, value)
    {
        if (ok)
            ok = add_name(names, name, strlen(name), path, err);
    }
    json_decref(root);
    return ok;
}

/* Appends the numbers of nested lists, at most max of them; false for anything else in them. */
static bool flatten(const json_t *value, int depth, float *out, size_t max, size_t *count)
{
    size_t i;
    json_t *item;

    if (json_is_number(value)) {
        if (*count == max)
            return false;
        out[(*count)++] = (float)json_number_value(value);
        return true;
    }
    if (!json_is_array(value) || depth == 0)
        return false;
    json_array_foreach(value, i, item)
    {
        if (!flatten(item, depth - 1, out, max, count))
            return false;
    }
    return true;
}

static struct style_table *json_load_table(const struct file_map *map, const char *path,
                                           const char *name, struct err *err)
{
    json_t *root = json_parse((const char *)map->bytes, map->length, path, err);
    struct style_table *table = NULL;
    size_t count = 0;

    if (!root)
        return NULL;
    char *what = str_format("%s in %s", name, path);
    float *values = xcalloc(STYLE_ROWS_MAX, ROW_BYTES);
    const json_t *value = json_object_get(root, name);

    if (!value)
        err_set(err, ERR_NOT_FOUND, "There is no voice %s in %s.", name, path);
    else if (!flatten(value, 3, values, (size_t)STYLE_ROWS_MAX * STYLE_COLUMNS, &count))
        err_set(err, ERR_CORRUPT, "%s is no voice: it is no list of rows of numbers.", what);
    else
        table = table_from_floats((const uint8_t *)values, count, what, err);
    free(values);
    free(what);
    json_decref(root);
    return table;
}

/* --- one voice without a name --- */

static struct style_table *kvo1_load(const struct file_map *map, const char *path, struct err *err)
{
    uint32_t rows, columns;

    if (map->length >= KVO1_HEADER) {
        memcpy(&rows, map->bytes + 4, sizeof rows);
        memcpy(&columns, map->bytes + 8, sizeof columns);
        if (columns == STYLE_COLUMNS && rows <= STYLE_ROWS_MAX &&
            map->length - KVO1_HEADER == rows * ROW_BYTES)
            return table_from_floats(map->bytes + KVO1_HEADER, (size_t)rows * STYLE_COLUMNS, path,
                                     err);
    }
    err_set(err, ERR_CORRUPT, "%s is a damaged voice file: its length is not what it says.", path);
    return NULL;
}

static struct style_table *bare_load(const struct file_map *map, const char *path,
                                     const struct style_pick *pick, struct err *err)
{
    size_t table_bytes = pick->rows > 0 ? pick->rows * ROW_BYTES : map->length;

    if (pick->rows > STYLE_ROWS_MAX || table_bytes == 0 || map->length % table_bytes != 0) {
        err_set(err, ERR_CORRUPT, "%s does not hold whole voices of %zu rows.", path, pick->rows);
        return NULL;
    }
    if (pick->index >= map->length / table_bytes) {
        err_set(err, ERR_NOT_FOUND, "%s has no voice number %zu.", path, pick->index);
        return NULL;
    }
    if (table_bytes % sizeof(float) != 0)
        table_bytes = 0; /* no rows: refused with a message below */
    return table_from_floats(map->bytes + pick->index * table_bytes, table_bytes / sizeof(float),
                             path, err);
}

bool style_list(const char *path, struct style_names *out, struct err *err)
{
    struct file_map map;
    bool ok = false;

    *out = (struct style_names){ 0 };
    if (!file_map(&map, path, err))
        return false;
    switch (form_of(&map)) {
    case FORM_NPZ:
        ok = npz_list(&map, path, out, err);
        break;
    case FORM_JSON:
        ok = map.length <= JSON_BYTES_MAX
                 ? json_list(&map, path, out, err)
                 : err_set(err, ERR_TOO_LARGE, "%s is larger than any voice file.", path);
        break;
    case FORM_KVO1:
        out->rows = (map.length - 4) / ROW_BYTES;
        ok = true;
        break;
    case FORM_BARE:
        out->rows = map.length / ROW_BYTES;
        ok = map.length > 0 && map.length % ROW_BYTES == 0;
        if (!ok)
            err_set(err, ERR_CORRUPT, "%s is no voice file.", path);
        break;
    }
    file_unmap(&map);
    if (!ok)
        style_names_release(out);
    return ok;
}

static struct style_table *load_mapped(const struct file_map *map, const char *path,
                                       const struct style_pick *pick, struct err *err)
{
    enum style_form form = form_of(map);

    if ((form == FORM_NPZ || form == FORM_JSON) && !pick->name) {
        err_set(err, ERR_INVALID, "%s holds several voices; one has to be named.", path);
        return NULL;
    }
    switch (form) {
    case FORM_NPZ:
        return npz_load(map, path, pick->name, err);
    case FORM_JSON:
        if (map->length <= JSON_BYTES_MAX)
            return json_load_table(map, path, pick->name, err);
        err_set(err, ERR_TOO_LARGE, "%s is larger than any voice file.", path);
        return NULL;
    case FORM_KVO1:
        return kvo1_load(map, path, err);
    case FORM_BARE:
        return bare_load(map, path, pick, err);
    }
    return NULL;
}

struct style_table *style_load(const char *path, const struct style_pick *pick, struct err *err)
{
    struct file_map map;

    if (!file_map(&map, path, err))
        return NULL;
    struct style_table *table = load_mapped(&map, path, pick, err);
    file_unmap(&map);
    return table;
}
