#include "nn/source.h"

#include <math.h>
#include <string.h>

/*
 * To the bit: what is written in float below is rounded where ONNX Runtime 1.30
 * rounds on x86-64, in the same order, found by comparing each step with what it
 * makes of real speech. This file is compiled without contraction; where it fuses
 * a product and a sum, that is written out.
 */

#define HARMONICS 9
#define PITCH_SAMPLES 300 /* of a value of the pitch */
#define RATE_HZ 24000.0f
#define VOICED_HZ 10.0f
#define AMPLITUDE 0.1f

#define POINTS 20 /* of a spectrum */
#define HOP 5
#define EDGE (POINTS / 2) /* mirrored samples on either side */
#define FREQUENCIES (POINTS / 2 + 1)

#define LANES 4 /* neighbouring samples, or neighbouring spectra, that are computed at once */
#define UNIT_PITCHES 4
#define UNIT_SPECTRA 64

typedef float floats __attribute__((vector_size(LANES * sizeof(float))));
typedef int ints __attribute__((vector_size(LANES * sizeof(int))));
typedef double doubles __attribute__((vector_size(LANES * sizeof(double))));

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* --- weights --- */

#define PREFIX "/decoder/decoder/generator/"

static void pack_column(const float *source, const size_t *dims, float *packed)
{
    memcpy(packed, source, dims[0] * sizeof *packed);
}

void source_bind(struct packing *packing, struct source *source)
{
    static const size_t mix[] = { HARMONICS, 1 };
    const float *bias;

    source->mix =
        packing_next(packing, PREFIX "m_source/l_linear/MatMul", 1, mix, 2, HARMONICS, pack_column);
    bias = packing_vector(packing, PREFIX "m_source/l_linear/Add", 0, 1);
    source->bias = bias ? bias[0] : 0;
    source->window = packing_vector(packing, PREFIX "STFT", 2, POINTS);
}

/* --- functions of lanes --- */

static ALWAYS_INLINE floats all(float value)
{
    return (floats){ value, value, value, value };
}

static ALWAYS_INLINE floats choose(ints mask, floats yes, floats no)
{
    return (floats)(((ints)yes & mask) | ((ints)no & ~mask));
}

/* a * b + c rounded once: the product is exact in double precision. (The sum is rounded to double first,
 * which changes one result in 10^8.) */
static ALWAYS_INLINE floats fused(floats a, floats b, floats c)
{
    doubles sum = __builtin_convertvector(a, doubles) * __builtin_convertvector(b, doubles) +
                  __builtin_convertvector(c, doubles);

    return __builtin_convertvector(sum, floats);
}

/* What is left of an angle less its quarter turns, which are counted. */
struct reduced {
    floats angle;
    ints quarters; /* the lowest two bits count */
};

#define FAR_ANGLE 25966.0f /* from here on the products below are no longer exact */

static void reduce_far(float angle, float *rest, int *quarters)
{
    double turns = rint((double)angle * (2 / M_PI));

    /* pi / 2 in two parts, of which the first has 33 bits. */
    *rest = (float)((double)angle - turns * 1.57079632673412561417 -
                    turns * 6.07710050650619224932e-11);
    *quarters = (int)turns;
}

/* Cody and Waite: pi / 2 in four parts, so that products with small numbers are exact. */
static ALWAYS_INLINE struct reduced reduce(floats angle)
{
    const float whole = 12582912; /* 1.5 * 2^23: added and taken away again it rounds */
    floats shifted = angle * 0.63661975f + whole;
    floats turns = shifted - whole;
    struct reduced out = { .quarters = (ints)shifted };

    out.angle = angle + turns * -1.5703125f;
    out.angle = out.angle + turns * -0.000483989716f;
    out.angle = out.angle + turns * 1.62865035e-07f;
    out.angle = out.angle + turns * 5.56443155e-11f;
    for (size_t i = 0; i < LANES; i++)
        if (angle[i] >= FAR_ANGLE) {
            float rest;
            int quarters;

            reduce_far(angle[i], &rest, &quarters);
            out.angle[i] = rest;
            out.quarters[i] = quarters;
        }
    return out;
}

/* Of angles that are not negative: polynomials for a quarter turn. */
static ALWAYS_INLINE floats sine(floats angle)
{
    struct reduced reduced = reduce(angle);
    floats x = reduced.angle, square = x * x;
    floats even = square * 2.43722661e-05f + -0.00138865202f;
    floats odd = square * -0.000195923411f + 0.00833268739f;

    even = even * square + 0.0416666195f;
    even = even * square + -0.5f;
    even = even * square + 1.0f;
    odd = odd * square + -0.16666662f;
    odd = odd * square * x + x;
    floats out = choose((reduced.quarters & 1) == 0, odd, even);
    return (floats)((ints)out ^ ((reduced.quarters & 2) << 30));
}

