#include "engine/kokoro_voices.h"

#include <ctype.h>
#include <dirent.h>
#include <libgen.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"

/* The first letter of an id (hexgrad/Kokoro-82M, VOICES.md). */
static const struct {
    char letter;
    const char *language;
} languages[] = {
    { 'a', "en-us" }, { 'b', "en-gb" }, { 'e', "es" },    { 'f', "fr-fr" }, { 'h', "hi" },
    { 'i', "it" },    { 'j', "ja" },    { 'p', "pt-br" }, { 'z', "cmn" },
};

static const char *language_of(const char *id)
{
    for (size_t i = 0; i < COUNT(languages); i++)
        if (languages[i].letter == id[0])
            return languages[i].language;
    return NULL;
}

static const char *gender_of(const char *id)
{
    return id[1] == 'f' ? "female" : id[1] == 'm' ? "male" : NULL;
}

/* "af_bella" -> "Bella"; "af", v0.19's mean of two voices, and ids of another make stay. */
static char *display_name(const char *id)
{
    char *name = xstrdup(id[2] == '_' && id[3] ? id + 3 : id);

    name[0] = (char)toupper((unsigned char)name[0]);
    return name;
}

/* A voice somebody made under an id of another make is taken for American English. */
static struct voice *add_voice(struct voice_list *list, const char *id, const char *path)
{
    bool has_letters =
        strlen(id) >= 2 && language_of(id) && gender_of(id) && (id[2] == '\0' || id[2] == '_');
    char *name = has_letters ? display_name(id) : xstrdup(id);
    struct voice *voice = voice_list_add(list, id, name, has_letters ? language_of(id) : "en-us",
                                         has_letters ? gender_of(id) : "");

    free(name);
    if (voice)
        voice->style_path = xstrdup(path);
    return voice;
}

/* --- one file --- */

/* The rows of sherpa-onnx's style_dim "511,1,256"; 0: not said. */
static size_t rows_of_style_dim(const char *style_dim)
{
    unsigned long rows = style_dim ? strtoul(style_dim, NULL, 10) : 0;

    return rows <= STYLE_ROWS_MAX ? rows : 0;
}

/* sherpa-onnx joins the tables of all voices without their names, which the model's metadata has. */
static void add_bare_file(struct voice_list *list, const char *path, size_t rows_in_file,
                          const struct onnx_file *file)
{
    const char *names = file ? onnx_file_metadata(file, "speaker_names") : NULL;
    size_t rows = rows_of_style_dim(file ? onnx_file_metadata(file, "style_dim") : NULL);
    size_t index = 0;

    if (!names || rows == 0 || rows_in_file % rows != 0) {
        log_warning("engine", "%s holds several voices, but the model does not name them", path);
        return;
    }
    char *copy = xstrdup(names), *rest = copy, *name;
    while ((name = strsep(&rest, ",")) && index < rows_in_file / rows) {
        struct voice *voice = *name ? add_voice(list, name, path) : NULL;

        if (voice) {
            voice->style_rows = rows;
            voice->style_index = index;
        }
        index++;
    }
    free(copy);
}

/* The file's name without its folder and extension. */
static char *stem(const char *path)
{
    const char *base = path_base(path);
    const char *dot = strrchr(base, '.');

    return xstrndup(base, dot ? (size_t)(dot - base) : strlen(base));
}

static void add_file(struct voice_list *list, const char *path, const struct onnx_file *file)
{
    struct style_names names;
    struct err why = { 0 };

    if (!style_list(path, &names, &why)) {
        log_debug("engine", "%s", why.message);
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        struct voice *voice = names.items[i][0] ? add_voice(list, names.items[i], path) : NULL;

        if (voice)
            voice->style_name = xstrdup(names.items[i]);
    }
    if (names.count == 0 && names.rows > STYLE_ROWS_MAX) {
        add_bare_file(list, path, names.rows, file);
    } else if (names.count == 0 && names.rows > 0) {
        char *id = stem(path);

        add_voice(list, id, path);
        free(id);
    }
    style_names_release(&names);
}

/* --- folders --- */

static int is_voice_file(const struct dirent *entry)
{
    static const char *const extensions[] = { "bin", "npz", "json", "kokorovoice" };

    for (size_t i = 0; i < COUNT(extensions); i++)
        if (entry->d_name[0] != '.' && strcmp(path_extension(entry->d_name), extensions[i]) == 0)
            return 1;
    return 0;
}

/* Moonshine's voice files cannot be anything else, whatever their name. */
static bool is_wanted(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0 ||
           strcmp(path_extension(name), "kokorovoice") == 0;
}

/* All voice files of a folder whose names begin with prefix, by name. */
static void add_folder(struct voice_list *list, const char *folder, const char *prefix,
                       const struct onnx_file *file)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_voice_file, alphasort);

    for (int i = 0; i < count; i++) {
        if (is_wanted(entries[i]->d_name, prefix)) {
            char *path = path_join(folder, entries[i]->d_name);

            add_file(list, path, file);
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
}

static void add_folder_and_voices(struct voice_list *list, const char *folder, const char *prefix,
                                  const struct onnx_file *file)
{
    char *below = path_join(folder, "voices");

    add_folder(list, below, "", file);
    add_folder(list, folder, prefix, file);
    free(below);
}

void kokoro_voices_add_own(struct voice_list *list, const char *model_path,
                           const struct onnx_file *file)
{
    char *copy = xstrdup(model_path);

    /* Beside a model lie its other files too. */
    add_folder_and_voices(list, dirname(copy), "voices", file);
    free(copy);
}

void kokoro_voices_add_shared(struct voice_list *list, const char *models_dir)
{
    char *kokoro = path_join(models_dir, "kokoro");
    char *voices = path_join(models_dir, "kokoro-voices");

    add_folder_and_voices(list, kokoro, "voices", NULL);
    add_folder_and_voices(list, voices, "", NULL);
    free(voices);
    free(kokoro);
}

size_t kokoro_voices_rows(const struct voice_list *list)
{
    struct err why = { 0 };

    if (list->count == 0)
        return 0;
    const struct voice *first = list->items[0];
    struct style_pick pick = { first->style_name, first->style_rows, first->style_index };
    struct style_table *table = style_load(first->style_path, &pick, &why);
    size_t rows = table ? table->rows : 0;

    style_table_destroy(table);
    return rows;
}
