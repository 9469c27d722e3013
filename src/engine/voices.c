#include "engine/voices.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/number.h"
#include "base/utf8.h"

/* A blend costs a few hundred bytes and stays until the engine closes. */
#define BLENDS_MAX 16384
#define BLEND_TEXT_MAX 512

/* Where parts all but cancel each other, dividing by their sum would blow up what is left. */
#define LEAST_SUM 0.01 /* of the sum without signs */

void voice_list_init(struct voice_list *list)
{
    *list = (struct voice_list){ 0 };
    pthread_mutex_init(&list->lock, NULL);
}

static void voice_destroy(struct voice *voice)
{
    free((char *)(uintptr_t)voice->info.id);
    free((char *)(uintptr_t)voice->info.name);
    free((char *)(uintptr_t)voice->info.language);
    free((char *)(uintptr_t)voice->info.gender);
    free(voice->espeak_voice);
    free(voice->style_path);
    free(voice->style_name);
    style_table_destroy(voice->styles);
    free(voice->parts);
    free(voice);
}

void voice_list_release(struct voice_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        voice_destroy(list->items[i]);
    free(list->items);
    for (size_t i = 0; i < list->blend_count; i++)
        voice_destroy(list->blends[i]);
    free(list->blends);
    free(list->missed);
    pthread_mutex_destroy(&list->lock);
}

static struct voice *voice_create(const char *id, const char *name, const char *language,
                                  const char *gender)
{
    struct voice *voice = xcalloc(1, sizeof *voice);

    voice->info.id = xstrdup(id);
    voice->info.name = xstrdup(name);
    voice->info.language = xstrdup(language);
    voice->info.gender = xstrdup(gender);
    voice->speed_factor = 1;
    return voice;
}

/* Opening is rare and lists are short, so a linear search does until finish has sorted them. */
static struct voice *find_id(const struct voice_list *list, const char *id, size_t length)
{
    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->items[i]->info.id, id, length) == 0 &&
            list->items[i]->info.id[length] == '\0')
            return list->items[i];
    return NULL;
}

/* Ids stem from files' names and contents, and those may be any bytes. */
static bool is_text(const char *id)
{
    struct err ignored;

    for (const char *p = id; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return false;
    return utf8_check(id, strlen(id), "voice", &ignored);
}

struct voice *voice_list_add(struct voice_list *list, const char *id, const char *name,
                             const char *language, const char *gender)
{
    if (!is_text(id) || find_id(list, id, strlen(id)))
        return NULL;
    ARRAY_GROW(list->items, list->count, list->capacity);
    struct voice *voice = voice_create(id, name, language, gender);
    list->items[list->count++] = voice;
    return voice;
}

static int by_id(const void *a, const void *b)
{
    const struct voice *const *left = a, *const *right = b;

    return strcmp((*left)->info.id, (*right)->info.id);
}

void voice_list_finish(struct voice_list *list, const char *fallback)
{
    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof list->items[0], by_id);
    list->fallback = find_id(list, fallback, strlen(fallback));
    if (!list->fallback)
        list->fallback = list->items[0];
}

void voice_list_take(struct voice_list *to, struct voice_list *from)
{
    to->items = from->items;
    to->count = from->count;
    to->capacity = from->capacity;
    to->fallback = from->fallback;
    from->items = NULL;
    from->count = from->capacity = 0;
    from->fallback = NULL;
}

/* Loads the voice's table when that has not been done. The file is read without the lock; whoever
 * comes second drops what it has read. */
static bool load_styles(struct voice_list *list, struct voice *voice, struct err *err)
{
    if (!voice->style_path)
        return true;
    pthread_mutex_lock(&list->lock);
    bool is_loaded = voice->styles != NULL;
    pthread_mutex_unlock(&list->lock);
    if (is_loaded)
        return true;

    struct style_pick pick = { voice->style_name, voice->style_rows, voice->style_index };
    struct style_table *table = style_load(voice->style_path, &pick, err);
    if (!table)
        return err_context(err, "Voice %s", voice->info.id);
    pthread_mutex_lock(&list->lock);
    if (!voice->styles) {
        voice->styles = table;
        table = NULL;
    }
    pthread_mutex_unlock(&list->lock);
    style_table_destroy(table);
    return true;
}

/* --- blends: a(2)+b(1)-c; a comma is a plus --- */

struct term {
    struct voice *voice;
    double weight; /* signed */
};

struct blend_reader {
    struct voice_list *list;
    const char *text, *at;
    struct term terms[VOICE_PARTS_MAX];
    size_t count;
};

static bool blend_error(const struct blend_reader *reader, struct err *err)
{
    return err_set_param(err, ERR_INVALID, "voice",
                         "The voice blend \"%s\" cannot be read %s%s%s. Blends look like "
                         "af_bella(2)+af_sky(1).",
                         reader->text, *reader->at ? "from \"" : "at its end", reader->at,
                         *reader->at ? "\" on" : "");
}

static bool ends_id(char c)
{
    return c == '\0' || strchr("+-,( ", c);
}

