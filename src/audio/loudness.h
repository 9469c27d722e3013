#pragma once

/*
 * Loudness after ITU-R BS.1770-4 and EBU R 128, through libebur128: how loud a
 * recording is to an ear, how much that varies, and how high its waveform gets
 * between the samples. One channel is measured as one channel, as most meters
 * do: the same voice on two is 3 LU louder.
 *
 * A meter belongs to one thread at a time. Samples that are not finite count
 * as 0. Layouts are pcm_check_layout's.
 */

#include "audio/pcm.h"

struct loudness {
    double integrated_lufs; /* -HUGE_VAL: shorter than 0.4 s, or nothing above -70 LUFS */
    double range_lu;        /* LRA after EBU Tech 3342; 0 when there is nothing to compare */
    double true_peak_dbtp;  /* -HUGE_VAL for digital silence */
};

struct loudness_meter;

/* NULL on failure. */
struct loudness_meter *loudness_meter_create(int rate_hz, int channels, struct err *err);
void loudness_meter_destroy(struct loudness_meter *meter); /* accepts NULL */
bool loudness_meter_add(struct loudness_meter *meter, const float *samples, size_t frames,
                        struct err *err) MUST_CHECK;
/* Of all that was added; more may follow. */
bool loudness_meter_read(const struct loudness_meter *meter, struct loudness *out,
                         struct err *err) MUST_CHECK;

bool loudness_measure(const struct pcm *pcm, struct loudness *out, struct err *err) MUST_CHECK;

/* The gain that brings a recording to target_lufs, or as near as its true peak may come to
 * ceiling_dbtp (EBU R 128: -1). What cannot be measured is only ever lowered. */
double loudness_gain_db(const struct loudness *loudness, double target_lufs, double ceiling_dbtp);
