#include "audio/loudness.h"

#include <math.h>
#include <stdlib.h>

#include <ebur128.h>

#include "audio/sample.h"

#define PIECE_SAMPLES 4096

struct loudness_meter {
    ebur128_state *state; /* owned */
    int channels;
};

static bool fail(int code, struct err *err)
{
    if (code == EBUR128_ERROR_NOMEM)
        return err_set(err, ERR_INTERNAL, "There is not enough memory to measure the loudness.");
    return err_set(err, ERR_INTERNAL, "Cannot measure the loudness (libebur128 error %d).", code);
}

struct loudness_meter *loudness_meter_create(int rate_hz, int channels, struct err *err)
{
    if (!pcm_check_layout(rate_hz, channels, err))
        return NULL;
    ebur128_state *state = ebur128_init((unsigned)channels, (unsigned long)rate_hz,
                                        EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
    if (!state) {
        fail(EBUR128_ERROR_NOMEM, err);
        return NULL;
    }
    struct loudness_meter *meter = xcalloc(1, sizeof *meter);
    *meter = (struct loudness_meter){ state, channels };
    return meter;
}

void loudness_meter_destroy(struct loudness_meter *meter)
{
    if (!meter)
        return;
    ebur128_destroy(&meter->state);
    free(meter);
}

bool loudness_meter_add(struct loudness_meter *meter, const float *samples, size_t frames,
                        struct err *err)
{
    const size_t channels = (size_t)meter->channels;
    float piece[PIECE_SAMPLES];

    while (frames > 0) {
        size_t n = frames < PIECE_SAMPLES / channels ? frames : PIECE_SAMPLES / channels;

        /* One NaN would stay in the meter's filters for ever. */
        for (size_t i = 0; i < n * channels; i++)
            piece[i] = isfinite(samples[i]) ? samples[i] : 0.0f;
        int code = ebur128_add_frames_float(meter->state, piece, n);
        if (code != EBUR128_SUCCESS)
            return fail(code, err);
        samples += n * channels;
        frames -= n;
    }
    return true;
}

bool loudness_meter_read(const struct loudness_meter *meter, struct loudness *out, struct err *err)
{
    double peak = 0.0;
    int code = ebur128_loudness_global(meter->state, &out->integrated_lufs);

    if (code == EBUR128_SUCCESS)
        code = ebur128_loudness_range(meter->state, &out->range_lu);
    for (unsigned i = 0; i < (unsigned)meter->channels && code == EBUR128_SUCCESS; i++) {
        double channel_peak = 0.0;

        code = ebur128_true_peak(meter->state, i, &channel_peak);
        peak = fmax(peak, channel_peak);
    }
    if (code != EBUR128_SUCCESS)
        return fail(code, err);
    out->true_peak_dbtp = peak > 0.0 ? 20.0 * log10(peak) : -HUGE_VAL;
    return true;
}

bool loudness_measure(const struct pcm *pcm, struct loudness *out, struct err *err)
{
    struct loudness_meter *meter = loudness_meter_create(pcm->rate_hz, pcm->channels, err);

    bool ok = meter && loudness_meter_add(meter, pcm->samples, pcm->frames, err) &&
              loudness_meter_read(meter, out, err);
    loudness_meter_destroy(meter);
    return ok;
}

double loudness_gain_db(const struct loudness *loudness, double target_lufs, double ceiling_dbtp)
{
    bool is_measured = isfinite(loudness->integrated_lufs);
    double wanted = is_measured ? target_lufs - loudness->integrated_lufs : 0.0;
    double room = ceiling_dbtp - loudness->true_peak_dbtp; /* infinite for digital silence */

    return fmin(wanted, room);
}
