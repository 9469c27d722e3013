#include "api/history.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "api/download_name.h"
#include "api/speech.h"
#include "api/uuid.h"
#include "base/number.h"
#include "base/path.h"
#include "store/history.h"
#include "studio/history.h"
#include "text/cue.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 1000
#define OFFSET_MAX 1000000000

/* ---- shapes ---- */

struct entry_view {
    struct history_entry entry;
    const char *audio_url; /* or NULL */
    bool has_audio;
    struct list_items words, segments; /* of struct history_span */
};

static_assert(offsetof(struct entry_view, entry) == 0, "an entry's fields lie at its view's start");

#define SPAN(member) .offset = offsetof(struct history_span, member)

static const struct field word_fields[] = {
    { "word", FIELD_TEXT, SPAN(text) },
    { "start", FIELD_NUMBER, SPAN(start_s), .about = "Seconds." },
    { "end", FIELD_NUMBER, SPAN(end_s) },
};

const struct shape history_word_shape = SHAPE("HistoryWord", "A word, and when it is spoken.",
                                              SHAPE_ANSWER, word_fields, struct history_span);

static const struct field segment_fields[] = {
    { "start", FIELD_NUMBER, SPAN(start_s), .about = "Seconds." },
    { "end", FIELD_NUMBER, SPAN(end_s) },
    { "text", FIELD_TEXT, SPAN(text) },
};

const struct shape history_segment_shape =
    SHAPE("HistorySegment", "A part of a transcript, and when it is spoken.", SHAPE_ANSWER,
          segment_fields, struct history_span);

#define AT(member) .offset = offsetof(struct entry_view, member)

/* The last DETAIL fields are the single entry's alone. */
#define DETAIL 4

static const struct field entry_fields[] = {
    { "id", FIELD_UUID, AT(entry.id) },
    { "type", FIELD_CHOICE, AT(entry.type), .choices = history_type_names,
      .about = "tts: text was spoken. stt: a recording was heard." },
    { "created_at", FIELD_MOMENT, AT(entry.created_at) },
    { "engine", FIELD_TEXT, FIELD_NULLABLE, AT(entry.engine) },
    { "model", FIELD_TEXT, FIELD_NULLABLE, AT(entry.model) },
    { "voice", FIELD_TEXT, FIELD_NULLABLE, AT(entry.voice) },
    { "speed", FIELD_NUMBER, FIELD_NULLABLE, AT(entry.speed) },
    { "format", FIELD_TEXT, FIELD_NULLABLE, AT(entry.format), .about = "Of the audio." },
    { "language", FIELD_TEXT, FIELD_NULLABLE, AT(entry.language),
      .about = "That was asked for, or heard." },
    { "profile_id", FIELD_UUID, FIELD_NULLABLE, AT(entry.profile_id),
      .about = "null also once the profile was deleted." },
    { "text_preview", FIELD_TEXT, AT(entry.text_preview),
      .about = "The first 200 characters of the text." },
    { "input_filename", FIELD_TEXT, FIELD_NULLABLE, AT(entry.input_filename),
      .about = "Of the recording that was heard." },
    { "output_path", FIELD_TEXT, FIELD_NULLABLE, AT(entry.output_path),
      .about = "The audio's file, in the data folder." },
    { "audio_url", FIELD_TEXT, FIELD_NULLABLE, AT(audio_url) },
    { "output_bytes", FIELD_INTEGER, FIELD_NULLABLE, AT(entry.output_bytes) },
    { "duration_s", FIELD_NUMBER, AT(entry.duration_s), .about = "Of the speech." },
    { "has_audio", FIELD_BOOLEAN, AT(has_audio) },
    { "full_text", FIELD_TEXT, AT(entry.full_text) },
    { "words", FIELD_LIST, AT(words), .shape = &history_word_shape, .about = "In order." },
    { "words_are_measured", FIELD_BOOLEAN, AT(entry.words_are_measured),
      .about = "By the model; else they are spread over the speech." },
    { "segments", FIELD_LIST, AT(segments), .shape = &history_segment_shape,
      .about = "Of a transcript, in order." },
};

