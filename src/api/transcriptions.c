/*
 * Speech in a file becomes text, in one of OpenAI's formats or as its events
 * while it is heard.
 *
 * A stream begins with the first segment, so that a file which cannot be read is
 * an error with a status; what fails later is the stream's last event.
 */

#include "api/transcriptions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/openai_error.h"
#include "api/transcription_wish.h"
#include "base/log.h"
#include "http/stream.h"
#include "studio/history.h"

#define ENGINE_NAME "moonshine"
#define ANSWER_BYTES_MAX (2u * TRANSCRIPT_BYTES_MAX)

/* What clients of a stream read is tokens, whose count for audio is the cloud's own affair: ten for a
 * second is about what it counts. */
#define AUDIO_TOKENS_PER_S 10

/* ---- what is asked ---- */

static bool read_wish(struct request *request, struct transcription_wish *out, struct err *err)
{
    struct arena *arena = request_arena(request);
    const char **granularities, **languages, **include;
    struct transcription_fields fields = {
        .response_format = request_form(request, "response_format"),
        .language = request_form(request, "language"),
        .stream = request_form(request, "stream"),
        .temperature = request_form(request, "temperature"),
        .save_history = request_form(request, "save_history"),
        .chunking_strategy = request_form(request, "chunking_strategy"),
    };

    if (!fields.chunking_strategy)
        fields.chunking_strategy = request_form(request, "chunking_strategy[type]");
    fields.granularity_count =
        request_form_list(request, "timestamp_granularities", arena, &granularities);
    fields.granularities = granularities;
    fields.language_count = request_form_list(request, "languages", arena, &languages);
    fields.languages = languages;
    fields.include_count = request_form_list(request, "include", arena, &include);
    fields.include = include;
    return transcription_wish_read(&fields, out, err);
}

static bool find_file(struct request *request, const struct upload **out, struct err *err)
{
    const struct upload *upload = request_upload(request, "file");

    *out = upload ? upload : request_upload(request, NULL);
    if (!*out)
        return err_set_param(err, ERR_INVALID, "file",
                             "No file was sent: the audio belongs into the form's part \"file\".");
    if ((*out)->bytes == 0)
        return err_set_param(err, ERR_INVALID, "file", "The file is empty.");
    return true;
}

/* ---- hearing ---- */

struct transcription {
    struct request *request;
    struct response *response;
    struct transcription_wish wish;
    const struct upload *upload;

    struct transcript heard;
    struct stream *stream; /* NULL: nothing was sent */
    struct buf event;      /* that is being sent */
};

/* Sends what stands in the event behind its "data: ". */
static bool send_event(struct transcription *t, struct err *err)
{
    buf_append_str(&t->event, "\n\n");
    if (!buf_ok(&t->event, "event", err))
        return false;
    if (!t->stream) {
        response_header(t->response, "Cache-Control", "no-store");
        t->stream = response_stream(t->response, "text/event-stream");
    }
    return stream_push(t->stream, t->event.data, t->event.len) ||
           err_set(err, ERR_CANCELLED, "The client has left.");
}

static struct json_writer begin_event(struct transcription *t)
{
    buf_clear(&t->event);
    buf_append_str(&t->event, "data: ");
    return JSON_WRITER(&t->event);
}

