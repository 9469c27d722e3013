#include "api/profiles.h"

#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "api/speech_wish.h"
#include "api/uuid.h"
#include "api/voices.h"
#include "engine/engine.h"
#include "store/profiles.h"
#include "studio/live_speech.h"
#include "studio/names.h"

#define MODEL_MAX 200 /* characters of a model's id */
#define NO_EFFECTS "[]"

/* ---- shapes ---- */

#define AT(member) .offset = offsetof(struct profile, member)

static const char *const formats[] = { "mp3", "opus", "aac", "flac", "wav", "pcm", NULL };

/* Where fields stand in the table, and their bits in what a body gave, which begins with the name. */
enum {
    ID,
    NAME,
    BACKEND,
    MODEL,
    VOICE,
    SPEED,
    FORMAT,
    BLEND,
    REFERENCE_AUDIO,
    EFFECTS,
    IS_DEFAULT
};
#define GIVEN(field) (UINT64_C(1) << ((field)-NAME))

static const struct field profile_fields[] = {
    [ID] = { "id", FIELD_UUID, AT(id) },
    [NAME] = { "name", FIELD_TEXT, FIELD_REQUIRED, AT(name), .chars_max = PROFILE_NAME_MAX,
               .about = "No two profiles have the same, in any case." },
    [BACKEND] = { "backend", FIELD_TEXT, AT(backend), .about = "\"auto\" or an engine's name." },
    [MODEL] = { "model", FIELD_TEXT, FIELD_NULLABLE, AT(model), .chars_max = MODEL_MAX,
                .about = "As GET /api/models/ has it; null: the engine's own choice." },
    [VOICE] = { "voice", FIELD_TEXT, FIELD_REQUIRED, AT(voice), .chars_max = VOICE_ID_MAX,
                .about = "A voice's id, or a blend such as af_bella(2)+af_sky(1)." },
    [SPEED] = { "speed", FIELD_NUMBER, AT(speed), .least = LIVE_SPEED_MIN, .most = LIVE_SPEED_MAX,
                .about = "1 is natural." },
    [FORMAT] = { "format", FIELD_TEXT, AT(format), .choices = formats },
    [BLEND] = { "blend", FIELD_TEXT, FIELD_NULLABLE, AT(blend), .chars_max = VOICE_ID_MAX,
                .about = "Speaks instead of the voice." },
    [REFERENCE_AUDIO] = { "reference_audio_id", FIELD_TEXT, FIELD_NULLABLE, AT(reference_audio_id),
                          .about = "null: no engine here speaks after a recording." },
    [EFFECTS] = { "effects", FIELD_ANY_LIST, AT(effects),
                  .about = "Empty: there are no effects yet." },
    [IS_DEFAULT] = { "is_default", FIELD_BOOLEAN, AT(is_default),
                     .about = "Speaks for requests that name no profile." },
    { "created_at", FIELD_MOMENT, AT(created_at) },
    { "updated_at", FIELD_MOMENT, AT(updated_at) },
};

const struct shape profile_shape =
    SHAPE("Profile", "A saved way of speaking.", SHAPE_ANSWER, profile_fields, struct profile);
const struct shape profile_body_shape =
    SHAPE_FIRST(IS_DEFAULT - NAME, "ProfileBody", "A way of speaking.", SHAPE_BODY,
                profile_fields + NAME, struct profile);
const struct shape profile_patch_shape =
    SHAPE_FIRST(IS_DEFAULT - NAME, "ProfilePatch", "What changes of a way of speaking.",
                SHAPE_PATCH, profile_fields + NAME, struct profile);

struct list_view {
    struct list_items items;
    const char *default_profile_id;
};

static const struct field list_fields[] = {
    { "items", FIELD_LIST, .offset = offsetof(struct list_view, items), .shape = &profile_shape,
      .about = "By name." },
    { "default_profile_id", FIELD_UUID, FIELD_NULLABLE,
      .offset = offsetof(struct list_view, default_profile_id) },
};

const struct shape profile_list_shape =
    SHAPE("ProfileList", "All profiles.", SHAPE_ANSWER, list_fields, struct list_view);

struct default_view {
    const char *status, *default_profile_id;
};

static const struct field default_fields[] = {
    { "status", FIELD_TEXT, .offset = offsetof(struct default_view, status), .about = "\"ok\"." },
    { "default_profile_id", FIELD_UUID,
      .offset = offsetof(struct default_view, default_profile_id) },
};

