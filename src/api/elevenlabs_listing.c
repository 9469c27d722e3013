#include "api/elevenlabs_listing.h"

#include <string.h>

#include "base/language.h"

#define AT(type, member) .offset = offsetof(struct type, member)

/* ---- who asks ---- */

bool elevenlabs_is_client(const struct request *request)
{
    const char *agent = request_header(request, "User-Agent");

    return request_header(request, "xi-api-key") || (agent && strcasestr(agent, "elevenlabs"));
}

/* ---- voices ---- */

static const struct field labels_fields[] = {
    { "language", FIELD_TEXT, AT(elevenlabs_labels, language) },
    { "gender", FIELD_TEXT, AT(elevenlabs_labels, gender),
      .about = "\"female\", \"male\", or \"neutral\" where nobody says." },
    { "engine", FIELD_TEXT, AT(elevenlabs_labels, engine) },
};

const struct shape elevenlabs_labels_shape =
    SHAPE("ElevenLabsLabels", "What a voice is like.", SHAPE_ANSWER, labels_fields,
          struct elevenlabs_labels);

static const struct field settings_fields[] = {
    { "stability", FIELD_NUMBER, AT(elevenlabs_voice_settings, stability) },
    { "similarity_boost", FIELD_NUMBER, AT(elevenlabs_voice_settings, similarity_boost) },
    { "style", FIELD_NUMBER, AT(elevenlabs_voice_settings, style) },
    { "use_speaker_boost", FIELD_BOOLEAN, AT(elevenlabs_voice_settings, use_speaker_boost) },
    { "speed", FIELD_NUMBER, AT(elevenlabs_voice_settings, speed) },
};

const struct shape elevenlabs_voice_settings_shape =
    SHAPE("ElevenLabsVoiceSettings", "What a voice is spoken with; only the speed is heard here.",
          SHAPE_ANSWER, settings_fields, struct elevenlabs_voice_settings);

static const struct field verified_language_fields[] = {
    { "language", FIELD_TEXT, AT(elevenlabs_verified_language, language), .about = "\"en\"" },
    { "model_id", FIELD_TEXT, AT(elevenlabs_verified_language, model_id) },
    { "locale", FIELD_TEXT, AT(elevenlabs_verified_language, locale), .about = "\"en-us\"" },
};

const struct shape elevenlabs_verified_language_shape =
    SHAPE("ElevenLabsVerifiedLanguage", "A language that a voice speaks.", SHAPE_ANSWER,
          verified_language_fields, struct elevenlabs_verified_language);

static const struct field voice_fields[] = {
    { "id", FIELD_TEXT, AT(elevenlabs_voice, id), .about = "What a request names it by." },
    { "voice_id", FIELD_TEXT, AT(elevenlabs_voice, voice_id), .about = "The same." },
    { "name", FIELD_TEXT, AT(elevenlabs_voice, name), .about = "For people." },
    { "language", FIELD_TEXT, AT(elevenlabs_voice, language), .about = "\"en-us\", \"de\", …" },
    { "gender", FIELD_TEXT, AT(elevenlabs_voice, gender),
      .about = "\"female\", \"male\", or empty where nobody says." },
    { "engine", FIELD_TEXT, AT(elevenlabs_voice, engine), .about = "Whose voice it is." },
    { "category", FIELD_TEXT, AT(elevenlabs_voice, category), .about = "\"premade\"" },
    { "description", FIELD_TEXT, AT(elevenlabs_voice, description) },
    { "preview_url", FIELD_TEXT, FIELD_NULLABLE, AT(elevenlabs_voice, preview_url) },
    { "labels", FIELD_OBJECT, AT(elevenlabs_voice, labels), .shape = &elevenlabs_labels_shape },
    { "settings", FIELD_OBJECT, AT(elevenlabs_voice, settings),
      .shape = &elevenlabs_voice_settings_shape },
    { "verified_languages", FIELD_LIST, AT(elevenlabs_voice, verified_languages),
      .shape = &elevenlabs_verified_language_shape },
    { "is_owner", FIELD_BOOLEAN, AT(elevenlabs_voice, is_owner) },
    { "is_legacy", FIELD_BOOLEAN, AT(elevenlabs_voice, is_legacy) },
};

const struct shape elevenlabs_voice_shape =
    SHAPE("ElevenLabsVoice",
          "A voice, with the members that clients of OpenAI's and of ElevenLabs' look for.",
          SHAPE_ANSWER, voice_fields, struct elevenlabs_voice);

const struct elevenlabs_voice_settings elevenlabs_default_settings = {
    .stability = 0.5,
    .similarity_boost = 0.75,
    .use_speaker_boost = true,
    .speed = 1,
};

static struct list_items verified_languages_of(struct arena *arena, const char *engine,
                                               const char *locale)
{
    const struct elevenlabs_verified_language spoken = {
        .language = arena_strndup(arena, locale, language_primary_length(locale)),
        .model_id = engine,
        .locale = locale,
    };

    return (struct list_items){ arena_copy(arena, &spoken, sizeof spoken), 1 };
}

