#pragma once

/*
 * Kokoro-82M (StyleTTS 2 with an ISTFTNet vocoder) computed without a runtime
 * library, from the weights of its .onnx file. Opened once; any number of threads
 * may run it at a time, sharing weights and compute threads; each has a workspace
 * of its own.
 */

#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "nn/kokoro_part.h"

#define KOKORO_STYLE 256       /* floats of a style: 128 for the decoder, 128 for the prosody */
#define KOKORO_IDS_MAX 512     /* with the pads */
#define KOKORO_SECONDS_MAX 120 /* 510 tokens at half speed take a minute */

struct kokoro_net;

/* packed: where the packed weights are, or are put (packing.h). packed_int8: the same of those of 8 bits, with
 * which the decoder and the vocoder are computed, less exactly, where the processor has instructions for
 * it; NULL: with floats. threads: of all runs together. */
struct kokoro_net *kokoro_net_open(const char *model, const char *packed, const char *packed_int8,
                                   int threads, struct err *err);
void kokoro_net_close(struct kokoro_net *net); /* no run may be under way; accepts NULL */

struct kokoro_speech {
    float *samples; /* owned */
    size_t count;
    int64_t *frames;             /* of each id, KOKORO_FRAME samples each; owned */
    double part_s[KOKORO_PARTS]; /* how long each part took, its waiting included */
};

/* ids: with the pads, 3 to KOKORO_IDS_MAX, below 178. speed: positive. ERR_CANCELLED within 50 ms of the
 * request; ERR_TOO_LARGE beyond KOKORO_SECONDS_MAX. On failure out is empty. */
bool kokoro_net_run(struct kokoro_net *net, const int64_t *ids, size_t id_count, const float *style,
                    float speed, struct kokoro_speech *out, struct cancel *cancel,
                    struct err *err) MUST_CHECK;
void kokoro_speech_release(struct kokoro_speech *speech);
