#include "text/align.h"

#include <stdlib.h>
#include <string.h>
#include <unictype.h>

#include "base/alloc.h"
#include "base/utf8.h"

#define BAND 64 /* sounds either side of the diagonal: a sentence never drifts that far */
#define FAR UINT32_MAX

/* The costs of edits, in halves of one sound. A group's edge may come and go, but is no sound. */
enum { COST_EDGE = 1, COST_GAP = 2, COST_KIN = 2, COST_STRANGER = 4, COST_EDGE_FOR_SOUND = 8 };

enum step { STEP_NONE, STEP_PAIR, STEP_HEARD, STEP_EXPECTED };

static bool is_stress(uint32_t c)
{
    return c == 0x2C8 || c == 0x2CC; /* ˈ ˌ */
}

/* ː, combining and other small marks: they say how the sound before them is made. */
static bool is_modifier(uint32_t c)
{
    return !is_stress(c) && uc_is_general_category_withtable(
                                c, UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_Lm | UC_CATEGORY_MASK_Sk);
}

static bool is_vowel(uint32_t c)
{
    static const char vowels[] = "aeiouyæøœɐɑɒɔəɚɛɜɝɞɨɪɯɵɶʉʊʌʏɤᵻᵊAIOQWY";

    for (size_t at = 0; at < sizeof vowels - 1;)
        if (utf8_next(vowels, sizeof vowels - 1, &at) == c)
            return true;
    return false;
}

size_t sounds_split(const char *phonemes, size_t length, struct sound *out)
{
    size_t count = 0;
    uint32_t start = 0;
    bool has_stress = false;

    for (size_t at = 0; at < length;) {
        uint32_t here = (uint32_t)at;
        uint32_t c = utf8_next(phonemes, length, &at);

        if (!has_stress)
            start = here;
        has_stress = is_stress(c);
        if (has_stress)
            continue;
        if (is_modifier(c) && count > 0 && out[count - 1].symbol != ' ')
            out[count - 1].end = (uint32_t)at;
        else
            out[count++] = (struct sound){
                .symbol = c, .start = start, .end = (uint32_t)at, .is_vowel = is_vowel(c)
            };
    }
    return count;
}

static uint32_t pair_cost(const struct sound *a, const struct sound *b)
{
    if (a->symbol == b->symbol)
        return 0;
    if (a->symbol == ' ' || b->symbol == ' ')
        return COST_EDGE_FOR_SOUND;
    return a->is_vowel == b->is_vowel ? COST_KIN : COST_STRANGER;
}

static uint32_t gap_cost(uint32_t symbol)
{
    return symbol == ' ' ? COST_EDGE : COST_GAP;
}

/* The band of the table of edits: row i is about column i * columns / rows. */
struct band {
    size_t rows, columns; /* sounds: the table has one more of each */
    size_t half, width;
    uint32_t *above, *row; /* costs, [width] */
    uint8_t *steps;        /* [rows + 1, width] */
};

static size_t first_column(const struct band *b, size_t i)
{
    size_t centre = i * b->columns / b->rows;

    return centre > b->half ? centre - b->half : 0;
}

static uint32_t cost_at(const uint32_t *row, size_t first, size_t width, size_t j)
{
    return j >= first && j - first < width ? row[j - first] : FAR;
}

static void consider(uint32_t from, uint32_t cost, enum step step, uint32_t *best, uint8_t *how)
{
    if (from != FAR && from + cost < *best) {
        *best = from + cost;
        *how = (uint8_t)step;
    }
}

static void fill_row(struct band *b, size_t i, const struct sound *expected,
                     const struct sound *heard)
{
    size_t first = first_column(b, i);
    size_t above = i > 0 ? first_column(b, i - 1) : 0;

    for (size_t k = 0; k < b->width; k++) {
        size_t j = first + k;
        uint32_t best = i == 0 && j == 0 ? 0 : FAR;
        uint8_t how = STEP_NONE;

        if (j <= b->columns) {
            if (i > 0 && j > 0)
                consider(cost_at(b->above, above, b->width, j - 1),
                         pair_cost(&expected[i - 1], &heard[j - 1]), STEP_PAIR, &best, &how);
            if (j > 0)
                consider(cost_at(b->row, first, k, j - 1), gap_cost(heard[j - 1].symbol),
                         STEP_HEARD, &best, &how);
            if (i > 0)
                consider(cost_at(b->above, above, b->width, j), gap_cost(expected[i - 1].symbol),
                         STEP_EXPECTED, &best, &how);
        }
        b->row[k] = best;
        b->steps[i * b->width + k] = how;
    }
}

/* Walks back from the end. A sound without a partner joins the word before it. */
static void trace(const struct band *b, const struct sound *expected, struct sound *heard)
{
    size_t i = b->rows, j = b->columns;

    while (j > 0) {
        switch ((enum step)b->steps[i * b->width + (j - first_column(b, i))]) {
        case STEP_PAIR:
            heard[--j].word = expected[--i].word;
            break;
        case STEP_EXPECTED:
            i--;
            break;
        case STEP_HEARD:
        case STEP_NONE:
            heard[--j].word = expected[i > 0 ? i - 1 : 0].word;
            break;
        }
    }
}

void sounds_align(const struct sound *expected, size_t expected_count, struct sound *heard,
                  size_t heard_count)
{
    if (expected_count == 0 || heard_count == 0)
        return;
    struct band b = { .rows = expected_count, .columns = heard_count };
    b.half = BAND + 2 * (heard_count / expected_count + 1);
    b.width = 2 * b.half + 1;
    b.above = xcalloc(b.width, sizeof *b.above);
    b.row = xcalloc(b.width, sizeof *b.row);
    b.steps = xcalloc((expected_count + 1) * b.width, sizeof *b.steps);
    for (size_t i = 0; i <= expected_count; i++) {
        fill_row(&b, i, expected, heard);
        uint32_t *done = b.row;
        b.row = b.above;
        b.above = done;
    }
    trace(&b, expected, heard);
    free(b.above);
    free(b.row);
    free(b.steps);
}