/* The voice whose id stands here. Ids may have '-' in them, so the longest that fits is meant. */
static struct voice *voice_here(const struct voice_list *list, const char *at, size_t *length)
{
    struct voice *best = NULL;

    *length = 0;
    for (size_t i = 0; i < list->count; i++) {
        const char *id = list->items[i]->info.id;
        size_t n = strlen(id);

        if (n > *length && strncmp(id, at, n) == 0 && ends_id(at[n])) {
            best = list->items[i];
            *length = n;
        }
    }
    return best;
}

static void skip_spaces(struct blend_reader *reader)
{
    reader->at += strspn(reader->at, " ");
}

static bool read_weight(struct blend_reader *reader, double *out, struct err *err)
{
    *out = 1;
    if (*reader->at != '(')
        return true;
    size_t length = strcspn(reader->at, ")");
    if (reader->at[length] != ')')
        return blend_error(reader, err);
    char *number = xstrndup(reader->at + 1, length - 1);
    struct err why = { 0 };
    bool ok = number_parse(number, "weight", 0, VOICE_WEIGHT_MAX, out, &why) && *out > 0;
    free(number);
    if (!ok)
        return err_set_param(err, ERR_INVALID, "voice",
                             "The weight \"%.*s\" in the voice blend \"%s\" is not a number above "
                             "0, up to %g.",
                             (int)(length + 1), reader->at, reader->text, VOICE_WEIGHT_MAX);
    reader->at += length + 1;
    return true;
}

static bool read_term(struct blend_reader *reader, double sign, struct err *err)
{
    double weight;
    size_t length;

    skip_spaces(reader);
    if (reader->count == VOICE_PARTS_MAX)
        return err_set_param(err, ERR_INVALID, "voice",
                             "A voice blend has at most %d parts; \"%s\" has more.",
                             VOICE_PARTS_MAX, reader->text);
    struct voice *voice = voice_here(reader->list, reader->at, &length);
    if (!voice) {
        length = strcspn(reader->at, "+-,( ");
        if (length == 0)
            return blend_error(reader, err);
        return err_set_param(err, ERR_INVALID, "voice",
                             "There is no voice \"%.*s\", which the blend \"%s\" names.",
                             (int)length, reader->at, reader->text);
    }
    reader->at += length;
    skip_spaces(reader);
    if (!read_weight(reader, &weight, err))
        return false;
    skip_spaces(reader);
    reader->terms[reader->count++] = (struct term){ voice, sign * weight };
    return true;
}

static bool read_blend(struct blend_reader *reader, struct err *err)
{
    double sign = 1;

    for (;;) {
        if (!read_term(reader, sign, err))
            return false;
        if (*reader->at == '\0')
            return true;
        if (!strchr("+-,", *reader->at))
            return blend_error(reader, err);
        sign = *reader->at++ == '-' ? -1 : 1;
    }
}

static struct voice *blend_create(const struct blend_reader *reader, struct err *err)
{
    double sum = 0, magnitude = 0;
    const struct term *heaviest = &reader->terms[0];

    for (size_t i = 0; i < reader->count; i++) {
        sum += reader->terms[i].weight;
        magnitude += fabs(reader->terms[i].weight);
        if (reader->terms[i].weight > heaviest->weight)
            heaviest = &reader->terms[i];
    }
    if (sum < LEAST_SUM * magnitude) {
        err_set_param(err, ERR_INVALID, "voice",
                      "The weights of the voice blend \"%s\" add up to nothing: the parts taken "
                      "away have to be lighter than the others.",
                      reader->text);
        return NULL;
    }
    const struct voice_info *info = &heaviest->voice->info;
    struct voice *voice = voice_create(reader->text, reader->text, info->language, info->gender);
    if (heaviest->voice->espeak_voice)
        voice->espeak_voice = xstrdup(heaviest->voice->espeak_voice);
    voice->parts = xcalloc(reader->count, sizeof *voice->parts);
    voice->part_count = reader->count;
    voice->speed_factor = 0;
    for (size_t i = 0; i < reader->count; i++) {
        double share = reader->terms[i].weight / sum;

        voice->parts[i] = (struct voice_part){ reader->terms[i].voice, (float)share };
        voice->speed_factor += share * reader->terms[i].voice->speed_factor;
    }
    return voice;
}

static struct voice *find_blend(struct voice_list *list, const char *id)
{
    struct voice *found = NULL;

    pthread_mutex_lock(&list->lock);
    for (size_t i = 0; i < list->blend_count && !found; i++)
        if (strcmp(list->blends[i]->info.id, id) == 0)
            found = list->blends[i];
    pthread_mutex_unlock(&list->lock);
    return found;
}

/* Takes the voice; another thread may have added the same meanwhile, which is harmless. */
static struct voice *keep_blend(struct voice_list *list, struct voice *voice, struct err *err)
{
    pthread_mutex_lock(&list->lock);
    bool has_room = list->blend_count < BLENDS_MAX;
    if (has_room) {
        ARRAY_GROW(list->blends, list->blend_count, list->blend_capacity);
        list->blends[list->blend_count++] = voice;
    }
    pthread_mutex_unlock(&list->lock);
    if (has_room)
        return voice;
    err_set_param(err, ERR_TOO_LARGE, "voice",
                  "More than %d different voice blends have been used since the start.",
                  BLENDS_MAX);
    voice_destroy(voice);
    return NULL;
}

