#pragma once

/* The two halves of an encoder: encode.c writes WAV and PCM itself and hands the rest to a codec of
 * FFmpeg's, which lives in encode_codec.c. */

#include "audio/encode.h"

struct codec;

struct codec *codec_create(const struct encoder_options *options,
                           const struct encoder_output *output, struct err *err);
int codec_rate_hz(const struct codec *codec);
bool codec_write(struct codec *codec, const float *samples, size_t frames,
                 struct err *err) MUST_CHECK; /* at that rate */
bool codec_finish(struct codec *codec, struct err *err) MUST_CHECK;
void codec_destroy(struct codec *codec); /* accepts NULL */
