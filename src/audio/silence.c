/*
 * Speech is found by the energy of windows of 10 ms, never by single samples:
 * a click is loud but short, an [f] soft but long.
 *
 * The levels are relative to the loud parts of the same clip (the level that 95 %
 * of its windows stay below), because voices and models differ by 20 dB, and
 * stay above the clip's own noise. A core of speech is 30 ms above the upper
 * level. From the cores the range grows outward over windows above the lower
 * level, or hissing ones a little below it, across gaps as long as the closure
 * of a stop: that is where weak onsets, fricatives, released [t]s and decaying
 * vowels are. Then comes a margin on both sides.
 */
#include "audio/silence.h"

#include <math.h>
#include <string.h>

#include "audio/fade.h"

#define WINDOW_S 0.010

/* Below the loud parts. Vowels and weak fricatives are about 30 dB apart (/f/, /θ/); a core need
 * not hold the weak ones. For a voice at -15 dBFS the upper level is the -45 dBFS that others use. */
#define CORE_DB 30.0
#define EDGE_DB 42.0
#define HISS_DB 6.0 /* hissing counts this much below the lower level */

/* Above the noise, but never nearer to the loud parts than these: a clip without any pause has no
 * noise to be seen, its quietest windows are speech. */
#define CORE_OVER_NOISE_DB 12.0
#define EDGE_OVER_NOISE_DB 5.0
#define CORE_DB_LEAST 20.0
#define EDGE_DB_LEAST 26.0

#define FLOOR_DB (-70.0) /* a clip whose loud parts are below this holds no speech */

#define CORE_WINDOWS 3        /* 30 ms */
#define GAP_WINDOWS 8         /* 80 ms: stop closures last 50 to 100 */
#define HISS_CROSSINGS 4000.0 /* a second: energy at 2 kHz and above, as in fricatives */

#define LEAD_S 0.040
#define TAIL_S 0.090 /* a room's or a voice's decay is longer than an onset */
#define FADE_IN_S 0.005
#define FADE_OUT_S 0.010

/* Levels of windows in half decibels, -100 to 0 dBFS. */
#define BINS 200
#define LOUD_SHARE 0.95
#define NOISE_SHARE 0.05

struct clip {
    const float *samples;
    size_t frames, window; /* frames */
    size_t windows;        /* the last one may be short */
    int rate_hz;
    double core_power, edge_power, hiss_power;
};

struct window {
    double power;           /* mean square about the mean, so that an offset is silent */
    double crossings_per_s; /* of the mean */
};

static struct window measure(const struct clip *c, size_t index)
{
    const float *x = c->samples + index * c->window;
    size_t left = c->frames - index * c->window, n = left < c->window ? left : c->window;
    double sum = 0.0, squares = 0.0;
    size_t crossings = 0;

    for (size_t i = 0; i < n; i++)
        sum += isfinite(x[i]) ? x[i] : 0.0;
    double mean = sum / (double)n;
    bool was_above = x[0] > mean;
    for (size_t i = 0; i < n; i++) {
        double above = isfinite(x[i]) ? x[i] - mean : 0.0;

        squares += above * above;
        crossings += (above > 0.0) != was_above;
        was_above = above > 0.0;
    }
    return (struct window){ squares / (double)n, (double)crossings * c->rate_hz / (double)n };
}

static double decibels(double power)
{
    return power > 1e-10 ? 10.0 * log10(power) : -100.0;
}

static double power_of(double level_db)
{
    return pow(10.0, level_db / 10.0);
}

/* The level that this share of the windows stay below. */
static double percentile_db(const size_t *bins, size_t windows, double share)
{
    size_t wanted = (size_t)(share * (double)windows), seen = 0;

    for (int i = 0; i < BINS; i++) {
        seen += bins[i];
        if (seen > wanted)
            return i / 2.0 - 100.0;
    }
    return 0.0;
}