const struct shape history_entry_shape =
    SHAPE_FIRST(COUNT(entry_fields) - DETAIL, "HistoryEntry", "Something spoken or heard.",
                SHAPE_ANSWER, entry_fields, struct entry_view);
const struct shape history_detail_shape =
    SHAPE("HistoryDetail", "Something spoken or heard, with its text and times.", SHAPE_ANSWER,
          entry_fields, struct entry_view);

struct list_view {
    struct list_items items;
    int64_t total, limit, offset, bytes;
};

static const struct field list_fields[] = {
    { "items", FIELD_LIST, .offset = offsetof(struct list_view, items),
      .shape = &history_entry_shape, .about = "The newest first." },
    { "total", FIELD_INTEGER, .offset = offsetof(struct list_view, total),
      .about = "Entries that match." },
    { "limit", FIELD_INTEGER, .offset = offsetof(struct list_view, limit) },
    { "offset", FIELD_INTEGER, .offset = offsetof(struct list_view, offset) },
    { "bytes", FIELD_INTEGER, .offset = offsetof(struct list_view, bytes),
      .about = "Of all audio in the history." },
};

const struct shape history_list_shape =
    SHAPE("HistoryList", "A part of the history.", SHAPE_ANSWER, list_fields, struct list_view);

struct deletion_view {
    int64_t deleted;
};

static const struct field deletion_fields[] = {
    { "deleted", FIELD_INTEGER, .offset = offsetof(struct deletion_view, deleted) },
};

const struct shape history_deletion_shape =
    SHAPE("HistoryDeletion", "How many entries were deleted.", SHAPE_ANSWER, deletion_fields,
          struct deletion_view);

/* ---- what is asked for ---- */

static void read_type(struct request *request, struct history_filter *filter,
                      struct field_errors *errors)
{
    static const enum history_type types[] = { HISTORY_TTS, HISTORY_STT };
    const char *type = request_query(request, "type");

    if (!type || !*type)
        return;
    for (size_t i = 0; i < COUNT(types); i++)
        if (strcmp(type, history_type_names[types[i]]) == 0)
            filter->type = &types[i];
    if (!filter->type)
        field_errors_add_choice(errors, "type", type);
}

static void read_filter(struct request *request, struct history_filter *filter,
                        struct field_errors *errors)
{
    const char *search = request_query(request, "search");

    *filter = (struct history_filter){ .search = search && *search ? search : NULL };
    read_type(request, filter, errors);
}

static void read_number(struct request *request, const char *name, int64_t least, int64_t most,
                        int64_t *out, struct field_errors *errors)
{
    const char *text = request_query(request, name);
    struct err err;

    if (text && *text && !number_parse_int(text, name, least, most, out, &err))
        field_errors_add(errors, name, "%s", err.message);
}

/* ---- entries ---- */

static void fill_view(struct entry_view *view, struct arena *arena)
{
    view->has_audio = view->entry.output_path;
    if (view->has_audio)
        view->audio_url = arena_format(arena, "/api/history/%s/audio/", view->entry.id);
}

static bool list_history(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct field_errors errors = { .arena = arena };
    struct list_view view = { .limit = LIMIT_DEFAULT };
    struct history_filter filter;
    struct history_list list;

    read_filter(request, &filter, &errors);
    read_number(request, "limit", 1, LIMIT_MAX, &view.limit, &errors);
    read_number(request, "offset", 0, OFFSET_MAX, &view.offset, &errors);
    if (errors.count > 0)
        return body_refuse(response, &errors);
    const struct page page = { .offset = view.offset, .limit = view.limit };

    if (!store_history(api->store, arena, &filter, &page, &list, err))
        return false;
    struct entry_view *entries = arena_alloc(arena, (size_t)(list.count + 1) * sizeof *entries);

    for (int64_t i = 0; i < list.count; i++) {
        entries[i].entry = list.items[i];
        fill_view(&entries[i], arena);
    }
    view.items = (struct list_items){ entries, (size_t)list.count };
    view.total = list.total;
    view.bytes = list.bytes;
    shape_write(response_json(response), NULL, &history_list_shape, &view);
    return true;
}

