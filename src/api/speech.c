#include "api/speech.h"

#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/metrics.h"
#include "api/openai_error.h"
#include "base/base64.h"
#include "base/log.h"
#include "base/utf8.h"
#include "http/stream.h"
#include "store/profiles.h"
#include "studio/names.h"

#define EVENT_BYTES_MAX ((size_t)32 << 20) /* a slice of audio as text; far from ever reached */

static bool is_said(const char *text)
{
    return text && *text;
}

/* ---- what is asked for, with the profile's values where nothing else was said ---- */

static bool check_length(const struct speech_wish *wish, const struct speech_settings *settings,
                         struct err *err)
{
    size_t most = (size_t)(wish->input_max ? wish->input_max : settings->input_max);
    size_t chars = utf8_chars(wish->input, strlen(wish->input));

    return chars <= most ||
           err_set_param(err, ERR_INVALID, "input",
                         "input has at most %zu characters; this one has %zu. Send it in parts.",
                         most, chars);
}

/* The default profile is for those who name neither a voice nor a profile. */
static bool find_profile(const struct api *api, struct arena *arena, const struct speech_wish *wish,
                         struct profile *out, bool *found, struct err *err)
{
    *found = is_said(wish->profile_id);
    if (!*found)
        return wish->profile_id || is_said(wish->voice) ||
               store_profile_default(api->store, arena, out, found, err);
    if (store_profile(api->store, arena, wish->profile_id, out, err))
        return true;
    if (err->kind == ERR_NOT_FOUND)
        snprintf(err->param, sizeof err->param, "profile_id");
    return false;
}

/* What the wish itself says of who speaks; a model's name from elsewhere ("tts-1") says nothing. */
struct said {
    const char *engine; /* NULL: left open */
    bool model;
};

static bool look_at_speaker(struct api *api, struct arena *arena, const struct speech_wish *wish,
                            struct said *out, struct err *err)
{
    const char *engine, *model_id;

    if (!names_resolve_model(api->engines, arena, wish->model, &engine, &model_id, err))
        return false;
    if (is_said(wish->engine))
        engine = wish->engine;
    if (strcmp(engine, "auto") == 0)
        engine = wish->voice ? names_engine_of_voice(wish->voice) : NULL;
    *out = (struct said){ engine, model_id };
    return true;
}

/* Another engine than the profile's has other models and voices. */
static bool apply_profile(struct api *api, struct arena *arena, const struct profile *profile,
                          struct speech_wish *wish, struct err *err)
{
    struct said said;

    if (!look_at_speaker(api, arena, wish, &said, err))
        return false;
    bool is_open = strcmp(profile->backend, "auto") == 0;
    bool is_own = said.engine ? strcmp(said.engine, profile->backend) == 0 : !said.model;

    if (is_own) {
        wish->engine = profile->backend;
        if (!said.model)
            wish->model = profile->model;
    }
    if ((is_own || is_open) && !is_said(wish->voice))
        wish->voice = is_said(profile->blend) ? profile->blend : profile->voice;
    if (wish->speed == 0)
        wish->speed = profile->speed;
    if (!wish->has_format)
        wish->has_format = speech_format_parse(profile->format, &wish->format);
    wish->profile_id = profile->id;
    return true;
}

static bool fill_wish(struct api *api, struct arena *arena, struct speech_wish *wish,
                      struct err *err)
{
    struct profile profile;
    bool found;

    if (!find_profile(api, arena, wish, &profile, &found, err) ||
        (found && !apply_profile(api, arena, &profile, wish, err)))
        return false;
    if (!found)
        wish->profile_id = NULL;
    if (wish->speed == 0)
        wish->speed = 1;
    if (!wish->has_format)
        wish->format = api->speech.format;
    if (wish->format == AUDIO_PCM && wish->rate_hz == 0)
        wish->rate_hz = SPEECH_PCM_RATE_HZ;
    return true;
}

static bool make_order(struct api *api, struct arena *arena, const struct speech_wish *wish,
                       struct speech_order *out, struct err *err)
{
    const struct speaker_name asked = { wish->engine, wish->model, wish->voice };
    struct speaker_name speaker;
    struct said said;
    const char *engine;

    if (!narrator_engine(api->narrator, arena, &engine, err) ||
        !look_at_speaker(api, arena, wish, &said, err) ||
        !names_resolve(api->engines, arena, engine, &asked, &speaker, err))
        return false;
    *out = (struct speech_order){
        .text = wish->input,
        .length = strlen(wish->input),
        .engine = speaker.engine,
        .model = speaker.model,
        .voice = speaker.voice,
        .language = wish->language,
        .keeps_engine = said.engine || said.model,
        .speed = wish->speed,
        .format = wish->format,
        .rate_hz = wish->rate_hz,
        .bitrate_kbps = wish->bitrate_kbps,
    };
    return true;
}

