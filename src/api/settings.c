#include "api/settings.h"

#include <stddef.h>

#include "api/api.h"
#include "api/body.h"
#include "api/voices.h"
#include "engine/engine.h"
#include "store/settings.h"

struct settings_view {
    struct settings settings;
    struct history_policy history; /* in force */
};

#define AT(member) .offset = offsetof(struct settings_view, member)

/* Where fields stand in the table, and their bits in what a body gave. */
enum {
    DEFAULT_VOICE_ID,
    TTS_SPEED,
    ENGINE,
    HISTORY_ENABLED,
    HISTORY_RETAIN_AUDIO,
    HISTORY_MAX_ENTRIES,
    HISTORY_MAX_MB,
    UPDATED_AT, /* cannot be set */
};

static const struct field settings_fields[] = {
    [DEFAULT_VOICE_ID] = { "default_voice_id", FIELD_TEXT, FIELD_REQUIRED,
                           AT(settings.default_voice_id), .chars_max = VOICE_ID_MAX,
                           .about = "A voice's id, or a blend such as af_bella(2)+af_sky(1). One "
                                    "the engine does not know speaks with its default voice." },
    [TTS_SPEED] = { "tts_speed", FIELD_NUMBER, FIELD_REQUIRED, AT(settings.tts_speed),
                    .least = ENGINE_SPEED_MIN, .most = ENGINE_SPEED_MAX, .about = "1 is natural." },
    [ENGINE] = { "engine", FIELD_TEXT, AT(settings.engine),
                 .about = "\"auto\" or an engine's name." },
    [HISTORY_ENABLED] = { "history_enabled", FIELD_BOOLEAN, AT(history.is_enabled),
                          .about = "Keep what is spoken and heard. Until it is set, this and what "
                                   "follows are as the server is configured." },
    [HISTORY_RETAIN_AUDIO] = { "history_retain_audio", FIELD_BOOLEAN, AT(history.keeps_audio),
                               .about =
                                   "Keep the audio of what is spoken from now on. Audio that is "
                                   "there stays either way." },
    [HISTORY_MAX_ENTRIES] = { "history_max_entries", FIELD_INTEGER, AT(history.entries_max),
                              .least = 0, .most = HISTORY_ENTRIES_MAX,
                              .about = "The oldest ones over it go. 0: no limit." },
    [HISTORY_MAX_MB] = { "history_max_mb", FIELD_INTEGER, AT(history.mb_max), .least = 0,
                         .most = HISTORY_MB_MAX,
                         .about = "Of audio, of 2^20 bytes; the oldest entries with audio over it "
                                  "go. 0: no limit." },
    [UPDATED_AT] = { "updated_at", FIELD_MOMENT, AT(settings.updated_at) },
};

const struct shape settings_shape =
    SHAPE("Settings", "What speaks, and how, when nothing else is said.", SHAPE_ANSWER,
          settings_fields, struct settings_view);
const struct shape settings_body_shape = SHAPE_FIRST(
    UPDATED_AT, "SettingsBody", "The settings.", SHAPE_BODY, settings_fields, struct settings_view);
const struct shape settings_patch_shape =
    SHAPE_FIRST(UPDATED_AT, "SettingsPatch", "What changes of the settings.", SHAPE_PATCH,
                settings_fields, struct settings_view);

static bool get_settings(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct settings_view view;

    if (!store_settings_get(api->store, request_arena(request), &view.settings, err))
        return false;
    view.history = history_policy(api->history, &view.settings);
    shape_write(response_json(response), NULL, &settings_shape, &view);
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

/* The field's value where the body gave it. */
#define IF_GIVEN(field, value) (given & (UINT64_C(1) << (field)) ? &(value) : NULL)

static bool change_settings(struct request *request, struct response *response,
                            const struct shape *shape, struct err *err)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct settings_view body = { 0 };
    uint64_t given;

    if (!body_read(request, shape, &body, &given, &errors, err))
        return false;
    check(&body.settings, &errors);
    if (errors.count > 0)
        return body_refuse(response, &errors);
    const struct settings_change change = {
        .default_voice_id = body.settings.default_voice_id,
        .tts_speed = IF_GIVEN(TTS_SPEED, body.settings.tts_speed),
        .engine = body.settings.engine,
        .history_enabled = IF_GIVEN(HISTORY_ENABLED, body.history.is_enabled),
        .history_retain_audio = IF_GIVEN(HISTORY_RETAIN_AUDIO, body.history.keeps_audio),
        .history_max_entries = IF_GIVEN(HISTORY_MAX_ENTRIES, body.history.entries_max),
        .history_max_mb = IF_GIVEN(HISTORY_MAX_MB, body.history.mb_max),
    };

    if (!store_settings_update(api->store, &change, err))
        return false;
    if (given >> HISTORY_ENABLED)
        history_trim(api->history);
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
