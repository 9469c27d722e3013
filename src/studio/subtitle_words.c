/*
 * From a text and the times of its words to what subtitles show: the markup is
 * lifted ([pause:1s] goes, [tomato](/…/) becomes tomato) by the front end's own
 * rules, which keep each byte's origin, so that the spoken words' offsets find
 * their place.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "studio/subtitle_internal.h"
#include "text/markup.h"
#include "text/origin.h"

/* Copies the lifted text with its marks written out, each line end within a paragraph a space. */
static void write_out(const struct markup *markup, const struct origin_text *lifted,
                      struct origin_text *out)
{
    const char *text = lifted->text.data;
    size_t length = lifted->text.len;

    for (size_t at = 0; at < length;) {
        size_t start = at;
        const struct mark *mark = markup_find(markup, utf8_next(text, length, &at));

        if (mark)
            origin_append(out, mark->text, strlen(mark->text), lifted->origin[start]);
        else if (text[start] == '\n' && (at == length || text[at] != '\n') &&
                 (start == 0 || text[start - 1] != '\n'))
            origin_append(out, " ", 1, lifted->origin[start]);
        else
            origin_append_copy(out, lifted, start, at - start);
    }
}

static bool lift(const struct subtitle_speech *speech, struct origin_text *out, struct err *err)
{
    struct origin_text input, lifted;
    struct markup markup;

    origin_text_init(&input, speech->length);
    origin_text_init(&lifted, speech->length);
    markup_init(&markup);
    bool ok = origin_from_input(&input, speech->text, speech->length, err) &&
              markup_lift(&markup, &input, NULL, &lifted, err);
    if (ok) {
        write_out(&markup, &lifted, out);
        ok = buf_ok(&out->text, "text", err);
    }
    markup_release(&markup);
    origin_text_release(&lifted);
    origin_text_release(&input);
    return ok;
}

static uint32_t origin_at(const struct origin_text *text, size_t at)
{
    return at < text->text.len ? text->origin[at] : text->input_len;
}

static void find_origins(struct subtitle_words *words, const struct origin_text *text)
{
    words->origins = xcalloc(words->words.count + 1, sizeof *words->origins);
    for (size_t i = 0; i < words->words.count; i++) {
        const struct cue_word *w = &words->words.items[i];
        size_t start = (size_t)(w->text - words->text.data);

        words->origins[i].input_start = text->origin[start];
        words->origins[i].input_end = origin_at(text, start + w->length);
    }
}

/* Gives each word the times of the spoken words it overlaps: "$5" is spoken as two, "3 p.m." as
 * one. Both lists are in order. */
static void take_times(struct subtitle_words *words, const struct subtitle_speech *speech)
{
    size_t first = 0;

    for (size_t i = 0; i < words->words.count; i++) {
        struct cue_word *w = &words->words.items[i];
        struct subtitle_origin *origin = &words->origins[i];

        while (first < speech->word_count && speech->words[first].input_end <= origin->input_start)
            first++;
        for (size_t k = first;
             k < speech->word_count && speech->words[k].input_start < origin->input_end; k++) {
            const struct spoken_word *spoken = &speech->words[k];
            double start_s = (double)spoken->start_frame / speech->rate_hz;
            double end_s = (double)spoken->end_frame / speech->rate_hz;

            w->start_s = origin->has_times && w->start_s < start_s ? w->start_s : start_s;
            w->end_s = origin->has_times && w->end_s > end_s ? w->end_s : end_s;
            origin->has_times = true;
        }
    }
}

/* Words that are spoken as one share its time. */
static void share_times(struct subtitle_words *words)
{
    struct cue_word *items = words->words.items;
    size_t count = words->words.count;

    for (size_t i = 0, next; i < count; i = next) {
        const struct cue_word w = items[i];

        for (next = i + 1; next < count && words->origins[i].has_times; next++)
            if (items[next].start_s != w.start_s || items[next].end_s != w.end_s)
                break;
        if (next > i + 1)
            cue_words_spread(items + i, next - i, w.start_s, w.end_s);
    }
}

static void fill_gaps(struct subtitle_words *words, double duration_s)
{
    struct cue_word *items = words->words.items;
    size_t count = words->words.count;
    double end_s = 0; /* of the word before */

    for (size_t i = 0; i < count;) {
        size_t next = i;

        while (next < count && !words->origins[next].has_times)
            next++;
        if (next > i) {
            cue_words_spread(items + i, next - i, end_s,
                             next < count ? items[next].start_s : duration_s);
            i = next;
        } else {
            i++;
        }
        end_s = items[i - 1].end_s;
    }
}

/* Times never run back, nor past the recording's end. */
static void straighten(struct cue_words *words, double duration_s)
{
    double earliest = 0;

    for (size_t i = 0; i < words->count; i++) {
        struct cue_word *w = &words->items[i];

        w->start_s = w->start_s < earliest ? earliest : w->start_s;
        w->start_s = w->start_s > duration_s ? duration_s : w->start_s;
        w->end_s = w->end_s < w->start_s ? w->start_s : w->end_s;
        w->end_s = w->end_s > duration_s ? duration_s : w->end_s;
        earliest = w->start_s;
    }
}

bool subtitle_words_make(struct subtitle_words *out, const struct subtitle_speech *speech,
                         struct err *err)
{
    struct origin_text text;

    *out = (struct subtitle_words){ 0 };
    origin_text_init(&text, speech->length);
    bool ok = lift(speech, &text, err);
    if (ok) {
        out->text = text.text;
        cue_words_split(&out->words, out->text.data, out->text.len);
        find_origins(out, &text);
        take_times(out, speech);
        share_times(out);
        fill_gaps(out, speech->duration_s);
        straighten(&out->words, speech->duration_s);
        text.text = BUF(1); /* the bytes are out's now */
    }
    origin_text_release(&text);
    return ok;
}

void subtitle_words_release(struct subtitle_words *words)
{
    buf_release(&words->text);
    cue_words_release(&words->words);
    free(words->origins);
    *words = (struct subtitle_words){ 0 };
}