static bool delete_history(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    const char *unknown = request_query_unknown(request);
    struct deletion_view view;
    struct history_filter filter;

    read_filter(request, &filter, &errors);
    if (unknown)
        field_errors_add(&errors, unknown,
                         "This is no filter, and without one everything would be deleted.");
    if (errors.count > 0)
        return body_refuse(response, &errors);
    if (!history_delete_all(api->history, &filter, &view.deleted, err))
        return false;
    shape_write(response_json(response), NULL, &history_deletion_shape, &view);
    return true;
}

static bool get_stored(struct request *request, struct history_entry *out, struct err *err)
{
    const struct api *api = request_context(request);

    return store_history_get(api->store, request_arena(request), request_uuid(request), out, err);
}

static bool get_entry(struct request *request, struct response *response, struct err *err)
{
    struct arena *arena = request_arena(request);
    struct history_spans words, segments;
    struct entry_view view = { 0 };

    if (!get_stored(request, &view.entry, err) ||
        !history_spans_parse(view.entry.words, arena, &words, err) ||
        !history_spans_parse(view.entry.segments, arena, &segments, err))
        return false;
    fill_view(&view, arena);
    view.words = (struct list_items){ words.items, words.count };
    view.segments = (struct list_items){ segments.items, segments.count };
    shape_write(response_json(response), NULL, &history_detail_shape, &view);
    return true;
}

static bool delete_entry(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);

    response_status(response, 204);
    return history_delete(api->history, request_uuid(request), err);
}

/* ---- audio and subtitles ---- */

static void offer_download(struct response *response, struct arena *arena,
                           const struct history_entry *entry, const char *extension)
{
    const struct download download = {
        .text = entry->text_preview,
        .voice = entry->voice,
        .id = entry->id,
        .extension = extension,
    };

    response_header(response, "Content-Disposition", download_disposition(arena, &download));
}

static bool is_download(struct request *request)
{
    const char *download = request_query(request, "download");

    return download && strcmp(download, "1") == 0;
}

static bool get_audio(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct history_entry entry;

    if (!get_stored(request, &entry, err))
        return false;
    if (!entry.output_path)
        return err_set(err, ERR_NOT_FOUND, "The entry %s has no audio.", entry.id);
    if (!response_file(response, request, media_data_folder(api->media), entry.output_path, err))
        return false;
    if (is_download(request))
        offer_download(response, request_arena(request), &entry, path_extension(entry.output_path));
    return true;
}

static bool get_subtitles(struct request *request, struct response *response, struct err *err)
{
    const char *format = request_query(request, "format");
    bool is_vtt = format && strcmp(format, "vtt") == 0;
    struct field_errors errors = { .arena = request_arena(request) };
    struct buf text = BUF(CUE_FILE_LIMIT);
    struct history_entry entry;

    if (format && !is_vtt && strcmp(format, "srt") != 0) {
        field_errors_add_choice(&errors, "format", format);
        return body_refuse(response, &errors);
    }
    bool ok = get_stored(request, &entry, err) &&
              history_format_subtitles(&entry, is_vtt ? HISTORY_VTT : HISTORY_SRT, &text, err);
    if (ok) {
        response_bytes(response,
                       is_vtt ? "text/vtt; charset=utf-8" : "application/x-subrip; charset=utf-8",
                       text.data ? text.data : "", text.len);
        if (is_download(request))
            offer_download(response, request_arena(request), &entry, is_vtt ? "vtt" : "srt");
    }
    buf_release(&text);
    return ok;
}

