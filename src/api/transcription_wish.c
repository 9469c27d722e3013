#include "api/transcription_wish.h"

#include <string.h>
#include <strings.h>

#include "base/number.h"

/* Clients send empty fields for what their user left open. */
static bool is_given(const char *value)
{
    return value && *value;
}

static bool read_format(const char *name, enum transcript_format *out, struct err *err)
{
    *out = TRANSCRIPT_JSON;
    if (!is_given(name) || transcript_format_parse(name, out))
        return true;
    if (strcmp(name, "diarized_json") == 0)
        return err_set_param(err, ERR_INVALID, "response_format",
                             "No model here tells speakers apart, so there is no diarized_json. "
                             "verbose_json has the segments and words.");
    return err_set_param(err, ERR_INVALID, "response_format",
                         "There is no response_format \"%.64s\": it is one of json, text, srt, "
                         "verbose_json and vtt.",
                         name);
}

static bool read_flag(const char *value, const char *field, bool *out, struct err *err)
{
    static const struct {
        const char *text;
        bool value;
    } flags[] = { { "true", true }, { "false", false }, { "1", true }, { "0", false } };

    if (!is_given(value))
        return true;
    for (size_t i = 0; i < COUNT(flags); i++) {
        if (strcasecmp(value, flags[i].text) != 0)
            continue;
        *out = flags[i].value;
        return true;
    }
    return err_set_param(err, ERR_INVALID, field, "%s is true or false, not \"%.64s\".", field,
                         value);
}

static bool check_temperature(const char *value, struct err *err)
{
    double ignored;

    if (!is_given(value) || number_parse(value, "temperature", 0, 1, &ignored, err))
        return true;
    return err_set_param(err, ERR_INVALID, "temperature",
                         "temperature is a number from 0 to 1, not \"%.64s\".", value);
}

/* Segments are told where nothing else is asked for. */
static bool read_granularities(const struct transcription_fields *fields,
                               struct transcript_detail *out, struct err *err)
{
    for (size_t i = 0; i < fields->granularity_count; i++) {
        const char *name = fields->granularities[i];

        if (strcmp(name, "word") == 0)
            out->has_words = true;
        else if (strcmp(name, "segment") == 0)
            out->has_segments = true;
        else
            return err_set_param(err, ERR_INVALID, "timestamp_granularities",
                                 "timestamp_granularities are word and segment, not \"%.64s\".",
                                 name);
    }
    if (!out->has_words)
        out->has_segments = true;
    return true;
}

static bool check_include(const struct transcription_fields *fields, struct err *err)
{
    for (size_t i = 0; i < fields->include_count; i++)
        if (strcmp(fields->include[i], "logprobs") != 0)
            return err_set_param(err, ERR_INVALID, "include",
                                 "include takes logprobs and nothing else, not \"%.64s\".",
                                 fields->include[i]);
    return true;
}

static bool is_strategy(const char *name)
{
    return name && (strcmp(name, "auto") == 0 || strcmp(name, "server_vad") == 0);
}

/* What is said is always split where nobody speaks, as either of them asks. */
static bool check_strategy(const char *value, struct err *err)
{
    struct err ignored;

    if (!is_given(value) || is_strategy(value) || strcmp(value, "null") == 0)
        return true;
    json_t *object = json_parse(value, strlen(value), "chunking_strategy", &ignored);
    bool is_good = is_strategy(json_string_value(json_object_get(object, "type")));

    json_decref(object);
    if (is_good)
        return true;
    return err_set_param(err, ERR_INVALID, "chunking_strategy",
                         "chunking_strategy is auto, or an object of type server_vad.");
}

/* Several languages say no more than that it is one of them. */
static const char *pick_language(const struct transcription_fields *fields)
{
    if (is_given(fields->language))
        return fields->language;
    return fields->language_count == 1 ? fields->languages[0] : NULL;
}

bool transcription_wish_read(const struct transcription_fields *fields,
                             struct transcription_wish *out, struct err *err)
{
    *out = (struct transcription_wish){ .language = pick_language(fields), .is_kept = true };
    if (!read_format(fields->response_format, &out->format, err) ||
        !read_granularities(fields, &out->detail, err) ||
        !read_flag(fields->stream, "stream", &out->is_streamed, err) ||
        !read_flag(fields->save_history, "save_history", &out->is_kept, err) ||
        !check_temperature(fields->temperature, err) || !check_include(fields, err) ||
        !check_strategy(fields->chunking_strategy, err))
        return false;
    if (out->is_streamed && out->format != TRANSCRIPT_JSON && out->format != TRANSCRIPT_TEXT)
        return err_set_param(err, ERR_INVALID, "stream",
                             "A stream has text only: leave stream out for %s, or "
                             "response_format.",
                             transcript_format_name(out->format));
    return true;
}
