#include "api/elevenlabs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "api/character_times.h"
#include "api/elevenlabs_wish.h"
#include "api/speech.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "http/stream.h"

#define EVENT_BYTES_MAX (64u << 20) /* of one object: a piece of audio, its characters and times */

/* ---- what is asked ---- */

bool elevenlabs_refuse(struct response *response, const struct elevenlabs_mistakes *mistakes)
{
    response_status(response, 422);
    elevenlabs_mistakes_write(mistakes, response_json(response));
    return true;
}

static bool refuse_length(struct request *request, struct response *response, size_t chars)
{
    char *message = arena_format(request_arena(request),
                                 "The text has %zu characters; %d are allowed in one request.",
                                 chars, ELEVENLABS_TEXT_MAX);
    const struct elevenlabs_error error = {
        .message = message,
        .type = "validation_error",
        .code = "max_character_limit_exceeded",
        .param = "text",
        .request_id = request_id(request),
    };

    response_status(response, 400);
    elevenlabs_error_write(response_json(response), &error);
    return true;
}

bool elevenlabs_refuse_voice(const char *id, struct err *err)
{
    return err_set_param(err, ERR_NOT_FOUND, "voice_id",
                         "A voice with the voice_id \"%.128s\" was not found. /v2/voices lists "
                         "those there are.",
                         id);
}

/* The other face lets the default voice speak for one that is not there; clients of this one expect
 * to be told. The parts of a blend are the engine's to look at. */
static bool check_voice(struct request *request, const struct speech_wish *wish, struct err *err)
{
    struct elevenlabs_voice voice;

    return strpbrk(wish->voice, "+(") ||
           elevenlabs_voice_find(request_context(request), request_arena(request), wish->voice,
                                 wish->model, &voice, err);
}

static bool is_no(const char *flag)
{
    return flag && strcmp(flag, "false") == 0;
}

/* Errors name the members of the shared wish, which have other names here. */
static void rename_param(const char *voice_id, struct err *err)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = {
        { "input", "text" },
        { "model", "model_id" },
        { "language", "language_code" },
        { "response_format", "output_format" },
        { "speed", "voice_settings.speed" },
    };

    if (strcmp(err->param, "voice") == 0 && err->kind == ERR_INVALID) {
        elevenlabs_refuse_voice(voice_id, err);
        return;
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(err->param, names[i].ours) != 0)
            continue;
        snprintf(err->param, sizeof err->param, "%s", names[i].theirs);
        return;
    }
}

/* What clients read to know what they spend and how much they may ask for at once. */
static void set_headers(struct request *request, struct response *response, size_t chars)
{
    const struct api *api = request_context(request);
    const struct server_load load = server_load(api->server);
    char number[24];

    response_header(response, "request-id", request_id(request));
    snprintf(number, sizeof number, "%zu", chars);
    response_header(response, "character-cost", number);
    snprintf(number, sizeof number, "%d", load.long_running);
    response_header(response, "current-concurrent-requests", number);
    snprintf(number, sizeof number, "%d", load.long_max);
    response_header(response, "maximum-concurrent-requests", number);
}

/* What an answer is made with: fills the body, or fails. */
typedef bool speak_order(struct request *request, struct response *response,
                         const struct speech_wish *wish, struct err *err);

static bool speak(struct request *request, struct response *response, speak_order *order,
                  struct err *err)
{
    const json_t *body = request_json(request, err);
    struct elevenlabs_mistakes mistakes = { 0 };
    struct elevenlabs_wish asked;

    if (!body)
        return false;
    elevenlabs_wish_read(body, request_query(request, "output_format"), &asked, &mistakes);
    if (mistakes.count > 0)
        return elevenlabs_refuse(response, &mistakes);
    size_t chars = utf8_chars(asked.text, strlen(asked.text));

    if (chars > ELEVENLABS_TEXT_MAX)
        return refuse_length(request, response, chars);
    const struct speech_wish wish = {
        .input = asked.text,
        .model = asked.model,
        .voice = request_path_param(request, "voice_id"),
        .language = asked.language,
        .profile_id = "",
        .speed = asked.speed,
        .has_format = true,
        .format = asked.format,
        .rate_hz = asked.rate_hz,
        .bitrate_kbps = asked.bitrate_kbps,
        .keep =
            is_no(request_query(request, "enable_logging")) ? SPEECH_KEEP_NO : SPEECH_KEEP_DEFAULT,
        .input_max = ELEVENLABS_TEXT_MAX,
    };

