#include "engine/piper_config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

#define CONFIG_BYTES_MAX (4U << 20) /* the largest published, with 904 speakers, has 30 kB */
#define SYMBOLS_MAX 4096
#define IDS_OF_SYMBOL_MAX 32
#define ID_END 65536
#define NAME_MAX_BYTES 128

struct reader {
    const json_t *root;
    const char *path;
    int64_t id_end; /* num_symbols: ids are below it */
    struct err *err;
};

static bool bad(const struct reader *reader, const char *what)
{
    return err_set(reader->err, ERR_CORRUPT, "%s is no Piper configuration: %s. Download it again.",
                   reader->path, what);
}

/* The member of a member, NULL when one of them is missing. */
static const json_t *member(const json_t *root, const char *object, const char *key)
{
    return json_object_get(json_object_get(root, object), key);
}

static bool read_number(const struct reader *reader, const json_t *value, const char *name,
                        double fallback, double least, double most, double *out)
{
    *out = value ? json_number_value(value) : fallback;
    if ((!value || json_is_number(value)) && *out >= least && *out <= most)
        return true;
    return err_set(reader->err, ERR_CORRUPT, "%s: \"%s\" is not a number from %g to %g.",
                   reader->path, name, least, most);
}

static bool read_int(const struct reader *reader, const json_t *value, const char *name,
                     int fallback, int least, int most, int *out)
{
    double number;

    if (!read_number(reader, value, name, fallback, least, most, &number))
        return false;
    *out = (int)number;
    return *out == number || err_set(reader->err, ERR_CORRUPT, "%s: \"%s\" is not a whole number.",
                                     reader->path, name);
}

static bool read_scales(const struct reader *reader, struct piper_config *out)
{
    const json_t *root = reader->root;

    return read_int(reader, member(root, "audio", "sample_rate"), "audio.sample_rate", 0, 4000,
                    192000, &out->rate_hz) &&
           read_number(reader, member(root, "inference", "noise_scale"), "inference.noise_scale",
                       0.667, 0, 10, &out->noise_scale) &&
           read_number(reader, member(root, "inference", "length_scale"), "inference.length_scale",
                       1, 0.1, 10, &out->length_scale) &&
           read_number(reader, member(root, "inference", "noise_w"), "inference.noise_w", 0.8, 0,
                       10, &out->noise_w);
}

/* --- the front end --- */

static bool read_input(const struct reader *reader, struct piper_config *out)
{
    const json_t *value = json_object_get(reader->root, "phoneme_type");
    const char *type = value ? json_string_value(value) : "espeak";

    if (!type)
        return bad(reader, "\"phoneme_type\" is no text");
    if (strcmp(type, "espeak") == 0 || strcmp(type, "text") == 0) {
        out->input = type[0] == 'e' ? PIPER_ESPEAK : PIPER_TEXT;
        return true;
    }
    return err_set(reader->err, ERR_UNSUPPORTED,
                   "%s asks for \"%.40s\" phonemes. Parlando speaks Piper voices made with espeak "
                   "or text phonemes; choose another voice.",
                   reader->path, type);
}

static bool is_short_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0 &&
           json_string_length(value) < NAME_MAX_BYTES &&
           strlen(json_string_value(value)) == json_string_length(value);
}

/* "en_US" -> "en-us" */
static char *language_tag(const char *code)
{
    char *tag = xstrdup(code);

    for (char *c = tag; *c; c++)
        *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
    return tag;
}

static bool read_language(const struct reader *reader, struct piper_config *out)
{
    const json_t *voice = member(reader->root, "espeak", "voice");
    const json_t *code = member(reader->root, "language", "code");

    if ((voice && !is_short_text(voice)) || (code && !is_short_text(code)))
        return bad(reader, "\"espeak.voice\" or \"language.code\" is not a short text");
    if (!voice && (out->input == PIPER_ESPEAK || !code))
        return bad(reader, "it has no \"espeak.voice\"");
    out->espeak_voice = voice ? xstrdup(json_string_value(voice)) : NULL;
    out->language = language_tag(json_string_value(code ? code : voice));
    if (!voice)
        out->espeak_voice = xstrdup(out->language);
    return true;
}

/* --- symbols --- */

