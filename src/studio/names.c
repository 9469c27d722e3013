#include "studio/names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "models/catalogue.h"

/* ---- models ---- */

const struct mapped_model names_mapped_models[] = {
    { "tts-1", false },
    { "tts-1-hd", false },
    { "gpt-4o-mini-tts", false },
    { "whisper-1", true },
    { "gpt-4o-transcribe", true },
    { "gpt-4o-mini-transcribe", true },
    { 0 },
};

#define ANY_HEARING_MODEL "whisper-1"

/* Names on hubs, without whose they are, and ours. Where a hub's name is a catalogue id but for its
 * owner it needs no row. */
static const struct {
    const char *hub, *ours;
} hub_models[] = {
    { "Kokoro-82M", "kokoro" },
    { "Kokoro-82M-v1.0-ONNX", "kokoro" },
    { "Kokoro-82M-v1.0-ONNX-fp16", "kokoro-fp16" },
    { "Kokoro-82M-v1.0-ONNX-int8", "kokoro-q8" },
    { "Kokoro-82M-ONNX", "kokoro" },
    { "kitten-tts-nano-0.2", "kitten-nano-0.2" },
    { "kitten-tts-nano-0.8-fp32", "kitten-nano-0.8" },
    { "kitten-tts-nano-0.8-int8", "kitten-nano-0.8-int8" },
    { "kitten-tts-nano-0.8", "kitten-nano-0.8" },
    { "kitten-tts-micro-0.8", "kitten-micro-0.8" },
    { "kitten-tts-mini-0.8", "kitten-mini-0.8" },
    { "piper-voices", "piper" },
    { "moonshine-tiny-ONNX", "moonshine-tiny" },
};

static bool is_said(const char *name)
{
    return name && *name;
}

static bool is_auto(const char *engine)
{
    return !is_said(engine) || strcmp(engine, "auto") == 0;
}

static const char *find_engine_name(const char *name, size_t length)
{
    for (size_t i = 0; i < engine_count(); i++) {
        const char *engine = engine_name_at(i);

        if (strlen(engine) == length && strncmp(engine, name, length) == 0)
            return engine;
    }
    return NULL;
}

/* The engine in front of "engine:voice", or NULL; *rest is what follows. */
static const char *engine_prefix(const char *name, const char **rest)
{
    const char *colon = strchr(name, ':');
    const char *engine = colon ? find_engine_name(name, (size_t)(colon - name)) : NULL;

    *rest = engine ? colon + 1 : name;
    return engine;
}

const char *names_engine_of_voice(const char *voice)
{
    const char *rest;

    return engine_prefix(voice, &rest);
}