/* A quotient of polynomials; beyond 9 it is 1. */
static ALWAYS_INLINE floats hyperbolic_tangent(floats x)
{
    static const float numerator[] = {
        -2.76076847742355e-16f, 2.00018790482477e-13f, -8.60467152213735e-11f,
        5.12229709037114e-08f,  1.48572235717979e-05f, 6.37261928875436e-04f,
        4.89352455891786e-03f,
    };
    static const float denominator[] = {
        1.19825839466702e-06f,
        1.18534705686654e-04f,
        2.26843463243900e-03f,
        4.89352518554385e-03f,
    };

    x = choose(x < -9.0f, all(-9), x);
    x = choose(x > 9.0f, all(9), x);
    floats square = x * x, p = all(numerator[0]), q = all(denominator[0]);
    for (size_t i = 1; i < sizeof numerator / sizeof *numerator; i++)
        p = fused(p, square, all(numerator[i]));
    for (size_t i = 1; i < sizeof denominator / sizeof *denominator; i++)
        q = fused(q, square, all(denominator[i]));
    return p * x / q;
}

/* --- the phases --- */

/* A place between two values of a row of count, and how much each of them has of it. */
struct place {
    size_t left, right;
    float left_share, right_share;
};

static struct place place_at(float position, size_t count)
{
    float last = (float)(count - 1);
    struct place out;

    position = position < 0 ? 0 : position > last ? last : position;
    out.left = (size_t)position < count ? (size_t)position : count - 1;
    out.right = out.left + 1 < count ? out.left + 1 : out.left;
    out.left_share = fabsf(position - (float)out.right);
    out.right_share = fabsf(position - (float)out.left);
    if (out.left == out.right)
        out.left_share = out.right_share = 0.5f;
    return out;
}

/* The harmonics are resized as the rows of a volume of one layer, between eight corners: the layer beside
 * is the layer itself, and below the last row is that row. Each corner is rounded by itself. */
static ALWAYS_INLINE floats between(floats left, floats right, floats left_share,
                                    floats right_share, size_t harmonic)
{
    bool is_last = harmonic == HARMONICS - 1;
    float share = is_last ? 0.25f : 0.5f;
    floats a = left_share * share * left, b = right_share * share * right, sum = a + b;

    for (int i = 1; i < (is_last ? 4 : 2); i++)
        sum = sum + a + b;
    return sum;
}

/* How much of a turn the harmonic advances in a sample of this pitch. */
static float advance(float f0, size_t harmonic)
{
    float turns = f0 * (float)(harmonic + 1) / RATE_HZ;

    return turns - floorf(turns);
}

/* [count][HARMONICS], in radians, at the middle of each value of the pitch. */
static void sum_phases(const float *f0, size_t count, float *phases)
{
    const float scale = 1 / 300.0f, pi = 3.14159274f;
    float sums[HARMONICS] = { 0 };

    for (size_t t = 0; t < count; t++) {
        struct place place = place_at(((float)t + 0.5f) / scale - 0.5f, count * PITCH_SAMPLES);
        float left = f0[place.left / PITCH_SAMPLES], right = f0[place.right / PITCH_SAMPLES];

        for (size_t h = 0; h < HARMONICS; h++) {
            sums[h] += between(all(advance(left, h)), all(advance(right, h)), all(place.left_share),
                               all(place.right_share), h)[0];
            phases[t * HARMONICS + h] = sums[h] * 2 * pi * (float)PITCH_SAMPLES;
        }
    }
}

/* --- the signal --- */

struct singing {
    const struct cancel *cancel;
    const struct source *source;
    const float *f0;
    size_t count;
    const float *phases;
    float silence;
    float *signal;
};

/* Samples next to one another, each between two phases. */
struct places {
    const float *left[LANES], *right[LANES];
    floats left_share, right_share;
};

static struct places places_at(const struct singing *singing, size_t sample)
{
    struct places out;

    for (size_t i = 0; i < LANES; i++) {
        float position = ((float)(sample + i) + 0.5f) / (float)PITCH_SAMPLES - 0.5f;
        struct place place = place_at(position, singing->count);

        out.left[i] = singing->phases + place.left * HARMONICS;
        out.right[i] = singing->phases + place.right * HARMONICS;
        out.left_share[i] = place.left_share;
        out.right_share[i] = place.right_share;
    }
    return out;
}

static floats sing(const struct singing *singing, size_t sample)
{
    struct places places = places_at(singing, sample);
    floats sum = all(0);

    for (size_t h = 0; h < HARMONICS; h++) {
        floats left, right;

        for (size_t i = 0; i < LANES; i++) {
            left[i] = places.left[i][h];
            right[i] = places.right[i][h];
        }
        floats phase = between(left, right, places.left_share, places.right_share, h);
        sum = fused(sine(phase) * AMPLITUDE, all(singing->source->mix[h]), sum);
    }
    return hyperbolic_tangent(sum + singing->source->bias);
}

