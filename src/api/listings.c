#include "api/listings.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "api/api.h"
#include "api/elevenlabs_listing.h"
#include "studio/names.h"

#define AT(type, member) .offset = offsetof(struct type, member)

/* ---- shapes ---- */

/* A name that a request may say. */
struct listed_model {
    const char *id, *object, *name, *owned_by;
    int64_t created; /* seconds since 1970 */
    bool hears;      /* it transcribes; else it speaks */
};

static const struct field model_fields[] = {
    { "id", FIELD_TEXT, AT(listed_model, id), .about = "What a request names it by." },
    { "object", FIELD_TEXT, AT(listed_model, object), .about = "\"model\"" },
    { "created", FIELD_INTEGER, AT(listed_model, created),
      .about = "Seconds since 1970: the time of its file." },
    { "owned_by", FIELD_TEXT, AT(listed_model, owned_by),
      .about = "What stands behind the name: an engine, or the model that works now." },
    { "name", FIELD_TEXT, AT(listed_model, name), .about = "For people." },
};

const struct shape openai_model_shape =
    SHAPE("OpenAiModel", "A model's name as OpenAI's clients read it.", SHAPE_ANSWER, model_fields,
          struct listed_model);

struct model_list {
    const char *object;
    struct list_items data;
};

static const struct field model_list_fields[] = {
    { "object", FIELD_TEXT, AT(model_list, object), .about = "\"list\"" },
    { "data", FIELD_LIST, AT(model_list, data), .shape = &openai_model_shape },
};

const struct shape openai_model_list_shape =
    SHAPE("OpenAiModelList",
          "Models that are installed, engines, and names of OpenAI's that these answer to.",
          SHAPE_ANSWER, model_list_fields, struct model_list);

static const struct field audio_model_fields[] = {
    { "object", FIELD_TEXT, AT(model_list, object), .about = "\"list\"" },
    { "models", FIELD_LIST, AT(model_list, data), .shape = &openai_model_shape },
    { "data", FIELD_LIST, AT(model_list, data), .shape = &openai_model_shape,
      .about = "The same." },
};

const struct shape audio_model_listing_shape = SHAPE(
    "AudioModelListing", "Models that speak.", SHAPE_ANSWER, audio_model_fields, struct model_list);

struct voice_listing {
    const char *object;
    struct list_items voices;
};

static const struct field voice_listing_fields[] = {
    { "object", FIELD_TEXT, AT(voice_listing, object), .about = "\"list\"" },
    { "voices", FIELD_LIST, AT(voice_listing, voices), .shape = &elevenlabs_voice_shape,
      .about = "Of the engine that speaks by default first; others' ids are \"engine:voice\"." },
    { "data", FIELD_LIST, AT(voice_listing, voices), .shape = &elevenlabs_voice_shape,
      .about = "The same." },
};

const struct shape voice_listing_shape =
    SHAPE("VoiceListing", "The voices of all engines that could speak now.", SHAPE_ANSWER,
          voice_listing_fields, struct voice_listing);

/* ---- models ---- */

struct listing {
    const struct api *api;
    struct arena *arena;
    struct shelf_models shelf;
    const char *default_engine; /* "auto" or a name */
    struct listed_model *items;
    size_t count;
};

/* Of the program: where no file of its own stands behind a name. */
static int64_t program_time_s(void)
{
    struct stat st;

    return stat("/proc/self/exe", &st) == 0 ? (int64_t)st.st_mtim.tv_sec : 0;
}

static int64_t time_of_s(const struct listing *list, const char *model)
{
    for (size_t i = 0; i < list->shelf.count; i++)
        if (strcmp(list->shelf.items[i].id, model) == 0 && list->shelf.items[i].installed_at_ms)
            return list->shelf.items[i].installed_at_ms / 1000;
    return program_time_s();
}

static const struct listed_model *find_listed(const struct listing *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].id, id) == 0)
            return &list->items[i];
    return NULL;
}