/* ---- speaking, and what is kept of it ---- */

/* One answer on its way, between live speech and who makes the body. */
struct telling {
    struct request *request;
    struct response *response;
    const struct speech_wish *wish;
    const struct speech_listener *listener;
    struct spoken_by by;               /* in the request's arena */
    struct history_recorder *recorder; /* NULL: not kept */
};

/* Percent-encoded where it is no plain ASCII: headers carry nothing else safely. */
static void set_header(struct telling *telling, const char *name, const char *value)
{
    struct buf text = BUF(4096);

    if (!is_said(value))
        return;
    for (const char *p = value; *p; p++) {
        if (*p > ' ' && *p < 0x7f && *p != '%')
            buf_append_char(&text, *p);
        else
            buf_format(&text, "%%%02X", (unsigned char)*p);
    }
    if (!text.failed)
        response_header(telling->response, name, text.data);
    buf_release(&text);
}

static void begin_recording(struct telling *telling)
{
    const struct speech_wish *wish = telling->wish;
    const struct api *api = request_context(telling->request);

    if (wish->keep == SPEECH_KEEP_NO)
        return;
    telling->recorder = history_record_speech(
        api->history, &(struct history_speech){ .text = wish->input,
                                                .length = strlen(wish->input),
                                                .profile_id = wish->profile_id,
                                                .language = wish->language,
                                                .speed = wish->speed,
                                                .format = wish->format });
}

static bool tell_begin(void *state, const struct spoken_by *by, struct err *err)
{
    struct telling *telling = state;
    struct arena *arena = request_arena(telling->request);

    telling->by = (struct spoken_by){
        .engine = arena_strdup(arena, by->engine),
        .model = arena_strdup(arena, by->model),
        .voice = arena_strdup(arena, by->voice),
        .format = by->format,
        .rate_hz = by->rate_hz,
    };
    begin_recording(telling);
    set_header(telling, "X-Parlando-Engine", by->engine);
    set_header(telling, "X-Parlando-Model", by->model);
    set_header(telling, "X-Parlando-Voice", by->voice);
    set_header(telling, "X-History-Id", history_recorder_id(telling->recorder));
    response_header(telling->response, "Cache-Control", "no-store");
    return telling->listener->begin(telling->listener->state, by, err);
}

static bool tell_audio(void *state, const void *bytes, size_t length, struct err *err)
{
    struct telling *telling = state;

    history_recorder_write(telling->recorder, bytes, length);
    return telling->listener->audio(telling->listener->state, bytes, length, err);
}

static void tell_word(void *state, const struct timed_word *word)
{
    struct telling *telling = state;

    history_recorder_word(telling->recorder, word);
    if (telling->listener->word)
        telling->listener->word(telling->listener->state, word);
}

/* The answer is whole without its entry. */
static void end_recording(struct telling *telling, bool ok, const struct speech_outcome *outcome)
{
    struct err err = { 0 };

    if (!ok)
        history_recorder_drop(telling->recorder);
    else if (!history_recorder_keep(telling->recorder, &telling->by, outcome, &err))
        log_warning("speech", "the speech is not in the history: %s", err.message);
}

/* Live speech names the fields of its order. */
static void rename_param(struct err *err)
{
    static const struct {
        const char *order, *body;
    } names[] = {
        { "text", "input" },
        { "format", "response_format" },
        { "rate_hz", "response_format" },
        { "bitrate_kbps", "response_format" },
    };

    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(err->param, names[i].order) == 0)
            snprintf(err->param, sizeof err->param, "%s", names[i].body);
    if (err->kind == ERR_UNSUPPORTED) /* by the engine: a blend, say; no media type */
        err->kind = ERR_INVALID;
}

static enum speech_end end_of(bool ok, const struct err *err)
{
    if (ok)
        return SPEECH_DONE;
    return err->kind == ERR_CANCELLED ? SPEECH_CANCELLED : SPEECH_FAILED;
}

static bool speak_order(struct telling *telling, const struct speech_order *order,
                        struct speech_outcome *outcome, struct err *err)
{
    struct api *api = request_context(telling->request);
    const struct speech_listener listener = { tell_begin, tell_audio, tell_word, telling };

    metrics_speech_began(api->metrics);
    bool ok = live_speech_speak(api->live, order, &listener, request_cancel(telling->request),
                                outcome, err);
    end_recording(telling, ok, outcome);
    metrics_speech_ended(api->metrics, end_of(ok, err), outcome->seconds);
    return ok;
}

