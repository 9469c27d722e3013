#include "studio/history.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/wav.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/path.h"
#include "studio/live_speech.h"

#define MEGABYTE ((int64_t)1 << 20)

/* Words or segments of an entry, as JSON: a day of speech has some 8 MB of them. */
#define SPANS_MAX ((size_t)64 << 20)

struct history {
    struct history_options options; /* set once */
    atomic_int_least64_t revision;  /* when it was last asked for */
};

struct history_recorder {
    struct history *history;
    struct history_limits limits; /* as they were at the beginning */
    struct arena arena;           /* owns the texts */
    char id[ID_SIZE];
    struct history_entry entry;
    size_t text_length;

    struct buf words;
    struct json_writer word_writer; /* in the array of words */
    struct timed_word word;         /* the last one, not written yet */
    bool has_word;

    enum audio_format format;
    FILE *file; /* NULL: no audio is kept, or no longer */
    const char *staged_path;
    int64_t bytes; /* written */
};

/* ---- words and segments, as they are stored ---- */

/*
 * A flat JSON array of three values a span, milliseconds and text:
 *
 *     [0,312,"It",312,640,"cost"]
 */

static void write_span(struct json_writer *w, double start_s, double end_s, const char *text,
                       size_t length)
{
    json_write_int(w, NULL, llround(start_s * 1000));
    json_write_int(w, NULL, llround(end_s * 1000));
    json_write_text_n(w, NULL, text, length);
}

/* The spans as text in the arena; *out is NULL when there are none. */
static bool format_spans(const struct history_span *spans, size_t count, const char *what,
                         struct arena *arena, const char **out, struct err *err)
{
    struct buf json = BUF(SPANS_MAX);
    struct json_writer writer = JSON_WRITER(&json);

    *out = NULL;
    if (count == 0)
        return true;
    json_write_array_begin(&writer, NULL);
    for (size_t i = 0; i < count; i++)
        write_span(&writer, spans[i].start_s, spans[i].end_s, spans[i].text, strlen(spans[i].text));
    json_write_array_end(&writer);
    bool ok = buf_ok(&json, what, err);
    if (ok)
        *out = arena_strndup(arena, json.data, json.len);
    buf_release(&json);
    return ok;
}

static bool read_span(const json_t *list, size_t at, struct arena *arena, struct history_span *out)
{
    const json_t *start = json_array_get(list, at), *end = json_array_get(list, at + 1);
    const char *text = json_string_value(json_array_get(list, at + 2));

    if (!json_is_integer(start) || !json_is_integer(end) || !text)
        return false;
    *out = (struct history_span){
        .text = arena_strdup(arena, text),
        .start_s = (double)json_integer_value(start) / 1000,
        .end_s = (double)json_integer_value(end) / 1000,
    };
    return true;
}

bool history_spans_parse(const char *stored, struct arena *arena, struct history_spans *out,
                         struct err *err)
{
    *out = (struct history_spans){ 0 };
    if (!stored)
        return true;
    json_t *list = json_parse(stored, strlen(stored), "The times of an entry", err);
    size_t count = json_array_size(list) / 3;
    bool ok = list != NULL;

    out->items = arena_alloc(arena, (count + 1) * sizeof *out->items);
    while (ok && out->count < count) {
        ok = read_span(list, 3 * out->count, arena, &out->items[out->count]) ||
             err_set(err, ERR_CORRUPT, "The times of an entry in the history are damaged.");
        out->count += ok;
    }
    json_decref(list);
    return ok;
}

/* ---- what is kept ---- */

struct history_policy history_policy(const struct history *history, const struct settings *settings)
{
    struct history_policy policy = history->options.configured;

    if (settings->history_enabled)
        policy.is_enabled = *settings->history_enabled;
    if (settings->history_retain_audio)
        policy.keeps_audio = *settings->history_retain_audio;
    if (settings->history_max_entries)
        policy.entries_max = *settings->history_max_entries;
    if (settings->history_max_mb)
        policy.mb_max = *settings->history_max_mb;
    return policy;
}

static struct history_policy read_policy(const struct history *history)
{
    struct settings settings = { 0 };
    struct arena arena = ARENA;
    struct err err = { 0 };

    if (!store_settings_get(history->options.store, &arena, &settings, &err))
        log_warning("history", "%s What is configured holds.", err.message);
    struct history_policy policy = history_policy(history, &settings);
    arena_release(&arena);
    return policy;
}

static struct history_limits limits_of(const struct history_policy *policy)
{
    return (struct history_limits){
        .entries_max = policy->entries_max,
        .bytes_max = policy->mb_max * MEGABYTE,
    };
}

/* Entries came or went: so do their files. */
static void settle(struct history *history)
{
    media_settle(history->options.media);
    if (history->options.changed)
        history->options.changed(history->options.changed_state);
}

void history_trim(struct history *history)
{
    struct history_policy policy = read_policy(history);
    struct history_limits limits = limits_of(&policy);
    struct err err = { 0 };

    if (store_history_trim(history->options.store, &limits, &err))
        settle(history);
    else
        log_warning("history", "%s The history is larger than it should be.", err.message);
}