static bool check_ids(const struct reader *reader, const char *symbol, const json_t *ids)
{
    size_t i;
    const json_t *id;

    if (!json_is_array(ids) || json_array_size(ids) > IDS_OF_SYMBOL_MAX)
        return err_set(reader->err, ERR_CORRUPT, "%s: the symbol \"%.16s\" has no list of ids.",
                       reader->path, symbol);
    json_array_foreach(ids, i, id)
    {
        json_int_t number = json_integer_value(id);

        if (!json_is_integer(id) || number < 0 || number >= reader->id_end)
            return err_set(reader->err, ERR_CORRUPT,
                           "%s: the symbol \"%.16s\" has an id that is not from 0 to %" PRId64 ".",
                           reader->path, symbol, reader->id_end - 1);
    }
    return true;
}

static bool read_mark(const struct reader *reader, const json_t *map, const char *symbol,
                      struct piper_mark *out)
{
    const json_t *ids = json_object_get(map, symbol);
    size_t i;
    const json_t *id;

    if (json_array_size(ids) == 0 || json_array_size(ids) > COUNT(out->ids))
        return err_set(reader->err, ERR_CORRUPT,
                       "%s: \"phoneme_id_map\" has no usable \"%s\", which every sentence needs.",
                       reader->path, symbol);
    json_array_foreach(ids, i, id)
    {
        out->ids[out->count++] = (int32_t)json_integer_value(id);
    }
    return true;
}

/* A symbol that stands for others, by phoneme_map, has their ids. Piper maps c to k in Brazilian
 * Portuguese even where the file does not say so. */
static const json_t *replacement(const struct reader *reader, const struct piper_config *config,
                                 const char *symbol, json_t **made)
{
    const json_t *given = json_object_get(json_object_get(reader->root, "phoneme_map"), symbol);

    *made = NULL;
    if (!given && strcmp(symbol, "c") == 0 && strcmp(config->espeak_voice, "pt-br") == 0)
        given = *made = json_pack("[s]", "k");
    return given;
}

/* The ids a symbol is spoken with, a new list without the pad; NULL when it has none. */
static json_t *ids_of_symbol(const struct reader *reader, const struct piper_config *config,
                             const json_t *map, const char *symbol)
{
    json_t *made, *ids = json_array();
    const json_t *others = replacement(reader, config, symbol, &made), *other;
    size_t i;

    if (!others)
        json_array_extend(ids, json_object_get(map, symbol));
    json_array_foreach(others, i, other)
    {
        if (json_is_string(other))
            json_array_extend(ids, json_object_get(map, json_string_value(other)));
    }
    json_decref(made);
    return ids;
}

static bool is_frame_mark(const char *symbol)
{
    return strcmp(symbol, "_") == 0 || strcmp(symbol, "^") == 0 || strcmp(symbol, "$") == 0;
}

/* {symbol: [ids…, pads…]}, without the marks that frame a sentence: a text that has them must not
 * end it. */
static json_t *padded_map(const struct reader *reader, const struct piper_config *config,
                          json_t *map)
{
    const json_t *pads = json_object_get(map, "_");
    json_t *out = json_object(), *value;
    const char *symbol;

    json_object_foreach(map, symbol, value)
    {
        if (is_frame_mark(symbol))
            continue;
        json_t *ids = ids_of_symbol(reader, config, map, symbol);

        if (json_array_size(ids) > 0) {
            json_array_extend(ids, (json_t *)(uintptr_t)pads);
            json_object_set(out, symbol, ids);
        }
        json_decref(ids);
    }
    return out;
}

static bool check_map(struct reader *reader, const json_t *map)
{
    int id_end;
    const char *symbol;
    json_t *ids;

    if (!json_is_object(map) || json_object_size(map) == 0 || json_object_size(map) > SYMBOLS_MAX)
        return bad(reader, "it has no \"phoneme_id_map\"");
    if (!read_int(reader, json_object_get(reader->root, "num_symbols"), "num_symbols", ID_END, 1,
                  ID_END, &id_end))
        return false;
    reader->id_end = id_end;
    json_object_foreach((json_t *)(uintptr_t)map, symbol, ids)
    {
        if (!check_ids(reader, symbol, ids))
            return false;
    }
    return true;
}

