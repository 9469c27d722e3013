#include "transcribe/transcript.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_writer.h"
#include "base/language.h"
#include "base/path.h"
#include "text/cue.h"

static const struct {
    const char *name, *ending;
} formats[] = {
    [TRANSCRIPT_TEXT] = { "text", "txt" },
    [TRANSCRIPT_JSON] = { "json", "json" },
    [TRANSCRIPT_SRT] = { "srt", "srt" },
    [TRANSCRIPT_VTT] = { "vtt", "vtt" },
    [TRANSCRIPT_VERBOSE_JSON] = { "verbose_json", "json" },
};

const char *transcript_format_name(enum transcript_format format)
{
    return formats[format].name;
}

const char *transcript_format_ending(enum transcript_format format)
{
    return formats[format].ending;
}

bool transcript_format_parse(const char *name, enum transcript_format *out)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (strcmp(name, formats[i].name) == 0) {
            *out = (enum transcript_format)i;
            return true;
        }
    return false;
}

bool transcript_format_from_path(const char *path, enum transcript_format *out)
{
    const char *extension = path_extension(path);

    for (size_t i = 0; i < COUNT(formats); i++)
        if (strcasecmp(formats[i].ending, extension) == 0) {
            *out = (enum transcript_format)i;
            return true;
        }
    return false;
}

/* ---- keeping ---- */

void transcript_release(struct transcript *transcript)
{
    arena_release(&transcript->arena);
    free(transcript->segments);
    *transcript = TRANSCRIPT;
}

static size_t bytes_of(const struct transcript_segment *segment)
{
    size_t bytes = strlen(segment->text) + segment->token_count * sizeof *segment->tokens +
                   segment->word_count * sizeof *segment->words;

    for (size_t i = 0; i < segment->word_count; i++)
        bytes += strlen(segment->words[i].text);
    return bytes;
}

static const struct transcript_word *copy_words(struct arena *arena,
                                                const struct transcript_segment *segment)
{
    struct transcript_word *words = arena_alloc(arena, segment->word_count * sizeof *words);

    for (size_t i = 0; i < segment->word_count; i++) {
        words[i] = segment->words[i];
        words[i].text = arena_strdup(arena, words[i].text);
    }
    return words;
}

bool transcript_add(struct transcript *t, const struct transcript_segment *segment, struct err *err)
{
    struct transcript_segment copy = *segment;

    t->bytes += bytes_of(segment);
    if (t->bytes > TRANSCRIPT_BYTES_MAX)
        return err_set(err, ERR_TOO_LARGE, "The transcript is longer than %u MB.",
                       TRANSCRIPT_BYTES_MAX >> 20);
    copy.text = arena_strdup(&t->arena, segment->text);
    copy.words = copy_words(&t->arena, segment);
    copy.tokens =
        arena_copy(&t->arena, segment->tokens, segment->token_count * sizeof *segment->tokens);
    ARRAY_GROW(t->segments, t->count, t->capacity);
    t->segments[t->count++] = copy;
    return true;
}

static bool keep(void *state, const struct transcript_segment *segment, struct err *err)
{
    return transcript_add(state, segment, err);
}

struct transcript_sink transcript_sink(struct transcript *transcript)
{
    return (struct transcript_sink){ .segment = keep, .state = transcript };
}

/* ---- text ---- */

void transcript_format_text(const struct transcript *t, struct buf *out)
{
    for (size_t i = 0; i < t->count; i++) {
        if (i > 0)
            buf_append_char(out, ' ');
        buf_append_str(out, t->segments[i].text);
    }
}

/* ---- subtitles ---- */

/* The segment's words as subtitles show them: the text is cut at the same spaces, and a word wider
 * than a line into parts. */
static void add_words(struct cue_words *words, const struct transcript_segment *segment)
{
    size_t at = words->count;

    cue_words_split(words, segment->text, strlen(segment->text));
    for (size_t i = 0; i < segment->word_count && at < words->count; i++) {
        size_t end = at + 1;

        while (end < words->count && !words->items[end].has_space)
            end++;
        cue_words_spread(words->items + at, end - at, segment->words[i].start_s,
                         segment->words[i].end_s);
        at = end;
    }
}

static void make_cues(const struct transcript *t, struct cue_list *cues)
{
    for (size_t i = 0; i < t->count; i++) {
        double until_s = i + 1 < t->count ? t->segments[i + 1].start_s
                                          : fmax(t->outcome.seconds, t->segments[i].end_s);
        struct cue_words words = { 0 };

        add_words(&words, &t->segments[i]);
        cue_list_add(cues, &words, 0, until_s);
        cue_words_release(&words);
    }
}