const struct shape profile_default_shape = SHAPE("ProfileDefault", "Which profile is the default.",
                                                 SHAPE_ANSWER, default_fields, struct default_view);

/* ---- bodies ---- */

static void check(const struct profile *profile, struct field_errors *errors)
{
    enum audio_format format;
    struct err unknown;

    if (profile->backend && !engine_name_check(profile->backend, &unknown))
        field_errors_add_choice(errors, "backend", profile->backend);
    if (profile->voice)
        voice_id_check(profile->voice, "voice", errors);
    if (profile->blend)
        voice_id_check(profile->blend, "blend", errors);
    if (profile->format && !speech_format_parse(profile->format, &format))
        field_errors_add_choice(errors, "format", profile->format);
    if (profile->reference_audio_id)
        field_errors_add(errors, "reference_audio_id",
                         "No engine here speaks after a recording: leave this null.");
    if (profile->effects && strcmp(profile->effects, NO_EFFECTS) != 0)
        field_errors_add(errors, "effects", "There are no effects yet: leave this list empty.");
}

/* One that nobody here knows would be found out by ear only. */
static void check_voice(const struct api *api, const struct profile *profile, const char *voice,
                        const char *field, struct field_errors *errors)
{
    const struct speaker_name asked = { profile->backend, profile->model, voice };
    struct err err = { 0 };

    if (voice && !names_check_voice(api->engines, errors->arena, &asked, &err))
        field_errors_add(errors, field, "%s", err.message);
}

/* Of a whole profile, where the body (given) says something about who speaks. */
static bool check_voices(struct request *request, struct response *response,
                         const struct profile *profile, uint64_t given, bool *is_refused)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    uint64_t others = GIVEN(BACKEND) | GIVEN(MODEL);

    if (given & (others | GIVEN(VOICE)))
        check_voice(api, profile, profile->voice, "voice", &errors);
    if (given & (others | GIVEN(BLEND)))
        check_voice(api, profile, profile->blend, "blend", &errors);
    *is_refused = errors.count > 0 && body_refuse(response, &errors);
    return !*is_refused;
}

/* False when there is nothing to go on with: an error, or *is_refused. */
static bool read_body(struct request *request, struct response *response, const struct shape *shape,
                      struct profile *profile, uint64_t *given, bool *is_refused, struct err *err)
{
    struct field_errors errors = { .arena = request_arena(request) };

    *is_refused = false;
    if (!body_read(request, shape, profile, given, &errors, err))
        return false;
    check(profile, &errors);
    *is_refused = errors.count > 0 && body_refuse(response, &errors);
    return !*is_refused;
}

/* What a whole body need not say. */
static struct profile defaults(void)
{
    return (struct profile){
        .backend = "auto",
        .speed = 1,
        .format = "mp3",
        .effects = NO_EFFECTS,
    };
}

/* ---- handlers ---- */

static bool answer(struct request *request, struct response *response, const char *id,
                   struct err *err)
{
    const struct api *api = request_context(request);
    struct profile profile;

    if (!store_profile(api->store, request_arena(request), id, &profile, err))
        return false;
    shape_write(response_json(response), NULL, &profile_shape, &profile);
    return true;
}

static bool list_profiles(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct profile_list profiles;

    if (!store_profiles(api->store, request_arena(request), &profiles, err))
        return false;
    const struct list_view view = {
        .items = { profiles.items, (size_t)profiles.count },
        .default_profile_id = profiles.default_id,
    };
    shape_write(response_json(response), NULL, &profile_list_shape, &view);
    return true;
}

static bool create_profile(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct profile profile = defaults();
    bool is_refused;
    char id[ID_SIZE];

    if (!read_body(request, response, &profile_body_shape, &profile, NULL, &is_refused, err) ||
        !check_voices(request, response, &profile, UINT64_MAX, &is_refused))
        return is_refused;
    if (!store_profile_create(api->store, &profile, id, err))
        return false;
    response_status(response, 201);
    return answer(request, response, id, err);
}

static bool get_profile(struct request *request, struct response *response, struct err *err)
{
    return answer(request, response, request_uuid(request), err);
}