static void sing_unit(void *state, size_t unit, size_t lane)
{
    const struct singing *singing = state;
    size_t first = unit * UNIT_PITCHES, left = singing->count - first;
    size_t end = first + (left < UNIT_PITCHES ? left : UNIT_PITCHES);

    (void)lane;
    if (cancel_is_requested(singing->cancel))
        return;
    for (size_t t = first; t < end; t++) {
        float *out = singing->signal + t * PITCH_SAMPLES;
        bool is_voiced = singing->f0[t] > VOICED_HZ;

        for (size_t i = 0; i < PITCH_SAMPLES; i += LANES) {
            floats samples =
                is_voiced ? sing(singing, t * PITCH_SAMPLES + i) : all(singing->silence);

            memcpy(out + i, &samples, sizeof samples);
        }
    }
}

/* --- spectra --- */

/*
 * Bluestein 1970: a transform of any length is a convolution with a chirp, which
 * transforms of a power of two compute. This one has no transform back: the
 * forward one of a spectrum is the signal backwards.
 */

#define SIZE 64 /* at least 2 * POINTS - 1 */
#define SIZE_BITS 6

struct turn {
    float real, imaginary;
};

struct complexes {
    floats real, imaginary;
};

struct chirp {
    struct turn turns[SIZE]; /* exp(-2 pi i k / SIZE) */
    struct turn chirp[POINTS];
    struct turn filter[SIZE]; /* the transform of what is convolved with */
};

static ALWAYS_INLINE struct complexes rotate(struct complexes x, struct turn turn)
{
    return (struct complexes){
        x.real * turn.real - x.imaginary * turn.imaginary,
        x.real * turn.imaginary + x.imaginary * turn.real,
    };
}

static ALWAYS_INLINE struct complexes add(struct complexes a, struct complexes b)
{
    return (struct complexes){ a.real + b.real, a.imaginary + b.imaginary };
}

/* The bits of an index in the opposite order: where the transform expects its value. */
static size_t reversed(size_t index)
{
    size_t out = 0;

    for (size_t i = 0; i < SIZE_BITS; i++)
        out |= (index >> i & 1) << (SIZE_BITS - 1 - i);
    return out;
}

/* Cooley and Tukey 1965, halving time. Half a turn on the turn is not its exact opposite, so that each
 * has its own product. */
static void transform(const struct turn turns[SIZE], struct complexes x[SIZE])
{
    for (size_t half = 1; half < SIZE; half *= 2)
        for (size_t k = 0; k < half; k++) {
            struct turn near = turns[k * (SIZE / 2) / half];
            struct turn opposite = turns[k * (SIZE / 2) / half + SIZE / 2];

            for (size_t start = k; start < SIZE; start += 2 * half) {
                struct complexes even = x[start], odd = x[start + half];

                x[start] = add(even, rotate(odd, near));
                x[start + half] = add(even, rotate(odd, opposite));
            }
        }
}

static struct turn turn_of(float angle)
{
    return (struct turn){ cosf(angle), sinf(angle) };
}

static void chirp_init(struct chirp *chirp)
{
    const float pi = 3.14159274f, step = -(2 * pi) / SIZE;
    struct complexes filter[SIZE] = { 0 };

    for (size_t k = 0; k < SIZE; k++)
        chirp->turns[k] = turn_of((float)k * step);
    for (size_t n = 0; n < POINTS; n++) {
        chirp->chirp[n] = turn_of(-pi * (float)n * (float)n / POINTS);
        struct complexes tap = { all(chirp->chirp[n].real), all(-chirp->chirp[n].imaginary) };
        filter[reversed(n)] = filter[reversed((SIZE - n) % SIZE)] = tap;
    }
    transform(chirp->turns, filter);
    for (size_t k = 0; k < SIZE; k++)
        chirp->filter[k] = (struct turn){ filter[k].real[0], filter[k].imaginary[0] };
}

/* frames: of POINTS samples each. */
static void spectra(const struct chirp *chirp, const float *window,
                    const float *const frames[LANES], struct complexes out[FREQUENCIES])
{
    struct complexes x[SIZE] = { 0 }, y[SIZE];

    for (size_t n = 0; n < POINTS; n++) {
        floats samples;

        for (size_t i = 0; i < LANES; i++)
            samples[i] = frames[i][n];
        samples *= window[n];
        x[reversed(n)] = (struct complexes){ samples * chirp->chirp[n].real,
                                             samples * chirp->chirp[n].imaginary };
    }
    transform(chirp->turns, x);
    for (size_t k = 0; k < SIZE; k++)
        y[reversed(k)] = rotate(x[k], chirp->filter[k]);
    transform(chirp->turns, y);
    for (size_t k = 0; k < FREQUENCIES; k++) {
        struct complexes z = y[(SIZE - k) % SIZE];

        out[k] = rotate((struct complexes){ z.real / SIZE, z.imaginary / SIZE }, chirp->chirp[k]);
    }
}

