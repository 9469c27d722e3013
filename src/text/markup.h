#pragma once

/*
 * What a user writes between the words to direct the reading, lifted out of the
 * text before the normaliser sees it:
 *
 *     [pause:0.5s]  [pause:500ms]                a pause, at most 60 s, an hour in all
 *     <break time="500ms"/>  <break strength="strong"/>
 *     [tomato](/təmˈɑːtoʊ/)                      these phonemes for this word
 *     <speak>…</speak>                           the tags are dropped
 *     a word of the lexicon                      its phonemes, or its other words
 *
 * Each becomes one private-use code point, which every later step takes for a
 * word. Equal marks share one, so the 6,400 there are suffice for a book; the
 * user's own private-use characters, which no voice could read, are dropped.
 *
 * A struct markup belongs to one text and thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "text/lexicon.h"
#include "text/origin.h"

#define MARKUP_FIRST 0xE000u
#define MARKUP_LAST 0xF8FFu
#define PAUSE_MAX_S 60
#define PAUSES_MAX_S 3600 /* of one text, together */

enum mark_kind { MARK_PAUSE, MARK_PHONEMES };

struct mark {
    enum mark_kind kind;
    double pause_s;
    const char *text;     /* the word as written; "" for a pause */
    const char *phonemes; /* IPA; "" for a pause */
};

struct markup {
    struct mark *marks; /* of MARKUP_FIRST and the following */
    size_t count, capacity;
    uint32_t *slots; /* hash of the marks: index + 1, 0 is free */
    size_t slot_count;
    struct arena arena; /* the marks' strings */
};

void markup_init(struct markup *markup);
void markup_release(struct markup *markup);

/* Appends in to out with the marks replaced. lexicon may be NULL. ERR_INVALID for a pause that
 * cannot be read or is too long, ERR_TOO_LARGE for pauses that are too long together and for too
 * many different marks. */
bool markup_lift(struct markup *markup, const struct origin_text *in, const struct lexicon *lexicon,
                 struct origin_text *out, struct err *err) MUST_CHECK;

/* The mark a code point stands for, NULL for any other. */
const struct mark *markup_find(const struct markup *markup, uint32_t code_point);