struct elevenlabs_voice elevenlabs_voice_of(struct arena *arena, const char *engine, const char *id,
                                            const struct voice_info *info)
{
    const struct elevenlabs_labels labels = {
        .language = info->language,
        .gender = *info->gender ? info->gender : "neutral",
        .engine = engine,
    };

    return (struct elevenlabs_voice){
        .id = id,
        .voice_id = id,
        .name = info->name,
        .language = info->language,
        .gender = info->gender,
        .engine = engine,
        .category = "premade",
        .description =
            arena_format(arena, "%s, spoken by %s", language_name(info->language), engine),
        .labels = arena_copy(arena, &labels, sizeof labels),
        .settings = &elevenlabs_default_settings,
        .verified_languages = verified_languages_of(arena, engine, info->language),
    };
}

void elevenlabs_write_voice(struct json_writer *w, const char *key,
                            const struct elevenlabs_voice *voice)
{
    shape_write(w, key, &elevenlabs_voice_shape, voice);
}

/* ---- models ---- */

static const struct field language_fields[] = {
    { "language_id", FIELD_TEXT, AT(elevenlabs_language, language_id), .about = "\"en\"" },
    { "name", FIELD_TEXT, AT(elevenlabs_language, name), .about = "\"English\"" },
};

const struct shape elevenlabs_language_shape =
    SHAPE("ElevenLabsLanguage", "A language that a model speaks.", SHAPE_ANSWER, language_fields,
          struct elevenlabs_language);

static const struct field rates_fields[] = {
    { "character_cost_multiplier", FIELD_NUMBER, AT(elevenlabs_rates, character_cost_multiplier) },
};

const struct shape elevenlabs_rates_shape =
    SHAPE("ElevenLabsRates", "What a character costs.", SHAPE_ANSWER, rates_fields,
          struct elevenlabs_rates);

/* A model with what is the same for all of ours: speech alone, and nothing to pay. */
struct model_view {
    struct elevenlabs_model model;
    bool can_do_voice_conversion, can_be_finetuned, can_use_style, can_use_speaker_boost,
        serves_pro_voices, requires_alpha_access;
    double token_cost_factor;
    const struct elevenlabs_rates *rates;
    const char *concurrency_group;
};

static const struct field model_fields[] = {
    { "model_id", FIELD_TEXT, AT(model_view, model.model_id) },
    { "name", FIELD_TEXT, AT(model_view, model.name) },
    { "description", FIELD_TEXT, AT(model_view, model.description) },
    { "can_do_text_to_speech", FIELD_BOOLEAN, AT(model_view, model.can_do_text_to_speech) },
    { "can_do_voice_conversion", FIELD_BOOLEAN, AT(model_view, can_do_voice_conversion) },
    { "can_be_finetuned", FIELD_BOOLEAN, AT(model_view, can_be_finetuned) },
    { "can_use_style", FIELD_BOOLEAN, AT(model_view, can_use_style) },
    { "can_use_speaker_boost", FIELD_BOOLEAN, AT(model_view, can_use_speaker_boost) },
    { "serves_pro_voices", FIELD_BOOLEAN, AT(model_view, serves_pro_voices) },
    { "requires_alpha_access", FIELD_BOOLEAN, AT(model_view, requires_alpha_access) },
    { "token_cost_factor", FIELD_NUMBER, AT(model_view, token_cost_factor),
      .about = "0: nothing is charged." },
    { "max_characters_request_free_user", FIELD_INTEGER, AT(model_view, model.characters_max) },
    { "max_characters_request_subscribed_user", FIELD_INTEGER,
      AT(model_view, model.characters_max) },
    { "maximum_text_length_per_request", FIELD_INTEGER, AT(model_view, model.characters_max) },
    { "languages", FIELD_LIST, AT(model_view, model.languages),
      .shape = &elevenlabs_language_shape },
    { "model_rates", FIELD_OBJECT, AT(model_view, rates), .shape = &elevenlabs_rates_shape },
    { "concurrency_group", FIELD_TEXT, AT(model_view, concurrency_group) },
};

const struct shape elevenlabs_model_shape =
    SHAPE("ElevenLabsModel", "A model as ElevenLabs' clients read it.", SHAPE_ANSWER, model_fields,
          struct model_view);

static bool is_listed(const struct elevenlabs_language *languages, size_t count, const char *tag)
{
    for (size_t i = 0; i < count; i++)
        if (language_is_same(languages[i].language_id, tag))
            return true;
    return false;
}

struct list_items elevenlabs_languages_of(struct arena *arena, const struct engine_voices *voices)
{
    struct elevenlabs_language *languages = arena_alloc(arena, voices->count * sizeof *languages);
    size_t count = 0;

    for (size_t i = 0; i < voices->count; i++) {
        const char *tag = voices->items[i].language;

        if (is_listed(languages, count, tag))
            continue;
        languages[count++] = (struct elevenlabs_language){
            .language_id = arena_strndup(arena, tag, language_primary_length(tag)),
            .name = language_name(tag),
        };
    }
    return (struct list_items){ languages, count };
}

void elevenlabs_write_models(struct json_writer *w, const char *key,
                             const struct elevenlabs_model *models, size_t count)
{
    static const struct elevenlabs_rates free_of_charge = { 0 };

    json_write_array_begin(w, key);
    for (size_t i = 0; i < count; i++) {
        const struct model_view view = {
            .model = models[i],
            .rates = &free_of_charge,
            .concurrency_group = "standard",
        };

        shape_write(w, NULL, &elevenlabs_model_shape, &view);
    }
    json_write_array_end(w);
}
