#include "api/settings.h"

#include <stddef.h>

#include "api/api.h"
#include "api/body.h"
#include "api/voices.h"
#include "engine/engine.h"
#include "store/settings.h"

#define AT(member) .offset = offsetof(struct settings, member)

static const struct field settings_fields[] = {
    { "default_voice_id", FIELD_TEXT, FIELD_REQUIRED, AT(default_voice_id),
      .chars_max = VOICE_ID_MAX,
      .about = "A voice's id, or a blend such as af_bella(2)+af_sky(1). One the engine does not "
               "know speaks with its default voice." },
    { "tts_speed", FIELD_NUMBER, FIELD_REQUIRED, AT(tts_speed), .least = ENGINE_SPEED_MIN,
      .most = ENGINE_SPEED_MAX, .about = "1 is natural." },
    { "engine", FIELD_TEXT, AT(engine), .about = "\"auto\" or an engine's name." },
    { "updated_at", FIELD_MOMENT, AT(updated_at) },
};

/* All but the moment can be set. */
#define WRITABLE (COUNT(settings_fields) - 1)

const struct shape settings_shape =
    SHAPE("Settings", "What speaks, and how, when nothing else is said.", SHAPE_ANSWER,
          settings_fields, struct settings);
const struct shape settings_body_shape = SHAPE_FIRST(WRITABLE, "SettingsBody", "The settings.",
                                                     SHAPE_BODY, settings_fields, struct settings);
const struct shape settings_patch_shape =
    SHAPE_FIRST(WRITABLE, "SettingsPatch", "What changes of the settings.", SHAPE_PATCH,
                settings_fields, struct settings);

static bool get_settings(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct settings settings;

    if (!store_settings_get(api->store, request_arena(request), &settings, err))
        return false;
    shape_write(response_json(response), NULL, &settings_shape, &settings);
    return true;
}

static void check(const struct settings *settings, struct field_errors *errors)
{
    struct err unknown;

    if (settings->engine && !engine_name_check(settings->engine, &unknown))
        field_errors_add_choice(errors, "engine", settings->engine);
    if (settings->default_voice_id)
        voice_id_check(settings->default_voice_id, "default_voice_id", errors);
}

static bool change_settings(struct request *request, struct response *response,
                            const struct shape *shape, struct err *err)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct settings body = { 0 };

    if (!body_read(request, shape, &body, NULL, &errors, err))
        return false;
    check(&body, &errors);
    if (errors.count > 0)
        return body_refuse(response, &errors);
    const struct settings_change change = {
        .default_voice_id = body.default_voice_id,
        .tts_speed = body.tts_speed > 0 ? &body.tts_speed : NULL,
        .engine = body.engine,
    };

    if (!store_settings_update(api->store, &change, err))
        return false;
    return get_settings(request, response, err);
}

static bool patch_settings(struct request *request, struct response *response, struct err *err)
{
    return change_settings(request, response, &settings_patch_shape, err);
}

static bool put_settings(struct request *request, struct response *response, struct err *err)
{
    return change_settings(request, response, &settings_body_shape, err);
}

#define SETTINGS "/api/settings/"

const struct route settings_routes[] = {
    { "GET", SETTINGS, get_settings, NULL, 0, .operation = "getSettings", .about = "The settings.",
      .statuses = "200 Settings" },
    { "PATCH", SETTINGS, patch_settings, NULL, ROUTE_JSON, .operation = "updateSettings",
      .about = "Changes some settings. Work that was started goes on with the old ones.",
      .takes = "SettingsPatch", .statuses = "200 Settings, 400 FieldErrors" },
    { "PUT", SETTINGS, put_settings, NULL, ROUTE_JSON, .operation = "replaceSettings",
      .about = "Changes the settings.", .takes = "SettingsBody",
      .statuses = "200 Settings, 400 FieldErrors" },
};
