/*
 * One voice, by any name that speech takes, and GET /v2/voices: all that could
 * speak now, searched, filtered, sorted, a page at a time. The token of the next
 * page is how many voices came before it.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "api/elevenlabs.h"
#include "api/elevenlabs_listing.h"
#include "base/language.h"
#include "base/number.h"
#include "studio/names.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define PAGE_SIZE 10
#define PAGE_SIZE_MAX 100
#define VOICE_IDS_MAX 100

/* ---- shape ---- */

struct voice_page {
    struct list_items voices; /* of struct elevenlabs_voice */
    bool has_more;
    int64_t total_count;
    const char *next_page_token;
};

static const struct field page_fields[] = {
    { "voices", FIELD_LIST, AT(voice_page, voices), .shape = &elevenlabs_voice_shape },
    { "has_more", FIELD_BOOLEAN, AT(voice_page, has_more) },
    { "total_count", FIELD_INTEGER, AT(voice_page, total_count), .about = "On all pages." },
    { "next_page_token", FIELD_TEXT, FIELD_NULLABLE, AT(voice_page, next_page_token) },
};

const struct shape elevenlabs_voice_page_shape =
    SHAPE("ElevenLabsVoicePage", "A page of voices.", SHAPE_ANSWER, page_fields, struct voice_page);

/* ---- what is asked ---- */

struct voice_query {
    const char *search;                                       /* or NULL, as all of these */
    const char *type, *category, *gender, *language, *absent; /* absent: what no voice here tells */
    const char *const *ids;
    size_t id_count;
    bool is_by_name, is_descending;
    int64_t offset, size;
};

static void read_choice(struct request *request, const char *name, const char *one,
                        const char *other, bool *is_other, struct elevenlabs_mistakes *mistakes)
{
    const char *value = request_query(request, name);

    *is_other = value && strcmp(value, other) == 0;
    if (value && !*is_other && strcmp(value, one) != 0)
        elevenlabs_mistakes_add(mistakes, "query", name, "enum", "Input should be %s or %s", one,
                                other);
}

static int64_t read_count(struct request *request, const char *name, int64_t least, int64_t most,
                          int64_t otherwise, struct elevenlabs_mistakes *mistakes)
{
    const char *value = request_query(request, name);
    struct err ignored;

    if (value && !number_parse_int(value, name, least, most, &otherwise, &ignored))
        elevenlabs_mistakes_add(mistakes, "query", name, "int_parsing",
                                "Input should be a number from %" PRId64 " to %" PRId64, least,
                                most);
    return otherwise;
}

static const char *filter(struct request *request, const char *name)
{
    const char *value = request_query(request, name);

    return value && *value ? value : NULL;
}

static void read_query(struct request *request, struct voice_query *out,
                       struct elevenlabs_mistakes *mistakes)
{
    static const char *const told_by_none[] = { "age", "accent", "use_cases", "collection_id" };
    const char **ids;

    *out = (struct voice_query){
        .search = filter(request, "search"),
        .type = filter(request, "voice_type"),
        .category = filter(request, "category"),
        .gender = filter(request, "gender"),
        .language = filter(request, "language"),
        .size = read_count(request, "page_size", 1, PAGE_SIZE_MAX, PAGE_SIZE, mistakes),
        .offset = read_count(request, "next_page_token", 0, INT32_MAX, 0, mistakes),
    };
    for (size_t i = 0; i < COUNT(told_by_none) && !out->absent; i++)
        out->absent = filter(request, told_by_none[i]);
    read_choice(request, "sort", "created_at_unix", "name", &out->is_by_name, mistakes);
    read_choice(request, "sort_direction", "asc", "desc", &out->is_descending, mistakes);
    out->id_count = request_query_values(request, "voice_ids", request_arena(request), &ids);
    out->ids = ids;
    if (out->id_count > VOICE_IDS_MAX)
        elevenlabs_mistakes_add(mistakes, "query", "voice_ids", "too_long",
                                "List should have at most %d items", VOICE_IDS_MAX);
}

/* ---- which voices ---- */

static bool has_id(const struct voice_query *query, const char *id)
{
    for (size_t i = 0; i < query->id_count; i++)
        if (strcmp(query->ids[i], id) == 0)
            return true;
    return query->id_count == 0;
}

