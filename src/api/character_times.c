#include "api/character_times.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"

void character_times_init(struct character_times *times, const char *text, size_t length)
{
    *times = (struct character_times){ .text = text, .length = length };
}

void character_times_release(struct character_times *times)
{
    free(times->items);
    *times = (struct character_times){ 0 };
}

static void push(struct character_times *times, const struct character_time *item)
{
    ARRAY_GROW(times->items, times->count, times->capacity);
    times->items[times->count++] = *item;
}

/* The characters up to a byte of the text share the time up to a moment. */
static void spread(struct character_times *times, size_t end, double end_s)
{
    size_t chars = utf8_chars(times->text + times->at, end - times->at);
    double start_s = times->now_s;
    double span_s = fmax(end_s - start_s, 0);

    for (size_t i = 1; i <= chars; i++) {
        struct character_time item = { .start = times->at, .start_s = times->now_s };

        times->now_s = start_s + span_s * (double)i / (double)chars;
        item.end_s = times->now_s;
        utf8_next(times->text, times->length, &times->at);
        push(times, &item);
    }
}

/* Characters that were given their times already keep them. */
static void settle_word(struct character_times *times)
{
    const struct timed_word *word = &times->word;

    if (!times->has_word)
        return;
    times->has_word = false;
    if (word->input_start > times->at)
        spread(times, word->input_start, word->start_s);
    if (times->at == word->input_start)
        times->now_s = fmax(times->now_s, word->start_s);
    if (word->input_end > times->at)
        spread(times, word->input_end, word->end_s);
}

void character_times_add(struct character_times *times, const struct timed_word *word)
{
    if (times->has_word && word->input_start < times->word.input_end) {
        if (word->input_end > times->word.input_end)
            times->word.input_end = word->input_end;
        times->word.end_s = fmax(times->word.end_s, word->end_s);
        return;
    }
    settle_word(times);
    times->word = *word;
    times->has_word = true;
}

void character_times_end(struct character_times *times, double seconds)
{
    settle_word(times);
    spread(times, times->length, seconds);
}

static size_t bytes_end(const struct character_times *times, size_t index)
{
    return index + 1 < times->count ? times->items[index + 1].start : times->at;
}

/* Milliseconds are finer than anybody hears, and short to send. */
static void write_moment(struct json_writer *w, double seconds)
{
    json_write_number(w, NULL, round(seconds * 1000) / 1000);
}

void character_times_write(const struct character_times *times, struct json_writer *w,
                           const char *key, size_t first, size_t end)
{
    json_write_object_begin(w, key);
    json_write_array_begin(w, "characters");
    for (size_t i = first; i < end; i++)
        json_write_text_n(w, NULL, times->text + times->items[i].start,
                          bytes_end(times, i) - times->items[i].start);
    json_write_array_end(w);
    json_write_array_begin(w, "character_start_times_seconds");
    for (size_t i = first; i < end; i++)
        write_moment(w, times->items[i].start_s);
    json_write_array_end(w);
    json_write_array_begin(w, "character_end_times_seconds");
    for (size_t i = first; i < end; i++)
        write_moment(w, times->items[i].end_s);
    json_write_array_end(w);
    json_write_object_end(w);
}