static bool change_profile(struct request *request, struct response *response,
                           const struct profile *profile, uint64_t given, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);
    const struct profile_change change = {
        .name = profile->name,
        .backend = profile->backend,
        .voice = profile->voice,
        .format = profile->format,
        .effects = profile->effects,
        .speed = profile->speed > 0 ? &profile->speed : NULL,
        .model = given & GIVEN(MODEL) ? &profile->model : NULL,
        .blend = given & GIVEN(BLEND) ? &profile->blend : NULL,
        .reference_audio_id = given & GIVEN(REFERENCE_AUDIO) ? &profile->reference_audio_id : NULL,
    };

    return store_profile_update(api->store, id, &change, err) && answer(request, response, id, err);
}

/* What the profile is to be, for what cannot be checked field by field. */
static bool merge(struct request *request, const struct profile *change, uint64_t given,
                  struct profile *out, struct err *err)
{
    const struct api *api = request_context(request);

    if (!store_profile(api->store, request_arena(request), request_uuid(request), out, err))
        return false;
    if (change->backend)
        out->backend = change->backend;
    if (change->voice)
        out->voice = change->voice;
    if (given & GIVEN(MODEL))
        out->model = change->model;
    if (given & GIVEN(BLEND))
        out->blend = change->blend;
    return true;
}

static bool patch_profile(struct request *request, struct response *response, struct err *err)
{
    struct profile profile = { 0 }, merged;
    bool is_refused;
    uint64_t given;

    if (!read_body(request, response, &profile_patch_shape, &profile, &given, &is_refused, err))
        return is_refused;
    if (!merge(request, &profile, given, &merged, err))
        return false;
    return check_voices(request, response, &merged, given, &is_refused)
               ? change_profile(request, response, &profile, given, err)
               : is_refused;
}

static bool put_profile(struct request *request, struct response *response, struct err *err)
{
    struct profile profile = defaults();
    bool is_refused;

    if (!read_body(request, response, &profile_body_shape, &profile, NULL, &is_refused, err) ||
        !check_voices(request, response, &profile, UINT64_MAX, &is_refused))
        return is_refused;
    return change_profile(request, response, &profile, UINT64_MAX, err);
}

static bool delete_profile(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);

    response_status(response, 204);
    return store_profile_delete(api->store, request_uuid(request), err);
}

static bool make_default(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const struct default_view view = { .status = "ok",
                                       .default_profile_id = request_uuid(request) };

    if (!store_profile_set_default(api->store, view.default_profile_id, true, err))
        return false;
    shape_write(response_json(response), NULL, &profile_default_shape, &view);
    return true;
}

static bool unmake_default(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);

    response_status(response, 204);
    return store_profile_set_default(api->store, request_uuid(request), false, err);
}

#define PROFILES "/api/profiles/"
#define PROFILE "/api/profiles/{id}/"
#define DEFAULT "/api/profiles/{id}/default/"

const struct route profile_routes[] = {
    { "GET", PROFILES, list_profiles, NULL, 0, .operation = "listProfiles",
      .about = "All profiles, and which one is the default.", .statuses = "200 ProfileList" },
    { "POST", PROFILES, create_profile, NULL, ROUTE_JSON, .operation = "createProfile",
      .about = "Makes a profile.", .takes = "ProfileBody",
      .statuses = "201 Profile, 400 FieldErrors, 409 Detail" },
    { "GET", PROFILE, get_profile, NULL, 0, .operation = "getProfile", .about = "A profile.",
      .statuses = "200 Profile, 404 Detail" },
    { "PUT", PROFILE, put_profile, NULL, ROUTE_JSON, .operation = "replaceProfile",
      .about = "Changes all of a profile; what is not given becomes what it is in a new one.",
      .takes = "ProfileBody", .statuses = "200 Profile, 400 FieldErrors, 404 Detail, 409 Detail" },
    { "PATCH", PROFILE, patch_profile, NULL, ROUTE_JSON, .operation = "updateProfile",
      .about = "Changes some of a profile.", .takes = "ProfilePatch",
      .statuses = "200 Profile, 400 FieldErrors, 404 Detail, 409 Detail" },
    { "DELETE", PROFILE, delete_profile, NULL, 0, .operation = "deleteProfile",
      .about = "Removes a profile. What was spoken with it stays in the history.",
      .statuses = "204, 404 Detail" },
    { "POST", DEFAULT, make_default, NULL, ROUTE_JSON, .operation = "makeProfileDefault",
      .about = "Lets the profile speak for requests that name none.",
      .statuses = "200 ProfileDefault, 404 Detail" },
    { "DELETE", DEFAULT, unmake_default, NULL, 0, .operation = "unmakeProfileDefault",
      .about = "Lets no profile be the default any more, if it was this one.",
      .statuses = "204, 404 Detail" },
};