bool speech_speak(struct request *request, struct response *response,
                  const struct speech_wish *wish, const struct speech_listener *listener,
                  struct speech_outcome *outcome, struct err *err)
{
    struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct speech_wish filled = *wish;
    struct speech_order order;
    struct telling telling = {
        .request = request, .response = response, .wish = &filled, .listener = listener
    };

    *outcome = (struct speech_outcome){ 0 };
    bool ok = check_length(&filled, &api->speech, err) && fill_wish(api, arena, &filled, err) &&
              make_order(api, arena, &filled, &order, err) &&
              speak_order(&telling, &order, outcome, err);
    if (!ok)
        rename_param(err);
    return ok;
}

/* ---- the body: bare audio, or events ---- */

struct sending {
    struct response *response;
    struct stream *stream; /* NULL until there is audio */
    bool is_sse;
    struct buf event;
};

static bool has_left(struct err *err)
{
    return err_set(err, ERR_CANCELLED, "The client has left.");
}

static bool send_begin(void *state, const struct spoken_by *by, struct err *err)
{
    struct sending *sending = state;

    (void)err;
    sending->stream = response_stream(
        sending->response, sending->is_sse ? "text/event-stream" : audio_format_mime(by->format));
    return true;
}

/* One event with what was written to the buffer as JSON. */
static bool send_event(struct sending *sending, struct err *err)
{
    struct buf *event = &sending->event;

    buf_append_str(event, "\n\n");
    bool ok = buf_ok(event, "event", err) &&
              (stream_push(sending->stream, event->data, event->len) || has_left(err));
    buf_clear(event);
    return ok;
}

static struct json_writer begin_event(struct sending *sending)
{
    buf_append_str(&sending->event, "data: ");
    return JSON_WRITER(&sending->event);
}

/* Base64 needs no escapes in JSON, so it is written straight into the event. */
static bool send_delta(struct sending *sending, const void *bytes, size_t length, struct err *err)
{
    buf_append_str(&sending->event, "data: {\"type\":\"speech.audio.delta\",\"audio\":\"");
    base64_append(&sending->event, bytes, length);
    buf_append_str(&sending->event, "\"}");
    return send_event(sending, err);
}

static bool send_audio(void *state, const void *bytes, size_t length, struct err *err)
{
    struct sending *sending = state;

    if (sending->is_sse)
        return send_delta(sending, bytes, length, err);
    return stream_push(sending->stream, bytes, length) || has_left(err);
}

static bool send_done(struct sending *sending, const struct speech_outcome *outcome,
                      struct err *err)
{
    struct json_writer w = begin_event(sending);

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "type", "speech.audio.done");
    json_write_object_begin(&w, "usage");
    json_write_int(&w, "input_tokens", outcome->input_tokens);
    json_write_int(&w, "output_tokens", outcome->output_tokens);
    json_write_int(&w, "total_tokens", outcome->input_tokens + outcome->output_tokens);
    json_write_object_end(&w);
    json_write_object_end(&w);
    return send_event(sending, err);
}

/* The status line is gone, so the error is an event. It ends the stream as it should. */
static bool send_error(struct sending *sending, struct err *err)
{
    const struct openai_error error = openai_error_of(500, err);
    struct json_writer w = begin_event(sending);
    struct err ignored;

    log_warning("speech", "it broke off: %s", err->message);
    openai_error_write(&w, &error);
    return send_event(sending, &ignored);
}

bool speech_answer(struct request *request, struct response *response,
                   const struct speech_wish *wish, struct err *err)
{
    struct sending sending = { .response = response,
                               .is_sse = wish->is_sse,
                               .event = BUF(EVENT_BYTES_MAX) };
    const struct speech_listener listener = { .begin = send_begin,
                                              .audio = send_audio,
                                              .state = &sending };
    struct speech_outcome outcome;

    bool ok = speech_speak(request, response, wish, &listener, &outcome, err);
    if (sending.is_sse && ok)
        ok = send_done(&sending, &outcome, err);
    else if (sending.is_sse && sending.stream && err->kind != ERR_CANCELLED)
        ok = send_error(&sending, err);
    buf_release(&sending.event);
    return ok;
}

static bool create_speech(struct request *request, struct response *response, struct err *err)
{
    const json_t *body = request_json(request, err);
    struct speech_wish wish;

    return body && speech_wish_read(body, &wish, err) &&
           speech_answer(request, response, &wish, err);
}

const struct route speech_routes[] = {
    { "POST", "/v1/audio/speech", create_speech, NULL, ROUTE_JSON | ROUTE_LONG,
      .operation = "createSpeech",
      .about = "Speaks a text and sends the audio as it is made, bare or as events.",
      .takes = "SpeechBody",
      .statuses = "200 File, 400 OpenAiError, 404 OpenAiError, 429 OpenAiError, 503 OpenAiError" },
};