static bool contains(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

/* A Whisper or a Moonshine of any maker. */
static bool is_hearing_name(const char *name)
{
    return contains(name, "whisper") || contains(name, "transcribe") ||
           strncasecmp(name, "moonshine", strlen("moonshine")) == 0;
}

/* The catalogue's spelling of an id, or NULL. */
static const char *catalogue_id(struct arena *arena, const struct catalogue *catalogue,
                                const char *name)
{
    for (size_t i = 0; i < catalogue_count(catalogue); i++) {
        const char *id = catalogue_at(catalogue, i)->id;

        if (strcasecmp(id, name) == 0)
            return arena_strdup(arena, id);
    }
    return NULL;
}

static const char *hub_row(const char *name)
{
    for (size_t i = 0; i < COUNT(hub_models); i++)
        if (strcasecmp(hub_models[i].hub, name) == 0)
            return hub_models[i].ours;
    return NULL;
}

const char *names_of_hub(struct arena *arena, const char *model)
{
    const char *slash = strrchr(model, '/');
    const char *name = slash ? slash + 1 : NULL;
    struct catalogue *catalogue;
    struct err why;

    if (!is_said(name))
        return NULL;
    const char *ours = hub_row(name);
    if (!ours && (catalogue = catalogue_open(&why))) {
        ours = catalogue_id(arena, catalogue, name);
        catalogue_close(catalogue);
    }
    return ours || !is_hearing_name(name) ? ours : ANY_HEARING_MODEL;
}

static bool can_speak(const struct model_entry *entry)
{
    return find_engine_name(entry->engine, strlen(entry->engine)) && model_onnx_file(entry);
}

/* False when there is no such entry, or err says that it cannot speak. */
static bool resolve_entry(struct arena *arena, const char *model, const char **engine,
                          const char **model_id, struct err *err)
{
    struct catalogue *catalogue = catalogue_open(err);
    const struct model_entry *entry = catalogue ? catalogue_find(catalogue, model) : NULL;

    if (entry && can_speak(entry)) {
        *engine = find_engine_name(entry->engine, strlen(entry->engine));
        *model_id = arena_strdup(arena, entry->id);
    } else if (entry) {
        err_set_param(err, ERR_INVALID, "model", "%s is no model that speaks.", entry->id);
    }
    catalogue_close(catalogue);
    return *model_id;
}

/* A file in the models folder that the catalogue does not know, by its path there. */
static bool resolve_file(struct engines *engines, struct arena *arena, const char *model,
                         const char **engine, const char **model_id)
{
    struct speech_models models;

    engines_list_models(engines, arena, &models);
    for (size_t i = 0; i < models.count; i++) {
        const struct speech_model *found = &models.items[i];

        if (strcmp(found->id, model) != 0)
            continue;
        *engine = found->engine;
        *model_id = found->name;
        return true;
    }
    return false;
}

static bool is_mapped(const char *model)
{
    for (const struct mapped_model *row = names_mapped_models; row->name; row++) {
        size_t length = strlen(row->name);

        if (strncmp(row->name, model, length) == 0 && (!model[length] || model[length] == '-'))
            return true; /* dated ones, such as gpt-4o-mini-tts-2025-12-15, too */
    }
    return false;
}

bool names_resolve_model(struct engines *engines, struct arena *arena, const char *model,
                         const char **engine, const char **model_id, struct err *err)
{
    const char *rest;

    *engine = "auto";
    *model_id = NULL;
    if (!is_said(model) || strcmp(model, "auto") == 0 || is_mapped(model))
        return true;
    const char *ours = names_of_hub(arena, model);
    const char *name = ours ? ours : model;
    const char *found = engine_prefix(name, &rest);
    if (!found)
        found = find_engine_name(name, strlen(name));
    if (found) {
        *engine = found;
        return true;
    }
    err_clear(err);
    if (resolve_entry(arena, name, engine, model_id, err) ||
        resolve_file(engines, arena, name, engine, model_id))
        return true;
    if (err->kind != ERR_NONE)
        return false;
    if (!is_mapped(name) && engines_is_news(engines, model))
        log_info("names", "no model is called \"%.80s\"; what speaks by default speaks for it",
                 model);
    return true;
}

/* ---- voices ---- */

enum gender { FEMALE, MALE };

/* OpenAI's voices. Kokoro has some of the same name, and others that come near; elsewhere the one with
 * that number among the voices of the gender speaks. */
static const struct {
    const char *name, *kokoro;
    enum gender gender;
    size_t number;
} openai_voices[] = {
    { "alloy", "af_alloy", FEMALE, 0 }, { "ash", "am_michael", MALE, 0 },
    { "ballad", "bm_george", MALE, 1 }, { "coral", "af_sarah", FEMALE, 1 },
    { "echo", "am_echo", MALE, 2 },     { "fable", "bm_fable", MALE, 3 },
    { "onyx", "am_onyx", MALE, 4 },     { "nova", "af_nova", FEMALE, 2 },
    { "sage", "af_kore", FEMALE, 3 },   { "shimmer", "af_bella", FEMALE, 4 },
    { "verse", "am_puck", MALE, 5 },    { "marin", "af_heart", FEMALE, 5 },
    { "cedar", "am_fenrir", MALE, 6 },
};

static const struct voice_info *find_voice(const struct engine_voices *voices, const char *id)
{
    for (size_t i = 0; i < voices->count; i++)
        if (strcmp(voices->items[i].id, id) == 0)
            return &voices->items[i];
    return NULL;
}

/* By id or by the name for people, as engines take both. */
static bool has_speaker(const struct engine_voices *voices, const char *name)
{
    for (size_t i = 0; i < voices->count; i++)
        if (strcmp(voices->items[i].id, name) == 0 || strcasecmp(voices->items[i].name, name) == 0)
            return true;
    return false;
}

/* Of the gender, in the language of the engine's default voice. */
static bool is_like(const struct voice_info *voice, const struct voice_info *usual,
                    enum gender gender)
{
    return strcmp(voice->gender, gender == FEMALE ? "female" : "male") == 0 &&
           strcmp(voice->language, usual->language) == 0;
}

static const char *voice_of_gender(const struct engine_voices *voices, enum gender gender,
                                   size_t number)
{
    const struct voice_info *usual = find_voice(voices, voices->default_voice);
    size_t count = 0;

    for (size_t i = 0; i < voices->count; i++)
        count += is_like(&voices->items[i], usual, gender);
    if (count == 0)
        return voices->default_voice;
    number %= count;
    for (size_t i = 0; i < voices->count; i++)
        if (is_like(&voices->items[i], usual, gender) && number-- == 0)
            return voices->items[i].id;
    return voices->default_voice;
}

/* The engine's voice that stands for OpenAI's, or NULL when it is none of those. */
static const char *voice_for_openai(const struct engine_voices *voices, const char *name)
{
    for (size_t i = 0; i < COUNT(openai_voices); i++) {
        if (strcmp(openai_voices[i].name, name) != 0)
            continue;
        if (strcmp(voices->engine, "kokoro") == 0 && find_voice(voices, openai_voices[i].kokoro))
            return openai_voices[i].kokoro;
        return voice_of_gender(voices, openai_voices[i].gender, openai_voices[i].number);
    }
    return NULL;
}

static const char *translate(const struct engine_voices *voices, const char *voice)
{
    const char *translated = find_voice(voices, voice) ? NULL : voice_for_openai(voices, voice);

    return translated ? translated : voice;
}

/* ---- all three ---- */

static bool settle_engine(const struct speaker_name *asked, struct speaker_name *out,
                          struct err *err)
{
    if (is_auto(asked->engine))
        return true;
    if (!engine_name_check(asked->engine, err))
        return false;
    if (out->model && strcmp(out->engine, asked->engine) != 0)
        return err_set_param(err, ERR_INVALID, "model", "The model %.80s is not for the engine %s.",
                             asked->model, asked->engine);
    out->engine = asked->engine;
    return true;
}

/* The engine that the voice names. The name of an engine as model gives way: clients that cannot say
 * anything else send it with every voice of the list. */
static bool settle_prefix(const struct speaker_name *asked, struct speaker_name *out,
                          struct err *err)
{
    const char *rest;
    const char *engine = engine_prefix(out->voice, &rest);

    if (!engine)
        return true;
    if ((!is_auto(asked->engine) || out->model) && strcmp(out->engine, engine) != 0)
        return err_set_param(err, ERR_INVALID, "voice",
                             "The voice %.80s is not one of the engine %s.", asked->voice,
                             out->engine);
    out->engine = engine;
    out->voice = *rest ? rest : NULL;
    return true;
}

bool names_has_model(const struct speech_models *models, const char *engine)
{
    for (size_t i = 0; i < models->count; i++)
        if (strcmp(models->items[i].engine, engine) == 0)
            return true;
    return strcmp(engine, ENGINE_ESPEAK) == 0;
}

/* The model and engine that has the voice, among those of that engine, or of all where it is "auto". */
static bool find_owner(struct engines *engines, struct arena *arena, const char *engine,
                       struct speaker_name *out)
{
    struct engine_voices voices;
    struct speech_models models;
    struct err why;

    engines_list_models(engines, arena, &models);
    for (size_t i = 0; i < models.count; i++) {
        const struct speech_model *model = &models.items[i];

        if ((is_auto(engine) || strcmp(engine, model->engine) == 0) &&
            engines_list_model_voices(engines, model->engine, model->name, arena, &voices, &why) &&
            find_voice(&voices, out->voice)) {
            out->engine = model->engine;
            out->model = model->name;
            return true;
        }
    }
    if (is_auto(engine) && engines_list_voices(engines, ENGINE_ESPEAK, arena, &voices, &why) &&
        find_voice(&voices, out->voice)) {
        out->engine = ENGINE_ESPEAK;
        return true;
    }
    return false;
}

/* The voice as the engine calls it. An engine that cannot speak says so when it is asked to. */
static void settle_voice(struct engines *engines, struct arena *arena, bool is_open,
                         struct speaker_name *out)
{
    struct engine_voices voices;
    struct err why;

    if (!engines_list_model_voices(engines, out->engine, out->model, arena, &voices, &why) ||
        has_speaker(&voices, out->voice))
        return;
    const char *translated = translate(&voices, out->voice);
    if (translated != out->voice)
        out->voice = translated;
    else if (!out->model)
        find_owner(engines, arena, is_open ? "auto" : out->engine, out);
}

/* The voice in a model's name such as "kokoro:af_bella", or NULL. */
static const char *voice_in_model(const char *model)
{
    const char *voice = NULL;

    return is_said(model) && engine_prefix(model, &voice) && *voice ? voice : NULL;
}

bool names_resolve(struct engines *engines, struct arena *arena, const char *default_engine,
                   const struct speaker_name *asked, struct speaker_name *out, struct err *err)
{
    *out = (struct speaker_name){ .voice = is_said(asked->voice) ? asked->voice : NULL };
    if (!names_resolve_model(engines, arena, asked->model, &out->engine, &out->model, err) ||
        !settle_engine(asked, out, err) || (out->voice && !settle_prefix(asked, out, err)))
        return false;
    if (!out->voice)
        out->voice = voice_in_model(asked->model);
    bool is_open = is_auto(out->engine) && is_auto(default_engine);
    if (is_auto(out->engine))
        out->engine = is_auto(default_engine) ? "auto" : default_engine;
    if (out->voice)
        settle_voice(engines, arena, is_open, out);
    return true;
}

bool names_check_voice(struct engines *engines, struct arena *arena,
                       const struct speaker_name *asked, struct err *err)
{
    struct speaker_name speaker;
    struct err why = { 0 };

    if (!names_resolve(engines, arena, "auto", asked, &speaker, err))
        return strcmp(err->param, "voice") != 0;
    if (!speaker.voice)
        return true;
    /* Until the engine that "auto" likes best is there, nobody knows what its voices are. */
    if (is_auto(speaker.engine) && !engines_can_speak(engines, engine_name_at(0), &why))
        return true;
    if (engines_check_voice(engines, speaker.engine, speaker.model, speaker.voice, err))
        return true;
    if (err->kind == ERR_UNSUPPORTED)
        err->kind = ERR_INVALID;
    return strcmp(err->param, "voice") != 0;
}

/* ---- the list ---- */

struct voice_gathering {
    struct engines *engines;
    struct arena *arena;
    const char *default_engine;
    struct named_voice *items; /* in the arena */
    size_t count, capacity;
};

static bool has_voice(const struct voice_gathering *list, const char *engine, const char *id)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].engine, engine) == 0 && strcmp(list->items[i].info->id, id) == 0)
            return true;
    return false;
}