static void write_words(struct json_writer *w, const struct transcript_segment *segment)
{
    json_write_array_begin(w, "words");
    for (size_t i = 0; i < segment->word_count; i++) {
        json_write_object_begin(w, NULL);
        json_write_text(w, "word", segment->words[i].text);
        json_write_number(w, "start", segment->words[i].start_s);
        json_write_number(w, "end", segment->words[i].end_s);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

/* The deltas, one after the other, are the text. */
static bool send_delta(struct transcription *t, const struct transcript_segment *segment,
                       struct err *err)
{
    struct json_writer w = begin_event(t);
    char *delta = str_format("%s%s", t->heard.count > 1 ? " " : "", segment->text);

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "type", "transcript.text.delta");
    json_write_text(&w, "delta", delta);
    json_write_number(&w, "start", segment->start_s);
    json_write_number(&w, "end", segment->end_s);
    if (t->wish.detail.has_words)
        write_words(&w, segment);
    json_write_object_end(&w);
    free(delta);
    return send_event(t, err);
}

static bool keep_segment(void *state, const struct transcript_segment *segment, struct err *err)
{
    struct transcription *t = state;

    if (!transcript_add(&t->heard, segment, err))
        return false;
    return !t->wish.is_streamed || send_delta(t, segment, err);
}

/* What is wrong with the file is the sender's to correct, and OpenAI has one status for it. A decoder
 * names what is wrong in the file, which is no field of the form. */
static void blame_file(struct err *err)
{
    if (err->kind == ERR_UNSUPPORTED || err->kind == ERR_CORRUPT)
        err->kind = ERR_INVALID;
    if ((err->kind == ERR_INVALID || err->kind == ERR_TOO_LARGE) &&
        strcmp(err->param, "language") != 0)
        snprintf(err->param, sizeof err->param, "file");
}

static bool hear(struct transcription *t, struct err *err)
{
    const struct api *api = request_context(t->request);
    const struct transcribe_options options = { .language = t->wish.language };
    const struct transcript_sink sink = { .segment = keep_segment, .state = t };
    const char *name = t->upload->filename ? t->upload->filename : "The file";

    if (transcriber_hear_file(api->transcriber, t->upload->path, name, &options, &sink,
                              request_cancel(t->request), &t->heard.outcome, err))
        return true;
    blame_file(err);
    return false;
}

/* ---- keeping ---- */

static size_t count_words(const struct transcript *heard)
{
    size_t count = 0;

    for (size_t i = 0; i < heard->count; i++)
        count += heard->segments[i].word_count;
    return count;
}

static struct history_span *spans_of_words(struct arena *arena, const struct transcript *heard,
                                           size_t count)
{
    struct history_span *spans = arena_alloc(arena, (count + 1) * sizeof *spans), *next = spans;

    for (size_t i = 0; i < heard->count; i++) {
        const struct transcript_segment *segment = &heard->segments[i];

        for (size_t k = 0; k < segment->word_count; k++) {
            const struct transcript_word *word = &segment->words[k];

            *next++ = (struct history_span){ word->text, word->start_s, word->end_s };
        }
    }
    return spans;
}

static struct history_span *spans_of_segments(struct arena *arena, const struct transcript *heard)
{
    struct history_span *spans = arena_alloc(arena, (heard->count + 1) * sizeof *spans);

    for (size_t i = 0; i < heard->count; i++) {
        const struct transcript_segment *segment = &heard->segments[i];

        spans[i] = (struct history_span){ segment->text, segment->start_s, segment->end_s };
    }
    return spans;
}

/* Whoever asked has a right to the text, also when it cannot be kept: that is logged. id may become
 * "". */
static void keep_in_history(struct transcription *t, const char *text, char id[ID_SIZE])
{
    const struct api *api = request_context(t->request);
    struct arena *arena = request_arena(t->request);
    const struct transcript *heard = &t->heard;
    struct err err = { 0 };
    const struct history_transcript entry = {
        .text = text,
        .filename = t->upload->filename,
        .engine = ENGINE_NAME,
        .model = heard->outcome.model,
        .language = heard->outcome.language,
        .duration_s = heard->outcome.seconds,
        .segments = spans_of_segments(arena, heard),
        .segment_count = heard->count,
        .words = spans_of_words(arena, heard, count_words(heard)),
        .word_count = count_words(heard),
        .words_are_measured = heard->outcome.words_are_measured,
    };

    id[0] = '\0';
    if (!t->wish.is_kept || history_add_transcript(api->history, &entry, id, &err))
        return;
    id[0] = '\0';
    log_warning("api", "a transcript was not kept in the history: %s", err.message);
}

/* ---- answers ---- */

static void write_usage(struct json_writer *w, const struct transcription *t)
{
    json_write_object_begin(w, "usage");
    json_write_text(w, "type", "duration");
    json_write_number(w, "seconds", t->heard.outcome.seconds);
    json_write_object_end(w);
}

static int64_t count_tokens(const struct transcript *heard)
{
    size_t count = 0;

    for (size_t i = 0; i < heard->count; i++)
        count += heard->segments[i].token_count;
    return (int64_t)count;
}

/* In a stream clients read tokens only. */
static void write_token_usage(struct json_writer *w, const struct transcription *t)
{
    int64_t input = llround(ceil(t->heard.outcome.seconds * AUDIO_TOKENS_PER_S));
    int64_t output = count_tokens(&t->heard);

    json_write_object_begin(w, "usage");
    json_write_text(w, "type", "tokens");
    json_write_int(w, "input_tokens", input);
    json_write_object_begin(w, "input_token_details");
    json_write_int(w, "audio_tokens", input);
    json_write_int(w, "text_tokens", 0);
    json_write_object_end(w);
    json_write_int(w, "output_tokens", output);
    json_write_int(w, "total_tokens", input + output);
    json_write_number(w, "seconds", t->heard.outcome.seconds);
    json_write_object_end(w);
}

static void answer_json(struct transcription *t, const char *text)
{
    struct json_writer *w = response_json(t->response);

    json_write_object_begin(w, NULL);
    json_write_text(w, "text", text);
    write_usage(w, t);
    json_write_object_end(w);
}

/* Clients make an object of a body that calls itself JSON, and a string of any other. */
static const char *media_type_of(enum transcript_format format)
{
    switch (format) {
    case TRANSCRIPT_TEXT:
    case TRANSCRIPT_SRT:
        return "text/plain; charset=utf-8";
    case TRANSCRIPT_VTT:
        return "text/vtt; charset=utf-8";
    case TRANSCRIPT_JSON:
    case TRANSCRIPT_VERBOSE_JSON:
        return "application/json";
    }
    return "application/json";
}

static bool answer_formatted(struct transcription *t, struct err *err)
{
    struct buf body = BUF(ANSWER_BYTES_MAX);

    transcript_format(&t->heard, t->wish.format, &t->wish.detail, &body);
    bool ok = buf_ok(&body, "transcript", err);

    if (ok)
        response_bytes(t->response, media_type_of(t->wish.format), body.data, body.len);
    buf_release(&body);
    return ok;
}

static bool send_done(struct transcription *t, const char *text, const char *history_id,
                      struct err *err)
{
    struct json_writer w = begin_event(t);

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "type", "transcript.text.done");
    json_write_text(&w, "text", text);
    write_token_usage(&w, t);
    json_write_text(&w, "language", t->heard.outcome.language);
    json_write_text(&w, "model", t->heard.outcome.model);
    json_write_number(&w, "duration", t->heard.outcome.seconds);
    json_write_bool(&w, "words_are_measured", t->heard.outcome.words_are_measured);
    if (*history_id)
        json_write_text(&w, "history_id", history_id);
    json_write_object_end(&w);
    return send_event(t, err);
}