static bool read_symbols(struct reader *reader, struct piper_config *out)
{
    json_t *map = json_object_get(reader->root, "phoneme_id_map");

    if (!check_map(reader, map) || !read_mark(reader, map, "_", &out->pad) ||
        !read_mark(reader, map, "^", &out->begin) || !read_mark(reader, map, "$", &out->end))
        return false;
    json_t *padded = padded_map(reader, out, map);
    char *text = json_dumps(padded, JSON_COMPACT);
    if (text)
        out->vocab = vocab_from_json(text, strlen(text), reader->path, reader->err);
    else
        bad(reader, "its symbols cannot be read");
    free(text);
    json_decref(padded);
    return out->vocab != NULL;
}

/* --- speakers --- */

static void add_speaker(struct piper_config *out, const char *name, int number)
{
    out->speakers[out->speaker_count++] = (struct piper_speaker){ xstrdup(name), number };
}

static bool read_named_speakers(const struct reader *reader, json_t *map, int count,
                                struct piper_config *out)
{
    const char *name;
    json_t *number;

    json_object_foreach(map, name, number)
    {
        json_int_t value = json_integer_value(number);

        if (!json_is_integer(number) || value < 0 || value >= count || !*name ||
            strlen(name) >= NAME_MAX_BYTES)
            return err_set(reader->err, ERR_CORRUPT,
                           "%s: the speaker \"%.40s\" has no number from 0 to %d.", reader->path,
                           name, count - 1);
        add_speaker(out, name, (int)value);
    }
    return true;
}

static bool has_speaker(const struct piper_config *config, int number)
{
    for (size_t i = 0; i < config->speaker_count; i++)
        if (config->speakers[i].number == number)
            return true;
    return false;
}

static bool read_speakers(const struct reader *reader, struct piper_config *out)
{
    json_t *map = json_object_get(reader->root, "speaker_id_map");
    int count;

    if (!read_int(reader, json_object_get(reader->root, "num_speakers"), "num_speakers", 1, 1,
                  PIPER_SPEAKERS_MAX, &count) ||
        !read_int(reader, json_object_get(reader->root, "default_speaker_id"), "default_speaker_id",
                  0, 0, count - 1, &out->default_speaker))
        return false;
    size_t named = json_object_size(map);
    if (named > PIPER_SPEAKERS_MAX)
        return bad(reader, "it names too many speakers");
    out->speakers = xcalloc((size_t)count > named ? (size_t)count : named, sizeof *out->speakers);
    if (count == 1) {
        add_speaker(out, "", 0);
        return true;
    }
    for (int i = 0; i < count && named == 0; i++) {
        char number[16];

        snprintf(number, sizeof number, "%d", i);
        add_speaker(out, number, i);
    }
    if (!read_named_speakers(reader, map, count, out))
        return false;
    if (!has_speaker(out, out->default_speaker))
        out->default_speaker = out->speakers[0].number;
    return true;
}

bool piper_config_load(struct piper_config *out, const char *model_path, struct err *err)
{
    char *path = str_format("%s.json", model_path);
    json_t *root = NULL;
    bool ok = false;

    *out = (struct piper_config){ 0 };
    if (!file_is_regular(path))
        err_set(err, ERR_UNAVAILABLE,
                "The Piper voice %s has no configuration: %s is not there. Every voice is "
                "published with one; download it beside the model.",
                model_path, path);
    else if (!(root = json_parse_file(path, CONFIG_BYTES_MAX, err)) && err->kind == ERR_INVALID)
        err->kind = ERR_CORRUPT; /* a file's fault, not the request's */
    if (root) {
        struct reader reader = { .root = root, .path = path, .err = err };

        ok = read_input(&reader, out) && read_scales(&reader, out) && read_language(&reader, out) &&
             read_symbols(&reader, out) && read_speakers(&reader, out);
        if (!ok)
            piper_config_release(out);
    }
    json_decref(root);
    free(path);
    return ok;
}

void piper_config_release(struct piper_config *config)
{
    for (size_t i = 0; i < config->speaker_count; i++)
        free(config->speakers[i].name);
    free(config->speakers);
    free(config->language);
    free(config->espeak_voice);
    vocab_destroy(config->vocab);
    *config = (struct piper_config){ 0 };
}
