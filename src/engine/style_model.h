#pragma once

/*
 * A StyleTTS2-like model (Kokoro, Kitten): token ids, a style and a speed in,
 * a waveform and perhaps frames per token out. Published exports differ in every
 * name and element type, so all are read from the graph:
 *
 *     ids       `input_ids` or `tokens`, int64 or int32 [1, T]
 *     style     `style` or `ref_s`, float [1, 256]
 *     speed     `speed`, float, double or int32, [1] or a scalar
 *     waveform  the first output of floats, of any rank
 *     frames    `duration`, `durations` or `pred_dur`, one number a token
 *
 * An export with a whole-number speed would cut 1.5 to 1, so it takes only whole
 * speeds (ERR_UNSUPPORTED otherwise).
 *
 * Opened once; several threads may run it at a time.
 */

#include <stddef.h>

#include "engine/onnx_file.h"
#include "engine/ort.h"
#include "engine/style.h"

struct style_model;

/* Does the graph take ids, a style and a speed, and give a waveform? err says what it lacks. */
bool style_model_fits(const struct tensor_info *inputs, size_t input_count,
                      const struct tensor_info *outputs, size_t output_count, const char *what,
                      struct err *err) MUST_CHECK;

/* Loads it. Where the graph has no output of frames but makes Kokoro's tensor of them, that is made
 * one. NULL on failure. */
struct style_model *style_model_open(struct ort *ort, const char *path, int threads,
                                     struct err *err);

/* Computes a Kokoro without ONNX Runtime: see kokoro_net_open, packed_int8 too. threads are those of all
 * runs. */
struct style_model *style_model_open_native(const char *path, const char *packed,
                                            const char *packed_int8, int threads, struct err *err);
void style_model_close(struct style_model *model); /* accepts NULL */

struct style_request {
    const int64_t *ids; /* with the model's pads */
    size_t id_count;
    const float *style; /* [STYLE_COLUMNS] */
    double speed;
};

struct style_speech {
    float *samples; /* owned; may hold values that are not finite */
    size_t frames;

    /* Frame at which each id starts, and behind them the end: id_count + 1 values. Owned; NULL when
     * the model does not say, or what it says does not fit its samples. */
    size_t *id_start;
};

/* On failure out is empty. */
bool style_model_run(struct style_model *model, const struct style_request *request,
                     struct style_speech *out, struct cancel *cancel, struct err *err) MUST_CHECK;
void style_speech_release(struct style_speech *speech); /* accepts a zeroed struct */
bool style_speech_is_finite(const struct style_speech *speech);
