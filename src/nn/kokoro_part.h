#pragma once

/*
 * The parts of Kokoro's pass, to say what takes its time: how long each took is in
 * struct kokoro_speech, how much there is to compute follows from the text's and
 * the speech's length.
 */

#include <stddef.h>

#define KOKORO_FRAME 600 /* samples */

/* In the order in which they are computed. */
enum kokoro_part {
    KOKORO_BERT,
    KOKORO_DURATIONS,
    KOKORO_TEXT,
    KOKORO_PITCH,
    KOKORO_SOURCE,
    KOKORO_DECODER,
    KOKORO_GENERATOR,
    KOKORO_PARTS /* how many there are */
};

const char *kokoro_part_name(enum kokoro_part part); /* "bert", "durations", … */

/* The multiplications, each with an addition, in a part's products and convolutions as the model
 * defines them. A convolution by Fourier transforms needs fewer. ids are with the pads; frames of
 * KOKORO_FRAME samples. */
double kokoro_part_products(enum kokoro_part part, size_t id_count, size_t frame_count);