    set_headers(request, response, chars);
    if (check_voice(request, &wish, err) && order(request, response, &wish, err))
        return true;
    rename_param(wish.voice, err);
    return false;
}

/* ---- bare audio ---- */

static bool convert(struct request *request, struct response *response, struct err *err)
{
    return speak(request, response, speech_answer, err);
}

/* ---- audio with times ---- */

/* An answer on its way. As one object its audio is one run of base64, whose pieces must be of three
 * bytes times any number; as several, each has its own. */
struct timed_answer {
    struct response *response;
    struct stream *stream; /* NULL until there is audio */
    bool is_chunked;
    struct character_times times;
    size_t told;           /* characters whose times were sent */
    unsigned char left[3]; /* bytes that no base64 was made of yet */
    size_t left_count;
    struct buf text; /* to be sent */
};

static bool send_text(struct timed_answer *answer, struct err *err)
{
    bool ok = buf_ok(&answer->text, "answer", err);

    if (ok && !stream_push(answer->stream, answer->text.data, answer->text.len))
        ok = err_set(err, ERR_CANCELLED, "The client has left.");
    buf_clear(&answer->text);
    return ok;
}

/* The characters whose times are known by now; null when there are no further ones. */
static void write_alignment(struct timed_answer *answer, struct json_writer *w)
{
    const struct character_times *times = &answer->times;

    if (answer->told < times->count)
        character_times_write(times, w, "alignment", answer->told, times->count);
    else
        json_write_null(w, "alignment");
    json_write_null(w, "normalized_alignment"); /* the times are those of the text as sent */
    answer->told = times->count;
}

/* {"audio_base64": …, "alignment": …} and a line end. */
static void append_chunk(struct timed_answer *answer, const void *bytes, size_t length)
{
    struct json_writer w = JSON_WRITER(&answer->text);
    struct buf audio = BUF(EVENT_BYTES_MAX);

    buf_append_str(&audio, "");
    base64_append(&audio, bytes, length);
    json_write_object_begin(&w, NULL);
    json_write_text(&w, "audio_base64", audio.data);
    write_alignment(answer, &w);
    json_write_object_end(&w);
    buf_append_char(&answer->text, '\n');
    answer->text.failed |= audio.failed;
    buf_release(&audio);
}

/* Keeps what does not make three bytes for the next piece. */
static void append_base64(struct timed_answer *answer, const unsigned char *bytes, size_t length)
{
    while (answer->left_count > 0 && answer->left_count < sizeof answer->left && length > 0) {
        answer->left[answer->left_count++] = *bytes++;
        length--;
    }
    if (answer->left_count == sizeof answer->left) {
        base64_append(&answer->text, answer->left, sizeof answer->left);
        answer->left_count = 0;
    }
    size_t rest = length % sizeof answer->left;

    base64_append(&answer->text, bytes, length - rest);
    for (size_t i = length - rest; i < length; i++)
        answer->left[answer->left_count++] = bytes[i];
}

static bool begin_timed(void *state, const struct spoken_by *by, struct err *err)
{
    struct timed_answer *answer = state;

    (void)by, (void)err;
    answer->stream = response_stream(answer->response, answer->is_chunked ? "application/x-ndjson"
                                                                          : "application/json");
    if (!answer->is_chunked)
        buf_append_str(&answer->text, "{\"audio_base64\":\"");
    return true;
}

static bool send_timed_audio(void *state, const void *bytes, size_t length, struct err *err)
{
    struct timed_answer *answer = state;

    if (answer->is_chunked)
        append_chunk(answer, bytes, length);
    else
        append_base64(answer, bytes, length);
    return send_text(answer, err);
}

static void keep_word(void *state, const struct timed_word *word)
{
    struct timed_answer *answer = state;

    character_times_add(&answer->times, word);
}

