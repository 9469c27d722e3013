#include "transcribe/cutter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FRAMES(ms) ((size_t)(ms)*VOICE_RATE_HZ / 1000 / VOICE_FRAME)

/* Speech begins at the one and lasts until the other, so that it does not flicker. */
#define VOICE_BEGIN 0.5f
#define VOICE_GO_ON 0.35f

#define PIECE_MAX FRAMES(CUTTER_SECONDS_MAX * 1000)
#define SPEECH_MIN 3                          /* frames; less is a click */
#define AROUND FRAMES(250)                    /* kept at either end */
#define END_REST FRAMES(1000)                 /* a rest that ends a piece */
#define CUT_REST FRAMES(300)                  /* one that a long piece may be cut at … */
#define CUT_FROM (PIECE_MAX / 3)              /* … from here on */
#define QUIET_FROM (PIECE_MAX - FRAMES(5000)) /* where it is cut when there is none */
#define CAPACITY (END_REST + PIECE_MAX)       /* a rest, and the longest piece */
#define NONE SIZE_MAX

struct cutter {
    int64_t base; /* the recording's frame that is the first here */
    size_t count; /* frames here */
    float samples[CAPACITY * VOICE_FRAME];
    float probability[CAPACITY];
    bool is_speech[CAPACITY];
    bool is_speaking;

    /* The open piece, in frames here. */
    size_t first;      /* of speech, or NONE */
    size_t speech_end; /* behind the last of speech */
};

void piece_release(struct piece *piece)
{
    free(piece->samples);
    free(piece->is_speech);
    *piece = (struct piece){ 0 };
}

struct cutter *cutter_create(void)
{
    struct cutter *c = xcalloc(1, sizeof *c);

    c->first = NONE;
    return c;
}

void cutter_destroy(struct cutter *c)
{
    free(c);
}

/* ---- frames ---- */

static void append(struct cutter *c, const float *samples, float probability)
{
    assert(c->count < CAPACITY);
    c->is_speaking = probability >= (c->is_speaking ? VOICE_GO_ON : VOICE_BEGIN);
    memcpy(c->samples + c->count * VOICE_FRAME, samples, VOICE_FRAME * sizeof *samples);
    c->probability[c->count] = probability;
    c->is_speech[c->count] = c->is_speaking;
    c->count++;
}

/* Forgets the frames before one, and looks anew where the speech of the rest is. */
static void forget(struct cutter *c, size_t before)
{
    c->count -= before;
    c->base += (int64_t)before;
    memmove(c->samples, c->samples + before * VOICE_FRAME,
            c->count * VOICE_FRAME * sizeof *c->samples);
    memmove(c->probability, c->probability + before, c->count * sizeof *c->probability);
    memmove(c->is_speech, c->is_speech + before, c->count * sizeof *c->is_speech);
    c->first = NONE;
    for (size_t i = 0; i < c->count; i++)
        if (c->is_speech[i]) {
            c->first = c->first == NONE ? i : c->first;
            c->speech_end = i + 1;
        }
}

/* ---- pieces ---- */

/* The frames from start to end, unless hardly any is speech. */
static bool copy_piece(const struct cutter *c, size_t start, size_t end, struct piece *out)
{
    size_t n = end - start, speech_frames = 0;
    double voice = 0;

    for (size_t i = start; i < end; i++)
        if (c->is_speech[i]) {
            speech_frames++;
            voice += c->probability[i];
        }
    if (speech_frames < SPEECH_MIN)
        return false;
    *out = (struct piece){
        .start = (c->base + (int64_t)start) * VOICE_FRAME,
        .samples = xmalloc(n * VOICE_FRAME * sizeof *out->samples),
        .count = n * VOICE_FRAME,
        .is_speech = xmalloc(n * sizeof *out->is_speech),
        .frame_count = n,
        .speech_frames = speech_frames,
        .voice = voice / (double)speech_frames,
    };
    memcpy(out->samples, c->samples + start * VOICE_FRAME, out->count * sizeof *out->samples);
    memcpy(out->is_speech, c->is_speech + start, n * sizeof *out->is_speech);
    return true;
}

/* Ends the open piece behind its speech; limit is as far as it may reach. */
static bool end_piece(struct cutter *c, size_t speech_end, size_t limit, struct piece *out)
{
    size_t start = c->first > AROUND ? c->first - AROUND : 0;
    size_t end = speech_end + AROUND < limit ? speech_end + AROUND : limit;

    return copy_piece(c, start, end, out);
}

/* ---- cuts ---- */

/* The middle of the longest rest of the piece's later part, and in *before the end of the speech
 * before it; NONE when no rest is long enough. */
static size_t longest_rest(const struct cutter *c, size_t *before)
{
    size_t longest = CUT_REST - 1, middle = NONE;

    for (size_t i = c->first + CUT_FROM; i < c->count; i++) {
        size_t start = i;

        while (i < c->count && !c->is_speech[i])
            i++;
        if (i - start > longest) {
            longest = i - start;
            middle = start + longest / 2;
            *before = start;
        }
    }
    return middle;
}

static double energy(const struct cutter *c, size_t frame)
{
    const float *samples = c->samples + frame * VOICE_FRAME;
    double sum = 0;

    for (size_t i = 0; i < VOICE_FRAME; i++)
        sum += (double)samples[i] * samples[i];
    return sum;
}

/* The frame that is quietest together with its neighbours. */
static size_t quietest(const struct cutter *c)
{
    size_t best = c->count - 1;
    double least = -1;

    for (size_t i = c->first + QUIET_FROM; i + 1 < c->count; i++) {
        double sum = energy(c, i - 1) + energy(c, i) + energy(c, i + 1);

        if (least < 0 || sum < least) {
            least = sum;
            best = i;
        }
    }
    return best;
}

static bool cut_piece(struct cutter *c, struct piece *out)
{
    size_t speech_end = 0;
    size_t at = longest_rest(c, &speech_end);

    if (at == NONE)
        at = speech_end = quietest(c);
    bool is_piece = end_piece(c, speech_end, at, out);
    forget(c, at);
    return is_piece;
}

bool cutter_push(struct cutter *c, const float *samples, float probability, struct piece *out)
{
    bool is_piece = false;

    append(c, samples, probability);
    if (c->is_speaking) {
        c->first = c->first == NONE ? c->count - 1 : c->first;
        c->speech_end = c->count;
    }
    if (c->first == NONE) {
        if (c->count > AROUND)
            forget(c, c->count - AROUND);
    } else if (c->count - c->speech_end >= END_REST) {
        is_piece = end_piece(c, c->speech_end, c->count, out);
        forget(c, c->speech_end + AROUND);
    } else if (c->count - c->first >= PIECE_MAX) {
        is_piece = cut_piece(c, out);
    }
    return is_piece;
}

bool cutter_end(struct cutter *c, struct piece *out)
{
    bool is_piece = c->first != NONE && end_piece(c, c->speech_end, c->count, out);

    forget(c, c->count);
    return is_piece;
}
