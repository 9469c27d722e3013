#include "api/elevenlabs_wish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studio/live_speech.h"

/* ---- output_format ---- */

static const char *const output_formats[] = {
    "mp3_22050_32",   "mp3_24000_48",   "mp3_44100_32",  "mp3_44100_64",  "mp3_44100_96",
    "mp3_44100_128",  "mp3_44100_192",  "opus_48000_32", "opus_48000_64", "opus_48000_96",
    "opus_48000_128", "opus_48000_192", "pcm_8000",      "pcm_16000",     "pcm_22050",
    "pcm_24000",      "pcm_32000",      "pcm_44100",     "pcm_48000",     "wav_8000",
    "wav_16000",      "wav_22050",      "wav_24000",     "wav_32000",     "wav_44100",
    "wav_48000",      "ulaw_8000",      "alaw_8000",
};

static bool is_output_format(const char *name)
{
    for (size_t i = 0; i < COUNT(output_formats); i++)
        if (strcmp(name, output_formats[i]) == 0)
            return true;
    return false;
}

/* "mp3_44100_128": codec, rate, kbit/s. The last is left out where nothing is compressed. */
static void read_output_format(const char *name, struct elevenlabs_wish *out,
                               struct elevenlabs_mistakes *mistakes)
{
    char codec[8];

    if (is_output_format(name) &&
        sscanf(name, "%7[^_]_%d_%d", codec, &out->rate_hz, &out->bitrate_kbps) >= 2 &&
        audio_format_parse(codec, &out->format))
        return;
    elevenlabs_mistakes_add(mistakes, "query", "output_format", "enum",
                            "There is no output_format \"%.32s\": they are like mp3_44100_128, "
                            "opus_48000_64, pcm_24000, wav_44100 and ulaw_8000.",
                            name);
}

/* ---- the body ---- */

/* NULL too when it is null, which clients send for what is not set. */
static const json_t *member_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

/* path: the member's name, with those it lies in before it. */
static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

static const char *read_text(const json_t *object, const char *path,
                             struct elevenlabs_mistakes *mistakes)
{
    const json_t *value = member_of(object, last_part(path));

    if (value && !json_is_string(value))
        elevenlabs_mistakes_add(mistakes, "body", path, "string_type",
                                "Input should be a valid string");
    return json_string_value(value);
}

static double read_number(const json_t *object, const char *path, double least, double most,
                          double otherwise, struct elevenlabs_mistakes *mistakes)
{
    const json_t *value = member_of(object, last_part(path));

    if (!value)
        return otherwise;
    if (!json_is_number(value)) {
        elevenlabs_mistakes_add(mistakes, "body", path, "float_type",
                                "Input should be a valid number");
        return otherwise;
    }
    double number = json_number_value(value);

    if (number < least)
        elevenlabs_mistakes_add(mistakes, "body", path, "greater_than_equal",
                                "Input should be greater than or equal to %.12g", least);
    if (number > most)
        elevenlabs_mistakes_add(mistakes, "body", path, "less_than_equal",
                                "Input should be less than or equal to %.12g", most);
    return number;
}

static void check_flag(const json_t *object, const char *path, struct elevenlabs_mistakes *mistakes)
{
    const json_t *value = member_of(object, last_part(path));

    if (value && !json_is_boolean(value))
        elevenlabs_mistakes_add(mistakes, "body", path, "bool_type",
                                "Input should be a valid boolean");
}

static void read_settings(const json_t *body, struct elevenlabs_wish *out,
                          struct elevenlabs_mistakes *mistakes)
{
    const json_t *settings = member_of(body, "voice_settings");

    if (settings && !json_is_object(settings)) {
        elevenlabs_mistakes_add(mistakes, "body", "voice_settings", "dict_type",
                                "Input should be a valid object");
        return;
    }
    out->speed =
        read_number(settings, "voice_settings.speed", LIVE_SPEED_MIN, LIVE_SPEED_MAX, 1, mistakes);
    read_number(settings, "voice_settings.stability", 0, 1, 0, mistakes);
    read_number(settings, "voice_settings.similarity_boost", 0, 1, 0, mistakes);
    read_number(settings, "voice_settings.style", 0, 1, 0, mistakes);
    check_flag(settings, "voice_settings.use_speaker_boost", mistakes);
}

static const char *none_for_empty(const char *text)
{
    return text && *text ? text : NULL;
}

static void read_members(const json_t *body, struct elevenlabs_wish *out,
                         struct elevenlabs_mistakes *mistakes)
{
    out->text = read_text(body, "text", mistakes);
    out->model = none_for_empty(read_text(body, "model_id", mistakes));
    out->language = none_for_empty(read_text(body, "language_code", mistakes));
    read_settings(body, out, mistakes);
    read_number(body, "seed", 0, UINT32_MAX, 0, mistakes);
    read_text(body, "previous_text", mistakes);
    read_text(body, "next_text", mistakes);
    if (!member_of(body, "text"))
        elevenlabs_mistakes_add(mistakes, "body", "text", "missing", "Field required");
    else if (out->text && out->text[strspn(out->text, " \t\r\n")] == '\0')
        elevenlabs_mistakes_add(mistakes, "body", "text", "string_too_short",
                                "There is nothing to speak: the text is empty.");
}

void elevenlabs_wish_read(const json_t *body, const char *output_format,
                          struct elevenlabs_wish *out, struct elevenlabs_mistakes *mistakes)
{
    *out = (struct elevenlabs_wish){ .speed = 1 };
    read_output_format(output_format ? output_format : ELEVENLABS_FORMAT_DEFAULT, out, mistakes);
    if (json_is_object(body))
        read_members(body, out, mistakes);
    else
        elevenlabs_mistakes_add(mistakes, "body", "", "dict_type",
                                "Input should be a valid object");
}