static void add(struct listing *list, const struct listed_model *model)
{
    if (find_listed(list, model->id))
        return;
    list->items[list->count] = *model;
    list->items[list->count++].object = "model";
}

/* What speaks when an engine, or "auto", is asked to: its model's public id, or the engine's name.
 * NULL when it cannot. */
static const char *speaker_of(const struct listing *list, const char *engine)
{
    struct engines *engines = list->api->engines;
    struct speech_models models;
    struct engine_voices voices;
    struct err why;

    engines_list_models(engines, list->arena, &models);
    if ((strcmp(engine, "auto") != 0 && !names_has_model(&models, engine)) ||
        !engines_list_voices(engines, engine, list->arena, &voices, &why))
        return NULL;
    for (size_t i = 0; i < models.count; i++)
        if (strcmp(models.items[i].name, voices.model) == 0)
            return models.items[i].id;
    return voices.engine;
}

static void add_engines(struct listing *list)
{
    for (size_t i = 0; i < engine_count(); i++) {
        const char *name = engine_name_at(i);
        const char *speaker = speaker_of(list, name);

        if (speaker)
            add(list, &(struct listed_model){ .id = name,
                                              .name = name,
                                              .owned_by = speaker,
                                              .created = time_of_s(list, speaker) });
    }
}

/* Those whose engine works, which for most takes ONNX Runtime. */
static void add_installed(struct listing *list)
{
    struct err why;
    bool can_hear = transcriber_can_hear(list->api->transcriber, &why);

    for (size_t i = 0; i < list->shelf.count; i++) {
        const struct shelf_model *model = &list->shelf.items[i];
        bool hears = model->kind == MODEL_TRANSCRIPTION && can_hear;
        bool speaks = model->kind == MODEL_SPEECH && find_listed(list, model->engine);

        if (model->state == MODEL_INSTALLED && (hears || speaks))
            add(list, &(struct listed_model){ .id = model->id,
                                              .name = model->name,
                                              .owned_by = model->engine,
                                              .created = time_of_s(list, model->id),
                                              .hears = hears });
    }
}

static void add_mapped(struct listing *list)
{
    const char *speaker = speaker_of(list, list->default_engine);
    const char *hearer = find_listed(list, TRANSCRIBER_MODEL) ? TRANSCRIBER_MODEL : NULL;

    for (const struct mapped_model *row = names_mapped_models; row->name; row++) {
        const char *behind = row->hears ? hearer : speaker;

        if (behind)
            add(list, &(struct listed_model){ .id = row->name,
                                              .name = row->name,
                                              .owned_by = behind,
                                              .created = time_of_s(list, behind),
                                              .hears = row->hears });
    }
}

static size_t mapped_count(void)
{
    size_t count = 0;

    while (names_mapped_models[count].name)
        count++;
    return count;
}

static bool gather(struct listing *list, struct request *request, struct err *err)
{
    const struct api *api = request_context(request);

    *list = (struct listing){ .api = api, .arena = request_arena(request) };
    if (!narrator_engine(api->narrator, list->arena, &list->default_engine, err))
        return false;
    model_shelf_list(api->shelf, list->arena, &list->shelf);
    list->items =
        arena_alloc(list->arena, (engine_count() + list->shelf.count + mapped_count() + 1) *
                                     sizeof *list->items);
    add_engines(list);
    add_installed(list);
    add_mapped(list);
    return true;
}

/* ---- models, for ElevenLabs' clients ---- */

/* Models that speak, as names for model_id. */
static void write_elevenlabs_models(const struct listing *list, struct response *response)
{
    struct elevenlabs_model *models = arena_alloc(list->arena, (list->count + 1) * sizeof *models);
    struct engines *engines = list->api->engines;
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct listed_model *item = &list->items[i];
        const char *engine, *model;
        struct engine_voices voices;
        struct err why = { 0 };

        if (item->hears ||
            !names_resolve_model(engines, list->arena, item->id, &engine, &model, &why) ||
            !engines_list_model_voices(engines, engine, model, list->arena, &voices, &why))
            continue;
        models[count++] = (struct elevenlabs_model){
            .model_id = item->id,
            .name = item->name,
            .description = arena_format(list->arena, "Spoken by %s", item->owned_by),
            .can_do_text_to_speech = true,
            .characters_max = ELEVENLABS_TEXT_MAX,
            .languages = elevenlabs_languages_of(list->arena, &voices),
        };
    }
    elevenlabs_write_models(response_json(response), NULL, models, count);
}

