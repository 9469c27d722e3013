#include "audio/join.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "audio/fade.h"

#define FADE_S 0.005
#define SILENCE_FRAMES 4096

struct join {
    struct join_sink sink;
    int rate_hz;
    double speed;
    uint64_t frames; /* given to the sink */

    /* What stands between the last audible piece and the next. */
    bool has_piece; /* there was an audible one */
    enum join_end end;
    double pause_s; /* asked for */
    float *edge;    /* room for one fade; owned */
    size_t edge_frames;
};

/* A trimmed piece keeps 40 ms of lead and 90 ms of tail (silence.c), so what one hears is about
 * 0.1 s more than these. */
static const double gaps_s[] = {
    [JOIN_END_SPACE] = 0.0,      /* cut for length only: the margins are more than enough */
    [JOIN_END_CLAUSE] = 0.04,    /* commas in read speech pause 0.15 to 0.25 s */
    [JOIN_END_SENTENCE] = 0.10,  /* the specification's figure */
    [JOIN_END_PARAGRAPH] = 0.40, /* readers take a breath: 0.5 to 0.8 s */
};

double join_gap_s(enum join_end end)
{
    return gaps_s[end];
}

struct join *join_create(int rate_hz, double speed, const struct join_sink *sink)
{
    assert(rate_hz > 0 && speed > 0.0);
    struct join *join = xcalloc(1, sizeof *join);

    *join = (struct join){ .sink = *sink, .rate_hz = rate_hz, .speed = speed };
    join->edge_frames = pcm_frames(FADE_S, rate_hz);
    join->edge = xcalloc(join->edge_frames + 1, sizeof *join->edge);
    return join;
}

void join_destroy(struct join *join)
{
    if (!join)
        return;
    free(join->edge);
    free(join);
}

static bool give(struct join *join, const float *samples, size_t frames, struct err *err)
{
    if (frames == 0)
        return true;
    join->frames += frames;
    return join->sink.audio(join->sink.state, samples, frames, err);
}

static bool give_silence(struct join *join, double seconds, struct err *err)
{
    static const float silence[SILENCE_FRAMES];

    for (size_t left = pcm_frames(seconds, join->rate_hz); left > 0;) {
        size_t n = left < SILENCE_FRAMES ? left : SILENCE_FRAMES;

        if (!give(join, silence, n, err))
            return false;
        left -= n;
    }
    return true;
}

/* The piece with faded edges; only those are copied. */
static bool give_piece(struct join *join, const float *samples, size_t frames, struct err *err)
{
    size_t n = join->edge_frames < frames / 2 ? join->edge_frames : frames / 2;

    memcpy(join->edge, samples, n * sizeof *samples);
    fade_in(join->edge, n);
    if (!give(join, join->edge, n, err) || !give(join, samples + n, frames - 2 * n, err))
        return false;
    memcpy(join->edge, samples + frames - n, n * sizeof *samples);
    fade_out(join->edge, n);
    return give(join, join->edge, n, err);
}

/* A pause asked for replaces the gap, unless the gap is longer already. */
static double seconds_between(const struct join *join)
{
    double gap = join->has_piece ? gaps_s[join->end] / join->speed : 0.0;

    return join->pause_s > gap ? join->pause_s : gap;
}

/* A pause between two pieces is no end of its own: the stronger end before it counts. */
static void remember_end(struct join *join, const struct join_piece *piece)
{
    bool is_audible = piece->frames > 0;

    if (is_audible || piece->end > join->end)
        join->end = piece->end;
    join->has_piece = join->has_piece || is_audible;
    join->pause_s = (is_audible ? 0.0 : join->pause_s) + piece->pause_after_s;
}

bool join_add(struct join *join, const struct join_piece *piece, uint64_t *start, struct err *err)
{
    join->pause_s += piece->pause_before_s;
    if (piece->frames > 0 && !give_silence(join, seconds_between(join), err))
        return false;
    *start = join->frames;
    if (piece->frames > 0 && !give_piece(join, piece->samples, piece->frames, err))
        return false;
    remember_end(join, piece);
    return true;
}

bool join_finish(struct join *join, struct err *err)
{
    return give_silence(join, join->pause_s, err);
}