/* All voices are there from the start, none is the user's own. */
static bool has_type(const char *type)
{
    static const char *const ours[] = { "default", "premade", "non-personal", "non-community",
                                        "saved" };

    for (size_t i = 0; i < COUNT(ours); i++)
        if (strcasecmp(type, ours[i]) == 0)
            return true;
    return false;
}

static bool contains(const struct elevenlabs_voice *voice, const char *text)
{
    const char *const places[] = { voice->name,     voice->id,     voice->description,
                                   voice->language, voice->gender, voice->category };

    for (size_t i = 0; i < COUNT(places); i++)
        if (strcasestr(places[i], text))
            return true;
    return false;
}

/* "en" fits "en-us"; "en-gb" and "English" fit what they name. */
static bool has_language(const struct elevenlabs_voice *voice, const char *language)
{
    const char *code = language_code(language);

    if (strpbrk(language, "-_"))
        return strcasecmp(voice->language, language) == 0;
    return language_is_same(voice->language, code ? code : language);
}

static bool is_wanted(const struct voice_query *query, const struct elevenlabs_voice *voice)
{
    return !query->absent && has_id(query, voice->id) && (!query->type || has_type(query->type)) &&
           (!query->category || strcasecmp(query->category, voice->category) == 0) &&
           (!query->gender || strcasecmp(query->gender, voice->labels->gender) == 0) &&
           (!query->language || has_language(voice, query->language)) &&
           (!query->search || contains(voice, query->search));
}

static int compare_names(const void *a, const void *b)
{
    const struct elevenlabs_voice *one = a, *other = b;
    int by_name = strcasecmp(one->name, other->name);

    return by_name ? by_name : strcmp(one->id, other->id);
}

static void reverse(struct elevenlabs_voice *voices, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct elevenlabs_voice held = voices[i];

        voices[i] = voices[count - 1 - i];
        voices[count - 1 - i] = held;
    }
}

/* Nobody knows when a voice was made: unless sorted by name, they stand as /v1/voices has them. */
static void sort(const struct voice_query *query, struct elevenlabs_voice *voices, size_t count)
{
    if (query->is_by_name)
        qsort(voices, count, sizeof *voices, compare_names);
    if (query->is_by_name && query->is_descending)
        reverse(voices, count);
}

static size_t collect(const struct api *api, struct arena *arena, const char *engine,
                      const struct voice_query *query, struct elevenlabs_voice **out)
{
    struct named_voices all;
    size_t count = 0;

    names_list_voices(api->engines, arena, engine, &all);
    *out = arena_alloc(arena, (all.count + 1) * sizeof **out);
    for (size_t i = 0; i < all.count; i++) {
        const struct named_voice *named = &all.items[i];
        struct elevenlabs_voice voice =
            elevenlabs_voice_of(arena, named->engine, named->id, named->info);

        if (is_wanted(query, &voice))
            (*out)[count++] = voice;
    }
    return count;
}

/* ---- one voice ---- */

/* By id, else by the name for people, as engines take both: Kokoro's "Alloy". */
static const struct voice_info *find_info(const struct engine_voices *voices, const char *name)
{
    for (size_t i = 0; i < voices->count; i++)
        if (strcmp(voices->items[i].id, name) == 0)
            return &voices->items[i];
    for (size_t i = 0; i < voices->count; i++)
        if (strcasecmp(voices->items[i].name, name) == 0)
            return &voices->items[i];
    return NULL;
}

bool elevenlabs_voice_find(const struct api *api, struct arena *arena, const char *id,
                           const char *model, struct elevenlabs_voice *out, struct err *err)
{
    const struct speaker_name asked = { .model = model, .voice = id };
    struct speaker_name speaker;
    struct engine_voices voices;
    const char *engine;

    if (!narrator_engine(api->narrator, arena, &engine, err) ||
        !names_resolve(api->engines, arena, engine, &asked, &speaker, err) ||
        !engines_list_model_voices(api->engines, speaker.engine, speaker.model, arena, &voices,
                                   err))
        return false;
    const char *voice = speaker.voice ? speaker.voice : voices.default_voice;
    const struct voice_info *info = find_info(&voices, voice);

    if (!info)
        return elevenlabs_refuse_voice(id, err);
    *out = elevenlabs_voice_of(arena, voices.engine, id, info);
    return true;
}