static bool answer(struct transcription *t, struct err *err)
{
    struct buf text = BUF(TRANSCRIPT_BYTES_MAX);
    char id[ID_SIZE];

    buf_append_str(&text, "");
    transcript_format_text(&t->heard, &text);
    bool ok = buf_ok(&text, "transcript", err);

    if (ok)
        keep_in_history(t, text.data, id);
    if (ok && t->wish.is_streamed) {
        ok = send_done(t, text.data, id, err);
    } else if (ok) {
        if (*id)
            response_header(t->response, "X-History-Id", id);
        if (t->wish.format == TRANSCRIPT_JSON)
            answer_json(t, text.data);
        else
            ok = answer_formatted(t, err);
    }
    buf_release(&text);
    return ok;
}

/* The status was sent: the error is the last event, and whoever left does not see it. */
static bool send_failure(struct transcription *t, struct err *err)
{
    struct err ignored;
    bool is_senders = err->kind == ERR_INVALID || err->kind == ERR_TOO_LARGE;
    const struct openai_error error = openai_error_of(is_senders ? 400 : 500, err);

    if (err->kind == ERR_CANCELLED)
        return false;
    struct json_writer w = begin_event(t);

    openai_error_write(&w, &error);
    return send_event(t, &ignored);
}

static bool transcribe(struct request *request, struct response *response, struct err *err)
{
    struct transcription t = {
        .request = request,
        .response = response,
        .heard = TRANSCRIPT,
        .event = BUF(ANSWER_BYTES_MAX),
    };

    bool ok = read_wish(request, &t.wish, err) && find_file(request, &t.upload, err) &&
              hear(&t, err) && answer(&t, err);
    if (!ok && t.stream)
        ok = send_failure(&t, err);
    buf_release(&t.event);
    transcript_release(&t.heard);
    return ok;
}

static bool translate(struct request *request, struct response *response, struct err *err)
{
    const struct openai_error error = {
        .message = "No model here translates speech. POST /v1/audio/transcriptions writes down "
                   "English.",
        .type = "invalid_request_error",
        .code = "unsupported",
    };

    (void)request, (void)err;
    response_status(response, 400);
    openai_error_write(response_json(response), &error);
    return true;
}

const struct route transcription_routes[] = {
    { "POST", "/v1/audio/transcriptions", transcribe, NULL, ROUTE_UPLOAD | ROUTE_LONG,
      .operation = "createTranscription",
      .about = "Writes down what is said in a file of any kind: as JSON, plain text, SubRip or "
               "WebVTT, or as Server-Sent Events while it is heard. The form's fields are "
               "OpenAI's, and save_history.",
      .form = "TranscriptionForm",
      .statuses = "200 Transcription, 400 OpenAiError, 413 OpenAiError, 503 OpenAiError" },
    { "POST", "/v1/audio/translations", translate, NULL, ROUTE_UPLOAD,
      .operation = "createTranslation", .about = "Answers that no model here translates.",
      .form = "TranscriptionForm", .statuses = "400 OpenAiError" },
};
