/*
 * Functions of one variable, and what is made of them. Each reduces its argument
 * to a short interval, on which a Taylor series of a few terms is exact to less
 * than a rounding (Muller, Elementary Functions, 2016).
 */
#include <math.h>

#include "nn/kernel_internal.h"

/* --- vectors --- */

/* Adding and subtracting it rounds numbers up to 2^22 to whole ones. */
#define ROUNDER 12582912.0f /* 1.5 * 2^23 */

static ALWAYS_INLINE vec load_some(const float *from, size_t count, float rest)
{
    vec out = rest - (vec){ 0 };

    memcpy(&out, from, count * sizeof *from);
    return out;
}

/* Calls function for all of x; what it makes of zeros behind the end is dropped. */
static ALWAYS_INLINE void map(vec (*function)(vec), const float *x, float *out, size_t count)
{
    size_t whole = count - count % LANES;
    vec last;

    for (size_t i = 0; i < whole; i += LANES)
        vec_store(out + i, function(vec_load(x + i)));
    if (whole == count)
        return;
    last = function(load_some(x + whole, count - whole, 0));
    memcpy(out + whole, &last, (count - whole) * sizeof *out);
}

static ALWAYS_INLINE vec absolute(vec x)
{
    return (vec)((vec_mask)x & 0x7fffffff);
}

/* 2^n, n from -126 to 127 */
static ALWAYS_INLINE vec power_of_two(vec_mask n)
{
    return (vec)((n + 127) << 23);
}

/* --- exponentials --- */

struct exponent {
    vec_mask n;
    vec r;
};

/* x = n ln 2 + r with |r| <= ln 2 / 2. ln 2 is subtracted in two parts, the first of which has 9 bits, so
 * that n times it is exact (Cody and Waite, Software Manual for the Elementary Functions, 1980). */
static ALWAYS_INLINE struct exponent reduce_exponent(vec x)
{
    vec n = (x * 1.44269504f + ROUNDER) - ROUNDER;
    vec r = (x - n * 0.693359375f) + n * 2.12194440e-4f;

    return (struct exponent){ __builtin_convertvector(n, vec_mask), r };
}

/* e^r - 1 to r^7; what follows is below r^8 / 8! = 5.2e-9. */
static ALWAYS_INLINE vec exponential_less_one(vec r)
{
    vec p = r * (1.0f / 5040) + 1.0f / 720;

    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    return p * (r * r) + r;
}

static ALWAYS_INLINE vec exponential(vec x)
{
    /* Beyond these it is infinity and 0; comparisons leave what is not a number. */
    x = vec_select(x > 89, (vec){ 0 } + 89, x);
    x = vec_select(x < -104, (vec){ 0 } - 104, x);

    struct exponent e = reduce_exponent(x);
    vec_mask half = e.n >> 1;

    /* In two steps, since 2^128 and 2^-149 are no floats and only their products with others are. */
    return (exponential_less_one(e.r) + 1) * power_of_two(half) * power_of_two(e.n - half);
}

/* From e = e^-|x|, which cannot overflow: 1 - e / (1 + e), or e times that where x is negative. 1 / (1 + e)
 * would pass on the whole rounding of its sum. */
static ALWAYS_INLINE vec logistic(vec x)
{
    vec e = exponential(-absolute(x));
    vec factor = vec_select(x < 0, e, (vec){ 0 } + 1);

    return factor - factor * (e / (e + 1));
}

/*
 * With m = e^2|x| - 1 it is m / (m + 2), and where m is above 2 rather 1 - 2 / (m
 * + 2), whose rounding errors are halved. Below, what the sum m + 2 lost when it
 * was rounded is made good: the quotient's derivative is that over m + 2, which is
 * (1 - quotient) / 2. From 10 on it is 1.
 */
static ALWAYS_INLINE vec hyperbolic_tangent(vec x)
{
    vec y = 2 * absolute(x);
    struct exponent e = reduce_exponent(vec_select(y > 20, (vec){ 0 } + 20, y));
    vec power = power_of_two(e.n);
    vec m = exponential_less_one(e.r) * power + (power - 1), sum = m + 2;
    vec_mask is_large = m > 2;
    vec quotient = vec_select(is_large, (vec){ 0 } - 2, m) / sum;
    vec lost = (m - (sum - 2)) * 0.5f;
    vec size = quotient + vec_select(is_large, (vec){ 0 } + 1, lost * quotient * (quotient - 1));

    return (vec)((vec_mask)size | ((vec_mask)x & ~0x7fffffff));
}

/* 1 + tanh(y) is twice the logistic function of 2y. */
static ALWAYS_INLINE vec gaussian_error_unit(vec x)
{
    return x * logistic(1.59576912f * (x + 0.044715f * x * x * x)); /* 2 sqrt(2 / pi) */
}

void KERNEL(kernel_exp)(const float *x, float *out, size_t count)
{
    map(exponential, x, out, count);
}

void KERNEL(kernel_sigmoid)(const float *x, float *out, size_t count)
{
    map(logistic, x, out, count);
}

void KERNEL(kernel_tanh)(const float *x, float *out, size_t count)
{
    map(hyperbolic_tangent, x, out, count);
}

void KERNEL(kernel_gelu)(const float *x, float *out, size_t count)
{
    map(gaussian_error_unit, x, out, count);
}

/* --- sine and cosine --- */

struct angle {
    float r[LANES];
    int quadrant[LANES];
    bool is_large;
};

/*
 * x = quadrant * pi / 2 + r with |r| <= pi / 4, in doubles: k has 20 bits up to
 * NN_ANGLE_MAX and the first part of pi / 2 has 33, so their product is exact, and
 * next to a multiple of pi / 2 there are digits enough left.
 */
