/* Normalisation and activation of one channel's row. */
#include <math.h>

#include "engine/kernel_internal.h"

/* Sums of so many lanes are kept in floats and added up in doubles: 64 additions a lane keep the
 * relative error below 64 * 2^-24. */
#define CHUNK (64 * LANES)

static double vec_sum(vec v)
{
    double sum = 0;

    for (int i = 0; i < LANES; i++)
        sum += (double)v[i];
    return sum;
}

static double sum_of(const float *x, size_t count)
{
    double sum = 0;
    size_t i = 0;

    while (count - i >= LANES) {
        size_t end = count - i < CHUNK ? count - (count - i) % LANES : i + CHUNK;
        vec part = { 0 };

        for (; i < end; i += LANES)
            part += vec_load(x + i);
        sum += vec_sum(part);
    }
    for (; i < count; i++)
        sum += (double)x[i];
    return sum;
}

static inline vec vec_max_abs(vec most, vec d)
{
    vec size = vec_select(d < 0, -d, d);

    return vec_select(size > most, size, most);
}

/* The mean first, then the squares around it: one pass over x^2 - mean^2 would lose all digits of a
 * signal that lies far from zero. */
void KERNEL(kernel_moments)(const float *x, size_t count, struct row_moments *out)
{
    float mean = (float)(sum_of(x, count) / (double)count);
    double squares = 0;
    vec most = { 0 };
    float greatest = 0;
    size_t i = 0;

    while (count - i >= LANES) {
        size_t end = count - i < CHUNK ? count - (count - i) % LANES : i + CHUNK;
        vec part = { 0 };

        for (; i < end; i += LANES) {
            vec d = vec_load(x + i) - mean;

            part += d * d;
            most = vec_max_abs(most, d);
        }
        squares += vec_sum(part);
    }
    for (int lane = 0; lane < LANES; lane++)
        greatest = fmaxf(greatest, most[lane]);
    for (; i < count; i++) {
        float d = x[i] - mean;

        squares += (double)d * (double)d;
        greatest = fmaxf(greatest, fabsf(d));
    }
    /* Comparisons above pass over NaN, the sum does not. */
    if (!isfinite(squares))
        greatest = INFINITY;
    *out = (struct row_moments){ mean, (float)(squares / (double)count), greatest };
}

/*
 * sin(x)^2 has the period pi, so no quadrant is needed: with k = round(x / pi),
 * r = x - k * pi lies within +-pi/2. pi is subtracted in three parts (Cody and
 * Waite, Software Manual for the Elementary Functions, 1980); the first two have
 * 8 and 11 bits, so k times them is exact up to KERNEL_SINE_MAX even without
 * fused multiply-add. sin(r) is its Taylor series to r^11, whose remainder is at
 * most (pi/2)^13 / 13! = 5.7e-8. Adding and subtracting 1.5 * 2^23 rounds to a
 * whole number.
 */
static inline vec sine_squared(vec x)
{
    const float one_over_pi = 0.318309886f;
    const float pi_high = 3.140625f;                 /* 201 / 64 */
    const float pi_middle = 9.67502593994140625e-4f; /* 1.9814453125 / 2048, 11 bits */
    const float pi_low = 1.50995803e-7f;
    const float round = 12582912.0f;

    vec k = (x * one_over_pi + round) - round;
    vec r = x - k * pi_high;
    r = r - k * pi_middle;
    r = r - k * pi_low;
    vec q = r * r;
    vec p = q * (-1.0f / 39916800) + 1.0f / 362880;
    p = p * q - 1.0f / 5040;
    p = p * q + 1.0f / 120;
    p = p * q - 1.0f / 6;
    vec s = r + r * (q * p);
    return s * s;
}

static inline vec snake(const struct activation *how, vec x)
{
    vec y = x * how->scale + how->shift;

    return y + how->reciprocal * sine_squared(how->frequency * y);
}

static inline vec leaky(const struct activation *how, vec x)
{
    vec y = x * how->scale + how->shift;
    vec low = how->slope * y;

    return vec_select(y > 0, y, low);
}

static void snake_exactly(const struct activation *how, const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float y = x[i] * how->scale + how->shift;
        float s = sinf(how->frequency * y);

        out[i] = y + how->reciprocal * s * s;
    }
}

static vec load_some(const float *from, size_t count)
{
    vec out = { 0 };

    memcpy(&out, from, count * sizeof *from);
    return out;
}

void KERNEL(kernel_activate)(const struct activation *how, const float *x, float *out, size_t count)
{
    size_t whole = count - count % LANES, rest = count - whole;
    vec last;

    if (how->is_snake && !(how->most <= KERNEL_SINE_MAX)) {
        snake_exactly(how, x, out, count);
        return;
    }
    if (how->is_snake) {
        for (size_t i = 0; i < whole; i += LANES)
            vec_store(out + i, snake(how, vec_load(x + i)));
        last = snake(how, load_some(x + whole, rest));
    } else {
        for (size_t i = 0; i < whole; i += LANES)
            vec_store(out + i, leaky(how, vec_load(x + i)));
        last = leaky(how, load_some(x + whole, rest));
    }
    memcpy(out + whole, &last, rest * sizeof *out);
}
