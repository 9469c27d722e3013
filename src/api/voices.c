#include "api/voices.h"

#include <stddef.h>

#include "api/api.h"
#include "api/body.h"
#include "studio/audition.h"
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
    bool can_blend;
    struct list_items voices;
};

static const struct field voice_list_fields[] = {
    { "engine", FIELD_TEXT, AT(voice_list_view, engine), .about = "Whose voices these are." },
    { "default_voice", FIELD_TEXT, AT(voice_list_view, default_voice),
      .about = "The id of the one that speaks for ids that the engine does not know." },
    { "can_blend", FIELD_BOOLEAN, AT(voice_list_view, can_blend),
      .about = "Whether an id may be a blend of them, such as af_bella(2)+af_sky(1)." },
    { "data", FIELD_LIST, AT(voice_list_view, voices), .shape = &voice_shape,
      .about = "Sorted by id; in the envelope that the takes' API has." },
};

const struct shape voice_list_shape = SHAPE("VoiceList", "The voices of an engine.", SHAPE_ANSWER,
                                            voice_list_fields, struct voice_list_view);

static const struct field audition_fields[] = {
    { "engine", FIELD_TEXT, AT(audition, engine),
      .about = "\"auto\" or an engine's name; the one that would speak now when not given." },
    { "voice", FIELD_TEXT, FIELD_REQUIRED, AT(audition, voice), .chars_max = VOICE_ID_MAX,
      .about = "As in the settings." },
    { "speed", FIELD_NUMBER, AT(audition, speed), .least = ENGINE_SPEED_MIN,
      .most = ENGINE_SPEED_MAX, .about = "1, which is natural, when not given." },
    { "text", FIELD_TEXT, AT(audition, text), .chars_max = AUDITION_CHARS_MAX,
      .about = "A sentence in the voice's language when not given." },
};

const struct shape audition_body_shape =
    SHAPE("AuditionBody", "A voice to hear.", SHAPE_BODY, audition_fields, struct audition);

/* ---- handlers ---- */

void voice_id_check(const char *id, const char *field, struct field_errors *errors)
{
    bool is_good = true;
    int depth = 0;

    for (; *id && is_good; id++) {
        depth += (*id == '(') - (*id == ')');
        is_good = (unsigned char)*id >= ' ' && *id != 0x7f && depth >= 0 && depth <= 1;
    }
    if (!is_good || depth != 0)
        field_errors_add(errors, field,
                         "This is no voice's id. A blend looks like af_bella(2)+af_sky(1).");
}

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
        .can_blend = voices.can_blend,
        .voices = { voices.items, voices.count },
    };
    shape_write(response_json(response), NULL, &voice_list_shape, &answer);
    return true;
}

static bool audition_voice(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct audition audition = { .speed = 1 };
    struct err unknown;
    struct buf wav;

    if (!body_read(request, &audition_body_shape, &audition, NULL, &errors, err))
        return false;
    if (audition.voice)
        voice_id_check(audition.voice, "voice", &errors);
    if (audition.engine && !engine_name_check(audition.engine, &unknown))
        field_errors_add_choice(&errors, "engine", audition.engine);
    if (errors.count > 0)
        return body_refuse(response, &errors);
    if (!audition.engine &&
        !narrator_engine(api->narrator, request_arena(request), &audition.engine, err))
        return false;
    bool ok = audition_speak(api->live, &audition, request_cancel(request), &wav, err);
    if (ok) {
        response_bytes(response, "audio/wav", wav.data, wav.len);
        response_header(response, "Cache-Control", "no-store");
    } else if (err->kind == ERR_UNSUPPORTED) { /* by the engine: a blend, say; no media type */
        err->kind = ERR_INVALID;
    }
    buf_release(&wav);
    return ok;
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
    { "POST", "/api/voices/audition/", audition_voice, NULL, ROUTE_JSON | ROUTE_READS | ROUTE_LONG,
      .operation = "auditionVoice",
      .about = "Speaks a short text with a voice at once, before other work, into a WAV file.",
      .takes = "AuditionBody", .statuses = "200 File, 400 FieldErrors, 503 Error" },
};