static ALWAYS_INLINE struct angle reduce_angle(vec from)
{
    const double high = 0x1.921fb544p0, low = 0x1.0b4611a626331p-34;
    const double rounder = 0x1.8p52;
    struct angle out;
    float x[LANES];
    int large = 0;

    vec_store(x, from);
    for (size_t i = 0; i < LANES; i++) {
        double k = ((double)x[i] * M_2_PI + rounder) - rounder;

        out.r[i] = (float)(((double)x[i] - k * high) - k * low);
        out.quadrant[i] = (int)k;
        large |= !(fabsf(x[i]) <= NN_ANGLE_MAX);
    }
    out.is_large = large;
    return out;
}

/* To r^9; what follows is below (pi / 4)^11 / 11! = 1.8e-9. */
static ALWAYS_INLINE vec sine_of(vec r)
{
    vec q = r * r, p = q * (1.0f / 362880) - 1.0f / 5040;

    p = p * q + 1.0f / 120;
    p = p * q - 1.0f / 6;
    return p * q * r + r;
}

/* To r^10; what follows is below (pi / 4)^12 / 12! = 1.2e-10. */
static ALWAYS_INLINE vec cosine_of(vec r)
{
    vec q = r * r, p = q * (-1.0f / 3628800) + 1.0f / 40320;

    p = p * q - 1.0f / 720;
    p = p * q + 1.0f / 24;
    return p * (q * q) + (1 - 0.5f * q);
}

/* The cosine is the sine of the next quadrant. */
static ALWAYS_INLINE vec sine_from(vec x, int quadrants, float (*exactly)(float))
{
    struct angle angle = reduce_angle(x);
    vec r = vec_load(angle.r), out;
    vec_mask quadrant;

    if (angle.is_large) {
        for (size_t i = 0; i < LANES; i++)
            out[i] = exactly(x[i]);
        return out;
    }
    memcpy(&quadrant, angle.quadrant, sizeof quadrant);
    quadrant += quadrants;
    out = vec_select((quadrant & 1) != 0, cosine_of(r), sine_of(r));
    return vec_select((quadrant & 2) != 0, -out, out);
}

static ALWAYS_INLINE vec sine(vec x)
{
    return sine_from(x, 0, sinf);
}

static ALWAYS_INLINE vec cosine(vec x)
{
    return sine_from(x, 1, cosf);
}

void KERNEL(kernel_sin)(const float *x, float *out, size_t count)
{
    map(sine, x, out, count);
}

void KERNEL(kernel_cos)(const float *x, float *out, size_t count)
{
    map(cosine, x, out, count);
}

/* --- softmax --- */

static float greatest_of(const float *x, size_t count)
{
    size_t whole = count - count % LANES;
    vec most = load_some(x + whole, count - whole, x[0]);
    float greatest;

    for (size_t i = 0; i < whole; i += LANES) {
        vec next = vec_load(x + i);

        most = vec_select(next > most, next, most);
    }
    greatest = most[0];
    for (size_t i = 1; i < LANES; i++)
        greatest = most[i] > greatest ? most[i] : greatest;
    return greatest;
}

void KERNEL(kernel_softmax)(float *x, size_t count)
{
    size_t whole = count - count % LANES;
    float greatest, sum = 0;
    vec last, sums;

    if (!count)
        return;
    greatest = greatest_of(x, count);
    last = exponential(load_some(x + whole, count - whole, -INFINITY) - greatest);
    sums = last;
    for (size_t i = 0; i < whole; i += LANES) {
        vec e = exponential(vec_load(x + i) - greatest);

        sums += e;
        vec_store(x + i, e);
    }
    memcpy(x + whole, &last, (count - whole) * sizeof *x);
    for (size_t i = 0; i < LANES; i++)
        sum += sums[i];
    for (size_t i = 0; i < count; i++)
        x[i] /= sum;
}

/* --- LSTM --- */

#define STEP (LANES < 8 ? 8 : NN_UNITS) /* units whose gates fit into registers */

/* What h adds to the four gates of STEP units. */
static ALWAYS_INLINE void add_recurrent(const float *recurrent, const float *h, size_t hidden,
                                        float gates[4][STEP])
{
    vec sums[4][STEP / LANES];

    memcpy(sums, gates, sizeof sums);
    for (size_t k = 0; k < hidden; k++, recurrent += 4 * NN_UNITS)
#pragma GCC unroll 4
        for (size_t gate = 0; gate < 4; gate++)
#pragma GCC unroll 2
            for (size_t v = 0; v < STEP / LANES; v++)
                sums[gate][v] += vec_load(recurrent + gate * NN_UNITS + v * LANES) * h[k];
    memcpy(gates, sums, sizeof sums);
}

void KERNEL(kernel_lstm_step)(const float *gates, const float *recurrent, size_t hidden,
                              const float *h, float *c, float *out)
{
    for (size_t unit = 0; unit < hidden; unit += STEP) {
        const float *weights = recurrent + unit / NN_UNITS * hidden * 4 * NN_UNITS;
        float sums[4][STEP];

        for (size_t gate = 0; gate < 4; gate++)
            memcpy(sums[gate], gates + gate * hidden + unit, sizeof sums[gate]);
        add_recurrent(weights + unit % NN_UNITS, h, hidden, sums);
        for (size_t i = 0; i < STEP; i += LANES) {
            vec input = logistic(vec_load(sums[0] + i)), output = logistic(vec_load(sums[1] + i));
            vec forget = logistic(vec_load(sums[2] + i));
            vec next =
                forget * vec_load(c + unit + i) + input * hyperbolic_tangent(vec_load(sums[3] + i));

            vec_store(c + unit + i, next);
            vec_store(out + unit + i, output * hyperbolic_tangent(next));
        }
    }
}