bool voice_can_blend(const struct voice *voice)
{
    return voice->style_path;
}

/* The blend of the reader's text, without its styles, or NULL. */
static struct voice *make_blend(struct blend_reader *reader, struct err *err)
{
    if (strlen(reader->text) > BLEND_TEXT_MAX) {
        err_set_param(err, ERR_INVALID, "voice", "A voice blend has at most %d bytes.",
                      BLEND_TEXT_MAX);
        return NULL;
    }
    if (!read_blend(reader, err))
        return NULL;
    for (size_t i = 0; i < reader->count; i++)
        if (!voice_can_blend(reader->terms[i].voice)) {
            err_set_param(err, ERR_UNSUPPORTED, "voice",
                          "This engine's voices cannot be blended, as \"%s\" asks.", reader->text);
            return NULL;
        }
    return blend_create(reader, err);
}

static const struct voice *find_or_make_blend(struct voice_list *list, const char *id,
                                              struct err *err)
{
    struct blend_reader reader = { .list = list, .text = id, .at = id };
    struct voice *found = find_blend(list, id);
    struct voice *blend = found ? NULL : make_blend(&reader, err);

    if (!blend)
        return found;
    for (size_t i = 0; i < reader.count; i++)
        if (!load_styles(list, reader.terms[i].voice, err)) {
            voice_destroy(blend);
            return NULL;
        }
    return keep_blend(list, blend, err);
}

/* An id with '-' in it is a blend only when a known voice stands in front. */
static bool is_blend(const struct voice_list *list, const char *id)
{
    size_t length;

    return strpbrk(id, "+,(") || (voice_here(list, id, &length) && id[length] == '-');
}

/* --- finding --- */

/* People write "Bella" as well: the one voice of that name. */
static struct voice *find_name(const struct voice_list *list, const char *name)
{
    struct voice *found = NULL;

    for (size_t i = 0; i < list->count; i++) {
        if (strcasecmp(list->items[i]->info.name, name) != 0)
            continue;
        if (found)
            return NULL;
        found = list->items[i];
    }
    return found;
}

static const char *without_engine(const char *id, const char *engine_name)
{
    size_t length = strlen(engine_name);

    return strncmp(id, engine_name, length) == 0 && id[length] == ':' ? id + length + 1 : id;
}

/* Once for the segments of a book, which all ask for the same. */
static void warn_missed(struct voice_list *list, const char *engine_name, const char *id)
{
    pthread_mutex_lock(&list->lock);
    bool is_new = !list->missed || strcmp(list->missed, id) != 0;
    if (is_new) {
        free(list->missed);
        list->missed = xstrdup(id);
    }
    pthread_mutex_unlock(&list->lock);
    if (is_new)
        log_warning("engine", "there is no voice \"%s\" in %s; using %s", id, engine_name,
                    list->fallback->info.id);
}

bool voice_list_check(struct voice_list *list, const char *engine_name, const char *id,
                      struct err *err)
{
    const char *bare = without_engine(id, engine_name);
    struct blend_reader reader = { .list = list, .text = bare, .at = bare };

    if (find_id(list, bare, strlen(bare)) || find_name(list, bare))
        return true;
    if (!is_blend(list, bare))
        return err_set_param(err, ERR_INVALID, "voice", "There is no voice \"%.80s\" in %s.", bare,
                             engine_name);
    struct voice *blend = make_blend(&reader, err);
    if (blend)
        voice_destroy(blend);
    return blend;
}

const struct voice *voice_list_find(struct voice_list *list, const char *engine_name,
                                    const char *id, struct err *err)
{
    struct voice *voice = NULL;

    if (!list->fallback) {
        err_set(err, ERR_UNAVAILABLE, "The engine %s has no voices.", engine_name);
        return NULL;
    }
    if (id) {
        const char *bare = without_engine(id, engine_name);

        voice = find_id(list, bare, strlen(bare));
        if (!voice)
            voice = find_name(list, bare);
        if (!voice && is_blend(list, bare))
            return find_or_make_blend(list, bare, err);
        if (!voice)
            warn_missed(list, engine_name, id);
    }
    if (!voice)
        voice = list->fallback;
    return load_styles(list, voice, err) ? voice : NULL;
}

void voice_style(const struct voice *voice, size_t tokens, float out[STYLE_COLUMNS])
{
    if (voice->part_count == 0) {
        memcpy(out, style_table_row(voice->styles, tokens), STYLE_COLUMNS * sizeof *out);
        return;
    }
    memset(out, 0, STYLE_COLUMNS * sizeof *out);
    for (size_t i = 0; i < voice->part_count; i++) {
        const float *row = style_table_row(voice->parts[i].voice->styles, tokens);

        for (size_t j = 0; j < STYLE_COLUMNS; j++)
            out[j] += voice->parts[i].weight * row[j];
    }
}