struct history *history_create(const struct history_options *options)
{
    struct history *history = xcalloc(1, sizeof *history);

    history->options = *options;
    history_trim(history);
    return history;
}

void history_destroy(struct history *history)
{
    free(history);
}

int64_t history_revision(struct history *history)
{
    struct err ignored = { 0 };
    int64_t revision;

    if (store_history_revision(history->options.store, &revision, &ignored))
        atomic_store(&history->revision, revision);
    return atomic_load(&history->revision);
}

bool history_delete(struct history *history, const char *id, struct err *err)
{
    if (!store_history_delete(history->options.store, id, err))
        return false;
    settle(history);
    return true;
}

bool history_delete_all(struct history *history, const struct history_filter *filter,
                        int64_t *deleted, struct err *err)
{
    if (!store_history_delete_all(history->options.store, filter, deleted, err))
        return false;
    settle(history);
    return true;
}

/* ---- speech ---- */

/* Nothing is left of the audio. */
static void forget_audio(struct history_recorder *recorder)
{
    if (!recorder->staged_path)
        return;
    if (recorder->file)
        fclose(recorder->file);
    recorder->file = NULL;
    media_discard(recorder->history->options.media, recorder->staged_path);
    recorder->staged_path = NULL;
}

static void give_audio_up(struct history_recorder *recorder, const struct err *err)
{
    log_warning("history", "%s The entry %s is kept without its audio.", err->message,
                recorder->id);
    forget_audio(recorder);
}

static void begin_audio(struct history_recorder *recorder)
{
    const char *path =
        media_staged_path(&recorder->arena, path_extension(recorder->entry.output_path));
    struct err err = { 0 };
    int fd = media_stage(recorder->history->options.media, path, &err);

    if (fd >= 0) {
        recorder->staged_path = path;
        recorder->file = fdopen(fd, "wb");
        if (!recorder->file) {
            err_system(&err, "write", path);
            close(fd);
        }
    }
    if (!recorder->file)
        give_audio_up(recorder, &err);
}

struct history_recorder *history_record_speech(struct history *history,
                                               const struct history_speech *what)
{
    struct history_policy policy = read_policy(history);

    if (!policy.is_enabled)
        return NULL;
    struct history_recorder *recorder = xcalloc(1, sizeof *recorder);
    struct arena *arena = &recorder->arena;

    recorder->history = history;
    recorder->limits = limits_of(&policy);
    recorder->text_length = what->length;
    recorder->format = what->format;
    recorder->words = BUF(SPANS_MAX);
    recorder->word_writer = JSON_WRITER(&recorder->words);
    json_write_array_begin(&recorder->word_writer, NULL);
    id_make(recorder->id);
    recorder->entry = (struct history_entry){
        .id = recorder->id,
        .type = HISTORY_TTS,
        .speed = what->speed,
        .format = audio_format_name(what->format),
        .language = what->language ? arena_strdup(arena, what->language) : NULL,
        .profile_id = what->profile_id ? arena_strdup(arena, what->profile_id) : NULL,
        .output_path =
            media_history_path(arena, recorder->id, audio_format_extension(what->format)),
        .full_text = arena_strndup(arena, what->text, what->length),
    };
    if (policy.keeps_audio)
        begin_audio(recorder);
    return recorder;
}

const char *history_recorder_id(const struct history_recorder *recorder)
{
    return recorder ? recorder->id : NULL;
}

/* What would be more than the whole history may have is not written in the first place. */
static bool write_audio(struct history_recorder *recorder, const void *bytes, size_t length,
                        struct err *err)
{
    int64_t most = recorder->limits.bytes_max;

    recorder->bytes += (int64_t)length;
    if (most && recorder->bytes > most)
        return err_set(err, ERR_TOO_LARGE, "The audio is larger than the %lld MB of the history.",
                       (long long)(most / MEGABYTE));
    return fwrite(bytes, 1, length, recorder->file) == length ||
           err_system(err, "write", recorder->staged_path);
}

void history_recorder_write(struct history_recorder *recorder, const void *bytes, size_t length)
{
    struct err err = { 0 };

    if (recorder && recorder->file && !write_audio(recorder, bytes, length, &err))
        give_audio_up(recorder, &err);
}

/* The word that was heard last is written once it is known to be over. */
static void write_word(struct history_recorder *recorder)
{
    const struct timed_word *word = &recorder->word;

    if (!recorder->has_word)
        return;
    write_span(&recorder->word_writer, word->start_s, word->end_s,
               recorder->entry.full_text + word->input_start, word->input_end - word->input_start);
}

/* "$5" is spoken as two words of one place in the text: that is one word here. */
void history_recorder_word(struct history_recorder *recorder, const struct timed_word *word)
{
    if (!recorder)
        return;
    assert(word->input_start <= word->input_end && word->input_end <= recorder->text_length);
    if (recorder->has_word && word->input_start < recorder->word.input_end) {
        if (word->input_end > recorder->word.input_end)
            recorder->word.input_end = word->input_end;
        recorder->word.end_s = word->end_s;
        return;
    }
    write_word(recorder);
    recorder->word = *word;
    recorder->has_word = true;
}

