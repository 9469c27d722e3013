/*
 * Which words share a cue is decided for a recording as a whole, as paragraphs
 * are set: of all ways to cut the words into cues that fit, the one with the
 * least sum of costs (Knuth and Plass, "Breaking Paragraphs into Lines", 1981).
 * A greedy cut would leave single words behind and break before the last comma.
 */
#include "text/cue.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_S 0.3     /* a rest between words that a cue may end at */
#define REST_S 1.5      /* one that it must end at */
#define LINGER_S 0.5    /* a cue stays this long after its last word, where there is room */
#define CUE_COST 10.0   /* fewer cues read more calmly */
#define SHORT_COST 20.0 /* for each second under CUE_SECONDS_MIN */
#define NO_FIT DBL_MAX

static const double break_cost[] = {
    [BREAK_WORD] = 25,
    [BREAK_CLAUSE] = 6,
    [BREAK_SENTENCE] = 0,
    [BREAK_PARAGRAPH] = 0,
};
#define PAUSE_COST 12.0 /* ending at a mere pause */

struct layout {
    const struct cue_word *words;
    size_t count;
    double *best;  /* cost of the cues of the first i words, [count + 1] */
    size_t *begin; /* first word of the cue that ends before word i, [count + 1] */
};

/* The rest after a word; 0 after the last. */
static double rest_after(const struct layout *layout, size_t i)
{
    return i + 1 < layout->count ? layout->words[i + 1].start_s - layout->words[i].end_s : 0;
}

static bool must_end_after(const struct layout *layout, size_t i)
{
    return layout->words[i].after == BREAK_PARAGRAPH || rest_after(layout, i) > REST_S;
}

static double cost_of_break(const struct layout *layout, size_t i)
{
    double cost = break_cost[layout->words[i].after];

    return cost > PAUSE_COST && rest_after(layout, i) > PAUSE_S ? PAUSE_COST : cost;
}

/* Columns of words first to last on one line. */
static int columns_of(const struct cue_word *words, size_t first, size_t last)
{
    int columns = 0;

    for (size_t i = first; i <= last; i++)
        columns += words[i].columns + (i > first && words[i].has_space);
    return columns;
}

/* Where the second line of a cue begins: after a mark if one is there, else such that the lines are
 * of a length, the second rather the longer. 0: all fits one line; SIZE_MAX: not even two do. */
static size_t second_line(const struct cue_word *words, size_t first, size_t last)
{
    int total = columns_of(words, first, last);
    int left = words[first].columns;
    size_t best = SIZE_MAX;
    double least = NO_FIT;

    if (total <= CUE_LINE_COLUMNS || first == last)
        return 0;
    for (size_t i = first + 1; i <= last; i++) {
        int right = total - left - words[i].has_space;
        double cost = abs(right - left) + (right < left ? 0.5 : 0) + break_cost[words[i - 1].after];

        if (left <= CUE_LINE_COLUMNS && right <= CUE_LINE_COLUMNS && cost < least) {
            least = cost;
            best = i;
        }
        left += words[i].columns + words[i].has_space;
    }
    return best;
}

static double cue_cost(const struct layout *layout, size_t first, size_t last)
{
    const struct cue_word *words = layout->words;
    double seconds = words[last].end_s - words[first].start_s;

    if (first < last && seconds > CUE_SECONDS_MAX)
        return NO_FIT;
    if (second_line(words, first, last) == SIZE_MAX)
        return NO_FIT;
    double cost = CUE_COST + cost_of_break(layout, last);
    if (seconds < CUE_SECONDS_MIN)
        cost += SHORT_COST * (CUE_SECONDS_MIN - seconds);
    return cost;
}

/* The cheapest cue that ends with word last: going back until nothing more can fit. */
static void choose_cue(struct layout *layout, size_t last)
{
    const int most = CUE_LINES_MAX * CUE_LINE_COLUMNS + 1; /* a space at the line end */
    int columns = 0;

    layout->best[last + 1] = NO_FIT;
    for (size_t first = last + 1; first-- > 0;) {
        if (first < last && must_end_after(layout, first))
            break;
        columns += layout->words[first].columns;
        if (first < last && columns > most)
            break;
        double cost = cue_cost(layout, first, last);
        if (cost < NO_FIT && layout->best[first] + cost < layout->best[last + 1]) {
            layout->best[last + 1] = layout->best[first] + cost;
            layout->begin[last + 1] = first;
        }
    }
}

