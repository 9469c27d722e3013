#include "studio/history.h"

#include <string.h>

#include "studio/subtitle.h"

/* Frames a second of the words' times, which are stored as milliseconds. */
#define RATE_HZ 1000

/* Bytes of text that are looked through for a word. Words follow one another closely; one that is
 * not there must not cost the reading of the whole text. */
#define WINDOW 4096

/* Words are parts of the text, in order: where each lies. One that is not found is left out. */
static size_t find_words(const char *text, const struct history_spans *spans,
                         struct spoken_word *out)
{
    size_t length = strlen(text), at = 0, count = 0;

    for (size_t i = 0; i < spans->count; i++) {
        const struct history_span *span = &spans->items[i];
        size_t left = length - at < WINDOW ? length - at : WINDOW;
        size_t size = strlen(span->text);
        const char *found = memmem(text + at, left, span->text, size);

        if (!found)
            continue;
        out[count++] = (struct spoken_word){
            .input_start = (uint32_t)(found - text),
            .input_end = (uint32_t)(found - text + size),
            .start_frame = (uint64_t)(span->start_s * RATE_HZ + 0.5),
            .end_frame = (uint64_t)(span->end_s * RATE_HZ + 0.5),
        };
        at = (size_t)(found - text) + size;
    }
    return count;
}

static bool add_words(const struct history_entry *entry, struct arena *arena, struct cue_list *cues,
                      struct err *err)
{
    struct history_spans spans;

    if (!history_spans_parse(entry->words, arena, &spans, err))
        return false;
    struct spoken_word *words = arena_alloc(arena, (spans.count + 1) * sizeof *words);
    const struct subtitle_speech speech = {
        .text = entry->full_text,
        .length = strlen(entry->full_text),
        .words = words,
        .word_count = find_words(entry->full_text, &spans, words),
        .rate_hz = RATE_HZ,
        .duration_s = entry->duration_s,
    };

    return subtitle_add(cues, &speech, err);
}

static bool add_segments(const struct history_entry *entry, struct arena *arena,
                         struct cue_list *cues, struct err *err)
{
    struct history_spans spans;
    bool ok = history_spans_parse(entry->segments, arena, &spans, err);

    for (size_t i = 0; ok && i < spans.count; i++) {
        const struct history_span *span = &spans.items[i];
        const struct subtitle_speech speech = {
            .text = span->text,
            .length = strlen(span->text),
            .start_s = span->start_s,
            .duration_s = span->end_s - span->start_s,
        };

        ok = subtitle_add(cues, &speech, err);
    }
    return ok;
}

bool history_format_subtitles(const struct history_entry *entry, enum history_subtitles format,
                              struct buf *out, struct err *err)
{
    struct cue_list cues = { 0 };
    struct arena arena = ARENA;
    bool ok = !entry->words && entry->segments ? add_segments(entry, &arena, &cues, err)
                                               : add_words(entry, &arena, &cues, err);

    if (ok && format == HISTORY_SRT)
        cue_list_format_srt(&cues, out);
    else if (ok)
        cue_list_format_vtt(&cues, out);
    cue_list_release(&cues);
    arena_release(&arena);
    return ok && buf_ok(out, "subtitles", err);
}