/* The angle of nothing is 0. */
static float angle_of(float real, float imaginary)
{
    const float pi = 3.14159274f;

    if (real == 0 && imaginary == 0)
        return 0;
    float angle = atanf(imaginary / real);
    if (real < 0)
        return imaginary > 0 ? angle + pi : angle - pi;
    return angle;
}

struct hearing {
    const struct cancel *cancel;
    const struct chirp *chirp;
    const float *window, *signal; /* signal: with the edges */
    const struct matrix *out;
    float silence;
    const float *silent; /* [SOURCE_COLUMNS]: its spectrum */
};

static void write_spectrum(const struct complexes spectrum[FREQUENCIES], size_t lane, float *row)
{
    for (size_t k = 0; k < FREQUENCIES; k++) {
        float real = spectrum[k].real[lane], imaginary = spectrum[k].imaginary[lane];

        row[k] = sqrtf(real * real + imaginary * imaginary);
        row[FREQUENCIES + k] = angle_of(real, imaginary);
    }
}

static bool is_silent(const float *samples, size_t count, float silence)
{
    for (size_t i = 0; i < count; i++)
        if (samples[i] != silence)
            return false;
    return true;
}

/* count spectra, at most LANES. */
static void hear(const struct hearing *hearing, size_t first, size_t count)
{
    const float *samples = hearing->signal + first * HOP, *frames[LANES];
    struct complexes spectrum[FREQUENCIES];

    if (is_silent(samples, (count - 1) * HOP + POINTS, hearing->silence)) {
        for (size_t i = 0; i < count; i++)
            memcpy(matrix_row(hearing->out, first + i), hearing->silent,
                   SOURCE_COLUMNS * sizeof *hearing->silent);
        return;
    }
    for (size_t i = 0; i < LANES; i++)
        frames[i] = samples + (i < count ? i : count - 1) * HOP;
    spectra(hearing->chirp, hearing->window, frames, spectrum);
    for (size_t i = 0; i < count; i++)
        write_spectrum(spectrum, i, matrix_row(hearing->out, first + i));
}

static void hear_unit(void *state, size_t unit, size_t lane)
{
    const struct hearing *hearing = state;
    size_t first = unit * UNIT_SPECTRA, end = first + UNIT_SPECTRA;

    (void)lane;
    if (cancel_is_requested(hearing->cancel))
        return;
    if (end > hearing->out->rows)
        end = hearing->out->rows;
    for (; first < end; first += LANES)
        hear(hearing, first, end - first < LANES ? end - first : LANES);
}

static void hear_silence(const struct hearing *hearing, float row[SOURCE_COLUMNS])
{
    float samples[POINTS];
    const float *frames[LANES] = { samples, samples, samples, samples };
    struct complexes spectrum[FREQUENCIES];

    for (size_t i = 0; i < POINTS; i++)
        samples[i] = hearing->silence;
    spectra(hearing->chirp, hearing->window, frames, spectrum);
    write_spectrum(spectrum, 0, row);
}

/* --- both --- */

/* EDGE samples on either side of a signal of count, mirrored at its first and last. */
static void mirror_edges(float *signal, size_t count)
{
    float *last = signal + EDGE + count - 1;

    for (size_t i = 1; i <= EDGE; i++) {
        signal[EDGE - i] = signal[EDGE + i];
        last[i] = *(last - i);
    }
}

static size_t units(size_t count, size_t unit)
{
    return (count + unit - 1) / unit;
}

void source_run(const struct nn *nn, const struct source *source, const float *f0, size_t count,
                const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace), samples = count * PITCH_SAMPLES;
    float *phases = workspace_floats(nn->workspace, count * HARMONICS);
    float *signal = workspace_floats(nn->workspace, samples + (size_t)2 * EDGE);
    float silence = hyperbolic_tangent(all(source->bias))[0], silent[SOURCE_COLUMNS];
    struct chirp chirp;

    chirp_init(&chirp);
    sum_phases(f0, count, phases);
    struct singing singing = { nn->cancel, source, f0, count, phases, silence, signal + EDGE };
    pool_run(nn->pool, units(count, UNIT_PITCHES), sing_unit, &singing);
    mirror_edges(signal, samples);

    struct hearing hearing = { nn->cancel, &chirp, source->window, signal, out, silence, silent };
    hear_silence(&hearing, silent);
    pool_run(nn->pool, units(out->rows, UNIT_SPECTRA), hear_unit, &hearing);
    workspace_release(nn->workspace, mark);
}
