#include "api/speech_wish.h"

#include <stdio.h>
#include <string.h>

#include "base/language_tag.h"
#include "base/utf8.h"
#include "engine/engine.h"
#include "studio/live_speech.h"

#define NAME_MAX_CHARS 200 /* of models, voices, profiles; a blend of many parts fits */

bool speech_format_parse(const char *name, enum audio_format *out)
{
    return audio_format_parse(name, out) && audio_format_is_common(*out);
}

/* Absent and null are the same: clients send null for what their user left open. */
static const json_t *member(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);

    return json_is_null(value) ? NULL : value;
}

static bool read_text(const json_t *body, const char *name, size_t chars_max, const char **out,
                      struct err *err)
{
    const json_t *value = member(body, name);

    if (!value)
        return true;
    if (!json_is_string(value))
        return err_set_param(err, ERR_INVALID, name, "%s is a text.", name);
    size_t chars = utf8_chars(json_string_value(value), json_string_length(value));
    if (chars > chars_max)
        return err_set_param(err, ERR_INVALID, name,
                             "%s has at most %zu characters; this one has %zu.", name, chars_max,
                             chars);
    *out = json_string_value(value);
    return true;
}

static bool read_input(const json_t *body, struct speech_wish *out, struct err *err)
{
    if (!read_text(body, "input", SIZE_MAX, &out->input, err))
        return false;
    return out->input ||
           err_set_param(err, ERR_INVALID, "input", "There is no input: the text to speak.");
}

/* "alloy", or {"id": "alloy"}. */
static bool read_voice(const json_t *body, struct speech_wish *out, struct err *err)
{
    const json_t *value = member(body, "voice");

    if (!json_is_object(value))
        return read_text(body, "voice", NAME_MAX_CHARS, &out->voice, err);
    if (!json_is_string(json_object_get(value, "id")))
        return err_set_param(err, ERR_INVALID, "voice",
                             "voice is a text, or an object with the text \"id\".");
    if (read_text(value, "id", NAME_MAX_CHARS, &out->voice, err))
        return true;
    snprintf(err->param, sizeof err->param, "voice");
    return false;
}

static bool read_format(const json_t *body, struct speech_wish *out, struct err *err)
{
    const json_t *value = member(body, "response_format");
    const char *name = json_string_value(value);

    if (!value)
        return true;
    out->has_format = name && speech_format_parse(name, &out->format);
    return out->has_format ||
           err_set_param(err, ERR_INVALID, "response_format",
                         "response_format is one of mp3, opus, aac, flac, wav and pcm%s%.40s%s.",
                         name ? ", not \"" : "", name ? name : "", name ? "\"" : "");
}

static bool read_speed(const json_t *body, struct speech_wish *out, struct err *err)
{
    const json_t *value = member(body, "speed");

    if (!value)
        return true;
    out->speed = json_number_value(value);
    return (out->speed >= LIVE_SPEED_MIN && out->speed <= LIVE_SPEED_MAX) ||
           err_set_param(err, ERR_INVALID, "speed", "speed is a number from %g to %g.",
                         LIVE_SPEED_MIN, LIVE_SPEED_MAX);
}

static bool read_stream_format(const json_t *body, struct speech_wish *out, struct err *err)
{
    const json_t *value = member(body, "stream_format");
    const char *name = json_string_value(value);

    out->is_sse = name && strcmp(name, "sse") == 0;
    return !value || out->is_sse || (name && strcmp(name, "audio") == 0) ||
           err_set_param(err, ERR_INVALID, "stream_format", "stream_format is audio or sse.");
}

static bool read_language(const json_t *body, struct speech_wish *out, struct err *err)
{
    if (!read_text(body, "language", LANGUAGE_TAG_MAX, &out->language, err))
        return false;
    return !out->language || !*out->language || language_tag_is_valid(out->language) ||
           err_set_param(err, ERR_INVALID, "language",
                         "language is a tag like \"en\" or \"pt-BR\", not \"%.40s\".",
                         out->language);
}

static bool read_engine(const json_t *body, struct speech_wish *out, struct err *err)
{
    if (!read_text(body, "engine", NAME_MAX_CHARS, &out->engine, err))
        return false;
    if (!out->engine || !*out->engine || engine_name_check(out->engine, err))
        return true;
    snprintf(err->param, sizeof err->param, "engine");
    return false;
}

static bool check_effects(const json_t *body, struct err *err)
{
    const json_t *value = member(body, "effects");

    return !value || (json_is_array(value) && json_array_size(value) == 0) ||
           err_set_param(err, ERR_INVALID, "effects",
                         "effects are not there yet: leave them out, or send an empty list.");
}

static bool read_keep(const json_t *body, struct speech_wish *out, struct err *err)
{
    const json_t *value = member(body, "save_history");

    if (value)
        out->keep = json_is_true(value) ? SPEECH_KEEP_YES : SPEECH_KEEP_NO;
    return !value || json_is_boolean(value) ||
           err_set_param(err, ERR_INVALID, "save_history", "save_history is true or false.");
}

bool speech_wish_read(const json_t *body, struct speech_wish *out, struct err *err)
{
    const char *instructions = NULL;

    *out = (struct speech_wish){ 0 };
    if (!json_is_object(body))
        return err_set(err, ERR_INVALID, "The body is a JSON object.");
    return read_text(body, "model", NAME_MAX_CHARS, &out->model, err) &&
           read_input(body, out, err) && read_voice(body, out, err) &&
           read_text(body, "instructions", SPEECH_INSTRUCTIONS_MAX, &instructions, err) &&
           read_format(body, out, err) && read_speed(body, out, err) &&
           read_stream_format(body, out, err) &&
           read_text(body, "profile_id", NAME_MAX_CHARS, &out->profile_id, err) &&
           read_language(body, out, err) && read_engine(body, out, err) &&
           check_effects(body, err) && read_keep(body, out, err);
}