static char *cue_text(const struct cue_word *words, size_t first, size_t last)
{
    struct buf text = BUF(CUE_FILE_LIMIT);
    size_t second = second_line(words, first, last);

    for (size_t i = first; i <= last; i++) {
        if (i == second && i > first)
            buf_append_char(&text, '\n');
        else if (i > first && words[i].has_space)
            buf_append_char(&text, ' ');
        buf_append(&text, words[i].text, words[i].length);
    }
    return buf_take(&text);
}

static double least_of(double a, double b)
{
    return a < b ? a : b;
}

/* A cue stays a little after its last word, but never into the next cue or past the recording. */
static double cue_end(double start_s, double spoken_end_s, double limit_s)
{
    double end_s = spoken_end_s + LINGER_S;

    if (end_s < start_s + CUE_SECONDS_MIN)
        end_s = start_s + CUE_SECONDS_MIN;
    return least_of(least_of(end_s, start_s + CUE_SECONDS_MAX), limit_s);
}

/* begin[] leads from the end back; the cues are pushed backwards and then turned round. */
static void push_cues(struct cue_list *list, const struct layout *layout, double from_s,
                      double duration_s)
{
    const struct cue_word *words = layout->words;
    size_t from = list->count;
    double limit_s = duration_s;

    for (size_t end = layout->count; end > 0; end = layout->begin[end]) {
        size_t first = layout->begin[end];
        double start_s = words[first].start_s;

        ARRAY_GROW(list->cues, list->count, list->capacity);
        list->cues[list->count++] = (struct cue){
            .start_s = from_s + start_s,
            .end_s = from_s + cue_end(start_s, words[end - 1].end_s, limit_s),
            .text = cue_text(words, first, end - 1),
        };
        limit_s = start_s;
    }
    for (size_t i = from, k = list->count; i + 1 < k; i++) {
        struct cue cue = list->cues[--k];

        list->cues[k] = list->cues[i];
        list->cues[i] = cue;
    }
}

void cue_list_add(struct cue_list *list, const struct cue_words *words, double start_s,
                  double duration_s)
{
    struct layout layout = {
        .words = words->items,
        .count = words->count,
        .best = xcalloc(words->count + 1, sizeof *layout.best),
        .begin = xcalloc(words->count + 1, sizeof *layout.begin),
    };

    for (size_t i = 0; i < words->count; i++)
        choose_cue(&layout, i);
    push_cues(list, &layout, start_s, duration_s);
    free(layout.best);
    free(layout.begin);
}

void cue_list_release(struct cue_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->cues[i].text);
    free(list->cues);
    *list = (struct cue_list){ 0 };
}

/* ---- files ---- */

static void append_time(struct buf *out, double seconds, char point)
{
    long long ms = (long long)(seconds * 1000 + 0.5);

    buf_format(out, "%02lld:%02lld:%02lld%c%03lld", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
               point, ms % 1000);
}

static void append_times(struct buf *out, const struct cue *cue, char point)
{
    append_time(out, cue->start_s, point);
    buf_append_str(out, " --> ");
    append_time(out, cue->end_s, point);
    buf_append_char(out, '\n');
}

void cue_list_format_srt(const struct cue_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        buf_format(out, "%s%zu\n", i > 0 ? "\n" : "", i + 1);
        append_times(out, &list->cues[i], ',');
        buf_append_str(out, list->cues[i].text);
        buf_append_char(out, '\n');
    }
}

static void append_escaped(struct buf *out, const char *text)
{
    for (size_t n; *text; text += n + (text[n] != '\0')) {
        n = strcspn(text, "&<>");
        buf_append(out, text, n);
        if (text[n])
            buf_append_str(out, text[n] == '&' ? "&amp;" : text[n] == '<' ? "&lt;" : "&gt;");
    }
}

void cue_list_format_vtt(const struct cue_list *list, struct buf *out)
{
    buf_append_str(out, "WEBVTT\n");
    for (size_t i = 0; i < list->count; i++) {
        buf_append_char(out, '\n');
        append_times(out, &list->cues[i], '.');
        append_escaped(out, list->cues[i].text);
        buf_append_char(out, '\n');
    }
}