static void reserve(struct voice_gathering *list, size_t more)
{
    if (list->count + more <= list->capacity)
        return;
    list->capacity = 2 * (list->count + more);
    struct named_voice *items = arena_alloc(list->arena, list->capacity * sizeof *items);

    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
}

/* Those that no model of the engine before this one has. */
static void add_voices(struct voice_gathering *list, const struct engine_voices *voices)
{
    bool is_first_model = true;

    for (size_t i = 0; i < list->count; i++)
        is_first_model = is_first_model && strcmp(list->items[i].engine, voices->engine) != 0;
    reserve(list, voices->count);
    for (size_t i = 0; i < voices->count; i++) {
        const struct voice_info *info = &voices->items[i];

        if (has_voice(list, voices->engine, info->id))
            continue;
        list->items[list->count++] = (struct named_voice){
            .id = strcmp(voices->engine, list->default_engine) == 0
                      ? info->id
                      : arena_format(list->arena, "%s:%s", voices->engine, info->id),
            .engine = voices->engine,
            .model = voices->model,
            .info = info,
            .is_default = is_first_model && strcmp(info->id, voices->default_voice) == 0,
        };
    }
}

/* Of the best model first, as the engine's own list has them. */
static void add_engine(struct voice_gathering *list, const char *engine)
{
    struct engine_voices voices;
    struct speech_models models;
    struct err why;

    engines_list_models(list->engines, list->arena, &models);
    if (!names_has_model(&models, engine) ||
        !engines_list_voices(list->engines, engine, list->arena, &voices, &why))
        return;
    add_voices(list, &voices);
    for (size_t i = 0; i < models.count; i++)
        if (strcmp(models.items[i].engine, engine) == 0 &&
            strcmp(models.items[i].name, voices.model) != 0 &&
            engines_list_model_voices(list->engines, engine, models.items[i].name, list->arena,
                                      &voices, &why))
            add_voices(list, &voices);
}

void names_list_voices(struct engines *engines, struct arena *arena, const char *default_engine,
                       struct named_voices *out)
{
    const char *asked = is_auto(default_engine) ? "auto" : default_engine;
    struct engine_voices usual;
    struct err why;
    bool can_speak = engines_list_voices(engines, asked, arena, &usual, &why);
    struct voice_gathering list = { .engines = engines,
                                    .arena = arena,
                                    .default_engine = can_speak ? usual.engine : asked };

    add_engine(&list, list.default_engine);
    for (size_t i = 0; i < engine_count(); i++)
        if (strcmp(engine_name_at(i), list.default_engine) != 0)
            add_engine(&list, engine_name_at(i));
    *out = (struct named_voices){ list.items, list.count, list.default_engine };
}
