#include "nn/kokoro_part.h"

/* A convolution or product with a weight of taps x in x out. */
#define WEIGHTS(taps, in, out) ((double)(taps) * (in) * (out))

/* One step of two directions of 256 units each. */
#define LSTM(in) (2 * 4 * WEIGHTS(1, (in) + 256, 256))

/* The two convolutions of a residual block with adaptive norm, and the shortcut of one that changes
 * the number of channels. */
#define SAME_BLOCK(channels) (2 * WEIGHTS(3, channels, channels))
#define OTHER_BLOCK(in, out) (WEIGHTS(3, in, out) + WEIGHTS(3, out, out) + WEIGHTS(1, in, out))

#define ALBERT_LAYERS 12
#define ALBERT_WIDTH 768
#define ALBERT_INNER 2048

/* Twice a frame runs what follows a doubling; 20 times the first stage of the generator, 120 times the
 * second and its spectrum. */
#define FIRST 20.0
#define SECOND 120.0
#define SPECTRUM 22 /* magnitudes and phases of 11 frequencies */

static const struct {
    const char *name;
    double per_id, per_id_pair, per_frame;
} parts[KOKORO_PARTS] = {
    [KOKORO_BERT] = { "bert",
                      WEIGHTS(1, 128, ALBERT_WIDTH) +
                          ALBERT_LAYERS *(4 * WEIGHTS(1, ALBERT_WIDTH, ALBERT_WIDTH) +
                                          2 * WEIGHTS(1, ALBERT_WIDTH, ALBERT_INNER)) +
                          WEIGHTS(1, ALBERT_WIDTH, 512),
                      ALBERT_LAYERS * 2.0 * ALBERT_WIDTH, 0 },
    [KOKORO_DURATIONS] = { "durations", 4 * LSTM(640) + WEIGHTS(1, 512, 50), 0, 0 },
    [KOKORO_TEXT] = { "text", 3 * WEIGHTS(5, 512, 512) + LSTM(512), 0, 0 },
    [KOKORO_PITCH] = { "pitch", 0, 0,
                       LSTM(640) + 2 * (SAME_BLOCK(512) + 2 * OTHER_BLOCK(512, 256) +
                                        2 * SAME_BLOCK(256) + 2 * WEIGHTS(1, 256, 1)) },
    [KOKORO_SOURCE] = { "source", 0, 0,
                        KOKORO_FRAME *WEIGHTS(1, 9, 1) + SECOND *WEIGHTS(20, 1, SPECTRUM) },
    [KOKORO_DECODER] = { "decoder", 0, 0,
                         2 * WEIGHTS(3, 1, 1) + WEIGHTS(1, 512, 64) + OTHER_BLOCK(514, 1024) +
                             3 * OTHER_BLOCK(1090, 1024) + 2 * OTHER_BLOCK(1090, 512) },
    [KOKORO_GENERATOR] = { "generator", 0, 0,
                           2 * WEIGHTS(20, 512, 256) + FIRST *WEIGHTS(12, 256, 128) +
                               FIRST *WEIGHTS(12, SPECTRUM, 256) +
                               SECOND *WEIGHTS(1, SPECTRUM, 128) +
                               FIRST * 6 * WEIGHTS(7 + 3 + 7 + 11, 256, 256) +
                               SECOND * 6 * WEIGHTS(11 + 3 + 7 + 11, 128, 128) +
                               SECOND *(WEIGHTS(7, 128, SPECTRUM) + WEIGHTS(20, 1, SPECTRUM)) },
};

const char *kokoro_part_name(enum kokoro_part part)
{
    return parts[part].name;
}

double kokoro_part_products(enum kokoro_part part, size_t id_count, size_t frame_count)
{
    double ids = (double)id_count;

    return ids * (parts[part].per_id + ids * parts[part].per_id_pair) +
           (double)frame_count * parts[part].per_frame;
}