/* What is left of the characters, and the end of the object. */
static bool end_timed(struct timed_answer *answer, double seconds, struct err *err)
{
    character_times_end(&answer->times, seconds);
    if (answer->is_chunked) {
        append_chunk(answer, "", 0);
        return send_text(answer, err);
    }
    struct buf members = BUF(EVENT_BYTES_MAX);
    struct json_writer w = JSON_WRITER(&members);

    base64_append(&answer->text, answer->left, answer->left_count);
    json_write_object_begin(&w, NULL);
    write_alignment(answer, &w);
    json_write_object_end(&w);
    buf_append_str(&answer->text, "\",");
    if (!members.failed)
        buf_append_str(&answer->text, members.data + 1); /* they stand in the object that is open */
    answer->text.failed |= members.failed;
    buf_release(&members);
    return send_text(answer, err);
}

static bool answer_timed(struct request *request, struct response *response,
                         const struct speech_wish *wish, bool is_chunked, struct err *err)
{
    struct timed_answer answer = {
        .response = response,
        .is_chunked = is_chunked,
        .text = BUF(EVENT_BYTES_MAX),
    };
    const struct speech_listener listener = {
        .begin = begin_timed,
        .audio = send_timed_audio,
        .word = keep_word,
        .state = &answer,
    };
    struct speech_outcome outcome;

    character_times_init(&answer.times, wish->input, strlen(wish->input));
    bool ok = speech_speak(request, response, wish, &listener, &outcome, err) &&
              end_timed(&answer, outcome.seconds, err);
    character_times_release(&answer.times);
    buf_release(&answer.text);
    return ok;
}

static bool answer_whole(struct request *request, struct response *response,
                         const struct speech_wish *wish, struct err *err)
{
    return answer_timed(request, response, wish, false, err);
}

static bool answer_chunks(struct request *request, struct response *response,
                          const struct speech_wish *wish, struct err *err)
{
    return answer_timed(request, response, wish, true, err);
}

static bool convert_with_times(struct request *request, struct response *response, struct err *err)
{
    return speak(request, response, answer_whole, err);
}

static bool stream_with_times(struct request *request, struct response *response, struct err *err)
{
    return speak(request, response, answer_chunks, err);
}

/* ---- routes ---- */

static const struct route_query speech_query[] = {
    { "output_format", "string",
      "mp3_44100_128 when not given; codec, rate and kbit/s of mp3, opus, pcm, wav, ulaw or "
      "alaw." },
    { "enable_logging", "boolean", "false: not kept in the history." },
    { "optimize_streaming_latency", "integer", "Accepted; it changes nothing." },
    { 0 },
};

#define SPEAK_PATH "/v1/text-to-speech/{voice_id}"
#define SPEAK_ERRORS                                                                               \
    ", 400 ElevenLabsError, 404 ElevenLabsError, 422 ElevenLabsError, 503 ElevenLabsError"

const struct route elevenlabs_speech_routes[] = {
    { "POST", SPEAK_PATH, convert, NULL, ROUTE_JSON | ROUTE_LONG, .operation = "elevenLabsConvert",
      .about = "Speaks a text, as ElevenLabs does; the audio is sent as it is made.",
      .takes = "ElevenLabsSpeechBody", .statuses = "200 File" SPEAK_ERRORS, .query = speech_query },
    { "POST", SPEAK_PATH "/stream", convert, NULL, ROUTE_JSON | ROUTE_LONG,
      .operation = "elevenLabsStream", .about = "The same.", .takes = "ElevenLabsSpeechBody",
      .statuses = "200 File" SPEAK_ERRORS, .query = speech_query },
    { "POST", SPEAK_PATH "/with-timestamps", convert_with_times, NULL, ROUTE_JSON | ROUTE_LONG,
      .operation = "elevenLabsConvertWithTimestamps",
      .about = "Speaks a text and says when each of its characters is heard.",
      .takes = "ElevenLabsSpeechBody", .statuses = "200 ElevenLabsTimedSpeech" SPEAK_ERRORS,
      .query = speech_query },
    { "POST", SPEAK_PATH "/stream/with-timestamps", stream_with_times, NULL,
      ROUTE_JSON | ROUTE_LONG, .operation = "elevenLabsStreamWithTimestamps",
      .about = "The same as it is made: one ElevenLabsTimedSpeech a line.",
      .takes = "ElevenLabsSpeechBody", .statuses = "200 Lines" SPEAK_ERRORS,
      .query = speech_query },
};
