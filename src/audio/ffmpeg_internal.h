#pragma once

/* What every user of FFmpeg's libraries in this folder needs. */

#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>

#include "base/err.h"

/* FFmpeg prints to standard error unless told not to, and only the boundary may print here: what
 * went wrong comes back as an error code. Called by whatever opens something. */
void ffmpeg_silence(void);

/* "<what>: <FFmpeg's text for code>." AVERROR(ENOSPC) becomes ERR_DISK_FULL, AVERROR(ENOMEM)
 * ERR_INTERNAL. Returns false. */
bool ffmpeg_error(struct err *err, enum err_kind kind, int code, const char *what);

/* A converter to interleaved floats, ready for swr_convert. NULL on failure; swr_free it.
 * One channel becomes two at full level and two become one as their mean, whatever speakers the
 * layout names; other counts follow FFmpeg's downmix. */
struct SwrContext *ffmpeg_converter(const AVChannelLayout *in_layout, enum AVSampleFormat in_format,
                                    int in_rate_hz, int out_channels, int out_rate_hz,
                                    struct err *err);