static bool find_voice(struct request *request, struct elevenlabs_voice *out, struct err *err)
{
    const char *id = request_path_param(request, "voice_id");

    if (elevenlabs_voice_find(request_context(request), request_arena(request), id, NULL, out, err))
        return true;
    if (err->kind == ERR_INVALID) /* a name that contradicts itself */
        elevenlabs_refuse_voice(id, err);
    return false;
}

/* ---- answers ---- */

static bool get_voice(struct request *request, struct response *response, struct err *err)
{
    struct elevenlabs_voice voice;

    if (!find_voice(request, &voice, err))
        return false;
    elevenlabs_write_voice(response_json(response), NULL, &voice);
    return true;
}

static bool get_settings(struct request *request, struct response *response, struct err *err)
{
    struct elevenlabs_voice voice;

    if (!find_voice(request, &voice, err))
        return false;
    shape_write(response_json(response), NULL, &elevenlabs_voice_settings_shape, voice.settings);
    return true;
}

static bool get_default_settings(struct request *request, struct response *response,
                                 struct err *err)
{
    (void)request, (void)err;
    shape_write(response_json(response), NULL, &elevenlabs_voice_settings_shape,
                &elevenlabs_default_settings);
    return true;
}

static bool list_voices(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct elevenlabs_mistakes mistakes = { 0 };
    struct elevenlabs_voice *voices;
    struct voice_query query;
    const char *engine;

    read_query(request, &query, &mistakes);
    if (mistakes.count > 0)
        return elevenlabs_refuse(response, &mistakes);
    if (!narrator_engine(api->narrator, arena, &engine, err))
        return false;
    size_t total = collect(api, arena, engine, &query, &voices);
    size_t first = (size_t)query.offset < total ? (size_t)query.offset : total;
    size_t count = total - first < (size_t)query.size ? total - first : (size_t)query.size;

    sort(&query, voices, total);
    const struct voice_page page = {
        .voices = { voices + first, count },
        .has_more = first + count < total,
        .total_count = (int64_t)total,
        .next_page_token = first + count < total ? arena_format(arena, "%zu", first + count) : NULL,
    };

    shape_write(response_json(response), NULL, &elevenlabs_voice_page_shape, &page);
    return true;
}

static const struct route_query voices_query[] = {
    { "page_size", "integer", "1 to 100; 10 when not given." },
    { "next_page_token", "string", "The last page's." },
    { "search", "string", "In name, id, description, language and gender." },
    { "sort", "string", "\"name\"; else in the order of /v1/voices." },
    { "sort_direction", "string", "\"asc\" or \"desc\"." },
    { "voice_type", "string", "All voices here are \"default\" ones." },
    { "category", "string", "All voices here are \"premade\"." },
    { "gender", "string", "\"female\", \"male\" or \"neutral\"." },
    { "language", "string", "\"en\", \"en-gb\" or \"english\"." },
    { "voice_ids", "string", "Those alone; may be repeated." },
    { "include_total_count", "boolean", "It always is." },
    { 0 },
};

const struct route elevenlabs_voice_routes[] = {
    { "GET", "/v2/voices", list_voices, NULL, ROUTE_LISTING, .operation = "elevenLabsVoices",
      .about = "The voices, as ElevenLabs' clients look for them: a page at a time.",
      .statuses = "200 ElevenLabsVoicePage, 422 ElevenLabsError", .query = voices_query },
    { "GET", "/v1/voices/{voice_id}", get_voice, NULL, ROUTE_LISTING,
      .operation = "elevenLabsVoice",
      .about = "A voice by any name that speech takes; blends are none.",
      .statuses = "200 ElevenLabsVoice, 404 ElevenLabsError, 503 ElevenLabsError" },
    { "GET", "/v1/voices/{voice_id}/settings", get_settings, NULL, ROUTE_LISTING,
      .operation = "elevenLabsVoiceSettings",
      .about = "What a voice is spoken with when a request says nothing else.",
      .statuses = "200 ElevenLabsVoiceSettings, 404 ElevenLabsError, 503 ElevenLabsError" },
    { "GET", "/v1/voices/settings/default", get_default_settings, NULL, ROUTE_LISTING,
      .operation = "elevenLabsDefaultVoiceSettings", .about = "The same, of any voice.",
      .statuses = "200 ElevenLabsVoiceSettings" },
};
