#pragma once

/*
 * When each character of a text is heard, as ElevenLabs tells it: made of the
 * words' times while the text is spoken.
 *
 *     character_times_init(&times, text, length);
 *     … character_times_add(&times, &word) … character_times_end(&times, seconds);
 *     character_times_write(&times, w, "alignment", 0, times.count);
 *     character_times_release(&times);
 *
 * A word's span is shared out evenly among its characters; what lies between
 * two words (spaces, punctuation, what was not spoken) gets the time between
 * them. Times never decrease. Several spoken words for one written ("$5") are one word here.
 *
 * One thread at a time.
 */

#include <stddef.h>

#include "base/json_writer.h"
#include "studio/live_speech.h"

struct character_time {
    size_t start; /* of its bytes in the text; they end where the next character's begin */
    double start_s, end_s;
};

struct character_times {
    const char *text; /* borrowed, valid UTF-8 */
    size_t length;

    struct character_time *items; /* in order; owned */
    size_t count, capacity;

    size_t at;              /* the text's characters up to here have their times */
    double now_s;           /* when the last of them ends */
    struct timed_word word; /* heard, but the next may belong to the same characters */
    bool has_word;
};

void character_times_init(struct character_times *times, const char *text, size_t length);
void character_times_release(struct character_times *times);

/* In the order they are spoken. Characters up to the word before it are known then. */
void character_times_add(struct character_times *times, const struct timed_word *word);

/* All was said: the rest of the text lasts until the end of the sound. */
void character_times_end(struct character_times *times, double seconds);

/* Those from first on, up to the end, as {"characters", "character_start_times_seconds",
 * "character_end_times_seconds"}, all three of the same length. */
void character_times_write(const struct character_times *times, struct json_writer *w,
                           const char *key, size_t first, size_t end);