/* Sets the levels; false when there is nothing loud enough to be speech. */
static bool set_levels(struct clip *c)
{
    size_t bins[BINS] = { 0 };

    for (size_t i = 0; i < c->windows; i++) {
        int bin = (int)(2.0 * (decibels(measure(c, i).power) + 100.0));

        bins[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]++;
    }
    double loud = percentile_db(bins, c->windows, LOUD_SHARE);
    double noise = percentile_db(bins, c->windows, NOISE_SHARE);
    if (loud < FLOOR_DB)
        return false;
    double core = fmax(loud - CORE_DB, fmin(noise + CORE_OVER_NOISE_DB, loud - CORE_DB_LEAST));
    double edge = fmax(loud - EDGE_DB, fmin(noise + EDGE_OVER_NOISE_DB, loud - EDGE_DB_LEAST));
    double hiss = fmax(edge - HISS_DB, fmin(noise + EDGE_OVER_NOISE_DB, edge));
    c->core_power = power_of(core);
    c->edge_power = power_of(edge);
    c->hiss_power = power_of(hiss);
    return true;
}

static bool is_core(const struct clip *c, size_t index)
{
    return measure(c, index).power >= c->core_power;
}

static bool is_edge(const struct clip *c, size_t index)
{
    struct window w = measure(c, index);

    return w.power >= c->edge_power ||
           (w.power >= c->hiss_power && w.crossings_per_s >= HISS_CROSSINGS);
}

/* The window where the first (step 1) or last (step -1) core begins, seen from its side; windows
 * when there is none. */
static size_t find_core(const struct clip *c, int step)
{
    int run = 0;

    for (size_t n = 0; n < c->windows; n++) {
        size_t i = step > 0 ? n : c->windows - 1 - n;

        run = is_core(c, i) ? run + 1 : 0;
        if (run == CORE_WINDOWS)
            return step > 0 ? i - (CORE_WINDOWS - 1) : i + (CORE_WINDOWS - 1);
    }
    return c->windows;
}

/* From a core outward (step -1 from the first, 1 from the last) to the last window that belongs to
 * the speech. */
static size_t grow(const struct clip *c, size_t from, int step)
{
    size_t edge = from, outside = step > 0 ? c->windows - 1 - from : from;

    for (size_t n = 1, gap = 0; n <= outside && gap < GAP_WINDOWS; n++) {
        size_t i = step > 0 ? from + n : from - n;

        if (is_edge(c, i)) {
            edge = i;
            gap = 0;
        } else {
            gap++;
        }
    }
    return edge;
}

static struct frame_range with_known(struct frame_range range, struct frame_range known,
                                     size_t frames)
{
    known.end = known.end < frames ? known.end : frames;
    if (known.start >= known.end)
        return range;
    if (range.start == range.end)
        return known;
    return (struct frame_range){ known.start < range.start ? known.start : range.start,
                                 known.end > range.end ? known.end : range.end };
}

struct frame_range silence_find_speech(const float *samples, size_t frames, int rate_hz,
                                       struct frame_range known)
{
    struct clip c = { .samples = samples, .frames = frames, .rate_hz = rate_hz };
    struct frame_range range = { 0, 0 };

    c.window = pcm_frames(WINDOW_S, rate_hz);
    c.windows = (frames + c.window - 1) / c.window;
    if (!set_levels(&c))
        return with_known(range, known, frames);
    size_t first = find_core(&c, 1);
    if (first == c.windows)
        return with_known(range, known, frames);
    size_t lead = pcm_frames(LEAD_S, rate_hz), tail = pcm_frames(TAIL_S, rate_hz);
    size_t start = grow(&c, first, -1) * c.window;
    size_t end = (grow(&c, find_core(&c, -1), 1) + 1) * c.window;
    range.start = start > lead ? start - lead : 0;
    range.end = end + tail < frames ? end + tail : frames;
    return with_known(range, known, frames);
}

void silence_trim(struct pcm *pcm, struct frame_range keep)
{
    size_t n = keep.end - keep.start;
    size_t in = pcm_frames(FADE_IN_S, pcm->rate_hz), out = pcm_frames(FADE_OUT_S, pcm->rate_hz);

    if (n > 0 && keep.start > 0)
        memmove(pcm->samples, pcm->samples + keep.start, n * sizeof *pcm->samples);
    if (keep.start > 0)
        fade_in(pcm->samples, in < n / 2 ? in : n / 2);
    if (keep.end < pcm->frames) {
        out = out < n / 2 ? out : n / 2;
        fade_out(pcm->samples + n - out, out);
    }
    pcm->frames = n;
}