static void format_cues(const struct transcript *t, struct buf *out,
                        void (*format)(const struct cue_list *, struct buf *))
{
    struct cue_list cues = { 0 };

    make_cues(t, &cues);
    format(&cues, out);
    cue_list_release(&cues);
}

/* ---- JSON ---- */

static double to_ms(double seconds)
{
    return round(seconds * 1000) / 1000;
}

static void write_text(struct json_writer *w, const struct transcript *t)
{
    struct buf text = BUF(TRANSCRIPT_BYTES_MAX);

    transcript_format_text(t, &text);
    json_write_text_n(w, "text", text.data ? text.data : "", text.len);
    buf_release(&text);
}

static void write_words(struct json_writer *w, const struct transcript *t)
{
    json_write_array_begin(w, "words");
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = 0; k < t->segments[i].word_count; k++) {
            const struct transcript_word *word = &t->segments[i].words[k];

            json_write_object_begin(w, NULL);
            json_write_text(w, "word", word->text);
            json_write_number(w, "start", to_ms(word->start_s));
            json_write_number(w, "end", to_ms(word->end_s));
            json_write_object_end(w);
        }
    json_write_array_end(w);
}

static void write_segment(struct json_writer *w, const struct transcript_segment *segment)
{
    json_write_object_begin(w, NULL);
    json_write_int(w, "id", segment->id);
    json_write_int(w, "seek", (int64_t)(segment->start_s * 100)); /* Whisper's frames of 10 ms */
    json_write_number(w, "start", to_ms(segment->start_s));
    json_write_number(w, "end", to_ms(segment->end_s));
    json_write_text(w, "text", segment->text);
    json_write_array_begin(w, "tokens");
    for (size_t i = 0; i < segment->token_count; i++)
        json_write_int(w, NULL, segment->tokens[i]);
    json_write_array_end(w);
    json_write_int(w, "temperature", 0);
    json_write_number(w, "avg_logprob", segment->avg_logprob);
    json_write_number(w, "compression_ratio", segment->compression_ratio);
    json_write_number(w, "no_speech_prob", segment->no_speech_prob);
    json_write_object_end(w);
}

static void write_usage(struct json_writer *w, const struct transcript *t)
{
    json_write_object_begin(w, "usage");
    json_write_text(w, "type", "duration");
    json_write_number(w, "seconds", to_ms(t->outcome.seconds));
    json_write_object_end(w);
}

static void format_json(const struct transcript *t, struct buf *out)
{
    struct json_writer w = JSON_WRITER(out);

    json_write_object_begin(&w, NULL);
    write_text(&w, t);
    write_usage(&w, t);
    json_write_object_end(&w);
}

/* OpenAI's clients know languages by their names, in lower case. */
static void write_language(struct json_writer *w, const char *language)
{
    char *name = xstrdup(language_name(language));

    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    json_write_text(w, "language", name);
    free(name);
}

static void format_verbose_json(const struct transcript *t, const struct transcript_detail *detail,
                                struct buf *out)
{
    struct json_writer w = JSON_WRITER(out);

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "task", "transcribe");
    write_language(&w, t->outcome.language);
    json_write_number(&w, "duration", to_ms(t->outcome.seconds));
    write_text(&w, t);
    if (detail->has_segments) {
        json_write_array_begin(&w, "segments");
        for (size_t i = 0; i < t->count; i++)
            write_segment(&w, &t->segments[i]);
        json_write_array_end(&w);
    }
    if (detail->has_words) {
        write_words(&w, t);
        json_write_bool(&w, "words_are_measured", t->outcome.words_are_measured);
    }
    json_write_text(&w, "model", t->outcome.model);
    write_usage(&w, t);
    json_write_object_end(&w);
}

void transcript_format(const struct transcript *t, enum transcript_format format,
                       const struct transcript_detail *detail, struct buf *out)
{
    static const struct transcript_detail all = { true, true };

    switch (format) {
    case TRANSCRIPT_TEXT:
        transcript_format_text(t, out);
        if (t->count > 0)
            buf_append_char(out, '\n');
        return;
    case TRANSCRIPT_JSON:
        format_json(t, out);
        return;
    case TRANSCRIPT_SRT:
        format_cues(t, out, cue_list_format_srt);
        return;
    case TRANSCRIPT_VTT:
        format_cues(t, out, cue_list_format_vtt);
        return;
    case TRANSCRIPT_VERBOSE_JSON:
        format_verbose_json(t, detail ? detail : &all, out);
        return;
    }
}
