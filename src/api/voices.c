#include "api/voices.h"

#include <stddef.h>

#include "api/api.h"
#include "api/body.h"
#include "studio/engines.h"

/* ---- shapes ---- */

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct field voice_fields[] = {
    { "id", FIELD_TEXT, AT(voice_info, id), .about = "What the settings take." },
    { "name", FIELD_TEXT, AT(voice_info, name), .about = "For people." },
    { "language", FIELD_TEXT, AT(voice_info, language), .about = "\"en-us\", \"de\", …" },
    { "gender", FIELD_TEXT, AT(voice_info, gender),
      .about = "\"female\", \"male\", or empty where nobody says." },
};

const struct shape voice_shape =
    SHAPE("Voice", "A voice of an engine.", SHAPE_ANSWER, voice_fields, struct voice_info);

struct voice_list_view {
    const char *engine, *default_voice;
    struct list_items voices;
};

static const struct field voice_list_fields[] = {
    { "engine", FIELD_TEXT, AT(voice_list_view, engine), .about = "Whose voices these are." },
    { "default_voice", FIELD_TEXT, AT(voice_list_view, default_voice),
      .about = "The id of the one that speaks for ids that the engine does not know." },
    { "voices", FIELD_LIST, AT(voice_list_view, voices), .shape = &voice_shape,
      .about = "Sorted by id." },
};

const struct shape voice_list_shape = SHAPE("VoiceList", "The voices of an engine.", SHAPE_ANSWER,
                                            voice_list_fields, struct voice_list_view);

/* ---- handlers ---- */

static bool list_voices(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *engine = request_query(request, "engine");
    struct engine_voices voices;

    if (engine && !engine_name_check(engine, err))
        return false;
    if (!engine && !narrator_engine(api->narrator, request_arena(request), &engine, err))
        return false;
    if (!engines_list_voices(api->engines, engine, request_arena(request), &voices, err))
        return false;
    const struct voice_list_view answer = {
        .engine = voices.engine,
        .default_voice = voices.default_voice,
        .voices = { voices.items, voices.count },
    };
    shape_write(response_json(response), NULL, &voice_list_shape, &answer);
    return true;
}

static const struct route_query voices_query[] = {
    { "engine", "string",
      "\"auto\" or an engine's name; the one that would speak now when not given." },
    { 0 },
};

const struct route voice_routes[] = {
    { "GET", "/api/voices/", list_voices, NULL, 0, .operation = "listVoices",
      .about = "The voices of the engine that would speak now, or of another.",
      .statuses = "200 VoiceList, 400 FieldErrors, 503 Error", .query = voices_query },
};