/* A stream's header says that its length is unknown; a file's need not. */
static bool put_wav_length(struct history_recorder *recorder, int rate_hz)
{
    uint8_t header[WAV_HEADER_SIZE];

    if (recorder->format != AUDIO_WAV || recorder->bytes < WAV_HEADER_SIZE ||
        (uint64_t)recorder->bytes > WAV_DATA_LIMIT)
        return true;
    wav_header(header, rate_hz, 1, (uint32_t)(recorder->bytes - WAV_HEADER_SIZE));
    return fseek(recorder->file, 0, SEEK_SET) == 0 &&
           fwrite(header, 1, sizeof header, recorder->file) == sizeof header;
}

/* The staged file is whole and on the disk, and there is room for it in its place. */
static bool end_audio(struct history_recorder *recorder, int rate_hz, struct err *err)
{
    FILE *file = recorder->file;
    bool ok =
        (put_wav_length(recorder, rate_hz) && fflush(file) == 0 && fsync(fileno(file)) == 0) ||
        err_system(err, "write", recorder->staged_path);

    recorder->file = NULL;
    fclose(file);
    return ok &&
           media_can_place(recorder->history->options.media, recorder->entry.output_path, err);
}

static void fill_entry(struct history_recorder *recorder, const struct spoken_by *by,
                       const struct speech_outcome *outcome)
{
    struct history_entry *entry = &recorder->entry;
    struct err err = { 0 };

    entry->engine = by->engine;
    entry->model = by->model && *by->model ? by->model : NULL;
    entry->voice = by->voice;
    entry->duration_s = outcome->seconds;
    entry->words_are_measured = outcome->words_are_measured;
    entry->output_bytes = recorder->bytes;
    write_word(recorder);
    json_write_array_end(&recorder->word_writer);
    if (!recorder->has_word)
        return;
    if (buf_ok(&recorder->words, "times of the words", &err))
        entry->words = recorder->words.data;
    else
        log_warning("history", "%s The entry %s is kept without them.", err.message, recorder->id);
}

static bool add_entry(struct history_recorder *recorder, struct err *err)
{
    if (!recorder->staged_path)
        recorder->entry.output_path = NULL;
    return store_history_add(recorder->history->options.store, &recorder->entry,
                             recorder->staged_path, &recorder->limits, err);
}

/* On a full disk the audio makes room for its entry. */
static bool add_entry_or_less(struct history_recorder *recorder, struct err *err)
{
    if (add_entry(recorder, err))
        return true;
    if (err->kind != ERR_DISK_FULL || !recorder->staged_path)
        return false;
    give_audio_up(recorder, err);
    err_clear(err);
    return add_entry(recorder, err);
}

static void recorder_destroy(struct history_recorder *recorder)
{
    forget_audio(recorder);
    buf_release(&recorder->words);
    arena_release(&recorder->arena);
    free(recorder);
}

bool history_recorder_keep(struct history_recorder *recorder, const struct spoken_by *by,
                           const struct speech_outcome *outcome, struct err *err)
{
    struct err why = { 0 };

    if (!recorder)
        return true;
    if (recorder->file && !end_audio(recorder, by->rate_hz, &why))
        give_audio_up(recorder, &why);
    fill_entry(recorder, by, outcome);
    bool ok = add_entry_or_less(recorder, err);
    if (ok) {
        recorder->staged_path = NULL; /* the store's now */
        settle(recorder->history);
    }
    recorder_destroy(recorder);
    return ok;
}

void history_recorder_drop(struct history_recorder *recorder)
{
    if (recorder)
        recorder_destroy(recorder);
}

/* ---- transcripts ---- */

static bool add_transcript(struct history *history, const struct history_transcript *transcript,
                           const struct history_policy *policy, struct arena *arena, const char *id,
                           struct err *err)
{
    struct history_limits limits = limits_of(policy);
    struct history_entry entry = {
        .id = id,
        .type = HISTORY_STT,
        .engine = transcript->engine,
        .model = transcript->model,
        .language = transcript->language,
        .input_filename = transcript->filename,
        .duration_s = transcript->duration_s,
        .full_text = transcript->text,
        .words_are_measured = transcript->words_are_measured,
    };

    return format_spans(transcript->words, transcript->word_count, "times of the words", arena,
                        &entry.words, err) &&
           format_spans(transcript->segments, transcript->segment_count, "transcript", arena,
                        &entry.segments, err) &&
           store_history_add(history->options.store, &entry, NULL, &limits, err);
}

bool history_add_transcript(struct history *history, const struct history_transcript *transcript,
                            char id[ID_SIZE], struct err *err)
{
    struct history_policy policy = read_policy(history);
    struct arena arena = ARENA;

    id[0] = '\0';
    if (!policy.is_enabled)
        return true;
    id_make(id);
    bool ok = add_transcript(history, transcript, &policy, &arena, id, err);
    arena_release(&arena);
    if (ok)
        settle(history);
    return ok;
}