/* As the entry was spoken, whatever profile or default there is by now. */
static bool regenerate(struct request *request, struct response *response, struct err *err)
{
    struct history_entry entry;
    struct speech_wish wish;

    if (!get_stored(request, &entry, err))
        return false;
    if (entry.type != HISTORY_TTS)
        return err_set(err, ERR_INVALID,
                       "A transcript cannot be spoken again: nothing was spoken.");
    wish = (struct speech_wish){
        .input = entry.full_text,
        .model = entry.model,
        .engine = entry.engine,
        .voice = entry.voice,
        .language = entry.language,
        .profile_id = "",
        .speed = entry.speed,
        .input_max = SPEECH_INPUT_LIMIT,
    };
    wish.has_format = entry.format && audio_format_parse(entry.format, &wish.format);
    return speech_answer(request, response, &wish, err);
}

/* ---- routes ---- */

#define QUERY_TYPE                                                                                 \
    {                                                                                              \
        "type", "string", "tts or stt; both when not given."                                       \
    }
#define QUERY_SEARCH                                                                               \
    {                                                                                              \
        "search", "string", "A part of the text, the voice or the file's name, in any case."       \
    }
#define QUERY_DOWNLOAD                                                                             \
    {                                                                                              \
        "download", "string", "1: to be saved, under a name made of the text."                     \
    }

static const struct route_query list_query[] = {
    QUERY_TYPE,
    QUERY_SEARCH,
    { "limit", "integer", "Entries, to 1000; 50 when not given." },
    { "offset", "integer", "Entries to leave out first." },
    { 0 },
};
static const struct route_query filter_query[] = { QUERY_TYPE, QUERY_SEARCH, { 0 } };
static const struct route_query audio_query[] = { QUERY_DOWNLOAD, { 0 } };
static const struct route_query subtitle_query[] = {
    { "format", "string", "srt or vtt; srt when not given." },
    QUERY_DOWNLOAD,
    { 0 },
};

#define HISTORY "/api/history/"
#define ENTRY "/api/history/{id}/"

const struct route history_routes[] = {
    { "GET", HISTORY, list_history, NULL, 0, .operation = "listHistory",
      .about = "What was spoken and heard, the newest first.",
      .statuses = "200 HistoryList, 400 FieldErrors", .query = list_query },
    { "DELETE", HISTORY, delete_history, NULL, 0, .operation = "deleteHistory",
      .about = "Removes all entries that match, or all there are, with their audio.",
      .statuses = "200 HistoryDeletion, 400 FieldErrors", .query = filter_query },
    { "GET", ENTRY, get_entry, NULL, 0, .operation = "getHistoryEntry",
      .about = "An entry with its text, words and segments.",
      .statuses = "200 HistoryDetail, 404 Detail" },
    { "DELETE", ENTRY, delete_entry, NULL, 0, .operation = "deleteHistoryEntry",
      .about = "Removes an entry with its audio.", .statuses = "204, 404 Detail" },
    { "GET", ENTRY "audio/", get_audio, NULL, 0, .operation = "getHistoryAudio",
      .about = "An entry's audio. With Range and ETag.",
      .statuses = "200 File, 206 File, 304, 404 Detail, 416", .query = audio_query },
    { "GET", ENTRY "subtitles/", get_subtitles, NULL, 0, .operation = "getHistorySubtitles",
      .about = "An entry's text as subtitles.", .statuses = "200 Text, 400 FieldErrors, 404 Detail",
      .query = subtitle_query },
    { "POST", ENTRY "regenerate/", regenerate, NULL, ROUTE_JSON | ROUTE_LONG,
      .operation = "regenerateHistoryEntry",
      .about = "Speaks an entry again, as it was spoken then: answers the audio as it is made, and "
               "keeps it as a new entry.",
      .statuses = "200 File, 400 FieldErrors, 404 Detail, 429 Detail, 503 Detail" },
};