/* ---- handlers ---- */

static bool list_models(struct request *request, struct response *response, struct err *err)
{
    struct listing list;

    if (!gather(&list, request, err))
        return false;
    if (elevenlabs_is_client(request)) {
        write_elevenlabs_models(&list, response);
        return true;
    }
    const struct model_list answer = { "list", { list.items, list.count } };

    shape_write(response_json(response), NULL, &openai_model_list_shape, &answer);
    return true;
}

/* By any name; a hub's is that of what stands behind it. */
static bool get_model(struct request *request, struct response *response, struct err *err)
{
    const char *id = request_path_param(request, "id");
    struct listing list;

    if (!gather(&list, request, err))
        return false;
    const struct listed_model *found = find_listed(&list, id);
    const char *behind = found ? NULL : names_of_hub(list.arena, id);

    if (behind)
        found = find_listed(&list, behind);
    if (!found)
        return err_set_param(err, ERR_NOT_FOUND, "model",
                             "There is no model \"%.120s\" here. GET /v1/models lists those there "
                             "are; `parlando models list` shows what can be installed.",
                             id);
    struct listed_model model = *found;

    model.id = id;
    shape_write(response_json(response), NULL, &openai_model_shape, &model);
    return true;
}

static bool list_audio_models(struct request *request, struct response *response, struct err *err)
{
    struct listing list;
    size_t count = 0;

    if (!gather(&list, request, err))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (!list.items[i].hears)
            list.items[count++] = list.items[i];
    const struct model_list answer = { "list", { list.items, count } };

    shape_write(response_json(response), NULL, &audio_model_listing_shape, &answer);
    return true;
}

static bool list_voices(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct named_voices voices;
    const char *engine;

    if (!narrator_engine(api->narrator, arena, &engine, err))
        return false;
    names_list_voices(api->engines, arena, engine, &voices);
    struct elevenlabs_voice *items = arena_alloc(arena, (voices.count + 1) * sizeof *items);
    for (size_t i = 0; i < voices.count; i++)
        items[i] = elevenlabs_voice_of(arena, voices.items[i].engine, voices.items[i].id,
                                       voices.items[i].info);
    const struct voice_listing answer = { "list", { items, voices.count } };

    shape_write(response_json(response), NULL, &voice_listing_shape, &answer);
    return true;
}

const struct route listing_routes[] = {
    { "GET", "/v1/models", list_models, NULL, ROUTE_LISTING, .operation = "listOpenAiModels",
      .about = "Names of models. ElevenLabs' clients get a bare array of their own kind.",
      .statuses = "200 AnyModelList" },
    { "GET", "/v1/models/{id...}", get_model, NULL, ROUTE_LISTING, .operation = "getOpenAiModel",
      .about = "One of them; \"hexgrad/Kokoro-82M\" and other names of hubs are known too.",
      .statuses = "200 OpenAiModel, 404 OpenAiError" },
    { "GET", "/v1/voices", list_voices, NULL, ROUTE_LISTING, .operation = "listAllVoices",
      .about = "The voices of all engines.", .statuses = "200 VoiceListing" },
    { "GET", "/v1/audio/voices", list_voices, NULL, ROUTE_LISTING, .operation = "listAudioVoices",
      .about = "The same.", .statuses = "200 VoiceListing" },
    { "GET", "/v1/audio/models", list_audio_models, NULL, ROUTE_LISTING,
      .operation = "listAudioModels", .about = "The models that speak.",
      .statuses = "200 AudioModelListing" },
};
