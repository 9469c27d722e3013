#include "engine/conv_internal.h"

#include <math.h>

/* --- Toom-Cook --- */

/* G: what each point sees of four taps. */
static const double tap_transform[CONV_POINTS][CONV_STEP] = {
    { -1.0 / 4, 0, 0, 0 },
    { -1.0 / 6, -1.0 / 6, -1.0 / 6, -1.0 / 6 },
    { 1.0 / 18, -1.0 / 18, 1.0 / 18, -1.0 / 18 },
    { 1.0 / 72, 1.0 / 36, 1.0 / 18, 1.0 / 9 },
    { -1.0 / 120, 1.0 / 60, -1.0 / 30, 1.0 / 15 },
    { 32.0 / 45, 16.0 / 45, 8.0 / 45, 4.0 / 45 },
    { 0, 0, 0, 1.0 / 2 },
};

static float transform_tap(const float *taps, size_t count, size_t group, size_t point)
{
    double sum = 0;

    for (size_t i = 0; i < CONV_STEP && group * CONV_STEP + i < count; i++)
        sum += tap_transform[point][i] * (double)taps[group * CONV_STEP + i];
    return (float)sum;
}

static void toom_pack(const float *weights, size_t outputs, size_t inputs, size_t taps,
                      float *packed)
{
    size_t groups = conv_groups(taps);

    for (size_t block = 0; block < outputs; block += KERNEL_BLOCK)
        for (size_t point = 0; point < CONV_POINTS; point++)
            for (size_t input = 0; input < inputs; input++)
                for (size_t group = 0; group < groups; group++)
                    for (size_t i = 0; i < KERNEL_BLOCK; i++)
                        *packed++ = transform_tap(weights + ((block + i) * inputs + input) * taps,
                                                  taps, group, point);
}

/* --- Fourier --- */

/* Of each multiple of a FOURIER_POINTS-th of a turn. */
struct circle {
    double cosine[FOURIER_POINTS], sine[FOURIER_POINTS];
};

static void circle_init(struct circle *circle)
{
    for (size_t i = 0; i < FOURIER_POINTS; i++) {
        double angle = 2 * M_PI * (double)i / FOURIER_POINTS;

        circle->cosine[i] = cos(angle);
        circle->sine[i] = sin(angle);
    }
}

/* The taps' conjugate spectrum c + id. Two channels are transformed as one complex signal, whose parts
 * are told apart without the half of it that the complex frequencies want, and the inverse transform
 * wants a thirty-second. With inputs a + ib the planes a, b and a + b are multiplied by d - c, c + d and
 * c: the product is (a + b) c - b (c + d) + i ((a + b) c + a (d - c)). */
static void tap_planes(const float *taps, size_t count, const struct circle *circle,
                       double out[FOURIER_PLANES])
{
    for (size_t f = 0; f <= FOURIER_POINTS / 2; f++) {
        bool is_real = f % (FOURIER_POINTS / 2) == 0;
        double scale = (is_real ? 1.0 : 0.5) / FOURIER_POINTS, c = 0, d = 0;

        for (size_t i = 0; i < count; i++) {
            size_t angle = f * i % FOURIER_POINTS;

            c += scale * (double)taps[i] * circle->cosine[angle];
            d += scale * (double)taps[i] * circle->sine[angle];
        }
        if (is_real) {
            out[f ? 1 : 0] = c;
        } else {
            double *plane = out + 2 + 3 * (f - 1);

            plane[0] = d - c;
            plane[1] = c + d;
            plane[2] = c;
        }
    }
}

static void fourier_pack(const float *weights, size_t outputs, size_t inputs, size_t taps,
                         float *packed)
{
    struct circle circle;

    circle_init(&circle);
    for (size_t output = 0; output < outputs; output++)
        for (size_t input = 0; input < inputs; input++) {
            size_t panel = output / FOURIER_OUTPUTS, lane = output % FOURIER_OUTPUTS;
            double planes[FOURIER_PLANES];

            tap_planes(weights + (output * inputs + input) * taps, taps, &circle, planes);
            for (size_t p = 0; p < FOURIER_PLANES; p++)
                packed[p * outputs * inputs + (panel * inputs + input) * FOURIER_OUTPUTS + lane] =
                    (float)planes[p];
        }
}

static bool is_fourier(const struct convolution *conv)
{
    return conv_is_fourier(conv->outputs, conv->inputs, conv->taps);
}

/* Tiles of one phase that a unit may have at most: about FOURIER_TILES of all, no row unused. */
static size_t tiles_most(size_t dilation)
{
    size_t tiles = (FOURIER_TILES + dilation - 1) / dilation;

    while (tiles * dilation % FOURIER_ROWS != 0)
        tiles++;
    return tiles;
}

static size_t phase_tiles(const struct convolution *conv)
{
    size_t frames = (conv->frames + conv->dilation - 1) / conv->dilation;
    size_t step = fourier_step(conv->taps);

    return (frames + step - 1) / step;
}

size_t fourier_tiles(const struct convolution *conv)
{
    size_t tiles = phase_tiles(conv), most = tiles_most(conv->dilation);
    size_t units = (tiles + most - 1) / most;

    if (units % conv->threads != 0) /* each thread has as many */
        units += conv->threads - units % conv->threads;
    return (tiles + units - 1) / units;
}

size_t fourier_rows(const struct convolution *conv)
{
    size_t rows = fourier_tiles(conv) * conv->dilation;

    return (rows + FOURIER_ROWS - 1) / FOURIER_ROWS * FOURIER_ROWS;
}

size_t fourier_span(const struct convolution *conv)
{
    return conv->dilation * ((fourier_tiles(conv) - 1) * fourier_step(conv->taps) + FOURIER_POINTS);
}

size_t fourier_active(const struct convolution *conv)
{
    size_t channels = conv->inputs > conv->outputs ? conv->inputs : conv->outputs;

    return fourier_span(conv) * channels;
}

static size_t fourier_scratch(const struct convolution *conv)
{
    size_t rows = fourier_rows(conv);

    return fourier_active(conv) + FOURIER_PLANES * (fourier_plane(rows, conv->inputs) +
                                                    fourier_plane(rows, conv->outputs));
}

/* --- either --- */

size_t conv_unit_count(const struct convolution *conv)
{
    if (is_fourier(conv)) {
        size_t each = fourier_tiles(conv);

        return (phase_tiles(conv) + each - 1) / each;
    }
    size_t each = conv_unit_frames(conv->dilation);

    return (conv->frames + each - 1) / each;
}

size_t conv_packed_count(size_t outputs, size_t inputs, size_t taps)
{
    return outputs * inputs *
           (conv_is_fourier(outputs, inputs, taps) ? FOURIER_PLANES
                                                   : CONV_POINTS * conv_groups(taps));
}

void conv_pack(const float *weights, size_t outputs, size_t inputs, size_t taps, float *packed)
{
    if (conv_is_fourier(outputs, inputs, taps))
        fourier_pack(weights, outputs, inputs, taps, packed);
    else
        toom_pack(weights, outputs, inputs, taps, packed);
}

size_t conv_scratch_count(const struct convolution *conv)
{
    return is_fourier(conv) ? fourier_scratch(conv)
                            : conv->inputs * (conv_span(conv) + CONV_POINTS * CONV_ROW);
}
